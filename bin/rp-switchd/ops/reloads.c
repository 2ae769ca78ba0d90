/*
 * reloads: count reloads, and keep the result of the last one. See reloads.h.
 */
#include "ops/reloads.h"

#include <stdlib.h>

#include "base/clock.h"
#include "ops/metrics.h"

struct reloads {
	uint64_t *ok, *failed;
	bool good;		/* the last one */
	int64_t good_s;		/* wall clock: when the last good one was */
};

static void
collect_reloads(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct reloads *reloads = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_config_last_reload_successful", "",
	    "1 if the latest reload, or the start, was good.", reloads->good);
	metrics_emit(out, "gauge",
	    "rp_config_last_reload_success_timestamp_seconds", "",
	    "Time of the latest good one, as seconds after 1970.",
	    (uint64_t)reloads->good_s);
}

struct reloads *
reloads_new(struct metrics *metrics)
{
	static const char help[] = "Reloads of the configuration.";
	struct reloads *reloads = calloc(1, sizeof(*reloads));

	if (reloads == NULL)
		return NULL;
	reloads->ok = metrics_counter(metrics, "rp_reloads_total",
	    "result=\"ok\"", help);
	reloads->failed = metrics_counter(metrics, "rp_reloads_total",
	    "result=\"failed\"", help);
	reloads->good = true;
	reloads->good_s = clock_wall_s();
	metrics_collector(metrics, collect_reloads, reloads);
	return reloads;
}

void
reloads_free(struct reloads *reloads)
{
	free(reloads);
}

void
reloads_note(struct reloads *reloads, bool good)
{
	++*(good ? reloads->ok : reloads->failed);
	reloads->good = good;
	if (good)
		reloads->good_s = clock_wall_s();
}
