/*
 * notices: queue the notices of media until the loop runs, then call its owner.
 * See notices.h.
 */
#include "media/notices.h"

#include <errno.h>
#include <stdio.h>

#include "net/loop.h"
#include "wire/why.h"

#define FRAGMENT_MAX 1024

static void
tell_candidate(struct notices *n)
{
	char text[FRAGMENT_MAX];
	ssize_t len = n->fragment(text, sizeof(text), n->owner);

	if (len > 0)
		n->handlers.candidate(text, (size_t)len, n->arg);
}

static void
tell(struct notices *n, enum notice notice)
{
	const struct media_handlers *h = &n->handlers;

	n->raised[notice] = false;
	if (notice == NOTICE_CANDIDATE)
		tell_candidate(n);
	else if (notice == NOTICE_FIRST_AUDIO && h->first_audio != NULL)
		h->first_audio(n->arg);
	else if (notice == NOTICE_IN_ENDED && h->in_ended != NULL)
		h->in_ended(n->arg);
}

/* Report one notice. Return false if there was none. */
static bool
tell_one(struct notices *n)
{
	int notice = 0;

	if (n->err != 0) {
		n->handlers.failed(n->err, n->why, n->arg);
		return false;
	}
	if (n->told < n->state) {
		n->handlers.state(++n->told, n->arg);
		return true;
	}
	while (notice < NOTICES && !n->raised[notice])
		notice++;
	if (notice == NOTICES)
		return false;
	tell(n, (enum notice)notice);
	return true;
}

static void
on_event(void *arg)
{
	struct notices *n = arg;
	bool freed = false, more = true;

	while (more && !freed) {
		n->freed = &freed;
		more = tell_one(n);
		if (!freed)
			n->freed = NULL;
	}
}

int
notices_init(struct notices *notices, struct event_base *loop)
{
	notices->event = loop_timer_new(loop, on_event, notices);
	return notices->event != NULL ? 0 : -ENOMEM;
}

void
notices_clear(struct notices *notices)
{
	if (notices->freed != NULL)
		*notices->freed = true;
	loop_event_free(notices->event);
	notices->event = NULL;
}

static void
come_by(struct notices *notices)
{
	loop_event_soon(notices->event);
}

void
notices_reach(struct notices *notices, enum media_state state)
{
	if (state > notices->state)
		notices->state = state;
	come_by(notices);
}

void
notices_fall_back(struct notices *notices, enum media_state state)
{
	if (notices->state > state)
		notices->state = state;
	if (notices->told > notices->state)
		notices->told = notices->state;
}

void
notices_raise(struct notices *notices, enum notice notice)
{
	notices->raised[notice] = true;
	come_by(notices);
}

void
notices_fail(struct notices *notices, int err, const char *why)
{
	if (notices->err != 0)
		return;
	notices->err = err;
	why_set(notices->why, "%s", why);
	come_by(notices);
}
