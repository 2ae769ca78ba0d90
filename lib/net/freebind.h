/*
 * freebind: bind an address that no interface has yet, as at boot, when a
 * server may start before its network is configured. It is reached once the
 * address is there.
 */
#ifndef RP_NET_FREEBIND_H
#define RP_NET_FREEBIND_H

#include "wire/addr.h"

/*
 * Bind a server's socket. If no interface has the address, bind it nevertheless
 * and log a warning. Return 0 or a negative errno.
 */
int freebind(int fd, const struct addr *addr);

#endif
