/*
 * directory: an engine in memory, one store for all switches. In place of the
 * engines for SQLite, Redis and PostgreSQL. Links, lists and imports fail.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "core/private.h"
#include "directory/directory_engine.h"
#include "net/loop.h"
#include "stand/stand.h"

#define DAY_S 86400

struct device {
	uint8_t hash[CRYPTO_SHA256];
	char *push;
	int64_t push_s, seen_s, added_s;
};

struct subscriber {
	STAILQ_ENTRY(subscriber) next;
	char number[SIGMSG_NUMBER];
	struct device devices[DIRECTORY_DEVICES];
	size_t n;
};

struct engine {
	struct directory_engine of;
	struct directory *directory;
	struct loop_event *turn;
	struct directory_request *first, **last;	/* wait for `turn` */
	bool told;
};

static STAILQ_HEAD(, subscriber) store = STAILQ_HEAD_INITIALIZER(store);
static uint32_t delay_us = 500;
static int fails_read, fails_write;

void
sim_directory_delay(uint32_t us)
{
	delay_us = us;
}

void
sim_directory_fail(int read_err, int write_err)
{
	fails_read = read_err;
	fails_write = write_err;
}

void
sim_directory_reset(void)
{
	struct subscriber *s;
	size_t i;

	while ((s = STAILQ_FIRST(&store)) != NULL) {
		STAILQ_REMOVE_HEAD(&store, next);
		for (i = 0; i < s->n; i++)
			free(s->devices[i].push);
		free(s);
	}
	delay_us = 500;
	fails_read = fails_write = 0;
}

static struct subscriber *
find(const char *number)
{
	struct subscriber *s;

	STAILQ_FOREACH(s, &store, next)
		if (strcmp(s->number, number) == 0)
			return s;
	return NULL;
}

static struct device *
find_device(struct subscriber *s, const uint8_t *hash)
{
	size_t i;

	for (i = 0; s != NULL && i < s->n; i++)
		if (memcmp(s->devices[i].hash, hash, CRYPTO_SHA256) == 0)
			return &s->devices[i];
	return NULL;
}

static int
add(const char *number, const uint8_t *hash, const char *push, int64_t now_s)
{
	struct subscriber *s = find(number);

	if (find_device(s, hash) != NULL)
		return -EEXIST;
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			abort();
		snprintf(s->number, sizeof(s->number), "%s", number);
		STAILQ_INSERT_TAIL(&store, s, next);
	}
	if (s->n == DIRECTORY_DEVICES)
		return -ENOSPC;
	memcpy(s->devices[s->n].hash, hash, CRYPTO_SHA256);
	s->devices[s->n].push = strdup(push);
	s->devices[s->n].push_s = s->devices[s->n].added_s = now_s;
	s->n++;
	return 0;
}

void
sim_directory_add(const char *number, const char *token, const char *push)
{
	uint8_t hash[CRYPTO_SHA256];

	directory_hash(hash, token);
	if (add(number, hash, push, SIM_START_S) < 0)
		abort();
}

static int
look_up(struct directory_request *r)
{
	struct subscriber *s = find(r->number);
	struct directory_subscriber *found;
	size_t i;

	if (s == NULL || s->n == 0)
		return -ENOENT;
	found = directory_found_next(r, s->number);
	for (i = 0; i < s->n; i++) {
		struct directory_device *d = directory_found_device(found,
		    s->devices[i].hash);

		if (d == NULL)
			return -EIO;
		d->push_s = s->devices[i].push_s;
		d->seen_s = s->devices[i].seen_s;
		d->added_s = s->devices[i].added_s;
		if (directory_text(&d->push, s->devices[i].push,
		    strlen(s->devices[i].push)) < 0)
			return -ENOMEM;
	}
	directory_found_sort(found);
	return 0;
}

static int
write_push(struct device *d, const char *push, int64_t now_s)
{
	if (d == NULL)
		return -ENOENT;
	free(d->push);
	d->push = strdup(push);
	d->push_s = *push != '\0' ? now_s : 0;
	return 0;
}

int
sim_directory_get(const char *number, size_t i, uint8_t hash[static 32],
    const char **push, int64_t *push_s)
{
	const struct subscriber *s = find(number);

	if (fails_read != 0)
		return fails_read;
	if (s == NULL || i >= s->n)
		return -ENOENT;
	memcpy(hash, s->devices[i].hash, CRYPTO_SHA256);
	*push = s->devices[i].push;
	*push_s = s->devices[i].push_s;
	return 0;
}

int
sim_directory_put(const char *number, const uint8_t hash[static 32],
    const char *push, int64_t now_s, int64_t before_s)
{
	struct device *d = find_device(find(number), hash);

	if (sim_process_is_ghost(sim_process_self()))
		return -EIO;
	if (fails_write != 0)
		return fails_write;
	if (d != NULL && d->push_s > before_s)
		return 0;
	return write_push(d, push, now_s);
}

static int
write_one(struct directory_request *r)
{
	struct device *d = find_device(find(r->number), r->token_hash);

	switch (r->op) {
	case DIRECTORY_ADD:
		return add(r->number, r->token_hash, "", r->now_s);
	case DIRECTORY_SET_PUSH:
		return write_push(d, r->push, r->now_s);
	case DIRECTORY_DROP_PUSH:
		return d != NULL && d->push_s > r->before_s ? 0 :
		    write_push(d, "", 0);
	case DIRECTORY_SEEN:
		if (d != NULL)
			d->seen_s = r->now_s / DAY_S * DAY_S;
		return d != NULL ? 0 : -ENOENT;
	case DIRECTORY_SET_RESULT:
		return d != NULL ? 0 : -ENOENT;
	default:
		return -EIO;
	}
}

static void
serve(struct directory_request *r)
{
	bool writes = directory_writes(r->op);

	if (writes)
		r->err = fails_write != 0 ? fails_write : write_one(r);
	else if (fails_read != 0)
		r->err = fails_read;
	else
		r->err = r->op == DIRECTORY_LOOKUP ||
		    r->op == DIRECTORY_SHOW ? look_up(r) : -EIO;
	directory_finished(r);
}

static void
on_turn(void *arg)
{
	struct engine *e = arg;
	struct directory_request *r = e->first, *next;

	if (!e->told)
		directory_readable(e->directory, true, "");
	e->told = true;
	e->first = NULL;
	e->last = &e->first;
	for (; r != NULL; r = next) {
		next = r->next;
		serve(r);
	}
}

static int
submit(struct directory_engine *engine, struct directory_request *r)
{
	struct engine *e = (struct engine *)engine;

	if (sim_process_is_ghost(sim_process_self()))
		return -EIO;
	r->next = NULL;
	*e->last = r;
	e->last = &r->next;
	return loop_event_is_set(e->turn) ? 0 :
	    loop_timer_set_ns(e->turn, delay_us * 1000ULL);
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
	loop_event_free(e->turn);
	free(e);
}

static int
open_engine(struct directory_engine **out, struct directory *directory,
    struct event_base *loop)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	e->of.submit = submit;
	e->of.close = close_engine;
	e->directory = directory;
	e->last = &e->first;
	e->turn = loop_timer_new(loop, on_turn, e);
	if (e->turn == NULL) {
		free(e);
		return -ENOMEM;
	}
	loop_timer_set_ns(e->turn, delay_us * 1000ULL);
	*out = &e->of;
	return 0;
}

#define OPEN(kind)							\
int									\
directory_##kind##_open(struct directory_engine **out,			\
    struct directory *directory, struct event_base *loop,		\
    const char *where, bool create, char why[static WHY_TEXT])		\
{									\
	(void)where;							\
	(void)create;							\
	(void)why;							\
	return open_engine(out, directory, loop);			\
}

OPEN(sqlite)
OPEN(redis)
OPEN(postgres)
