/*
 * pushreg: a device's push registration as a client sends it (PUT /push), which
 * says where and how to wake the device. Only its form is checked here. The
 * sender of the push checks whether the address may be reached. Pure.
 */
#ifndef RP_WIRE_PUSHREG_H
#define RP_WIRE_PUSHREG_H

#include <stddef.h>

#include "wire/why.h"


/*
 * Parse {"type", "to"}, and write just these two, compactly, into `out`.
 *
 *   -EBADMSG   malformed; `why` holds one line
 *   -EMSGSIZE  the result does not fit
 */
int pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    char why[static WHY_TEXT]);

#endif
