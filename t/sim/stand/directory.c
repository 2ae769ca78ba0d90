/*
 * directory: an engine over the one store of all switches, with the faults of
 * servers. In place of the engines for SQLite, Redis and PostgreSQL; it keeps
 * what directory.h says of every engine. Links, lists and imports fail.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/private.h"
#include "directory/directory_engine.h"
#include "net/loop.h"
#include "stand/stand.h"
#include "stand/store.h"

#define DAY_S 86400
#define SILENT_NS (3 * SIM_S)		/* after which a server counts as lost */
#define USUAL_US 500

struct fate {
	LIST_ENTRY(fate) next;
	const struct sim_machine *machine;	/* NULL: all the others */
	struct sim_directory_fate is;
	struct sim_random random;
};

struct engine {
	LIST_ENTRY(engine) next;	/* of all */
	struct directory_engine of;
	struct directory *directory;
	const struct sim_machine *machine;
	struct loop_event *turn, *changed;
	int change;			/* descriptor: the fate is another */
	struct directory_request *first, **last;	/* wait for `turn` */
	bool readable, asked;		/* as was said; whether anything was */
	bool waits;			/* `turn` is when silence is a loss */
};

static LIST_HEAD(, fate) fates = LIST_HEAD_INITIALIZER(fates);
static LIST_HEAD(, engine) engines = LIST_HEAD_INITIALIZER(engines);

static struct fate *
own_fate(const struct sim_machine *machine)
{
	struct fate *f;

	LIST_FOREACH(f, &fates, next)
		if (f->machine == machine)
			return f;
	return NULL;
}

static const struct sim_directory_fate *
fate_of(const struct sim_machine *machine)
{
	static const struct sim_directory_fate usual = {
		.delay_us = USUAL_US
	};
	const struct fate *f = own_fate(machine);

	if (f == NULL)
		f = own_fate(NULL);
	return f != NULL ? &f->is : &usual;
}

/* Draw for a machine, from numbers that are its own. */
static struct sim_random *
random_of(const struct sim_machine *machine)
{
	struct fate *f = own_fate(machine);

	return f != NULL ? &f->random : &own_fate(NULL)->random;
}

/* Tell the engines that it concerns, whose loops find out by themselves. */
static void
tell(const struct sim_machine *machine)
{
	const uint64_t one = 1;
	const struct iovec iov = { (void *)&one, sizeof(one) };
	struct sim_file *file;
	struct engine *e;

	LIST_FOREACH(e, &engines, next) {
		if (machine != NULL && e->machine != machine)
			continue;
		file = sim_file_get(e->change);
		file->type->send(file, &iov, 1, 0, NULL);
	}
}

void
sim_directory_fate(const struct sim_machine *machine,
    const struct sim_directory_fate *fate)
{
	struct fate *f = own_fate(machine);

	if (f == NULL && fate != NULL) {
		f = calloc(1, sizeof(*f));
		if (f == NULL)
			abort();
		f->machine = machine;
		sim_random_init(&f->random, "directory %s", machine != NULL ?
		    sim_machine_name(machine) : "");
		LIST_INSERT_HEAD(&fates, f, next);
	}
	if (fate != NULL) {
		f->is = *fate;
	} else if (f != NULL) {
		LIST_REMOVE(f, next);
		free(f);
	}
	tell(machine);
}

void
sim_directory_delay(uint32_t us)
{
	struct sim_directory_fate fate = *fate_of(NULL);

	fate.delay_us = us;
	sim_directory_fate(NULL, &fate);
}

void
sim_directory_fail(int read_err, int write_err)
{
	struct sim_directory_fate fate = *fate_of(NULL);

	fate.away = read_err != 0;
	fate.full = write_err != 0;
	sim_directory_fate(NULL, &fate);
}

void
sim_directory_reset(void)
{
	struct fate *f;

	while ((f = LIST_FIRST(&fates)) != NULL) {
		LIST_REMOVE(f, next);
		free(f);
	}
	LIST_INIT(&engines);
	store_reset();
}

void
sim_directory_add(const char *number, const char *token, const char *push)
{
	uint8_t hash[CRYPTO_SHA256];

	directory_hash(hash, token);
	if (store_add(number, hash, push, SIM_START_S) < 0)
		abort();
}

/* Return the time whose state a machine reads. */
static uint64_t
read_at(const struct sim_machine *machine, bool primary)
{
	uint64_t lag = primary ? 0 : fate_of(machine)->lag_ms * SIM_MS;

	return lag > sim_now() ? 0 : sim_now() - lag;
}

static bool
is_lost(const struct sim_directory_fate *fate)
{
	return fate->away || fate->silent;
}

static bool
writes_fail(const struct sim_directory_fate *fate)
{
	return fate->full || fate->primary_away ||
	    (!fate->replica && is_lost(fate));
}

static bool
read_fails(const struct sim_machine *machine)
{
	const struct sim_directory_fate *fate = fate_of(machine);

	return is_lost(fate) || (fate->fails > 0 &&
	    sim_random_hits(random_of(machine), fate->fails));
}

int
sim_directory_get(const char *number, size_t i, uint8_t hash[static 32],
    const char **push, int64_t *push_s)
{
	const struct sim_machine *machine =
	    sim_process_machine(sim_process_self());
	const struct store_version *v;

	if (i == 0 && read_fails(machine))
		return -EIO;
	v = store_find(number, read_at(machine, false));
	if (v == NULL || i >= v->n)
		return -ENOENT;
	memcpy(hash, v->devices[i].hash, CRYPTO_SHA256);
	*push = v->devices[i].push;
	*push_s = v->devices[i].push_s;
	return 0;
}

int
sim_directory_put(const char *number, const uint8_t hash[static 32],
    const char *push, int64_t now_s, int64_t before_s)
{
	if (sim_process_is_ghost(sim_process_self()) || writes_fail(
	    fate_of(sim_process_machine(sim_process_self()))))
		return -EIO;
	return store_push(number, hash, push, now_s, before_s);
}

static int
look_up(const struct engine *e, struct directory_request *r)
{
	const struct store_version *v = store_find(r->number,
	    read_at(e->machine, r->primary));
	struct directory_subscriber *found;
	size_t i;

	if (v == NULL || v->n == 0)
		return -ENOENT;
	found = directory_found_next(r, r->number);
	for (i = 0; i < v->n; i++) {
		const struct store_device *from = &v->devices[i];
		struct directory_device *d = directory_found_device(found,
		    from->hash);

		if (d == NULL)
			return -EIO;
		d->push_s = from->push_s;
		d->seen_s = from->seen_s;
		d->added_s = from->added_s;
		if (directory_text(&d->push, from->push,
		    strlen(from->push)) < 0)
			return -ENOMEM;
	}
	directory_found_sort(found);
	return 0;
}

static int
write_one(const struct directory_request *r)
{
	switch (r->op) {
	case DIRECTORY_ADD:
		return store_add(r->number, r->token_hash, "", r->now_s);
	case DIRECTORY_REVOKE:
		return store_remove(r->number, r->token_hash);
	case DIRECTORY_SET_PUSH:
		return store_push(r->number, r->token_hash, r->push, r->now_s,
		    INT64_MAX);
	case DIRECTORY_DROP_PUSH:
		return store_push(r->number, r->token_hash, "", 0,
		    r->before_s);
	case DIRECTORY_SEEN:
		return store_seen(r->number, r->token_hash,
		    r->now_s / DAY_S * DAY_S);
	case DIRECTORY_SET_RESULT:
		return 0;
	default:
		return -EIO;
	}
}

static int
write_it(struct engine *e, const struct directory_request *r)
{
	const struct sim_directory_fate *fate = fate_of(e->machine);

	if (writes_fail(fate)) {
		directory_writable(e->directory, fate->full ?
		    "its disk is full" : "its primary is away");
		return -EIO;
	}
	directory_writable(e->directory, "");
	return write_one(r);
}

static int
read_it(struct engine *e, struct directory_request *r)
{
	if (r->primary && writes_fail(fate_of(e->machine)))
		return -EIO;
	if (!r->primary && read_fails(e->machine)) {
		directory_read_failed(e->directory, "a look-up failed");
		return -EIO;
	}
	return r->op == DIRECTORY_LOOKUP || r->op == DIRECTORY_SHOW ?
	    look_up(e, r) : -EIO;
}

static void
serve(struct engine *e, struct directory_request *r)
{
	r->err = directory_writes(r->op) ? write_it(e, r) : read_it(e, r);
	directory_finished(r);
}

static void
say_readable(struct engine *e)
{
	const struct sim_directory_fate *fate = fate_of(e->machine);

	e->readable = !is_lost(fate);
	directory_readable(e->directory, e->readable, e->readable ? "" :
	    fate->away ? "its server is away" :
	    "its server has not answered for three seconds");
}

/* Be asked when what waits is answered, or its server counts as lost. */
static int
set_turn(struct engine *e)
{
	const struct sim_directory_fate *fate = fate_of(e->machine);
	uint64_t ns = fate->delay_us * 1000ULL;

	e->waits = fate->silent && e->readable;
	if (e->waits)
		ns = SILENT_NS;
	else if (fate->jitter_us > 0)
		ns += sim_random_below(random_of(e->machine),
		    fate->jitter_us) * 1000;
	return loop_timer_set_ns(e->turn, ns);
}

static void
on_turn(void *arg)
{
	struct engine *e = arg;
	struct directory_request *r = e->first, *next;

	/* It fell silent after it was asked. */
	if (fate_of(e->machine)->silent && e->readable && !e->waits) {
		set_turn(e);
		return;
	}
	e->asked = true;
	say_readable(e);
	e->first = NULL;
	e->last = &e->first;
	for (; r != NULL; r = next) {
		next = r->next;
		serve(e, r);
	}
}

/*
 * The fate is another. A lost connection is seen at once, and one that is back
 * is. What is written is tried again.
 */
static void
on_change(void *arg)
{
	struct engine *e = arg;
	uint64_t n;
	struct iovec iov = { &n, sizeof(n) };
	struct sim_file *file = sim_file_get(e->change);

	file->type->receive(file, &iov, 1, 0, NULL);
	if (!writes_fail(fate_of(e->machine)))
		directory_writable(e->directory, "");
	if (e->asked)
		set_turn(e);
}

static int
submit(struct directory_engine *engine, struct directory_request *r)
{
	struct engine *e = (struct engine *)((char *)engine -
	    offsetof(struct engine, of));

	if (sim_process_is_ghost(sim_process_self()))
		return -EIO;
	r->next = NULL;
	*e->last = r;
	e->last = &r->next;
	return loop_event_is_set(e->turn) ? 0 : set_turn(e);
}

static bool
has_primary(struct directory_engine *engine)
{
	const struct engine *e = (struct engine *)((char *)engine -
	    offsetof(struct engine, of));
	const struct sim_directory_fate *fate = fate_of(e->machine);

	return fate->replica && !fate->primary_away;
}

static void
close_engine(struct directory_engine *engine)
{
	struct engine *e = (struct engine *)((char *)engine -
	    offsetof(struct engine, of));
	struct directory_request *r;

	while ((r = e->first) != NULL) {
		e->first = r->next;
		directory_release(r);
	}
	loop_event_free(e->turn);
	loop_event_free(e->changed);
	if (e->change >= 0)
		sim_file_close(e->change);
	LIST_REMOVE(e, next);
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
	e->of.primary = has_primary;
	e->of.close = close_engine;
	e->directory = directory;
	e->machine = sim_process_machine(sim_process_self());
	e->last = &e->first;
	e->readable = true;
	e->change = sim_counter(0, false);
	LIST_INSERT_HEAD(&engines, e, next);
	e->turn = loop_timer_new(loop, on_turn, e);
	e->changed = loop_reader_new(loop, e->change, on_change, e);
	if (e->turn == NULL || e->changed == NULL || e->change < 0 ||
	    loop_event_start(e->changed) < 0 || set_turn(e) < 0) {
		close_engine(&e->of);
		return -ENOMEM;
	}
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
