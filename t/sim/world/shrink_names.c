/* shrink_names: see shrink_names.h. */
#include "world/shrink_names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/person.h"
#include "world/versions.h"

#define HOURS 24

static const struct {
	const char *text;
	bool few;		/* tell what is left, and not what is out */
} kinds[SHRINK_KINDS] = {
	[SHRINK_VERSIONS] = { "changes of version, and what is old", false },
	[SHRINK_FAULTS] = { "faults", true },
	[SHRINK_NUMBERS] = { "numbers", true },
	[SHRINK_HABITS] = { "habits", false },
	[SHRINK_HOURS] = { "hours", true },
	[SHRINK_CALLS] = { "calls", true },
	[SHRINK_DEVICES] = { "devices", false }
};

const char *
shrink_kind_text(enum shrink_kind kind)
{
	return kinds[kind].text;
}

static void
add(struct shrink_names *names, const struct world_options *world,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
add(struct shrink_names *names, const struct world_options *world,
    const char *format, ...)
{
	struct shrink_name *name = &names->all[names->n];
	va_list ap;

	if (names->n == SHRINK_NAMES)
		abort();
	va_start(ap, format);
	vsnprintf(name->name, sizeof(name->name), format, ap);
	va_end(ap);
	name->out = world_leaves_out(world, name->name);
	names->n++;
}

static void
add_all(struct shrink_names *names, const struct world_options *world,
    const char *const list[])
{
	for (; *list != NULL; list++)
		add(names, world, "%s", *list);
}

static void
add_kind(struct shrink_names *names, const struct world_options *world,
    enum shrink_kind kind)
{
	unsigned n = person_count(world->phones), i, k;
	char number[PERSON_NUMBER];

	if (kind == SHRINK_FAULTS)
		for (i = 0; i < world->n_faults; i++)
			add(names, world, "fault%u", i);
	if (kind == SHRINK_HABITS)
		add_all(names, world, person_habits);
	if (kind == SHRINK_VERSIONS && world->old_percent > 0)
		add_all(names, world, versions_names);
	if (kind == SHRINK_HOURS)
		for (i = 0; i < HOURS; i++)
			add(names, world, "hour%u", i);
	for (i = 0; i < n; i++) {
		person_number(i, number);
		if (kind == SHRINK_NUMBERS)
			add(names, world, "%s", number);
		for (k = 0; kind == SHRINK_CALLS && k < world->calls; k++)
			add(names, world, "%s#%u", number, k);
		for (k = 0; kind == SHRINK_DEVICES && k < person_devices(i);
		    k++)
			add(names, world, "%s/%u", number, k + 1);
	}
}

void
shrink_names_of(struct shrink_names *names, const struct world_options *world)
{
	unsigned i;

	names->n = 0;
	for (i = 0; i < SHRINK_KINDS; i++) {
		names->begins[i] = names->n;
		add_kind(names, world, i);
	}
	names->begins[i] = names->n;
}

/* Is that of a number which is left out? */
static bool
is_moot(const struct shrink_names *names, const char *name)
{
	size_t len = strcspn(name, "#/"), i;

	if (name[len] == '\0')
		return false;
	for (i = names->begins[SHRINK_NUMBERS];
	    i < names->begins[SHRINK_NUMBERS + 1]; i++)
		if (strlen(names->all[i].name) == len &&
		    strncmp(names->all[i].name, name, len) == 0)
			return names->all[i].out;
	return false;
}

void
shrink_names_follow(struct shrink_names *names, enum shrink_kind kind)
{
	size_t i;

	for (i = names->begins[kind]; i < names->begins[kind + 1]; i++)
		names->all[i].out |= is_moot(names, names->all[i].name);
}

char *
shrink_names_out(const struct shrink_names *names)
{
	const char *before = "";
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	for (i = 0; i < names->n; i++)
		if (names->all[i].out) {
			fprintf(out, "%s%s", before, names->all[i].name);
			before = ",";
		}
	fclose(out);
	return text;
}

/* Is so much of a kind left out? */
static bool
is_all(const struct shrink_names *names, enum shrink_kind kind, bool out)
{
	size_t i;

	for (i = names->begins[kind]; i < names->begins[kind + 1]; i++)
		if (names->all[i].out != out)
			return false;
	return true;
}

static void
say(const struct shrink_names *names, enum shrink_kind kind, FILE *with,
    FILE *without)
{
	bool few = kinds[kind].few;
	const struct shrink_name *name;
	size_t i;

	if (is_all(names, kind, false))
		return;
	for (i = names->begins[kind]; i < names->begins[kind + 1]; i++) {
		name = &names->all[i];
		if (few && !name->out)
			fprintf(with, ",%s", name->name);
		if (!few && name->out && !is_moot(names, name->name))
			fprintf(without, ",%s", name->name);
	}
}

void
shrink_names_say(const struct shrink_names *names,
    struct world_options *world, char **with, char **without)
{
	size_t a, b;
	FILE *w = open_memstream(with, &a), *wo = open_memstream(without, &b);
	unsigned i;

	if (w == NULL || wo == NULL)
		abort();
	/* Calls have their hours; and without 0.1.0 nothing of it is left out. */
	for (i = 0; i < SHRINK_KINDS; i++)
		if ((i != SHRINK_HOURS || is_all(names, SHRINK_CALLS, false)) &&
		    (i != SHRINK_VERSIONS || !is_all(names, i, true)))
			say(names, i, w, wo);
	fclose(w);
	fclose(wo);
	world->with = *with + (**with == ',');
	world->without = *without + (**without == ',');
	if (is_all(names, SHRINK_VERSIONS, true))
		world->old_percent = 0;
	if (is_all(names, SHRINK_FAULTS, true))
		world->faults = 0;
	if (is_all(names, SHRINK_CALLS, true))
		world->calls = 0;
	if (is_all(names, SHRINK_NUMBERS, true))
		world->phones = 0;
}
