/*
 * zone_pdns: edit the zones file of PowerDNS's geoip backend. Under `services`
 * the name leads, by network, to a name of each region, whose records stand
 * under `records`. A new record is a copy of the one before it, with its TTL
 * and its weight.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zonefile/zone_change.h"
#include "zonefile/zone_yaml.h"

/* Lines of the file: [first, end). Those below `first` are its content. */
struct range {
	size_t first, end;
};

struct pdns {
	struct zone_change *change;
	const struct zone_text *text;
	struct zone_yaml yaml;
	struct range records, services;	/* of the name's domain; or empty */
	char *why;
};

/* The records of one name. */
struct names {
	struct range lines;
	struct zone_span name;
	struct zone_span txt;	/* "region=NAME", or empty */
	struct set addrs;
	size_t n_family;	/* addresses of the family */
	struct range last;	/* the last record of the family, or of any */
	bool alias;
};

static const struct zone_yaml_line *
line_of(const struct pdns *p, size_t i)
{
	return &p->yaml.line[i];
}

/* Take the next child of a range, which begins with its own key. */
static bool
next_child(const struct pdns *p, const struct range *of, size_t *next,
    struct range *out)
{
	if (*next <= of->first)
		*next = of->first + 1;
	if (*next >= of->end)
		return false;
	out->first = *next;
	out->end = zone_yaml_below(&p->yaml, *next);
	if (out->end > of->end)
		out->end = of->end;
	*next = out->end;
	return true;
}

static bool
key_is(const struct pdns *p, size_t i, const char *key)
{
	return zone_text_is(p->text, line_of(p, i)->key, key);
}

/* Is the name in that domain? */
static bool
is_domain_of(const struct pdns *p, struct zone_span domain, const char *name)
{
	for (; name != NULL; name = strchr(name, '.')) {
		name += *name == '.';
		if (zone_text_is_name(p->text, domain, name))
			return true;
	}
	return false;
}

/* Note the parts of a domain: a list element with `domain` among its keys. */
static bool
take_domain(struct pdns *p, const struct range *domain, uint32_t *longest)
{
	struct range records = { 0 }, services = { 0 };
	struct zone_span name = { 0, 0 };
	size_t i = domain->first;
	uint32_t column = line_of(p, i)->column;

	for (; i < domain->end; i++) {
		const struct zone_yaml_line *l = line_of(p, i);
		struct range part = { i, 0 };

		if (l->column != column || l->key.at == l->key.end ||
		    (l->dash && i != domain->first))
			continue;
		part.end = zone_yaml_below(&p->yaml, i);
		if (i == domain->first)
			part.end = i + 1;
		if (key_is(p, i, "domain"))
			name = zone_yaml_plain(p->text, l->value);
		else if (key_is(p, i, "records"))
			records = part;
		else if (key_is(p, i, "services"))
			services = part;
	}
	if (!is_domain_of(p, name, p->change->owner) ||
	    name.end - name.at <= *longest)
		return false;
	*longest = name.end - name.at;
	p->records = records;
	p->services = services;
	return true;
}

static int
find_domain(struct pdns *p)
{
	struct range all, domain;
	uint32_t longest = 0;
	size_t i, next;

	for (i = 0; i < p->yaml.n; i = all.end) {
		all = (struct range){ i, zone_yaml_below(&p->yaml, i) };
		if (!key_is(p, i, "domains"))
			continue;
		for (next = 0; next_child(p, &all, &next, &domain); )
			take_domain(p, &domain, &longest);
	}
	if (longest > 0 && p->records.end > 0)
		return 0;
	why_set(p->why, "%.200s: no domain with records holds %.200s",
	    p->text->file, p->change->owner);
	return -EINVAL;
}

/* Find "content" in { content: 192.0.2.1, weight: 50 }. */
static struct zone_span
content_in_map(const struct zone_text *text, struct zone_span map)
{
	static const char key[] = "content:";
	const char *at = strstr(text->text + map.at, key);
	struct zone_span out = { map.at, map.at };

	if (at == NULL || at + sizeof(key) > text->text + map.end)
		return out;
	at += sizeof(key) - 1;
	at += strspn(at, " \t");
	out.at = (uint32_t)(at - text->text);
	out.end = out.at + (uint32_t)strcspn(at, " \t\r\n,}");
	return out;
}

/* Return the content of a record: its value, or that of the key "content". */
static struct zone_span
content_of(const struct pdns *p, const struct range *record)
{
	const struct zone_yaml_line *l = line_of(p, record->first);
	struct zone_span value = l->value;
	size_t i;

	if (value.at < value.end && p->text->text[value.at] == '{')
		value = content_in_map(p->text, value);
	for (i = record->first + 1; i < record->end; i++)
		if (key_is(p, i, "content"))
			value = line_of(p, i)->value;
	return zone_yaml_plain(p->text, value);
}

static int
take_record(const struct pdns *p, const struct range *record,
    struct names *n)
{
	struct zone_span type = line_of(p, record->first)->key;
	struct zone_span content = content_of(p, record);
	struct addr a;

	if (!line_of(p, record->first)->dash || type.at == type.end)
		return zone_text_fault(p->text, line_of(p, record->first)->at,
		    p->why, "a record \"- TYPE: VALUE\" is expected here");
	if (zone_text_is_name(p->text, type, "cname"))
		n->alias = true;
	if (zone_text_is_name(p->text, type, "txt") &&
	    zone_region_of_txt(p->change, content) != NULL)
		n->txt = content;
	if (!zone_text_is_name(p->text, type, "a") &&
	    !zone_text_is_name(p->text, type, "aaaa"))
		return 0;
	if (!zone_text_addr(p->text, content, &a))
		return zone_text_fault(p->text, content.at, p->why,
		    "not an address");
	n->n_family += addr_is_v6(&a) == p->change->v6;
	if (addr_is_v6(&a) == p->change->v6 || n->n_family == 0)
		n->last = *record;
	return set_add(&n->addrs, &a);
}

/* Read a name; the caller clears its addresses, also after an error. */
static int
take_names(const struct pdns *p, const struct range *lines, struct names *n)
{
	struct range record;
	size_t next = 0;
	int err = 0;

	*n = (struct names){ .lines = *lines,
	    .name = line_of(p, lines->first)->key, .last = { 0, 0 } };
	if (line_of(p, lines->first)->dash || n->name.at == n->name.end)
		return zone_text_fault(p->text, line_of(p, lines->first)->at,
		    p->why, "a name is expected here");
	while (err == 0 && next_child(p, lines, &next, &record))
		err = take_record(p, &record, n);
	return err;
}

/*
 * Is the name what a target leads to? Each "%cn" or the like in it stands for
 * some text: a country, a continent, a weight of the record.
 */
static bool
matches_target(const char *target, const char *end, const char *name,
    const char *name_end)
{
	const char *star = NULL, *retry = NULL;

	while (name < name_end) {
		if (end - target >= 3 && *target == '%') {
			star = target += 3;
			retry = ++name;
		} else if (target < end && *target == *name) {
			target++;
			name++;
		} else if (star != NULL && retry < name_end) {
			target = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	return target == end;
}

/* Is that name among the targets of a service? */
static bool
leads_to(const struct pdns *p, struct zone_span targets,
    struct zone_span name, bool exactly)
{
	const char *text = p->text->text;
	struct zone_span item;
	uint32_t next = 0;

	while (zone_yaml_next(p->text, targets, &next, &item)) {
		item = zone_yaml_plain(p->text, item);
		if (exactly ? zone_text_same(p->text, item, name) :
		    matches_target(text + item.at, text + item.end,
		    text + name.at, text + name.end))
			return true;
	}
	return false;
}

/*
 * Is the name what a target leads to first? PowerDNS takes the next of a list
 * when a name has no record of the type.
 */
static bool
leads_first(const struct pdns *p, struct zone_span targets,
    struct zone_span name)
{
	struct zone_span first;
	uint32_t next = 0;

	return zone_yaml_next(p->text, targets, &next, &first) &&
	    zone_text_same(p->text, zone_yaml_plain(p->text, first), name);
}

/*
 * Find the next network of the name's service that leads to `name`; `*at` is 0
 * at first. Return its line, or 0.
 */
static size_t
next_net(const struct pdns *p, struct zone_span name, size_t *at)
{
	struct range service, net;
	size_t next = 0, i;

	while (next_child(p, &p->services, &next, &service)) {
		if (!zone_text_is_name(p->text, line_of(p,
		    service.first)->key, p->change->owner))
			continue;
		for (i = *at; next_child(p, &service, &i, &net); ) {
			*at = i;
			if (leads_first(p, line_of(p, net.first)->value,
			    name))
				return net.first;
		}
	}
	return 0;
}

/* Return the region whose network the service leads to the name. */
static const struct region *
region_by_service(const struct pdns *p, struct zone_span name)
{
	const struct region *region = NULL;
	size_t at = 0, line;

	while (region == NULL && (line = next_net(p, name, &at)) != 0)
		region = zone_region_of_net(p->change, line_of(p, line)->key);
	return region;
}

/* Warn of others that the same records answer. */
static void
warn_of_sharing(const struct pdns *p, struct zone_span name,
    const struct region *region)
{
	size_t at = 0, line;

	while ((line = next_net(p, name, &at)) != 0) {
		struct zone_span key = line_of(p, line)->key;

		if (region == NULL || (region->is_default &&
		    zone_text_is(p->text, key, "default")) ||
		    zone_region_of_net(p->change, key) == region)
			continue;
		region_report_warn(p->change->report, "%.*s, which is changed "
		    "for region %s, answers %.*s as well",
		    (int)(name.end - name.at), p->text->text + name.at,
		    region->name, (int)(key.end - key.at),
		    p->text->text + key.at);
		return;
	}
}

/* Return the region by the name: its `record`, or "REGION.NAME". */
static const struct region *
region_by_name(const struct pdns *p, struct zone_span name)
{
	const struct regions *regions = &p->change->report->regions;
	char text[REGIONS_NAME + ASK_NAME];
	size_t i;

	for (i = 0; i < regions->n; i++) {
		const struct region *region = regions->item[i];

		snprintf(text, sizeof(text), "%s.%s", region->name,
		    p->change->owner);
		if ((region->record != NULL && zone_text_is_name(p->text,
		    name, region->record)) ||
		    zone_text_is_name(p->text, name, text))
			return region;
	}
	return NULL;
}

static const struct region *
region_of(const struct pdns *p, const struct names *n)
{
	const struct region *region = region_by_service(p, n->name);

	if (region == NULL)
		region = region_by_name(p, n->name);
	if (region == NULL)
		region = zone_region_of_txt(p->change, n->txt);
	return region != NULL ? region :
	    zone_region_of_addrs(p->change, &n->addrs);
}

/* Add the bytes of a record again, with our address in place of its own. */
static void
copy_record(const struct pdns *p, const struct range *record)
{
	const struct zone_yaml_line *last = line_of(p, record->end - 1);
	size_t at = line_of(p, record->first)->at;
	struct zone_span content = content_of(p, record);
	const char *text = p->text->text;

	zone_edits_add_line(&p->change->edits, p->text, last->end,
	    "%.*s%s%.*s", (int)(content.at - at), text + at, p->change->ip,
	    (int)(last->value.end - content.end), text + content.end);
}

static int
add_to_names(const struct pdns *p, const struct names *n)
{
	const struct zone_yaml_line *l = line_of(p, n->lines.first);
	size_t after = n->last.end > 0 ? n->last.end - 1 : n->lines.first;
	int indent = n->lines.end > n->lines.first + 1 ?
	    (int)line_of(p, n->lines.first + 1)->indent : (int)l->column;

	if (n->alias)
		return zone_text_fault(p->text, l->at, p->why, "the region's "
		    "answer is an alias: change the name that it leads to");
	if (n->n_family > 0)
		copy_record(p, &n->last);
	else
		zone_edits_add_line(&p->change->edits, p->text,
		    line_of(p, after)->end, "%*s- %s: %s", indent, "",
		    p->change->v6 ? "aaaa" : "a", p->change->ip);
	return 0;
}

static void
cut_lines(const struct pdns *p, const struct range *lines)
{
	size_t i;

	for (i = lines->first; i < lines->end; i++)
		zone_edits_add(&p->change->edits, line_of(p, i)->at,
		    line_of(p, i)->end - line_of(p, i)->at, "%s", "");
}

/*
 * Cut the networks that lead to a name without addresses, so that the default
 * is for them. A list goes on to its next name by itself.
 */
static int
cut_services(const struct pdns *p, struct zone_span name)
{
	struct range service, net;
	size_t next = 0, at;

	while (next_child(p, &p->services, &next, &service))
		for (at = 0; next_child(p, &service, &at, &net); ) {
			const struct zone_yaml_line *l = line_of(p, net.first);

			if (!zone_text_same(p->text, zone_yaml_plain(p->text,
			    l->value), name))
				continue;
			if (zone_text_is(p->text, l->key, "default"))
				return zone_text_fault(p->text, l->at, p->why,
				    "the default answer would have no "
				    "address");
			cut_lines(p, &net);
		}
	return 0;
}

static int
remove_from_names(const struct pdns *p, const struct names *n)
{
	struct range record;
	size_t next = 0;
	struct addr a;

	while (next_child(p, &n->lines, &next, &record)) {
		struct zone_span type = line_of(p, record.first)->key;

		if ((zone_text_is_name(p->text, type, "a") ||
		    zone_text_is_name(p->text, type, "aaaa")) &&
		    zone_text_addr(p->text, content_of(p, &record), &a) &&
		    addr_equal_ip(&a, p->change->addr))
			cut_lines(p, &record);
	}
	return n->addrs.n == 1 ? cut_services(p, n->name) : 0;
}

/* A name's own records, with no service, are the answer for everybody. */
static bool
is_for_all(const struct pdns *p, const struct names *n)
{
	return zone_text_is_name(p->text, n->name, p->change->owner);
}

static int
edit_names(struct pdns *p, const struct range *lines)
{
	struct names n;
	int err = take_names(p, lines, &n);
	const struct region *region = err == 0 && n.addrs.n > 0 ?
	    region_of(p, &n) : NULL;
	bool has = set_has(&n.addrs, p->change->addr);

	if (region == NULL && n.addrs.n == 0 && err == 0)
		region = region_by_service(p, n.name);
	if (err == 0 && (region != NULL || has) &&
	    zone_region_wants(p->change, region)) {
		if (p->change->add && is_for_all(p, &n))
			err = zone_text_fault(p->text,
			    line_of(p, lines->first)->at, p->why,
			    "these records answer everybody alike: the name "
			    "is not a service");
		zone_region_found(p->change, region);
		if (err == 0 && has != p->change->add)
			warn_of_sharing(p, n.name, region);
		if (err == 0 && has != p->change->add)
			err = p->change->add ? add_to_names(p, &n) :
			    remove_from_names(p, &n);
	}
	set_clear(&n.addrs);
	return err;
}

/*
 * A switch has a name of its own as well, with its one address. Is the name
 * one that the service, a region's `record` or "REGION.NAME" tells?
 */
static bool
is_answered(const struct pdns *p, struct zone_span name)
{
	struct range service;
	size_t next = 0, at;

	if (region_by_name(p, name) != NULL ||
	    zone_text_is_name(p->text, name, p->change->owner))
		return true;
	while (next_child(p, &p->services, &next, &service)) {
		const struct zone_yaml_line *l = line_of(p, service.first);

		if (!zone_text_is_name(p->text, l->key, p->change->owner))
			continue;
		if (leads_to(p, l->value, name, false))
			return true;
		for (at = service.first + 1; at < service.end; at++)
			if (leads_to(p, line_of(p, at)->value, name, false))
				return true;
	}
	return false;
}

static int
edit_pdns(struct pdns *p)
{
	const struct region *region;
	struct range lines;
	size_t next = 0;
	int err = find_domain(p);

	while (err == 0 && next_child(p, &p->records, &next, &lines))
		if (is_answered(p, line_of(p, lines.first)->key))
			err = edit_names(p, &lines);
	next = 0;
	region = err == 0 ? zone_region_missing(p->change, &next) : NULL;
	if (region == NULL)
		return err;
	why_set(p->why, "%.200s: no name that %.100s leads to is region "
	    "%s's: give the region one, with record = in the regions file",
	    p->text->file, p->change->owner, region->name);
	return -EINVAL;
}

int
zone_pdns_edit(struct zone_change *change, char why[static WHY_TEXT])
{
	struct pdns p = { .change = change, .text = change->text, .why = why };
	int err = zone_yaml_read(&p.yaml, change->text, why);

	if (err == 0)
		err = edit_pdns(&p);
	zone_yaml_clear(&p.yaml);
	return err;
}
