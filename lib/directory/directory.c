/*
 * directory: one asynchronous interface over the engine that the URL names.
 * See directory.h.
 */
#include "directory/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "directory/directory_engine.h"
#include "directory/directory_private.h"
#include "directory/recent.h"
#include "wire/why.h"

#define READING_MAX 4096	/* in flight: some 10 MB */
/*
 * Fewer, because nobody's call waits for one. Reads have room of their own, so
 * that no flood of registrations keeps anybody from calling.
 */
#define WRITING_MAX 1024
#define LIST_BATCH 256		/* subscribers per step: 400 kB */
/*
 * Second looks at the primary, per second. Anybody can cause one by a wrong
 * number or token, and a primary may be an ocean away.
 */
#define SECOND_LOOKS 500

struct directory {
	struct directory_engine *engine;
	struct recent *recent;		/* numbers written here lately */
	uint64_t looks_s;		/* the second of `looks` */
	unsigned looks;
	size_t pending, writing;	/* all of them, and the writes */
	bool usable;
	char why[WHY_TEXT];		/* it cannot be read */
	char why_write[WHY_TEXT];
	char why_read[WHY_TEXT];	/* the last read that failed alone */
	void (*state)(bool usable, void *arg);
	void *state_arg;
	void (*done)(bool write, int err, uint64_t took_ns, void *arg);
	void *done_arg;
};

static const struct {
	const char *prefix;
	bool whole;			/* the engine gets the whole URL */
	int (*open)(struct directory_engine **out, struct directory *directory,
	    struct event_base *loop, const char *url, bool create,
	    char why[static WHY_TEXT]);
} engines[] = {
	{ "sqlite:", false, directory_sqlite_open },
	{ "redis", true, directory_redis_open },
	{ "unix:", true, directory_redis_open },	/* as redis-py does */
	{ "postgres", true, directory_postgres_open },
};

static void
directory_clear(struct directory *d)
{
	recent_free(d->recent);
	free(d);
}

int
directory_open(struct directory **out, struct event_base *loop,
    const char *url, bool create, char why[static WHY_TEXT])
{
	struct directory *d;
	size_t i, len;
	int err;

	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		len = strlen(engines[i].prefix);
		if (strncmp(url, engines[i].prefix, len) == 0)
			break;
	}
	if (i == sizeof(engines) / sizeof(engines[0])) {
		/* Nothing of the URL, because it may hold a password. */
		why_set(why,
		    "wants sqlite:PATH, redis://HOST or postgresql://HOST/DB");
		return -EINVAL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL || (d->recent = recent_new()) == NULL) {
		free(d);
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	err = engines[i].open(&d->engine, d, loop,
	    engines[i].whole ? url : url + len, create, why);
	if (err < 0) {
		directory_clear(d);
		return err;
	}
	*out = d;
	return 0;
}

void
directory_free(struct directory *directory)
{
	if (directory == NULL)
		return;
	directory->state = NULL;
	directory->engine->close(directory->engine);
	directory_clear(directory);
}

void
directory_on_state(struct directory *directory,
    void (*state)(bool usable, void *arg), void *arg)
{
	directory->state = state;
	directory->state_arg = arg;
	if (!directory->usable)
		state(false, arg);
}

void
directory_on_done(struct directory *directory,
    void (*done)(bool write, int err, uint64_t took_ns, void *arg), void *arg)
{
	directory->done = done;
	directory->done_arg = arg;
}

static void
tell_done(struct directory *d, enum directory_op op, int err, uint64_t took_ns)
{
	if (d->done != NULL)
		d->done(directory_writes(op), err, took_ns, d->done_arg);
}

const char *
directory_why(const struct directory *directory, bool writes)
{
	return writes ? directory->why_write : directory->why;
}

const char *
directory_why_read(const struct directory *directory)
{
	return directory->why_read;
}

size_t
directory_pending(const struct directory *directory)
{
	return directory->pending;
}

void
directory_readable(struct directory *directory, bool usable, const char *why)
{
	why_set(directory->why, "%s", usable ? "" : why);
	if (directory->usable == usable)
		return;
	directory->usable = usable;
	if (directory->state != NULL)
		directory->state(usable, directory->state_arg);
}

void
directory_writable(struct directory *directory, const char *why)
{
	why_set(directory->why_write, "%s", why);
}

void
directory_read_failed(struct directory *directory, const char *why)
{
	why_set(directory->why_read, "%s", why);
}

bool
directory_writes(enum directory_op op)
{
	return op != DIRECTORY_LOOKUP && op != DIRECTORY_SHOW &&
	    op != DIRECTORY_LIST && op != DIRECTORY_FIND_LINK &&
	    op != DIRECTORY_LIST_LINKS;
}

void
directory_release(struct directory_request *request)
{
	request->directory->pending--;
	request->directory->writing -= directory_writes(request->op);
	if (request->found != NULL)
		directory_found_clear(request);
	free(request->found);
	free(request->links);
	free(request->push);
	free(request);
}

void
directory_cancel(struct directory_request *request)
{
	request->cancelled = true;
}

size_t
directory_progress(const struct directory_request *request)
{
	return request->progress;
}

int
directory_submit_again(struct directory_request *request)
{
	struct directory_engine *engine = request->directory->engine;

	return engine->submit(engine, request);
}

/*
 * Handle a step of a list. Return true if there may be more, which was
 * requested.
 */
static bool
listed(struct directory_request *r)
{
	size_t i;
	int err;

	for (i = 0; r->err == 0 && i < r->n_found && !r->cancelled; i++)
		r->lookup_done(0, &r->found[i], r->arg);
	if (r->err < 0 || r->cancelled || r->n_found < r->max_found)
		return false;
	strcpy(r->number, r->found[r->n_found - 1].number);
	directory_found_clear(r);
	err = directory_submit_again(r);
	if (err < 0)
		r->err = -EIO;
	return err == 0;
}

static bool
has_primary(struct directory *d)
{
	return d->engine->primary != NULL && d->engine->primary(d->engine);
}

/* Return whether a second look may be made now, and count it. */
static bool
may_look(struct directory *d)
{
	uint64_t now_s = clock_ms() / 1000;

	if (now_s != d->looks_s) {
		d->looks_s = now_s;
		d->looks = 0;
	}
	return d->looks++ < SECOND_LOOKS;
}

/*
 * Decide where a look-up is to be asked a second time. The primary is asked if
 * a replica did not know what was looked for; the replica, if the primary
 * that was to be asked first is lost.
 */
static bool
wants_second_look(const struct directory_request *r)
{
	if (r->late || r->cancelled || r->op == DIRECTORY_LIST ||
	    r->op == DIRECTORY_LIST_LINKS || directory_writes(r->op))
		return false;
	if (r->primary)
		return r->err == -EIO;
	return (r->err == -ENOENT || (r->err == 0 && r->wants &&
	    directory_device_by_hash(r->found, r->token_hash) < 0)) &&
	    has_primary(r->directory) && may_look(r->directory);
}

/* Return true if it is asked again. */
static bool
looked_again(struct directory_request *r)
{
	if (!wants_second_look(r))
		return false;
	r->late = true;
	r->primary = !r->primary;
	directory_found_clear(r);
	return directory_submit_again(r) == 0;
}

void
directory_finished(struct directory_request *request)
{
	struct directory_request *r = request;

	if ((r->op == DIRECTORY_LIST && listed(r)) ||
	    (r->op == DIRECTORY_LIST_LINKS && directory_links_listed(r)))
		return;
	if (looked_again(r))
		return;
	tell_done(r->directory, r->op, r->err, clock_ns() - r->asked_ns);
	if (!r->cancelled) {
		if (r->op == DIRECTORY_LOOKUP || r->op == DIRECTORY_SHOW)
			r->lookup_done(r->err, r->err == 0 ? r->found : NULL,
			    r->arg);
		else if (r->op == DIRECTORY_FIND_LINK)
			r->link_done(r->err, r->err == 0 ? r->links : NULL,
			    r->arg);
		else if (r->op == DIRECTORY_IMPORT)
			r->import_done(r->err, r->failed_at, r->arg);
		else
			r->done(r->err, r->arg);
	}
	directory_release(r);
}

static bool
is_full(const struct directory *directory, bool writes)
{
	return writes ? directory->writing >= WRITING_MAX :
	    directory->pending - directory->writing >= READING_MAX;
}

struct directory_request *
directory_request_new(struct directory *directory, enum directory_op op,
    const char *number, size_t max_found)
{
	struct directory_request *r;

	if (strlen(number) >= SIGMSG_NUMBER)
		return NULL;
	if (is_full(directory, directory_writes(op))) {
		tell_done(directory, op, -EIO, 0);
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	if (max_found > 0) {
		r->found = calloc(max_found, sizeof(*r->found));
		if (r->found == NULL) {
			free(r);
			return NULL;
		}
	}
	r->max_found = max_found;
	r->directory = directory;
	r->op = op;
	r->now_s = clock_wall_s();
	r->asked_ns = clock_ns();
	strcpy(r->number, number);
	directory->pending++;
	directory->writing += directory_writes(op);
	return r;
}

struct directory_request *
directory_request_device(struct directory *directory, enum directory_op op,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256])
{
	struct directory_request *r = directory_request_new(directory, op,
	    number, 0);

	if (r != NULL)
		memcpy(r->token_hash, token_hash, CRYPTO_SHA256);
	return r;
}

struct directory_request *
directory_submit(struct directory_request *request)
{
	struct directory_request *r = request;
	struct directory *d = r->directory;

	if (directory_writes(r->op) && r->number[0] != '\0')
		recent_add(d->recent, r->number, clock_ms());
	if (d->engine->submit(d->engine, r) == 0)
		return r;
	tell_done(d, r->op, -EIO, 0);
	directory_release(r);
	return NULL;
}

struct directory_request *
directory_submit_write(struct directory_request *request,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r = request;

	if (r == NULL)
		return NULL;
	r->done = done;
	r->arg = arg;
	return directory_submit(r);
}

struct directory_request *
directory_lookup(struct directory *directory, const char *number,
    const uint8_t *wanted, directory_lookup_handler *done, void *arg)
{
	struct directory_request *r =
	    directory_request_new(directory, DIRECTORY_LOOKUP, number, 1);

	if (r == NULL)
		return NULL;
	r->lookup_done = done;
	r->arg = arg;
	r->wants = wanted != NULL;
	if (r->wants)
		memcpy(r->token_hash, wanted, CRYPTO_SHA256);
	r->primary = has_primary(directory) &&
	    recent_has(directory->recent, number, clock_ms());
	return directory_submit(r);
}

struct directory_request *
directory_show(struct directory *directory, const char *number,
    directory_lookup_handler *done, void *arg)
{
	struct directory_request *r =
	    directory_request_new(directory, DIRECTORY_SHOW, number, 1);

	if (r == NULL)
		return NULL;
	r->lookup_done = done;
	r->arg = arg;
	r->primary = has_primary(directory) &&
	    recent_has(directory->recent, number, clock_ms());
	return directory_submit(r);
}

struct directory_request *
directory_list(struct directory *directory, directory_lookup_handler *each,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    directory_request_new(directory, DIRECTORY_LIST, "", LIST_BATCH);

	if (r == NULL)
		return NULL;
	r->lookup_done = each;
	r->done = done;
	r->arg = arg;
	return directory_submit(r);
}
