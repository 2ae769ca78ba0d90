/*
 * enrol: proof of owning a number. A code goes to it by SMS, and a client that
 * knows the code may add a device. Codes are short, so each is valid for just a
 * few minutes and tries, and numbers and sources get few of them. They are in
 * this switch's memory only.
 */
#ifndef RP_SWITCHD_ENROL_H
#define RP_SWITCHD_ENROL_H

#include <stddef.h>
#include <stdint.h>

#include "wire/sigmsg.h"

struct addr;
struct enrol;
struct metrics;
struct push;

/* Make one. NULL if out of memory. */
struct enrol *enrol_new(struct push *push, struct metrics *metrics);
void enrol_free(struct enrol *enrol);

/*
 * Send a code to `number`, which replaces an earlier one.
 *
 *   -EAGAIN   too many; retry after `*retry_ms`
 *   -ENOBUFS  nothing can be sent at the moment
 */
int enrol_send(struct enrol *enrol, const char *number,
    const struct addr *source, uint32_t *retry_ms);

/*
 * Check a code. Return 0 if it is right, and it is then void; -EACCES if it is
 * wrong.
 */
int enrol_check(struct enrol *enrol, const char *number, const char *code);

#define ENROL_CODE 7		/* six digits and a NUL */

/* The body of PUT /subscriber from a new device, {"code", "token"}. */
struct enrol_claim {
	char code[ENROL_CODE];
	char token[SIGMSG_TOKEN];
};

/*
 * Parse it. Return -EINVAL if it is malformed, or if the token is too short to
 * be a secret.
 */
int enrol_claim_parse(struct enrol_claim *out, const char *text, size_t len);

#endif
