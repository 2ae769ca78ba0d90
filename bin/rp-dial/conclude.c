#include "conclude.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/tool.h"
#include "call.h"
#include "live.h"
#include "options.h"

int
conclude_write(const char *file, const char *text)
{
	if (strcmp(file, "-") != 0)
		return tool_write_file(file, text);
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
		return -errno;
	return 0;
}

/* Who or what failed, and what to do about it; why may be "". */
static void
warn(struct call *call, const struct account *account)
{
	const struct report *report = call_report(call);
	const char *peer = *call_peer(call) != '\0' ? call_peer(call) : "call";
	const char *why = call_why(call);

	switch (report->outcome) {
	case OUTCOME_COMPLETED:
		break;
	case OUTCOME_ERROR:
		tool_warn(peer, "%s", why);
		break;
	case OUTCOME_UNREACHABLE:
		tool_warn(report->switch_name, "no switch reachable: %s: is it "
		    "up, and is this its name and port?", why);
		break;
	case OUTCOME_REFUSED:
		tool_warn(report->switch_name, "%s: try again later", why);
		break;
	case OUTCOME_UNTRUSTED:
		tool_warn(report->switch_name, "the switch's certificate is not "
		    "trusted: %s: check ca in %s", why, account->file);
		break;
	case OUTCOME_UNAUTHORISED:
		tool_warn(account->number, "not authorised: check number and "
		    "token in %s", account->file);
		break;
	case OUTCOME_NOT_FOUND:
		tool_warn(peer, "no such subscriber: check the number");
		break;
	case OUTCOME_NO_ANSWER:
		tool_warn(peer, "no answer%s%s: try again later",
		    *why != '\0' ? ": " : "", why);
		break;
	case OUTCOME_CANCELLED:
		tool_warn(peer, "cancelled before it was answered");
		break;
	case OUTCOME_BUSY:
		tool_warn(peer, "busy: try again later");
		break;
	case OUTCOME_DECLINED:
		tool_warn(peer, "declined%s%s", *why != '\0' ? ": " : "", why);
		break;
	case OUTCOME_IDENTITY:
		tool_warn(peer, "identity changed: %s", why);
		break;
	case OUTCOME_UNVERIFIED:
		tool_warn(peer, "not verified, call refused: %s", why);
		break;
	case OUTCOME_QUALITY:
		tool_warn(peer, "quality: %s", why);
		break;
	case OUTCOME_DROPPED:
		tool_warn(peer, "call dropped%s%s: call again",
		    *why != '\0' ? ": " : "", why);
		break;
	case OUTCOME_MOVED:
		tool_warn(peer, "the switch stopped in mid-call, and there was "
		    "no other: call again");
		break;
	case OUTCOME_OVER:
		tool_warn(peer, "the call was over before it could be answered"
		    "%s%s: call back", *why != '\0' ? ": " : "", why);
		break;
	}
}

static int
write_json(const struct report *report, const char *file)
{
	char *text = report_json(report);
	int err;

	if (text == NULL)
		return -ENOMEM;
	err = conclude_write(file, text);
	free(text);
	return err;
}

int
conclude_call(struct call *call, const struct options *options,
    const struct account *account, struct live *live)
{
	struct report *report = call_report(call);
	int err;

	live_watch(live, NULL);
	live_clear(live);
	warn(call, account);
	if (live != NULL)
		report_print(report, stderr);
	if (options->json == NULL)
		return outcome_exit(report->outcome);
	err = write_json(report, options->json);
	if (err < 0) {
		tool_warn(options->json, "%s", strerror(-err));
		return outcome_exit(OUTCOME_ERROR);
	}
	return outcome_exit(report->outcome);
}
