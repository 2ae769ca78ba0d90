/*
 * rounds: ask one server until it has shown all that it answers; follow an
 * alias out of the zone, and take the TXT record beside the name. See
 * rounds.h.
 */
#include "survey/rounds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "survey/dns64.h"
#include "wire/why.h"

/*
 * Limits in multiples of the requested rounds: those without a new address, and
 * all.
 */
#define QUIET 2
#define ALL 10
/* Servers of an alias to try, because a silent one costs seconds. */
#define BEYOND_MAX 3

/* A server that answers slowly must not hold up the others' results. */
#define ITEM_NS (20 * 1000 * CLOCK_MS)

static const char region_prefix[] = "region=";

/* Find the alias's own servers, if they are not known yet. Return how many. */
static size_t
find_beyond(struct rounds *r, const char *alias,
    struct addr servers[static BEYOND_MAX])
{
	size_t i, n;

	pthread_mutex_lock(&r->lock);
	if (r->has_resolver && !zone_holds(r->beyond.name, alias))
		zone_find(&r->beyond, alias, &r->resolver);
	n = r->beyond.n < BEYOND_MAX ? r->beyond.n : BEYOND_MAX;
	for (i = 0; i < n; i++)
		servers[i] = r->beyond.servers[i].addr;
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* Ask the alias's own servers in turn, until one has an address or a text. */
static void
ask_beyond(struct rounds *r, struct ask_answer *out, struct ask_question *q)
{
	struct addr servers[BEYOND_MAX];
	size_t i, n = find_beyond(r, q->name, servers);
	char why[WHY_TEXT];

	for (i = 0; i < n; i++) {
		struct ask_question next = *q;

		next.server = &servers[i];
		ask_clear(out);
		if (ask(out, &next, why) == 0 &&
		    (out->addrs.n > 0 || out->n_texts > 0))
			return;
	}
}

static bool
is_beyond(struct rounds *r, const char *alias)
{
	bool known;

	pthread_mutex_lock(&r->lock);
	known = zone_holds(r->beyond.name, alias);
	pthread_mutex_unlock(&r->lock);
	return known;
}

/*
 * Follow an alias. An authority knows no more about an alias in another zone
 * than its cache does, so ask that zone's servers for the same network. The
 * alias is kept and reported.
 */
static void
follow(struct rounds *r, struct ask_answer *answer, struct ask_question *q)
{
	struct ask_answer more = { 0 };
	char alias[ASK_NAME], why[WHY_TEXT];

	memcpy(alias, answer->alias_of, sizeof(alias));
	q->name = alias;
	/* The server may serve that zone too. */
	if (!is_beyond(r, alias) && (ask(&more, q, why) < 0 ||
	    !more.authoritative))
		ask_clear(&more);
	if (more.addrs.n == 0)
		ask_beyond(r, &more, q);
	if (more.addrs.n == 0 && answer->addrs.n > 0) {
		ask_clear(&more);
		answer->authoritative = false;
		return;
	}
	if (more.alias_of[0] == '\0')
		memcpy(more.alias_of, alias, sizeof(more.alias_of));
	if (answer->scope > more.scope)
		more.scope = answer->scope;
	more.subnet_came_back |= answer->subnet_came_back;
	more.no_edns |= answer->no_edns;
	ask_clear(answer);
	*answer = more;
}

/* Return whether the answer leads to a name that its server may not hold. */
static bool
leads_away(const struct rounds *r, const struct ask_answer *answer)
{
	return answer->alias_of[0] != '\0' && (answer->addrs.n == 0 ||
	    !zone_holds(r->zone, answer->alias_of));
}

/*
 * Take the region that the TXT records tell. Two of them, or one that is not a
 * region's name, tell nothing, and are kept for a warning.
 */
static void
take_region(struct survey_asked *a, const struct ask_answer *answer)
{
	size_t len = sizeof(region_prefix) - 1;
	const char *first;

	if (answer->n_texts == 0)
		return;
	first = answer->texts[0] + len;
	if (answer->n_texts > 1 || !regions_is_name(first)) {
		snprintf(a->told_bad, sizeof(a->told_bad), "%s", first);
		if (answer->n_texts > 1)
			snprintf(a->told_other, sizeof(a->told_other), "%s",
			    answer->texts[1] + len);
		return;
	}
	snprintf(a->told, sizeof(a->told), "%.*s", (int)sizeof(a->told) - 1,
	    first);
}

static int
take_addresses(struct survey_asked *a, const struct ask_answer *answer,
    bool v6, struct set *round)
{
	a->no_such_name = answer->no_such_name;
	memcpy(a->alias_of, answer->alias_of, sizeof(a->alias_of));
	if (answer->addrs.n > 0) {
		a->ttl_s[v6] = answer->ttl_s;
		a->ttl_known[v6] = true;
		a->cached |= a->kind != SURVEY_RESOLVER &&
		    !answer->authoritative;
	}
	if (answer->subnet_came_back && answer->scope > a->scope)
		a->scope = answer->scope;
	a->scoped |= answer->subnet_came_back;
	a->no_edns |= answer->no_edns;
	return set_add_all(round, &answer->addrs);
}

/* Send one query of a round. Its addresses are added to `round`. */
static int
ask_one(struct rounds *r, struct survey_asked *a, const char *name,
    enum ask_type type, struct set *round)
{
	struct ask_question q = {
		.server = &a->server, .name = name, .type = type,
		.recurse = a->kind == SURVEY_RESOLVER,
		.subnet = survey_on_behalf(a) ? &a->subnet : NULL,
		.text_prefix = region_prefix
	};
	struct ask_answer answer;
	int err = ask(&answer, &q, a->why);

	if (type == ASK_TXT) {
		if (answer.n_texts == 0 && a->alias_of[0] != '\0' &&
		    !q.recurse)
			ask_beyond(r, &answer, &q);
		take_region(a, &answer);
		ask_clear(&answer);
		return 0;
	}
	if (err == 0 && !q.recurse && leads_away(r, &answer))
		follow(r, &answer, &q);
	if (err == 0)
		err = take_addresses(a, &answer, type == ASK_AAAA, round);
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
	uint64_t start_ns = clock_ns();
	unsigned quiet = 0;

	while (a->err == 0 && a->rounds < n * ALL &&
	    (a->rounds == 0 || clock_ns() - start_ns < ITEM_NS) &&
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

/* Return whether one of the texts is an address; others stand beside it. */
static bool
take_seen_as(struct survey_asked *a, const struct ask_answer *answer)
{
	struct addr ip;
	size_t i;

	for (i = 0; i < answer->n_texts; i++)
		if (addr_parse(&ip, answer->texts[i], 0) == 0) {
			addr_format_ip(&ip, a->seen_as);
			return true;
		}
	if (answer->addrs.n > 0)
		addr_format_ip(&answer->addrs.item[0], a->seen_as);
	return answer->addrs.n > 0;
}

void
rounds_whoami(struct survey_asked *a, const char *whoami)
{
	static const enum ask_type types[] = { ASK_TXT, ASK_A, ASK_AAAA };
	char why[WHY_TEXT];
	bool known = false;
	size_t i;
	int err = 0;

	for (i = 0; i < 3 && !known && err != -ETIMEDOUT; i++) {
		struct ask_question q = {
			.server = &a->server, .name = whoami,
			.type = types[i], .recurse = true
		};
		struct ask_answer answer;

		err = ask(&answer, &q, why);
		known = err == 0 && take_seen_as(a, &answer);
		ask_clear(&answer);
	}
}

/* Remove the addresses in that or the well-known prefix from the answer. */
static void
remove_translated(struct survey_asked *a, const struct prefix *prefix)
{
	size_t i = 0;

	while (i < a->addrs.n) {
		struct addr addr = a->addrs.item[i];

		if (dns64_is_well_known(&addr) ||
		    (prefix != NULL && prefix_holds(prefix, &addr))) {
			set_remove(&a->addrs, &addr);
			a->translated++;
		} else {
			i++;
		}
	}
	set_sort(&a->addrs);
}

void
rounds_dns64(struct survey_asked *a)
{
	struct ask_question q = {
		.server = &a->server, .name = DNS64_NAME, .type = ASK_AAAA,
		.recurse = true
	};
	struct ask_answer answer;
	struct prefix prefix;
	char why[WHY_TEXT];
	size_t i;

	remove_translated(a, NULL);
	if (set_count(&a->addrs, true) == 0)
		return;
	if (ask(&answer, &q, why) < 0)
		answer.addrs.n = 0;
	for (i = 0; i < answer.addrs.n; i++)
		if (dns64_prefix(&prefix, &answer.addrs.item[i]))
			remove_translated(a, &prefix);
	ask_clear(&answer);
}
