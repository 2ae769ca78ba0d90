/*
 * rp-switchd: signalling server and TURN relay of a calling network.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/tool.h"
#include "conf/settings.h"
#include "dev/dev.h"
#include "net/eventlog.h"
#include "reopen.h"
#include "switchd.h"
#include "wire/why.h"

#define LOG_STOP_MS 1000	/* at the end, for the log's reader */
#define DEFAULT_FILE "/etc/rp/rp-switchd.conf"

struct arguments {
	const char *file;
	const char *dev_dir;
	const char *listen;
	const char *ready_file;
	bool test;
	bool running;		/* reading must not block now */
};

static const char usage[] =
    "usage: rp-switchd [-c FILE] [-t] [--dev DIR] [--listen ADDR]\n"
    "                  [--ready-file FILE]\n"
    "  -c FILE            configuration (" DEFAULT_FILE ")\n"
    "  -t                 check it, and exit\n"
    "  --dev DIR          run a switch for this machine only, without a\n"
    "                     configuration; make all that it needs in DIR\n"
    "  --listen ADDR      the call port's address, instead of the file's\n"
    "  --ready-file FILE  write the bound addresses there once open\n"
    "  --help, --version\n";

#define AT(field) offsetof(struct arguments, field)

static const struct args_option options[] = {
	{ NULL, 'c', ARGS_TEXT, AT(file), 0 },
	{ NULL, 't', ARGS_FLAG, AT(test), 0 },
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
	args_read(&line, argc, argv, a);
	if (a->dev_dir != NULL && a->file != NULL)
		tool_fail(1, "--dev", "takes no configuration: leave out -c");
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
	int err;

	if (settings_defaults(settings) < 0) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	if (args->dev_dir != NULL)
		return dev_prepare(settings, args->dev_dir, args->listen, why);
	err = args->running ? settings_reread(settings, args->file, why) :
	    settings_read(settings, args->file, why);
	if (err < 0)
		return -EINVAL;
	if (args->listen != NULL &&
	    settings_set_list(&settings->listen, args->listen) < 0) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

static void
open_log(const struct settings *settings)
{
	enum log_level level = LOG_LEVEL_INFO;

	log_level_parse(&level, settings->log_level);
	log_open("rp-switchd", settings->log_syslog ? LOG_TO_SYSLOG :
	    LOG_TO_STDERR, level);
}

int
main(int argc, char *argv[])
{
	struct arguments args = { 0 };
	struct settings settings = { 0 };
	struct switchd_options start = {
		.settings = &settings, .read = read_settings, .arg = &args
	};
	struct switchd *switchd = NULL;
	char why[WHY_TEXT] = "";
	int err;

	tool_name("rp-switchd");
	tool_hold_descriptors();
	tool_ignore_signals();
	tool_ignore_stops();
	crash_install("rp-switchd");
	eventlog_install();
	tool_raise_files();	/* each connection needs one */
	parse(&args, argc, argv);
	start.dev_dir = args.dev_dir;
	start.ready_file = args.ready_file;

	err = read_settings(&settings, why, &args);
	if (err == 0 && args.test)
		err = reopen_check(settings.directory, why);
	else if (err == 0) {
		open_log(&settings);
		args.running = true;
		err = switchd_new(&switchd, &start, why);
		if (err == 0)
			err = switchd_run(switchd, why);
		switchd_free(switchd);
		log_stop(LOG_STOP_MS);
	}
	settings_free(&settings);
	if (err < 0)
		fprintf(stderr, "rp-switchd: %s\n", why);
	return err < 0 ? 1 : 0;
}
