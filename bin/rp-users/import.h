/*
 * import: read a file of devices, one per line: "NUMBER TOKEN-SHA256-HEX", or
 * JSON (record.h). Empty lines and lines that begin with # are ignored, and so
 * is a byte order mark.
 */
#ifndef RP_USERS_IMPORT_H
#define RP_USERS_IMPORT_H

#include <stddef.h>

#include "directory/directory.h"

struct import {
	const char *file;	/* its name in errors */
	struct directory_entry *entries;
	size_t *lines;		/* the line number of each entry */
	size_t n, room;
	struct directory_link *links;	/* of guests */
	size_t n_links, links_room;
};

/*
 * Read the whole file ("-": standard input). Invalid lines are reported on
 * standard error, with file and line. Clear `out` in either case.
 *
 *  -EINVAL  there are invalid lines
 *  others   the file cannot be read
 */
int import_read(struct import *out, const char *file);
void import_clear(struct import *import);

/*
 * Return -ENOSPC if a subscriber would block more than DIRECTORY_REFUSED others by
 * this file alone; `at` is an entry that is too many. -ENOMEM.
 */
int import_check_blocks(const struct import *import, size_t *at);

/* Write "FILE:LINE" of the entry `at`. */
#define IMPORT_PLACE 512
void import_place(const struct import *import, size_t at,
    char place[static IMPORT_PLACE]);

#endif
