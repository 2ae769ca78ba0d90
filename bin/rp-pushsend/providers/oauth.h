/*
 * oauth: an access token of a Google service account (OAuth 2 by a JWT, RFC
 * 7523), fetched when first needed and renewed ahead of its end.
 */
#ifndef RP_PUSHSEND_OAUTH_H
#define RP_PUSHSEND_OAUTH_H

#include <stdbool.h>
#include <sys/queue.h>

struct http;
struct oauth;

#define OAUTH_WHY 112

/*
 * From the service account's JSON file. -EINVAL, or the file's errno, with
 * why.
 */
int oauth_new(struct oauth **out, struct http *http, const char *file,
    const char *scope, char why[static OAUTH_WHY]);
/* Waiters are forgotten. */
void oauth_free(struct oauth *oauth);

/* The account's project. */
const char *oauth_project(const struct oauth *oauth);

/*
 * "Authorization: Bearer ..." if there is a token that is good, else NULL:
 * wait for it. Valid until the loop runs again. *serial, if not NULL, names
 * the token for oauth_reject.
 */
const char *oauth_header(struct oauth *oauth, unsigned *serial);

/* Embedded by who waits. */
struct oauth_waiter {
	TAILQ_ENTRY(oauth_waiter) link;
	unsigned round;			/* oauth's */
	/*
	 * There is a token now (why is NULL); or there is none, and if not
	 * again it is of no use to ask once more.
	 */
	void (*ready)(struct oauth_waiter *waiter, const char *why,
	    bool again);
};

/* ready is called once, not before this returns. -ENOMEM. */
int oauth_wait(struct oauth *oauth, struct oauth_waiter *waiter);
void oauth_unwait(struct oauth *oauth, struct oauth_waiter *waiter);

/*
 * The service did not take the token. true if another will be fetched; false
 * if it was so young that another would fare no better.
 */
bool oauth_reject(struct oauth *oauth, unsigned serial);

#endif
