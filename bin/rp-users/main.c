/* rp-users: the subscriber directory: add_user, list, show, remove, import. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/log.h"
#include "base/tool.h"
#include "users.h"
#include "wire/sigmsg.h"

#define DEFAULT_DB "sqlite:/var/lib/rp/rp.db"

static const char usage[] =
    "usage: rp-users [--db URL] COMMAND\n"
    "  add NUMBER [--token-file FILE]  add a device; print its token, once\n"
    "  list                            list every subscriber\n"
    "  show NUMBER                     list a subscriber's devices\n"
    "  remove NUMBER                   remove a subscriber with all devices\n"
    "  import FILE                     add many devices, all or none\n"
    "  --db URL           sqlite:PATH, redis://ADDR or postgresql://HOST/DB;\n"
    "                     by default " DEFAULT_DB "\n"
    "  --token-file FILE  write the token there and not to standard output\n"
    "  --help, --version\n";

struct arguments {
	const char *db, *token_file, *operand;
};

static int
add_user(struct users *users, const struct arguments *a)
{
	return users_add(users, a->operand, a->token_file);
}

static int
list(struct users *users, const struct arguments *a)
{
	(void)a;
	return users_list(users);
}

static int
show(struct users *users, const struct arguments *a)
{
	return users_show(users, a->operand);
}

static int
remove_one(struct users *users, const struct arguments *a)
{
	return users_remove(users, a->operand);
}

static int
import(struct users *users, const struct arguments *a)
{
	return users_import(users, a->operand);
}

static const struct command {
	const char *name;
	int (*run)(struct users *users, const struct arguments *a);
	bool operand, number, create;
} commands[] = {
	{ "add", add_user, true, true, true },
	{ "list", list, false, false, false },
	{ "show", show, true, true, false },
	{ "remove", remove_one, true, true, false },
	{ "import", import, true, false, true },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

#define AT(field) offsetof(struct arguments, field)

static const struct args_option options[] = {
	{ "db", '\0', ARGS_TEXT, AT(db), 0 },
	{ "token-file", '\0', ARGS_TEXT, AT(token_file), 0 },
};

static const struct args line = {
	options, sizeof(options) / sizeof(options[0]), usage, true,
	USERS_USAGE
};

/* Return the command that words[0] names, with its operand checked. */
static const struct command *
choose(int n, char *words[], struct arguments *a)
{
	const struct command *c = commands;

	if (n == 0)
		tool_fail(USERS_USAGE, "command", "none given; see --help");
	while (c < commands + N_COMMANDS && strcmp(c->name, words[0]) != 0)
		c++;
	if (c == commands + N_COMMANDS)
		tool_fail(USERS_USAGE, words[0],
		    "no such command; see --help");
	if (n - 1 != (c->operand ? 1 : 0))
		tool_fail(USERS_USAGE, c->name, c->operand ?
		    "wants one operand; see --help" :
		    "takes no operand; see --help");
	if (a->token_file != NULL && c->run != add_user)
		tool_fail(USERS_USAGE, c->name, "takes no --token-file");
	a->operand = words[1];
	if (c->number && !sigmsg_number_ok(a->operand))
		tool_fail(USERS_USAGE, c->name, "a number is 1 to %d of "
		    "letters, digits and + . _ -", SIGMSG_NUMBER - 1);
	return c;
}

int
main(int argc, char *argv[])
{
	struct arguments a = { DEFAULT_DB, NULL, NULL };
	const struct command *command;
	struct users *users;
	int first, status;

	tool_name("rp-users");
	tool_hold_descriptors();
	log_open("rp-users", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	first = args_read(&line, argc, argv, &a);
	command = choose(argc - first, argv + first, &a);
	status = users_open(&users, a.db, command->create);
	if (status != USERS_DONE)
		return status;
	status = command->run(users, &a);
	users_close(users);
	if (fflush(stdout) != 0)
		tool_fail(USERS_USAGE, "standard output", "cannot be written");
	return status;
}
