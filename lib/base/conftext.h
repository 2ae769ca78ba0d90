/*
 * conftext: a file in libconfig syntax, parsed, and where each thing in it
 * stands. libconfig's scanner ends the process when a read fails, and waits
 * for what a FIFO may bring. So it is given a string, and the files are read
 * here, those named by @include lines too.
 *
 * An include is libconfig's: @include "FILE" at the beginning of a line, after
 * blanks at most, outside strings and comments. FILE is relative to the folder
 * of the file that says it; \" and \\ stand for a quote and a backslash.
 */
#ifndef RP_BASE_CONFTEXT_H
#define RP_BASE_CONFTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

struct conftext;

#define CONFTEXT_WHY 512
#define CONFTEXT_PLACE 216

struct conftext_options {
	size_t max_bytes;	/* of all files together */
	bool regular;		/* no FIFO, terminal or device: never waits */
};

/*
 * Read and parse. -EINVAL and why says "file:line: what is wrong", of the file
 * that the line is in, or a negative errno and why says which file cannot be
 * read, and which line includes it.
 */
int conftext_read(struct conftext **out, const char *file,
    const struct conftext_options *options, char why[static CONFTEXT_WHY]);
void conftext_free(struct conftext *text);

config_setting_t *conftext_root(const struct conftext *text);

/* The file that the setting stands in, valid as long as text, and its line. */
const char *conftext_where(const struct conftext *text,
    const config_setting_t *setting, int *line);

/* The same as "file:line". Returns out. */
const char *conftext_place(char out[static CONFTEXT_PLACE],
    const struct conftext *text, const config_setting_t *setting);

#endif
