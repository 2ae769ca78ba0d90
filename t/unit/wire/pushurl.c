/* URLs of push endpoints: their origins, and those that are invalid. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/pushurl.h"

START_TEST(reads)
{
	static const struct {
		const char *url, *origin;
	} cases[] = {
		{ "https://push.example", "https://push.example" },
		{ "https://push.example/a/b?c=d", "https://push.example" },
		{ "https://push.example?c=d@e", "https://push.example" },
		{ "https://push.example:443/", "https://push.example" },
		{ "https://push.example:/", "https://push.example" },
		{ "https://push.example:8443/", "https://push.example:8443" },
		{ "http://push.example:80/", "http://push.example" },
		{ "http://push.example:443/", "http://push.example:443" },
		{ "HTTPS://Push.Example/A", "https://push.example" },
		{ "https://push.example./", "https://push.example." },
		{ "https://a_b.push-1.example/", "https://a_b.push-1.example" },
		{ "https://192.0.2.1:1/", "https://192.0.2.1:1" },
		{ "https://[2001:db8::1]:1/", "https://[2001:db8::1]:1" },
		{ "https://[2001:DB8::1]", "https://[2001:db8::1]" },
		{ "https://2.push.example/", "https://2.push.example" },
	};
	char origin[PUSHURL_ORIGIN], why[WHY_TEXT];
	struct pushurl url;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(pushurl_parse(&url, cases[i].url, why) == 0,
		    "%s", cases[i].url);
		ck_assert_str_eq(pushurl_origin(&url, origin),
		    cases[i].origin);
	}
}
END_TEST

START_TEST(knows_addresses)
{
	char why[WHY_TEXT], text[ADDR_TEXT];
	struct pushurl url;

	ck_assert_int_eq(pushurl_parse(&url, "https://push.example/", why), 0);
	ck_assert(!url.is_literal);
	ck_assert(url.tls);
	ck_assert_int_eq(pushurl_parse(&url, "http://10.0.0.1:81/", why), 0);
	ck_assert(url.is_literal);
	ck_assert(!url.tls);
	ck_assert_str_eq(addr_format_ip(&url.addr, text), "10.0.0.1");
	ck_assert_int_eq(url.port, 81);
	ck_assert_int_eq(pushurl_parse(&url, "https://[fe80::1]/", why), 0);
	ck_assert(url.is_literal);
	ck_assert_str_eq(addr_format_ip(&url.addr, text), "fe80::1");
}
END_TEST

START_TEST(knows_localhost)
{
	static const char *const local[] = {
		"https://localhost/", "https://LOCALHOST:1/",
		"https://localhost./", "https://a.localhost/"
	};
	static const char *const other[] = {
		"https://notlocalhost/", "https://localhost.example/",
		"https://push.example/localhost", "https://[::1]/",
		"https://ost/"
	};
	char why[WHY_TEXT];
	struct pushurl url;
	size_t i;

	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		ck_assert_int_eq(pushurl_parse(&url, local[i], why), 0);
		ck_assert_msg(pushurl_is_localhost(&url), "%s", local[i]);
	}
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		ck_assert_int_eq(pushurl_parse(&url, other[i], why), 0);
		ck_assert_msg(!pushurl_is_localhost(&url), "%s", other[i]);
	}
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *url, *why;
	} bad[] = {
		{ "", "wants an https URL" },
		{ "x", "wants an https URL" },
		{ "/", "wants an https URL" },
		{ "//push.example/", "wants an https URL" },
		{ "push.example", "wants an https URL" },
		{ "ftp://push.example/", "wants an https URL" },
		{ "file:///etc/passwd", "wants an https URL" },
		{ "gopher://push.example/", "wants an https URL" },
		{ "https:/push.example/", "wants an https URL" },
		{ "https://", "wants a host" },
		{ "https:///x", "wants a host" },
		{ "https://:8443/x", "wants a host" },
		{ "https://?x", "wants a host" },
		{ "https://user@push.example/",
		    "has a user, which no push service wants" },
		{ "https://u:p@push.example/",
		    "has a user, which no push service wants" },
		{ "https://@push.example/",
		    "has a user, which no push service wants" },
		{ "https://push.example/#x",
		    "has a fragment, which is never sent" },
		{ "https://push.example#",
		    "has a fragment, which is never sent" },
		{ "https://push.example/a b",
		    "has another character than printable ASCII; "
		    "a host is written as in DNS (xn--)" },
		{ "https://push.example/\r\nHost: x",
		    "has another character than printable ASCII; "
		    "a host is written as in DNS (xn--)" },
		{ "https://push.example\t/",
		    "has another character than printable ASCII; "
		    "a host is written as in DNS (xn--)" },
		{ "https://p\303\274sh.example/",
		    "has another character than printable ASCII; "
		    "a host is written as in DNS (xn--)" },
		{ "https://push.example:0x1/", "invalid port" },
		{ "https://push.example:65536/", "invalid port" },
		{ "https://push.example:0/", "invalid port" },
		{ "https://push.example:000443/", "invalid port" },
		{ "https://push.example:1:2/", "invalid port" },
		{ "https://[::1/", "invalid host" },
		{ "https://[::1]x/", "invalid host" },
		{ "https://[fe80::1%25eth0]/", "invalid host" },
		{ "https://[192.0.2.1]/", "invalid host" },
		{ "https://2001:db8::1/", "invalid port" },
		{ "https://2130706433/", "invalid host" },
		{ "https://127.1/", "invalid host" },
		{ "https://0x7f.0.0.0x1/", "invalid host" },
		{ "https://0x7f000001/", "invalid host" },
		{ "https://127.0.0.1./", "invalid host" },
		{ "https://push..example/", "invalid host" },
		{ "https://.example/", "invalid host" },
		{ "https://./", "invalid host" },
		{ "https://a%2eb/", "invalid host" },
		{ "https://push.example\\x/", "invalid host" },
	};
	char why[WHY_TEXT];
	struct pushurl url;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(pushurl_parse(&url, bad[i].url, why) ==
		    -EBADMSG, "%s", bad[i].url);
		ck_assert_msg(strcmp(why, bad[i].why) == 0, "%s: %s",
		    bad[i].url, why);
	}
}
END_TEST

START_TEST(is_bounded)
{
	char text[PUSHURL_MAX + 2], why[WHY_TEXT];
	struct pushurl url;

	memset(text, 'a', sizeof(text));
	memcpy(text, "https://a/", 10);
	text[PUSHURL_MAX + 1] = '\0';
	ck_assert_int_eq(pushurl_parse(&url, text, why), -EBADMSG);
	ck_assert_str_eq(why, "too long: 2049 bytes, at most 2048");
	text[PUSHURL_MAX] = '\0';
	ck_assert_int_eq(pushurl_parse(&url, text, why), 0);
	/* A label of 64 characters, and a name of 254. */
	text[9] = 'a';
	text[8 + 64] = '\0';
	ck_assert_int_eq(pushurl_parse(&url, text, why), -EBADMSG);
	text[8 + 63] = '\0';
	ck_assert_int_eq(pushurl_parse(&url, text, why), 0);
	memset(text, 'a', sizeof(text));
	memcpy(text, "https://", 8);
	text[8 + 254] = '\0';
	text[8 + 60] = text[8 + 120] = text[8 + 180] = text[8 + 230] = '.';
	ck_assert_int_eq(pushurl_parse(&url, text, why), -EBADMSG);
	text[8 + 253] = '\0';
	ck_assert_int_eq(pushurl_parse(&url, text, why), 0);
}
END_TEST

UNIT_SUITE(pushurl, reads, knows_addresses, knows_localhost, refuses,
    is_bounded)
