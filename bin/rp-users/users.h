/*
 * users: the operator's changes to the subscriber directory, one blocking
 * request at a time. Errors are printed on standard error. The return value is
 * the exit status.
 */
#ifndef RP_USERS_USERS_H
#define RP_USERS_USERS_H

#include <stdbool.h>

enum {
	USERS_DONE = 0,
	USERS_USAGE = 1,	/* or a local error: a file, memory */
	USERS_DIRECTORY = 2,	/* it cannot be opened, or does not answer */
	USERS_UNKNOWN = 3,	/* no such subscriber */
	USERS_REFUSED = 4	/* already there, or too many devices */
};

struct users;

/* Open the directory. With `create` a missing SQLite file is created. */
int users_open(struct users **out, const char *url, bool create);
void users_close(struct users *users);

/*
 * Add a device with a new token to `number`. The token is printed, or written
 * to `token_file` (not NULL), which must not exist.
 */
int users_add(struct users *users, const char *number,
    const char *token_file);

int users_list(struct users *users);
int users_show(struct users *users, const char *number);
int users_remove(struct users *users, const char *number);

/* Add all devices in the file ("-": standard input), or none of them. */
int users_import(struct users *users, const char *file);

#endif
