/*
 * turncred: time-limited TURN credentials, compatible with coturn's
 * use-auth-secret. The username is "EXPIRY:CALL:PARTY", where ":PARTY" may be
 * missing, or what another application puts beside an expiry. The password is
 * its HMAC-SHA1 under the relay's secret, in base64. Pure.
 */
#ifndef RP_WIRE_TURNCRED_H
#define RP_WIRE_TURNCRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TURNCRED_USERNAME 128
/* Any username, and its NUL: it has less than 509 bytes (RFC 8489 14.3). */
#define TURNCRED_ANY 509
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
	uint16_t user_at, user_len;	/* where it names others' user */
};

/* Parse a username. Return -EINVAL unless it has this form. */
int turncred_parse(struct turncred *out, const char *username, size_t len);

/*
 * Parse a username of any application. If its part before the first colon is
 * all digits, it is the expiry, and the rest is the user. Otherwise the part
 * after the last colon is the expiry, and what is before it is the user. Where
 * nothing is left, the whole name is the user.
 *
 * Only the form that our signalling hands out has a call and parties. It is
 * ours, unless a service of others verifies it, and has 32 hexadecimal digits as
 * its call. Others have no call yet (see turncred_set_user). Return -EINVAL if there is no expiry, a control character
 * or too many bytes.
 */
int turncred_parse_any(struct turncred *out, const char *username, size_t len);

/*
 * Make the call of others' credentials: one for each user of a service. It is
 * the SHA-256, in hexadecimal, of the service's name, a NUL and the user.
 */
void turncred_set_user(struct turncred *cred, const char *service,
    const char *user, size_t len);

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

/* The dynamic ports, which no service has (RFC 8656 7.2). */
#define TURNCRED_PORT_MIN 49152

#define TURNCRED_CALLER "a"	/* its party in our calls */

/*
 * Return the port that our relay keeps in each call for the first allocation of
 * the caller, so that the callee can be told before there is one. That anybody
 * can know it does no harm: only parties of the call get there.
 */
uint16_t turncred_kept_port(const char *call);

#endif
