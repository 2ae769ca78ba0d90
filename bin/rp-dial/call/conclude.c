/*
 * conclude: report how a call went, on standard error and as JSON. Called by
 * dial and answer; probe uses its writing. See conclude.h.
 */
#include "call/conclude.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "call/call.h"
#include "call/live.h"
#include "conf/names.h"
#include "conf/options.h"
#include "net/tls_distrust.h"
#include "who/account.h"

/* Return whether a line is added for each call: JSON Lines. */
static bool
is_lines(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot != NULL && (strcmp(dot, ".jsonl") == 0 ||
	    strcmp(dot, ".ndjson") == 0);
}

int
conclude_write(const char *file, const char *text)
{
	if (strcmp(file, "-") != 0)
		return is_lines(file) ? tool_append_file(file, text) :
		    tool_write_file(file, text);
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
		return -errno;
	return 0;
}

void
conclude_complain(const char *file, int err)
{
	tool_warn(strcmp(file, "-") == 0 ? "standard output" : file, "%s",
	    strerror(-err));
}

enum who { PEER, SWITCH, NUMBER };

/*
 * The message for each outcome: its subject, its text, whether the reason
 * follows, and the remedy. "%" stands for the account file.
 */
static const struct line {
	enum who who;
	const char *what;	/* "": only why */
	bool why;
	const char *hint;	/* "": none */
} lines[] = {
	[OUTCOME_COMPLETED] = { PEER, "", false, "" },
	[OUTCOME_ERROR] = { PEER, "", true, "" },
	[OUTCOME_UNREACHABLE] = { SWITCH, "no switch reachable", true,
	    "is it up, and is this its name and port?" },
	[OUTCOME_REFUSED] = { SWITCH, "", true, "try again later" },
	[OUTCOME_UNTRUSTED] = { SWITCH, "the switch's certificate is not "
	    "trusted", true, "check ca in %" },
	[OUTCOME_UNAUTHORISED] = { NUMBER, "not authorised", false,
	    "check number and token in %" },
	[OUTCOME_NOT_FOUND] = { PEER, "no such subscriber", false,
	    "check the number" },
	[OUTCOME_NO_ANSWER] = { PEER, "no answer", true, "try again later" },
	[OUTCOME_CANCELLED] = { PEER, "cancelled before it was answered",
	    false, "" },
	[OUTCOME_BUSY] = { PEER, "busy", false, "try again later" },
	[OUTCOME_DECLINED] = { PEER, "declined", true, "" },
	[OUTCOME_IDENTITY] = { PEER, "identity changed", true, "" },
	[OUTCOME_UNVERIFIED] = { PEER, "not verified, call refused", true,
	    "" },
	[OUTCOME_QUALITY] = { PEER, "quality", true, "" },
	[OUTCOME_DROPPED] = { PEER, "call dropped", true, "call again" },
	[OUTCOME_INCOMPATIBLE] = { PEER, "no call is possible", true,
	    "their client and this one have no audio in common" },
	[OUTCOME_MOVED] = { PEER, "the switch stopped in mid-call, and there "
	    "was no other", false, "call again" },
	[OUTCOME_OVER] = { PEER, "the call was over before it could be "
	    "answered", true, "call back" },
	[OUTCOME_RELAY] = { SWITCH, "the relay does not work", true,
	    "try rp-dial --probe --relay" }
};

/* For a call that we took and that moved: the caller continues it. */
static const struct line cut_short = {
	PEER, "the call was cut short", false, "they may dial again"
};

/* For a call that was interrupted, though its switch may not have stopped. */
static const struct line interrupted = {
	PEER, "call interrupted, and dialling again did not help", true,
	"call again"
};

static const char *
name_of(enum who who, struct call *call, const struct account *account)
{
	switch (who) {
	case SWITCH:
		return call_report(call)->switch_name;
	case NUMBER:
		return account->number;
	case PEER:
		break;
	}
	return call_peer_name(call);
}

static void
write_hint(char out[static WHY_TEXT], const char *hint,
    const struct account *account)
{
	int len = (int)strcspn(hint, "%");

	why_set(out, "%s%.*s%s", len > 0 ? ": " : "", len, hint,
	    hint[len] == '%' ? account->file : "");
}

void
conclude_hint(char out[static WHY_TEXT], enum outcome outcome, const char *why,
    const struct account *account)
{
	/* The other reasons to distrust a certificate say what to do. */
	if (outcome == OUTCOME_UNTRUSTED &&
	    strstr(why, TLS_DISTRUST_AUTHORITY) == NULL)
		write_hint(out, "", account);
	else
		write_hint(out, lines[outcome].hint, account);
}

static const struct line *
line_of(struct call *call, enum outcome outcome)
{
	if (outcome != OUTCOME_MOVED)
		return &lines[outcome];
	if (!call_placed(call))
		return &cut_short;
	return *call_why(call) != '\0' ? &interrupted : &lines[outcome];
}

static void
warn(struct call *call, const struct account *account)
{
	enum outcome outcome = call_report(call)->outcome;
	const struct line *line = line_of(call, outcome);
	const char *why = line->why ? call_why(call) : "";
	char hint[WHY_TEXT];

	if (outcome == OUTCOME_COMPLETED)
		return;
	if (line == &cut_short)
		write_hint(hint, line->hint, account);
	else
		conclude_hint(hint, outcome, why, account);
	tool_warn(name_of(line->who, call, account), "%s%s%s%s",
	    line->what, *line->what != '\0' && *why != '\0' ? ": " : "", why,
	    hint);
}

static void
warn_of_words(struct call *call)
{
	const char *text = report_no_words_text(call_report(call)->no_words);

	if (text != NULL)
		tool_warn(call_peer_name(call), "%s", text);
}

/*
 * Write to `file`, or with --answer to a new one of that pattern. Print what
 * fails.
 */
static int
write_text(const struct report *report, const struct options *options,
    const char *text)
{
	const struct names_call names = {
		report->session, report->caller, report->start_wall_s
	};
	char path[PATH_MAX];
	int err;

	if (options->mode != OPTIONS_ANSWER ||
	    !names_is_pattern(options->json)) {
		err = conclude_write(options->json, text);
		strcpy(path, "");
	} else {
		err = names_make(path, options->json, &names);
		if (err == 0)
			err = is_lines(path) ? tool_append_file(path, text) :
			    tool_write_new(path, text);
	}
	if (err < 0)
		conclude_complain(*path != '\0' ? path : options->json, err);
	return err;
}

static int
write_json(const struct report *report, const struct options *options)
{
	char *text = report_json(report);
	int err;

	if (text == NULL) {
		conclude_complain(options->json, -ENOMEM);
		return -ENOMEM;
	}
	err = write_text(report, options, text);
	free(text);
	return err;
}

int
conclude_call(struct call *call, const struct options *options,
    const struct account *account, struct live *live)
{
	struct report *report = call_report(call);

	live_watch(live, NULL);
	live_clear(live);
	warn(call, account);
	warn_of_words(call);
	if (live != NULL)
		report_print(report, stderr);
	if (options->json != NULL && write_json(report, options) < 0)
		return outcome_exit(OUTCOME_ERROR);
	return outcome_exit(report->outcome);
}
