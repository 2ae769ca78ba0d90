/*
 * confexpand: a file in libconfig syntax and the files that it includes as one
 * text, for conftext. It also records which file and line each line of the text
 * comes from.
 */
#ifndef RP_BASE_CONFEXPAND_H
#define RP_BASE_CONFEXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/why.h"

#define CONFEXPAND_FILES 256	/* enough for a folder of files; bounds any
				 * fan-out */

/* One run of lines: the text from `text_line` on is the file from `line` on. */
struct confexpand_piece {
	int text_line;
	int file;
	int line;
};

/*
 * The caller sets `max_bytes`, `regular`, `folder` and `why`; all else is zero
 * to begin with.
 */
struct confexpand {
	size_t max_bytes;	/* of all files together */
	bool regular;	/* no FIFO, terminal or device, so it never waits */
	const char *folder;	/* of the first file's includes; NULL: its own */
	char *why;		/* of WHY_TEXT bytes */

	char *text;		/* NUL-terminated, its last byte a newline */
	size_t len, size;
	int lines;		/* newlines in text */
	int last_line;		/* of the first file */
	struct confexpand_piece *pieces;
	size_t n_pieces, pieces_size;
	size_t bytes, settings;
	int nesting;		/* open brackets */
	char *files[CONFEXPAND_FILES];	/* their names */
	int n_files;
};

/*
 * Read `file` and the files that it includes. Errors are those of
 * conftext_read. Clear `t` in either case.
 */
int confexpand_read(struct confexpand *t, const char *file);
void confexpand_clear(struct confexpand *t);

/*
 * Return the file (one of `t->files`) that a line of the text comes from, and
 * set `*line` to its line there.
 */
const char *confexpand_find(const struct confexpand *t, int text_line,
    int *line);

#endif
