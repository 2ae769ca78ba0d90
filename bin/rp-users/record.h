/*
 * record: a device, or a block, as a line of JSON: what `export` writes and
 * `import` reads.
 *
 *   {"number": N, "token_sha256": HEX, "added": TIME, "push": TEXT,
 *    "push_time": TIME, "seen": TIME, "result": TEXT, "result_time": TIME}
 *   {"number": N, "blocked": TIME}
 *   {"number": N, "blocks": CALLER}
 *   {"number": N, "guest": HEX, "expires": TIME, "calls_per_hour": N,
 *    "at_once": N, "name": TEXT}
 *
 * The members are in this order, without those that are not known. A push
 * registration is the text that the directory holds, so that nothing of it
 * changes.
 */
#ifndef RP_USERS_RECORD_H
#define RP_USERS_RECORD_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "directory/directory.h"
#include "wire/why.h"

#define RECORD_TYPE 16		/* of a push registration, and a NUL */

/*
 * Parse one line into an entry, which record_clear frees. -EINVAL with what is
 * wrong in `why`.
 */
int record_parse(struct directory_entry *entry, const char *line,
    char why[static WHY_TEXT]);
void record_clear(struct directory_entry *entry);

/*
 * Write the lines of a subscriber. -EINVAL with one line in `why` if the
 * directory holds what is not UTF-8; -ENOMEM.
 */
int record_write(FILE *out, const struct directory_subscriber *subscriber,
    char why[static WHY_TEXT]);

/*
 * Add a device's members to an object. With `parsed` the push registration is
 * an object too. -EINVAL, -ENOMEM.
 */
int record_add_device(json_t *object, const struct directory_device *device,
    bool parsed);

/* Write the "type" of a device's push registration, or "-". */
void record_push_type(const struct directory_device *device,
    char type[static RECORD_TYPE]);

/*
 * Return why this number cannot be given to a new subscriber, or NULL. URLs
 * lose "." and "..", and what begins with - is taken for an option.
 */
const char *record_new_number(const char *number);

#endif
