/*
 * report: the figures of a call, as the JSON of --json and as lines for a user.
 * See report.h.
 */
#include "call/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"

static const char *const steps[REPORT_STEPS] = {
	[REPORT_DNS] = "dns",
	[REPORT_CONNECT] = "connect",
	[REPORT_TLS] = "tls",
	[REPORT_INITIATE] = "initiate",
	[REPORT_RING] = "ring",
	[REPORT_ANSWER] = "answer",
	[REPORT_MEDIA] = "media"
};

void
report_init(struct report *report)
{
	memset(report, 0, sizeof(*report));
	report->start_ns = clock_ns();
	report->start_wall_s = clock_wall_s();
}

void
report_clear(struct report *report)
{
	free(report->attempts);
	report->attempts = NULL;
	report->n_attempts = 0;
}

void
report_step(struct report *report, enum report_step step)
{
	if (report->step_ns[step] == 0)
		report->step_ns[step] = clock_ns();
}

int
report_race(struct report *report, const struct multiconnect_entry entries[],
    size_t n)
{
	struct report_attempt *attempts = calloc(n + 1, sizeof(*attempts));
	size_t i;

	if (attempts == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		addr_format(&entries[i].addr, attempts[i].address);
		multiconnect_outcome_text(&entries[i], attempts[i].outcome);
		attempts[i].ms = entries[i].ms;
		attempts[i].won = entries[i].outcome == MULTICONNECT_WON;
	}
	free(report->attempts);
	report->attempts = attempts;
	report->n_attempts = n;
	return 0;
}

bool
report_switch(const struct report *report, struct addr *out)
{
	return addr_parse(out, report->switch_address, 0) == 0;
}

size_t
report_addresses(const struct report *report, struct addr out[], size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < report->n_attempts && n < max; i++)
		if (addr_parse(&out[n], report->attempts[i].address, 0) == 0)
			n++;
	return n;
}

/* Round to three decimals, which are microseconds and read well. */
static json_t *
number(double value)
{
	return isfinite(value) ? json_real(round(value * 1000) / 1000) :
	    json_null();
}

static double
ms_since_start(const struct report *report, uint64_t ns)
{
	return (double)(ns - report->start_ns) / (double)CLOCK_MS;
}

static json_t *
step_json(const struct report *report, enum report_step step)
{
	if (report->step_ns[step] == 0)
		return json_null();
	return number(ms_since_start(report, report->step_ns[step]));
}

static json_t *
switch_json(const struct report *report)
{
	if (*report->switch_address == '\0')
		return json_null();
	return json_pack("{s:s, s:s, s:b, s:b}",
	    "address", report->switch_address,
	    "name", report->switch_name,
	    "resumed", report->resumed,
	    "early", report->early);
}

static json_t *
race_json(const struct report *report)
{
	json_t *race = json_array();
	size_t i;

	for (i = 0; i < report->n_attempts; i++)
		json_array_append_new(race, json_pack("{s:s, s:s, s:o}",
		    "address", report->attempts[i].address,
		    "outcome", report->attempts[i].outcome,
		    "ms", number(report->attempts[i].ms)));
	return race;
}

static json_t *
timing_json(const struct report *report, enum report_step last)
{
	json_t *timing = json_object();
	int i;

	for (i = 0; i <= (int)last; i++)
		json_object_set_new(timing, steps[i],
		    step_json(report, (enum report_step)i));
	return timing;
}

static const char *const bad_names[BADRTP_REASONS] = {
#define X(id, name) name,
	BADRTP_LIST(X)
#undef X
};

static json_t *
bad_json(const struct badrtp_counts *bad)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < BADRTP_REASONS; i++)
		json_object_set_new(object, bad_names[i],
		    json_integer((json_int_t)bad->n[i]));
	return object;
}

static json_t *
spread_json(const struct media_spread *spread)
{
	if (spread->n == 0)
		return json_null();
	return json_pack("{so so so}", "min", number(spread->min),
	    "avg", number(spread->sum / (double)spread->n),
	    "max", number(spread->max));
}

static json_t *
course_json(const struct media_course *course)
{
	return json_pack("{so so so so}",
	    "loss_pct", spread_json(&course->loss_pct),
	    "jitter_ms", spread_json(&course->jitter_ms),
	    "rtt_ms", spread_json(&course->rtt_ms),
	    "mos", spread_json(&course->mos));
}

static json_t *
remote_json(const struct media_remote *remote)
{
	if (remote->reports == 0)
		return json_null();
	return json_pack("{sI so so so so so}",
	    "reports", (json_int_t)remote->reports,
	    "loss_pct", number(remote->loss_pct),
	    "jitter_ms", number(remote->jitter_ms),
	    "rtt_ms", number(remote->rtt_ms > 0 ? remote->rtt_ms : NAN),
	    "mos", number(remote->mos),
	    "course", course_json(&remote->course));
}

static json_t *
media_json(const struct report *report)
{
	const struct media_stats *m = &report->media;

	if (!report->has_media)
		return json_null();
	return json_pack("{ss sI sI sI sI so so so so so so so so}",
	    "codec", "opus",
	    "packets_sent", (json_int_t)m->packets_sent,
	    "packets_received", (json_int_t)m->packets_received,
	    "red_sent", (json_int_t)m->red_sent,
	    "red_recovered", (json_int_t)m->red_recovered,
	    "loss_pct", number(m->loss_pct),
	    "jitter_ms", number(m->jitter_ms),
	    "rtt_ms", number(m->rtt_ms),
	    "packets_bad", bad_json(&m->bad),
	    "silent_ms", number(m->silent_ms),
	    "mos", number(m->mos),
	    "course", course_json(&m->course),
	    "remote", remote_json(&m->remote));
}

static json_t *
words_json(const struct report *report)
{
	json_t *words;
	size_t i;

	if (!report->has_words)
		return json_null();
	words = json_array();
	for (i = 0; i < WORDS_N; i++)
		json_array_append_new(words,
		    json_string(words_of(report->words[i], WORDS_FIRST + i)));
	return words;
}

static const struct no_words {
	const char *name, *text;
} no_words[] = {
	[REPORT_WORDS_LOST] = { "lost", "no words, though an earlier call "
	    "with them had some: somebody may be in the middle, unless they "
	    "went back to an older program" },
	[REPORT_WORDS_EARLY] = { "early", "no words: their rp-dial is of "
	    "0.1.0, whose words prove nothing, and should be updated" },
	[REPORT_WORDS_UNREVEALED] = { "unrevealed", "no words: the caller did "
	    "not reveal its nonce; its rp-dial may be of 0.1.0" }
};

static json_t *
no_words_json(const struct report *report)
{
	if (report->no_words == REPORT_WORDS_FINE)
		return json_null();
	return json_string(no_words[report->no_words].name);
}

const char *
report_no_words_text(enum report_no_words why)
{
	return no_words[why].text;
}

static const char *const identities[] = {
	[IDENTITY_NEW] = "new",
	[IDENTITY_SAME] = "same",
	[IDENTITY_ROLLED] = "rolled",
	[IDENTITY_CHANGED] = "changed",
	[IDENTITY_EXPIRED] = "expired"
};

static json_t *
security_json(const struct report *report)
{
	char text[IDENTITY_TEXT];

	if (!report->has_peer)
		return json_null();
	identity_text(text, report->peer_fingerprint);
	return json_pack("{s:s, s:b, s:s, s:b, s:o, s:o}", "peer_fingerprint",
	    text,
	    "known", report->known == IDENTITY_SAME ||
	    report->known == IDENTITY_ROLLED,
	    "identity", identities[report->known],
	    "confirmed", report->confirmed,
	    "words", words_json(report),
	    "no_words", no_words_json(report));
}

static char *
line(json_t *root)
{
	char *text, *with_newline = NULL;

	if (root == NULL)
		return NULL;
	text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(root);
	if (text == NULL)
		return NULL;
	with_newline = realloc(text, strlen(text) + 2);
	if (with_newline == NULL) {
		free(text);
		return NULL;
	}
	return strcat(with_newline, "\n");
}

char *
report_json(const struct report *report)
{
	json_t *root = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "callee", report->callee,
	    "end_reason", outcome_text(report->outcome),
	    "switch", switch_json(report),
	    "multiconnect", race_json(report),
	    "timing_ms", timing_json(report, REPORT_MEDIA),
	    "media", media_json(report),
	    "security", security_json(report));

	if (root != NULL)
		json_object_set_new(root, "session", *report->session != '\0' ?
		    json_string(report->session) : json_null());
	if (root != NULL && *report->caller != '\0')
		json_object_set_new(root, "caller",
		    json_string(report->caller));
	return line(root);
}

/* Return the last sample, unless there is none yet. */
static json_t *
last(const struct media_spread *spread, double value)
{
	return spread->n == 0 ? json_null() : number(value);
}

static json_t *
last_remote_json(const struct media_remote *r)
{
	if (r->reports == 0)
		return json_null();
	return json_pack("{so so so so}",
	    "loss_pct", last(&r->course.loss_pct, r->course.last_loss_pct),
	    "jitter_ms", number(r->jitter_ms),
	    "rtt_ms", number(r->rtt_ms > 0 ? r->rtt_ms : NAN),
	    "mos", last(&r->course.mos, r->course.last_mos));
}

char *
report_stats_json(const struct report *report, const struct media_stats *m)
{
	const struct media_course *course = &m->course;

	return line(json_pack("{ss ss ss so sI sI so so so so so so}",
	    "callee", report->callee,
	    "caller", report->caller,
	    "session", report->session,
	    "time_ms", number(ms_since_start(report, clock_ns())),
	    "packets_sent", (json_int_t)m->packets_sent,
	    "packets_received", (json_int_t)m->packets_received,
	    "loss_pct", last(&course->loss_pct, course->last_loss_pct),
	    "jitter_ms", number(m->jitter_ms),
	    "rtt_ms", number(m->rtt_ms),
	    "silent_ms", number(m->silent_ms),
	    "mos", last(&course->mos, course->last_mos),
	    "remote", last_remote_json(&m->remote)));
}

char *
report_probe_json(const struct report *report, json_t *network,
    json_t *relay)
{
	json_t *timing = timing_json(report, REPORT_TLS);
	json_t *root;

	json_object_set_new(timing, "answer",
	    step_json(report, REPORT_INITIATE));
	root = json_pack("{s:s, s:o, s:o, s:o}",
	    "end_reason", outcome_text(report->outcome),
	    "switch", switch_json(report),
	    "multiconnect", race_json(report),
	    "timing_ms", timing);
	if (network != NULL)
		json_object_set_new(root, "network", network);
	if (relay != NULL)
		json_object_set_new(root, "relay", relay);
	return line(root);
}

static void
print_media(const struct report *report, FILE *out)
{
	const struct media_stats *m = &report->media;
	double s = 0;
	int i;

	if (report->step_ns[REPORT_MEDIA] != 0)
		s = (ms_since_start(report, report->end_ns) -
		    ms_since_start(report, report->step_ns[REPORT_MEDIA])) /
		    1000;
	fprintf(out, "  talked    %.1f s, first audio after %.0f ms\n", s,
	    report->step_ns[REPORT_MEDIA] == 0 ? NAN :
	    ms_since_start(report, report->step_ns[REPORT_MEDIA]));
	fprintf(out, "  quality   MOS %.2f of 5 (loss %.1f%%, jitter %.1f ms, "
	    "round trip %.0f ms)\n", m->mos, m->loss_pct, m->jitter_ms,
	    m->rtt_ms);
	if (m->remote.reports > 0)
		fprintf(out, "  theirs    MOS %.2f of 5 (loss %.1f%%, jitter "
		    "%.1f ms), by the other side's reports\n",
		    m->remote.mos, m->remote.loss_pct, m->remote.jitter_ms);
	if (m->silent_ms > 0)
		fprintf(out, "  silence   %.1f s in which nothing came\n",
		    m->silent_ms / 1000);
	fprintf(out, "  packets   %llu sent, %llu received\n",
	    (unsigned long long)m->packets_sent,
	    (unsigned long long)m->packets_received);
	for (i = 0; i < BADRTP_REASONS; i++)
		if (m->bad.n[i] > 0)
			fprintf(out, "  discarded %llu: %s\n",
			    (unsigned long long)m->bad.n[i], bad_names[i]);
}

static void
print_security(const struct report *report, FILE *out)
{
	static const char *const texts[] = {
		[IDENTITY_NEW] = "new, remembered from now on",
		[IDENTITY_SAME] = "known from earlier calls",
		[IDENTITY_ROLLED] = "known by its key, with another certificate",
		[IDENTITY_CHANGED] = "CHANGED",
		[IDENTITY_EXPIRED] = "CHANGED, the known one has expired"
	};
	char text[WORDS_TEXT];

	fprintf(out, "  identity  %s\n", report->anonymous ?
	    "anonymous, not remembered" : texts[report->known]);
	if (!report->has_words)
		return;
	words_text(text, report->words);
	fprintf(out, "  words     %s%s\n", text,
	    report->confirmed ? " (confirmed)" : "");
}

void
report_print(const struct report *report, FILE *out)
{
	const char *other = report->anonymous ? "anonymous" :
	    *report->caller != '\0' ? report->caller : report->callee;

	fprintf(out, "%s: %s\n", other, outcome_text(report->outcome));
	if (*report->switch_address != '\0')
		fprintf(out, "  switch    %s at %s\n", report->switch_name,
		    report->switch_address);
	if (*report->session != '\0')
		fprintf(out, "  session   %s\n", report->session);
	if (report->has_media)
		print_media(report, out);
	if (report->has_peer)
		print_security(report, out);
}
