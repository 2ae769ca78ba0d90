/*
 * now: a removal that ends running calls too. Switches look a connected client
 * up again every connections.recheck_ms, so the device is marked first, and
 * removed when each of them has seen the mark.
 */
#ifndef RP_USERS_NOW_H
#define RP_USERS_NOW_H

#include "command.h"
#include "directory/directory.h"
#include "users.h"

/*
 * Mark a subscriber's device, or all of them (`hash` NULL), and wait until the
 * switches know. Return a status; the device can be removed then.
 */
int now_end_calls(struct users *users, const char *number,
    const uint8_t *hash, const struct command_line *line);

#endif
