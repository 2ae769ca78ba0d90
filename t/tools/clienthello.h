/* clienthello: the message with which a TLS handshake begins. */
#ifndef RP_T_TOOLS_CLIENTHELLO_H
#define RP_T_TOOLS_CLIENTHELLO_H

#include <stddef.h>

#define CLIENTHELLO_MAX 4096

/* Write one, as GnuTLS sends it by default, and return its length. */
size_t clienthello_make(unsigned char out[static CLIENTHELLO_MAX]);

#endif
