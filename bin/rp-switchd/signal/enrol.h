/*
 * enrol: who holds a number? A code goes there by SMS, and who can say it may
 * add a device. Codes are short, so each lives for minutes and a few tries, and
 * numbers and sources get few of them. Kept by this switch only, in memory.
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

/* NULL if out of memory. */
struct enrol *enrol_new(struct push *push, struct metrics *metrics);
void enrol_free(struct enrol *enrol);

/*
 * Send a code to number, in place of one that was sent before. -EAGAIN: too
 * many, for *retry_ms. -ENOBUFS: nothing can be sent just now.
 */
int enrol_send(struct enrol *enrol, const char *number,
    const struct addr *source, uint32_t *retry_ms);

/* 0: it is the code, which is then void. -EACCES: it is not. */
int enrol_check(struct enrol *enrol, const char *number, const char *code);

#define ENROL_CODE 7		/* six digits and a NUL */

/* What a new device says: the body of PUT /subscriber, {"code", "token"}. */
struct enrol_claim {
	char code[ENROL_CODE];
	char token[SIGMSG_TOKEN];
};

/* -EINVAL: not that, or a token too short to be a secret. */
int enrol_claim_parse(struct enrol_claim *out, const char *text, size_t len);

#endif
