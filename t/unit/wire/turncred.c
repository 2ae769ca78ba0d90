/* Time-limited credentials: their text, and agreement with coturn's clients. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/turncred.h"

START_TEST(round_trip)
{
	static const struct {
		struct turncred cred;
		const char *username;
	} cases[] = {
		{ { .expiry_s = 1700000000, .call = "0123abcd", .party = "a" },
		    "1700000000:0123abcd:a" },
		{ { .expiry_s = 1, .call = "call" }, "1:call" },
	};
	char username[TURNCRED_USERNAME];
	struct turncred cred;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(turncred_username(username, &cases[i].cred),
		    0);
		ck_assert_str_eq(username, cases[i].username);
		ck_assert_int_eq(turncred_parse(&cred, username,
		    strlen(username)), 0);
		ck_assert_int_eq(cred.expiry_s, cases[i].cred.expiry_s);
		ck_assert_str_eq(cred.call, cases[i].cred.call);
		ck_assert_str_eq(cred.party, cases[i].cred.party);
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", ":", "::", "1", "1:", "1::", "1::a", ":c:a", "x:c:a",
		"-1:c:a", "1 :c:a", "1:c:a:", "1:c:a:b", "1:c:", "1:c d:a",
		"1:c\t:a", "1:c:\x7f", "12345678901234567:c:a",
		("1:ccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		"cccccccc:a"),
		"1:c:ppppppppppppppppppppppppppppppppp"
	};
	struct turncred cred;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(turncred_parse(&cred, bad[i], strlen(bad[i])) ==
		    -EINVAL, "%s", bad[i]);
	/* A NUL is not allowed in a name, and the given length is used. */
	ck_assert_int_eq(turncred_parse(&cred, "1:c\0:a", 6), -EINVAL);
	ck_assert_int_eq(turncred_parse(&cred, "1:call:a", 6), 0);
	ck_assert_str_eq(cred.call, "call");
}
END_TEST

/* Names of others' services: one call each, and never one of ours. */
START_TEST(takes_any)
{
	static const char *const names[] = {
		"1:@alice:example.org:8448", "1:@alice:example.org:8449",
		"1:J\303\274rgen", "1:a b", "1:a:b:c", "1::a",
		"1:ppppppppppppppppppppppppppppppppppppppppp"
		"pppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
	};
	static const char *const bad[] = {
		"", "1", "1:", ":a:b:c", "x:a b", "1:a\tb c", "1:a b\x7f",
		"12345678901234567:a b"
	};
	struct turncred cred, again, before = { 0 };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(turncred_parse_any(&cred, names[i],
		    strlen(names[i])), 0);
		ck_assert_int_eq(turncred_parse_any(&again, names[i],
		    strlen(names[i])), 0);
		ck_assert_str_eq(cred.call, again.call);
		ck_assert_int_eq(cred.expiry_s, 1);
		ck_assert_uint_eq(strlen(cred.call), TURNCRED_CALL - 1);
		ck_assert_str_eq(cred.party, "");
		ck_assert_str_ne(cred.call, before.call);
		before = cred;
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(turncred_parse_any(&cred, bad[i],
		    strlen(bad[i])) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(turncred_parse_any(&cred, "1:call:a", 8), 0);
	ck_assert_str_eq(cred.call, "call");
	ck_assert_str_eq(cred.party, "a");
}
END_TEST

START_TEST(never_writes_what_it_cannot_read)
{
	static const struct turncred bad[] = {
		{ .expiry_s = 1, .call = "", .party = "a" },
		{ .expiry_s = 1, .call = "c:d", .party = "a" },
		{ .expiry_s = 1, .call = "c", .party = "a:b" },
		{ .expiry_s = -1, .call = "c", .party = "a" },
		{ .expiry_s = 1, .call = "c d" }
	};
	char username[TURNCRED_USERNAME];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(turncred_username(username, &bad[i]),
		    -EINVAL);
}
END_TEST

/* openssl dgst -sha1 -hmac north -binary | base64 says so. */
/* Call and party as long as they may be, with whatever expiry. */
START_TEST(longest)
{
	struct turncred cred = { .expiry_s = 9999999999999999 }, back;
	char username[TURNCRED_USERNAME];

	memset(cred.call, 'c', sizeof(cred.call) - 1);
	memset(cred.party, 'p', sizeof(cred.party) - 1);
	ck_assert_int_eq(turncred_username(username, &cred), 0);
	ck_assert_int_eq(turncred_parse(&back, username, strlen(username)),
	    0);
	ck_assert_mem_eq(&cred, &back, sizeof(cred));
	/* One digit more and it could not be read. */
	cred.expiry_s = 99999999999999999;
	ck_assert_int_eq(turncred_username(username, &cred), -EINVAL);
}
END_TEST

START_TEST(password)
{
	char text[TURNCRED_PASSWORD];

	turncred_password(text, "1433895918:filbert", "north");
	ck_assert_str_eq(text, "SFpb2+1DstJOoEdpFEftVnr0W1k=");
}
END_TEST

UNIT_SUITE(turncred, round_trip, refuses, takes_any,
    never_writes_what_it_cannot_read, longest, password)
