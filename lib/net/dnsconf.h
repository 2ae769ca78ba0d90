/*
 * dnsconf: what c-ares does not take from resolv.conf(5): name servers with a
 * zone (RFC 4007), as router advertisements give them, and what to say of the
 * servers when none of them answers.
 */
#ifndef RP_NET_DNSCONF_H
#define RP_NET_DNSCONF_H

#include <stdbool.h>
#include <stddef.h>

#define DNSCONF_FILE "/etc/resolv.conf"
#define DNSCONF_TEXT 512	/* servers beyond it are left out */

struct dnsconf {
	char servers[DNSCONF_TEXT];	/* "192.0.2.53, fe80::1%eth0" */
	/*
	 * The same for ares_set_servers_csv, zones as dnszone.h embeds them. A
	 * zone that this host does not have leaves its server out.
	 */
	char csv[DNSCONF_TEXT];
	bool zones;	/* at least one server in `csv` has one */
	unsigned ndots;	/* names with fewer dots may be local; 1 by default */
};

/* Parse a file's text, changing it. Lines not understood are skipped. */
void dnsconf_parse(struct dnsconf *out, char *text);

/* Read a file. One that cannot be read is taken for an empty one. */
void dnsconf_read(struct dnsconf *out, const char *file);

#endif
