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

/* Parse the URLs and place them; write "udp 127.0.0.1:1, ..." of all tries. */
static void
place(const char *urls, const char *reached_at, char out[static 1024])
{
	static const char *const vias[] = {
		[TURN_CLIENT_UDP] = "udp", [TURN_CLIENT_TCP] = "tcp",
		[TURN_CLIENT_TLS] = "tls"
	};
	char json[1024], why[WHY_TEXT], text[ADDR_TEXT];
	struct addr reached;
	struct reply reply;
	size_t i;

	snprintf(json, sizeof(json), "{\"iceServers\": [{\"urls\": [%s]}]}",
	    urls);
	ck_assert_int_eq(addr_parse(&reached, reached_at, 443), 0);
	ck_assert_int_eq(reply_parse(&reply, json, strlen(json), why), 0);
	reply_reach(&reply, &reached);
	*out = '\0';
	for (i = 0; i < reply.n_tries; i++)
		sprintf(out + strlen(out), "%s%s %s", i == 0 ? "" :
		    i == reply.n_servers ? "; " : ", ",
		    vias[reply.servers[i].via],
		    addr_format(&reply.servers[i].addr, text));
	reply_clear(&reply);
}

START_TEST(places)
{
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
		    "udp [::1]:1, tls [::1]:3, tls [::1]:4" },
		{ "\"turn:[fe80::1]:1\", \"turn:s:2?transport=tcp\"",
		    "127.0.0.1", "udp 127.0.0.1:1, tcp 127.0.0.1:2" },
		/* with a route, but translated */
		{ "\"turn:127.0.0.2:1\", \"turns:s:3\"", "64:ff9b::7f00:2",
		    "udp [64:ff9b::7f00:2]:1, tls [64:ff9b::7f00:2]:3" },
		{ "\"turn:127.0.0.2:1\"", "2001:db8::7f00:2",
		    "udp [2001:db8::7f00:2]:1" },
		/* of the two families only one has a route: they are one */
		{ "\"turn:[fe80::1]:1\", \"turn:127.0.0.1:1\"",
		    "127.0.0.1", "udp 127.0.0.1:1" },
		{ "\"turn:[fe80::1]:1\", \"turn:127.0.0.1:2\"",
		    "127.0.0.1", "udp 127.0.0.1:1, udp 127.0.0.1:2" },
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
		/* of the same family, without a route: wrong */
		{ "\"turn:255.255.255.255:1\"", "127.0.0.1",
		    "udp 255.255.255.255:1; udp 127.0.0.1:1" },
	};
	char got[1024];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		place(cases[i].urls, cases[i].reached, got);
		ck_assert_str_eq(got, cases[i].servers);
	}
}
END_TEST

START_TEST(bounds_the_tries)
{
	char got[1024];

	place("\"turn:127.0.0.3:1\", \"turns:s:3\", \"turns:s:4\", "
	    "\"turns:s:5\", \"turns:s:6\"", "127.0.0.1", got);
	ck_assert_str_eq(got, "udp 127.0.0.3:1, tls 127.0.0.1:3, "
	    "tls 127.0.0.1:4, tls 127.0.0.1:5; udp 127.0.0.1:1, tls 127.0.0.3:3, "
	    "tls 127.0.0.3:4, tls 127.0.0.3:5");
}
END_TEST

UNIT_SUITE(reply_reach, places, bounds_the_tries)
