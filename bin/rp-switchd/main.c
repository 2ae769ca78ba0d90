/*
 * rp-switchd: signalling server and TURN relay of a calling network.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/args.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "base/tool.h"
#include "conf/settings.h"
#include "conf/settings_listen.h"
#include "dev/dev.h"
#include "net/eventlog.h"
#include "net/keyholder.h"
#include "preflight.h"
#include "switchd.h"
#include "turn/turnlink.h"
#include "wire/addr.h"
#include "wire/why.h"

#define LOG_STOP_MS 1000	/* at the end, for the log's reader */
#define DEFAULT_FILE "/etc/rp/rp-switchd.conf"

struct arguments {
	const char *file;
	const char *folder;	/* of relative names; NULL: the file's */
	const char *user;	/* for -t: who reads all that */
	const char *dev_dir;
	const char *listen;
	const char *ready_file;
	bool test;
	bool running;		/* reading must not block now */
};

static const char usage[] =
    "usage: rp-switchd [-c FILE] [--folder DIR] [-t [-u USER[:GROUP]]]\n"
    "                  [--dev DIR] [--listen ADDR] [--ready-file FILE]\n"
    "  -c FILE            configuration (" DEFAULT_FILE ")\n"
    "  --folder DIR       what relative file names in it are relative to\n"
    "  -t                 check it and all that it names, and exit\n"
    "  -u USER[:GROUP]    for -t: check it as this user, by name or number\n"
    "  --dev DIR          run a switch for this machine only, without a\n"
    "                     configuration; make all that it needs in DIR\n"
    "  --listen ADDR      the call port's address, instead of the file's\n"
    "  --ready-file FILE  write the bound addresses there once open\n"
    "  -h, --help, --version\n";

#define AT(field) offsetof(struct arguments, field)

static const struct args_option options[] = {
	{ NULL, 'c', ARGS_TEXT, AT(file), 0 },
	{ "folder", '\0', ARGS_TEXT, AT(folder), 0 },
	{ NULL, 't', ARGS_FLAG, AT(test), 0 },
	{ NULL, 'u', ARGS_TEXT, AT(user), 0 },
	{ "dev", '\0', ARGS_TEXT, AT(dev_dir), 0 },
	{ "listen", '\0', ARGS_TEXT, AT(listen), 0 },
	{ "ready-file", '\0', ARGS_TEXT, AT(ready_file), 0 },
};

static const struct args line = {
	options, sizeof(options) / sizeof(options[0]), usage, false, 1
};

static void
parse(struct arguments *a, int argc, char *argv[])
{
	struct addr addr;

	args_read(&line, argc, argv, a);
	if (a->dev_dir != NULL && a->file != NULL)
		tool_fail(1, "--dev", "takes no configuration: leave out -c");
	if (a->user != NULL && !a->test)
		tool_fail(1, "-u", "is for -t");
	if (a->dev_dir != NULL && a->folder != NULL)
		tool_fail(1, "--dev", "takes no --folder");
	if (a->listen != NULL &&
	    addr_parse(&addr, a->listen, SETTINGS_CALL_PORT) < 0)
		tool_fail(1, "--listen", "invalid address \"%s\"", a->listen);
	if (a->file == NULL)
		a->file = DEFAULT_FILE;
}

/*
 * Read all settings from the arguments and the configuration; also at a reload.
 */
static int
read_settings(struct settings *settings, char why[static WHY_TEXT],
    void *arg)
{
	const struct arguments *args = arg;
	const struct conf_source from = {
		args->file, args->folder, args->running
	};

	if (settings_defaults(settings) < 0) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	settings->testing = args->test;
	if (args->dev_dir != NULL)
		return dev_prepare(settings, args->dev_dir, args->listen, why);
	return settings_read(settings, &from, args->listen, why);
}

static void
open_log(const struct settings *settings)
{
	enum log_level level = LOG_LEVEL_INFO;

	log_level_parse(&level, settings->log_level);
	log_open("rp-switchd", settings->log_syslog ? LOG_TO_SYSLOG :
	    LOG_TO_STDERR, level);
}

/* Check the configuration, and print nothing if it is good. */
static int
test_settings(struct settings *settings, struct arguments *args,
    char why[static WHY_TEXT])
{
	int err;

	log_open("rp-switchd", LOG_TO_STDERR, LOG_LEVEL_WARN);
	err = args->user != NULL ? privdrop_as(args->user) : 0;
	if (err < 0) {
		why_set(why, "-u: %.300s: %s", args->user, err == -ENOENT ?
		    "no such user or group" : strerror(-err));
		return err;
	}
	err = read_settings(settings, why, args);
	return err < 0 ? err :
	    preflight_test(settings, args->user == NULL, why);
}

/* Run a switch until it is stopped. */
static int
run_switch(const struct switchd_options *start, char why[static WHY_TEXT])
{
	struct arguments *args = start->arg;
	struct switchd *switchd = NULL;
	int err = read_settings(start->settings, why, args);

	if (err < 0)
		return err;
	open_log(start->settings);
	args->running = true;
	err = switchd_new(&switchd, start, why);
	if (err == 0)
		err = switchd_run(switchd, why);
	switchd_free(switchd);
	log_stop(LOG_STOP_MS);
	return err;
}

/*
 * Fork the processes that must not share our memory, before there is anything
 * in it.
 */
static int
run(struct settings *settings, struct arguments *args, char *argv[],
    char why[static WHY_TEXT])
{
	struct switchd_options start = {
		.settings = settings, .read = read_settings, .arg = args,
		.dev_dir = args->dev_dir, .ready_file = args->ready_file
	};
	int err = keyholder_start(&start.keys, "rp-switchd: keys", argv);

	if (err == 0)
		err = turnlink_start(&start.turn, keyholder_guest(start.keys),
		    "rp-switchd: relay", argv);
	if (err < 0)
		why_set(why, "cannot make a process: %s", strerror(-err));
	else
		err = run_switch(&start, why);
	turnlink_free(start.turn);
	keyholder_free(start.keys);
	return err;
}

/*
 * Keys and tokens are in memory: no core dump of it, and no other process of
 * this user attaches to it. The programs that it runs are as they were.
 */
static void
keep_memory_private(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main(int argc, char *argv[])
{
	struct arguments args = { 0 };
	struct settings settings = { 0 };
	char why[WHY_TEXT] = "";
	int err;

	tool_name("rp-switchd");
	keep_memory_private();
	tool_hold_descriptors();
	log_open("rp-switchd", LOG_TO_STDERR, LOG_LEVEL_INFO);
	tool_ignore_signals();
	tool_ignore_stops();
	crash_install("rp-switchd");
	eventlog_install();
	tool_raise_files();	/* each connection needs one */
	parse(&args, argc, argv);
	err = args.test ? test_settings(&settings, &args, why) :
	    run(&settings, &args, argv, why);
	settings_free(&settings);
	if (err < 0)
		fprintf(stderr, "%srp-switchd: %s\n",
		    log_prefix(LOG_LEVEL_ERROR), why);
	return err < 0 ? 1 : 0;
}
