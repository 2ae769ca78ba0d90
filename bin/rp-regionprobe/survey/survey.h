/*
 * survey: query the GSLB name at every useful server: the system's resolvers
 * and the zone's authoritative servers. The latter are asked for themselves,
 * and for the networks of the switch, of users, and of nobody.
 */
#ifndef RP_REGIONPROBE_SURVEY_H
#define RP_REGIONPROBE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/region_options.h"
#include "conf/regions.h"
#include "conf/set.h"
#include "survey/ask.h"
#include "wire/why.h"

enum survey_kind {
	SURVEY_RESOLVER,	/* as a caller on this host would ask */
	SURVEY_AUTHORITY,
	SURVEY_SUBNET,		/* an authority, for the switch's network */
	SURVEY_FOR,		/* an authority, for a network of users */
	SURVEY_REGION,		/* an authority, for a network in the file */
	SURVEY_NOWHERE		/* an authority, for an unused network */
};

enum survey_named {			/* how an answer's region was found */
	SURVEY_BY_ADDRESSES,		/* exactly these */
	SURVEY_BY_TXT,
	SURVEY_BY_MOST,			/* of its addresses */
	SURVEY_BY_NETS			/* for a network that the file has */
};

struct survey_asked {
	enum survey_kind kind;
	struct addr server;
	char server_name[ASK_NAME];	/* or "" */
	struct prefix subnet;		/* not for resolvers and authorities */
	/* the region in the file that it is asked for, or NULL */
	struct region *of_net;
	int err;			/* then `why` is set */
	char why[WHY_TEXT];
	struct set addrs;		/* of all rounds */
	size_t fewest, most;		/* in one round */
	unsigned rounds;		/* queries sent */
	bool varies;			/* rounds differed */
	char told[REGIONS_NAME];	/* the region, by the TXT record */
	/* TXT records that tell no region, or two; or "" */
	char told_bad[ASK_TEXT], told_other[ASK_TEXT];
	bool no_such_name;
	char alias_of[ASK_NAME];	/* the end of its CNAMEs, or "" */
	uint32_t ttl_s[2];		/* of A and of AAAA, */
	bool ttl_known[2];		/* if there are any */
	bool scoped;			/* the subnet came back with */
	unsigned scope;			/* this many bits */
	bool no_edns;			/* no subnet can be asked for */
	bool cached;			/* a server that has not the zone */
	size_t translated;		/* addresses removed: DNS64 made them */
	char seen_as[ASK_TEXT];		/* the resolver's address, or "" */
	/* Set by match: */
	struct region *region;		/* NULL: none, or one of several */
	enum survey_named named_by;
	bool counts;			/* see match.h */
	struct region *either, *or_either;	/* same set */
};

struct survey {
	char zone[ASK_NAME];		/* of `owner`; "" if it was not found */
	/* the zone of an alias outside the GSLB name's, or "" */
	char beyond[ASK_NAME];
	/*
	 * of the addresses: the GSLB name, or its alias's target for all
	 * clients
	 */
	char owner[ASK_NAME];
	struct addr subject;		/* the address in question */
	bool subject_known;
	size_t n_servers;	/* addresses of the zone's servers */
	size_t n_without_route[2];	/* of these, IPv4 and IPv6 */
	struct survey_asked *item;
	size_t n;
};

/*
 * Run the survey. Servers of a kind are asked side by side. Return 0 or
 * -ENOMEM. Missing answers are recorded in the items.
 */
int survey_run(struct survey *survey, const struct region_options *options,
    const struct regions *regions);

/* Add an item to be asked. Return NULL if out of memory. Others move. */
struct survey_asked *survey_new_asked(struct survey *survey,
    enum survey_kind kind, const struct addr *server, const char *server_name);

/* Return the first item of that kind that was answered, or NULL. */
struct survey_asked *survey_first(const struct survey *survey,
    enum survey_kind kind);

/*
 * Write the server and the subnet of an item: "resolver 192.0.2.53",
 * "ns1.example.org for 192.0.2.0/24" and so on.
 */
#define SURVEY_WHO (ASK_NAME + 3 * ADDR_TEXT)
const char *survey_who(const struct survey_asked *asked,
    char text[static SURVEY_WHO]);

/* Write the same with the server's address behind its name. */
const char *survey_who_where(const struct survey_asked *asked,
    char text[static SURVEY_WHO]);

/* Return whether it was asked on behalf of a network. */
bool survey_on_behalf(const struct survey_asked *asked);

/*
 * Return whether it is an answer with addresses from a server that holds the
 * zone.
 */
bool survey_is_authority(const struct survey_asked *asked);

/* Return whether any item is that. */
bool survey_any_authority(const struct survey *survey);

/*
 * Return whether the server takes client subnets into account, by any of its
 * answers.
 */
bool survey_knows_subnets(const struct survey *survey,
    const struct addr *server);

void survey_clear(struct survey *survey);

#endif
