/*
 * probe_target: the relay that the command line names: its URLs, and the
 * credentials to use there. It is read once, before anything is sent.
 */
#ifndef RP_DIAL_PROBE_TARGET_H
#define RP_DIAL_PROBE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "conf/options.h"
#include "turn_client/turn_auth.h"
#include "wire/turnurl.h"
#include "wire/why.h"

struct probe_target {
	struct turnurl urls[OPTIONS_RELAYS];
	size_t n;
	char *secret;		/* NULL: user and password are given */
	char *password;		/* or NULL */
	/* With a secret the name behind the time; "": none, NULL: any. */
	const char *user;
};

struct probe_target_credentials {
	char username[TURN_AUTH_USERNAME];
	char password[TURN_AUTH_USERNAME];
};

/*
 * Parse a URL of RFC 7065.
 *
 *  -EINVAL  it is not one, or not for UDP, TCP or TLS; `why` says what is
 *           wanted
 */
int probe_target_url(struct turnurl *out, const char *text,
    char why[static WHY_TEXT]);

/* Read the options. A mistake is printed and ends the program. */
void probe_target_read(struct probe_target *out,
    const struct options *options);

/*
 * Give the credentials, or make them with the secret, valid for `lifetime_s`
 * from now on by this clock.
 *
 *  -EIO       no random number
 *  -EMSGSIZE  the user's name is too long
 */
int probe_target_sign(const struct probe_target *target, int64_t lifetime_s,
    struct probe_target_credentials *out);

/* Wipe and free what was read. One that was never read may be all zero. */
void probe_target_clear(struct probe_target *target);

#endif
