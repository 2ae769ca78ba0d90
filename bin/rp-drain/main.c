/* rp-drain: have a switch refuse new calls, and wait for the running ones. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#include "base/args.h"
#include "base/log.h"
#include "base/tool.h"
#include "session.h"

#define DEFAULT_SOCKET "/run/rp-switchd/control"

static const char usage[] =
    "usage: rp-drain [--socket PATH] [--timeout SECONDS]\n"
    "                [--force-after SECONDS] [--shutdown-after SECONDS]\n"
    "                [--stop] [--final]\n"
    "       rp-drain [--socket PATH] --undrain | --reload\n"
    "       rp-drain [--socket PATH] --status | --sessions [--json]\n"
    "  --socket PATH          the switch's control socket; if not given,\n"
    "                         " DEFAULT_SOCKET "\n"
    "  --timeout SECONDS      wait at most this long; the drain goes on\n"
    "  --force-after SECONDS  then hang up on the calls that are left\n"
    "  --shutdown-after SECONDS  when the system goes down, hang up so long\n"
    "                         after that\n"
    "  --stop                 have the switch exit when no call is left\n"
    "  --final                let nobody cancel this drain\n"
    "  --undrain              take new calls again\n"
    "  --reload               have the switch read its configuration again\n"
    "  --status               show the switch; with --json, its calls too;\n"
    "                         exit 0 if it takes new calls\n"
    "  --sessions             show each running call and its media\n"
    "  --json                 print JSON: one object, or one per line\n"
    "  -h, --help, --version\n";

#define AT(field) offsetof(struct session_options, field)

static const struct args_option options[] = {
	{ "socket", '\0', ARGS_TEXT, AT(socket), 0 },
	{ "timeout", '\0', ARGS_SECONDS, AT(timeout_ms), 0 },
	{ "force-after", '\0', ARGS_SECONDS, AT(force_after_ms), 0 },
	{ "shutdown-after", '\0', ARGS_SECONDS, AT(shutdown_after_ms), 0 },
	{ "final", '\0', ARGS_FLAG, AT(final), 0 },
	{ "stop", '\0', ARGS_FLAG, AT(stop), 0 },
	{ "undrain", '\0', ARGS_CHOICE, AT(task), SESSION_UNDRAIN },
	{ "reload", '\0', ARGS_CHOICE, AT(task), SESSION_RELOAD },
	{ "status", '\0', ARGS_CHOICE, AT(task), SESSION_STATUS },
	{ "sessions", '\0', ARGS_CHOICE, AT(task), SESSION_SESSIONS },
	{ "json", '\0', ARGS_FLAG, AT(json), 0 },
};

static const struct args line = {
	options, sizeof(options) / sizeof(options[0]), usage, false,
	SESSION_FAILED
};

static void
check_options(const struct session_options *o)
{
	if (o->json && o->task != SESSION_STATUS &&
	    o->task != SESSION_SESSIONS)
		tool_fail(SESSION_FAILED, "--json",
		    "goes with --status and --sessions only");
	if (o->task == SESSION_DRAIN)
		return;
	if (o->stop || o->final || o->timeout_ms >= 0 ||
	    o->force_after_ms >= 0 || o->shutdown_after_ms >= 0)
		tool_fail(SESSION_FAILED, "options", "--timeout, "
		    "--force-after, --shutdown-after, --stop and --final go "
		    "with a drain only");
}

/* End by the signal that ended the wait, so that a shell sees it. */
static void
end_by(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

int
main(int argc, char *argv[])
{
	struct session_options o = {
		.socket = DEFAULT_SOCKET, .task = SESSION_DRAIN,
		.timeout_ms = -1, .force_after_ms = -1,
		.shutdown_after_ms = -1,
	};
	int status;

	tool_name("rp-drain");
	tool_hold_descriptors();
	log_open("rp-drain", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	args_read(&line, argc, argv, &o);
	check_options(&o);
	status = session_run(&o);
	tool_check_output(SESSION_FAILED);
	if (status > SESSION_SIGNAL)
		end_by(status - SESSION_SIGNAL);
	return status;
}
