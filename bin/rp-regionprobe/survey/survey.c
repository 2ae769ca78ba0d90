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

#include "survey/behalf.h"
#include "survey/crowd.h"
#include "survey/rounds.h"
#include "survey/zone.h"

/*
 * To see that an answer varies; one that does is asked again until it is whole.
 */
#define REGION_ROUNDS 2

/* The state that the threads of a crowd share. */
struct asking {
	struct survey *survey;
	const struct region_options *options;
	struct rounds *rounds;
	size_t first;		/* the items to ask begin here */
};

static void
ask_item(void *arg, size_t which)
{
	const struct asking *asking = arg;
	struct survey_asked *a = &asking->survey->item[asking->first + which];
	unsigned n = asking->options->rounds;

	if (a->kind == SURVEY_NOWHERE || a->kind == SURVEY_FOR)
		n = 1;
	if (a->kind == SURVEY_REGION && n > REGION_ROUNDS)
		n = REGION_ROUNDS;
	rounds_ask(asking->rounds, a, n);
	if (a->kind != SURVEY_RESOLVER || a->err < 0)
		return;
	rounds_dns64(a);
	if (asking->options->whoami != NULL)
		rounds_whoami(a, asking->options->whoami);
}

/* Ask all items from `first` on, side by side. */
static void
ask_items(struct survey *s, const struct region_options *o,
    struct rounds *rounds, size_t first)
{
	struct asking asking = { s, o, rounds, first };

	crowd_run(s->n - first, ask_item, &asking);
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
	for (i = 0; i < n; i++)
		if (survey_new_asked(s, SURVEY_RESOLVER, &servers[i], "") ==
		    NULL)
			return -ENOMEM;
	ask_items(s, o, rounds, 0);
	return 0;
}

/*
 * Write the source address that this host uses toward the server. Return false
 * if it has no route there.
 */
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

/*
 * Add a server of the zone. One without a route is only counted: most hosts
 * lack a family that most servers have.
 */
static int
add_server(struct survey *s, const struct addr *server, const char *name)
{
	struct addr own;

	s->n_servers++;
	if (!own_address(&own, server)) {
		s->n_without_route[addr_is_v6(server)]++;
		return 0;
	}
	return survey_new_asked(s, SURVEY_AUTHORITY, server, name) != NULL ?
	    0 : -ENOMEM;
}

/* Find the zone's servers through the first resolver that can tell. */
static void
find_zone(const struct survey *s, struct zone *zone, const char *name)
{
	size_t i;

	memset(zone, 0, sizeof(*zone));
	for (i = 0; i < s->n && zone->n == 0; i++)
		if (s->item[i].kind == SURVEY_RESOLVER &&
		    s->item[i].err == 0)
			zone_find(zone, name, &s->item[i].server);
}

static int
find_servers(struct survey *s, const struct region_options *o)
{
	struct zone *zone;
	size_t i;
	int err = 0;

	for (i = 0; i < o->n_servers && err == 0; i++)
		err = add_server(s, &o->servers[i], "");
	if (o->n_servers > 0)
		return err;
	zone = malloc(sizeof(*zone));
	if (zone == NULL)
		return -ENOMEM;
	find_zone(s, zone, o->name);
	memcpy(s->zone, zone->name, sizeof(s->zone));
	for (i = 0; i < zone->n && err == 0; i++)
		err = add_server(s, &zone->servers[i].addr,
		    zone->servers[i].name);
	free(zone);
	return err;
}

static int
ask_authorities(struct survey *s, const struct region_options *o,
    struct rounds *rounds)
{
	const struct survey_asked *found;
	size_t before = s->n;
	int err = find_servers(s, o);

	if (err < 0)
		return err;
	rounds->zone = s->zone;
	ask_items(s, o, rounds, before);
	found = survey_first(s, SURVEY_AUTHORITY);
	if (s->zone[0] == '\0' && found != NULL)
		zone_name(s->zone, o->name, &found->server, false);
	return 0;
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
	bool authority = survey_any_authority(s);
	size_t i;

	snprintf(s->owner, sizeof(s->owner), "%s", o->name);
	memcpy(s->beyond, rounds->beyond.name, sizeof(s->beyond));
	for (i = 0; i < s->n; i++) {
		const struct survey_asked *a = &s->item[i];

		if (a->err < 0 || a->addrs.n == 0 || (authority &&
		    !survey_is_authority(a)))
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

/* Ask on behalf of other networks; what can't be asked, is not. */
static int
ask_on_behalf(struct survey *s, const struct region_options *o,
    const struct regions *regions, struct rounds *rounds)
{
	size_t before = s->n;
	int err = behalf_add(s, o, regions);

	if (err == 0)
		ask_items(s, o, rounds, before);
	return err;
}

static int
ask_all(struct survey *s, const struct region_options *o,
    const struct regions *regions, struct rounds *rounds)
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
	return ask_on_behalf(s, o, regions, rounds);
}

int
survey_run(struct survey *s, const struct region_options *o,
    const struct regions *regions)
{
	struct rounds *rounds = calloc(1, sizeof(*rounds));
	int err;

	if (rounds == NULL)
		return -ENOMEM;
	rounds->name = o->name;
	rounds->zone = "";
	pthread_mutex_init(&rounds->lock, NULL);
	err = ask_all(s, o, regions, rounds);
	if (err == 0)
		find_owner(s, o, rounds);
	pthread_mutex_destroy(&rounds->lock);
	free(rounds);
	return err;
}
