/*
 * webroot: the files of a folder, in memory, by the paths that clients ask for.
 * Nothing is opened by a name that a client sends: a path is one of the table,
 * letter by letter, or is not there. Text is kept compressed
 * too. It does not change once it is loaded.
 */
#ifndef RP_SWITCHD_WEBROOT_H
#define RP_SWITCHD_WEBROOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/base64.h"
#include "wire/why.h"

/* Its digits are those of the bytes before compression. */
#define WEBROOT_TAG HEX_TEXT(16)

struct webfile {
	char *path;			/* "/js/ui.js" */
	const char *type;		/* Content-Type */
	char tag[WEBROOT_TAG];
	uint8_t *body, *gzip;		/* gzip NULL: it would be no shorter */
	size_t len, gzip_len;
};

struct webroot;

struct webroot_limits {
	size_t files;
	size_t bytes;			/* of all files, as they are */
};

/*
 * Read all files in `folder` and below. Names that begin with a dot are left
 * out. Return a negative errno with one line in `why` for a folder or file that
 * cannot be read, for whatever is neither, such as a symbolic link, for a name
 * with other characters than letters, digits, "-", "_" and ".", and for more
 * than the limits.
 */
int webroot_load(struct webroot **out, const char *folder,
    const struct webroot_limits *limits, char why[static WHY_TEXT]);

/* Make one without any file. NULL if out of memory. */
struct webroot *webroot_empty(void);

/* Add a reference, and drop one. NULL is fine to drop. */
struct webroot *webroot_hold(struct webroot *root);
void webroot_free(struct webroot *root);

/* Return the file of that path of `len` characters, or NULL. */
const struct webfile *webroot_find(const struct webroot *root,
    const char *path, size_t len);

size_t webroot_count(const struct webroot *root);
size_t webroot_bytes(const struct webroot *root);

/* Write the tag of a content. */
void webroot_tag(char tag[static WEBROOT_TAG], const void *data, size_t len);

#endif
