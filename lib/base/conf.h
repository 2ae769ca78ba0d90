/*
 * conf: a configuration file in libconfig syntax, read into a struct by a
 * table. An unknown key, a wrong type or a value out of range is an error with
 * file and line; nothing is silently ignored. Every fault of a file is returned
 * as an error; no library ends the process.
 */
#ifndef RP_BASE_CONF_H
#define RP_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/why.h"

enum conf_type {
	CONF_STRING,		/* char *, owned by the struct */
	CONF_STRINGS,	/* struct conf_strings; one string is accepted too */
	CONF_INT,		/* long, between min and max */
	CONF_BOOL		/* bool */
};

/*
 * May be added to a type by `|`: conf_adopt takes this key's value over. It
 * marks the keys that a program may change while it runs.
 */
#define CONF_RELOAD 0x100

struct conf_strings {
	char **item;
	size_t n;
};

struct conf_key {
	const char *path;	/* "relay.listen" */
	unsigned type;		/* enum conf_type, perhaps CONF_RELOAD too */
	size_t offset;		/* of the field in the struct */
	long min, max;		/* CONF_INT */
};

/*
 * Read `file` and the files that it includes into `out`, which already holds
 * the defaults (strings are malloc'd or NULL). A missing key leaves its field
 * unchanged. After an error some fields may have been set, and the caller must
 * conf_free them.
 *
 *   -EINVAL  `why` says "file:line: what is wrong"
 *   other negative errno: `why` says that the file cannot be read
 */
int conf_read(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static WHY_TEXT]);

/* Where a configuration comes from. */
struct conf_source {
	const char *file;
	const char *folder;	/* of relative names in it; NULL: its own */
	/*
	 * Read regular files only, for a running program, which must not wait.
	 * The error is -ENOTSUP for a FIFO, which a command line may name.
	 */
	bool regular;
};

/* Read as conf_read does, from `from`. */
int conf_read_from(const struct conf_source *from,
    const struct conf_key keys[], size_t n_keys, void *out,
    char why[static WHY_TEXT]);

/*
 * Read as conf_read does, but only these keys. For a program that needs a few
 * of another's, and cannot tell whether the rest is right.
 */
int conf_pick(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static WHY_TEXT]);

/*
 * Swap the values of all keys marked CONF_RELOAD between `out` and `anew`. Both
 * still own their strings, so that conf_free of `anew` frees what was replaced.
 */
void conf_adopt(const struct conf_key keys[], size_t n_keys, void *out,
    void *anew);

/*
 * Write into `paths`, with blanks between, the keys that conf_adopt would not
 * take over although their values differ.
 */
void conf_left(const struct conf_key keys[], size_t n_keys, const void *out,
    const void *anew, char paths[static WHY_TEXT]);

/*
 * Report, after conf_read, an error that no single key shows. `why` becomes
 * "file:line: path: what is wrong", without the line if the file does not set
 * `path`. Return -EINVAL.
 */
int conf_complain(char why[static WHY_TEXT], const char *file,
    const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Write "file:line: path: wrong" into `why`, likewise. The names of included
 * files are found as conf_read_from found them.
 */
void conf_place(char why[static WHY_TEXT], const struct conf_source *from,
    const char *path, const char *wrong);

/* Free the strings in `out`. */
void conf_free(const struct conf_key keys[], size_t n_keys, void *out);

/* Add a copy of `text` to a list. -ENOMEM. */
int conf_strings_add(struct conf_strings *list, const char *text);

/* Free what is in a list, which becomes empty. */
void conf_strings_clear(struct conf_strings *list);

/* Replace a string field's value with a copy of `text` (NULL for none). */
int conf_set(char **field, const char *text);

/*
 * Look whether the file and those that it includes can be read again, as a
 * reload does. Otherwise return a negative errno with one line in `why`.
 */
int conf_check_again(const struct conf_source *from, char why[static WHY_TEXT]);

/*
 * Resolve a file name that is relative to the configuration file's folder.
 * `*field` becomes absolute, or relative to the working directory. NULL and
 * absolute paths stay.
 */
int conf_beside(char **field, const char *file);

/*
 * Resolve likewise the file name that follows `scheme`, as in "sqlite:rp.db".
 * Another URL stays.
 */
int conf_beside_url(char **url, const char *scheme, const char *file);

/*
 * Resolve likewise the file names in the query of a URL of a server, as in
 * "rediss://host/?ca=ca.pem".
 */
int conf_beside_query(char **url, const char *file);

#endif
