/*
 * push: a ring from its first request to its end: repeat, cancel, read results,
 * and write again after the child died. See push.h.
 */
#include "push/push.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "conf/settings.h"
#include "net/loop.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "push/earlycount.h"
#include "push/pushqueue.h"
#include "push/pushreq.h"
#include "push/pushresult.h"
#include "wire/pushabout.h"
#include "push/smslimit.h"
#include "wire/pushform.h"
#include "wire/pushmsg.h"
#include "wire/reach.h"

#define CANCEL_MS 30000		/* a phone rings no longer than that */
#define CODE_MS 60000		/* a person waits for it */
#define PATIENCE 3		/* repeats skipped while a result is missing */

struct push_ring {
	struct pushqueue_item item;
	struct push *push;
	struct map_node by_id;
	TAILQ_ENTRY(push_ring) all;
	struct loop_event *repeat;
	push_handler *handler;
	void *arg;
	bool written;		/* and reported */
	unsigned unanswered;	/* repeats held back since the last result */
	bool sent;		/* the push service has the last one */
	bool dead;
	bool repeat_stopped;
	char session[SIGMSG_SESSION];
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	int64_t registered_s;
	struct quotas_claim payer;	/* the caller */
};

/* A request that is written once: a cancel or a code. */
struct note {
	struct pushqueue_item item;
	uint64_t *count, *expired;
};

struct push {
	struct push_options options;
	struct event_base *loop;
	struct pushqueue *queue;
	struct pushresult *results;
	struct reach *reach;	/* NULL: the command does not say */
	struct map *by_id;
	TAILQ_HEAD(, push_ring) rings;
	struct {
		uint64_t *calls, *cancels, *codes, *refused, *expired;
		uint64_t *results[PUSHMSG_BUSY + 1];
		uint64_t *malformed, *late, *invalid;
		struct earlycount early;
	} count;
};

/* Report a dead ring from the loop, never from within a call of its owner. */
static void
die(struct push_ring *ring)
{
	if (ring->repeat_stopped)
		return;
	pushqueue_remove(ring->push->queue, &ring->item);
	ring->dead = true;
	loop_event_soon(ring->repeat);
}

static void
set_repeat(struct push_ring *ring)
{
	long ms = ring->push->options.settings->push_repeat_ms;
	loop_timer_set_ms(ring->repeat, ms);
}

/*
 * Does the ring repeat? SMS do not, because each costs money and shows up as
 * one more.
 */
static bool
repeats(const struct push_ring *ring)
{
	return strcmp(ring->item.request.type, "sms") != 0;
}

static void
on_ring_left(struct pushqueue_item *item, int err)
{
	struct push_ring *ring = MAP_ENTRY(item, struct push_ring, item);
	struct push *push = ring->push;

	/*
	 * It was too late, or everything ends. The call detects that by itself.
	 */
	if (err == -ETIMEDOUT || err == -ECANCELED) {
		*push->count.expired += err == -ETIMEDOUT;
		return;
	}
	if (err < 0) {
		die(ring);
		return;
	}
	++*push->count.calls;
	ring->sent = false;
	if (repeats(ring))
		set_repeat(ring);
	if (ring->written)
		return;
	ring->written = true;
	ring->handler(PUSH_WRITTEN, ring->arg);
}

static void
note_free(struct note *note)
{
	pushmsg_request_clear(&note->item.request);
	free(note);
}

static void
on_note_left(struct pushqueue_item *item, int err)
{
	struct note *note = MAP_ENTRY(item, struct note, item);

	*note->count += err == 0;
	*note->expired += err == -ETIMEDOUT;
	note_free(note);
}

static void
on_repeat(void *arg)
{
	struct push_ring *ring = arg;
	struct push *push = ring->push;

	if (ring->dead) {
		ring->handler(PUSH_DEAD, ring->arg);
		return;
	}
	/*
	 * While the first is still being tried, a second would only add load.
	 */
	if (pushqueue_answers(push->queue) && ring->unanswered < PATIENCE - 1) {
		ring->unanswered++;
		set_repeat(ring);
		return;
	}
	ring->unanswered = 0;
	if (quotas_take(push->options.quotas, &ring->payer, 1) > 0)
		set_repeat(ring);
	else
		pushqueue_add(push->queue, &ring->item);
}

static void
on_dropped(int err, void *arg)
{
	(void)arg;
	if (err < 0)
		log_warn("push_token_kept", "err=%d", err);
}

static void
note_result(const struct push_ring *ring, const struct pushmsg_result *result)
{
	const struct pushresult_device device = {
		.session = ring->session, .type = ring->item.request.type,
		.number = ring->number, .token_hash = ring->token_hash
	};

	pushresult_note(ring->push->results, &device, result);
}

static void
on_result(const struct pushmsg_result *result, struct push *push)
{
	struct map_node *node = map_find(push->by_id, result->id,
	    strlen(result->id));
	struct push_ring *ring;

	++*push->count.results[result->status];
	if (node == NULL) {
		++*push->count.late;
		return;
	}
	ring = MAP_ENTRY(node, struct push_ring, by_id);
	/* A result has come, so repeats are due again. */
	ring->unanswered = PATIENCE - 1;
	ring->sent = result->status == PUSHMSG_SENT;
	note_result(ring, result);
	if (ring->sent)
		ring->handler(PUSH_SENT, ring->arg);
	if (result->status != PUSHMSG_GONE && result->status != PUSHMSG_FAILED)
		return;
	if (result->status == PUSHMSG_GONE)
		directory_drop_push(push->options.directory, ring->number,
		    ring->token_hash, ring->registered_s + 1, on_dropped,
		    NULL);
	die(ring);
}

/*
 * Read what the command says of itself. Return false if the line is of another
 * kind.
 */
static bool
take_about(struct push *push, const char *line, size_t len)
{
	struct pushabout about;
	char error[LOG_TEXT];
	int err = pushabout_parse(&about, line, len);

	if (err == -ENOENT || err == -EBADMSG)
		return false;
	if (err == 0 && about.error[0] != '\0')
		log_error("push_reload", "why=%s", log_text(error,
		    about.error));
	reach_free(push->reach);
	push->reach = about.reach;
	pushqueue_knows_reload(push->queue);
	return true;
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct pushmsg_result result;
	struct push *push = arg;

	if (line != NULL && take_about(push, line, len))
		return;
	if (line == NULL || pushmsg_result_parse(&result, line, len) < 0) {
		++*push->count.malformed;
		return;
	}
	on_result(&result, push);
}

/* May the request that a child had when it died be written once more? */
static bool
is_due_again(const struct push_ring *ring)
{
	if (ring->dead || ring->repeat_stopped || ring->sent)
		return false;
	return repeats(ring) || !ring->written;
}

/* Write again what the last child had, unless it reported that as sent. */
static void
on_up(void *arg)
{
	struct push *push = arg;
	struct push_ring *ring;

	TAILQ_FOREACH(ring, &push->rings, all)
		if (is_due_again(ring)) {
			loop_event_stop(ring->repeat);
			ring->unanswered = 0;
			pushqueue_add(push->queue, &ring->item);
		}
}

/* Fail all rings: standard output is gone, so nobody can be woken any more. */
static void
on_gone(void *arg)
{
	struct push *push = arg;
	struct push_ring *ring;

	TAILQ_FOREACH(ring, &push->rings, all)
		die(ring);
}

static void
collect_push(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct push *push = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_push_waiting", "",
	    "Push requests waiting to be written.",
	    pushqueue_count(push->queue));
	metrics_emit(out, "gauge", "rp_push_waiting_max", "",
	    "Limit of push requests that wait.",
	    (uint64_t)push->options.settings->push_queue);
	metrics_emit(out, "gauge", "rp_push_rings", "",
	    "Devices being woken.", map_count(push->by_id));
	if (push_state(push) != PUSH_STDOUT)
		metrics_emit(out, "gauge", "rp_push_child_up", "",
		    "1 while push.command runs.",
		    push_state(push) == PUSH_UP);
}

static void
count_by(struct push *push)
{
	static const char requests[] = "Push requests written, by kind.";
	static const char results[] = "Results of pushes, by status.";
	struct metrics *m = push->options.metrics;
	char labels[64];
	int i;

	push->count.calls = metrics_counter(m, "rp_push_requests_total",
	    "kind=\"call\"", requests);
	push->count.cancels = metrics_counter(m, "rp_push_requests_total",
	    "kind=\"cancel\"", requests);
	push->count.codes = metrics_counter(m, "rp_push_requests_total",
	    "kind=\"code\"", requests);
	push->count.refused = metrics_counter(m, "rp_push_refused_total", "",
	    "Devices not woken because too many requests were waiting.");
	push->count.expired = metrics_counter(m, "rp_push_expired_total", "",
	    "Push requests dropped because they waited too long.");
	push->count.malformed = metrics_counter(m, "rp_push_malformed_total",
	    "", "Invalid lines among the results.");
	push->count.late = metrics_counter(m, "rp_push_late_total", "",
	    "Results that no call was waiting for any more.");
	push->count.invalid = metrics_counter(m, "rp_push_invalid_total", "",
	    "Invalid push registrations.");
	for (i = 0; i <= PUSHMSG_BUSY; i++) {
		snprintf(labels, sizeof(labels), "status=\"%s\"",
		    pushmsg_status_name((enum pushmsg_status)i));
		push->count.results[i] = metrics_counter(m,
		    "rp_push_results_total", labels, results);
	}
	earlycount_init(&push->count.early, m);
	metrics_collector(m, collect_push, push);
}

int
push_new(struct push **out, struct event_base *loop,
    const struct push_options *options)
{
	static const struct pushqueue_handlers handlers = {
		on_up, on_line, on_gone
	};
	struct pushqueue_options queue_options = {
		options->command, options->settings, options->gate,
		options->metrics
	};
	struct pushresult_options result_options = {
		options->directory, options->alias, options->metrics
	};
	struct push *push = calloc(1, sizeof(*push));
	int err = -ENOMEM;

	if (push == NULL)
		return -ENOMEM;
	push->options = *options;
	push->loop = loop;
	TAILQ_INIT(&push->rings);
	push->by_id = map_new();
	push->results = pushresult_new(&result_options);
	if (push->by_id != NULL && push->results != NULL)
		err = pushqueue_new(&push->queue, loop, &queue_options,
		    &handlers, push);
	if (err < 0) {
		push_free(push);
		return err;
	}
	count_by(push);
	*out = push;
	return 0;
}

void
push_set_directory(struct push *push, struct directory *directory)
{
	push->options.directory = directory;
	pushresult_set_directory(push->results, directory);
}

void
push_free(struct push *push)
{
	if (push == NULL)
		return;
	pushqueue_free(push->queue);
	pushresult_free(push->results);
	reach_free(push->reach);
	map_free(push->by_id);
	free(push);
}

int
push_reload(struct push *push)
{
	return pushqueue_reload(push->queue);
}

const struct reach *
push_reach(const struct push *push)
{
	return push->reach;
}

pid_t
push_pid(const struct push *push)
{
	return pushqueue_pid(push->queue);
}

enum push_state
push_state(const struct push *push)
{
	if (push->options.command == NULL)
		return PUSH_STDOUT;
	return pushqueue_is_up(push->queue) ? PUSH_UP : PUSH_DOWN;
}

/* Count a request by what it lacks. */
static void
count_early(const struct push_ring *ring, const struct push_call *call,
    unsigned missing)
{
	const struct pushmsg_request *request = &ring->item.request;
	enum earlycount_why why = EARLYCOUNT_SIZE;

	if (call->early_off)
		why = EARLYCOUNT_OFF;
	else if (call->early == NULL)
		why = EARLYCOUNT_LATE;
	else if (pushform_room(request->type, request->to) == 0)
		why = EARLYCOUNT_PLAIN;
	earlycount_note(&ring->push->count.early, missing, why);
}

static int
fill_ring(struct push_ring *ring, const struct push_target *target,
    const struct push_call *call)
{
	unsigned missing;
	int err;

	ring->item.left = on_ring_left;
	ring->item.until_ms = clock_ms() + call->left_ms;
	ring->registered_s = target->device->push_s;
	memcpy(ring->token_hash, target->device->token_hash,
	    sizeof(ring->token_hash));
	snprintf(ring->number, sizeof(ring->number), "%s", target->number);
	snprintf(ring->session, sizeof(ring->session), "%s", call->session);
	err = pushreq_call(&ring->item.request, target, call, &missing);
	if (err < 0)
		return err;
	count_early(ring, call, missing);
	err = smslimit_take(&ring->item.request, target, call,
	    ring->push->options.quotas, ring->push->options.settings);
	if (err < 0)
		return err;
	/* The first is never held back: calls have limits of their own. */
	ring->payer = quotas_by_text(QUOTAS_PUSH, call->caller);
	(void)quotas_take(ring->push->options.quotas, &ring->payer, 1);
	if (repeats(ring))
		ring->item.patience_ms = PATIENCE *
		    (uint32_t)ring->push->options.settings->push_repeat_ms;
	ring->repeat = loop_timer_new(ring->push->loop, on_repeat, ring);
	return ring->repeat == NULL ? -ENOMEM : 0;
}

/* Would the device be rung? */
static int
pretend(struct push *push, const struct push_target *target,
    const struct push_call *call)
{
	struct pushmsg_request request;
	unsigned missing;
	int err = pushreq_call(&request, target, call, &missing);

	if (err == 0)
		err = smslimit_take(&request, target, call,
		    push->options.quotas, push->options.settings);
	pushmsg_request_clear(&request);
	return err;
}

int
push_start(struct push_ring **out, struct push *push,
    const struct push_target *target, const struct push_call *call,
    push_handler *handler, void *arg)
{
	struct push_ring *ring;
	int err;

	err = pushqueue_room(push->queue);
	*push->count.refused += err == -ENOBUFS;
	if (err < 0)
		return err;
	*out = NULL;
	if (call->quiet)
		return pretend(push, target, call);
	ring = calloc(1, sizeof(*ring));
	if (ring == NULL)
		return -ENOMEM;
	ring->push = push;
	ring->handler = handler;
	ring->arg = arg;
	err = fill_ring(ring, target, call);
	if (err < 0) {
		*push->count.invalid += err == -EINVAL;
		loop_event_free(ring->repeat);
		pushmsg_request_clear(&ring->item.request);
		free(ring);
		return err;
	}
	map_add(push->by_id, &ring->by_id, ring->item.request.id,
	    strlen(ring->item.request.id));
	TAILQ_INSERT_TAIL(&push->rings, ring, all);
	pushqueue_add(push->queue, &ring->item);
	*out = ring;
	return 0;
}

void
push_stop_repeating(struct push_ring *ring)
{
	if (ring == NULL)
		return;
	ring->repeat_stopped = true;
	pushqueue_remove(ring->push->queue, &ring->item);
	loop_event_stop(ring->repeat);
}

void
push_stop(struct push_ring *ring)
{
	if (ring == NULL)
		return;
	pushqueue_remove(ring->push->queue, &ring->item);
	map_remove(ring->push->by_id, &ring->by_id);
	TAILQ_REMOVE(&ring->push->rings, ring, all);
	loop_event_free(ring->repeat);
	pushmsg_request_clear(&ring->item.request);
	free(ring);
}

static struct note *
note_new(struct push *push, uint64_t *count, uint32_t ms)
{
	struct note *note = calloc(1, sizeof(*note));

	if (note == NULL)
		return NULL;
	note->item.left = on_note_left;
	note->item.until_ms = clock_ms() + ms;
	note->count = count;
	note->expired = push->count.expired;
	return note;
}

int
push_code(struct push *push, const char *number, const char *code)
{
	struct note *note;
	int err = pushqueue_room(push->queue);

	if (err < 0)
		return err;
	note = note_new(push, push->count.codes, CODE_MS);
	if (note == NULL)
		return -ENOMEM;
	err = pushreq_code(&note->item.request, number, code);
	if (err < 0)
		note_free(note);
	else
		pushqueue_add(push->queue, &note->item);
	return err;
}

static void
take_back(const struct push_ring *ring, const char *reason)
{
	struct push *push = ring->push;
	struct note *note = note_new(push, push->count.cancels, CANCEL_MS);

	if (note == NULL)
		return;
	if (pushreq_cancel(&note->item.request, &ring->item.request,
	    reason) < 0)
		note_free(note);
	else
		pushqueue_add(push->queue, &note->item);
}

void
push_cancel(struct push_ring *ring, const char *reason)
{
	if (ring == NULL)
		return;
	/* A request that was never written needs no cancel. */
	if (ring->written && !ring->dead &&
	    pushqueue_room(ring->push->queue) == 0)
		take_back(ring, reason);
	push_stop(ring);
}
