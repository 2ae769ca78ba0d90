/*
 * dnschannel: a c-ares channel on a libevent loop, configured for the other
 * modules: the system's servers, link-local ones among them, TCP when an answer
 * is truncated, no EDNS, and the hosts file apart.
 */
#ifndef RP_NET_DNSCHANNEL_H
#define RP_NET_DNSCHANNEL_H

#include <ares.h>

#include "wire/addr.h"

struct dnschannel;
struct event_base;

/*
 * Make a channel. `servers` is as in resolve_options; NULL means the system's.
 *
 *   -EINVAL  invalid `servers`
 *   -ENOMEM
 */
int dnschannel_new(struct dnschannel **out, struct event_base *loop,
    const char *servers);

/*
 * Write the name servers that a channel with `servers` would ask, as text, at
 * most `max` of them. Return how many there are.
 */
size_t dnschannel_servers(const char *servers, char out[][ADDR_TEXT],
    size_t max);

/*
 * Query the addresses of a name in one family, AF_INET or AF_INET6. A name
 * with fewer dots than ndots of resolv.conf(5), by default one, may be of a
 * local domain; if it has a dot it is looked up as it is first. `answered` may
 * be called before this returns, and owns what it gets.
 */
void dnschannel_ask(struct dnschannel *c, const char *name, int family,
    ares_addrinfo_callback answered, void *arg);

/*
 * Look a name up in the hosts file: both families, and each of its lines.
 * `answered` is called before this returns, if at all.
 */
void dnschannel_hosts(const char *name, ares_addrinfo_callback answered,
    void *arg);

/* Say in one line what a status of the channel means. */
const char *dnschannel_why(const struct dnschannel *c, int status);

/*
 * Free the channel. Pending queries end with ARES_EDESTRUCTION. It must not be
 * called from within an answer. NULL is fine.
 */
void dnschannel_free(struct dnschannel *c);

#endif
