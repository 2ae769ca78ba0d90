/*
 * directory: 0.1.0's engine over the store that all switches share (stand.h). In
 * place of its engines for SQLite and Redis. Only what a switch asks is there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "peer/directory_engine.h"
#include "stand/stand.h"

struct engine {
	struct directory_engine of;
	struct event *turn;
	struct directory_request *first, **last;	/* wait for `turn` */
};

static int
look_up(struct directory_request *r)
{
	struct directory_subscriber *found = r->found;
	const char *push;
	int err;

	snprintf(found->number, sizeof(found->number), "%s", r->number);
	for (found->n_devices = 0; found->n_devices < DIRECTORY_DEVICES;
	    found->n_devices++) {
		struct directory_device *d =
		    &found->devices[found->n_devices];

		err = sim_directory_get(r->number, found->n_devices,
		    d->token_hash, &push, &d->push_s);
		if (err == -ENOENT)
			break;
		if (err < 0)
			return err;
		snprintf(d->push, sizeof(d->push), "%s", push);
	}
	r->n_found = found->n_devices > 0 ? 1 : 0;
	return found->n_devices > 0 ? 0 : -ENOENT;
}

static int
serve(struct directory_request *r)
{
	switch (r->op) {
	case DIRECTORY_LOOKUP:
		return look_up(r);
	case DIRECTORY_SET_PUSH:
		return sim_directory_put(r->number, r->token_hash, r->push,
		    r->now_s, INT64_MAX);
	case DIRECTORY_DROP_PUSH:
		return sim_directory_put(r->number, r->token_hash, "", 0,
		    r->before_s);
	default:
		return -EIO;
	}
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct directory_request *r = e->first, *next;

	(void)fd;
	(void)what;
	e->first = NULL;
	e->last = &e->first;
	for (; r != NULL; r = next) {
		next = r->next;
		r->err = serve(r);
		directory_finished(r);
	}
}

static int
submit(struct directory_engine *engine, struct directory_request *r)
{
	static const struct timeval delay = { 0, 500 };
	struct engine *e = (struct engine *)engine;

	r->next = NULL;
	*e->last = r;
	e->last = &r->next;
	if (!event_pending(e->turn, EV_TIMEOUT, NULL))
		event_add(e->turn, &delay);
	return 0;
}

static void
close_engine(struct directory_engine *engine)
{
	struct engine *e = (struct engine *)engine;
	struct directory_request *r;

	while ((r = e->first) != NULL) {
		e->first = r->next;
		directory_release(r);
	}
	event_free(e->turn);
	free(e);
}

static int
open_engine(struct directory_engine **out, struct event_base *loop)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	e->of.submit = submit;
	e->of.close = close_engine;
	e->last = &e->first;
	e->turn = event_new(loop, -1, 0, on_turn, e);
	if (e->turn == NULL) {
		free(e);
		return -ENOMEM;
	}
	*out = &e->of;
	return 0;
}

int
directory_sqlite_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *path,
    bool create, char why[static DIRECTORY_WHY])
{
	(void)directory;
	(void)path;
	(void)create;
	(void)why;
	return open_engine(out, loop);
}

int
directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static DIRECTORY_WHY])
{
	(void)directory;
	(void)where;
	(void)create;
	strcpy(why, "not here");
	return -EINVAL;
}
