/*
 * probe_relay_show: print the paths that were tried, their faults and hints, as
 * text and as JSON. Called by probe_relay.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "call/conclude.h"
#include "conf/context.h"
#include "probe/probe_relay_private.h"
#include "probe/probe_textfile.h"

#define CLOCK_NOTE_S 10		/* a smaller difference does not matter */

static const char *const vias[] = {
	[TURN_CLIENT_UDP] = "udp",
	[TURN_CLIENT_TCP] = "tcp",
	[TURN_CLIENT_TLS] = "tls"
};

/* Write "tls s1.example.org:443", with the name until that is resolved. */
static const char *
place(const struct probe_relay_way *way, char text[static HOSTPORT_TEXT])
{
	struct hostport at = { .port = way->port };

	if (way->resolved)
		return addr_format(&way->server.addr, text);
	strcpy(at.name, way->server.name);
	return hostport_format(&at, text);
}

static const char *
family_of(const struct probe_relay_way *way)
{
	if (!way->resolved)
		return "none";
	return addr_is_v4(&way->server.addr) ? "ipv4" : "ipv6";
}

/* Write the server as it was named; a switch names a port's address only. */
static void
name_server(const struct probe_relay_way *way, char text[static HOSTPORT_TEXT])
{
	struct hostport at = { .port = way->port };

	if (at.port == 0)
		at.port = addr_port(&way->server.addr);
	strcpy(at.name, way->server.name);
	if (*at.name != '\0')
		hostport_format(&at, text);
	else
		addr_format(&way->server.addr, text);
}

size_t
probe_relay_rows(const struct probe_relay *relay,
    struct probe_row rows[static PROBE_RELAY_WAYS])
{
	size_t i, n = 0;

	for (i = 0; i < relay->n; i++) {
		const struct probe_relay_way *way = &relay->ways[i];

		if (!way->tried)
			continue;
		name_server(way, rows[n].server);
		place(way, rows[n].place);
		rows[n].transport = vias[way->server.via];
		rows[n].family = family_of(way);
		rows[n++].result = &way->result;
	}
	return n;
}

int
probe_relay_publish(const struct probe_relay *relay,
    const struct probe_textfile_run *run, const char *file)
{
	struct probe_row rows[PROBE_RELAY_WAYS];
	size_t n = relay != NULL ? probe_relay_rows(relay, rows) : 0;
	char *text = probe_textfile(run, rows, n);
	int err = text != NULL ? conclude_write(file, text) : -ENOMEM;

	free(text);
	return err;
}

static void
print_skipped(const struct probe_relay_way *way)
{
	char text[HOSTPORT_TEXT];

	printf("  %s %-20s %12s  not tried: this host has no route by %s\n",
	    vias[way->server.via], place(way, text), "",
	    addr_is_v4(&way->server.addr) ? "IPv4" : "IPv6");
}

static void
print_way(const struct probe_relay_way *way, bool with_realm)
{
	const struct probe_way_result *r = &way->result;
	char text[HOSTPORT_TEXT], relayed[ADDR_TEXT];

	printf("%s %s %-20s ", r->fault == PROBE_FAULT_NONE ? "*" : " ",
	    vias[way->server.via], place(way, text));
	if (r->allocate_ms > 0)
		printf("%9.2f ms  ", r->allocate_ms);
	else
		printf("%12s  ", "");
	if (r->fault != PROBE_FAULT_NONE) {
		printf("%s: %s\n", probe_fault_text(r->fault), r->why);
		return;
	}
	printf("works: echo %.2f ms (worst %.2f), %u of %u packets, "
	    "relayed address %s", r->rtt_ms, r->rtt_max_ms, r->received,
	    r->sent, addr_format(&r->relayed, relayed));
	if (with_realm)
		printf(", realm \"%s\"", r->realm);
	putchar('\n');
}

static bool
clocks_differ(const struct probe_relay *relay)
{
	return relay->has_clock && (relay->ahead_s > CLOCK_NOTE_S ||
	    relay->ahead_s < -CLOCK_NOTE_S);
}

void
probe_relay_print(const struct probe_relay *relay)
{
	size_t i;

	for (i = 0; i < relay->n; i++)
		if (relay->ways[i].tried)
			print_way(&relay->ways[i], relay->target != NULL);
		else if (relay->ways[i].skipped)
			print_skipped(&relay->ways[i]);
	if (clocks_differ(relay))
		printf("  the switch's clock is %lld s %s this one\n",
		    llabs((long long)relay->ahead_s),
		    relay->ahead_s > 0 ? "ahead of" : "behind");
}

void
probe_relay_warn(const struct probe_relay *relay)
{
	char text[HOSTPORT_TEXT], what[HOSTPORT_TEXT + 8];
	const struct probe_relay_way *way;
	size_t i;

	for (i = 0; i < relay->n; i++) {
		way = &relay->ways[i];
		if (way->result.fault == PROBE_FAULT_NONE)
			continue;
		snprintf(what, sizeof(what), "%s %s", vias[way->server.via],
		    place(way, text));
		tool_warn(what, "%s: %s: %s",
		    probe_fault_text(way->result.fault), way->result.why,
		    probe_fault_hint(way->result.fault));
		return;
	}
}

/* Round to three decimals, which are microseconds; 0 was not measured. */
static json_t *
ms(double value)
{
	return value > 0 ? json_real(round(value * 1000) / 1000) : json_null();
}

static json_t *
address(const struct addr *addr)
{
	char text[ADDR_TEXT];

	if (!addr_is_v4(addr) && !addr_is_v6(addr))
		return json_null();
	return json_string(addr_format(addr, text));
}

static json_t *
fault_json(const struct probe_way_result *result)
{
	if (result->fault == PROBE_FAULT_NONE)
		return json_null();
	return json_pack("{s:s, s:s, s:s}",
	    "kind", probe_fault_text(result->fault),
	    "why", result->why,
	    "hint", probe_fault_hint(result->fault));
}

static json_t *
way_json(const struct probe_relay_way *way)
{
	const struct probe_way_result *r = &way->result;

	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, "
	    "s:o, s:o, s:i, s:i, s:o, s:o}",
	    "family", family_of(way),
	    "transport", vias[way->server.via],
	    "name", *way->server.name != '\0' ?
	    json_string(way->server.name) : json_null(),
	    "address", address(&way->server.addr),
	    "works", r->fault == PROBE_FAULT_NONE,
	    "fault", fault_json(r),
	    "realm", *r->realm != '\0' ? json_string(r->realm) : json_null(),
	    "relayed", address(&r->relayed),
	    "mapped", address(&r->mapped),
	    "allocate_ms", ms(r->allocate_ms),
	    "permission_ms", ms(r->permission_ms),
	    "channel_ms", ms(r->channel_ms),
	    "packets_sent", (int)r->sent,
	    "packets_received", (int)r->received,
	    "rtt_ms", ms(r->rtt_ms),
	    "rtt_max_ms", ms(r->rtt_max_ms));
}

json_t *
probe_relay_json(const struct probe_relay *relay)
{
	json_t *ways = json_array();
	size_t i;

	for (i = 0; i < relay->n; i++)
		if (relay->ways[i].tried)
			json_array_append_new(ways,
			    way_json(&relay->ways[i]));
	return json_pack("{s:o, s:o}", "ways", ways, "clock_ahead_s",
	    relay->has_clock ? json_integer(relay->ahead_s) : json_null());
}
