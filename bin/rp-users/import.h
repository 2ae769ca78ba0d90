/*
 * import: a file of devices, a line each: "NUMBER TOKEN-SHA256-HEX", or the
 * same as a JSON object with "number" and "token_sha256". Empty lines and
 * those that begin with # count for nothing.
 */
#ifndef RP_USERS_IMPORT_H
#define RP_USERS_IMPORT_H

#include <stddef.h>

#include "directory/directory.h"

struct import {
	const char *file;	/* as errors call it */
	struct directory_entry *entries;
	size_t *lines;		/* that of each entry */
	size_t n, room;
};

/*
 * Read the whole file ("-": standard input). Tells on standard error, with
 * file and line, what it cannot read: -EINVAL, or a negative errno. out is to
 * be cleared in either case.
 */
int import_read(struct import *out, const char *file);
void import_clear(struct import *import);

/* "FILE:LINE" of the entry at. */
#define IMPORT_PLACE 512
void import_place(const struct import *import, size_t at,
    char place[static IMPORT_PLACE]);

#endif
