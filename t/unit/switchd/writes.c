/*
 * Turns at the directory: one of a subscriber at a time, in order, whether they
 * end at once, later or by the client's leaving.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "signal/request.h"
#include "signal/writes.h"
#include "unit.h"

#define MANY 100000	/* more than a stack of calls could hold */

static struct settings settings;
static struct metrics *metrics;
static struct quotas *quotas;
static struct writes *writes;
static struct request requests[4];
static int went[8], n_went;

static void
set_up(void)
{
	memset(&settings, 0, sizeof(settings));
	memset(requests, 0, sizeof(requests));
	n_went = 0;
	metrics = metrics_new();
	quotas = quotas_new(&settings, metrics);
	writes = writes_new(quotas);
	ck_assert_ptr_nonnull(writes);
}

static void
tear_down(void)
{
	writes_free(writes);
	writes_free(NULL);
	quotas_free(quotas);
	metrics_free(metrics);
}

static void
go(struct request *request)
{
	went[n_went++] = (int)(request - requests);
}

START_TEST(one_at_a_time)
{
	writes_wait(writes, &requests[0], "alice", go);
	writes_wait(writes, &requests[1], "alice", go);
	writes_wait(writes, &requests[2], "alice", go);
	writes_wait(writes, &requests[3], "bob", go);
	ck_assert_int_eq(n_went, 2);
	ck_assert_int_eq(went[0], 0);
	ck_assert_int_eq(went[1], 3);
	writes_end(writes, &requests[1]);	/* it leaves */
	ck_assert_int_eq(n_went, 2);
	writes_end(writes, &requests[0]);
	ck_assert_int_eq(n_went, 3);
	ck_assert_int_eq(went[2], 2);
	writes_end(writes, &requests[0]);	/* nothing is open */
	writes_end(writes, &requests[2]);
	writes_end(writes, &requests[3]);
	writes_wait(writes, &requests[1], "alice", go);
	ck_assert_int_eq(n_went, 4);
	writes_end(writes, &requests[1]);
}
END_TEST

static int n_ended;

static void
go_and_end(struct request *request)
{
	n_ended++;
	writes_end(writes, request);
}

START_TEST(ends_at_once)
{
	struct request *many = calloc(MANY, sizeof(*many));
	int i;

	ck_assert_ptr_nonnull(many);
	n_ended = 0;
	writes_wait(writes, &requests[0], "alice", go);
	for (i = 0; i < MANY; i++)
		writes_wait(writes, &many[i], "alice", go_and_end);
	ck_assert_int_eq(n_ended, 0);
	writes_end(writes, &requests[0]);
	ck_assert_int_eq(n_ended, MANY);
	free(many);
}
END_TEST

UNIT_SUITE_WITH(writes, set_up, tear_down, one_at_a_time, ends_at_once)
