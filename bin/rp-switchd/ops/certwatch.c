/* certwatch: the metric and the log lines of certificates. See certwatch.h. */
#include "ops/certwatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/certset.h"
#include "net/loop.h"
#include "ops/metrics.h"
#include "wire/why.h"

#define NAME_BYTES 256		/* longer than any DNS name */

struct certwatch {
	struct loop_event *daily;	/* NULL: no lines in the log */
	struct certset *set;	/* NULL: none yet */
	char name[NAME_BYTES];
};

static void
log_warning(const char *file, const char *text, void *arg)
{
	(void)arg;
	log_warn("certificate", "why=\"%s: %s\"", file, text);
}

static void
say(const struct certwatch *watch)
{
	if (watch->daily != NULL && watch->set != NULL)
		certset_warn(watch->set, watch->name, clock_wall_s(),
		    log_warning, NULL);
}

static void
on_day(void *arg)
{
	say(arg);
}

/* The first name, for a label: with the letters of names only. */
static void
name_of(const struct certpair *pair, char name[static NAME_BYTES])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "0123456789-._*";
	size_t i;

	name[0] = '\0';
	for (i = 0; i < pair->names.n && name[0] == '\0'; i++)
		if (strspn(pair->names.name[i], letters) ==
		    strlen(pair->names.name[i]))
			snprintf(name, NAME_BYTES, "%s", pair->names.name[i]);
}

static void
collect_ends(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct certwatch *watch = arg;
	const struct certpair *pair;
	char name[NAME_BYTES], labels[NAME_BYTES + 64];
	int64_t end;
	size_t i;

	(void)metrics;
	for (i = 0; watch->set != NULL && i < certset_count(watch->set); i++) {
		pair = certset_pair(watch->set, i);
		name_of(pair, name);
		end = certcheck_end(pair);
		snprintf(labels, sizeof(labels), "certificate=\"%zu\","
		    "name=\"%s\"", i + 1, name);
		metrics_emit(out, "gauge",
		    "rp_certificate_not_after_timestamp_seconds", labels,
		    "When a certificate ends, or an earlier issuer of it.",
		    end > 0 ? (uint64_t)end : 0);
	}
}

struct certwatch *
certwatch_new(struct event_base *loop, struct metrics *metrics,
    uint64_t every_ms)
{
	struct certwatch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;
	metrics_collector(metrics, collect_ends, watch);
	if (every_ms == 0)
		return watch;
	watch->daily = loop_ticker_new(loop, on_day, watch);
	if (watch->daily != NULL &&
	    loop_timer_set_ms(watch->daily, every_ms) == 0)
		return watch;
	certwatch_free(watch);
	return NULL;
}

void
certwatch_free(struct certwatch *watch)
{
	if (watch == NULL)
		return;
	loop_event_free(watch->daily);
	certset_free(watch->set);
	free(watch);
}

void
certwatch_set(struct certwatch *watch, struct certset *set, const char *name)
{
	certset_free(watch->set);
	watch->set = certset_hold(set);
	snprintf(watch->name, sizeof(watch->name), "%s", name);
	say(watch);
	/* Not daily, because it may be meant. */
	if (watch->daily != NULL)
		certset_warn_price(set, log_warning, NULL);
}
