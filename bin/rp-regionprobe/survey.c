#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 7871, 11.1: what is told of a client, and no more. */
#define V4_BITS 24
#define V6_BITS 56

static const char region_prefix[] = "region=";

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

/* One question of a round; its addresses go to round. */
static int
ask_one(struct survey_asked *a, const char *name, enum ask_type type,
    struct set *round)
{
	bool on_behalf = a->kind != SURVEY_RESOLVER &&
	    a->kind != SURVEY_AUTHORITY;
	struct ask_question q = {
		.server = &a->server, .name = name, .type = type,
		.recurse = a->kind == SURVEY_RESOLVER,
		.subnet = on_behalf ? &a->subnet : NULL
	};
	struct ask_answer answer;
	int err = ask(&answer, &q, a->why);

	if (err == 0 && type == ASK_TXT) {
		if (strncmp(answer.text, region_prefix,
		    sizeof(region_prefix) - 1) == 0)
			snprintf(a->told, sizeof(a->told), "%.*s",
			    (int)sizeof(a->told) - 1,
			    answer.text + sizeof(region_prefix) - 1);
	} else if (err == 0) {
		err = set_add_all(round, &answer.addrs);
		a->no_such_name = answer.no_such_name;
		if (answer.subnet_came_back && answer.scope > a->scope)
			a->scope = answer.scope;
		a->scoped = a->scoped || answer.subnet_came_back;
	}
	ask_clear(&answer);
	return err;
}

static void
ask_rounds(struct survey_asked *a, const char *name, unsigned rounds)
{
	char beside[ASK_NAME + 16];
	unsigned i;

	for (i = 0; i < rounds && a->err == 0; i++) {
		struct set round = { 0 };

		a->err = ask_one(a, name, ASK_A, &round);
		if (a->err == 0)
			a->err = ask_one(a, name, ASK_AAAA, &round);
		a->varies = a->varies || (i > 0 && a->err == 0 &&
		    !set_equal(&round, &a->addrs));
		if (i == 0 || round.n < a->fewest)
			a->fewest = round.n;
		if (round.n > a->most)
			a->most = round.n;
		if (a->err == 0)
			a->err = set_add_all(&a->addrs, &round);
		set_clear(&round);
	}
	set_sort(&a->addrs);
	if (a->err < 0)
		return;
	/* A server without the record is no worse for it. */
	snprintf(beside, sizeof(beside), "_rp-region.%s", name);
	(void)ask_one(a, beside, ASK_TXT, NULL);
}

/* The address under which the world sees a resolver, from a name that says. */
static void
ask_whoami(struct survey_asked *a, const char *whoami)
{
	static const enum ask_type types[] = { ASK_TXT, ASK_A, ASK_AAAA };
	char why[ASK_WHY];
	size_t i;

	for (i = 0; i < 3 && a->seen_as[0] == '\0'; i++) {
		struct ask_question q = {
			.server = &a->server, .name = whoami,
			.type = types[i], .recurse = true
		};
		struct ask_answer answer;
		struct addr ip;

		if (ask(&answer, &q, why) == 0 &&
		    addr_parse(&ip, answer.text, 0) == 0)
			addr_format_ip(&ip, a->seen_as);
		else if (answer.addrs.n > 0)
			addr_format_ip(&answer.addrs.item[0], a->seen_as);
		ask_clear(&answer);
	}
}

static int
ask_resolvers(struct survey *s, const struct options *o)
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
		ask_rounds(a, o->name, o->rounds);
		if (a->err == 0 && o->whoami != NULL)
			ask_whoami(a, o->whoami);
	}
	return 0;
}

static void
find_zone(struct survey *s, const struct options *o, const struct addr *server,
    bool recurse)
{
	struct ask_question q = {
		.server = server, .name = o->name, .type = ASK_SOA,
		.recurse = recurse
	};
	struct ask_answer soa;
	char why[ASK_WHY];

	if (ask(&soa, &q, why) == 0 && soa.n_names > 0)
		snprintf(s->zone, sizeof(s->zone), "%s", soa.names[0]);
	ask_clear(&soa);
}

/* Through a resolver that answers: the zone's servers. */
static void
find_servers(struct survey *s, const struct addr *resolver)
{
	struct ask_question q = {
		.server = resolver, .name = s->zone, .type = ASK_NS,
		.recurse = true
	};
	struct ask_answer ns, addrs;
	char why[ASK_WHY];
	size_t i, k, type;

	if (s->zone[0] == '\0' || ask(&ns, &q, why) < 0)
		return;
	for (i = 0; i < ns.n_names; i++)
		for (type = ASK_A; type <= ASK_AAAA; type++) {
			q.name = ns.names[i];
			q.type = (enum ask_type)type;
			if (ask(&addrs, &q, why) < 0)
				addrs.addrs.n = 0;
			for (k = 0; k < addrs.addrs.n; k++)
				(void)new_asked(s, SURVEY_AUTHORITY,
				    &addrs.addrs.item[k], ns.names[i]);
			ask_clear(&addrs);
		}
	ask_clear(&ns);
}

static int
ask_authorities(struct survey *s, const struct options *o)
{
	const struct survey_asked *first =
	    survey_first(s, SURVEY_RESOLVER);
	struct addr at;
	size_t i;

	for (i = 0; i < o->n_servers; i++)
		if (new_asked(s, SURVEY_AUTHORITY, &o->servers[i], "") == NULL)
			return -ENOMEM;
	if (o->n_servers == 0 && first != NULL) {
		at = first->server;	/* the list moves as it grows */
		find_zone(s, o, &at, true);
		find_servers(s, &at);
	}
	for (i = 0; i < s->n; i++)
		if (s->item[i].kind == SURVEY_AUTHORITY)
			ask_rounds(&s->item[i], o->name, o->rounds);
	first = survey_first(s, SURVEY_AUTHORITY);
	if (s->zone[0] == '\0' && first != NULL)
		find_zone(s, o, &first->server, false);
	return 0;
}

/* The address that this host has towards the server. */
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

/* Both widths end with a byte. */
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
ask_for(struct survey *s, const struct options *o, enum survey_kind kind,
    const struct survey_asked *authority, const struct prefix *subnet)
{
	struct survey_asked from = *authority;
	struct survey_asked *a = new_asked(s, kind, &from.server,
	    from.server_name);

	if (a == NULL)
		return -ENOMEM;
	a->subnet = *subnet;
	ask_rounds(a, o->name, kind == SURVEY_SUBNET ? o->rounds : 1);
	return 0;
}

/* All that is asked on behalf of others, of authorities that answer. */
static int
ask_on_behalf(struct survey *s, const struct options *o)
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
			err = ask_for(s, o, SURVEY_SUBNET, &s->item[i], &own);
	}
	if (first == n)
		return err;
	/* Addresses for documentation are in no map of the world. */
	if (addr_is_v6(&s->subject))
		(void)prefix_parse(&nowhere, "2001:db8::/56");
	else
		(void)prefix_parse(&nowhere, "192.0.2.0/24");
	if (err == 0)
		err = ask_for(s, o, SURVEY_NOWHERE, &s->item[first], &nowhere);
	for (i = 0; i < o->n_subnets && err == 0; i++)
		err = ask_for(s, o, SURVEY_FOR, &s->item[first],
		    &o->subnets[i]);
	return err;
}

int
survey_run(struct survey *s, const struct options *o)
{
	const struct survey_asked *authority;
	int err = ask_resolvers(s, o);

	if (err == 0)
		err = ask_authorities(s, o);
	if (err < 0)
		return err;
	authority = survey_first(s, SURVEY_AUTHORITY);
	if (o->add || o->remove) {
		s->subject = o->addr;
		s->subject_known = true;
	} else if (authority != NULL) {
		s->subject_known = own_address(&s->subject,
		    &authority->server);
	}
	return ask_on_behalf(s, o);
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
	snprintf(text, SURVEY_WHO, "  %s for nobody", name);
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
