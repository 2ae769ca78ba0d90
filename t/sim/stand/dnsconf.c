/*
 * dnsconf: one name server, whatever this host has. In place of net/dnsconf.c.
 */
#include "net/dnsconf.h"

#include <string.h>

void
dnsconf_read(struct dnsconf *out, const char *file)
{
	(void)file;
	memset(out, 0, sizeof(*out));
	strcpy(out->servers, "192.0.2.53");
	strcpy(out->csv, "192.0.2.53");
	out->ndots = 1;
}
