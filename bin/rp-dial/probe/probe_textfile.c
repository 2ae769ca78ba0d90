/* probe_textfile: one gauge after another. See probe_textfile.h. */
#include "probe/probe_textfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S(ms) ((ms) / 1000)

static bool
is_same(const struct probe_row *a, const struct probe_row *b)
{
	return strcmp(a->server, b->server) == 0 &&
	    strcmp(a->transport, b->transport) == 0 &&
	    strcmp(a->family, b->family) == 0;
}

static bool
is_repeated(const struct probe_row rows[], size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (is_same(&rows[j], &rows[i]))
			return true;
	return false;
}

static void
head(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* Write the sample of a row. A server's name has nothing to be escaped. */
static void
sample(FILE *out, const char *name, const struct probe_row *row,
    const char *fault, double value)
{
	fprintf(out, "%s{server=\"%s\",transport=\"%s\",family=\"%s\"", name,
	    row->server, row->transport, row->family);
	if (fault != NULL)
		fprintf(out, ",fault=\"%s\"", fault);
	fprintf(out, "} %.9g\n", value);
}

static double
success(const struct probe_way_result *r)
{
	return r->fault == PROBE_FAULT_NONE;
}

static double
allocate_s(const struct probe_way_result *r)
{
	return r->allocate_ms > 0 ? S(r->allocate_ms) : -1;
}

static double
rtt_s(const struct probe_way_result *r)
{
	return r->rtt_ms > 0 ? S(r->rtt_ms) : -1;
}

static double
rtt_max_s(const struct probe_way_result *r)
{
	return r->rtt_max_ms > 0 ? S(r->rtt_max_ms) : -1;
}

static double
sent(const struct probe_way_result *r)
{
	return r->sent;
}

static double
received(const struct probe_way_result *r)
{
	return r->received;
}

/* The gauges of each path; a negative value was not measured. */
static const struct {
	const char *name, *help;
	double (*value)(const struct probe_way_result *result);
} gauges[] = {
	{ "rp_probe_way_success", "Whether the relay works this way.",
	    success },
	{ "rp_probe_way_allocate_seconds",
	    "How long the two allocations took.", allocate_s },
	{ "rp_probe_way_round_trip_seconds",
	    "Median round trip of a packet through the relay and back.",
	    rtt_s },
	{ "rp_probe_way_round_trip_max_seconds",
	    "Longest round trip of a packet.", rtt_max_s },
	{ "rp_probe_way_packets_sent", "Packets sent through the relay.",
	    sent },
	{ "rp_probe_way_packets_received", "Packets that came back.",
	    received }
};

static void
write_gauges(FILE *out, const struct probe_row rows[], size_t n)
{
	size_t g, i;
	double value;

	for (g = 0; g < sizeof(gauges) / sizeof(gauges[0]); g++) {
		head(out, gauges[g].name, gauges[g].help);
		for (i = 0; i < n; i++) {
			value = gauges[g].value(rows[i].result);
			if (value >= 0 && !is_repeated(rows, i))
				sample(out, gauges[g].name, &rows[i], NULL,
				    value);
		}
	}
}

static void
write_faults(FILE *out, const struct probe_row rows[], size_t n)
{
	static const char name[] = "rp_probe_way_fault";
	enum probe_fault fault;
	size_t i;

	head(out, name, "The fault of this way, by its word.");
	for (i = 0; i < n; i++) {
		fault = rows[i].result->fault;
		if (fault != PROBE_FAULT_NONE && !is_repeated(rows, i))
			sample(out, name, &rows[i], probe_fault_text(fault),
			    1);
	}
}

char *
probe_textfile(const struct probe_textfile_run *run,
    const struct probe_row rows[], size_t n)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	head(out, "rp_probe_success", "Whether every way to the relay works.");
	fprintf(out, "rp_probe_success %d\n", run->success);
	head(out, "rp_probe_last_run_timestamp_seconds",
	    "When the test ended, in seconds since 1970.");
	fprintf(out, "rp_probe_last_run_timestamp_seconds %lld\n",
	    (long long)run->ended_s);
	head(out, "rp_probe_duration_seconds", "How long the test took.");
	fprintf(out, "rp_probe_duration_seconds %.3f\n", run->duration_s);
	write_gauges(out, rows, n);
	write_faults(out, rows, n);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
