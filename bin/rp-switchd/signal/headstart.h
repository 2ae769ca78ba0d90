/*
 * headstart: what a push tells a device, so that it can begin before it has
 * connected: the relay's credentials, where the caller will be at the relay, and
 * the switch's own addresses. See `early` in rp-push(7).
 */
#ifndef RP_SWITCHD_HEADSTART_H
#define RP_SWITCHD_HEADSTART_H

#include <stddef.h>

#include "wire/addr.h"

struct answers;
struct pushearly;

#define HEADSTART_LISTEN 4	/* answer addresses that a push may tell */

struct headstart {
	const struct answers *answers;
	struct addr listen[HEADSTART_LISTEN];	/* answer ports, as bound */
	size_t n_listen;
	/*
	 * Where a caller has reached us last, by IPv4 and by IPv6. A callee may
	 * have the other family only, and a port that is bound to a wildcard
	 * does not tell an address. A wildcard: nowhere yet.
	 */
	struct addr reached[2];
};

void headstart_init(struct headstart *headstart, const struct answers *answers);

/*
 * Fill in all but the offer, for that party of a call whose caller has reached
 * us at `local`. Clear it with pushearly_clear, also after an error. -ENOMEM.
 */
int headstart_make(struct headstart *headstart, const char *session,
    const char *party, const struct addr *local, struct pushearly *out);

#endif
