/* rp-switchd: signalling and media relay for the calls of its callers. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/tool.h"
#include "dev.h"
#include "settings.h"
#include "switchd.h"

#define DEFAULT_FILE "/etc/rp/rp-switchd.conf"

struct arguments {
	const char *file;
	const char *dev_dir;
	const char *listen;
	const char *ready_file;
	bool test;
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: rp-switchd [-c FILE] [-t] [--dev DIR] [--listen ADDR]\n"
	    "                  [--ready-file FILE]\n"
	    "  -c FILE            configuration (%s)\n"
	    "  -t                 check it, and exit\n"
	    "  --dev DIR          a switch for one machine, with no "
	    "configuration; all\n"
	    "                     that it needs is made in DIR\n"
	    "  --listen ADDR      the call port's address, in place of the "
	    "configured\n"
	    "  --ready-file FILE  gets the bound addresses once all are open\n"
	    "  --help, --version\n", DEFAULT_FILE);
}

static void
parse(struct arguments *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "dev", required_argument, NULL, 'd' },
		{ "listen", required_argument, NULL, 'l' },
		{ "ready-file", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:t", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			args->file = optarg;
			break;
		case 't':
			args->test = true;
			break;
		case 'd':
			args->dev_dir = optarg;
			break;
		case 'l':
			args->listen = optarg;
			break;
		case 'r':
			args->ready_file = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'v':
			tool_version();
			exit(0);
		default:
			usage(stderr);
			exit(1);
		}
	}
	if (optind < argc)
		tool_fail(1, argv[optind], "no such argument; see --help");
	if (args->dev_dir != NULL && args->file != NULL)
		tool_fail(1, "--dev", "takes no configuration: without -c");
	if (args->file == NULL)
		args->file = DEFAULT_FILE;
}

/* All that the arguments and the configuration say; also at a reload. */
static int
read_settings(struct settings *settings, char why[static CONF_WHY],
    void *arg)
{
	const struct arguments *args = arg;

	if (settings_defaults(settings) < 0) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	if (args->dev_dir != NULL)
		return dev_prepare(settings, args->dev_dir, args->listen, why);
	if (settings_read(settings, args->file, why) < 0)
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
	log_open("rp-switchd", settings->log_syslog ? LOG_SYSLOG : LOG_STDERR,
	    level);
}

/* A connection is a descriptor: as many as we may have. */
static void
raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int
main(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct settings settings = { 0 };
	struct switchd_options options = {
		.settings = &settings, .read = read_settings, .arg = &args
	};
	struct switchd *switchd = NULL;
	char why[SWITCHD_WHY] = "";
	int err;

	tool_name("rp-switchd");
	crash_install("rp-switchd");
	raise_files();
	parse(&args, argc, argv);
	options.dev_dir = args.dev_dir;
	options.ready_file = args.ready_file;

	err = read_settings(&settings, why, &args);
	if (err == 0 && !args.test) {
		open_log(&settings);
		err = switchd_new(&switchd, &options, why);
		if (err == 0)
			err = switchd_run(switchd, why);
		switchd_free(switchd);
	}
	settings_free(&settings);
	if (err < 0)
		fprintf(stderr, "rp-switchd: %s\n", why);
	return err < 0 ? 1 : 0;
}
