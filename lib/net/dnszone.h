/*
 * dnszone: link-local name servers for c-ares. Before 1.24 it has no room for
 * the zone of an address (RFC 4007). The zone then travels within the address,
 * in its unused bytes, and our socket functions take it out again. Later
 * versions know zones, refuse a link-local server without one, and get them by
 * name.
 */
#ifndef RP_NET_DNSZONE_H
#define RP_NET_DNSZONE_H

#include <net/if.h>
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

/* A server as text: an address, '%', and an interface's name. */
#define DNSZONE_TEXT (INET6_ADDRSTRLEN + IF_NAMESIZE)

/*
 * Write a server for ares_set_servers_csv, with its zone in the form that
 * c-ares takes; a `zone` of 0 is none. Return whether it has a zone, so that
 * dnszone_use is needed.
 */
bool dnszone_write(char text[static DNSZONE_TEXT], const struct in6_addr *ip,
    unsigned zone);

/* Let a channel's servers have zones. Call it before the first question. */
void dnszone_use(ares_channel ares);

#endif
