/*
 * survey: ask all resolvers and authorities for the name, for several
 * networks. See survey.h.
 */
#include "survey/survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "survey/rounds.h"
#include "survey/zone.h"

/* RFC 7871, 11.1: reveal no more bits of a client. */
#define V4_BITS 24
#define V6_BITS 56

static struct survey_asked *
new_asked(struct survey *s, enum survey_kind kind, const struct addr *server,
    const char *server_name)
{
	struct survey_asked *more = realloc(s->item,
	    (s->n + 1) * sizeof(*more));

	if (more == NULL)
		return NULL;
	s->item = more;
	more = &s->item[s->n++];
	memset(more, 0, sizeof(*more));
	more->kind = kind;
	more->server = *server;
	snprintf(more->server_name, sizeof(more->server_name), "%s",
	    server_name);
	return more;
}

static int
ask_resolvers(struct survey *s, const struct region_options *o,
    struct rounds *rounds)
{
	struct addr servers[OPTIONS_SERVERS];
	size_t i, n = o->n_resolvers;

	memcpy(servers, o->resolvers, sizeof(servers));
	if (n == 0)
		n = ask_system_servers(servers, OPTIONS_SERVERS);
	for (i = 0; i < n; i++) {
		struct survey_asked *a = new_asked(s, SURVEY_RESOLVER,
		    &servers[i], "");

		if (a == NULL)
			return -ENOMEM;
		rounds_ask(rounds, a, o->rounds);
		if (a->err == 0 && o->whoami != NULL)
			rounds_whoami(a, o->whoami);
	}
	return 0;
}

static int
find_servers(struct survey *s, const struct region_options *o,
    const struct rounds *rounds)
{
	struct zone *zone;
	size_t i;
	int err = 0;

	for (i = 0; i < o->n_servers && err == 0; i++)
		if (new_asked(s, SURVEY_AUTHORITY, &o->servers[i], "") == NULL)
			err = -ENOMEM;
	if (o->n_servers > 0 || !rounds->has_resolver)
		return err;
	zone = malloc(sizeof(*zone));
	if (zone == NULL)
		return -ENOMEM;
	zone_find(zone, o->name, &rounds->resolver);
	memcpy(s->zone, zone->name, sizeof(s->zone));
	for (i = 0; i < zone->n && err == 0; i++)
		if (new_asked(s, SURVEY_AUTHORITY, &zone->servers[i].addr,
		    zone->servers[i].name) == NULL)
			err = -ENOMEM;
	free(zone);
	return err;
}

static int
ask_authorities(struct survey *s, const struct region_options *o,
    struct rounds *rounds)
{
	const struct survey_asked *first;
	size_t i;
	int err = find_servers(s, o, rounds);

	for (i = 0; i < s->n && err == 0; i++)
		if (s->item[i].kind == SURVEY_AUTHORITY)
			rounds_ask(rounds, &s->item[i], o->rounds);
	first = survey_first(s, SURVEY_AUTHORITY);
	if (s->zone[0] == '\0' && first != NULL)
		zone_name(s->zone, o->name, &first->server, false);
	return err;
}

/* Write the source address that this host uses toward the server. */
static bool
own_address(struct addr *out, const struct addr *server)
{
	struct addr to = *server;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int fd = socket(to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool known;

	if (fd < 0)
		return false;
	if (addr_port(&to) == 0)
		addr_set_port(&to, 53);
	known = connect(fd, &to.sa, addr_len(&to)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&from, &len) == 0 &&
	    addr_from_sockaddr(out, (struct sockaddr *)&from, len) == 0;
	close(fd);
	if (known)
		addr_set_port(out, 0);
	return known;
}

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
ask_for(struct survey *s, struct rounds *rounds, unsigned n,
    enum survey_kind kind, const struct survey_asked *authority,
    const struct prefix *subnet)
{
	struct survey_asked from = *authority;
	struct survey_asked *a = new_asked(s, kind, &from.server,
	    from.server_name);

	if (a == NULL)
		return -ENOMEM;
	a->subnet = *subnet;
	rounds_ask(rounds, a, n);
	return 0;
}

/* Send all queries on behalf of other networks, to authorities that answer. */
static int
ask_on_behalf(struct survey *s, const struct region_options *o,
    struct rounds *rounds)
{
	size_t i, n = s->n, first = n;
	struct prefix own = network_of(&s->subject), nowhere;
	int err = 0;

	for (i = 0; i < n && err == 0; i++) {
		if (s->item[i].kind != SURVEY_AUTHORITY ||
		    s->item[i].err < 0)
			continue;
		first = first < i ? first : i;
		if (s->subject_known)
			err = ask_for(s, rounds, o->rounds, SURVEY_SUBNET,
			    &s->item[i], &own);
	}
	if (first == n)
		return err;
	/* No map of the world has the addresses for documentation. */
	if (addr_is_v6(&s->subject))
		(void)prefix_parse(&nowhere, "2001:db8::/56");
	else
		(void)prefix_parse(&nowhere, "192.0.2.0/24");
	if (err == 0)
		err = ask_for(s, rounds, 1, SURVEY_NOWHERE, &s->item[first],
		    &nowhere);
	for (i = 0; i < o->n_subnets && err == 0; i++)
		err = ask_for(s, rounds, 1, SURVEY_FOR, &s->item[first],
		    &o->subnets[i]);
	return err;
}

/*
 * Find the owner of the addresses, if the zone gives all clients the same
 * alias.
 */
static void
find_owner(struct survey *s, const struct region_options *o,
    const struct rounds *rounds)
{
	const char *owner = NULL;
	size_t i;

	snprintf(s->owner, sizeof(s->owner), "%s", o->name);
	memcpy(s->beyond, rounds->beyond.name, sizeof(s->beyond));
	for (i = 0; i < s->n; i++) {
		const struct survey_asked *a = &s->item[i];

		if (a->err < 0 || a->addrs.n == 0)
			continue;
		if (owner != NULL && strcasecmp(owner, a->alias_of) != 0)
			return;
		owner = a->alias_of;
	}
	if (owner == NULL || strlen(owner) < 2)
		return;		/* none, or the root, which has no addresses */
	snprintf(s->owner, sizeof(s->owner), "%.*s", (int)strlen(owner) - 1,
	    owner);
	if (!zone_holds(s->zone, owner))
		snprintf(s->zone, sizeof(s->zone), "%s",
		    zone_holds(s->beyond, owner) ? s->beyond : "");
}

static int
ask_all(struct survey *s, const struct region_options *o, struct rounds *rounds)
{
	const struct survey_asked *found;
	int err = ask_resolvers(s, o, rounds);

	found = survey_first(s, SURVEY_RESOLVER);
	if (found != NULL) {
		rounds->resolver = found->server;
		rounds->has_resolver = true;
	}
	if (err == 0)
		err = ask_authorities(s, o, rounds);
	if (err < 0)
		return err;
	found = survey_first(s, SURVEY_AUTHORITY);
	if (o->add || o->remove) {
		s->subject = o->addr;
		s->subject_known = true;
	} else if (found != NULL) {
		s->subject_known = own_address(&s->subject, &found->server);
	}
	return ask_on_behalf(s, o, rounds);
}

int
survey_run(struct survey *s, const struct region_options *o)
{
	struct rounds *rounds = calloc(1, sizeof(*rounds));
	int err;

	if (rounds == NULL)
		return -ENOMEM;
	rounds->name = o->name;
	err = ask_all(s, o, rounds);
	if (err == 0)
		find_owner(s, o, rounds);
	free(rounds);
	return err;
}

struct survey_asked *
survey_first(const struct survey *s, enum survey_kind kind)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].kind == kind && s->item[i].err == 0)
			return &s->item[i];
	return NULL;
}

const char *
survey_who(const struct survey_asked *a, char text[static SURVEY_WHO])
{
	char ip[ADDR_TEXT], net[ADDR_TEXT];
	const char *name = a->server_name[0] != '\0' ? a->server_name :
	    addr_format_ip(&a->server, ip);

	switch (a->kind) {
	case SURVEY_RESOLVER:
		snprintf(text, SURVEY_WHO, "resolver %s", name);
		return text;
	case SURVEY_AUTHORITY:
		snprintf(text, SURVEY_WHO, "authority %s", name);
		return text;
	case SURVEY_SUBNET:
	case SURVEY_FOR:
		snprintf(text, SURVEY_WHO, "  %s for %s/%u", name,
		    addr_format_ip(&a->subnet.addr, net), a->subnet.bits);
		return text;
	case SURVEY_NOWHERE:
		break;
	}
	snprintf(text, SURVEY_WHO, "  %s for unknown networks", name);
	return text;
}

void
survey_clear(struct survey *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		set_clear(&s->item[i].addrs);
	free(s->item);
	s->item = NULL;
	s->n = 0;
}
