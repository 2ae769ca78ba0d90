/*
 * dev_tls: a private certificate authority in a folder, and the certificate of
 * a switch on this machine, for --dev.
 */
#ifndef RP_SWITCHD_DEV_TLS_H
#define RP_SWITCHD_DEV_TLS_H

#include "wire/addr.h"

/*
 * Make DIR/ca.pem and DIR/ca.key unless they exist, and new DIR/cert.pem and
 * DIR/key.pem for localhost, 127.0.0.1, ::1 and the address `also`. Return 0 or
 * a negative errno.
 */
int dev_tls_make(const char *dir, const struct addr *also);

#endif
