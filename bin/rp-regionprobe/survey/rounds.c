/*
 * rounds: ask one server until it has shown all that it answers; follow an
 * alias out of the zone, and take the TXT record beside the name. See
 * rounds.h.
 */
#include "survey/rounds.h"

#include <stdio.h>
#include <string.h>

#include "wire/why.h"

/*
 * Limits in multiples of the requested rounds: those without a new address, and
 * all.
 */
#define QUIET 2
#define ALL 10
/* Servers of an alias to try, because a silent one costs seconds. */
#define BEYOND_MAX 3

static const char region_prefix[] = "region=";

/* Ask the alias's own servers in turn, until one has an address or a text. */
static void
ask_beyond(struct rounds *r, struct ask_answer *out, struct ask_question *q)
{
	char why[WHY_TEXT];
	size_t i;

	if (r->has_resolver && !zone_holds(r->beyond.name, q->name))
		zone_find(&r->beyond, q->name, &r->resolver);
	for (i = 0; i < r->beyond.n && i < BEYOND_MAX; i++) {
		ask_clear(out);
		q->server = &r->beyond.servers[i].addr;
		if (ask(out, q, why) == 0 &&
		    (out->addrs.n > 0 || out->text[0] != '\0'))
			return;
	}
}

/*
 * Follow an alias. An authority knows no more about an alias in another zone,
 * so ask that zone's servers for the same network. The alias is kept and
 * reported.
 */
static void
follow(struct rounds *r, struct ask_answer *answer, struct ask_question *q)
{
	struct ask_answer more;
	char alias[ASK_NAME], why[WHY_TEXT];

	memcpy(alias, answer->alias_of, sizeof(alias));
	q->name = alias;
	memset(&more, 0, sizeof(more));
	/* The server may serve that zone too. */
	if (!zone_holds(r->beyond.name, alias) && ask(&more, q, why) < 0)
		ask_clear(&more);
	if (more.addrs.n == 0)
		ask_beyond(r, &more, q);
	if (more.alias_of[0] == '\0')
		memcpy(more.alias_of, alias, sizeof(more.alias_of));
	if (answer->scope > more.scope)
		more.scope = answer->scope;
	more.subnet_came_back |= answer->subnet_came_back;
	ask_clear(answer);
	*answer = more;
}

static void
take_region(struct survey_asked *a, const struct ask_answer *answer)
{
	size_t len = sizeof(region_prefix) - 1;

	if (strncmp(answer->text, region_prefix, len) == 0)
		snprintf(a->told, sizeof(a->told), "%.*s",
		    (int)sizeof(a->told) - 1, answer->text + len);
}

/* Send one query of a round. Its addresses are added to `round`. */
static int
ask_one(struct rounds *r, struct survey_asked *a, const char *name,
    enum ask_type type, struct set *round)
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

	if (type == ASK_TXT) {
		if (answer.text[0] == '\0' && a->alias_of[0] != '\0' &&
		    !q.recurse)
			ask_beyond(r, &answer, &q);
		take_region(a, &answer);
		ask_clear(&answer);
		return 0;
	}
	if (err == 0 && answer.addrs.n == 0 && answer.alias_of[0] != '\0' &&
	    !q.recurse)
		follow(r, &answer, &q);
	if (err == 0) {
		err = set_add_all(round, &answer.addrs);
		a->no_such_name = answer.no_such_name;
		memcpy(a->alias_of, answer.alias_of, sizeof(a->alias_of));
		if (answer.addrs.n > 0)
			a->ttl_s[type == ASK_AAAA] = answer.ttl_s;
		if (answer.subnet_came_back && answer.scope > a->scope)
			a->scope = answer.scope;
		a->scoped = a->scoped || answer.subnet_came_back;
	}
	ask_clear(&answer);
	return err;
}

/* Ask once for both families. Return whether there was a new address. */
static bool
ask_round(struct rounds *r, struct survey_asked *a)
{
	struct set round = { 0 };
	size_t known = a->addrs.n;

	a->err = ask_one(r, a, r->name, ASK_A, &round);
	if (a->err == 0)
		a->err = ask_one(r, a, r->name, ASK_AAAA, &round);
	a->varies = a->varies || (a->rounds > 0 && a->err == 0 &&
	    !set_equal(&round, &a->addrs));
	if (a->rounds == 0 || round.n < a->fewest)
		a->fewest = round.n;
	if (round.n > a->most)
		a->most = round.n;
	if (a->err == 0)
		a->err = set_add_all(&a->addrs, &round);
	set_clear(&round);
	a->rounds++;
	return a->addrs.n > known;
}

void
rounds_ask(struct rounds *r, struct survey_asked *a, unsigned n)
{
	char beside[ASK_NAME + 16];
	unsigned quiet = 0;

	while (a->err == 0 && a->rounds < n * ALL &&
	    (a->rounds < n || (a->varies && quiet < n * QUIET)))
		quiet = ask_round(r, a) ? 0 : quiet + 1;
	set_sort(&a->addrs);
	if (a->err < 0)
		return;
	snprintf(beside, sizeof(beside), "_rp-region.%s",
	    a->alias_of[0] != '\0' ? a->alias_of : r->name);
	/* A server without the record is fine. */
	(void)ask_one(r, a, beside, ASK_TXT, NULL);
}

void
rounds_whoami(struct survey_asked *a, const char *whoami)
{
	static const enum ask_type types[] = { ASK_TXT, ASK_A, ASK_AAAA };
	char why[WHY_TEXT];
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
