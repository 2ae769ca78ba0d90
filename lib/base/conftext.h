/*
 * conftext: a parsed file in libconfig syntax, with the file and line of each
 * setting. libconfig's scanner ends the process when a read fails, and waits
 * for a FIFO to deliver. Therefore this module reads the files, included ones
 * too, and gives libconfig a string.
 *
 * The syntax of an include is libconfig's: @include "FILE" at the beginning of
 * a line, after blanks at most, outside strings and comments. FILE is relative
 * to the folder of the including file. \" and \\ stand for a quote and a
 * backslash.
 */
#ifndef RP_BASE_CONFTEXT_H
#define RP_BASE_CONFTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

#include "wire/why.h"

struct conftext;

#define CONFTEXT_PLACE 216

struct conftext_options {
	size_t max_bytes;	/* of all files together */
	bool regular;	/* no FIFO, terminal or device, so it never waits */
	const char *folder;	/* of the file's includes; NULL: its own */
};

/*
 * Read and parse a file.
 *
 *   -EINVAL  `why` says "file:line: what is wrong", of the file that the line
 *            is in
 *   other negative errno: `why` says which file cannot be read, and which line
 *   includes it
 */
int conftext_read(struct conftext **out, const char *file,
    const struct conftext_options *options, char why[static WHY_TEXT]);
void conftext_free(struct conftext *text);

config_setting_t *conftext_root(const struct conftext *text);

/*
 * Return the file that the setting is in, valid as long as `text`, and set
 * `*line`.
 */
const char *conftext_where(const struct conftext *text,
    const config_setting_t *setting, int *line);

/* Write "file:line" of the setting into `out`, and return it. */
const char *conftext_place(char out[static CONFTEXT_PLACE],
    const struct conftext *text, const config_setting_t *setting);

#endif
