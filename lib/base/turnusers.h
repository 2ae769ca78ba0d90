/*
 * turnusers: the relay's static users, from a file with one in each line (see
 * wire/turnuser). Empty lines, and those that begin with "#", do not matter. A
 * set does not change once it is made, so that any thread may look users up.
 */
#ifndef RP_BASE_TURNUSERS_H
#define RP_BASE_TURNUSERS_H

#include <stddef.h>

#include "wire/turnuser.h"
#include "wire/why.h"

#define TURNUSERS_MAX 20000	/* users; all go to the relay in one message */
#define TURNUSERS_BYTES (4 << 20)	/* of a file, which needs 3 MB for so many */

struct turnusers;

/* Make an empty set. NULL if out of memory. */
struct turnusers *turnusers_new(void);

/*
 * Add a copy of the user.
 *
 *   -EEXIST  there is one of this name and realm
 *   -ENOSPC  there are TURNUSERS_MAX already
 *   -ENOMEM
 */
int turnusers_add(struct turnusers *users, const struct turnuser *user);

/*
 * Read a regular file. The caller warns of one that others can read
 * (secretfile_warn).
 *
 *   -EINVAL  `why` says "file:line: what is wrong"
 *   other negative errno: `why` says that the file cannot be read
 */
int turnusers_read(struct turnusers **out, const char *file,
    char why[static WHY_TEXT]);

/*
 * Hold a set once more, and return it. All holders are in one thread. NULL is
 * fine, here and below.
 */
struct turnusers *turnusers_hold(struct turnusers *users);

/* Let it go; after the last holder it is wiped and freed. */
void turnusers_free(struct turnusers *users);

/*
 * Write the user's key for that algorithm. It takes as long with many users as
 * with few. `users` may be NULL, and has nobody then.
 *
 *   -ENOENT  no such user in that realm
 *   -EINVAL  the user has no key for it
 */
int turnusers_key(const struct turnusers *users, const char *name,
    const char *realm, unsigned algorithm, struct stunauth_key *key);

/* Call `each` for every user of the realm, in no order. */
void turnusers_each(const struct turnusers *users, const char *realm,
    void (*each)(const struct turnuser *user, void *arg), void *arg);

/* Return how many the realm has. */
size_t turnusers_count(const struct turnusers *users, const char *realm);

#endif
