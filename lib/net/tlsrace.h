/*
 * tlsrace: a TLS stream to the nearest of many addresses that is really a
 * switch (DESIGN, "Multi-connect"). TCP decides the race. If the winner's
 * ServerHello is late, the others race beside it and the first ServerHello
 * wins. On a path where a proxy completes every TCP connect, the ServerHello
 * decides from the beginning. A race by ServerHello asks the nearest first, and
 * the others in turns of a connect time each.
 */
#ifndef RP_NET_TLSRACE_H
#define RP_NET_TLSRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/multiconnect.h"
#include "net/tls.h"

struct event_base;
struct tickets;
struct tlsrace;

#define TLSRACE_PROXY_RACES 2	/* a busy switch may spoil one */

enum tlsrace_by {
	TLSRACE_AUTO,	/* TCP; ServerHello once a proxy is suspected */
	TLSRACE_TCP,	/* TCP; ServerHello only if a winner is late */
	TLSRACE_TLS
};

/* Parse "auto", "tcp" or "tls". Return -EINVAL for anything else. */
int tlsrace_by_parse(enum tlsrace_by *out, const char *text);

struct tlsrace_options {
	struct tls_config *config;	/* must outlive the race */
	struct tls_options stream;	/* strings must stay valid */
	uint32_t deadline_ms;		/* for all races; 0: 10,000 */
	enum tlsrace_by by;
	/*
	 * From tlsrace_proxy_races of the last race. With TLSRACE_PROXY_RACES
	 * or more a proxy is suspected.
	 */
	unsigned proxy_races;
	/*
	 * Sessions to resume, or NULL. The early data of `stream` is sent only
	 * to a winner by TCP alone. If the ServerHello decides, or beside a
	 * late winner, losers would receive it too.
	 */
	const struct tickets *tickets;
	bool more;			/* as in tlsrace_add */
	const char *missing;		/* likewise; copied */
};

/*
 * The end of a race. With `err` 0 the ServerHello has come on `stream`, which
 * is now the caller's; it must set its own handlers with tls_hand_over before
 * it returns. `entry` is the index of its address. Otherwise nobody is left:
 * `err` is as in multiconnect_handler, or that of the last strike, and `why` is
 * one line. Called once per race, never before the call that started it
 * returns.
 */
typedef void tlsrace_handler(int err, const char *why, struct tls *stream,
    size_t entry, void *arg);

int tlsrace_start(struct tlsrace **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct tlsrace_options *options,
    tlsrace_handler *done, void *arg);

/*
 * Add further addresses, as multiconnect_add does. `missing` (copied; may be
 * NULL) says why there are not more. It becomes part of `why` if nobody is
 * left.
 */
int tlsrace_add(struct tlsrace *race, const struct addr addrs[], size_t n,
    bool more, const char *missing);

/*
 * Has this host lost the address of each connection that waits for its
 * ServerHello? There is at least one. `asked` says whether early data may have
 * left by one.
 */
bool tlsrace_is_stranded(const struct tlsrace *race, bool *asked);

/* Would anybody race if the winner were struck now? */
bool tlsrace_has_others(const struct tlsrace *race);

/*
 * Strike the winner, which proved not to be a working switch, and race on
 * without it. `text` is for people, `why` a literal for its entry. The caller
 * frees its stream first.
 */
void tlsrace_strike(struct tlsrace *race, size_t entry, int err,
    const char *why, const char *text);

const struct multiconnect_entry *tlsrace_entries(const struct tlsrace *race,
    size_t *n);
uint32_t tlsrace_left_ms(const struct tlsrace *race);

/*
 * Return when TCP of the last winner was connected, in ns of the monotonic
 * clock.
 */
uint64_t tlsrace_connected_ns(const struct tlsrace *race);

/*
 * Return how many races in a row spoke for a proxy, this one included. The
 * next race of this host should be told. A race does so if its winner's
 * ServerHello took a multiple of the connect time, and other addresses of the
 * same family have the same connect time. These are compared from the
 * ServerHello on, so ask when the winner has answered.
 */
unsigned tlsrace_proxy_races(const struct tlsrace *race);

/* Cancel the race and free it; no handler follows. NULL is fine. */
void tlsrace_free(struct tlsrace *race);

#endif
