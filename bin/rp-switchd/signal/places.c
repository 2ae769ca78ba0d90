/*
 * places: strangers in a lobby, everybody by address, and a count of known
 * clients. Called by signal_server and routes. See places.h.
 */
#include "signal/places.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "conf/settings.h"
#include "ops/descriptors.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "signal/client.h"

/*
 * Of this many connections known clients leave one free, so that the party of
 * a call can speak though all other places are taken.
 */
#define SPEAK_OF 40

/*
 * A subscriber may have so many connections however few descriptors there are:
 * ten devices and some that have lost a race.
 */
#define LEAST_OF_ONE 16

/* The reasons why a stranger gives way, beside the levels of the lobby. */
enum cut {
	CUT_STRANGERS = LOBBY_LEVELS,
	CUT_MAX,
	CUT_MAX_PER_ADDRESS,
	CUT_AUTH_MS,
	CUTS
};

/* A subscriber with known clients. */
struct place_holder {
	struct map_node by_number;
	char number[SIGMSG_NUMBER];
	size_t n;
};

struct places {
	const struct settings *settings;
	const struct descriptors *descriptors;
	struct gate *gate;
	struct lobby *strangers, *everybody;
	struct map *holders;
	size_t n_known;
	bool pressed;
	uint64_t *cut[CUTS];
	uint64_t *too_many, *too_many_of_one, *reserve, *too_many_of_holder;
};

static const char *const cut_names[CUTS] = {
#define X(id, name, v4_bits, v6_bits) name,
	LOBBY_LEVELS_X(X)
#undef X
	"strangers", "max", "max_per_address", "auth_ms"
};

static void
collect_places(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct places *places = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_connections", "",
	    "Signalling connections.", places_count(places));
	metrics_emit(out, "gauge", "rp_connections_max", "",
	    "Limit of signalling connections, as the descriptors allow.",
	    descriptors_most(places->descriptors, false));
	metrics_emit(out, "gauge", "rp_strangers", "",
	    "Signalling connections that have not authenticated.",
	    lobby_count(places->strangers));
	metrics_emit(out, "gauge", "rp_strangers_max", "",
	    "Limit of connections that have not authenticated.",
	    (uint64_t)places->settings->strangers);
}

static void
count_places(struct places *places, struct metrics *metrics)
{
	static const char refused[] = "rp_connections_refused_total";
	static const char refused_help[] = "Connections reset at once, or "
	    "refused after authentication, by the limit that was reached.";
	char labels[64];
	int i;

	places->too_many = metrics_counter(metrics, refused,
	    "limit=\"max\"", refused_help);
	places->too_many_of_one = metrics_counter(metrics, refused,
	    "limit=\"max_per_address\"", refused_help);
	places->reserve = metrics_counter(metrics, refused,
	    "limit=\"reserve\"", refused_help);
	places->too_many_of_holder = metrics_counter(metrics, refused,
	    "limit=\"subscriber\"", refused_help);
	for (i = 0; i < CUTS; i++) {
		snprintf(labels, sizeof(labels), "limit=\"%s\"", cut_names[i]);
		places->cut[i] = metrics_counter(metrics,
		    "rp_strangers_cut_total", labels,
		    "Connections closed that had not authenticated, by the "
		    "limit that was reached.");
	}
	metrics_collector(metrics, collect_places, places);
}

struct places *
places_new(const struct settings *settings,
    const struct descriptors *descriptors, struct gate *gate,
    struct metrics *metrics)
{
	struct places *places = calloc(1, sizeof(*places));

	if (places == NULL)
		return NULL;
	places->settings = settings;
	places->descriptors = descriptors;
	places->gate = gate;
	places->strangers = lobby_new();
	places->everybody = lobby_new();
	places->holders = map_new();
	if (places->strangers == NULL || places->everybody == NULL ||
	    places->holders == NULL) {
		places_free(places);
		return NULL;
	}
	count_places(places, metrics);
	return places;
}

void
places_free(struct places *places)
{
	if (places == NULL)
		return;
	lobby_free(places->strangers);
	lobby_free(places->everybody);
	map_free(places->holders);
	free(places);
}

static void
log_over(const char *event, const char *limit, size_t max,
    const struct client *client)
{
	char from[ADDR_TEXT];

	if (log_is_debug())
		log_failure(event, limit, "limit=%s max=%zu peer=%s", limit,
		    max, addr_format(&client->who.peer, from));
}

/* Refuse, because known clients have all places. */
static int
refuse_place(const struct client *client, uint64_t *counter,
    const char *limit, size_t max)
{
	++*counter;
	log_over("connection_reset", limit, max, client);
	return -ENOBUFS;
}

int
places_enter(struct places *places, struct client *client)
{
	const struct addr *peer = &client->who.peer;
	size_t most = descriptors_most(places->descriptors, false);
	size_t max = descriptors_most(places->descriptors,
	    client->at_call_port);
	size_t of_one = (size_t)places->settings->max_connections_per_address;
	struct place *place = &client->place;

	if (places->n_known >= max || (places_count(places) >= most &&
	    lobby_count(places->strangers) == 0))
		return refuse_place(client, places->too_many, "max", max);
	if (lobby_count_of(places->everybody, peer, LOBBY_ADDRESS) >= of_one &&
	    lobby_oldest_at(places->strangers, peer) == NULL)
		return refuse_place(client, places->too_many_of_one,
		    "max_per_address", of_one);
	if (lobby_enter(places->everybody, &place->anyone, peer) < 0)
		return -ENOMEM;
	if (lobby_enter(places->strangers, &place->stranger, peer) < 0) {
		lobby_leave(places->everybody, &place->anyone);
		return -ENOMEM;
	}
	return 0;
}

/*
 * Close the gate when known clients have their nine tenths, until an eighth of
 * these is free. Where descriptors are few, descriptors.c does so and says it.
 */
static void
look_at_gate(struct places *places)
{
	size_t max = descriptors_most(places->descriptors, true);

	if (places->n_known >= max)
		gate_set(places->gate, GATE_CONNECTIONS,
		    !descriptors_now(places->descriptors)->lowered);
	else if (places->n_known * 8 <= max * 7)
		gate_set(places->gate, GATE_CONNECTIONS, false);
}

static void
leave_holder(struct places *places, struct place *place)
{
	struct place_holder *holder = place->holder;

	place->holder = NULL;
	if (holder == NULL || --holder->n > 0)
		return;
	map_remove(places->holders, &holder->by_number);
	free(holder);
}

/* Find or make the subscriber's. NULL: out of memory. */
static struct place_holder *
get_holder(struct places *places, const char *number)
{
	struct map_node *node = map_find(places->holders, number,
	    strlen(number));
	struct place_holder *holder;

	if (node != NULL)
		return MAP_ENTRY(node, struct place_holder, by_number);
	holder = calloc(1, sizeof(*holder));
	if (holder == NULL)
		return NULL;
	snprintf(holder->number, sizeof(holder->number), "%s", number);
	map_add(places->holders, &holder->by_number, holder->number,
	    strlen(holder->number));
	return holder;
}

/*
 * Return how many a subscriber may have. With too few descriptors for
 * connections.max it is as much less as that.
 */
static size_t
most_of_holder(const struct places *places)
{
	size_t of_one = (size_t)places->settings->max_connections_per_address;
	size_t max = (size_t)places->settings->max_connections;
	size_t most = descriptors_most(places->descriptors, false);
	size_t share = most < max ? of_one * most / max : of_one;

	if (share >= LEAST_OF_ONE)
		return share;
	return of_one < LEAST_OF_ONE ? of_one : LEAST_OF_ONE;
}

/* Count the client as the subscriber's. Return false if it has too many. */
static bool
enter_holder(struct places *places, struct client *client, const char *number)
{
	size_t of_one = most_of_holder(places);
	struct place *place = &client->place;
	struct place_holder *holder = get_holder(places, number);

	if (holder != NULL && holder == place->holder)
		return true;
	if (holder == NULL || holder->n >= of_one) {
		++*places->too_many_of_holder;
		log_over("connection_refused", "subscriber", of_one, client);
		return false;
	}
	holder->n++;
	leave_holder(places, place);
	place->holder = holder;
	return true;
}

void
places_leave(struct places *places, struct client *client)
{
	struct place *place = &client->place;

	leave_holder(places, place);
	lobby_leave(places->strangers, &place->stranger);
	lobby_leave(places->everybody, &place->anyone);
	if (place->known)
		places->n_known--;
	place->known = place->reserved = false;
	look_at_gate(places);
}

static size_t
at_pressure(const struct places *places, long limit)
{
	return (size_t)(places->pressed && limit > 1 ? limit / 2 : limit);
}

static struct lobby_limits
limits_now(const struct places *places)
{
	const struct settings *s = places->settings;

	return (struct lobby_limits){
		.per = {
			[LOBBY_ADDRESS] = at_pressure(places,
			    s->strangers_per_address),
			[LOBBY_NETWORK] = at_pressure(places,
			    s->strangers_per_network),
			[LOBBY_BLOCK] = at_pressure(places,
			    s->strangers_per_block)
		},
		.most = at_pressure(places, s->strangers)
	};
}

/* Count and log a stranger that gives way. */
static struct client *
cut_stranger(struct places *places, struct lobby_member *member, int why)
{
	struct client *client = LOBBY_ENTRY(member, struct client,
	    place.stranger);

	++*places->cut[why];
	log_over("stranger_cut", cut_names[why], lobby_count(places->strangers),
	    client);
	return client;
}

struct client *
places_over(struct places *places, const struct client *newest)
{
	const struct lobby_member *own = &newest->place.stranger;
	const struct addr *peer = &newest->who.peer;
	const struct lobby_limits limits = limits_now(places);
	enum lobby_level level;
	struct lobby_member *first;
	int why = CUT_MAX;

	first = lobby_over(places->strangers, own, &limits, &level);
	if (first != NULL) {
		why = (int)level;
	} else if (places_count(places) >
	    descriptors_most(places->descriptors, false)) {
		first = lobby_first(places->strangers);
	} else if (lobby_count_of(places->everybody, peer, LOBBY_ADDRESS) >
	    (size_t)places->settings->max_connections_per_address) {
		first = lobby_oldest_at(places->strangers, peer);
		why = CUT_MAX_PER_ADDRESS;
	}
	if (first == NULL || first == own)
		return NULL;
	return cut_stranger(places, first, why);
}

struct client *
places_over_pressed(struct places *places)
{
	if (lobby_count(places->strangers) <= limits_now(places).most)
		return NULL;
	return cut_stranger(places, lobby_first(places->strangers),
	    CUT_STRANGERS);
}

bool
places_know(struct places *places, struct client *client,
    const char *number, bool is_party)
{
	size_t most = descriptors_most(places->descriptors, false);
	size_t max = descriptors_most(places->descriptors, true);
	struct place *place = &client->place;

	if (place->known)
		return enter_holder(places, client, number);
	if (places->n_known >= (is_party ? most - most / SPEAK_OF : max)) {
		++*places->reserve;
		log_over("connection_refused", "reserve", max, client);
		return false;
	}
	if (!enter_holder(places, client, number))
		return false;
	lobby_leave(places->strangers, &place->stranger);
	place->known = true;
	place->reserved = places->n_known++ >= max;
	look_at_gate(places);
	return true;
}

bool
places_may_stay(struct places *places, struct client *client)
{
	struct place *place = &client->place;

	if (places->n_known <= descriptors_most(places->descriptors, true))
		place->reserved = false;
	return !place->reserved;
}

void
places_late(struct places *places)
{
	++*places->cut[CUT_AUTH_MS];
}

void
places_press(struct places *places, bool pressed)
{
	places->pressed = pressed;
	look_at_gate(places);	/* connections.max may be another */
}

bool
places_are_pressed(const struct places *places)
{
	return places->pressed;
}

size_t
places_count(const struct places *places)
{
	return lobby_count(places->everybody);
}

size_t
places_known(const struct places *places)
{
	return places->n_known;
}
