/*
 * users: the directory, and one request to it at a time, which a loop of its
 * own waits for.
 */
#ifndef RP_USERS_USERS_H
#define RP_USERS_USERS_H

#include <stdbool.h>
#include <stddef.h>

#include "directory/directory.h"

struct event_base;

/* The commands use all but `err`. */
struct users {
	struct event_base *loop;
	struct directory *directory;
	int err;		/* the result of the request */
};

/* Open the directory, and return a status of command.h. */
int users_open(struct users *users, const char *url, bool create);
void users_close(struct users *users);

/*
 * Wait for the answer, and return the error that users_answered was told.
 * `request` NULL is -EIO.
 */
int users_wait(struct users *users, struct directory_request *request);

/*
 * Say that the answer is there. The first has the type of a handler, and `arg`
 * is the users.
 */
void users_on_done(int err, void *arg);
void users_answered(struct users *users, int err);

/*
 * Print the error of a request for `number`, if any, and return its status.
 * `writes` tells whether it was to write.
 */
int users_status(const struct users *users, int err, const char *number,
    bool writes);

/* Wait for a write, and do both. */
int users_write(struct users *users, struct directory_request *request,
    const char *number);

#endif
