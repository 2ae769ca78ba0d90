/*
 * confexpand: a file in libconfig syntax and those that it includes as one
 * text, for conftext, and which line of it comes from where.
 */
#ifndef RP_BASE_CONFEXPAND_H
#define RP_BASE_CONFEXPAND_H

#include <stdbool.h>
#include <stddef.h>

#define CONFEXPAND_WHY 512
#define CONFEXPAND_FILES 256	/* a folder of them; ends any fan-out */

/* From this line of the text on: from that line of a file on. */
struct confexpand_piece {
	int text_line;
	int file;
	int line;
};

/* The first three and why are the caller's; zeroes otherwise. */
struct confexpand {
	size_t max_bytes;	/* of all files together */
	bool regular;		/* no FIFO, terminal or device: never waits */
	char *why;		/* of CONFEXPAND_WHY bytes */

	char *text;		/* NUL-terminated, its last byte a newline */
	size_t len, size;
	int lines;		/* newlines in it */
	int last_line;		/* of the first file */
	struct confexpand_piece *pieces;
	size_t n_pieces, pieces_size;
	size_t bytes, settings;
	int nesting;		/* brackets open */
	char *files[CONFEXPAND_FILES];	/* their names */
	int n_files;
};

/*
 * Read file, and what it includes. An error as conftext_read says; clear it in
 * either case.
 */
int confexpand_read(struct confexpand *t, const char *file);
void confexpand_clear(struct confexpand *t);

/* The file, one of t's names, and the line in it that a line of text is. */
const char *confexpand_find(const struct confexpand *t, int text_line,
    int *line);

#endif
