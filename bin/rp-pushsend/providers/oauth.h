/*
 * oauth: an access token of a Google service account (OAuth 2 by a JWT, RFC
 * 7523), fetched when first needed and renewed before it expires.
 */
#ifndef RP_PUSHSEND_OAUTH_H
#define RP_PUSHSEND_OAUTH_H

#include <stdbool.h>
#include <sys/queue.h>

#include "wire/why.h"

struct http;
struct oauth;


/*
 * Create it from the service account's JSON file. `why` explains an error.
 *
 *  -EINVAL  invalid file
 *  others   the file's errno
 */
int oauth_new(struct oauth **out, struct http *http, const char *file,
    const char *scope, char why[static WHY_TEXT]);
/* Free it. Its waiters are not called. */
void oauth_free(struct oauth *oauth);

/* Go on with the access token of `former`, if it is of the same account. */
void oauth_inherit(struct oauth *oauth, const struct oauth *former);

/* Return the account's project. */
const char *oauth_project(const struct oauth *oauth);

/*
 * Return "Authorization: Bearer ...", or NULL if there is no valid token: wait
 * for it. The string is valid until the loop runs again. `*serial`, if not
 * NULL, identifies the token for oauth_reject.
 */
const char *oauth_header(struct oauth *oauth, unsigned *serial);

/* Embedded by the caller that waits. */
struct oauth_waiter {
	TAILQ_ENTRY(oauth_waiter) link;
	unsigned round;			/* oauth's */
	/*
	 * There is a token now (`why` is NULL), or there is none. Unless
	 * `again`, a further request would fail too.
	 */
	void (*ready)(struct oauth_waiter *waiter, const char *why,
	    bool again);
};

/*
 * Wait for a token. `ready` is called once, not before this returns.
 *
 *  -ENOMEM  out of memory
 */
int oauth_wait(struct oauth *oauth, struct oauth_waiter *waiter);
void oauth_unwait(struct oauth *oauth, struct oauth_waiter *waiter);

/* Return the wait that the last failure asked for, in milliseconds; 0: none. */
unsigned oauth_asked_ms(const struct oauth *oauth);

/*
 * Note that the service rejected the token. Return true if another will be
 * fetched. Return false if it was so young that another would be rejected too.
 */
bool oauth_reject(struct oauth *oauth, unsigned serial);

#endif
