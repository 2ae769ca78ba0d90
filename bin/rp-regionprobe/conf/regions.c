/*
 * regions: read the operator's regions file, and add what DNS shows. See
 * regions.h.
 */
#include "conf/regions.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conftext.h"
#include "wire/why.h"

#define TTL_S 60
#define TTL_MAX_S 86400
#define REGIONS_MAX 256
#define BYTES_MAX (16 << 20)	/* the networks of 256 regions, 3,000 each */

/* A place in the file, for errors. */
struct place {
	const struct conftext *text;
	const config_setting_t *at;
	char *why;
};

static int
complain_place(const struct place *p, const char *what, const char *wrong)
{
	char place[CONFTEXT_PLACE];

	why_set(p->why, "%s: %s: %s", conftext_place(place,
	    p->text, p->at), what, wrong);
	return -EINVAL;
}

struct region *
regions_find(const struct regions *regions, const char *name)
{
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (strcmp(regions->item[i]->name, name) == 0)
			return regions->item[i];
	return NULL;
}

struct region *
regions_default(const struct regions *regions)
{
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (regions->item[i]->is_default)
			return regions->item[i];
	return NULL;
}

/* Add a region to that list, or return NULL. */
static struct region *
add_region(struct region ***list, size_t *n, const char *name)
{
	struct region **more, *region;

	if (*n == REGIONS_MAX)
		return NULL;
	more = realloc(*list, (*n + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	*list = more;
	region = calloc(1, sizeof(*region));
	if (region == NULL)
		return NULL;
	snprintf(region->name, sizeof(region->name), "%s", name);
	more[(*n)++] = region;
	return region;
}

struct region *
regions_add(struct regions *regions, const char *name)
{
	return add_region(&regions->item, &regions->n, name);
}

struct region *
regions_hear(struct regions *regions, const char *name)
{
	size_t i;

	for (i = 0; i < regions->n_heard; i++)
		if (strcmp(regions->heard[i]->name, name) == 0)
			return regions->heard[i];
	return add_region(&regions->heard, &regions->n_heard, name);
}

static int
add_switch(struct region *region, const struct addr *a, const char *name)
{
	struct region_switch *more = realloc(region->switches,
	    (region->n_switches + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	region->switches = more;
	more[region->n_switches].addr = *a;
	more[region->n_switches].name = strdup(name);
	if (more[region->n_switches].name == NULL)
		return -ENOMEM;
	region->n_switches++;
	return 0;
}

/* Take "192.0.2.1" or "192.0.2.1 dub1.example.org". */
static int
take_address(const struct place *p, struct region *region, const char *text)
{
	char ip[ADDR_TEXT];
	size_t len = strcspn(text, " \t");
	struct addr a;
	int err;

	snprintf(ip, sizeof(ip), "%.*s", (int)len, text);
	if (len >= sizeof(ip) || addr_parse(&a, ip, 0) < 0 ||
	    addr_port(&a) != 0)
		return complain_place(p, text, "not an address");
	if (set_has(&region->listed, &a))
		return complain_place(p, ip, "twice in this region");
	err = set_add(&region->listed, &a);
	text += len + strspn(text + len, " \t");
	if (err == 0 && *text != '\0')
		err = add_switch(region, &a, text);
	return err;
}

static int
take_net(const struct place *p, struct region *region, const char *text)
{
	struct prefix *more = realloc(region->nets,
	    (region->n_nets + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	region->nets = more;
	if (prefix_parse(&more[region->n_nets], text) < 0)
		return complain_place(p, text, "not a network (ADDRESS/BITS)");
	region->n_nets++;
	return 0;
}

static int
take_continent(const struct place *p, struct region *region, const char *text)
{
	int err = geography_add(&region->places, &region->n_places,
	    GEOGRAPHY_CONTINENT, text);

	return err != -EINVAL ? err : complain_place(p, text,
	    "not a continent (AF, AN, AS, EU, NA, OC or SA)");
}

static int
take_country(const struct place *p, struct region *region, const char *text)
{
	int err = geography_add(&region->places, &region->n_places,
	    GEOGRAPHY_COUNTRY, text);

	return err != -EINVAL ? err : complain_place(p, text,
	    "not a country or subdivision of ISO 3166 (IE, US-CA)");
}

static int
take_list(const struct place *p, struct region *region, const char *key,
    int (*take)(const struct place *p, struct region *region,
    const char *text))
{
	int i, err;

	if (!config_setting_is_array(p->at) && !config_setting_is_list(p->at))
		return complain_place(p, key, "wants a list of strings");
	for (i = 0; i < config_setting_length(p->at); i++) {
		struct place element = *p;
		const char *text;

		element.at = config_setting_get_elem(p->at, (unsigned)i);
		text = config_setting_get_string(element.at);
		if (text == NULL)
			return complain_place(&element, key,
			    "wants a list of strings");
		err = take(&element, region, text);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
take_string(const struct place *p, const char *key, char **out)
{
	const char *text = config_setting_get_string(p->at);

	if (text == NULL || *text == '\0')
		return complain_place(p, key, "wants a string");
	*out = strdup(text);
	return *out != NULL ? 0 : -ENOMEM;
}

bool
regions_is_name(const char *text)
{
	size_t len = strlen(text);

	while (isalnum((unsigned char)*text) || *text == '-' || *text == '_')
		text++;
	return len > 0 && len < REGIONS_NAME && *text == '\0';
}

bool
regions_is_host_name(const char *text)
{
	while (isalnum((unsigned char)*text) || *text == '-' || *text == '_' ||
	    (*text == '.' && text[1] != '.'))
		text++;
	return *text == '\0';
}

static int
take_key(const struct place *p, struct region *region, const char *key)
{
	if (strcmp(key, "name") == 0)
		return 0;	/* was read first */
	if (strcmp(key, "addresses") == 0)
		return take_list(p, region, key, take_address);
	if (strcmp(key, "nets") == 0)
		return take_list(p, region, key, take_net);
	if (strcmp(key, "continents") == 0)
		return take_list(p, region, key, take_continent);
	if (strcmp(key, "countries") == 0)
		return take_list(p, region, key, take_country);
	if (strcmp(key, "datacenter") == 0)
		return take_string(p, key, &region->datacenter);
	if (strcmp(key, "google") == 0)
		return take_string(p, key, &region->google);
	if (strcmp(key, "aws") == 0)
		return take_string(p, key, &region->aws);
	if (strcmp(key, "set") == 0)
		return take_string(p, key, &region->set);
	if (strcmp(key, "health_check") == 0)
		return take_string(p, key, &region->health_check);
	if (strcmp(key, "record") == 0)
		return take_string(p, key, &region->record);
	if (strcmp(key, "default") != 0)
		return complain_place(p, key, "no such key");
	if (config_setting_type(p->at) != CONFIG_TYPE_BOOL)
		return complain_place(p, key, "wants true or false");
	region->is_default = config_setting_get_bool(p->at);
	return 0;
}

static int
take_region(struct regions *regions, const struct place *p)
{
	struct region *region;
	const char *name;
	int i, err = 0;

	if (!config_setting_is_group(p->at))
		return complain_place(p, "regions",
		    "wants groups: { name = ...; }");
	if (config_setting_lookup_string(p->at, "name", &name) !=
	    CONFIG_TRUE || !regions_is_name(name))
		return complain_place(p, "name",
		    "wants letters, digits, - and _");
	if (regions_find(regions, name) != NULL)
		return complain_place(p, name,
		    "this region stands above already");
	region = regions_add(regions, name);
	if (region == NULL)
		return -ENOMEM;
	region->from_file = true;
	region->file = strdup(conftext_where(p->text, p->at, &region->line));
	if (region->file == NULL)
		return -ENOMEM;
	for (i = 0; i < config_setting_length(p->at) && err == 0; i++) {
		struct place inner = *p;

		inner.at = config_setting_get_elem(p->at, (unsigned)i);
		err = take_key(&inner, region, config_setting_name(inner.at));
	}
	return err;
}

static int
take_root(struct regions *regions, const struct place *p)
{
	const char *key = config_setting_name(p->at);
	int i, err = 0;

	if (strcmp(key, "ttl") == 0) {
		if (config_setting_type(p->at) != CONFIG_TYPE_INT)
			return complain_place(p, key,
			    "wants a number of seconds");
		regions->ttl_s = config_setting_get_int(p->at);
		if (regions->ttl_s < 1 || regions->ttl_s > TTL_MAX_S)
			return complain_place(p, key,
			    "wants 1 to 86400 seconds");
		regions->ttl_written = true;
		return 0;
	}
	if (strcmp(key, "map") == 0)
		return take_string(p, key, &regions->map);
	if (strcmp(key, "geodb") == 0)
		return take_string(p, key, &regions->geodb);
	if (strcmp(key, "regions") != 0)
		return complain_place(p, key, "no such key");
	if (!config_setting_is_list(p->at))
		return complain_place(p, key,
		    "wants a list: ( { ... }, { ... } )");
	for (i = 0; i < config_setting_length(p->at) && err == 0; i++) {
		struct place inner = *p;

		inner.at = config_setting_get_elem(p->at, (unsigned)i);
		err = take_region(regions, &inner);
	}
	return err;
}

static int
take_file(struct regions *regions, const struct conftext *text, char *why)
{
	config_setting_t *root = conftext_root(text);
	int i, err = 0;

	for (i = 0; i < config_setting_length(root) && err == 0; i++) {
		struct place p = {
			text, config_setting_get_elem(root, (unsigned)i), why
		};

		err = take_root(regions, &p);
	}
	if (err == 0 && regions->n == 0) {
		why_set(why, "%s:1: holds no regions", regions->file);
		err = -EINVAL;
	}
	return err == 0 ? geography_check(regions, why) : err;
}

int
regions_read(struct regions *regions, const char *file,
    char why[static WHY_TEXT])
{
	static const struct conftext_options options = {
		BYTES_MAX, false, NULL
	};
	struct conftext *text;
	int err;

	regions->ttl_s = TTL_S;
	if (file == NULL)
		return 0;
	regions->file = file;
	err = conftext_read(&text, file, &options, why);
	if (err < 0)
		return err;
	err = take_file(regions, text, why);
	if (err == -ENOMEM)
		why_set(why, "%.400s: out of memory", file);
	conftext_free(text);
	return err;
}

int
regions_members(const struct region *region, struct set *out)
{
	int err = set_add_all(out, &region->listed);

	if (err == 0)
		err = set_add_all(out, &region->answered);
	set_sort(out);
	return err;
}

int
regions_known(const struct region *region, struct set *out)
{
	int err = regions_members(region, out);

	if (err == 0)
		err = set_add_all(out, &region->heard);
	set_sort(out);
	return err;
}

const char *
regions_switch_name(const struct regions *regions, const struct addr *addr)
{
	size_t i, k;

	for (i = 0; i < regions->n; i++)
		for (k = 0; k < regions->item[i]->n_switches; k++)
			if (addr_equal_ip(&regions->item[i]->switches[k].addr,
			    addr))
				return regions->item[i]->switches[k].name;
	return NULL;
}

static void
free_regions(struct region **list, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		struct region *region = list[i];

		for (k = 0; k < region->n_switches; k++)
			free(region->switches[k].name);
		free(region->switches);
		free(region->nets);
		free(region->places);
		free(region->datacenter);
		free(region->google);
		free(region->aws);
		free(region->set);
		free(region->health_check);
		free(region->record);
		free(region->file);
		set_clear(&region->listed);
		set_clear(&region->answered);
		set_clear(&region->heard);
		free(region);
	}
	free(list);
}

void
regions_clear(struct regions *regions)
{
	free_regions(regions->item, regions->n);
	free_regions(regions->heard, regions->n_heard);
	free(regions->map);
	free(regions->geodb);
	memset(regions, 0, sizeof(*regions));
}
