/*
 * relay_options: the invalid combinations of the options of --probe that
 * concern a relay. See relay_options.h.
 */
#include "conf/relay_options.h"

#include <stdbool.h>
#include <string.h>

#include "base/tool.h"

void
relay_options_plugin(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--nagios") == 0)
			tool_plugin(RELAY_OPTIONS_UNKNOWN,
			    RELAY_OPTIONS_UNKNOWN_STATUS);
}

static void
check_credentials(const struct options *o)
{
	bool secret = o->relay_secret != NULL;
	bool password = o->relay_password != NULL;
	bool user = o->relay_user != NULL;

	if (password && !user)
		tool_fail(1, "--relay-password-file", "goes with "
		    "--relay-user");
	if (user && !password && !secret)
		tool_fail(1, "--relay-user", "goes with "
		    "--relay-password-file, or with --relay-secret");
	if (o->n_relays == 0 && (secret || user))
		tool_fail(1, "--relay-url", "is missing: which relay is "
		    "meant?");
	if (o->n_relays > 0 && secret == password)
		tool_fail(1, "--relay-url", "goes with --relay-secret, or "
		    "with --relay-user and --relay-password-file");
}

static bool
is_stdout(const char *file)
{
	return file != NULL && strcmp(file, "-") == 0;
}

/* Only one of the outputs can have standard output. */
static void
check_outputs(const struct options *o)
{
	if (is_stdout(o->json) && o->nagios)
		tool_fail(1, "--json", "standard output is already used by "
		    "--nagios");
	if (is_stdout(o->textfile) && (is_stdout(o->json) || o->nagios ||
	    o->watch_ms != 0))
		tool_fail(1, "--textfile", "standard output is already used "
		    "by another option");
}

void
relay_options_check(const struct options *o)
{
	bool tested = o->relay || o->n_relays > 0;

	check_credentials(o);
	if (o->n_relays > 0 && o->relay)
		tool_fail(1, "--relay", "does not go with --relay-url: it is "
		    "the switch's own relay");
	if (o->n_relays > 0 && o->switch_name != NULL)
		tool_fail(1, "--relay-url", "does not go with --switch: it "
		    "asks no switch");
	if (o->watch_ms != 0 && o->n_relays == 0)
		tool_fail(1, "--watch", "goes with --relay-url");
	if (o->watch_ms != 0 && o->nagios)
		tool_fail(1, "--nagios", "does not go with --watch: the "
		    "monitor tries again");
	if (o->nagios && !tested)
		tool_fail(1, "--nagios", "goes with --relay or --relay-url");
	if (o->textfile != NULL && !tested)
		tool_fail(1, "--textfile", "goes with --relay or "
		    "--relay-url");
	if ((o->warning.given || o->critical.given) && !o->nagios)
		tool_fail(1, "-w and -c", "go with --nagios");
	check_outputs(o);
}
