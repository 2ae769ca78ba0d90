/*
 * resolve: when to report which addresses: both families, the wait, the last
 * good answer. Queries are in resolve_ask, memory in resolve_memory. See
 * resolve.h.
 */
#include "net/resolve_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/dnschannel.h"
#include "net/loop_private.h"

#define TIMEOUT_MS 5000
/* With addresses that are raced, the look-up goes on for as long as a race. */
#define MORE_MS 5000
/* After two tries of DNS a last good answer is not worse. */
#define MEMORY_MS 2000
/* Bounds of the wait for the second family after the first. */
#define GRACE_MIN_MS 50
#define GRACE_MAX_MS 250
#define WHY 128
#define NOTE (2 * WHY)

static struct timeval
after_ms(uint32_t ms)
{
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

/*
 * Consider what is known: both families, or one while the other has its grace.
 */
void
resolve_consider(struct resolve *r)
{
	const struct answer *a6 = &r->answers[RESOLVE_V6];
	const struct answer *a4 = &r->answers[RESOLVE_V4];
	uint64_t grace_ms = (clock_ns() - r->start_ns) / CLOCK_MS;
	struct timeval tv;

	if (r->over)
		return;
	if (a6->known && a4->known) {
		loop_next(r->finish);
		return;
	}
	if (a6->n == 0 && a4->n == 0)
		return;
	grace_ms = grace_ms < GRACE_MIN_MS ? GRACE_MIN_MS :
	    grace_ms > GRACE_MAX_MS ? GRACE_MAX_MS : grace_ms;
	tv = after_ms((uint32_t)grace_ms);
	event_add(r->grace, &tv);
}

static bool
has_found(const struct resolve *r)
{
	return r->answers[RESOLVE_V6].n > 0 || r->answers[RESOLVE_V4].n > 0;
}

/* Is there a last good answer that was not reported yet? */
static bool
has_memory(const struct resolve *r)
{
	size_t i;

	for (i = 0; i < RESOLVE_FAMILIES && !r->memory.told; i++)
		if (resolve_is_missing(&r->answers[i]) && r->memory.n[i] > 0)
			return true;
	return false;
}

/* Return why nothing was found: the graver of the two reasons. */
static int
why_nothing(const struct resolve *r, const char **why)
{
	const struct answer *a6 = &r->answers[RESOLVE_V6];
	const struct answer *a4 = &r->answers[RESOLVE_V4];
	const struct answer *worse = a4;

	if (a4->refused || a6->refused) {
		*why = "the answer holds only addresses that a public name "
		    "cannot have";
		return -EAGAIN;
	}
	if (!a4->known || !a6->known) {
		*why = "no answer from DNS in time";
		return -ETIMEDOUT;
	}
	if (a4->err == -ENOENT)
		worse = a6;
	*why = dnschannel_why(r->channel, worse->status);
	return worse->err;
}

/* Return why a family is missing; NULL if none is. */
static const char *
why_missing(const struct resolve *r, char text[static WHY])
{
	bool v6 = resolve_is_missing(&r->answers[RESOLVE_V6]);
	const struct answer *a = &r->answers[v6 ? RESOLVE_V6 : RESOLVE_V4];
	const char *why;

	if (!has_found(r)) {
		(void)why_nothing(r, &why);
		return why;
	}
	if (!resolve_is_missing(a))
		return NULL;
	snprintf(text, WHY, "IPv%c addresses: %s", v6 ? '6' : '4', !a->known ?
	    "no answer from DNS in time" : a->refused ? "none is public" :
	    dnschannel_why(r->channel, a->status));
	return text;
}

static const char *
note_of(const struct resolve *r, char text[static NOTE])
{
	long long age_s = clock_wall_s() - r->memory.at_s;
	char why[WHY];

	snprintf(text, NOTE, "%s; using the last good answer, %lld %s old",
	    why_missing(r, why), age_s < 7200 ? age_s / 60 : age_s / 3600,
	    age_s < 7200 ? "minutes" : "hours");
	return text;
}

/*
 * Gather the new addresses of each family or, if it is missing, the remembered
 * ones.
 */
static size_t
gather(struct resolve *r, bool recall, struct addr out[static RESOLVE_MAX])
{
	const struct addr *lists[RESOLVE_FAMILIES];
	size_t ns[RESOLVE_FAMILIES], i, family, n = 0;

	for (family = 0; family < RESOLVE_FAMILIES; family++) {
		struct answer *a = &r->answers[family];

		lists[family] = recall && resolve_is_missing(a) ?
		    r->memory.addrs[family] : a->addrs + a->told;
		ns[family] = !resolve_is_missing(a) ? a->n - a->told :
		    recall ? r->memory.n[family] : 0;
		a->told = a->n;
	}
	for (i = 0; i < RESOLVE_MAX; i++)
		for (family = 0; family < RESOLVE_FAMILIES; family++)
			if (i < ns[family] && n < RESOLVE_MAX)
				out[n++] = lists[family][i];
	return n;
}

/* Report to the handler, which may free `r`. Nothing may follow this call. */
static void
tell(struct resolve *r, struct resolve_answer *found)
{
	found->first = !r->told;
	r->told = true;
	if (!found->more) {
		r->over = true;
		event_del(r->limit);
		event_del(r->recall);
		event_del(r->grace);
		event_del(r->finish);
	}
	r->done(found, r->arg);
}

static void
tell_found(struct resolve *r, bool recall, bool more)
{
	struct addr all[RESOLVE_MAX];
	char note[NOTE], missing[WHY];
	struct resolve_answer found = { .addrs = all, .more = more };

	recall = recall && has_memory(r);
	found.n = gather(r, recall, all);
	if (recall) {
		found.why = note_of(r, note);
		r->memory.told = true;
	} else if (!more) {
		found.missing = why_missing(r, missing);
	}
	tell(r, &found);
}

/*
 * Report that DNS has nothing, or nothing in time. A name without addresses is
 * an answer.
 */
static void
tell_failure(struct resolve *r)
{
	struct resolve_answer found = { .n = 0 };
	const char *why;
	int err = why_nothing(r, &why);

	if (err != -ENOENT && has_memory(r)) {
		tell_found(r, true, false);
		return;
	}
	if (r->told) {
		found.missing = why;
	} else {
		found.err = err;
		found.why = why;
	}
	tell(r, &found);
}

static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;

	(void)fd;
	(void)what;
	event_del(r->grace);
	if (has_found(r))
		tell_found(r, false, has_memory(r));
	else
		tell_failure(r);
}

static void
on_grace(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;

	(void)fd;
	(void)what;
	/* Both families may be answered in one turn of the loop. */
	if (!event_pending(r->finish, EV_TIMEOUT, NULL))
		tell_found(r, false, true);
}

static void
on_recall(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;

	(void)fd;
	(void)what;
	if (has_memory(r))
		tell_found(r, true, !r->answers[RESOLVE_V6].known ||
		    !r->answers[RESOLVE_V4].known);
}

static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	struct timeval more = after_ms(r->more_ms);

	(void)fd;
	(void)what;
	if (r->told && r->more_ms > 0) {
		r->more_ms = 0;
		event_add(r->limit, &more);
	} else if (has_found(r)) {
		tell_found(r, true, false);
	} else {
		tell_failure(r);
	}
}

/* Finish without DNS: everything is known. */
static void
answered_here(struct resolve *r)
{
	size_t i;

	for (i = 0; i < RESOLVE_FAMILIES; i++) {
		r->answers[i].known = true;
		r->answers[i].err = -ENOENT;
	}
	loop_next(r->finish);
}

static void
set_limits(struct resolve *r, uint32_t ms)
{
	struct timeval limit = after_ms(ms), recall = after_ms(MEMORY_MS);

	event_add(r->limit, &limit);
	if (r->memory.n[RESOLVE_V6] + r->memory.n[RESOLVE_V4] > 0)
		event_add(r->recall, &recall);
}

static int
prepare_question(struct resolve *r, const char *name,
    const struct resolve_options *o)
{
	size_t i;

	for (i = 0; i < RESOLVE_FAMILIES; i++) {
		r->answers[i].resolve = r;
		r->answers[i].addrs = calloc(RESOLVE_MAX, sizeof(struct addr));
		if (r->answers[i].addrs == NULL)
			return -ENOMEM;
	}
	r->name = strdup(name);
	r->limit = evtimer_new(r->loop, on_limit, r);
	r->recall = evtimer_new(r->loop, on_recall, r);
	r->grace = evtimer_new(r->loop, on_grace, r);
	r->finish = evtimer_new(r->loop, on_finish, r);
	if (r->name == NULL || r->limit == NULL || r->recall == NULL ||
	    r->grace == NULL || r->finish == NULL)
		return -ENOMEM;
	return dnschannel_new(&r->channel, r->loop, o->servers);
}

int
resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg)
{
	static const struct resolve_options defaults;
	const struct resolve_options *o =
	    options != NULL ? options : &defaults;
	struct resolve *r = calloc(1, sizeof(*r));
	bool local = strcasecmp(name, "localhost") == 0;
	int err;

	if (r == NULL)
		return -ENOMEM;
	r->loop = loop;
	r->done = done;
	r->arg = arg;
	r->port = port;
	r->start_ns = clock_ns();
	r->allow_loopback = o->allow_loopback || local;
	err = prepare_question(r, name, o);
	if (err < 0) {
		resolve_free(r);
		return err;
	}
	*out = r;
	resolve_ask_here(r, name, o->servers == NULL || local);
	if (has_found(r)) {
		answered_here(r);
		return 0;
	}
	r->cache_file = o->cache_file;
	resolve_memory_load(r);
	r->more_ms = o->timeout_ms != 0 ? 0 : MORE_MS;
	set_limits(r, o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS);
	resolve_ask_dns(r, name);
	return 0;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
resolve_free(struct resolve *r)
{
	size_t i;

	if (r == NULL)
		return;
	dnschannel_free(r->channel);
	free_event(r->limit);
	free_event(r->recall);
	free_event(r->grace);
	free_event(r->finish);
	for (i = 0; i < RESOLVE_FAMILIES; i++)
		free(r->answers[i].addrs);
	free(r->name);
	free(r);
}
