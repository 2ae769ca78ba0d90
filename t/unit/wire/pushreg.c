/*
 * Push registrations: the forms that are accepted, and those that are refused.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/pushform.h"
#include "wire/pushreg.h"
#include "wire/reach.h"

/* The curve's base point, and 16 bytes. */
#define P256DH "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW"		\
    "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
#define PADDED "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW"		\
    "T+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU="
/* Twice the base point. */
#define OTHER "BHzyexiNA09-ilI4AwS1GsPAiWnid_IbNaYLSPxHZpl4"		\
    "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E"
/* 65 bytes, but no point. */
#define NO_POINT "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"		\
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"		\
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define AUTH "AAAAAAAAAAAAAAAAAAAAAA"
#define KEYS_OF(p256dh) "{\"p256dh\":\"" p256dh "\",\"auth\":\"" AUTH "\"}"
#define KEYS KEYS_OF(P256DH)

/* A registration of a type, from the members of its `to`. */
#define REG(type, to) "{\"type\":\"" type "\",\"to\":{" to "}}"
#define WEBPUSH(url) REG("webpush", "\"endpoint\":\"" url "\",\"keys\":" KEYS)
#define APNS(more) REG("apns", "\"token\":\"00fF\",\"topic\":\"org.example\"" \
    more)

static const struct pushreg_options anything = { 0 };

static int
parse_with(char out[static 8192], const char *text,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	int err;

	*why = '\0';
	err = pushreg_parse(out, 8192, text, strlen(text), options, why);
	if (err == -EBADMSG)
		ck_assert_str_ne(why, "");
	return err;
}

static int
parse(char out[static 8192], const char *text)
{
	char why[WHY_TEXT];

	return parse_with(out, text, &anything, why);
}

START_TEST(takes)
{
	static const char *const good[] = {
		WEBPUSH("https://push.example/a?b"),
		WEBPUSH("http://127.0.0.1/a"),
		REG("webpush", "\"endpoint\":\"https://push.example/\","
		    "\"keys\":" KEYS_OF(PADDED)),
		REG("fcm", "\"token\":\"abc:def\""),
		REG("fcm", "\"token\":\"abc\",\"keys\":" KEYS),
		APNS(""),
		APNS(",\"environment\":\"sandbox\""),
		APNS(",\"environment\":\"production\""),
		APNS(",\"push_type\":\"voip\""),
		APNS(",\"push_type\":\"alert\""),
		APNS(",\"keys\":" KEYS),
		REG("apns", "\"token\":\"00\",\"topic\":\"org.example.voip\""),
		REG("sms", "\"number\":\"+27215551234\""),
		REG("sms", "\"number\":\"27215551234\""),
		REG("command", ""),
	};
	char out[8192], again[8192];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(out, good[i]) == 0, "%s", good[i]);
		ck_assert_str_eq(out, good[i]);
		ck_assert_int_eq(parse(again, out), 0);
		ck_assert_str_eq(out, again);
	}
}
END_TEST

/* Only what is known is kept. */
START_TEST(keeps_nothing_else)
{
	static const struct {
		const char *given, *kept;
	} cases[] = {
		{ "{\"type\":\"fcm\",\"to\":{\"token\":\"a\",\"x\":[1]},"
		    "\"y\": null}", REG("fcm", "\"token\":\"a\"") },
		{ REG("command", "\"path\":\"/bin/sh\""), REG("command", "") },
		{ REG("fcm", "\"token\":\"a\",\"keys\":null"),
		    REG("fcm", "\"token\":\"a\"") },
		{ APNS(",\"environment\":null,\"push_type\":null"), APNS("") },
		{ REG("webpush", "\"endpoint\":\"https://push.example/\","
		    "\"expirationTime\":null,\"keys\":{\"x\":1,\"p256dh\":\""
		    P256DH "\",\"auth\":\"" AUTH "\"}"),
		    WEBPUSH("https://push.example/") },
	};
	char out[8192];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(parse(out, cases[i].given) == 0, "%s",
		    cases[i].given);
		ck_assert_str_eq(out, cases[i].kept);
	}
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "not a JSON object" },
	{ "x", "not a JSON object" },
	{ "[]", "to: wants an object" },
	{ "{}", "to: wants an object" },
	{ "null", "not a JSON object" },
	{ "{\"type\":\"fcm\"}", "to: wants an object" },
	{ "{\"type\":\"fcm\",\"to\":[]}", "to: wants an object" },
	{ "{\"type\":1,\"to\":{}}",
	    "type: wants webpush, fcm, apns, sms or command" },
	{ "{\"to\":{}}", "type: wants webpush, fcm, apns, sms or command" },
	{ REG("pigeon", ""), "type: wants webpush, fcm, apns, sms or command" },
	{ "{\"type\":\"fcm\",\"type\":\"fcm\",\"to\":{\"token\":\"a\"}}",
	    "names a member twice" },
	{ REG("fcm", "\"token\":\"a\",\"n\":1e999"),
	    "has a number that is too large" },
	{ REG("fcm", "\"token\":\"a\"") "x", "has more after its end" },
	{ REG("fcm", ""), "to.token: wants a registration token" },
	{ REG("fcm", "\"token\":1"), "to.token: wants a registration token" },
	{ REG("fcm", "\"token\":\"\""),
	    "to.token: wants a registration token" },
	{ REG("fcm", "\"token\":\"a b\""),
	    "to.token: wants a registration token" },
	{ REG("fcm", "\"token\":\"a\\nb\""),
	    "to.token: wants a registration token" },
	{ REG("fcm", "\"token\":\"a\",\"keys\":{}"),
	    "to.keys.p256dh: wants 65 bytes in base64url" },
	{ REG("fcm", "\"token\":\"a\",\"keys\":[]"),
	    "to.keys: wants p256dh and auth" },
	{ REG("fcm", "\"token\":\"a\",\"keys\":{\"p256dh\":\"" P256DH "\"}"),
	    "to.keys.auth: wants 16 bytes in base64url" },
	{ REG("fcm", "\"token\":\"a\",\"keys\":{\"p256dh\":\"~\"}"),
	    "to.keys.p256dh: wants 65 bytes in base64url" },
	{ REG("sms", ""), "to.number: wants a telephone number" },
	{ REG("sms", "\"number\":\"alice\""),
	    "to.number: wants a telephone number" },
	{ REG("sms", "\"number\":\"+27 21 555\""),
	    "to.number: wants a telephone number" },
	{ REG("sms", "\"number\":\"++2721555123\""),
	    "to.number: wants a telephone number" },
	{ REG("sms", "\"number\":\"1234567890123456\""),
	    "to.number: wants a telephone number" },
	{ REG("sms", "\"number\":\"12345678901234567\""),
	    "to.number: too long: 17 bytes, at most 16" },
	{ REG("sms", "\"number\":\"911\""),
	    "to.number: wants a telephone number of your own, of 7 digits or "
	    "more" },
	{ REG("sms", "\"number\":\"+112\""),
	    "to.number: wants a telephone number of your own, of 7 digits or "
	    "more" },
	{ REG("apns", "\"token\":\"nothex!\",\"topic\":\"b\""),
	    "to.token: wants a device token in hexadecimal" },
	{ REG("apns", "\"topic\":\"b\""),
	    "to.token: wants a device token in hexadecimal" },
	{ REG("apns", "\"token\":\"a\""),
	    "to.topic: wants the app's bundle id" },
	{ REG("apns", "\"token\":\"a\",\"topic\":\"b/c\""),
	    "to.topic: wants the app's bundle id" },
	{ APNS(",\"environment\":\"x\""),
	    "to.environment: wants production or sandbox" },
	{ APNS(",\"environment\":1"),
	    "to.environment: wants production or sandbox" },
	{ APNS(",\"push_type\":\"background\""),
	    "to.push_type: wants voip or alert" },
	{ REG("apns", "\"token\":\"a\",\"topic\":\"b.voip\","
	    "\"push_type\":\"alert\""),
	    "to.topic: a VoIP topic takes no alerts" },
	{ APNS(",\"keys\":1"), "to.keys: wants p256dh and auth" },
	{ REG("webpush", "\"keys\":" KEYS),
	    "to.endpoint: wants an https URL" },
	{ REG("webpush", "\"endpoint\":\"https://a/\\u0000b\",\"keys\":" KEYS),
	    "has a NUL in a string" },
	{ WEBPUSH("file:///a"), "to.endpoint: wants an https URL" },
	{ WEBPUSH("https://"), "to.endpoint: wants a host" },
	{ WEBPUSH("https://u:p@h/"),
	    "to.endpoint: has a user, which no push service wants" },
	{ WEBPUSH("https://h/#f"),
	    "to.endpoint: has a fragment, which is never sent" },
	{ WEBPUSH("https://a b"),
	    "to.endpoint: has another character than printable "
	    "ASCII; a host is written as in DNS (xn--)" },
	{ REG("webpush", "\"endpoint\":\"https://a\""),
	    "to.keys: wants p256dh and auth" },
	{ REG("webpush", "\"endpoint\":\"https://a\",\"keys\":null"),
	    "to.keys: wants p256dh and auth" },
	{ REG("webpush", "\"endpoint\":\"https://a\",\"keys\":" KEYS_OF(AUTH)),
	    "to.keys.p256dh: wants 65 bytes in base64url" },
	{ REG("webpush", "\"endpoint\":\"https://a\",\"keys\":"
	    KEYS_OF(NO_POINT)), "to.keys.p256dh: not a point of P-256" },
	{ REG("webpush", "\"endpoint\":\"https://a\",\"keys\":"
	    KEYS_OF(ZEROS)), "to.keys.p256dh: not a point of P-256" },
	{ REG("webpush", "\"endpoint\":\"https://a\",\"keys\":{\"p256dh\":\""
	    P256DH "\",\"auth\":\"AA\"}"),
	    "to.keys.auth: wants 16 bytes in base64url" },
	{ "{\"type\":\"webpush\",\"key\":1,\"to\":{\"endpoint\":\"https://a\","
	    "\"keys\":" KEYS "}}", "key: wants a VAPID public key in base64url" },
	{ "{\"type\":\"webpush\",\"key\":\"" NO_POINT "\",\"to\":{\"endpoint\":"
	    "\"https://a\",\"keys\":" KEYS "}}",
	    "key: wants a VAPID public key in base64url" },
};

START_TEST(refuses)
{
	char out[8192], why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse_with(out, bad[i].text, &anything, why) ==
		    -EBADMSG, "%s", bad[i].text);
		ck_assert_msg(strcmp(why, bad[i].why) == 0, "%s: %s",
		    bad[i].text, why);
	}
}
END_TEST

/* Where the sender may not go, nothing is registered. */
START_TEST(heeds_reach)
{
	static const struct {
		const char *text, *why;
	} out_of_reach[] = {
		{ WEBPUSH("http://push.example/"),
		    "to.endpoint: wants https" },
		{ WEBPUSH("https://169.254.169.254/"), "to.endpoint: "
		    "169.254.169.254 is not an address to which pushes may go" },
		{ WEBPUSH("https://10.0.0.1/"), "to.endpoint: "
		    "10.0.0.1 is not an address to which pushes may go" },
		{ WEBPUSH("https://[fe80::1]/"), "to.endpoint: "
		    "[fe80::1] is not an address to which pushes may go" },
		{ WEBPUSH("https://[::ffff:10.0.0.1]/"), "to.endpoint: "
		    "[::ffff:10.0.0.1] is not an address to which pushes may "
		    "go" },
		{ WEBPUSH("https://localhost/"),
		    "to.endpoint: localhost is the sender itself" },
		{ WEBPUSH("https://x.localhost./"),
		    "to.endpoint: x.localhost. is the sender itself" },
	};
	static const char *const open[] = {
		WEBPUSH("https://push.example/"), WEBPUSH("https://8.8.8.8/"),
		REG("fcm", "\"token\":\"a\""),
	};
	static const char *const opened[] = {
		WEBPUSH("http://push.example/"), WEBPUSH("http://10.0.0.1/"),
		WEBPUSH("http://localhost/"), WEBPUSH("https://[::1]/"),
	};
	char *allow[] = { "10.0.0.0/8", "::1" };
	const struct reach_lists none = { 0 };
	const struct reach_lists some = { .allow = allow, .n_allow = 2 };
	struct pushreg_options options = { 0 };
	char out[8192], why[WHY_TEXT];
	struct reach *reach;
	size_t i;

	ck_assert_int_eq(reach_new(&reach, &none, why), 0);
	options.reach = reach;
	for (i = 0; i < sizeof(out_of_reach) / sizeof(out_of_reach[0]); i++) {
		ck_assert_int_eq(parse(out, out_of_reach[i].text), 0);
		ck_assert_int_eq(parse_with(out, out_of_reach[i].text,
		    &options, why), -EBADMSG);
		ck_assert_str_eq(why, out_of_reach[i].why);
	}
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		ck_assert_int_eq(parse_with(out, open[i], &options, why), 0);
	reach_free(reach);
	ck_assert_int_eq(reach_new(&reach, &some, why), 0);
	options.reach = reach;
	for (i = 0; i < sizeof(opened) / sizeof(opened[0]); i++)
		ck_assert_int_eq(parse_with(out, opened[i], &options, why), 0);
	reach_free(reach);
}
END_TEST

#define SIGNED(key) "{\"type\":\"webpush\",\"to\":{\"endpoint\":"		\
    "\"https://push.example/\",\"keys\":" KEYS "},\"key\":\"" key "\"}"

/* The key with which a client subscribed stands with its registration. */
START_TEST(notes_the_key)
{
	char *keys[] = { OTHER, P256DH };
	const struct pushreg_options two = { .keys = keys, .n_keys = 2 };
	const struct pushreg_options one = { .keys = keys, .n_keys = 1 };
	struct pushreg_options known = two;
	char out[8192], why[WHY_TEXT];

	ck_assert_int_eq(parse_with(out, WEBPUSH("https://push.example/"),
	    &two, why), 0);
	ck_assert_str_eq(out, SIGNED(OTHER));
	ck_assert_int_eq(parse_with(out, SIGNED(P256DH), &two, why), 0);
	ck_assert_str_eq(out, SIGNED(P256DH));
	ck_assert_int_eq(parse_with(out, SIGNED(PADDED), &two, why), 0);
	ck_assert_str_eq(out, SIGNED(P256DH));
	ck_assert_int_eq(parse_with(out, SIGNED(P256DH), &one, why),
	    -EBADMSG);
	ck_assert_str_eq(why, "key: not a key of this switch; subscribe again "
	    "with the one of GET /push/key");
	ck_assert_int_eq(parse(out, SIGNED(P256DH)), 0);
	ck_assert_str_eq(out, SIGNED(P256DH));
	/* The same subscription again has the key that it had. */
	known.registered = SIGNED(P256DH);
	ck_assert_int_eq(parse_with(out, WEBPUSH("https://push.example/"),
	    &known, why), 0);
	ck_assert_str_eq(out, SIGNED(P256DH));
	known.registered = WEBPUSH("https://push.example/");
	ck_assert_int_eq(parse_with(out, WEBPUSH("https://push.example/"),
	    &known, why), 0);
	ck_assert_str_eq(out, WEBPUSH("https://push.example/"));
	known.registered = WEBPUSH("https://push.example/before");
	ck_assert_int_eq(parse_with(out, WEBPUSH("https://push.example/"),
	    &known, why), 0);
	ck_assert_str_eq(out, SIGNED(OTHER));
	known.registered = "";
	ck_assert_int_eq(parse_with(out, WEBPUSH("https://push.example/"),
	    &known, why), 0);
	ck_assert_str_eq(out, SIGNED(OTHER));
	/* Other types are not signed. */
	ck_assert_int_eq(parse_with(out, REG("fcm", "\"token\":\"a\""), &two,
	    why), 0);
	ck_assert_str_eq(out, REG("fcm", "\"token\":\"a\""));
}
END_TEST

START_TEST(is_bounded)
{
	char text[5000], out[8192], why[WHY_TEXT], fill[4200];
	size_t len;

	memset(fill, 'a', sizeof(fill));
	snprintf(text, sizeof(text),
	    "{\"type\":\"fcm\",\"to\":{\"token\":\"%.4096s\"}}", fill);
	ck_assert_int_eq(parse(out, text), 0);
	len = strlen(out);
	ck_assert_int_eq(pushreg_parse(out, len + 1, text, strlen(text),
	    &anything, why), 0);
	ck_assert_int_eq(pushreg_parse(out, len, text, strlen(text),
	    &anything, why), -EMSGSIZE);
	ck_assert_str_eq(why, "too long: 4128 bytes, at most 4127");
	snprintf(text, sizeof(text),
	    "{\"type\":\"fcm\",\"to\":{\"token\":\"%.4097s\"}}", fill);
	ck_assert_int_eq(parse_with(out, text, &anything, why), -EBADMSG);
	ck_assert_str_eq(why,
	    "to.token: too long: 4097 bytes, at most 4096");
	snprintf(text, sizeof(text), REG("webpush",
	    "\"endpoint\":\"https://a/%.2038s\",\"keys\":" KEYS), fill);
	ck_assert_int_eq(parse(out, text), 0);
	snprintf(text, sizeof(text), REG("webpush",
	    "\"endpoint\":\"https://a/%.2039s\",\"keys\":" KEYS), fill);
	ck_assert_int_eq(parse_with(out, text, &anything, why), -EBADMSG);
	ck_assert_str_eq(why,
	    "to.endpoint: too long: 2049 bytes, at most 2048");
}
END_TEST

START_TEST(knows_types)
{
	json_t *to = json_object();
	char why[WHY_TEXT];

	ck_assert_int_eq(pushform_check("pigeon", to, why), -ENOENT);
	ck_assert_int_eq(pushform_check("command", to, why), 0);
	ck_assert_int_eq(pushform_check("fcm", to, why), -EBADMSG);
	/* The sender takes the short numbers of an SMS service. */
	json_object_set_new(to, "number", json_string("12345"));
	ck_assert_int_eq(pushform_check("sms", to, why), 0);
	json_decref(to);
}
END_TEST

/* Without memory it is refused in some way, and half of it never taken. */
START_TEST(without_memory)
{
	static const char *const texts[] = {
		"{\"type\":\"webpush\",\"to\":{\"keys\":" KEYS
		    ",\"endpoint\":\"https://push.example/a?b\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"abc\",\"keys\":" KEYS
		    "}}",
	};
	char *keys[] = { OTHER };
	const struct pushreg_options one = { .keys = keys, .n_keys = 1 };
	char out[8192], whole[8192], why[WHY_TEXT];
	unsigned n, taken;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		failjson_after(FAILJSON_NEVER);
		ck_assert_int_eq(parse_with(whole, texts[i], &one, why), 0);
		for (n = taken = 0; n < 300; n++) {
			failjson_after(n);
			if (pushreg_parse(out, sizeof(out), texts[i],
			    strlen(texts[i]), &one, why) < 0)
				continue;
			taken++;
			ck_assert_str_eq(out, whole);
		}
		ck_assert(taken > 0 && taken < 300);
	}
	failjson_after(FAILJSON_NEVER);
}
END_TEST

UNIT_SUITE(pushreg, without_memory, takes, keeps_nothing_else, refuses,
    heeds_reach, notes_the_key, is_bounded, knows_types)
