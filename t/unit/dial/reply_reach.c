/*
 * Where a switch's relay is, from here. Each machine has a route to loopback,
 * and none has one to a link-local address without a zone, or to the broadcast
 * address.
 */
#include <stdio.h>
#include <string.h>

#include "call/reply_reach.h"
#include "call/reply.h"
#include "unit.h"

/*
 * Parse the URLs and place them, with what DNS knows of the switch; write "udp
 * 127.0.0.1:1, ..." of all tries, and what was refused.
 */
static void
place(const char *urls, const char *reached_at, const char *names[],
    char out[static 1024])
{
	static const char *const vias[] = {
		[TURN_CLIENT_UDP] = "udp", [TURN_CLIENT_TCP] = "tcp",
		[TURN_CLIENT_TLS] = "tls"
	};
	char json[1024], why[WHY_TEXT], text[ADDR_TEXT];
	struct addr reached, known[4];
	struct reply_place where = { &reached, known, 0 };
	struct reply reply;
	size_t i;

	for (; names[where.n_known] != NULL; where.n_known++)
		ck_assert_int_eq(addr_parse(&known[where.n_known],
		    names[where.n_known], 443), 0);
	snprintf(json, sizeof(json), "{\"iceServers\": [{\"urls\": [%s]}]}",
	    urls);
	ck_assert_int_eq(addr_parse(&reached, reached_at, 443), 0);
	ck_assert_int_eq(reply_parse(&reply, json, strlen(json), why), 0);
	reply_reach(&reply, &where);
	*out = '\0';
	for (i = 0; i < reply.n_tries; i++)
		sprintf(out + strlen(out), "%s%s %s", i == 0 ? "" :
		    i == reply.n_servers ? "; " : ", ",
		    vias[reply.servers[i].via],
		    addr_format(&reply.servers[i].addr, text));
	if (reply.has_refused)
		sprintf(out + strlen(out), " not %s",
		    addr_format_ip(&reply.refused, text));
	reply_clear(&reply);
}

START_TEST(places)
{
	static const char *names[] = {
		"127.0.0.3", "255.255.255.255", "fe80::1", NULL
	};
	static const struct {
		const char *urls, *reached, *servers;
	} cases[] = {
		/* all at one address, as a switch is by default */
		{ "\"turn:127.0.0.1:1\", \"turns:s:3\", "
		    "\"turn:s:2?transport=tcp\"", "127.0.0.1",
		    "udp 127.0.0.1:1, tls 127.0.0.1:3, tcp 127.0.0.1:2" },
		/* an address of the other family, without a route */
		{ "\"turn:255.255.255.255:1\", \"turns:s:3\", "
		    "\"turns:255.255.255.255:4\"", "::1",
		    "udp [::1]:1, tls [::1]:3, tls [::1]:4 "
		    "not 255.255.255.255" },
		{ "\"turn:[fe80::1]:1\", \"turn:s:2?transport=tcp\"",
		    "127.0.0.1", "udp 127.0.0.1:1, tcp 127.0.0.1:2 "
		    "not fe80::1" },
		/* with a route, but translated */
		{ "\"turn:127.0.0.2:1\", \"turns:s:3\"", "64:ff9b::7f00:2",
		    "udp [64:ff9b::7f00:2]:1, tls [64:ff9b::7f00:2]:3" },
		{ "\"turn:127.0.0.2:1\"", "2001:db8::7f00:2",
		    "udp [2001:db8::7f00:2]:1" },
		/* of the two families only one has a route: they are one */
		{ "\"turn:[fe80::1]:1\", \"turn:127.0.0.1:1\"",
		    "127.0.0.1", "udp 127.0.0.1:1 not fe80::1" },
		{ "\"turn:[fe80::1]:1\", \"turn:127.0.0.1:2\"",
		    "127.0.0.1", "udp 127.0.0.1:1, udp 127.0.0.1:2 "
		    "not fe80::1" },
		/* names over UDP */
		{ "\"turn:s:1\", \"turns:s:3\"", "127.0.0.9",
		    "udp 127.0.0.9:1, tls 127.0.0.9:3" },
		/* a relay with an address of its own */
		{ "\"turn:127.0.0.3:1\", \"turns:s:3\", "
		    "\"turns:127.0.0.3:4\"", "127.0.0.1",
		    "udp 127.0.0.3:1, tls 127.0.0.1:3, tls 127.0.0.3:4; "
		    "udp 127.0.0.1:1, tls 127.0.0.3:3, tls 127.0.0.1:4" },
		{ "\"turn:127.0.0.3:1\", \"turns:s:3\"", "::1",
		    "udp 127.0.0.3:1, tls [::1]:3; udp [::1]:1, "
		    "tls 127.0.0.3:3" },
		{ "\"turn:127.0.0.3:1\", \"turns:s:3\", "
		    "\"turns:127.0.0.3:3\"", "127.0.0.1",
		    "udp 127.0.0.3:1, tls 127.0.0.1:3, tls 127.0.0.3:3; "
		    "udp 127.0.0.1:1" },
	};
	char got[1024];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		place(cases[i].urls, cases[i].reached, names, got);
		ck_assert_str_eq(got, cases[i].servers);
	}
}
END_TEST

START_TEST(bounds_the_tries)
{
	static const char *names[] = { "127.0.0.3", NULL };
	char got[1024];

	place("\"turn:127.0.0.3:1\", \"turns:s:3\", \"turns:s:4\", "
	    "\"turns:s:5\", \"turns:s:6\"", "127.0.0.1", names, got);
	ck_assert_str_eq(got, "udp 127.0.0.3:1, tls 127.0.0.1:3, "
	    "tls 127.0.0.1:4, tls 127.0.0.1:5; udp 127.0.0.1:1, tls 127.0.0.3:3, "
	    "tls 127.0.0.3:4, tls 127.0.0.3:5");
}
END_TEST

/* A switch cannot have us send to others, whatever its DNS says. */
START_TEST(refuses_others)
{
	static const struct {
		const char *reached, *named, *known, *servers;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.2", "192.0.2.3",
		    "udp 192.0.2.1:9 not 192.0.2.2" },
		{ "192.0.2.1", "169.254.169.254", "169.254.169.254",
		    "udp 192.0.2.1:9 not 169.254.169.254" },
		{ "192.0.2.1", "127.0.0.1", "127.0.0.1",
		    "udp 192.0.2.1:9 not 127.0.0.1" },
		{ "192.0.2.1", "[::1]", "::1", "udp 192.0.2.1:9 not ::1" },
		{ "192.0.2.1", "0.0.0.0", "0.0.0.0",
		    "udp 192.0.2.1:9 not 0.0.0.0" },
		{ "192.0.2.1", "224.0.0.1", "224.0.0.1",
		    "udp 192.0.2.1:9 not 224.0.0.1" },
		{ "8.8.8.8", "10.0.0.5", "10.0.0.5",
		    "udp 8.8.8.8:9 not 10.0.0.5" },
		{ "8.8.8.8", "[fd00::5]", "fd00::5",
		    "udp 8.8.8.8:9 not fd00::5" },
		{ "8.8.8.8", "[::ffff:10.0.0.5]", "::ffff:10.0.0.5",
		    "udp 8.8.8.8:9 not ::ffff:10.0.0.5" },
		{ "2606:4700::1", "10.0.0.5", "8.8.8.8",
		    "udp [2606:4700::1]:9 not 10.0.0.5" },
		{ "2606:4700::1", "8.8.4.4", "8.8.8.8",
		    "udp [2606:4700::1]:9 not 8.8.4.4" },
		/* DNS was late with this family: not sent to, nor reported */
		{ "2606:4700::1", "8.8.4.4", "2606:4700::2",
		    "udp [2606:4700::1]:9" },
		/* where the switch is */
		{ "169.254.1.1", "169.254.1.1", "192.0.2.1",
		    "udp 169.254.1.1:9" },
		{ "10.0.0.1", "10.0.0.5", "10.0.0.5",
		    "udp 10.0.0.5:9; udp 10.0.0.1:9" },
		{ "127.0.0.1", "127.0.0.5", "127.0.0.5",
		    "udp 127.0.0.5:9; udp 127.0.0.1:9" },
		{ "10.0.0.1", "8.8.8.8", "8.8.8.8",
		    "udp 8.8.8.8:9; udp 10.0.0.1:9" },
		{ "127.0.0.1", "127.0.0.7", "192.0.2.1",
		    "udp 127.0.0.1:9 not 127.0.0.7" }
	};
	char urls[128], got[1024];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *names[] = { cases[i].known, NULL };

		snprintf(urls, sizeof(urls), "\"turn:%s:9\"", cases[i].named);
		place(urls, cases[i].reached, names, got);
		ck_assert_str_eq(got, cases[i].servers);
	}
}
END_TEST

/* What the probe tells is a fault. One whose family DNS did not tell is none. */
START_TEST(marks_faults_only)
{
	static const char urls[] = "{\"iceServers\": [{\"urls\": ["
	    "\"turn:192.0.2.1:9\", \"turn:[2606:4700::1]:9\", "
	    "\"turn:192.0.2.7:9\"]}]}";
	struct addr reached;
	const struct reply_place where = { &reached, &reached, 1 };
	char why[WHY_TEXT], text[ADDR_TEXT];
	struct reply reply;

	ck_assert_int_eq(addr_parse(&reached, "192.0.2.1", 443), 0);
	ck_assert_int_eq(reply_parse(&reply, urls, strlen(urls), why), 0);
	reply_reach_mark(&reply, &where);
	ck_assert_uint_eq(reply.n_servers, 2);
	ck_assert(!reply.servers[0].refused);
	ck_assert(reply.servers[1].refused);
	ck_assert_str_eq(addr_format(&reply.servers[1].addr, text),
	    "192.0.2.7:9");
	reply_clear(&reply);
}
END_TEST

UNIT_SUITE(reply_reach, places, bounds_the_tries, refuses_others,
    marks_faults_only)
