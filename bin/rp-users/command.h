/*
 * command: the command line, as the commands get it, and their exit statuses.
 * Each command prints its errors on standard error and returns the status.
 */
#ifndef RP_USERS_COMMAND_H
#define RP_USERS_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum {
	COMMAND_DONE = 0,
	COMMAND_USAGE = 1,	/* or a local error: a file, memory */
	COMMAND_DIRECTORY = 2,	/* it cannot be opened, or does not answer */
	COMMAND_UNKNOWN = 3,	/* no such subscriber or device */
	COMMAND_REFUSED = 4,	/* already there, too many, or ambiguous */
	COMMAND_UNSENT = 5	/* no push was sent */
};

#define COMMAND_OPERANDS 2

/* Texts are NULL if they were not given. */
struct command_line {
	const char *db, *db_file, *config;
	const char *token_file, *key, *push_command;
	const char *realm, *password_file, *make_password;
	const char *url, *minutes, *days, *name, *calls_per_hour, *at_once;
	int64_t timeout_ms;	/* 0: as the command has it */
	bool json, update, dry_run, now, qr;
	const char *operand[COMMAND_OPERANDS];
};

struct users;
struct where;

/* A command. `where` has what the configuration says. */
typedef int command_run(struct users *users, const struct where *where,
    const struct command_line *line);

#endif
