/*
 * rp-dial: places, or answers, an end-to-end encrypted call and reports its
 * quality. See rp-dial(1).
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/tool.h"
#include "callee/answer.h"
#include "callee/register.h"
#include "caller/dial.h"
#include "conf/context.h"
#include "conf/options.h"
#include "load/load_run.h"
#include "load/load_list.h"
#include "media/audio/device.h"
#include "media/audio/handset.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/tickets.h"
#include "net/tls.h"
#include "probe/probe.h"
#include "who/account.h"
#include "who/identity.h"
#include "who/switchnames.h"
#include "wire/hostport.h"
#include "wire/why.h"

static void
set_up_log(void)
{
	const char *text = getenv("RP_LOG");
	enum log_level level = LOG_LEVEL_WARN;

	if (text != NULL && log_level_parse(&level, text) < 0)
		tool_fail(1, "RP_LOG", "wants error, warn, info or debug");
	log_open("rp-dial", LOG_TO_STDERR, level);
}

/* Read the account of a list's first line. */
static void
read_listed(struct account *account, const char *list)
{
	char path[LOAD_LIST_PATH], why[WHY_TEXT];

	if (load_list_first(list, path, why) < 0)
		tool_fail(1, "--list", "%s", why);
	if (account_read(account, path, why) < 0)
		tool_fail(1, "account", "%s", why);
}

/*
 * Read the account. A probe needs none if the command line names the relay, or
 * names the switch and asks it for nothing.
 */
static void
read_account(struct account *account, const struct options *options)
{
	char why[WHY_TEXT];

	if (options->mode == OPTIONS_REGISTER) {
		if (account_draft(account, options->account, why) < 0)
			tool_fail(1, "account", "%s", why);
		return;
	}
	if (options->n_relays > 0 && options->account == NULL)
		return;
	if (options->list != NULL) {
		read_listed(account, options->list);
		return;
	}
	if (account_read(account, options->account, why) == 0)
		return;
	if (options->mode == OPTIONS_PROBE && options->account == NULL &&
	    options->switch_name != NULL && !options->relay)
		return;
	tool_fail(1, "account", "%s", why);
}

static void
choose_switch(struct dial_context *context, struct hostport *out)
{
	const char *text = context->options->switch_name;

	if (context->options->n_relays > 0)
		return;		/* no switch is asked */
	if (text == NULL)
		text = context->account->switch_name;
	if (text == NULL)
		tool_fail(1, context->account->file, "names no switch: add "
		    "switch = \"NAME[:PORT]\" or give --switch");
	if (hostport_parse(out, text, ACCOUNT_PORT) < 0)
		tool_fail(1, text, "wants NAME[:PORT]");
	context->switch_name = out->name;
	context->switch_port = out->port;
	switchnames_init(context->names, context->account->switch_name,
	    out->name);
}

static void
load_identity(struct identity *identity, const struct account *account)
{
	char why[WHY_TEXT];

	if (identity_load(identity, account->identity, why) < 0)
		tool_fail(1, "identity", "%s", why);
}

static void
load_ca(struct dial_context *context)
{
	const char *ca = context->options->ca;
	const struct account *account = context->account;
	char why[WHY_TEXT], where[WHY_TEXT];

	if (ca == NULL)
		ca = account->ca;
	if (tls_config_client(&context->tls, ca, why) == 0)
		return;
	if (context->options->ca != NULL || ca == NULL)
		tool_fail(1, ca != NULL ? "--ca" : "ca", "%s", why);
	conf_complain(where, account->file, "ca", "%s", why);
	tool_fail(1, "account", "%s", where);
}

/* Load the tickets. Without them a call only takes a round trip more. */
static void
load_tickets(struct dial_context *context)
{
	if (context->account->tickets != NULL)
		(void)tickets_new(&context->tickets,
		    context->account->tickets);
}

static void
save_tickets(struct dial_context *context)
{
	int err = context->tickets == NULL ? 0 :
	    tickets_save(context->tickets);

	if (err < 0)
		log_debug("tickets_not_saved", "error=\"%s\"",
		    strerror(-err));
	tickets_free(context->tickets);
}

/* Print the names of the devices of a kind, or that there is none. */
static void
list_kind(enum device_kind kind, const char *option)
{
	char why[WHY_TEXT];
	int err = device_list(kind, stdout, why);

	if (err == -ENOENT)
		tool_warn(option, "%s", why);
	else if (err < 0)
		tool_fail(1, option, "%s", why);
}

/* Print the names of the devices that were asked for. */
static void
list_devices(const struct options *options)
{
	static const struct {
		enum device_kind kind;
		const char *option;
	} kinds[] = {
		{ DEVICE_MIC, "--mic" }, { DEVICE_SPEAKER, "--speaker" }
	};
	const char *const names[] = { options->mic, options->speaker };
	size_t i;

	for (i = 0; i < 2; i++)
		if (names[i] != NULL && strcmp(names[i], "list") == 0)
			list_kind(kinds[i].kind, kinds[i].option);
	tool_exit_said(1);
}

/* Open the devices before anybody is rung. */
static void
open_devices(struct dial_context *context)
{
	const struct options *options = context->options;
	const struct handset_options devices = {
		options->mic, options->speaker
	};
	char why[WHY_TEXT];

	if (options->mic == NULL && options->speaker == NULL)
		return;
	if (handset_new(&context->handset, context->loop, &devices, why) == 0)
		return;
	if (!options->usual)
		tool_fail(1, "devices", "%s", why);
	tool_warn("devices", "%s: going on in silence", why);
}

static int
run_mode(const struct dial_context *context)
{
	switch (context->options->mode) {
	case OPTIONS_ANSWER:
		return answer_run(context);
	case OPTIONS_PROBE:
		return probe_run(context);
	case OPTIONS_REGISTER:
		return register_run(context);
	case OPTIONS_LOAD:
		return load_run(context);
	case OPTIONS_DIAL:
		break;
	}
	return dial_run(context);
}

/*
 * Reports and recordings of calls are for nobody else to read. A textfile is
 * for a collector, which is another user.
 */
static void
keep_files_private(const struct options *options)
{
	if (options->textfile == NULL)
		umask(umask(0) | 077);
}

int
main(int argc, char *argv[])
{
	struct hostport place;
	struct identity identity = { .credentials = NULL };
	struct account account = { .file = NULL };
	struct switchnames names;
	struct options options;
	struct resolve_options resolve = { .cache_file = NULL };
	struct dial_context context = {
		.options = &options,
		.account = &account,
		.identity = &identity,
		.resolve = &resolve,
		.names = &names
	};
	int status;

	tool_name("rp-dial");
	tool_hold_descriptors();
	options_read(&options, argc, argv);
	keep_files_private(&options);
	set_up_log();
	if (options_list(&options))
		list_devices(&options);
	tool_ignore_signals();
	read_account(&account, &options);
	resolve.cache_file = account.addresses;
	choose_switch(&context, &place);
	if (options.mode == OPTIONS_DIAL || options.mode == OPTIONS_ANSWER)
		load_identity(&identity, &account);
	load_ca(&context);
	context.loop = loop_new();
	if (context.loop == NULL)
		tool_fail(1, "event loop", "%s", strerror(ENOMEM));
	open_devices(&context);
	load_tickets(&context);
	status = run_mode(&context);
	save_tickets(&context);
	handset_free(context.handset);
	loop_free(context.loop);
	tls_config_free(context.tls);
	identity_clear(&identity);
	account_clear(&account);
	return status;
}
