/*
 * dirstats: count what the directory answers. See dirstats.h.
 */
#include "ops/dirstats.h"

#include <errno.h>
#include <stdlib.h>

#include "directory/directory.h"
#include "ops/metrics.h"

struct dirstats {
	struct metrics_histogram *lookups, *writes;
	uint64_t *lookups_failed, *writes_failed;
};

struct dirstats *
dirstats_new(struct metrics *metrics)
{
	/* From a file in the cache to a server on another continent. */
	static const double seconds[] = { 0.0001, 0.00025, 0.0005, 0.001,
	    0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5 };
	static const struct metrics_bounds bounds = {
		seconds, sizeof(seconds) / sizeof(seconds[0])
	};
	static const char name[] = "rp_directory_request_seconds";
	static const char failed[] = "rp_directory_errors_total";
	static const char lookup[] = "operation=\"lookup\"";
	static const char write[] = "operation=\"write\"";
	static const char help[] = "Time until the directory answered.";
	static const char failed_help[] =
	    "Requests that the directory did not answer.";
	struct dirstats *stats = calloc(1, sizeof(*stats));

	if (stats == NULL)
		return NULL;
	stats->lookups = metrics_histogram(metrics, name, lookup, help,
	    &bounds);
	stats->writes = metrics_histogram(metrics, name, write, help,
	    &bounds);
	stats->lookups_failed = metrics_counter(metrics, failed, lookup,
	    failed_help);
	stats->writes_failed = metrics_counter(metrics, failed, write,
	    failed_help);
	return stats;
}

void
dirstats_free(struct dirstats *stats)
{
	free(stats);
}

static void
on_done(bool write, int err, uint64_t took_ns, void *arg)
{
	struct dirstats *stats = arg;

	if (err == -EIO)
		++*(write ? stats->writes_failed : stats->lookups_failed);
	else
		metrics_observe(write ? stats->writes : stats->lookups,
		    (double)took_ns / 1e9);
}

void
dirstats_watch(struct dirstats *stats, struct directory *directory)
{
	directory_on_done(directory, on_done, stats);
}
