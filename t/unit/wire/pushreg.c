/*
 * Push registrations: the forms that are accepted, and those that are refused.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/pushreg.h"

/* 65 and 16 bytes. */
#define P256DH "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"		\
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define AUTH "AAAAAAAAAAAAAAAAAAAAAA"
#define KEYS "{\"p256dh\":\"" P256DH "\",\"auth\":\"" AUTH "\"}"

static int
parse(char out[static 2048], const char *text)
{
	char why[WHY_TEXT] = "";
	int err = pushreg_parse(out, 2048, text, strlen(text), why);

	if (err == -EBADMSG)
		ck_assert_str_ne(why, "");
	return err;
}

START_TEST(takes)
{
	static const char *const good[] = {
		"{\"type\":\"webpush\",\"to\":{\"keys\":" KEYS
		    ",\"endpoint\":\"https://push.example/a?b\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"abc:def\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"abc\",\"keys\":" KEYS
		    "}}",
		"{\"type\":\"apns\",\"to\":{\"topic\":\"org.example.voip\","
		    "\"environment\":\"sandbox\",\"token\":\"00ff\"}}",
		"{\"type\":\"apns\",\"to\":{\"topic\":\"org.example.voip\","
		    "\"environment\":\"production\",\"token\":\"00ff\"}}",
		"{\"type\":\"webpush\",\"to\":{\"keys\":" KEYS
		    ",\"endpoint\":\"http://127.0.0.1/a\"}}",
		"{\"type\":\"sms\",\"to\":{\"number\":\"+27215551234\"}}",
		"{\"type\":\"command\",\"to\":{}}",
	};
	char out[2048], again[2048];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(out, good[i]) == 0, "%s", good[i]);
		ck_assert_int_eq(parse(again, out), 0);
		ck_assert_str_eq(out, again);
	}
}
END_TEST

/* Only what is known is kept. */
START_TEST(keeps_nothing_else)
{
	char out[2048];

	ck_assert_int_eq(parse(out, "{\"type\":\"fcm\",\"to\":{\"token\":\"a\","
	    "\"x\":[1]}, \"y\": null}"), 0);
	ck_assert_str_eq(out, "{\"type\":\"fcm\",\"to\":{\"token\":\"a\"}}");
	ck_assert_int_eq(parse(out, "{\"type\":\"command\","
	    "\"to\":{\"path\":\"/bin/sh\"}}"), 0);
	ck_assert_str_eq(out, "{\"type\":\"command\",\"to\":{}}");
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", "x", "[]", "{}", "null", "{\"type\":\"fcm\"}",
		"{\"type\":1,\"to\":{}}", "{\"to\":{}}",
		"{\"type\":\"pigeon\",\"to\":{}}",
		"{\"type\":\"fcm\",\"to\":[]}", "{\"type\":\"fcm\",\"to\":{}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":1}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a b\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a\\u0000b\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a\\nb\"}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a\",\"keys\":{}}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a\","
		    "\"keys\":{\"p256dh\":\"" P256DH "\"}}}",
		"{\"type\":\"fcm\",\"to\":{\"token\":\"a\","
		    "\"keys\":{\"p256dh\":\"~\"}}}",
		"{\"type\":\"fcm\",\"type\":\"fcm\",\"to\":{\"token\":\"a\"}}",
		"{\"type\":\"sms\",\"to\":{\"number\":\"a b\"}}",
		"{\"type\":\"sms\",\"to\":{\"number\":\"a;b\"}}",
		"{\"type\":\"sms\",\"to\":{}}",
		"{\"type\":\"apns\",\"to\":{\"token\":\"a\",\"topic\":\"b\"}}",
		"{\"type\":\"apns\",\"to\":{\"token\":\"a\",\"topic\":\"b\","
		    "\"environment\":\"x\"}}",
		"{\"type\":\"apns\",\"to\":{\"token\":\"a\","
		    "\"environment\":\"sandbox\"}}",
		"{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://a\"}}",
		"{\"type\":\"webpush\",\"to\":{\"keys\":" KEYS "}}",
		"{\"type\":\"webpush\",\"to\":{\"endpoint\":\"file:///a\","
		    "\"keys\":" KEYS "}}",
		"{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://a b\","
		    "\"keys\":" KEYS "}}",
		"{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://a\","
		    "\"keys\":{\"p256dh\":\"" AUTH "\",\"auth\":\"" AUTH
		    "\"}}}",
		"{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://a\","
		    "\"keys\":{\"p256dh\":\"" P256DH "\",\"auth\":\"AA\"}}}",
	};
	char out[2048];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(out, bad[i]) == -EBADMSG, "%s", bad[i]);
}
END_TEST

START_TEST(is_bounded)
{
	char text[1200], out[2048], why[WHY_TEXT], fill[1100];
	size_t len;

	memset(fill, 'x', sizeof(fill));
	snprintf(text, sizeof(text),
	    "{\"type\":\"fcm\",\"to\":{\"token\":\"%.1024s\"}}", fill);
	ck_assert_int_eq(parse(out, text), 0);
	len = strlen(out);
	ck_assert_int_eq(pushreg_parse(out, len + 1, text, strlen(text), why),
	    0);
	ck_assert_int_eq(pushreg_parse(out, len, text, strlen(text), why),
	    -EMSGSIZE);
	snprintf(text, sizeof(text),
	    "{\"type\":\"fcm\",\"to\":{\"token\":\"%.1025s\"}}", fill);
	ck_assert_int_eq(parse(out, text), -EBADMSG);
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
	char out[2048], whole[2048], why[WHY_TEXT];
	unsigned n, taken;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		failjson_after(FAILJSON_NEVER);
		ck_assert_int_eq(parse(whole, texts[i]), 0);
		for (n = taken = 0; n < 300; n++) {
			failjson_after(n);
			if (pushreg_parse(out, sizeof(out), texts[i],
			    strlen(texts[i]), why) < 0)
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
    is_bounded)
