/*
 * resolve_private: the state of a look-up, for resolve.c (what is reported, and
 * when), resolve_ask.c (queries) and resolve_memory.c (the last good answer).
 */
#ifndef RP_NET_RESOLVE_PRIVATE_H
#define RP_NET_RESOLVE_PRIVATE_H

#include <errno.h>

#include "net/lastgood.h"
#include "net/resolve.h"

struct dnschannel;
struct event;

enum { RESOLVE_V6, RESOLVE_V4, RESOLVE_FAMILIES };

struct answer {
	struct resolve *resolve;
	struct addr *addrs;
	size_t n, told;
	bool known;
	bool refused;		/* an address was dropped */
	int err;
	int status;		/* c-ares's status */
};

/* The last good answer, for a family whose addresses DNS does not tell. */
struct memory {
	struct addr addrs[RESOLVE_FAMILIES][LASTGOOD_ADDRS];
	size_t n[RESOLVE_FAMILIES];
	int64_t at_s;		/* since 1970 */
	bool told;
};

struct resolve {
	struct event_base *loop;
	struct dnschannel *channel;
	struct event *limit;	/* the time limit of the whole look-up */
	struct event *recall;	/* reports the last good answer */
	struct event *grace;	/* how long the second family may take */
	struct event *finish;	/* calls done from the loop */
	struct answer answers[RESOLVE_FAMILIES];
	struct memory memory;
	uint64_t start_ns;
	uint32_t more_ms;	/* after the limit, if something was told */
	char *name;
	const char *cache_file;	/* NULL too if DNS was not asked */
	uint16_t port;
	bool allow_loopback;
	bool told;		/* something was reported */
	bool over;		/* nothing more will be reported */
	resolve_handler *done;
	void *arg;
};

/* Has DNS failed to tell this family's addresses? */
static inline bool
resolve_is_missing(const struct answer *a)
{
	return !a->known || (a->n == 0 && (a->err != -ENOENT || a->refused));
}

/*
 * Consider that a family is known. Called from within c-ares, so nothing is
 * reported yet. In resolve.c.
 */
void resolve_consider(struct resolve *r);

/*
 * Answer from a name that is an address, or from the hosts file. In
 * resolve_ask.c.
 */
void resolve_ask_here(struct resolve *r, const char *name, bool hosts_file);

/* Query DNS for both families. In resolve_ask.c. */
void resolve_ask_dns(struct resolve *r, const char *name);

/*
 * Load the last good answer from the file, if there is one. In
 * resolve_memory.c.
 */
void resolve_memory_load(struct resolve *r);

#endif
