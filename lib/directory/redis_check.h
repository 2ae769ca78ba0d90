/*
 * redis_check: a first look at a Redis server, before there is a loop.
 */
#ifndef RP_DIRECTORY_REDIS_CHECK_H
#define RP_DIRECTORY_REDIS_CHECK_H

#include <stdbool.h>

#include "directory/directory.h"
#include "directory/redis_link.h"
#include "wire/why.h"

/*
 * Check that the server is reachable and usable. With `writes` it gets our
 * schema if it has none. Blocks for some seconds at most. An error has one line
 * in `why`.
 *
 *   -EINVAL  unreachable or unusable
 *   -EAGAIN  it holds no directory now, but may be read later
 */
int redis_check(const struct redis_server *server, bool writes,
    char why[static WHY_TEXT]);

#endif
