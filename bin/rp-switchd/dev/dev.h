/*
 * dev: rp-switchd --dev DIR, a switch for one machine that needs no
 * configuration. It has a private CA and certificate, a directory with
 * subscribers alice and bob, their account files, a relay secret, and pushes
 * sent to this machine. The contents of DIR are kept: a second start finds the
 * same CA and the same tokens.
 */
#ifndef RP_SWITCHD_DEV_H
#define RP_SWITCHD_DEV_H

#include <stddef.h>

#include "conf/settings.h"
#include "wire/why.h"

struct addr;

/*
 * Make DIR and its contents, before anything is opened, and set `settings`,
 * which hold the defaults, accordingly. `listen` is --listen's ADDR or NULL.
 * May block. Return -EINVAL or a negative errno with one line in `why`.
 */
int dev_prepare(struct settings *settings, const char *dir,
    const char *listen, char why[static WHY_TEXT]);

/*
 * Write DIR/alice.conf and DIR/bob.conf, after the call port is bound to
 * `addr` and the page's to `web`, and print on standard error what to type next.
 */
int dev_accounts(const char *dir, const struct addr *addr,
    const struct addr *web, char why[static WHY_TEXT]);

#endif
