/*
 * users: the subscriber directory as an operator changes it: one request at a
 * time, each waited for. Errors are told on standard error; what is returned
 * is the exit status.
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

/* With create a missing SQLite file is made. */
int users_open(struct users **out, const char *url, bool create);
void users_close(struct users *users);

/*
 * Give number a device with a new token, which is printed, or written to
 * token_file (not NULL), which must not exist.
 */
int users_add(struct users *users, const char *number,
    const char *token_file);

int users_list(struct users *users);
int users_show(struct users *users, const char *number);
int users_remove(struct users *users, const char *number);

/* All devices in the file ("-": standard input), or none of them. */
int users_import(struct users *users, const char *file);

#endif
