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
	const char *name, *labels, *help;
	struct metrics_bounds bounds;
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
    const char *labels, const char *help, const struct metrics_bounds *bounds)
{
	struct metrics_histogram **at = &metrics->histograms, **after = NULL;
	struct metrics_histogram *h;

	/* Adjacent, like counters of one name. */
	for (; *at != NULL; at = &(*at)->next)
		if (strcmp((*at)->name, name) == 0)
			after = &(*at)->next;
	if (after != NULL)
		at = after;
	h = must(calloc(1, sizeof(*h) + (bounds->n + 1) *
	    sizeof(h->counts[0])));
	h->name = name;
	h->labels = labels;
	h->help = help;
	h->bounds = *bounds;
	h->next = *at;
	*at = h;
	return h;
}

void
metrics_observe(struct metrics_histogram *histogram, double value)
{
	size_t i = 0;

	while (i < histogram->bounds.n && value > histogram->bounds.le[i])
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

/* Write the name and the labels, in front of a value. */
static void
write_name(struct buffer *out, const char *name, const char *suffix,
    const char *labels)
{
	const char *open = *labels != '\0' ? "{" : "";
	const char *close = *labels != '\0' ? "}" : "";

	buffer_printf(out, "%s%s%s%s%s ", name, suffix, open, labels, close);
}

static void
write_value(struct buffer *out, const char *name, const char *labels,
    uint64_t value)
{
	write_name(out, name, "", labels);
	buffer_printf(out, "%" PRIu64 "\n", value);
}

static void
write_bucket(struct buffer *out, const struct metrics_histogram *h,
    const char *le, uint64_t count)
{
	buffer_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", h->name,
	    h->labels, *h->labels != '\0' ? "," : "", le, count);
}

static void
write_histogram(struct buffer *out, const struct metrics_histogram *h)
{
	uint64_t count = 0;
	char le[32];
	size_t i;

	for (i = 0; i < h->bounds.n; i++) {
		count += h->counts[i];
		snprintf(le, sizeof(le), "%g", h->bounds.le[i]);
		write_bucket(out, h, le, count);
	}
	count += h->counts[h->bounds.n];
	write_bucket(out, h, "+Inf", count);
	write_name(out, h->name, "_sum", h->labels);
	buffer_printf(out, "%.9g\n", h->sum);
	write_name(out, h->name, "_count", h->labels);
	buffer_printf(out, "%" PRIu64 "\n", count);
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
metrics_emit_real(struct buffer *out, const char *type, const char *name,
    const char *labels, const char *help, double value)
{
	if (!has_head(out, type, name))
		write_head(out, type, name, help);
	write_name(out, name, "", labels);
	buffer_printf(out, "%.15g\n", value);
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
	last = "";
	for (h = metrics->histograms; h != NULL; h = h->next) {
		if (strcmp(h->name, last) != 0)
			write_head(out, "histogram", h->name, h->help);
		write_histogram(out, h);
		last = h->name;
	}
	for (k = metrics->collectors; k != NULL; k = k->next)
		k->collect(metrics, out, k->arg);
}
