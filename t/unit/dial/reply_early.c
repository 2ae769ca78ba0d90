/*
 * What a push says of its call beforehand, well and ill formed, and where it may
 * lead. Each machine has a route to loopback.
 */
#include <stdio.h>
#include <string.h>

#include "call/reply_early.h"
#include "call/reply_push.h"
#include "unit.h"

#define SERVERS "\"iceServers\": [{\"urls\": [\"turn:127.0.0.1:3478\"], " \
    "\"username\": \"u\", \"credential\": \"c\"}]"
#define RELAYED "\"relayed\": \"127.0.0.1:50123\""
#define ADDRESSES "\"addresses\": [\"127.0.0.1:31338\", \"[::1]:31338\"]"
#define OFFER "\"offer\": \"v=0\\ns=-\\n\""

/* Parse a push that is fine but for its early member, perhaps. */
static struct reply_early *
parse(const char *kind, const char *early)
{
	char text[8192], why[WHY_TEXT];
	struct reply_push push;

	snprintf(text, sizeof(text), "{\"kind\": \"%s\", \"sessionId\": "
	    "\"0123456789abcdef0123456789abcdef\", \"serverName\": \"s\", "
	    "\"port\": 1, \"early\": %s}", kind, early);
	ck_assert_msg(reply_push_parse(&push, text, strlen(text), why) == 0,
	    "%s", early);
	return push.early;
}

START_TEST(reads_all)
{
	struct reply_early *early = parse("call", "{" OFFER "," SERVERS ","
	    RELAYED "," ADDRESSES ", \"leftOut\": [], \"later\": 1}");
	char text[ADDR_TEXT];

	ck_assert_ptr_nonnull(early);
	ck_assert_str_eq(early->reply.offer, "v=0\ns=-\n");
	ck_assert_uint_eq(early->reply.n_servers, 1);
	ck_assert_str_eq(early->reply.servers[0].username, "u");
	ck_assert(early->has_relayed);
	ck_assert_str_eq(addr_format(&early->relayed, text),
	    "127.0.0.1:50123");
	ck_assert_uint_eq(early->n_addresses, 2);
	ck_assert_str_eq(addr_format(&early->addresses[1], text),
	    "[::1]:31338");
	reply_early_free(early);
	early = parse("call", "{" SERVERS "}");
	ck_assert_ptr_nonnull(early);
	ck_assert_ptr_null(early->reply.offer);
	ck_assert(!early->has_relayed);
	ck_assert_uint_eq(early->n_addresses, 0);
	reply_early_free(early);
}
END_TEST

/* A member of no use leaves the push as it would be without. */
START_TEST(skips_what_is_malformed)
{
	static const char *const bad[] = {
		"1", "null", "[]", "{}", "{" OFFER "," RELAYED "}",
		"{" SERVERS ", \"offer\": 1}",
		"{" SERVERS ", \"relayed\": 1}",
		"{" SERVERS ", \"relayed\": \"127.0.0.1\"}",
		"{" SERVERS ", \"relayed\": \"127.0.0.1:0\"}",
		"{" SERVERS ", \"relayed\": \"224.0.0.1:5\"}",
		"{" SERVERS ", \"relayed\": \"example.org:5\"}",
		"{" SERVERS ", \"relayed\": \"127.0.0.1:5\\u0000\"}",
		"{" SERVERS ", \"addresses\": [1]}",
		"{" SERVERS ", \"addresses\": [\"0.0.0.0:5\"]}",
		"{" SERVERS ", \"addresses\": [\"fe80::1\"]}",
		"{\"iceServers\": [{\"urls\": \"stun:127.0.0.1\"}]}"
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse("call", bad[i]) == NULL, "%s", bad[i]);
	ck_assert_ptr_null(parse("cancel", "{" SERVERS "}"));
}
END_TEST

START_TEST(bounds_the_addresses)
{
	char text[4096];
	struct reply_early *early;
	int i;

	strcpy(text, "{" SERVERS ", \"addresses\": [\"127.0.0.1:1\"");
	for (i = 2; i < 100; i++)
		sprintf(text + strlen(text), ", \"127.0.0.1:%d\"", i);
	strcat(text, "]}");
	early = parse("call", text);
	ck_assert_ptr_nonnull(early);
	ck_assert_uint_eq(early->n_addresses, REPLY_ADDRESSES);
	reply_early_free(early);
}
END_TEST

/* Where our own switch was, where the push leads, and if it is followed. */
START_TEST(stays_outside)
{
	static const struct {
		const char *home, *addresses, *relay;
		const char *at;		/* NULL: not followed */
	} cases[] = {
		{ "127.0.0.1", "\"127.0.0.1:1\"", "127.0.0.1", "127.0.0.1" },
		{ "::1", "\"127.0.0.1:1\"", "127.0.0.1", "127.0.0.1" },
		{ "127.0.0.1", "\"127.0.0.2:1\"", "127.0.0.2", "127.0.0.2" },
		{ "127.0.0.1", "\"127.0.0.2:1\"", "s", "127.0.0.2" },
		/* the device's host and network */
		{ "192.0.2.1", "\"127.0.0.1:1\"", "127.0.0.1", NULL },
		{ "8.8.8.8", "\"10.0.0.1:1\"", "10.0.0.1", NULL },
		{ "8.8.8.8", "\"[::ffff:127.0.0.1]:1\"", "127.0.0.1", NULL },
		{ "10.0.0.1", "\"127.0.0.1:1\"", "127.0.0.1", NULL },
		{ "127.0.0.1", "\"169.254.0.1:1\"", "169.254.0.1", NULL },
		/* a relay that is not at the switch */
		{ "127.0.0.1", "\"127.0.0.1:1\"", "127.0.0.9", NULL },
		{ "127.0.0.1", "\"127.0.0.1:1\"", "8.8.8.8", NULL },
		{ "127.0.0.1", "", "127.0.0.1", NULL },
	};
	char text[512], got[ADDR_TEXT];
	struct reply_early *early;
	struct addr home;
	bool followed;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "{\"iceServers\": [{\"urls\": "
		    "[\"turn:%s:5\"]}], \"addresses\": [%s]}",
		    cases[i].relay, cases[i].addresses);
		early = parse("call", text);
		ck_assert_msg(early != NULL, "%s", text);
		ck_assert_int_eq(addr_parse(&home, cases[i].home, 31337), 0);
		followed = reply_early_place(early, &home);
		ck_assert_msg(followed == (cases[i].at != NULL), "%s from %s",
		    text, cases[i].home);
		if (followed)
			ck_assert_str_eq(addr_format_ip(
			    &early->reply.servers[0].addr, got), cases[i].at);
		reply_early_free(early);
	}
}
END_TEST

START_TEST(knows_the_offer)
{
	struct reply_early *early = parse("call", "{" OFFER "," SERVERS "}");

	ck_assert(reply_early_is_offer(early, "v=0\r\ns=-\r\n"));
	ck_assert(reply_early_is_offer(early, "v=0\ns=-\n"));
	ck_assert(!reply_early_is_offer(early, "v=0\r\ns=-\r\na\r\n"));
	ck_assert(!reply_early_is_offer(early, "v=0\r\ns=-"));
	ck_assert(!reply_early_is_offer(early, "v=1\r\ns=-\r\n"));
	ck_assert(!reply_early_is_offer(early, "v=0\r\r\ns=-\r\n"));
	ck_assert(!reply_early_is_offer(early, ""));
	reply_early_free(early);
	early = parse("call", "{" SERVERS "}");
	ck_assert(!reply_early_is_offer(early, ""));
	reply_early_free(early);
}
END_TEST

UNIT_SUITE(reply_early, reads_all, skips_what_is_malformed,
    bounds_the_addresses, stays_outside, knows_the_offer)
