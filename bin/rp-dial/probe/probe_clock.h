/*
 * probe_clock: a relay refuses the credentials that we made with its secret.
 * Is the secret wrong, or is its clock ahead of ours, so that they have expired
 * there? Credentials of other times tell, and by how much.
 */
#ifndef RP_DIAL_PROBE_CLOCK_H
#define RP_DIAL_PROBE_CLOCK_H

#include <stdint.h>

#include "turn_client/turn_client.h"
#include "wire/turncred.h"

struct event_base;
struct probe_clock;

/*
 * 0: the relay's clock is ahead_s ahead of ours. -EACCES: it never is the right
 * time for the secret. Others: the relay fell silent, or the like.
 * probe_clock_free is allowed.
 */
typedef void probe_clock_done(int err, int64_t ahead_s, void *arg);

/*
 * How options' relay refused what was good until wall + lifetime_s. secret must
 * outlive the search; options' credentials are not used. A negative errno: not
 * started.
 */
int probe_clock_new(struct probe_clock **out, struct event_base *loop,
    const struct turn_client_options *options, const char *secret,
    int64_t lifetime_s, probe_clock_done *done, void *arg);

/* NULL is fine. */
void probe_clock_free(struct probe_clock *clock);

/*
 * Credentials of a call of their own, good for lifetime_s from now on by this
 * clock. -EIO: no random number.
 */
int probe_clock_credentials(char username[static TURNCRED_USERNAME],
    char password[static TURNCRED_PASSWORD], const char *secret,
    int64_t lifetime_s);

#endif
