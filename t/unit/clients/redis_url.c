/*
 * The URL of a directory in Redis: what it means, what is refused, and that no
 * part of it is in the reason.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "directory/redis_url.h"
#include "unit.h"

static struct redis_url url;
static char why[WHY_TEXT];

static int
parse(const char *text)
{
	memset(&url, 0xff, sizeof(url));
	why[0] = '\0';
	return redis_url_parse(&url, text, why);
}

static const char *
host(size_t i)
{
	static char text[HOSTPORT_TEXT];

	return hostport_format(&url.hosts[i], text);
}

START_TEST(parses)
{
	static const struct {
		const char *text, *host, *user, *password;
		int database;
	} cases[] = {
		{ "redis://192.0.2.1", "192.0.2.1:6379", "", "", 0 },
		{ "redis://192.0.2.1:7", "192.0.2.1:7", "", "", 0 },
		{ "redis://192.0.2.1:", "192.0.2.1:6379", "", "", 0 },
		{ "redis://192.0.2.1/", "192.0.2.1:6379", "", "", 0 },
		{ "redis://db.example.org/15", "db.example.org:6379", "", "",
		    15 },
		{ "redis://db?db=65535", "db:6379", "", "", 65535 },
		{ "redis://db/?", "db:6379", "", "", 0 },
		{ "redis://[2001:db8::1]", "[2001:db8::1]:6379", "", "", 0 },
		{ "redis://[2001:db8::1]:", "[2001:db8::1]:6379", "", "", 0 },
		{ "redis://[2001:db8::1]:5/2", "[2001:db8::1]:5", "", "", 2 },
		{ "redis://2001:db8::1/2", "[2001:db8::1]:6379", "", "", 2 },
		{ "redis://d%62", "db:6379", "", "", 0 },
		{ "redis://:secret@db", "db:6379", "", "secret", 0 },
		{ "redis://rp:secret@db", "db:6379", "rp", "secret", 0 },
		{ "redis://rp@db", "db:6379", "rp", "", 0 },
		{ "redis://@db", "db:6379", "", "", 0 },
		{ "redis://:a%40%2F%3a%25@db", "db:6379", "", "a@/:%", 0 },
		{ "redis://:a@b:c@db", "db:6379", "", "a@b:c", 0 },
		{ "redis://a%3ab:c:d@db", "db:6379", "a:b", "c:d", 0 },
		{ "redis://:a+b@db", "db:6379", "", "a+b", 0 },
		{ "redis://db?user=rp&password=%c3%a4+", "db:6379", "rp",
		    "\xc3\xa4+", 0 },
		{ "redis://db?username=rp&&db=1&", "db:6379", "rp", "", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(parse(cases[i].text) == 0, "%s: %s",
		    cases[i].text, why);
		ck_assert_uint_eq(url.n_hosts, 1);
		ck_assert_str_eq(host(0), cases[i].host);
		ck_assert_str_eq(url.login.user, cases[i].user);
		ck_assert_str_eq(url.login.password, cases[i].password);
		ck_assert_int_eq(url.login.database, cases[i].database);
		ck_assert(!url.tls && !url.sentinel);
	}
}
END_TEST

START_TEST(parses_several)
{
	ck_assert_int_eq(parse("redis://:old@192.0.2.1,db:7/3"), 0);
	ck_assert_uint_eq(url.n_hosts, 2);
	ck_assert_str_eq(host(0), "192.0.2.1:6379");
	ck_assert_str_eq(host(1), "db:7");
	ck_assert_str_eq(url.login.password, "old");
	ck_assert_int_eq(url.login.database, 3);
	ck_assert_int_eq(parse("rediss://a,b,c,d,e,f,g,h?ca=%2fx"), 0);
	ck_assert_uint_eq(url.n_hosts, REDIS_URL_HOSTS);
	ck_assert(url.tls);
	ck_assert_str_eq(url.ca, "/x");
	ck_assert_int_eq(parse("redis://a?password_file=/etc/rp/pw"), 0);
	ck_assert_str_eq(url.login.password_file, "/etc/rp/pw");
}
END_TEST

/* What 0.1.0 took, where the password stood as it is. */
START_TEST(parses_old_passwords)
{
	static const char *const passwords[] = {
		"100%", "a%4", "%zz", "a%b", "%00", "a/b", "a?b", "a#b", "a b",
		"p\xc3\xa4ss", "/", "a:b/@c%", "?db=1",
	};
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		snprintf(text, sizeof(text),
		    "redis://:%s@192.0.2.1:7,2001:db8::1/3", passwords[i]);
		ck_assert_msg(parse(text) == 0, "%s: %s", text, why);
		ck_assert_str_eq(url.login.password, passwords[i]);
		ck_assert_str_eq(url.login.user, "");
		ck_assert_uint_eq(url.n_hosts, 2);
		ck_assert_str_eq(host(0), "192.0.2.1:7");
		ck_assert_str_eq(host(1), "[2001:db8::1]:6379");
		ck_assert_int_eq(url.login.database, 3);
		ck_assert(!url.tls && !url.sentinel);
	}
	/* An escape is one, and what 0.1.0 refused remains so. */
	ck_assert_int_eq(parse("redis://:a%41@192.0.2.1"), 0);
	ck_assert_str_eq(url.login.password, "aA");
	ck_assert_int_eq(parse("redis://rp:a%@192.0.2.1"), -EINVAL);
	ck_assert_int_eq(parse("rediss://:a%@192.0.2.1"), -EINVAL);
	ck_assert_int_eq(parse("redis://:a%@192.0.2.1,192.0.2.2,192.0.2.3"),
	    -EINVAL);
	ck_assert_int_eq(parse("redis://:a%@192.0.2.1/x"), -EINVAL);
	ck_assert_int_eq(parse("redis://:a%@192.0.2.1?db=1"), -EINVAL);
}
END_TEST

START_TEST(parses_sockets)
{
	ck_assert_int_eq(parse("redis+unix:///run/redis.sock?db=2"), 0);
	ck_assert_str_eq(url.hosts[0].name, "/run/redis.sock");
	ck_assert_int_eq(url.login.database, 2);
	ck_assert_int_eq(parse("unix://rp:pw@/run/a%20b"), 0);
	ck_assert_str_eq(url.hosts[0].name, "/run/a b");
	ck_assert_str_eq(url.login.user, "rp");
	ck_assert_str_eq(url.login.password, "pw");
}
END_TEST

START_TEST(parses_sentinel)
{
	ck_assert_int_eq(parse("redis+sentinel://rp:pw@s1,s2:5/my%20set/4"
	    "?sentinel_user=su&sentinel_password_file=/f"), 0);
	ck_assert(url.sentinel && !url.tls);
	ck_assert_str_eq(host(0), "s1:26379");
	ck_assert_str_eq(host(1), "s2:5");
	ck_assert_str_eq(url.master, "my set");
	ck_assert_int_eq(url.login.database, 4);
	ck_assert_str_eq(url.login.user, "rp");
	ck_assert_str_eq(url.sentinel_login.user, "su");
	ck_assert_str_eq(url.sentinel_login.password_file, "/f");
	ck_assert_int_eq(url.sentinel_login.database, -1);
	ck_assert_int_eq(parse("rediss+sentinel://s1/m"), 0);
	ck_assert(url.sentinel && url.tls);
}
END_TEST

/* Each holds a word that the reason must not repeat. */
START_TEST(refuses)
{
	static const char *const cases[] = {
		"", "redis", "redis:", "redis:/", "redis://", "redis:///",
		"REDIS://db", "redisx://db", "http://db", "redis+tls://db",
		"redis://:sesame@", "redis://:sesame@/1", "redis://db:0",
		"redis://db:sesame", "redis://db:65536", "redis://a,,b",
		"redis://a,", "redis://,a", "redis://sesame sesame",
		"redis://db/sesame", "redis://db/1/sesame", "redis://db/-1",
		"redis://db/65536", "redis://db/99999999999999999999",
		"redis://db?db=", "redis://db?db=x", "redis://db?sesame=1",
		"redis://db/1?db=1", "redis://db?db=1&db=1",
		"redis://db?sesame", "redis://db?user", "redis://db?user=",
		"redis://rp@db?user=sesame", "redis://:a@db?password=sesame",
		"redis://:sesame@db?password_file=/x", "redis://db?ca=/x",
		"redis://db?sentinel_user=a", "redis://:se/sesame@db",
		"redis://:se?sesame@db", "redis://:se#sesame@db",
		"redis://:sesame%@db", "redis://:sesame%4@db",
		"redis://:%4sesame@db", "redis://:sesame%00@db",
		"redis://:sesame%zz@db", "redis://:sesame\n@db",
		"redis://:sesame\xc3\xa4@db", "redis://[2001:db8::1",
		"redis://[sesame]", "redis://[::1]x", "redis://a%2fb",
		"redis://a%00", "redis+unix://db/x", "redis+unix:///",
		"redis+unix://", "unix:///a%00b", "rediss+unix:///x",
		"redis+sentinel://s1", "redis+sentinel://s1/",
		"redis+sentinel://s1//1", "redis+sentinel://s1/m/x",
		"redis+sentinel://s1/m/1/2", "redis+sentinel://s1/m/1?db=1",
		"redis+sentinel:///m", "redis+sentinel://s1/m?sentinel_user=a",
		"redis://a,b,c,d,e,f,g,h,i",
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(parse(cases[i]) == -EINVAL, "%s", cases[i]);
		ck_assert_msg(strlen(why) > 20, "%s", cases[i]);
		ck_assert_msg(strstr(why, "sesame") == NULL, "%s", why);
		ck_assert_int_eq(((unsigned char *)&url)[0], 0xff);
	}
}
END_TEST

START_TEST(refuses_what_is_too_long)
{
	char text[8192], part[6000];
	static const size_t sizes[] = { 255, 256, 1023, 1024, 5000 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(part, 'x', sizes[i]);
		part[sizes[i]] = '\0';
		snprintf(text, sizeof(text), "redis://:%s@db", part);
		ck_assert_int_eq(parse(text), sizes[i] < REDIS_URL_TEXT ? 0 :
		    -EINVAL);
		snprintf(text, sizeof(text), "redis://%s", part);
		ck_assert_int_eq(parse(text), sizes[i] < HOSTPORT_NAME ? 0 :
		    -EINVAL);
		snprintf(text, sizeof(text), "redis://a?password_file=%s",
		    part);
		ck_assert_int_eq(parse(text), sizes[i] < REDIS_URL_PATH ? 0 :
		    -EINVAL);
		snprintf(text, sizeof(text), "redis+unix:///%s", part);
		ck_assert_int_eq(parse(text), -EINVAL);
	}
}
END_TEST

UNIT_SUITE(redis_url, parses, parses_several, parses_old_passwords,
    parses_sockets, parses_sentinel, refuses, refuses_what_is_too_long)
