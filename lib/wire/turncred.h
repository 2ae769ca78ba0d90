/*
 * turncred: time-limited TURN credentials, compatible with coturn's
 * use-auth-secret. The username is "EXPIRY:CALL:PARTY", where ":PARTY" may be
 * missing. The password is its HMAC-SHA1 under the relay's secret, in base64.
 * Pure.
 */
#ifndef RP_WIRE_TURNCRED_H
#define RP_WIRE_TURNCRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TURNCRED_USERNAME 128
/*
 * A username of others' services, and its NUL. They name their user after the
 * expiry, and a Matrix identifier has 255 bytes.
 */
#define TURNCRED_ANY 280
#define TURNCRED_PASSWORD 29	/* 20 bytes in base64, and a NUL */
#define TURNCRED_CALL 65
#define TURNCRED_PARTY 33
#define TURNCRED_NONCE 30	/* that our relay hands out, and a NUL */

struct turncred {
	int64_t expiry_s;	/* wall clock */
	char call[TURNCRED_CALL];
	char party[TURNCRED_PARTY];
	bool ours;		/* as our own signalling names them */
	unsigned service;	/* whose secret or users verified it; 0: ours */
};

/* Parse a username. Return -EINVAL unless it has this form. */
int turncred_parse(struct turncred *out, const char *username, size_t len);

/*
 * Parse a username of somebody else's service, whose part after "EXPIRY:" may
 * be any text. If it has not our form, its hash is the call, which has no
 * parties. Return -EINVAL if there is no expiry, nothing after it, or a control
 * character.
 */
int turncred_parse_any(struct turncred *out, const char *username, size_t len);

/*
 * Write the username.
 *
 *   -EMSGSIZE  it does not fit
 *   -EINVAL    the call or party is too long or holds a colon
 */
int turncred_username(char username[static TURNCRED_USERNAME],
    const struct turncred *cred);

void turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret);

#endif
