/*
 * metrics: counters, gauges and histograms, written as Prometheus text. See
 * metrics.h.
 */
#include "ops/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/buffer.h"

struct counter {
	uint64_t value;		/* its owner points here */
	char *name, *labels, *help;
	struct counter *next;	/* grouped by name: see metrics_counter */
};

struct metrics_histogram {
	const char *name, *help;
	const double *bounds;
	size_t n;
	double sum;
	struct metrics_histogram *next;
	uint64_t counts[];	/* one per bound, and those above */
};

struct collector {
	metrics_collect *collect;
	void *arg;
	struct collector *next;
};

struct metrics {
	struct counter *counters;
	struct metrics_histogram *histograms;
	struct collector *collectors;
};

static void *
must(void *memory)
{
	if (memory == NULL) {
		log_error("out_of_memory", "where=metrics");
		exit(1);	/* only at start-up, as the header says */
	}
	return memory;
}

struct metrics *
metrics_new(void)
{
	return must(calloc(1, sizeof(struct metrics)));
}

void
metrics_free(struct metrics *metrics)
{
	struct counter *c;
	struct metrics_histogram *h;
	struct collector *k;

	if (metrics == NULL)
		return;
	while ((c = metrics->counters) != NULL) {
		metrics->counters = c->next;
		free(c->name);
		free(c->labels);
		free(c->help);
		free(c);
	}
	while ((h = metrics->histograms) != NULL) {
		metrics->histograms = h->next;
		free(h);
	}
	while ((k = metrics->collectors) != NULL) {
		metrics->collectors = k->next;
		free(k);
	}
	free(metrics);
}

uint64_t *
metrics_counter(struct metrics *metrics, const char *name,
    const char *labels, const char *help)
{
	struct counter **at = &metrics->counters, **after = NULL, *c;

	/*
	 * Counters of one name are adjacent, because HELP and TYPE may appear
	 * only once.
	 */
	for (; (c = *at) != NULL; at = &c->next) {
		if (strcmp(c->name, name) == 0) {
			if (strcmp(c->labels, labels) == 0)
				return &c->value;
			after = &c->next;
		}
	}
	if (after != NULL)
		at = after;
	c = must(calloc(1, sizeof(*c)));
	c->name = must(strdup(name));
	c->labels = must(strdup(labels));
	c->help = must(strdup(help));
	c->next = *at;
	*at = c;
	return &c->value;
}

struct metrics_histogram *
metrics_histogram(struct metrics *metrics, const char *name,
    const char *help, const double bounds[], size_t n)
{
	struct metrics_histogram *h;

	h = must(calloc(1, sizeof(*h) + (n + 1) * sizeof(h->counts[0])));
	h->name = name;
	h->help = help;
	h->bounds = bounds;
	h->n = n;
	h->next = metrics->histograms;
	metrics->histograms = h;
	return h;
}

void
metrics_observe(struct metrics_histogram *histogram, double value)
{
	size_t i = 0;

	while (i < histogram->n && value > histogram->bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += value;
}

void
metrics_collector(struct metrics *metrics, metrics_collect *collect,
    void *arg)
{
	struct collector **at = &metrics->collectors;

	while (*at != NULL)
		at = &(*at)->next;
	*at = must(calloc(1, sizeof(**at)));
	(*at)->collect = collect;
	(*at)->arg = arg;
}

static void
write_head(struct buffer *out, const char *type, const char *name,
    const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help,
	    name, type);
}

static void
write_value(struct buffer *out, const char *name, const char *labels,
    uint64_t value)
{
	const char *open = *labels != '\0' ? "{" : "";
	const char *close = *labels != '\0' ? "}" : "";

	buffer_printf(out, "%s%s%s%s %" PRIu64 "\n", name, open, labels,
	    close, value);
}

static void
write_histogram(struct buffer *out, const struct metrics_histogram *h)
{
	uint64_t count = 0;
	size_t i;

	write_head(out, "histogram", h->name, h->help);
	for (i = 0; i < h->n; i++) {
		count += h->counts[i];
		buffer_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n",
		    h->name, h->bounds[i], count);
	}
	count += h->counts[h->n];
	buffer_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
	    "%s_sum %.9g\n%s_count %" PRIu64 "\n", h->name, count, h->name,
	    h->sum, h->name, count);
}

/* Is the name's TYPE there already? Reads are rare and the text is small. */
static bool
has_head(struct buffer *out, const char *type, const char *name)
{
	char head[256];
	int n = snprintf(head, sizeof(head), "# TYPE %s %s\n", name, type);

	if (n < 0 || n >= (int)sizeof(head))
		return false;
	return buffer_find(out, head, (size_t)n) >= 0;
}

void
metrics_emit(struct buffer *out, const char *type, const char *name,
    const char *labels, const char *help, uint64_t value)
{
	if (!has_head(out, type, name))
		write_head(out, type, name, help);
	write_value(out, name, labels, value);
}

void
metrics_write(struct metrics *metrics, struct buffer *out)
{
	const struct counter *c;
	const struct metrics_histogram *h;
	const struct collector *k;
	const char *last = "";

	for (c = metrics->counters; c != NULL; c = c->next) {
		if (strcmp(c->name, last) != 0)
			write_head(out, "counter", c->name, c->help);
		write_value(out, c->name, c->labels, c->value);
		last = c->name;
	}
	for (h = metrics->histograms; h != NULL; h = h->next)
		write_histogram(out, h);
	for (k = metrics->collectors; k != NULL; k = k->next)
		k->collect(metrics, out, k->arg);
}
