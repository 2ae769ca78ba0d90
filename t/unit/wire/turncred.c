/* Time-limited credentials: their text, and agreement with coturn's clients. */
#include <errno.h>
#include <stdio.h>
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

/* Names of other applications: the expiry at either side, and the user. */
START_TEST(takes_any)
{
	static const struct {
		const char *name, *user;
	} good[] = {
		{ "17", "17" }, { "17:", "17:" }, { ":17", ":17" },
		{ "17:alice", "alice" }, { "17:call:a", "call:a" },
		{ "17:@a:example.org:8448", "@a:example.org:8448" },
		{ "17::a", ":a" }, { "17:a b", "a b" }, { "17:99", "99" },
		{ "17:J\303\274rgen", "J\303\274rgen" },
		{ "alice:17", "alice" }, { "a:b:17", "a:b" },
		{ "@a:example.org:8448:17", "@a:example.org:8448" },
		{ "1a:17", "1a" }, { " 1:17", " 1" }, { "::17", ":" }
	};
	static const char *const bad[] = {
		"", ":", "a", "a:", ":a:b:c", "x:a b", "1:a\tb c", "1:a b\x7f",
		"12345678901234567:a b", "a:12345678901234567", "17a", "a:17:",
		"a:17 ", "a:-17", "12345678901234567", "alice:17:b"
	};
	struct turncred cred;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *name = good[i].name;

		ck_assert_msg(turncred_parse_any(&cred, name, strlen(name)) ==
		    0, "%s", name);
		ck_assert_int_eq(cred.expiry_s, 17);
		ck_assert(!cred.ours);
		ck_assert_str_eq(cred.call, "");
		ck_assert_uint_eq(cred.user_len, strlen(good[i].user));
		ck_assert_mem_eq(name + cred.user_at, good[i].user,
		    cred.user_len);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(turncred_parse_any(&cred, bad[i],
		    strlen(bad[i])) == -EINVAL, "%s", bad[i]);
	/* A NUL hides nothing. */
	ck_assert_int_eq(turncred_parse_any(&cred, "17:a\0b", 6), -EINVAL);
}
END_TEST

/* As many bytes as RFC 8489 allows, and one more. */
START_TEST(takes_508_bytes)
{
	char name[TURNCRED_ANY + 1] = "17:";
	struct turncred cred;

	memset(name + 3, 'u', sizeof(name) - 4);
	ck_assert_int_eq(turncred_parse_any(&cred, name, 508), 0);
	ck_assert_uint_eq(cred.user_len, 505);
	ck_assert_int_eq(turncred_parse_any(&cred, name, 509), -EINVAL);
}
END_TEST

/* What our signalling hands out, and nothing else. */
START_TEST(knows_ours)
{
#define CALL "0123456789abcdef0123456789abcdef"
	static const struct {
		const char *name;
		bool ours;
	} names[] = {
		{ "17:" CALL, true }, { "17:" CALL ":a", true },
		{ "17:" CALL ":b0", true }, { "17:" CALL ":b15", true },
		{ "17:" CALL ":b", false }, { "17:" CALL ":c", false },
		{ "17:" CALL ":b123", false }, { "17:" CALL ":b1x", false },
		{ "17:" CALL "0", false }, { "17:" CALL ":a:a", false },
		{ "17:0123456789ABCDEF0123456789ABCDEF", false },
		{ "17:0123456789abcdef0123456789abcde", false },
		{ CALL ":17", false }
	};
	struct turncred cred;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *name = names[i].name;

		ck_assert_int_eq(turncred_parse_any(&cred, name, strlen(name)),
		    0);
		ck_assert_msg(cred.ours == names[i].ours, "%s", name);
		ck_assert_str_eq(cred.call, cred.ours ? CALL : "");
		ck_assert_int_eq(cred.expiry_s, 17);
	}
	ck_assert_int_eq(turncred_parse_any(&cred, "17:" CALL ":b3", 38), 0);
	ck_assert_str_eq(cred.party, "b3");
#undef CALL
}
END_TEST

/* One call for each user of a service: printf 'turn\0alice' | sha256sum */
START_TEST(names_users)
{
	struct turncred cred = { .party = "a", .ours = true }, other;

	turncred_set_user(&cred, "turn", "alice", 5);
	ck_assert_str_eq(cred.call, "c8d39b2a0ac551c8a45b4aa2bfb959240667c65c0548c178322fdac7b25881a8");
	ck_assert_str_eq(cred.party, "");
	ck_assert(!cred.ours);
	other = cred;
	turncred_set_user(&other, "tur", "nalice", 6);
	ck_assert_str_ne(cred.call, other.call);
	turncred_set_user(&other, "turn", "alicex", 5);
	ck_assert_str_eq(cred.call, other.call);
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
	struct turncred cred = { .expiry_s = 9999999999999999, .ours = true },
	    back;
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

/* A dynamic port, that of a call and of no other as a rule. */
START_TEST(keeps_a_port)
{
	char call[] = "00112233445566778899aabbccddeeff";
	uint16_t port, first = turncred_kept_port(call);
	unsigned same = 0, low = 0, i;

	ck_assert_uint_eq(turncred_kept_port(call), first);
	for (i = 0; i < 10000; i++) {
		snprintf(call, sizeof(call), "%032x", i * 2654435761u);
		port = turncred_kept_port(call);
		ck_assert_uint_ge(port, 49152);
		same += port == first;
		low += port < 57344;
	}
	ck_assert_uint_lt(same, 10);
	ck_assert_uint_gt(low, 4500);
	ck_assert_uint_lt(low, 5500);
}
END_TEST

UNIT_SUITE(turncred, keeps_a_port, round_trip, refuses, takes_any,
    takes_508_bytes, knows_ours, names_users, never_writes_what_it_cannot_read, longest, password)
