/*
 * reach: decide which addresses a push may be sent to. An endpoint is a user's
 * input and must not lead into the operator's own network. Allowed are public
 * addresses except those denied, and the allow list, by plain HTTP too.
 */
#ifndef RP_PUSHSEND_REACH_H
#define RP_PUSHSEND_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "wire/addr.h"
#include "wire/why.h"

struct reach;


/*
 * Create it from lists of prefixes.
 *
 *  -EINVAL  invalid prefix, which `why` names
 *  -ENOMEM  out of memory
 */
int reach_new(struct reach **out, const struct conf_strings *allow,
    const struct conf_strings *deny, char why[static WHY_TEXT]);
void reach_free(struct reach *reach);

/* Return whether we may connect to `addr`, over TLS or not. */
bool reach_ok(const struct reach *reach, const struct addr *addr, bool tls);

/*
 * Return whether plain HTTP can be allowed at all. It is not if the allow list
 * is empty.
 */
bool reach_plain(const struct reach *reach);

#endif
