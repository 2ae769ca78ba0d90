/*
 * trials: sessions in which a subscriber tests the relay and nobody is rung,
 * with limits per subscriber. See trials.h.
 */
#include "signal/trials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "net/loop.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "ops/quotas.h"

#define TRIALS_MAX 256		/* at once */

struct trial {
	STAILQ_ENTRY(trial) next;
	char session[SIGMSG_SESSION];
	char number[SIGMSG_NUMBER];	/* of the subscriber */
	uint8_t token_hash[CRYPTO_SHA256];	/* of its device */
	uint64_t until_ms;
};

/* All last equally long, so the first to begin is the first to end. */
STAILQ_HEAD(trial_list, trial);

struct trials {
	struct trials_options options;
	struct trial_list running;
	size_t n;
	struct loop_event *timer;
	uint64_t *begun, *limited, *closed;
};

/* Return how long it still lasts; 0 if it has ended and the timer is late. */
static uint64_t
left_ms(const struct trial *trial, uint64_t now_ms)
{
	return trial->until_ms > now_ms ? trial->until_ms - now_ms : 0;
}

static void
set_timer(struct trials *trials)
{
	const struct trial *first = STAILQ_FIRST(&trials->running);

	if (first == NULL)
		return;
	loop_timer_set_ms(trials->timer, left_ms(first, clock_ms()));
}

static struct trial *
pop(struct trials *trials)
{
	struct trial *first = STAILQ_FIRST(&trials->running);

	STAILQ_REMOVE_HEAD(&trials->running, next);
	trials->n--;
	return first;
}

static void
on_timer(void *arg)
{
	struct trials *trials = arg;
	uint64_t now_ms = clock_ms();
	struct trial *trial;

	while ((trial = STAILQ_FIRST(&trials->running)) != NULL &&
	    left_ms(trial, now_ms) == 0) {
		trials->options.end_media(trial->session,
		    trials->options.arg);
		free(pop(trials));
	}
	set_timer(trials);
}

static void
count_by(struct trials *trials, struct metrics *metrics)
{
	static const char name[] = "rp_relay_trials_total";
	static const char help[] =
	    "Requests to try the relay, by result.";

	trials->begun = metrics_counter(metrics, name, "result=\"begun\"",
	    help);
	trials->limited = metrics_counter(metrics, name,
	    "result=\"too-many\"", help);
	trials->closed = metrics_counter(metrics, name, "result=\"closed\"",
	    help);
}

struct trials *
trials_new(const struct trials_options *options)
{
	struct trials *trials = calloc(1, sizeof(*trials));

	if (trials == NULL)
		return NULL;
	trials->options = *options;
	STAILQ_INIT(&trials->running);
	trials->timer = loop_timer_new(options->loop, on_timer, trials);
	if (trials->timer == NULL) {
		trials_free(trials);
		return NULL;
	}
	count_by(trials, options->metrics);
	return trials;
}

void
trials_free(struct trials *trials)
{
	if (trials == NULL)
		return;
	while (!STAILQ_EMPTY(&trials->running))
		free(pop(trials));
	loop_event_free(trials->timer);
	free(trials);
}

/*
 * Return the first to end of the subscriber's trials, if there are as many as
 * may run at once.
 */
static const struct trial *
find_full(const struct trials *trials, const char *number)
{
	const struct trial *trial, *first = NULL;
	unsigned n = 0;

	STAILQ_FOREACH(trial, &trials->running, next)
		if (strcmp(trial->number, number) == 0 && n++ == 0)
			first = trial;
	return n >= TRIALS_AT_ONCE ? first : NULL;
}

/* May there be one more, for this subscriber and in all? Return 0, or when. */
static uint32_t
limit(struct trials *trials, const char *number, uint64_t now_ms)
{
	const struct trial *first = trials->n >= TRIALS_MAX ?
	    STAILQ_FIRST(&trials->running) : find_full(trials, number);
	struct quotas_claim claim = quotas_by_text(QUOTAS_TRIAL, number);

	if (first != NULL)
		return (uint32_t)left_ms(first, now_ms) + 1;
	return quotas_take(trials->options.quotas, &claim, 1);
}

int
trials_begin(struct trials *trials, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    char session[static SIGMSG_SESSION], uint32_t *retry_ms)
{
	uint64_t now_ms = clock_ms();
	struct trial *trial;

	if (!gate_is_open(trials->options.gate)) {
		++*trials->closed;
		return -EBUSY;
	}
	*retry_ms = limit(trials, number, now_ms);
	if (*retry_ms != 0) {
		++*trials->limited;
		return -EAGAIN;
	}
	trial = calloc(1, sizeof(*trial));
	if (trial == NULL)
		return -ENOMEM;
	if (crypto_random_hex(trial->session, SIGMSG_SESSION_BYTES) < 0) {
		free(trial);
		return -EIO;
	}
	snprintf(trial->number, sizeof(trial->number), "%s", number);
	memcpy(trial->token_hash, token_hash, CRYPTO_SHA256);
	trial->until_ms = now_ms + trials->options.lifetime_ms;
	STAILQ_INSERT_TAIL(&trials->running, trial, next);
	if (trials->n++ == 0)
		set_timer(trials);
	++*trials->begun;
	strcpy(session, trial->session);
	return 0;
}

void
trials_end(struct trials *trials,
    const uint8_t token_hash[static CRYPTO_SHA256])
{
	struct trial *trial = STAILQ_FIRST(&trials->running), *next;

	for (; trial != NULL; trial = next) {
		next = STAILQ_NEXT(trial, next);
		if (memcmp(trial->token_hash, token_hash, CRYPTO_SHA256) != 0)
			continue;
		trials->options.end_media(trial->session,
		    trials->options.arg);
		STAILQ_REMOVE(&trials->running, trial, trial, next);
		trials->n--;
		free(trial);
	}
}
