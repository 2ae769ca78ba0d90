/* behalf: the questions on behalf of other networks. See behalf.h. */
#include "survey/behalf.h"

#include <errno.h>
#include <string.h>

/* RFC 7871, 11.1: reveal no more bits of a client. */
#define V4_BITS 24
#define V6_BITS 56
/* As many as the file may hold. */
#define REGIONS_ASKED 256

/* Return the network of an address. Both widths end on a byte. */
static struct prefix
network_of(const struct addr *a)
{
	struct prefix net = { *a, addr_is_v6(a) ? V6_BITS : V4_BITS };
	uint8_t ip[16] = { 0 };
	size_t ip_bytes;
	const uint8_t *from = addr_ip(a, &ip_bytes);

	memcpy(ip, from, net.bits / 8);
	(void)addr_from_bytes(&net.addr, ip, ip_bytes, 0);
	return net;
}

static int
add_for(struct survey *s, enum survey_kind kind,
    const struct survey_asked *authority, const struct prefix *subnet,
    struct region *of_net)
{
	struct survey_asked from = *authority;
	struct survey_asked *a = survey_new_asked(s, kind, &from.server,
	    from.server_name);

	if (a == NULL)
		return -ENOMEM;
	a->subnet = *subnet;
	a->of_net = of_net;
	return 0;
}

/* Return whether another region has a part of the network that is finer. */
static bool
is_anothers(const struct regions *regions, const struct region *region,
    const struct prefix *net, const struct prefix *asked)
{
	size_t i, k;

	for (i = 0; i < regions->n; i++)
		for (k = 0; k < regions->item[i]->n_nets; k++)
			if (regions->item[i] != region &&
			    regions->item[i]->nets[k].bits >= net->bits &&
			    prefix_holds(&regions->item[i]->nets[k],
			    &asked->addr))
				return true;
	return false;
}

/*
 * Find a network to ask for the region. One answer is for all its networks. A
 * finer one than usual stands in the file, and is nobody's secret.
 */
static bool
network_in(struct prefix *out, const struct regions *regions,
    const struct region *region)
{
	size_t i;

	for (i = 0; i < region->n_nets; i++) {
		*out = network_of(&region->nets[i].addr);
		if (region->nets[i].bits > out->bits)
			*out = region->nets[i];
		if (!is_anothers(regions, region, &region->nets[i], out))
			return true;
	}
	return false;
}

static bool
is_named(const struct region_options *o, const struct region *region)
{
	size_t i;

	for (i = 0; i < o->n_regions; i++)
		if (strcmp(o->regions[i], region->name) == 0)
			return true;
	return false;
}

/*
 * Add the questions for the networks of the file's regions, because a change
 * writes what stands there. The first server tells; the others do too for the
 * regions of the change, to see that they agree.
 */
static int
add_for_regions(struct survey *s, const struct region_options *o,
    const struct regions *regions, const struct survey_asked *authority,
    bool first)
{
	struct prefix net;
	size_t i;
	int err = 0;

	for (i = 0; i < regions->n && i < REGIONS_ASKED && err == 0; i++)
		if ((first || is_named(o, regions->item[i])) &&
		    network_in(&net, regions, regions->item[i]))
			err = add_for(s, SURVEY_REGION, authority, &net,
			    regions->item[i]);
	return err;
}

/* No map of the world has the addresses for documentation. */
static struct prefix
nowhere(bool v6)
{
	struct prefix net = { 0 };

	(void)prefix_parse(&net, v6 ? "2001:db8::/56" : "192.0.2.0/24");
	return net;
}

/* Add all questions on behalf of other networks to one authority. */
static int
add_on_behalf(struct survey *s, const struct region_options *o,
    const struct regions *regions, size_t which, bool first)
{
	struct survey_asked authority = s->item[which];
	struct prefix own = network_of(&s->subject);
	struct prefix none = nowhere(addr_is_v6(&s->subject));
	size_t i;
	int err = 0;

	if (s->subject_known)
		err = add_for(s, SURVEY_SUBNET, &authority, &own, NULL);
	if (err == 0 && first)
		err = add_for(s, SURVEY_NOWHERE, &authority, &none,
		    regions_default(regions));
	for (i = 0; i < o->n_subnets && first && err == 0; i++)
		err = add_for(s, SURVEY_FOR, &authority, &o->subnets[i], NULL);
	if (err == 0)
		err = add_for_regions(s, o, regions, &authority, first);
	return err;
}

int
behalf_add(struct survey *s, const struct region_options *o,
    const struct regions *regions)
{
	size_t i, n = s->n;
	bool first = true;
	int err = 0;

	for (i = 0; i < n && err == 0; i++) {
		const struct survey_asked *a = &s->item[i];

		if (a->kind != SURVEY_AUTHORITY || a->err < 0 || a->no_edns)
			continue;
		err = add_on_behalf(s, o, regions, i, first);
		first = false;
	}
	return err;
}
