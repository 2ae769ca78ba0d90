/*
 * turncred: time-limited TURN credentials, as coturn's use-auth-secret: the
 * username is "EXPIRY:CALL:PARTY" (":PARTY" may be missing), the password the
 * base64 of its HMAC-SHA1 under the relay's secret. Pure.
 */
#ifndef RP_WIRE_TURNCRED_H
#define RP_WIRE_TURNCRED_H

#include <stddef.h>
#include <stdint.h>

#define TURNCRED_USERNAME 128
#define TURNCRED_PASSWORD 29	/* 20 bytes in base64, and a NUL */
#define TURNCRED_CALL 65
#define TURNCRED_PARTY 33

struct turncred {
	int64_t expiry_s;	/* wall clock */
	char call[TURNCRED_CALL];
	char party[TURNCRED_PARTY];
};

/* -EINVAL unless username has this form. */
int turncred_parse(struct turncred *out, const char *username, size_t len);

/* -EMSGSIZE, -EINVAL if call or party do not fit or hold a colon. */
int turncred_username(char username[static TURNCRED_USERNAME],
    const struct turncred *cred);

void turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret);

#endif
