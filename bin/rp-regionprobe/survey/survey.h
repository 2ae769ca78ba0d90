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
	SURVEY_NOWHERE		/* an authority, for an unused network */
};

struct survey_asked {
	enum survey_kind kind;
	struct addr server;
	char server_name[ASK_NAME];	/* or "" */
	struct prefix subnet;		/* not for resolvers and authorities */
	int err;			/* then `why` is set */
	char why[WHY_TEXT];
	struct set addrs;		/* of all rounds */
	size_t fewest, most;		/* in one round */
	unsigned rounds;		/* queries sent */
	bool varies;			/* rounds differed */
	char told[REGIONS_NAME];	/* the region, by the TXT record */
	bool no_such_name;
	char alias_of[ASK_NAME];	/* the end of its CNAMEs, or "" */
	uint32_t ttl_s[2];		/* of A and of AAAA; 0: none */
	bool scoped;			/* the subnet came back with */
	unsigned scope;			/* this many bits */
	char seen_as[ASK_TEXT];		/* the resolver's address, or "" */
	/* Set by match: */
	struct region *region;		/* NULL: none, or one of several */
	const char *named_by;		/* "file", "TXT", "addresses" */
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
	struct survey_asked *item;
	size_t n;
};

/*
 * Run the survey. Return 0 or -ENOMEM. Missing answers are recorded in the
 * items.
 */
int survey_run(struct survey *survey, const struct region_options *options);

/* Return the first item of that kind that was answered, or NULL. */
struct survey_asked *survey_first(const struct survey *survey,
    enum survey_kind kind);

/*
 * Write the server and the subnet of an item: "resolver 192.0.2.53",
 * "ns1.example.org for 192.0.2.0/24" and so on.
 */
#define SURVEY_WHO (ASK_NAME + 2 * ADDR_TEXT)
const char *survey_who(const struct survey_asked *asked,
    char text[static SURVEY_WHO]);

void survey_clear(struct survey *survey);

#endif
