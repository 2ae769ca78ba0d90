/* store: a list of subscribers, each with its versions. See store.h. */
#include "stand/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/sim.h"

struct subscriber {
	LIST_ENTRY(subscriber) next;
	char number[SIGMSG_NUMBER];
	struct store_version *latest;
};

static LIST_HEAD(, subscriber) store = LIST_HEAD_INITIALIZER(store);

static struct subscriber *
find(const char *number)
{
	struct subscriber *s;

	LIST_FOREACH(s, &store, next)
		if (strcmp(s->number, number) == 0)
			return s;
	return NULL;
}

static void
free_versions(struct store_version *v)
{
	struct store_version *earlier;
	size_t i;

	for (; v != NULL; v = earlier) {
		earlier = v->earlier;
		for (i = 0; i < v->n; i++)
			free(v->devices[i].push);
		free(v);
	}
}

void
store_reset(void)
{
	struct subscriber *s;

	while ((s = LIST_FIRST(&store)) != NULL) {
		LIST_REMOVE(s, next);
		free_versions(s->latest);
		free(s);
	}
}

const struct store_version *
store_find(const char *number, uint64_t at)
{
	const struct subscriber *s = find(number);
	const struct store_version *v = s != NULL ? s->latest : NULL;

	while (v != NULL && v->since > at)
		v = v->earlier;
	return v;
}

/* Forget the versions that no replica can be so late to have. */
static void
trim(struct store_version *v)
{
	const uint64_t lag = STORE_LAG_MOST_MS * SIM_MS;

	while (v != NULL && v->since + lag > sim_now())
		v = v->earlier;
	if (v == NULL)
		return;
	free_versions(v->earlier);
	v->earlier = NULL;
}

/* Begin a version that is as the latest, or empty. */
static struct store_version *
change(struct subscriber *s)
{
	struct store_version *v = calloc(1, sizeof(*v));
	size_t i;

	if (v == NULL)
		abort();
	if (s->latest != NULL)
		*v = *s->latest;
	v->earlier = s->latest;
	v->since = sim_now();
	for (i = 0; i < v->n; i++) {
		v->devices[i].push = strdup(v->devices[i].push);
		if (v->devices[i].push == NULL)
			abort();
	}
	s->latest = v;
	trim(v);
	return v;
}

static size_t
place_of(const struct store_version *v, const uint8_t *hash)
{
	size_t i;

	for (i = 0; v != NULL && i < v->n; i++)
		if (memcmp(v->devices[i].hash, hash, CRYPTO_SHA256) == 0)
			return i;
	return SIZE_MAX;
}

/* Return a device of a new version, to be changed; NULL: there is none. */
static struct store_device *
change_device(const char *number, const uint8_t *hash)
{
	struct subscriber *s = find(number);
	size_t i = s != NULL ? place_of(s->latest, hash) : SIZE_MAX;

	return i != SIZE_MAX ? &change(s)->devices[i] : NULL;
}

int
store_add(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    const char *push, int64_t now_s)
{
	struct subscriber *s = find(number);
	struct store_version *v;

	if (s != NULL && place_of(s->latest, hash) != SIZE_MAX)
		return -EEXIST;
	if (s != NULL && s->latest->n == DIRECTORY_DEVICES)
		return -ENOSPC;
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			abort();
		snprintf(s->number, sizeof(s->number), "%s", number);
		LIST_INSERT_HEAD(&store, s, next);
	}
	v = change(s);
	memcpy(v->devices[v->n].hash, hash, CRYPTO_SHA256);
	v->devices[v->n].push = strdup(push);
	v->devices[v->n].push_s = *push != '\0' ? now_s : 0;
	v->devices[v->n].added_s = now_s;
	v->n++;
	return 0;
}

int
store_push(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    const char *push, int64_t now_s, int64_t before_s)
{
	const struct store_version *v = store_find(number, sim_now());
	size_t i = place_of(v, hash);
	struct store_device *d;

	if (i == SIZE_MAX)
		return -ENOENT;
	if (v->devices[i].push_s > before_s)
		return 0;
	d = change_device(number, hash);
	free(d->push);
	d->push = strdup(push);
	d->push_s = *push != '\0' ? now_s : 0;
	return 0;
}

int
store_seen(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    int64_t day_s)
{
	struct store_device *d = change_device(number, hash);

	if (d == NULL)
		return -ENOENT;
	d->seen_s = day_s;
	return 0;
}

int
store_remove(const char *number, const uint8_t hash[static CRYPTO_SHA256])
{
	struct store_device *d = change_device(number, hash);
	struct store_version *v;

	if (d == NULL)
		return -ENOENT;
	v = find(number)->latest;
	free(d->push);
	*d = v->devices[--v->n];
	return 0;
}
