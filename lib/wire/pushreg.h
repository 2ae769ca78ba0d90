/*
 * pushreg: a device's push registration as a client gives it (PUT /push): where
 * and how it is woken. Checked here for its shape; whether the address may be
 * reached is for who reaches it. Pure.
 */
#ifndef RP_WIRE_PUSHREG_H
#define RP_WIRE_PUSHREG_H

#include <stddef.h>

#define PUSHREG_WHY 96

/*
 * Read {"type", "to"} and write it anew, compact and with nothing else in it,
 * into out. -EBADMSG with one line in why; -EMSGSIZE if it does not fit.
 */
int pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    char why[static PUSHREG_WHY]);

#endif
