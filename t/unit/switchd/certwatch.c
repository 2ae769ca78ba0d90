/*
 * certwatch: the metric of each certificate, and a line in the log at once and
 * again after each period.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "cert.h"
#include "net/certset.h"
#include "net/loop.h"
#include "ops/certwatch.h"
#include "ops/metrics.h"
#include "unit.h"

static struct certset *
load(const char *san)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH], why[WHY_TEXT];
	struct certpair_files files = { cert_file, key_file };
	struct certset *set;

	cert_make_for(cert_file, key_file, "a.test", san);
	ck_assert_msg(certset_load(&set, &files, 1, NULL, why) == 0, "%s", why);
	unlink(cert_file);
	unlink(key_file);
	return set;
}

/* Count the lines of the log about a certificate. */
static int
count_lines(FILE *log)
{
	char line[1024];
	int n = 0;

	rewind(log);
	while (fgets(line, sizeof(line), log) != NULL)
		n += strstr(line, "event=certificate") != NULL &&
		    strstr(line, "not valid for b.test") != NULL;
	return n;
}

START_TEST(tells_daily)
{
	struct event_base *loop = loop_new();
	struct metrics *metrics = metrics_new();
	struct certwatch *watch = certwatch_new(loop, metrics, 20);
	FILE *log = tmpfile();
	int old = dup(STDERR_FILENO);
	struct certset *set = load("a.test");

	dup2(fileno(log), STDERR_FILENO);
	log_open("unit", LOG_TO_STDERR, LOG_LEVEL_WARN);
	certwatch_set(watch, set, "b.test");
	certset_free(set);
	ck_assert_int_eq(count_lines(log), 1);
	while (count_lines(log) < 4)
		loop_run_once(loop);
	set = load("b.test");
	certwatch_set(watch, set, "b.test");
	certset_free(set);
	ck_assert_int_eq(count_lines(log), 4);
	dup2(old, STDERR_FILENO);
	close(old);
	fclose(log);
	certwatch_free(watch);
	metrics_free(metrics);
	loop_free(loop);
}
END_TEST

static bool
has(struct metrics *metrics, const char *line)
{
	struct evbuffer *out = evbuffer_new();
	bool found;

	metrics_write(metrics, (struct buffer *)out);
	found = evbuffer_search(out, line, strlen(line), NULL).pos >= 0;
	evbuffer_free(out);
	return found;
}

START_TEST(measures_the_end)
{
	struct metrics *metrics = metrics_new();
	struct certwatch *watch = certwatch_new(NULL, metrics, 0);
	struct certset *set = load("a\"b.test");
	char line[256];

	ck_assert(!has(metrics, "rp_certificate_not_after"));
	certwatch_set(watch, set, "b.test");
	/* A name that would break the label is left out. */
	snprintf(line, sizeof(line), "\nrp_certificate_not_after_timestamp_"
	    "seconds{certificate=\"1\",name=\"\"} %lld\n",
	    (long long)certcheck_end(certset_pair(set, 0)));
	ck_assert(has(metrics, line));
	ck_assert_int_gt(certcheck_end(certset_pair(set, 0)), clock_wall_s());
	certset_free(set);
	set = load("A.test");
	certwatch_set(watch, set, "b.test");
	certset_free(set);
	ck_assert(has(metrics, "{certificate=\"1\",name=\"a.test\"} "));
	ck_assert(!has(metrics, "name=\"\""));
	metrics_free(metrics);
	certwatch_free(watch);
}
END_TEST

UNIT_SUITE(certwatch, tells_daily, measures_the_end)
