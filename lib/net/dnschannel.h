/*
 * dnschannel: a c-ares channel on a libevent loop, as the other modules want
 * it: EDNS, TCP when an answer is truncated, no hosts file.
 */
#ifndef RP_NET_DNSCHANNEL_H
#define RP_NET_DNSCHANNEL_H

#include <stdbool.h>

#include <ares.h>

struct dnschannel;
struct event_base;

/*
 * servers as in resolve_options, NULL: the system's. search: also look under
 * the system's local domains. -EINVAL: servers can't be understood. -ENOMEM.
 */
int dnschannel_new(struct dnschannel **out, struct event_base *loop,
    const char *servers, bool search);

/* To ask with; it stays the channel's. */
ares_channel dnschannel_ares(const struct dnschannel *c);

/* Call it after every question, so that time-outs are kept. */
void dnschannel_asked(struct dnschannel *c);

/*
 * What is asked is told ARES_EDESTRUCTION. Not within an answer. NULL is fine.
 */
void dnschannel_free(struct dnschannel *c);

#endif
