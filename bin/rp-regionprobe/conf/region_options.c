/*
 * region_options: the command line of rp-regionprobe as a table. See
 * region_options.h.
 */
#include "conf/region_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"

#define CALL_PORT 31337
#define DNS_PORT 53
#define ROUNDS 4
#define ROUNDS_MAX 20
#define NAME_MAX_BYTES 200
/* Google's name that answers with the public address of the resolver. */
#define WHOAMI "o-o.myaddr.l.google.com"

static const char usage[] =
    "usage: rp-regionprobe NAME [--regions FILE] [--add ADDR | --remove ADDR]\n"
    "           [--for PREFIX,...] [--format FORMAT]\n"
    "Find the region of the GSLB name NAME to which a switch belongs.\n"
    "  --regions FILE    the regions that are known, see the man page\n"
    "  --add ADDR        for this address, not this host's; print the change\n"
    "  --remove ADDR     print the change that removes this address\n"
    "  --for PREFIX,...  also ask on behalf of clients in these networks\n"
    "  --format FORMAT   text, json, or a change: route53, google, octodns,\n"
    "                    knot, knot-geodb, pdns, gdnsd, nsupdate\n"
    "  --zone FILE       what the name server has now: change only the region\n"
    "  --diff            print the difference from that file\n"
    "  --output FILE     write FILE, whole or not at all\n"
    "  --region NAME,... these regions, whatever DNS says\n"
    "  --own-name NAME   the switch's own name, for its certificate\n"
    "  --port PORT       the call port (31337)\n"
    "  --ca FILE         trust these authorities, not the system's\n"
    "  --resolver ADDR[:PORT],...  ask these, not the system's resolvers\n"
    "  --server ADDR[:PORT],...    the zone's servers, instead of its NS\n"
    "  --whoami NAME     a name that answers with the resolver's address\n"
    "                    (" WHOAMI "), or \"none\"\n"
    "  --rounds N        ask each question N times (4)\n"
    "  --no-connect      do not connect to the switches\n"
    "  -h, --help, --version\n";

enum {
	REGIONS = 256, ADD, REMOVE, FOR, FORMAT, REGION, OWN_NAME, PORT, CA,
	RESOLVER, SERVER, WHO, ROUND, NO_CONNECT, ZONE, DIFF, OUTPUT,
	HELP, VERSION
};

static const struct option longs[] = {
	{ "regions", required_argument, NULL, REGIONS },
	{ "add", required_argument, NULL, ADD },
	{ "remove", required_argument, NULL, REMOVE },
	{ "for", required_argument, NULL, FOR },
	{ "format", required_argument, NULL, FORMAT },
	{ "region", required_argument, NULL, REGION },
	{ "own-name", required_argument, NULL, OWN_NAME },
	{ "port", required_argument, NULL, PORT },
	{ "ca", required_argument, NULL, CA },
	{ "resolver", required_argument, NULL, RESOLVER },
	{ "server", required_argument, NULL, SERVER },
	{ "whoami", required_argument, NULL, WHO },
	{ "rounds", required_argument, NULL, ROUND },
	{ "no-connect", no_argument, NULL, NO_CONNECT },
	{ "zone", required_argument, NULL, ZONE },
	{ "diff", no_argument, NULL, DIFF },
	{ "output", required_argument, NULL, OUTPUT },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 }
};

static unsigned
take_number(const char *option, const char *text, unsigned max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < 1 ||
	    value > max)
		tool_fail(1, option, "%s: wants 1 to %u", text, max);
	return (unsigned)value;
}

static void
take_address(struct region_options *o, const char *option, const char *text)
{
	if (o->add || o->remove)
		tool_fail(1, option, "one --add or --remove at a time");
	if (addr_parse(&o->addr, text, 0) < 0 || addr_port(&o->addr) != 0)
		tool_fail(1, option, "%s: not an IP address", text);
}

static size_t
take_servers(struct addr out[], const char *option, char *text)
{
	char *word, *save;
	size_t n = 0;

	for (word = strtok_r(text, ",", &save); word != NULL;
	    word = strtok_r(NULL, ",", &save)) {
		if (n == OPTIONS_SERVERS)
			tool_fail(1, option, "at most %d", OPTIONS_SERVERS);
		if (addr_parse(&out[n++], word, DNS_PORT) < 0)
			tool_fail(1, option, "%s: not ADDR[:PORT]", word);
	}
	return n;
}

static void
take_subnets(struct region_options *o, char *text)
{
	char *word, *save;

	for (word = strtok_r(text, ",", &save); word != NULL;
	    word = strtok_r(NULL, ",", &save)) {
		if (o->n_subnets == OPTIONS_FOR)
			tool_fail(1, "--for", "at most %d", OPTIONS_FOR);
		if (prefix_parse(&o->subnets[o->n_subnets++], word) < 0)
			tool_fail(1, "--for", "%s: not ADDRESS/BITS", word);
	}
}

static void
take_regions(struct region_options *o, char *text)
{
	char *word, *save;

	for (word = strtok_r(text, ",", &save); word != NULL;
	    word = strtok_r(NULL, ",", &save)) {
		if (o->n_regions == OPTIONS_REGIONS)
			tool_fail(1, "--region", "at most %d",
			    OPTIONS_REGIONS);
		o->regions[o->n_regions++] = word;
	}
}

static void
take_option(struct region_options *o, int option, char *value)
{
	switch (option) {
	case REGIONS:
		o->regions_file = value;
		break;
	case ADD:
		take_address(o, "--add", value);
		o->add = true;
		break;
	case REMOVE:
		take_address(o, "--remove", value);
		o->remove = true;
		break;
	case FOR:
		take_subnets(o, value);
		break;
	case FORMAT:
		o->format = value;
		break;
	case REGION:
		take_regions(o, value);
		break;
	case OWN_NAME:
		o->own_name = value;
		break;
	case PORT:
		o->port = (uint16_t)take_number("--port", value, 65535);
		break;
	case CA:
		o->ca_file = value;
		break;
	case RESOLVER:
		o->n_resolvers = take_servers(o->resolvers, "--resolver",
		    value);
		break;
	case SERVER:
		o->n_servers = take_servers(o->servers, "--server", value);
		break;
	case WHO:
		o->whoami = strcmp(value, "none") != 0 ? value : NULL;
		break;
	case ROUND:
		o->rounds = take_number("--rounds", value, ROUNDS_MAX);
		break;
	case NO_CONNECT:
		o->connect = false;
		break;
	case ZONE:
		o->zone_file = value;
		break;
	case DIFF:
		o->diff = true;
		break;
	case OUTPUT:
		o->output = value;
		break;
	case HELP:
	case 'h':
		fputs(usage, stdout);
		tool_exit_said(1);
	case VERSION:
		tool_version();
		tool_exit_said(1);
	default:
		fputs(usage, stderr);
		exit(1);
	}
}

/* Take a name without its last dot, as certificates and most files hold it. */
static void
take_name(struct region_options *o, char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
	o->name = name;
}

void
region_options_read(struct region_options *out, int argc, char *argv[])
{
	int option;

	memset(out, 0, sizeof(*out));
	out->format = "text";
	out->port = CALL_PORT;
	out->rounds = ROUNDS;
	out->whoami = WHOAMI;
	out->connect = true;
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		take_option(out, option, optarg);
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		exit(1);
	}
	take_name(out, argv[optind]);
	if (*out->name == '\0' || strlen(out->name) > NAME_MAX_BYTES)
		tool_fail(1, "NAME", "not a name");
	if (out->n_regions > 0 && !out->add && !out->remove)
		tool_fail(1, "--region", "wants --add or --remove");
	if (out->diff && out->zone_file == NULL)
		tool_fail(1, "--diff", "wants --zone");
}
