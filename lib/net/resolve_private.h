/*
 * resolve_private: a look-up from inside, for resolve.c (what is told, and when),
 * resolve_ask.c (what is asked) and resolve_memory.c (the last good answer).
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
	int status;		/* what c-ares said */
};

/* The last good answer, for a family of which DNS does not say what it has. */
struct memory {
	struct addr addrs[RESOLVE_FAMILIES][LASTGOOD_ADDRS];
	size_t n[RESOLVE_FAMILIES];
	int64_t at_s;		/* since 1970 */
	bool told;
};

struct resolve {
	struct event_base *loop;
	struct dnschannel *channel;
	struct event *limit;	/* the whole look-up's */
	struct event *recall;	/* when the last good answer is told */
	struct event *grace;	/* of the second family */
	struct event *finish;	/* tells done from the loop */
	struct answer answers[RESOLVE_FAMILIES];
	struct memory memory;
	uint64_t start_ns;
	char *name;
	const char *cache_file;	/* NULL as well where DNS was not asked */
	uint16_t port;
	bool allow_loopback;
	bool told;		/* something has been */
	bool over;		/* and nothing will be any more */
	resolve_handler *done;
	void *arg;
};

/* Does DNS not say what the family has? */
static inline bool
resolve_is_missing(const struct answer *a)
{
	return !a->known || (a->n == 0 && (a->err != -ENOENT || a->refused));
}

/* resolve.c: a family is known; from within c-ares, so nothing is told yet. */
void resolve_consider(struct resolve *r);

/* resolve_ask.c: an address as the name, or what the hosts file says. */
void resolve_ask_here(struct resolve *r, const char *name, bool hosts_file);

/* resolve_ask.c: both families are asked for. */
void resolve_ask_dns(struct resolve *r, const char *name);

/* resolve_memory.c: what the file has, if there is one. */
void resolve_memory_load(struct resolve *r);

/*
 * resolve_memory.c: keep what was found for the next time, which without the
 * file is only as good as DNS is. The addresses of a family that is missing stay,
 * and then the whole is as old as they are.
 */
void resolve_memory_save(const struct resolve *r);

#endif
