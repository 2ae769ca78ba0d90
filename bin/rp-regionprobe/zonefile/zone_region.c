/*
 * zone_region: find the region to which an entry of a zone file belongs. Called
 * by the editors. See zone_region.h.
 */
#include "zonefile/zone_region.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct zone_net {
	struct prefix net;
	const struct region *region;
};

static int
compare_nets(const void *a, const void *b)
{
	const struct prefix *x = &((const struct zone_net *)a)->net;
	const struct prefix *y = &((const struct zone_net *)b)->net;
	size_t x_bytes, y_bytes;
	const uint8_t *x_ip = addr_ip(&x->addr, &x_bytes);
	const uint8_t *y_ip = addr_ip(&y->addr, &y_bytes);

	if (x_bytes != y_bytes || x->bits != y->bits)
		return x_bytes + x->bits * 32 < y_bytes + y->bits * 32 ? -1 : 1;
	return memcmp(x_ip, y_ip, x_bytes);
}

/* The networks are sorted, because a file may hold 100,000. */
int
zone_region_index(struct zone_change *change)
{
	const struct regions *regions = &change->report->regions;
	size_t i, k, n = 0;

	for (i = 0; i < regions->n; i++)
		n += regions->item[i]->n_nets;
	change->nets = calloc(n + 1, sizeof(*change->nets));
	change->found = calloc(regions->n + 1, sizeof(*change->found));
	if (change->nets == NULL || change->found == NULL)
		return -ENOMEM;
	for (i = 0; i < regions->n; i++)
		for (k = 0; k < regions->item[i]->n_nets; k++)
			change->nets[change->n_nets++] = (struct zone_net){
				regions->item[i]->nets[k], regions->item[i]
			};
	qsort(change->nets, n, sizeof(*change->nets), compare_nets);
	return 0;
}

void
zone_region_clear(struct zone_change *change)
{
	free(change->nets);
	free(change->found);
	change->nets = NULL;
	change->found = NULL;
}

bool
zone_region_wants(const struct zone_change *change,
    const struct region *region)
{
	const struct region_options *o = change->report->options;
	size_t i;

	if (o->n_regions == 0)
		return o->remove || (region != NULL &&
		    region == change->report->region);
	for (i = 0; i < o->n_regions && region != NULL; i++)
		if (strcmp(o->regions[i], region->name) == 0)
			return true;
	return false;
}

const struct region *
zone_region_of_net(const struct zone_change *change, struct zone_span net)
{
	char text[ADDR_TEXT + 4];
	size_t len = net.end - net.at;
	struct zone_net key = { 0 };
	const struct zone_net *found;

	if (len >= sizeof(text))
		return NULL;
	memcpy(text, change->text->text + net.at, len);
	text[len] = '\0';
	if (prefix_parse(&key.net, text) < 0)
		return NULL;
	found = bsearch(&key, change->nets, change->n_nets,
	    sizeof(*change->nets), compare_nets);
	return found != NULL ? found->region : NULL;
}

/*
 * Return what speaks for the region: twice the addresses in common, and one if
 * both are the same set, which decides before a larger one around it. The
 * change's own address does not count, so that it is the same before and after.
 */
static size_t
score_region(const struct zone_change *change, const struct region *region,
    const struct set *addrs)
{
	bool alone = addrs->n == 1 && set_has(addrs, change->addr);
	struct set members = { 0 }, all = { 0 };
	size_t common, score;

	(void)regions_members(region, &members);
	(void)set_add_all(&all, addrs);
	if (!alone) {
		set_remove(&members, change->addr);
		set_remove(&all, change->addr);
	}
	common = set_common(&members, &all);
	score = 2 * common + (common > 0 && set_equal(&members, &all));
	set_clear(&members);
	set_clear(&all);
	return score;
}

const struct region *
zone_region_of_addrs(const struct zone_change *change,
    const struct set *addrs)
{
	const struct regions *regions = &change->report->regions;
	const struct region *best = NULL;
	size_t i, score, most = 0;

	for (i = 0; i < regions->n; i++) {
		score = score_region(change, regions->item[i], addrs);
		if (score > most)
			best = regions->item[i];
		else if (score == most)
			best = NULL;
		most = score > most ? score : most;
	}
	return best;
}

const struct region *
zone_region_of_txt(const struct zone_change *change, struct zone_span txt)
{
	static const char key[] = "region=";
	const struct regions *regions = &change->report->regions;
	struct zone_span name = { txt.at + sizeof(key) - 1, txt.end };
	size_t i;

	if (txt.end - txt.at <= sizeof(key) - 1 ||
	    strncmp(change->text->text + txt.at, key, sizeof(key) - 1) != 0)
		return NULL;
	for (i = 0; i < regions->n; i++)
		if (zone_text_is(change->text, name, regions->item[i]->name) ||
		    (regions->item[i]->is_default &&
		    zone_text_is(change->text, name, "default")))
			return regions->item[i];
	return NULL;
}

void
zone_region_found(struct zone_change *change, const struct region *region)
{
	const struct regions *regions = &change->report->regions;
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (regions->item[i] == region)
			change->found[i] = true;
}

const struct region *
zone_region_missing(const struct zone_change *change, size_t *next)
{
	const struct regions *regions = &change->report->regions;

	while (*next < regions->n) {
		size_t i = (*next)++;

		if (!change->found[i] && change->add &&
		    zone_region_wants(change, regions->item[i]))
			return regions->item[i];
	}
	return NULL;
}
