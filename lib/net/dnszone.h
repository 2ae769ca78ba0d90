/*
 * dnszone: link-local name servers for c-ares, which has no room for the zone
 * of an address (RFC 4007). The zone travels within the address, in its unused
 * bytes, and our socket functions take it out again.
 */
#ifndef RP_NET_DNSZONE_H
#define RP_NET_DNSZONE_H

#include <netinet/in.h>
#include <stdbool.h>

#include <ares.h>

/*
 * Put the zone, an interface's number, into a link-local address. Return false
 * if the address is not link-local, and thus needs none.
 */
bool dnszone_embed(struct in6_addr *ip, unsigned zone);

/* Take the zone out of an address; 0: there is none, and it is unchanged. */
unsigned dnszone_extract(struct in6_addr *ip);

/* Let a channel's servers have zones. Call it before the first question. */
void dnszone_use(ares_channel ares);

#endif
