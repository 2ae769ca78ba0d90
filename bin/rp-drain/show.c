/*
 * show: print progress and answers, live on a terminal or line by line. See
 * show.h.
 */
#include "show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#define SPAN 32

/* Write a duration: "1h02m", "3m07s", "12s". */
static const char *
span(char text[static SPAN], int64_t ms)
{
	long s = (long)(ms / 1000);

	if (s >= 3600)
		snprintf(text, SPAN, "%ldh%02ldm", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		snprintf(text, SPAN, "%ldm%02lds", s / 60, s % 60);
	else
		snprintf(text, SPAN, "%lds", s);
	return text;
}

void
show_init(struct show *show)
{
	show->terminal = isatty(STDERR_FILENO);
	show->calls = -1;
	show->head = false;
}

static void
show_live(const struct ctlmsg_status *s)
{
	char since[SPAN], oldest[SPAN];

	fprintf(stderr, "\r\033[K%s: draining for %s, %" PRId64 " call%s left",
	    s->name, span(since, s->draining_ms), s->calls,
	    s->calls == 1 ? "" : "s");
	if (s->calls > 0)
		fprintf(stderr, ", the oldest %s", span(oldest, s->oldest_ms));
}

void
show_drain(struct show *show, const struct ctlmsg_status *status)
{
	if (show->terminal) {
		show_live(status);
	} else if (show->calls != status->calls) {
		printf("calls=%" PRId64 " oldest_ms=%" PRId64
		    " draining_ms=%" PRId64 "\n", status->calls,
		    status->oldest_ms, status->draining_ms);
		fflush(stdout);
	}
	show->calls = status->calls;
}

void
show_end(struct show *show)
{
	if (show->terminal && show->calls >= 0)
		fputc('\n', stderr);
	show->calls = -1;
}

void
show_status(const struct ctlmsg_status *status)
{
	const struct ctlmsg_status *s = status;
	char up[SPAN], other[SPAN];
	size_t i;

	printf("%s: rp-switchd %s", s->name, s->version);
	if (s->build[0] != '\0')
		printf(" (build %s)", s->build);
	printf(", pid %" PRId64 ", up %s\n", s->pid,
	    span(up, s->uptime_ms));
	printf("new calls: %s", s->open ? "taken" : "refused");
	for (i = 0; i < s->n_reasons; i++)
		printf("%s%s", i == 0 ? " (" : ", ", s->reasons[i]);
	if (s->draining_ms >= 0)
		printf(" for %s", span(other, s->draining_ms));
	printf("%s\n", s->n_reasons > 0 ? ")" : "");
	if (s->directory[0] != '\0')
		printf("directory: %s\n", s->directory);
	printf("calls: %" PRId64, s->calls);
	if (s->calls > 0)
		printf(", the oldest %s", span(other, s->oldest_ms));
	printf("\nconnections: %" PRId64 "\n", s->connections);
	if (s->push[0] != '\0')
		printf("push.command: %s\n", s->push);
	if (s->relay_kernel[0] != '\0')
		printf("relay.kernel: %s\n", s->relay_kernel);
}

void
show_json(const struct ctlmsg_status *status, json_t *calls)
{
	json_t *object = ctlmsg_status_json(status);

	if (calls != NULL)
		json_object_set(object, "sessions", calls);
	if (object != NULL)
		json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

/* Print one party's line. The call's own columns are in the first only. */
static int
show_party(json_t *party, const char *call)
{
	const char *transport, *family, *name;
	json_int_t packets, dropped;
	double loss, jitter;
	int connected;

	if (json_unpack(party, "{ss sb sI sI sF sF}", "party", &name,
	    "connected", &connected, "packets", &packets,
	    "dropped", &dropped, "loss_pct", &loss,
	    "jitter_ms", &jitter) < 0)
		return -EBADMSG;
	/* null for a party that has sent nothing yet. */
	transport = json_string_value(json_object_get(party, "transport"));
	family = json_string_value(json_object_get(party, "family"));
	printf("%-29s %-5.5s %-4s %.3s%s%-6.6s %9" JSON_INTEGER_FORMAT " %7"
	    JSON_INTEGER_FORMAT " %6.2f %9.2f\n", call, name,
	    connected ? "yes" : "no", transport != NULL ? transport : "-",
	    transport != NULL ? "/" : "", family != NULL ? family : "",
	    packets, dropped, loss, jitter);
	return 0;
}

static int
show_call(json_t *session)
{
	json_t *parties, *party;
	json_int_t age;
	const char *id, *state;
	char call[64], other[SPAN];
	size_t i;

	if (json_unpack(session, "{ss ss sI so}", "session", &id, "state",
	    &state, "age_ms", &age, "parties", &parties) < 0 ||
	    !json_is_array(parties))
		return -EBADMSG;
	snprintf(call, sizeof(call), "%-8.8s  %-9.9s %8s", id, state,
	    span(other, age));
	json_array_foreach(parties, i, party) {
		if (show_party(party, call) < 0)
			return -EBADMSG;
		call[0] = '\0';
	}
	return 0;
}

int
show_sessions(struct show *show, const json_t *sessions, bool json)
{
	json_t *session;
	size_t i;

	if (!json && !show->head)
		printf("%-8s  %-9s %8s %-5s %-4s %-10s %9s %7s %6s %9s\n",
		    "SESSION", "STATE", "AGE", "PARTY", "LINE", "MEDIA",
		    "PACKETS", "DROPPED", "LOSS%", "JITTER_MS");
	show->head = true;
	json_array_foreach(sessions, i, session) {
		if (json) {
			json_dumpf(session, stdout,
			    JSON_COMPACT | JSON_REAL_PRECISION(12));
			putchar('\n');
		} else if (show_call(session) < 0) {
			return -EBADMSG;
		}
	}
	return 0;
}
