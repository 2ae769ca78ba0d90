/*
 * reach: decide which addresses a push may be sent to. An endpoint is a user's
 * input and must not lead into the operator's own network. Allowed are public
 * addresses except those denied, and the allow list, by plain HTTP too. The
 * sender of pushes decides by it, and so does a switch that registers devices.
 * Pure.
 */
#ifndef RP_WIRE_REACH_H
#define RP_WIRE_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"
#include "wire/why.h"

struct reach;

/* The text of prefixes, such as "10.0.0.0/8". */
struct reach_lists {
	char *const *allow, *const *deny;
	size_t n_allow, n_deny;
};

/*
 * Create it from lists of prefixes.
 *
 *  -EINVAL  invalid prefix, which `why` names
 *  -ENOMEM  out of memory
 */
int reach_new(struct reach **out, const struct reach_lists *lists,
    char why[static WHY_TEXT]);
void reach_free(struct reach *reach);

/* Return whether we may connect to `addr`, over TLS or not. */
bool reach_ok(const struct reach *reach, const struct addr *addr, bool tls);

/*
 * Return whether plain HTTP can be allowed at all. It is not if the allow list
 * is empty.
 */
bool reach_plain(const struct reach *reach);

#endif
