/* network: paths made of what both ends and a fault say. See network.h. */
#include "world/network.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/sim.h"

#define FAR_US 40000		/* between two regions, one way */
#define REGION 32

struct place {
	LIST_ENTRY(place) next;
	struct sim_machine *machine;
	char region[REGION];
	const struct kind *kind;
};

struct trouble {
	LIST_ENTRY(trouble) next;
	struct sim_machine *a, *b;
	struct sim_trouble of;
};

/* What a network adds to each path. */
static const struct kind {
	const char *name;
	bool wire;
	struct sim_trouble of;
} kinds[] = {
	{ "wire", true, { .delay_us = 500, .jitter_us = 200 } },
	{ "wifi", false, { .delay_us = 8000, .jitter_us = 4000, .loss = 1000 } },
	{ "mobile", false, { .delay_us = 35000, .jitter_us = 25000,
	    .loss = 4000 } },
	{ "none", false, { .cut = true } }
};

static LIST_HEAD(, place) places = LIST_HEAD_INITIALIZER(places);
static LIST_HEAD(, trouble) troubles = LIST_HEAD_INITIALIZER(troubles);

static struct place *
place_of(const struct sim_machine *machine)
{
	struct place *place;

	LIST_FOREACH(place, &places, next)
		if (place->machine == machine)
			return place;
	return NULL;
}

const char *
sim_network_region(const struct sim_machine *machine)
{
	const struct place *place = place_of(machine);

	return place != NULL ? place->region : NULL;
}

static struct trouble *
trouble_of(const struct sim_machine *a, const struct sim_machine *b)
{
	struct trouble *t;

	LIST_FOREACH(t, &troubles, next)
		if ((t->a == a && t->b == b) || (t->a == b && t->b == a))
			return t;
	return NULL;
}

static void
add(struct sim_path *path, const struct sim_trouble *t)
{
	path->delay_us += t->delay_us;
	path->jitter_us += t->jitter_us;
	path->loss += t->loss;
	path->twice += t->twice;
	path->late += t->late;
	path->cut |= t->cut;
}

static void
set_path(struct sim_machine *a, struct sim_machine *b)
{
	const struct place *at = place_of(a), *bt = place_of(b);
	const struct trouble *t = trouble_of(a, b);
	struct sim_path path = { 0 };

	if (at != NULL)
		add(&path, &at->kind->of);
	if (bt != NULL)
		add(&path, &bt->kind->of);
	if (at != NULL && bt != NULL && strcmp(at->region, bt->region) != 0)
		path.delay_us += FAR_US;
	if (t != NULL)
		add(&path, &t->of);
	sim_path_set(a, b, &path);
}

void
sim_network_trouble(struct sim_machine *a, struct sim_machine *b,
    const struct sim_trouble *trouble)
{
	struct trouble *t = trouble_of(a, b);

	if (t == NULL && trouble == NULL)
		return;
	if (t == NULL) {
		t = calloc(1, sizeof(*t));
		if (t == NULL)
			abort();
		t->a = a;
		t->b = b;
		LIST_INSERT_HEAD(&troubles, t, next);
	}
	if (trouble != NULL) {
		t->of = *trouble;
	} else {
		LIST_REMOVE(t, next);
		free(t);
	}
	set_path(a, b);
}

static const struct kind *
kind_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	abort();
}

void
sim_network_place(struct sim_machine *machine, const char *region,
    const char *kind)
{
	struct place *place = place_of(machine), *other;

	if (place == NULL) {
		place = calloc(1, sizeof(*place));
		if (place == NULL)
			abort();
		place->machine = machine;
		LIST_INSERT_HEAD(&places, place, next);
	}
	place->kind = kind_of(kind);
	strncpy(place->region, region, REGION - 1);
	LIST_FOREACH(other, &places, next)
		if (other != place && (place->kind->wire || other->kind->wire))
			set_path(machine, other->machine);
}

void
sim_network_reset(void)
{
	struct place *place;
	struct trouble *t;

	while ((place = LIST_FIRST(&places)) != NULL) {
		LIST_REMOVE(place, next);
		free(place);
	}
	while ((t = LIST_FIRST(&troubles)) != NULL) {
		LIST_REMOVE(t, next);
		free(t);
	}
}
