/*
 * turnkeys: the services of a relay, each with the secrets and static users
 * that verify its clients, and which key signed a request. A set does not
 * change once it is made.
 */
#ifndef RP_SWITCHD_TURNKEYS_H
#define RP_SWITCHD_TURNKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/turnusers.h"
#include "table/alloc.h"
#include "wire/stun.h"
#include "wire/stunauth.h"
#include "wire/turncred.h"

/*
 * Ours, and 64 further ones. Their numbers are below this, too. None is used
 * again for another service while allocations of one that was removed are still
 * there.
 */
#define TURNKEYS_SERVICES ALLOC_SERVICES
#define TURNKEYS_NAME 33		/* characters, and a NUL */

/* A group of clients that keeps to itself. */
struct turn_service {
	unsigned number;		/* 0: ours, which is the first one */
	const char *name;		/* "": ours */
	const char *realm;
	const struct conf_strings *secrets;
	const struct conf_strings *tls_names;	/* that it is challenged at */
	struct turnusers *users;	/* only this realm's count; or NULL */
	struct alloc_service_limits limits;
};

struct turnkeys;

/*
 * Make a set with copies of all but the users, which are held. There is one
 * service at least. -ENOMEM.
 */
int turnkeys_new(struct turnkeys **out, const struct turn_service *services,
    size_t n);
void turnkeys_free(struct turnkeys *keys);

/*
 * Return the realm of a request that names this one (NULL: it names none) and
 * came to that name by TLS (NULL: it did not): a service's realm, or the realm
 * of the service with that name, or ours.
 */
const char *turnkeys_realm(const struct turnkeys *keys,
    const struct stun_attr *realm, const char *server_name);

struct turnkeys_asked {
	const struct stun_msg *msg;
	const char *username;
	const struct stun_attr *realm;	/* that the request names */
	uint16_t algorithm;
	bool any_names;			/* by turncred_parse_any */
	int64_t wall_s;
};

/*
 * Find the key that signed the request, among those of the services of its
 * realm. `*tried` becomes the number of keys that were tried, which is at least
 * one. Errors are those of turnauth_check.
 */
int turnkeys_find(const struct turnkeys *keys,
    const struct turnkeys_asked *asked, struct turncred *cred,
    struct stunauth_key *key, unsigned *tried);

#endif
