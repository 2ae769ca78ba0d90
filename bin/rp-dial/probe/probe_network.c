/*
 * probe_network: what network is this? Used by probe beside the race. See
 * probe_network.h.
 */
#include "probe/probe_network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/tool.h"
#include "net/dnschannel.h"
#include "net/netwatch.h"
#include "net/resolve.h"
#include "wire/addr.h"
#include "wire/nat64.h"

/* Both questions are answered by the nearest name server, or they do not help. */
#define ASK_MS 2000

/*
 * 2026-01-01. This version was made later, so a clock that shows less is off.
 * Devices without a battery begin in 1970 or with the date of their firmware.
 */
#define CLOCK_LEAST 1767225600

/* No such name exists (RFC 6761 section 6.4); a portal answers all the same. */
#define NO_NAME "rp-probe.invalid"

/* Only DNS64 has IPv6 addresses for it (RFC 7050 section 3). */
#define V4_ONLY_NAME "ipv4only.arpa"

/* More than resolv.conf names as a rule; c-ares may know more. */
#define SERVERS 16

enum question { DNS64, PORTAL, QUESTIONS };
enum family { V4, V6, FAMILIES };

static const char *const names[QUESTIONS] = { V4_ONLY_NAME, NO_NAME };
/*
 * Any global address shows the default route. These are for documentation, and
 * nothing is sent to them.
 */
static const char *const far[FAMILIES] = { "192.0.2.1", "2001:db8::1" };

struct probe_network {
	void (*done)(void *arg);
	void *arg;
	struct resolve *asked[QUESTIONS];
	unsigned left;			/* questions without a last answer */
	char servers[SERVERS][ADDR_TEXT];
	size_t n_servers;
	char from[FAMILIES][ADDR_TEXT];	/* "": no route */
	char dns64[NAT64_TEXT];		/* the prefix; "": none */
	bool portal;
	int64_t clock_s;
};

static void
take_answer(struct probe_network *network, enum question question,
    const struct resolve_answer *found)
{
	size_t i;

	if (!found->more)
		network->left--;
	if (found->err == 0 && question == PORTAL && found->n > 0)
		network->portal = true;
	for (i = 0; found->err == 0 && question == DNS64 && i < found->n; i++)
		if (network->dns64[0] == '\0')
			(void)nat64_prefix(&found->addrs[i], network->dns64);
	if (network->left == 0)
		network->done(network->arg);
}

static void
on_dns64(const struct resolve_answer *found, void *arg)
{
	take_answer(arg, DNS64, found);
}

static void
on_portal(const struct resolve_answer *found, void *arg)
{
	take_answer(arg, PORTAL, found);
}

static int
ask_names(struct probe_network *network, const struct dial_context *context)
{
	static resolve_handler *const handlers[QUESTIONS] = {
		on_dns64, on_portal
	};
	struct resolve_options options = *context->resolve;
	struct addr literal;
	int i, err;

	/* Nobody is asked about this network where no name is looked up. */
	if (addr_parse(&literal, context->switch_name, 0) == 0 ||
	    strcmp(context->switch_name, "localhost") == 0)
		return 0;

	options.timeout_ms = ASK_MS;
	options.cache_file = NULL;
	options.allow_loopback = true;	/* a portal may name anything */
	for (i = 0; i < QUESTIONS; i++) {
		err = resolve_start(&network->asked[i], context->loop,
		    names[i], 1, &options, handlers[i], network);
		if (err < 0)
			return err;
		network->left++;
	}
	return 0;
}

static void
look_at_host(struct probe_network *network, const struct dial_context *context)
{
	struct addr to, from;
	int i;

	network->n_servers = dnschannel_servers(context->resolve->servers,
	    network->servers, SERVERS);
	network->clock_s = (int64_t)time(NULL);
	for (i = 0; i < FAMILIES; i++)
		if (addr_parse(&to, far[i], 9) == 0 &&
		    netwatch_source(&from, &to) == 0)
			addr_format_ip(&from, network->from[i]);
}

int
probe_network_new(struct probe_network **out,
    const struct dial_context *context, void (*done)(void *arg), void *arg)
{
	struct probe_network *network = calloc(1, sizeof(*network));
	int err;

	if (network == NULL)
		return -ENOMEM;
	network->done = done;
	network->arg = arg;
	look_at_host(network, context);
	err = ask_names(network, context);
	if (err < 0) {
		probe_network_free(network);
		return err;
	}
	*out = network;
	return 0;
}

bool
probe_network_done(const struct probe_network *network)
{
	return network->left == 0;
}

static json_t *
text_or_null(const char *text)
{
	return *text != '\0' ? json_string(text) : json_null();
}

json_t *
probe_network_json(const struct probe_network *network)
{
	json_t *servers = json_array();
	size_t i;

	for (i = 0; i < network->n_servers; i++)
		json_array_append_new(servers,
		    json_string(network->servers[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:I, s:b}",
	    "name_servers", servers,
	    "ipv4", text_or_null(network->from[V4]),
	    "ipv6", text_or_null(network->from[V6]),
	    "dns64", text_or_null(network->dns64),
	    "portal", network->portal,
	    "clock", (json_int_t)network->clock_s,
	    "clock_off", network->clock_s < CLOCK_LEAST);
}

void
probe_network_print(const struct probe_network *network, FILE *out)
{
	size_t i;

	fprintf(out, "network: IPv4 %s%s, IPv6 %s%s%s%s, name servers",
	    *network->from[V4] != '\0' ? "from " : "has no route",
	    network->from[V4],
	    *network->from[V6] != '\0' ? "from " : "has no route",
	    network->from[V6],
	    *network->dns64 != '\0' ? ", DNS64 with " : "", network->dns64);
	for (i = 0; i < network->n_servers; i++)
		fprintf(out, " %s", network->servers[i]);
	fprintf(out, "%s%s\n", network->n_servers == 0 ? " none" : "",
	    network->portal ? ", a portal" : "");
}

static void
warn_of_clock(const struct probe_network *network)
{
	time_t now = (time_t)network->clock_s;
	char text[32] = "?";
	struct tm tm;

	if (network->clock_s >= CLOCK_LEAST)
		return;
	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	tool_warn("network", "the clock of this host says %s, which is before "
	    "this version was made: set the clock", text);
}

void
probe_network_warn(const struct probe_network *network)
{
	if (*network->from[V4] == '\0' && *network->from[V6] == '\0')
		tool_warn("network", "no route to anywhere, by IPv4 or IPv6: "
		    "is this host connected?");
	if (network->n_servers == 0)
		tool_warn("network", "no name server: is there a line "
		    "\"nameserver\" in /etc/resolv.conf?");
	if (network->portal)
		tool_warn("network", "its name servers answer for names that "
		    "do not exist, as a portal does: log in with a browser");
	warn_of_clock(network);
}

void
probe_network_free(struct probe_network *network)
{
	int i;

	if (network == NULL)
		return;
	for (i = 0; i < QUESTIONS; i++)
		resolve_free(network->asked[i]);
	free(network);
}
