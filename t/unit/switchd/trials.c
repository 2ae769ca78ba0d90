/*
 * Trials of the relay: a number per hour, none while the gate is closed, and
 * each one ends.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "conf/settings.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "signal/trials.h"
#include "unit.h"

#define LIFETIME_MS 50
#define PER_HOUR 30

static const struct settings settings = { .relay_trials = PER_HOUR };

struct world {
	struct event_base *loop;
	struct metrics *metrics;
	struct gate *gate;
	struct quotas *quotas;
	struct trials *trials;
	char ended[8][SIGMSG_SESSION];
	unsigned n_ended;
};

static void
end_media(const char *session, void *arg)
{
	struct world *w = arg;

	ck_assert_uint_lt(w->n_ended, 8);
	strcpy(w->ended[w->n_ended++], session);
}

static void
begin(struct world *w)
{
	struct trials_options options = {
		.lifetime_ms = LIFETIME_MS, .end_media = end_media, .arg = w
	};

	memset(w, 0, sizeof(*w));
	options.loop = w->loop = event_base_new();
	options.metrics = w->metrics = metrics_new();
	options.gate = w->gate = gate_new(w->metrics);
	options.quotas = w->quotas = quotas_new(&settings, w->metrics);
	gate_set(w->gate, GATE_STARTING, false);
	w->trials = trials_new(&options);
	ck_assert_ptr_nonnull(w->trials);
}

static void
end(struct world *w)
{
	trials_free(w->trials);
	gate_free(w->gate);
	quotas_free(w->quotas);
	metrics_free(w->metrics);
	event_base_free(w->loop);
}

/* Begin a trial of the subscriber, whose device has its first letter's hash. */
static int
try_relay(struct world *w, const char *number,
    char session[static SIGMSG_SESSION], uint32_t *retry_ms)
{
	uint8_t hash[CRYPTO_SHA256] = { (uint8_t)number[0] };

	return trials_begin(w->trials, number, hash, session, retry_ms);
}

static uint64_t
counted(struct world *w, const char *labels)
{
	return *metrics_counter(w->metrics, "rp_relay_trials_total", labels,
	    "");
}

START_TEST(rations)
{
	char session[SIGMSG_SESSION], before[SIGMSG_SESSION] = "";
	uint32_t retry_ms = 0;
	struct world w;
	int i;

	begin(&w);
	for (i = 0; i < PER_HOUR; i++) {
		ck_assert_int_eq(try_relay(&w, "alice", session,
		    &retry_ms), 0);
		ck_assert_uint_eq(strlen(session), SIGMSG_SESSION - 1);
		ck_assert_str_ne(session, before);
		strcpy(before, session);
		w.n_ended = 0;
		if (i % TRIALS_AT_ONCE == TRIALS_AT_ONCE - 1)
			event_base_dispatch(w.loop);	/* until all end */
	}
	event_base_dispatch(w.loop);
	ck_assert_int_eq(try_relay(&w, "alice", session, &retry_ms),
	    -EAGAIN);
	ck_assert_uint_gt(retry_ms, 3590 * 1000);
	ck_assert_int_eq(try_relay(&w, "bob", session, &retry_ms), 0);
	ck_assert_uint_eq(counted(&w, "result=\"begun\""),
	    PER_HOUR + 1);
	ck_assert_uint_eq(counted(&w, "result=\"too-many\""), 1);
	end(&w);
	trials_free(NULL);
}
END_TEST

/* One subscriber does not take what there is for all. */
START_TEST(few_at_once)
{
	char session[SIGMSG_SESSION];
	uint32_t retry_ms = 0;
	struct world w;
	int i;

	begin(&w);
	for (i = 0; i < TRIALS_AT_ONCE; i++)
		ck_assert_int_eq(try_relay(&w, "alice", session,
		    &retry_ms), 0);
	ck_assert_int_eq(try_relay(&w, "alice", session, &retry_ms),
	    -EAGAIN);
	ck_assert_uint_gt(retry_ms, 0);
	ck_assert_uint_le(retry_ms, LIFETIME_MS + 1);
	ck_assert_uint_eq(counted(&w, "result=\"too-many\""), 1);
	ck_assert_int_eq(try_relay(&w, "bob", session, &retry_ms), 0);
	end(&w);
}
END_TEST

/* Of many subscribers together there are no more at once than it can hold. */
START_TEST(is_bounded)
{
	char session[SIGMSG_SESSION], number[16];
	uint32_t retry_ms = 0;
	struct world w;
	int i, err = 0;

	begin(&w);
	for (i = 0; i < 1000 && err == 0; i++) {
		sprintf(number, "n%d", i);
		err = try_relay(&w, number, session, &retry_ms);
	}
	ck_assert_int_eq(err, -EAGAIN);
	ck_assert_int_eq(i, 257);
	ck_assert_uint_le(retry_ms, LIFETIME_MS + 1);
	ck_assert_uint_gt(retry_ms, 0);
	/* And where the loop is late in ending them. */
	usleep((LIFETIME_MS + 10) * 1000);
	ck_assert_int_eq(try_relay(&w, number, session, &retry_ms),
	    -EAGAIN);
	ck_assert_uint_eq(retry_ms, 1);
	end(&w);
}
END_TEST

START_TEST(closes_with_the_gate)
{
	char session[SIGMSG_SESSION];
	uint32_t retry_ms = 0;
	struct world w;

	begin(&w);
	gate_set(w.gate, GATE_DRAINING, true);
	ck_assert_int_eq(try_relay(&w, "alice", session, &retry_ms),
	    -EBUSY);
	ck_assert_uint_eq(counted(&w, "result=\"closed\""), 1);
	gate_set(w.gate, GATE_DRAINING, false);
	ck_assert_int_eq(try_relay(&w, "alice", session, &retry_ms),
	    0);
	end(&w);
}
END_TEST

START_TEST(each_ends)
{
	char first[SIGMSG_SESSION], second[SIGMSG_SESSION];
	uint32_t retry_ms = 0;
	struct world w;

	begin(&w);
	ck_assert_int_eq(try_relay(&w, "alice", first, &retry_ms), 0);
	ck_assert_int_eq(try_relay(&w, "bob", second, &retry_ms), 0);
	event_base_loop(w.loop, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(w.n_ended, 0);
	event_base_dispatch(w.loop);	/* until its timer has no more to do */
	ck_assert_uint_eq(w.n_ended, 2);
	ck_assert_str_eq(w.ended[0], first);
	ck_assert_str_eq(w.ended[1], second);
	ck_assert_int_eq(try_relay(&w, "alice", first, &retry_ms), 0);
	event_base_dispatch(w.loop);
	ck_assert_uint_eq(w.n_ended, 3);
	end(&w);
}
END_TEST

/* Those of a device that was revoked end at once, and no others. */
START_TEST(ends_with_its_device)
{
	char first[SIGMSG_SESSION], second[SIGMSG_SESSION];
	const uint8_t alice[CRYPTO_SHA256] = { 'a' };
	uint32_t retry_ms = 0;
	struct world w;

	begin(&w);
	ck_assert_int_eq(try_relay(&w, "alice", first, &retry_ms), 0);
	ck_assert_int_eq(try_relay(&w, "bob", second, &retry_ms), 0);
	trials_end(w.trials, alice);
	ck_assert_uint_eq(w.n_ended, 1);
	ck_assert_str_eq(w.ended[0], first);
	trials_end(w.trials, alice);
	ck_assert_uint_eq(w.n_ended, 1);
	event_base_dispatch(w.loop);
	ck_assert_uint_eq(w.n_ended, 2);
	ck_assert_str_eq(w.ended[1], second);
	ck_assert_int_eq(try_relay(&w, "alice", first, &retry_ms), 0);
	event_base_dispatch(w.loop);
	ck_assert_uint_eq(w.n_ended, 3);
	end(&w);
}
END_TEST

UNIT_SUITE(trials, rations, few_at_once, is_bounded, closes_with_the_gate,
    each_ends, ends_with_its_device)
