/*
 * redis_check: a first look at a Redis server, before there is a loop.
 */
#ifndef RP_DIRECTORY_REDIS_CHECK_H
#define RP_DIRECTORY_REDIS_CHECK_H

#include <stdbool.h>

#include "directory/directory.h"
#include "directory/redis_link.h"

/*
 * Is it there, and of a kind that we know? One that is written to is given its
 * schema if it has none. Blocks for some seconds at most. -EINVAL: out of reach
 * or of another kind. -EAGAIN: it is there and may be read later, but holds no
 * directory now; why says it, and is a line in either case.
 */
int redis_check(const struct redis_server *server, bool writes,
    char why[static DIRECTORY_WHY]);

#endif
