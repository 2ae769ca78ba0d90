/*
 * conf: a configuration file in libconfig syntax, read into a struct by a
 * table. An unknown key, a wrong type or a value out of range is an error with
 * file and line; nothing is parsed and ignored. Whatever is wrong with a file
 * is an error returned: no library ends the process.
 */
#ifndef RP_BASE_CONF_H
#define RP_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

enum conf_type {
	CONF_STRING,		/* char *, owned by the struct */
	CONF_STRINGS,		/* struct conf_strings; one string does as well */
	CONF_INT,		/* long, between min and max */
	CONF_BOOL		/* bool */
};

struct conf_strings {
	char **item;
	size_t n;
};

struct conf_key {
	const char *path;	/* "relay.listen" */
	enum conf_type type;
	size_t offset;		/* of the field in the struct */
	long min, max;		/* CONF_INT */
};

#define CONF_WHY 512

/*
 * Read file, and what it includes, into out, which already holds the defaults
 * (strings: malloc'd or NULL). Keys that are absent leave their field alone. On
 * an error -EINVAL and why says "file:line: what is wrong", or a negative errno
 * and why says that the file cannot be read; fields may then have been set:
 * conf_free them.
 */
int conf_read(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static CONF_WHY]);

/*
 * The same for a switch that runs and must not wait: nothing but regular files
 * is read. A FIFO, which may be a command line's, is -ENOTSUP.
 */
int conf_reread(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static CONF_WHY]);

/*
 * For what no single key can show, after conf_read: put "file:line: path:
 * what is wrong" into why (without the line if the file does not set path).
 * Returns -EINVAL.
 */
int conf_complain(char why[static CONF_WHY], const char *file,
    const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Free the strings in out. */
void conf_free(const struct conf_key keys[], size_t n_keys, void *out);

/* Replace a string field's value with a copy of text (NULL: none). */
int conf_set(char **field, const char *text);

/*
 * *field named a file relative to the configuration file's folder: make it
 * absolute or relative to the working directory. NULL and absolute paths stay.
 */
int conf_beside(char **field, const char *file);

#endif
