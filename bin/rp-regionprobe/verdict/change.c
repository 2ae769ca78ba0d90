/*
 * change: plan what each region holds after the address is in or out. See
 * change.h.
 */
#include "verdict/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is_target(const struct region *region, const struct region *chosen,
    const struct region_options *o)
{
	size_t i;

	if (o->n_regions == 0)
		return region == chosen;
	for (i = 0; i < o->n_regions; i++)
		if (strcmp(o->regions[i], region->name) == 0)
			return true;
	return false;
}

static int
plan_region(struct change *c, const struct region *region,
    const struct region *chosen, const struct region_options *o)
{
	struct change_region *r = &c->item[c->n++];
	int err;

	r->region = region;
	err = regions_members(region, &r->before);
	if (err == 0)
		err = set_add_all(&r->after, &r->before);
	if (err == 0 && o->add && is_target(region, chosen, o))
		err = set_add(&r->after, &o->addr);
	/* An address that only the file has is not in DNS yet. */
	if (o->add && is_target(region, chosen, o) &&
	    !set_has(&region->answered, &o->addr))
		set_remove(&r->before, &o->addr);
	/* Without --region it is removed from every region. */
	if (o->remove && (o->n_regions == 0 || is_target(region, NULL, o)))
		set_remove(&r->after, &o->addr);
	set_sort(&r->before);
	set_sort(&r->after);
	r->changes = r->after.n != r->before.n;
	c->n_changes += r->changes;
	return err;
}

int
change_plan(struct change *out, const struct regions *regions,
    const struct region *chosen, const struct region_options *o)
{
	size_t i;
	int err = 0;

	memset(out, 0, sizeof(*out));
	out->item = calloc(regions->n + 1, sizeof(*out->item));
	if (out->item == NULL)
		return -ENOMEM;
	for (i = 0; i < regions->n && err == 0; i++)
		err = plan_region(out, regions->item[i], chosen, o);
	for (i = 0; i < o->n_regions && err == 0; i++)
		if (regions_find(regions, o->regions[i]) == NULL)
			err = -ENOENT;
	if (err == 0 && o->add && chosen == NULL && o->n_regions == 0)
		err = -ENOENT;
	if (err < 0)
		change_clear(out);
	return err;
}

void
change_clear(struct change *change)
{
	size_t i;

	for (i = 0; i < change->n; i++) {
		set_clear(&change->item[i].before);
		set_clear(&change->item[i].after);
	}
	free(change->item);
	change->item = NULL;
	change->n = 0;
}

/*
 * Count 12 for the header, the name and 4 for the question. Each record has a
 * pointer to the name, 10 bytes and the address. The OPT record is added.
 */
size_t
change_answer_bytes(const char *name, size_t n, bool v6)
{
	size_t labels = strlen(name) + 2;

	if (name[0] != '\0' && name[strlen(name) - 1] == '.')
		labels--;
	return 12 + labels + 4 + n * (12 + (v6 ? 16 : 4)) + 11;
}
