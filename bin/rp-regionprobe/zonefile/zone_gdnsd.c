/*
 * zone_gdnsd: edit gdnsd's configuration, or the part with the geoip plugin. A
 * resource has a `dcmap` from datacenters, which are the regions, to addresses.
 * The map from networks or countries to datacenters stays the operator's.
 */
#include <errno.h>
#include <string.h>

#include "zonefile/zone_change.h"
#include "zonefile/zone_vscf.h"

struct gdnsd {
	struct zone_change *change;
	const struct zone_text *text;
	struct zone_vscf vscf;
	size_t resource, dcmap;
	char *why;
};

static const struct zone_vscf_node *
node_of(const struct gdnsd *g, size_t i)
{
	return &g->vscf.node[i];
}

static bool
is_addr(const struct gdnsd *g, size_t i, struct addr *a)
{
	return node_of(g, i)->kind == ZONE_VSCF_WORD &&
	    zone_text_addr(g->text, zone_vscf_word(&g->vscf, i), a);
}

/* Collect all addresses below a node. It is at most 64 deep. */
static int
collect_addrs(const struct gdnsd *g, size_t of, struct set *out)
{
	struct addr a;
	size_t i;
	int err = is_addr(g, of, &a) ? set_add(out, &a) : 0;

	for (i = node_of(g, of)->first; i != 0 && err == 0;
	    i = node_of(g, i)->next)
		err = collect_addrs(g, i, out);
	return err;
}

/* Count what says that the resource is the name's: its regions' addresses. */
static int
score_resource(const struct gdnsd *g, size_t dcmap, size_t *score)
{
	const struct regions *regions = &g->change->report->regions;
	struct set all = { 0 }, members = { 0 };
	size_t i;
	int err = collect_addrs(g, dcmap, &all);

	for (i = 0; i < regions->n && err == 0; i++)
		err = regions_members(regions->item[i], &members);
	*score = 4 * set_common(&members, &all);
	for (i = 0; i < regions->n; i++)
		*score += zone_vscf_child(&g->vscf, dcmap,
		    regions->item[i]->name) != 0;
	set_clear(&all);
	set_clear(&members);
	return err;
}

static bool
is_resource(const struct gdnsd *g, size_t i)
{
	return node_of(g, i)->kind == ZONE_VSCF_HASH && i != 0 &&
	    zone_text_is(g->text, node_of(g, node_of(g, i)->parent)->key,
	    "resources") && zone_vscf_child(&g->vscf, i, "dcmap") != 0;
}

/* Find the resource that the zone names for us: DYNA geoip!RESOURCE. */
static int
find_resource(struct gdnsd *g)
{
	size_t i, score, best = 0, second = 0;
	int err = 0;

	for (i = 1; i < g->vscf.n && err == 0; i++) {
		size_t dcmap = zone_vscf_child(&g->vscf, i, "dcmap");

		if (!is_resource(g, i) ||
		    node_of(g, dcmap)->kind != ZONE_VSCF_HASH)
			continue;
		err = score_resource(g, dcmap, &score);
		if (score + 1 > best) {
			second = best;
			best = score + 1;
			g->resource = i;
			g->dcmap = dcmap;
		} else if (score + 1 > second) {
			second = score + 1;
		}
	}
	if (err == 0 && (best == 0 || best == second)) {
		why_set(g->why, "%.300s: %s", g->text->file, best == 0 ?
		    "no resource with a dcmap" : "two resources may be the "
		    "name's, by their addresses");
		err = -EINVAL;
	}
	return err;
}

static const struct region *
region_of(const struct gdnsd *g, size_t dc, const struct set *addrs)
{
	const struct regions *regions = &g->change->report->regions;
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (zone_text_is(g->text, node_of(g, dc)->key,
		    regions->item[i]->name))
			return regions->item[i];
	return zone_region_of_addrs(g->change, addrs);
}

/* Return the first address of a value: itself, or of an array. */
static size_t
first_addr(const struct gdnsd *g, size_t of)
{
	struct addr a;
	size_t i;

	if (is_addr(g, of, &a))
		return of;
	if (node_of(g, of)->kind != ZONE_VSCF_ARRAY)
		return 0;
	for (i = node_of(g, of)->first; i != 0; i = node_of(g, i)->next)
		if (is_addr(g, i, &a))
			return i;
	return 0;
}

/*
 * Add the address to a hash of keys. The new key is the address, with "-" for
 * "." and ":".
 */
static void
add_keyed(const struct gdnsd *g, size_t like)
{
	const struct zone_vscf_node *n = node_of(g, like);
	struct zone_span addr = node_of(g, first_addr(g, like))->value;
	char key[ADDR_TEXT], line[WHY_TEXT], *p;
	const char *text = g->text->text;

	snprintf(key, sizeof(key), "%s", g->change->ip);
	for (p = key; *p != '\0'; p++)
		*p = *p == '.' || *p == ':' ? '-' : *p;
	/* An array is an address and its weight, which is taken over. */
	snprintf(line, sizeof(line), "%s => %.*s%s%.*s", key,
	    (int)(addr.at - n->value.at), text + n->value.at, g->change->ip,
	    (int)(n->value.end - addr.end), text + addr.end);
	zone_vscf_add(&g->vscf, like, &g->change->edits, line);
}

static int
refuse_value(const struct gdnsd *g, size_t i)
{
	return zone_text_fault(g->text, node_of(g, i)->value.at, g->why,
	    "holds no addresses: change what it leads to");
}

/* Add the address to a value with addresses. */
static int
add_to_value(const struct gdnsd *g, size_t of)
{
	const struct zone_vscf_node *n = node_of(g, of);
	struct zone_edits *edits = &g->change->edits;
	size_t i, like = 0, last = zone_vscf_last(&g->vscf, of);
	struct addr a;

	if (n->kind == ZONE_VSCF_WORD) {
		if (!is_addr(g, of, &a))
			return refuse_value(g, of);
		zone_edits_add(edits, n->value.at, 0, "[ ");
		zone_edits_add(edits, n->value.end, 0, ", %s ]",
		    g->change->ip);
		return 0;
	}
	for (i = n->first; i != 0 && n->kind == ZONE_VSCF_HASH;
	    i = node_of(g, i)->next)
		if (first_addr(g, i) != 0)
			like = i;
	if (like != 0)
		add_keyed(g, like);
	else if (n->kind == ZONE_VSCF_HASH)
		return refuse_value(g, of);
	else if (last != 0)
		zone_vscf_add(&g->vscf, last, edits, g->change->ip);
	else
		zone_edits_add(edits, n->value.at + 1, 0, " %s ",
		    g->change->ip);
	return 0;
}

static int
add_to_dc(const struct gdnsd *g, size_t dc)
{
	size_t own = zone_vscf_child(&g->vscf, dc,
	    g->change->v6 ? "addrs_v6" : "addrs_v4");
	size_t other = zone_vscf_child(&g->vscf, dc,
	    g->change->v6 ? "addrs_v4" : "addrs_v6");
	char text[ADDR_TEXT + 32];

	if (own != 0 || other == 0)
		return add_to_value(g, own != 0 ? own : dc);
	snprintf(text, sizeof(text), "addrs_v%d => [ %s ]",
	    g->change->v6 ? 6 : 4, g->change->ip);
	zone_vscf_add(&g->vscf, other, &g->change->edits, text);
	return 0;
}

/* Count the addresses in a value. */
static size_t
count_addrs(const struct gdnsd *g, size_t of)
{
	struct addr a;
	size_t i, n = is_addr(g, of, &a);

	for (i = node_of(g, of)->first; i != 0; i = node_of(g, i)->next)
		n += count_addrs(g, i);
	return n;
}

/* Take the address out, and each hash and array that would be empty then. */
static void
remove_below(const struct gdnsd *g, size_t of)
{
	struct addr a;
	size_t i;

	for (i = node_of(g, of)->first; i != 0; i = node_of(g, i)->next) {
		struct set addrs = { 0 };
		bool has;

		(void)collect_addrs(g, i, &addrs);
		has = set_has(&addrs, g->change->addr);
		set_clear(&addrs);
		if (!has)
			continue;
		if (is_addr(g, i, &a) || count_addrs(g, i) == 1)
			zone_vscf_cut(&g->vscf, i, &g->change->edits);
		else
			remove_below(g, i);
	}
}

/* Return the map of the resource, or 0. */
static size_t
map_of(const struct gdnsd *g, size_t resource)
{
	size_t plugin = node_of(g, node_of(g, resource)->parent)->parent;
	size_t maps = zone_vscf_child(&g->vscf, plugin, "maps");
	size_t name = zone_vscf_child(&g->vscf, resource, "map");
	size_t i;

	for (i = maps != 0 && name != 0 ? node_of(g, maps)->first : 0; i != 0;
	    i = node_of(g, i)->next)
		if (zone_text_same(g->text, node_of(g, i)->key,
		    zone_vscf_word(&g->vscf, name)))
			return i;
	return 0;
}

/* Is the map that of another resource too? */
static bool
is_shared(const struct gdnsd *g, size_t map)
{
	size_t i;

	for (i = 1; i < g->vscf.n; i++)
		if (i != g->resource && is_resource(g, i) &&
		    map_of(g, i) == map)
			return true;
	return false;
}

static bool
is_dc(const struct gdnsd *g, size_t i, struct zone_span dc)
{
	return node_of(g, i)->kind == ZONE_VSCF_WORD &&
	    zone_text_same(g->text, zone_vscf_word(&g->vscf, i), dc);
}

/*
 * Take the datacenter out of the map. A network that led to it alone has the
 * map's default order then.
 */
static void
cut_dc(const struct gdnsd *g, size_t of, struct zone_span dc)
{
	size_t i, only;

	for (i = node_of(g, of)->first; i != 0; i = node_of(g, i)->next) {
		only = node_of(g, i)->first;
		if (is_dc(g, i, dc) ||
		    (zone_text_same(g->text, node_of(g, i)->key, dc) &&
		    zone_text_is(g->text, node_of(g, of)->key,
		    "auto_dc_coords")) ||
		    (only != 0 && node_of(g, only)->next == 0 &&
		    node_of(g, i)->kind == ZONE_VSCF_ARRAY &&
		    is_dc(g, only, dc)))
			zone_vscf_cut(&g->vscf, i, &g->change->edits);
		else
			cut_dc(g, i, dc);
	}
}

/* Take out a datacenter without addresses, which gdnsd would not start with. */
static int
remove_dc(const struct gdnsd *g, size_t dc)
{
	size_t map = map_of(g, g->resource);
	size_t all = map != 0 ?
	    zone_vscf_child(&g->vscf, map, "datacenters") : 0;
	struct zone_span name = node_of(g, dc)->key;

	/* The first of the map is the default answer. */
	if (map == 0 || is_shared(g, map) || all == 0 ||
	    is_dc(g, node_of(g, all)->first, name))
		return zone_text_fault(g->text, node_of(g, dc)->key.at, g->why,
		    "this datacenter would have no address: take it out of "
		    "the map by hand");
	zone_vscf_cut(&g->vscf, dc, &g->change->edits);
	cut_dc(g, map, name);
	return 0;
}

static int
edit_dc(struct gdnsd *g, size_t dc)
{
	struct set addrs = { 0 };
	int err = collect_addrs(g, dc, &addrs);
	const struct region *region = region_of(g, dc, &addrs);
	bool has = set_has(&addrs, g->change->addr);

	if (err == 0 && zone_region_wants(g->change, region)) {
		zone_region_found(g->change, region);
		if (g->change->add && !has)
			err = add_to_dc(g, dc);
		else if (!g->change->add && has && addrs.n == 1)
			err = remove_dc(g, dc);
		else if (!g->change->add && has)
			remove_below(g, dc);
	}
	set_clear(&addrs);
	return err;
}

static int
edit_gdnsd(struct gdnsd *g)
{
	const struct region *region;
	size_t dc, next = 0;
	int err = find_resource(g);

	for (dc = err == 0 ? node_of(g, g->dcmap)->first : 0;
	    dc != 0 && err == 0; dc = node_of(g, dc)->next)
		err = edit_dc(g, dc);
	region = err == 0 ? zone_region_missing(g->change, &next) : NULL;
	if (region == NULL)
		return err;
	return zone_text_fault(g->text, node_of(g, g->dcmap)->key.at, g->why,
	    "no datacenter is region %s's: add one to the map and here",
	    region->name);
}

int
zone_gdnsd_edit(struct zone_change *change, char why[static WHY_TEXT])
{
	struct gdnsd g = {
		.change = change, .text = change->text, .why = why
	};
	int err = zone_vscf_read(&g.vscf, change->text, why);

	if (err == 0)
		err = edit_gdnsd(&g);
	zone_vscf_clear(&g.vscf);
	return err;
}
