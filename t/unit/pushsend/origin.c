/* The origin of a URL that a user chose, and URLs that are invalid. */
#include <errno.h>
#include <string.h>

#include "http/origin.h"
#include "unit.h"

START_TEST(reads)
{
	static const struct {
		const char *url, *origin;
	} cases[] = {
		{ "https://push.example", "https://push.example" },
		{ "https://push.example/a/b?c=d", "https://push.example" },
		{ "https://push.example:443/", "https://push.example" },
		{ "https://push.example:8443/", "https://push.example:8443" },
		{ "http://push.example:80/", "http://push.example" },
		{ "http://push.example:443/", "http://push.example:443" },
		{ "HTTPS://Push.Example/A", "https://push.example" },
		{ "https://192.0.2.1:1/", "https://192.0.2.1:1" },
		{ "https://[2001:db8::1]:1/", "https://[2001:db8::1]:1" },
	};
	char origin[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(origin_read(origin, sizeof(origin),
		    cases[i].url) == 0, "%s", cases[i].url);
		ck_assert_str_eq(origin, cases[i].origin);
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", "x", "/", "//push.example/", "push.example",
		"ftp://push.example/", "file:///etc/passwd", "https://",
		"https://user@push.example/", "https://u:p@push.example/",
		"https://push.example/#x", "https://push.example/a b",
		"https://push.example/\r\nHost: x", "https://push.example:0x1/",
		"https://push.example:65536/", "https://[::1/",
		"https://push.example\t/", "gopher://push.example/"
	};
	char origin[128], url[ORIGIN_URL_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(origin_read(origin, sizeof(origin), bad[i]) ==
		    -EINVAL, "%s", bad[i]);
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://a/", 10);
	url[ORIGIN_URL_MAX + 1] = '\0';
	ck_assert_int_eq(origin_read(origin, sizeof(origin), url), -EINVAL);
	url[ORIGIN_URL_MAX] = '\0';
	ck_assert_int_eq(origin_read(origin, sizeof(origin), url), 0);
	/* A host's name that does not fit. */
	memcpy(url, "https://aa", 10);
	url[200] = '\0';
	ck_assert_int_eq(origin_read(origin, sizeof(origin), url), -EINVAL);
}
END_TEST

UNIT_SUITE(origin, reads, refuses)
