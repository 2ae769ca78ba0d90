/* in6.h: macros of <netinet/in.h> that Frama-C's own lacks (RFC 3493 6.7). */
#ifndef RP_VERIFY_IN6_H
#define RP_VERIFY_IN6_H

#include <netinet/in.h>

#define IN6_BYTES(a) ((a)->s6_addr)
#define IN6_ZERO(a, n) (memcmp(IN6_BYTES(a), (uint8_t[16]){ 0 }, (n)) == 0)
#define IN6_IS_ADDR_LOOPBACK(a) (IN6_ZERO(a, 15) && IN6_BYTES(a)[15] == 1)
#define IN6_IS_ADDR_MULTICAST(a) (IN6_BYTES(a)[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a) (IN6_BYTES(a)[0] == 0xfe && \
    (IN6_BYTES(a)[1] & 0xc0) == 0x80)
#define IN6_IS_ADDR_V4MAPPED(a) (IN6_ZERO(a, 10) && \
    IN6_BYTES(a)[10] == 0xff && IN6_BYTES(a)[11] == 0xff)

#endif
