/* rp-drain: have a switch refuse new calls, and wait for the running ones. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/tool.h"
#include "session.h"

#define DEFAULT_SOCKET "/run/rp-switchd/control"
#define SECONDS_MAX 1000000.0

static const char usage[] =
    "usage: rp-drain [--socket PATH] [--timeout SECONDS]\n"
    "                [--force-after SECONDS] [--stop]\n"
    "       rp-drain [--socket PATH] --undrain | --reload\n"
    "       rp-drain [--socket PATH] --status | --sessions [--json]\n"
    "  --socket PATH          the switch's control socket; if not given,\n"
    "                         " DEFAULT_SOCKET "\n"
    "  --timeout SECONDS      wait no longer than that; the drain goes on\n"
    "  --force-after SECONDS  then hang up on the calls that are left\n"
    "  --stop                 have the switch exit when no call is left\n"
    "  --undrain              take new calls again\n"
    "  --reload               have the switch read its configuration again\n"
    "  --status               how the switch is; with --json, each call too\n"
    "  --sessions             each call and its media, while it runs\n"
    "  --json                 for a program: an object, or one a line\n"
    "  --help, --version\n";

static int64_t
seconds(const char *option, const char *text)
{
	char *rest;
	double value = strtod(text, &rest);

	if (rest == text || *rest != '\0' || isnan(value) || value < 0 ||
	    value > SECONDS_MAX)
		tool_fail(SESSION_FAILED, option, "wants seconds, not \"%s\"",
		    text);
	return (int64_t)(value * 1000);
}

static void
set_task(struct session_options *o, enum session_task task)
{
	if (o->task != SESSION_DRAIN && o->task != task)
		tool_fail(SESSION_FAILED, "options",
		    "only one of --undrain, --reload, --status and --sessions");
	o->task = task;
}

static void
parse(int argc, char *argv[], struct session_options *o)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "force-after", required_argument, NULL, 'f' },
		{ "stop", no_argument, NULL, 'x' },
		{ "undrain", no_argument, NULL, 'u' },
		{ "reload", no_argument, NULL, 'r' },
		{ "status", no_argument, NULL, 'S' },
		{ "sessions", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			o->socket = optarg;
			break;
		case 't':
			o->timeout_ms = seconds("--timeout", optarg);
			break;
		case 'f':
			o->force_after_ms = seconds("--force-after", optarg);
			break;
		case 'x':
			o->stop = true;
			break;
		case 'u':
			set_task(o, SESSION_UNDRAIN);
			break;
		case 'r':
			set_task(o, SESSION_RELOAD);
			break;
		case 'S':
			set_task(o, SESSION_STATUS);
			break;
		case 'l':
			set_task(o, SESSION_SESSIONS);
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(SESSION_DONE);
		case 'v':
			tool_version();
			exit(SESSION_DONE);
		default:
			exit(SESSION_FAILED);
		}
	}
	if (optind < argc)
		tool_fail(SESSION_FAILED, argv[optind],
		    "no operand is wanted; see --help");
}

static void
check(const struct session_options *o)
{
	if (o->json && o->task != SESSION_STATUS &&
	    o->task != SESSION_SESSIONS)
		tool_fail(SESSION_FAILED, "--json",
		    "goes with --status and --sessions only");
	if (o->task == SESSION_DRAIN)
		return;
	if (o->stop || o->timeout_ms >= 0 || o->force_after_ms >= 0)
		tool_fail(SESSION_FAILED, "options",
		    "--timeout, --force-after and --stop go with a drain only");
}

int
main(int argc, char *argv[])
{
	struct session_options options = {
		.socket = DEFAULT_SOCKET, .task = SESSION_DRAIN,
		.timeout_ms = -1, .force_after_ms = -1,
	};
	int status;

	tool_name("rp-drain");
	log_open("rp-drain", LOG_STDERR, LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	parse(argc, argv, &options);
	check(&options);
	status = session_run(&options);
	if (fflush(stdout) != 0)
		tool_fail(SESSION_FAILED, "standard output",
		    "cannot be written");
	return status;
}
