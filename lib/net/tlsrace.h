/*
 * tlsrace: a TLS stream to the nearest of many addresses that is really a
 * switch (DESIGN, "Multi-connect"). TCP decides the race; while the winner's
 * ServerHello is late the others race beside it, and the first ServerHello wins.
 * Where something on the way completes TCP for everybody, the ServerHello decides
 * from the beginning.
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

enum tlsrace_by {
	TLSRACE_AUTO,	/* TCP; the ServerHello once a winner smelt of a proxy */
	TLSRACE_TCP,	/* TCP; the ServerHello only once a winner was late */
	TLSRACE_TLS
};

/* "auto", "tcp" or "tls". -EINVAL if it is none of them. */
int tlsrace_by_parse(enum tlsrace_by *out, const char *text);

struct tlsrace_options {
	struct tls_config *config;	/* must outlive the race */
	struct tls_options stream;	/* strings must stay valid */
	uint32_t deadline_ms;		/* for all races; 0: 10,000 */
	enum tlsrace_by by;
	bool smelt;			/* of a proxy, when last we raced */
	/*
	 * Sessions to resume; NULL: none. What stream sends early goes to a
	 * winner by TCP alone: where the ServerHello decides, also beside a
	 * winner that is late, losers would take it as well.
	 */
	const struct tickets *tickets;
	bool more;			/* as in tlsrace_add */
	const char *missing;		/* likewise; copied */
};

/*
 * err 0: the stream's ServerHello has come, and it is the caller's now, who
 * hands it over (tls_hand_over) to handlers of its own before this returns; entry
 * is its address. Else nobody is left: as multiconnect_handler, or what the
 * last strike said, and why is one line. Once for each race, never before the
 * call that began it returns.
 */
typedef void tlsrace_handler(int err, const char *why, struct tls *stream,
    size_t entry, void *arg);

int tlsrace_start(struct tlsrace **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct tlsrace_options *options,
    tlsrace_handler *done, void *arg);

/*
 * Further addresses, as in multiconnect_add. missing (copied; NULL: nothing):
 * why there are not more, which is said too if nobody is left.
 */
int tlsrace_add(struct tlsrace *race, const struct addr addrs[], size_t n,
    bool more, const char *missing);

/* Would anybody race if the winner were struck now? */
bool tlsrace_has_others(const struct tlsrace *race);

/*
 * The winner proved no working switch: race on without it. text is for people,
 * why a literal for its entry. The caller frees its stream first.
 */
void tlsrace_strike(struct tlsrace *race, size_t entry, int err,
    const char *why, const char *text);

const struct multiconnect_entry *tlsrace_entries(const struct tlsrace *race,
    size_t *n);
uint32_t tlsrace_left_ms(const struct tlsrace *race);

/* When TCP of the last winner stood, in ns of the monotonic clock. */
uint64_t tlsrace_connected_ns(const struct tlsrace *race);

/*
 * Did the last winner's ServerHello take a multiple of its connect? Worth
 * remembering for the next race of this host.
 */
bool tlsrace_smells(const struct tlsrace *race);

/* Cancels what runs; no handler follows. NULL is fine. */
void tlsrace_free(struct tlsrace *race);

#endif
