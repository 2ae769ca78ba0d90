/*
 * secretfile: secrets in a file of their own, one in each line, so that a
 * configuration can be shown to others. A newline at the end, a carriage return
 * before one and empty lines do not matter. All else belongs to the secret.
 */
#ifndef RP_BASE_SECRETFILE_H
#define RP_BASE_SECRETFILE_H

#include <stddef.h>

#include "base/conf.h"
#include "wire/why.h"

struct secretfile_options {
	size_t min_chars, max_chars;	/* of each secret */
	size_t max_secrets;
	bool regular;	/* no FIFO, terminal or device, so it never waits */
};

/*
 * Read the secrets of a file over those in `out`. The caller wipes and frees
 * them, and warns of a file that other users can read (secretfile_warn). The
 * reason names the file, and the line if it is one line's, but repeats no
 * secret.
 *
 *   -EINVAL  a secret is too short or too long, or there are none or too many
 *   other negative errno: the file cannot be read
 */
int secretfile_read(struct conf_strings *out, const char *file,
    const struct secretfile_options *options, char why[static WHY_TEXT]);

/* Read likewise one secret, which the caller frees. */
int secretfile_read_one(char **out, const char *file,
    const struct secretfile_options *options, char why[static WHY_TEXT]);

/* Return the mode of a regular file that all users can read; 0: they cannot. */
unsigned secretfile_exposed(const char *file);

/* Warn in the log if all users can read the file. */
void secretfile_warn(const char *file);

#endif
