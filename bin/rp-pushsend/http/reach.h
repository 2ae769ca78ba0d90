/*
 * reach: which addresses a push may be sent to. An endpoint is a user's input
 * and must not lead into the operator's own network: public addresses only,
 * less those denied; and what is on the allow list, by plain HTTP too.
 */
#ifndef RP_PUSHSEND_REACH_H
#define RP_PUSHSEND_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "wire/addr.h"

struct reach;

#define REACH_WHY 128

/* From lists of prefixes. -EINVAL with the wrong one in why; -ENOMEM. */
int reach_new(struct reach **out, const struct conf_strings *allow,
    const struct conf_strings *deny, char why[static REACH_WHY]);
void reach_free(struct reach *reach);

/* May we connect there, over TLS or not? */
bool reach_ok(const struct reach *reach, const struct addr *addr, bool tls);

/* Can plain HTTP ever be right? If nothing is allowed it cannot. */
bool reach_plain(const struct reach *reach);

#endif
