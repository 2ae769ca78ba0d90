/*
 * redis_part: a part of an import as one script, which checks all entries
 * before it writes any.
 */
#ifndef RP_DIRECTORY_REDIS_PART_H
#define RP_DIRECTORY_REDIS_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "directory/directory_engine.h"
#include "directory/redis_server.h"

#define REDIS_PART 100		/* entries: some 2 ms of Redis' time */

struct redis_part {
	/* In order of number. */
	const struct directory_entry *entries[REDIS_PART];
	size_t n;
	bool writes;		/* else they are only checked */
	bool update;		/* a device may be there */
	int64_t now_s;
};

/*
 * Send the part. The script's result is REDIS_DONE, or REDIS_REFUSED followed
 * by pairs: the index of an entry, and REDIS_THERE or REDIS_FULL. Of each
 * number the first refused entry is there. -EIO, -ENOMEM.
 */
int redis_part_send(struct redis_server *server, const struct redis_part *part,
    redis_reply_handler *done, void *arg);

#endif
