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
#include "wire/why.h"

#define PENDING_MAX 4096	/* requests in flight: some 10 MB */
#define LIST_BATCH 32		/* subscribers per step: 1 MB */

struct directory {
	struct directory_engine *engine;
	size_t pending;
	bool usable;
	void (*state)(bool usable, void *arg);
	void *state_arg;
};

static const struct {
	const char *prefix;
	int (*open)(struct directory_engine **out, struct directory *directory,
	    struct event_base *loop, const char *where, bool create,
	    char why[static WHY_TEXT]);
} engines[] = {
	{ "sqlite:", directory_sqlite_open },
	{ "redis://", directory_redis_open },
};

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
		why_set(why,
		    "wants sqlite:PATH or redis://ADDR, not \"%.100s\"", url);
		return -EINVAL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	d->usable = true;
	err = engines[i].open(&d->engine, d, loop, url + len, create, why);
	if (err < 0) {
		free(d);
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
	free(directory);
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
directory_usable(struct directory *directory, bool usable)
{
	if (directory->usable == usable)
		return;
	directory->usable = usable;
	if (directory->state != NULL)
		directory->state(usable, directory->state_arg);
}

void
directory_release(struct directory_request *request)
{
	request->directory->pending--;
	free(request->found);
	free(request);
}

void
directory_cancel(struct directory_request *request)
{
	request->cancelled = true;
}

/*
 * Handle a step of a list. Return true if there may be more, which was
 * requested.
 */
static bool
listed(struct directory_request *r)
{
	struct directory_engine *engine = r->directory->engine;
	size_t i;
	int err;

	for (i = 0; r->err == 0 && i < r->n_found && !r->cancelled; i++)
		r->lookup_done(0, &r->found[i], r->arg);
	if (r->err < 0 || r->cancelled || r->n_found < r->max_found)
		return false;
	strcpy(r->number, r->found[r->n_found - 1].number);
	r->n_found = 0;
	err = engine->submit(engine, r);
	if (err < 0)
		r->err = -EIO;
	return err == 0;
}

void
directory_finished(struct directory_request *request)
{
	struct directory_request *r = request;

	if (r->op == DIRECTORY_LIST && listed(r))
		return;
	if (!r->cancelled) {
		if (r->op == DIRECTORY_LOOKUP)
			r->lookup_done(r->err, r->err == 0 ? r->found : NULL,
			    r->arg);
		else if (r->op == DIRECTORY_IMPORT)
			r->import_done(r->err, r->failed_at, r->arg);
		else
			r->done(r->err, r->arg);
	}
	directory_release(r);
}

static struct directory_request *
request_new(struct directory *directory, enum directory_op op,
    const char *number, size_t max_found)
{
	struct directory_request *r;

	if (directory->pending >= PENDING_MAX ||
	    strlen(number) >= SIGMSG_NUMBER)
		return NULL;
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
	strcpy(r->number, number);
	directory->pending++;
	return r;
}

static struct directory_request *
submit(struct directory_request *r)
{
	struct directory_engine *engine = r->directory->engine;

	if (engine->submit(engine, r) == 0)
		return r;
	directory_release(r);
	return NULL;
}

struct directory_request *
directory_lookup(struct directory *directory, const char *number,
    directory_lookup_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_LOOKUP, number, 1);

	if (r == NULL)
		return NULL;
	r->lookup_done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_add(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_ADD, number, 0);

	if (r == NULL)
		return NULL;
	memcpy(r->token_hash, token_hash, CRYPTO_SHA256);
	r->done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_import(struct directory *directory,
    const struct directory_entry *entries, size_t n_entries,
    directory_import_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_IMPORT, "", 0);

	if (r == NULL)
		return NULL;
	r->entries = entries;
	r->n_entries = n_entries;
	r->import_done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_remove(struct directory *directory, const char *number,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_REMOVE, number, 0);

	if (r == NULL)
		return NULL;
	r->done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_set_push(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], const char *push,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r;

	if (strlen(push) >= DIRECTORY_PUSH)
		return NULL;
	r = request_new(directory, DIRECTORY_SET_PUSH, number, 0);
	if (r == NULL)
		return NULL;
	memcpy(r->token_hash, token_hash, CRYPTO_SHA256);
	strcpy(r->push, push);
	r->done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_drop_push(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], int64_t before_s,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_DROP_PUSH, number, 0);

	if (r == NULL)
		return NULL;
	memcpy(r->token_hash, token_hash, CRYPTO_SHA256);
	r->before_s = before_s;
	r->done = done;
	r->arg = arg;
	return submit(r);
}

struct directory_request *
directory_list(struct directory *directory, directory_lookup_handler *each,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    request_new(directory, DIRECTORY_LIST, "", LIST_BATCH);

	if (r == NULL)
		return NULL;
	r->lookup_done = each;
	r->done = done;
	r->arg = arg;
	return submit(r);
}

void
directory_hash(uint8_t token_hash[static CRYPTO_SHA256], const char *token)
{
	crypto_sha256(token_hash, token, strlen(token));
}

int
directory_device_of(const struct directory_subscriber *subscriber,
    const char *token)
{
	uint8_t hash[CRYPTO_SHA256];
	int found = -1;
	size_t i;

	directory_hash(hash, token);
	for (i = 0; i < subscriber->n_devices; i++)
		if (crypto_equal(hash, subscriber->devices[i].token_hash,
		    sizeof(hash)))
			found = (int)i;
	return found;
}
