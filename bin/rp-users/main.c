/*
 * rp-users(8): the directory of subscribers, from the command line.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/log.h"
#include "base/tool.h"
#include "changes.h"
#include "command.h"
#include "deviceid.h"
#include "export.h"
#include "guest.h"
#include "import_run.h"
#include "link.h"
#include "listing.h"
#include "normalise.h"
#include "relayuser.h"
#include "testpush.h"
#include "users.h"
#include "where.h"
#include "wire/sigmsg.h"

#define TIMEOUT_MAX_MS 600000	/* nobody waits longer at a prompt */

static const char usage[] =
    "usage: rp-users [OPTION...] COMMAND\n"
    "  init                     make an empty directory\n"
    "  add NUMBER               add a device; print its token, once\n"
    "  list [PREFIX]            list every subscriber\n"
    "  show NUMBER              list a subscriber's devices\n"
    "  devices NUMBER           list them with all that is known\n"
    "  revoke NUMBER DEVICE     remove one device\n"
    "  remove NUMBER            remove a subscriber with all devices\n"
    "  block NUMBER [CALLER]    refuse this number; or have it not ring for\n"
    "                           that caller\n"
    "  unblock NUMBER [CALLER]  accept it again\n"
    "  blocked [NUMBER]         list the numbers that are blocked, or those\n"
    "                           that this one blocks\n"
    "  link NUMBER              print a link by which a device joins, once\n"
    "  guest NUMBER             print a link by which guests call it\n"
    "  guests [NUMBER]          list those links\n"
    "  revoke-guest NUMBER ID   end such a link\n"
    "  push NUMBER [DEVICE]     send a test push, and print its result\n"
    "  export [FILE]            write everything, as lines of JSON\n"
    "  import FILE              add many devices, all or none\n"
    "  normalise                bring telephone numbers into one form\n"
    "  relay-user USER          print a line for the file of relay.users; the\n"
    "                           password is read from standard input\n"
    "  --db URL            sqlite:PATH, redis://ADDR or postgresql://HOST/DB;\n"
    "                      " WHERE_DEFAULT " if not given\n"
    "  --db-file FILE      a file that holds the URL\n"
    "  --config FILE       the rp-switchd.conf that has it\n"
    "  --token-file FILE   add: write the token there\n"
    "  --key KEY           add: the device has this key, and no token\n"
    "  --json              list, devices: print JSON\n"
    "  --update            import: change the devices that are there\n"
    "  --dry-run           normalise: only tell what would be changed\n"
    "  --now               revoke, remove, block: end running calls too\n"
    "  --url URL           link, guest: the address of the page\n"
    "  --minutes N         link: how long it is good for, by default 15\n"
    "  --days N            guest: how long it is good for, by default 365\n"
    "  --name NAME         guest: what it is for\n"
    "  --calls-per-hour N  guest: in place of call.per_guest_per_hour\n"
    "  --at-once N         guest: in place of call.per_guest_at_once\n"
    "  --qr                link, guest: draw it, even if nobody looks\n"
    "  --realm REALM       relay-user: the realm, by default rp\n"
    "  --password-file FILE  relay-user: read the password there\n"
    "  --make-password FILE  relay-user: make one up, and write it there\n"
    "  --push-command CMD  push: in place of the configured push.command\n"
    "  --timeout SECONDS   push: for how long to try, by default 15\n"
    "                      --now: until the device is removed, by default 60\n"
    "  -h, --help, --version\n";

static const struct command {
	const char *name;
	command_run *run;
	int least, most;	/* operands */
	bool number;		/* the first operand is one */
	bool device;		/* the second, if given, is a device's id */
	bool create;		/* it makes a directory where there is none */
	bool alone;		/* it needs no directory */
} commands[] = {
	{ "init", changes_init, 0, 0, false, false, true, false },
	{ "add", changes_add, 1, 1, true, false, true, false },
	{ "list", listing_all, 0, 1, false, false, false, false },
	{ "show", listing_show, 1, 1, true, false, false, false },
	{ "devices", listing_devices, 1, 1, true, false, false, false },
	{ "revoke", changes_revoke, 2, 2, true, true, false, false },
	{ "remove", changes_remove, 1, 1, true, false, false, false },
	{ "block", changes_block, 1, 2, true, false, false, false },
	{ "unblock", changes_unblock, 1, 2, true, false, false, false },
	{ "blocked", listing_blocked, 0, 1, false, false, false, false },
	{ "link", link_run, 1, 1, true, false, false, false },
	{ "guest", guest_add, 1, 1, true, false, false, false },
	{ "guests", guest_list, 0, 1, false, false, false, false },
	{ "revoke-guest", guest_revoke, 2, 2, true, false, false, false },
	{ "push", testpush_run, 1, 2, true, true, false, false },
	{ "export", export_run, 0, 1, false, false, false, false },
	{ "import", import_run, 1, 1, false, false, true, false },
	{ "normalise", normalise_run, 0, 0, false, false, false, false },
	{ "relay-user", relayuser_run, 1, 1, false, false, false, true },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

#define AT(field) offsetof(struct command_line, field)

static const struct args_option options[] = {
	{ "db", '\0', ARGS_TEXT, AT(db), 0 },
	{ "db-file", '\0', ARGS_TEXT, AT(db_file), 0 },
	{ "config", '\0', ARGS_TEXT, AT(config), 0 },
	{ "token-file", '\0', ARGS_TEXT, AT(token_file), 0 },
	{ "key", '\0', ARGS_TEXT, AT(key), 0 },
	{ "json", '\0', ARGS_FLAG, AT(json), 0 },
	{ "update", '\0', ARGS_FLAG, AT(update), 0 },
	{ "dry-run", '\0', ARGS_FLAG, AT(dry_run), 0 },
	{ "realm", '\0', ARGS_TEXT, AT(realm), 0 },
	{ "password-file", '\0', ARGS_TEXT, AT(password_file), 0 },
	{ "make-password", '\0', ARGS_TEXT, AT(make_password), 0 },
	{ "push-command", '\0', ARGS_TEXT, AT(push_command), 0 },
	{ "url", '\0', ARGS_TEXT, AT(url), 0 },
	{ "days", '\0', ARGS_TEXT, AT(days), 0 },
	{ "name", '\0', ARGS_TEXT, AT(name), 0 },
	{ "calls-per-hour", '\0', ARGS_TEXT, AT(calls_per_hour), 0 },
	{ "at-once", '\0', ARGS_TEXT, AT(at_once), 0 },
	{ "minutes", '\0', ARGS_TEXT, AT(minutes), 0 },
	{ "qr", '\0', ARGS_FLAG, AT(qr), 0 },
	{ "now", '\0', ARGS_FLAG, AT(now), 0 },
	{ "timeout", '\0', ARGS_SECONDS, AT(timeout_ms), 0 },
};

static const struct args args = {
	options, sizeof(options) / sizeof(options[0]), usage, true,
	COMMAND_USAGE
};

/* Refuse options about a relay's user that the command would ignore. */
static void
check_relay(const struct command *c, const struct command_line *line)
{
	if (c->run == relayuser_run) {
		if (line->password_file != NULL && line->make_password != NULL)
			tool_fail(COMMAND_USAGE, "--make-password",
			    "there is one in --password-file");
		return;
	}
	if (line->realm != NULL)
		tool_fail(COMMAND_USAGE, c->name, "takes no --realm");
	if (line->password_file != NULL)
		tool_fail(COMMAND_USAGE, c->name, "takes no --password-file");
	if (line->make_password != NULL)
		tool_fail(COMMAND_USAGE, c->name, "takes no --make-password");
}

/* Refuse options about a link that the command would ignore. */
static void
check_link(const struct command *c, const struct command_line *line)
{
	const struct {
		const char *option, *value;
		command_run *run;
	} takes[] = {
		{ "--minutes", line->minutes, link_run },
		{ "--days", line->days, guest_add },
		{ "--name", line->name, guest_add },
		{ "--calls-per-hour", line->calls_per_hour, guest_add },
		{ "--at-once", line->at_once, guest_add },
	};
	bool link = c->run == link_run || c->run == guest_add;
	size_t i;

	for (i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (takes[i].value != NULL && c->run != takes[i].run)
			tool_fail(COMMAND_USAGE, c->name, "takes no %s",
			    takes[i].option);
	if (line->url != NULL && !link)
		tool_fail(COMMAND_USAGE, c->name, "takes no --url");
	if (line->qr && !link)
		tool_fail(COMMAND_USAGE, c->name, "takes no --qr");
}

/* Refuse options that the command would ignore. */
static void
check_options(const struct command *c, const struct command_line *line)
{
	if (line->token_file != NULL && c->run != changes_add)
		tool_fail(COMMAND_USAGE, c->name, "takes no --token-file");
	if (line->key != NULL && c->run != changes_add)
		tool_fail(COMMAND_USAGE, c->name, "takes no --key");
	if (line->key != NULL && line->token_file != NULL)
		tool_fail(COMMAND_USAGE, "--key", "a device with a key has no "
		    "token for --token-file");
	if (line->json && c->run != listing_all && c->run != listing_devices)
		tool_fail(COMMAND_USAGE, c->name, "takes no --json");
	if (line->update && c->run != import_run)
		tool_fail(COMMAND_USAGE, c->name, "takes no --update");
	if (line->dry_run && c->run != normalise_run)
		tool_fail(COMMAND_USAGE, c->name, "takes no --dry-run");
	if (line->push_command != NULL && c->run != testpush_run)
		tool_fail(COMMAND_USAGE, c->name, "takes no --push-command");
	if (line->now && c->run != changes_revoke &&
	    c->run != changes_remove && (c->run != changes_block ||
	    line->operand[1] != NULL))
		tool_fail(COMMAND_USAGE, c->name, "takes no --now");
	if (line->timeout_ms < 0 || line->timeout_ms > TIMEOUT_MAX_MS)
		tool_fail(COMMAND_USAGE, "--timeout", "wants 0.001 to %d",
		    TIMEOUT_MAX_MS / 1000);
}

static void
check_operands(const struct command *c, const struct command_line *line)
{
	const char *number = line->operand[0], *device = line->operand[1];

	bool two = c->run == changes_block || c->run == changes_unblock;

	if ((c->number && !sigmsg_number_ok(number)) ||
	    (two && device != NULL && !sigmsg_number_ok(device)))
		tool_fail(COMMAND_USAGE, c->name, "a number is 1 to %d of "
		    "letters, digits and + . _ -", SIGMSG_NUMBER - 1);
	if (c->device && device != NULL && !deviceid_ok(device))
		tool_fail(COMMAND_USAGE, c->name, "a device is %d to %d "
		    "hexadecimal digits", DEVICEID_MIN, DEVICEID_TEXT - 1);
}

/* Return the command that words[0] names, with its operands checked. */
static const struct command *
choose(int n, char *words[], struct command_line *line)
{
	const struct command *c = commands;
	int i;

	if (n == 0)
		tool_fail(COMMAND_USAGE, "command", "none given; see --help");
	while (c < commands + N_COMMANDS && strcmp(c->name, words[0]) != 0)
		c++;
	if (c == commands + N_COMMANDS)
		tool_fail(COMMAND_USAGE, words[0],
		    "no such command; see --help");
	if (n - 1 < c->least || n - 1 > c->most)
		tool_fail(COMMAND_USAGE, c->name, "wants %s operand%s; see "
		    "--help", n - 1 < c->least ? "another" : "fewer",
		    n - 1 < c->least ? "" : "s");
	for (i = 1; i < n; i++)
		line->operand[i - 1] = words[i];
	check_options(c, line);
	check_relay(c, line);
	check_link(c, line);
	check_operands(c, line);
	return c;
}

static int
run_command(const struct command *command, const struct where *where,
    const struct command_line *line)
{
	struct users users;
	int status;

	if (command->alone)
		return command->run(NULL, NULL, line);
	status = users_open(&users, where->directory, command->create);

	if (status != COMMAND_DONE)
		return status;
	status = command->run(&users, where, line);
	users_close(&users);
	return status;
}

int
main(int argc, char *argv[])
{
	struct command_line line = { .timeout_ms = 0 };
	const struct command *command;
	struct where where = { 0 };
	int first, status;

	tool_name("rp-users");
	tool_hold_descriptors();
	log_open("rp-users", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	first = args_read(&args, argc, argv, &line);
	command = choose(argc - first, argv + first, &line);
	status = command->alone ? COMMAND_DONE : where_find(&where, &line);
	if (status == COMMAND_DONE)
		status = run_command(command, &where, &line);
	where_clear(&where);
	tool_check_output(COMMAND_USAGE);
	return status;
}
