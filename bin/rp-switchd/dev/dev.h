/*
 * dev: rp-switchd --dev DIR, a switch for one machine that needs no
 * configuration: a private CA and certificate, a directory with subscribers
 * alice and bob, their account files, a relay secret, and pushes sent to this
 * machine. What is in DIR is kept: a second start finds the same CA and the
 * same tokens.
 */
#ifndef RP_SWITCHD_DEV_H
#define RP_SWITCHD_DEV_H

#include <stddef.h>

#include "conf/settings.h"

struct addr;

/*
 * Before anything is opened: make DIR and what belongs into it, and set
 * settings, which hold the defaults, accordingly. listen: --listen's ADDR or
 * NULL. May block. -EINVAL or a negative errno with one line in why.
 */
int dev_prepare(struct settings *settings, const char *dir,
    const char *listen, char why[static CONF_WHY]);

/*
 * Once the call port is bound to addr: write DIR/alice.conf and DIR/bob.conf,
 * and tell on standard error what to type next.
 */
int dev_accounts(const char *dir, const struct addr *addr,
    char why[static CONF_WHY]);

#endif
