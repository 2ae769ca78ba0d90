/*
 * answers: write the JSON bodies of answers, with iceServers and their fresh
 * credentials. See answers.h.
 */
#include "signal/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/clock.h"
#include "calls/calls.h"
#include "conf/settings.h"
#include "wire/hostport.h"
#include "wire/sigmsg.h"
#include "wire/turncred.h"

#define CALL_PORT 31337		/* default for a switch named without a port */
#define VIDEO_KBPS 1000		/* what a small picture takes, with its sound */
/*
 * The parts that depend on the callee's network: a URL for each of the relay's
 * 16 addresses of the longest text, where "[::]" is short.
 */
#define ADDRESSES_MAX (16 * 40)

/*
 * Find the address at which this client reaches the relay that is bound to
 * `turn`.
 */
static bool
reachable(struct addr *out, const struct answers *answers,
    const struct addr *turn, const struct addr *local)
{
	if (answers->external != NULL)
		*out = *answers->external;
	else if (addr_is_any(turn))
		*out = *local;
	else
		*out = *turn;
	addr_set_port(out, addr_port(turn));
	return addr_is_v4(out) == addr_is_v4(turn);
}

/*
 * Add stream URLs with the switch's own name, because its certificate is for
 * that. Each port appears once.
 */
static void
add_streams(json_t *list, const char *scheme, const char *name,
    const struct addr *addrs, size_t n)
{
	char url[512];
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++)
			if (addr_port(&addrs[j]) == addr_port(&addrs[i]))
				break;
		if (j < i)
			continue;
		snprintf(url, sizeof(url), strchr(name, ':') != NULL ?
		    "%s:[%.255s]:%u?transport=tcp" :
		    "%s:%.255s:%u?transport=tcp", scheme, name,
		    addr_port(&addrs[i]));
		json_array_append_new(list, json_string(url));
	}
}

/* Add the URLs of UDP for a client that reaches us at `local`. */
static void
add_udp(json_t *list, const struct answers *answers, const struct addr *local,
    bool same_family)
{
	char text[ADDR_TEXT], url[ADDR_TEXT + 32];
	struct addr addr;
	size_t i;

	for (i = 0; i < answers->n_turn; i++) {
		const struct addr *turn = &answers->turn[i];

		if (same_family && addr_is_v4(turn) != addr_is_v4(local))
			continue;
		if (!reachable(&addr, answers, turn, local) ||
		    addr_is_any(&addr))
			continue;
		snprintf(url, sizeof(url), "turn:%s?transport=udp",
		    addr_format(&addr, text));
		json_array_append_new(list, json_string(url));
	}
}

/*
 * Return the URLs of the client's family, or all if there are none. `other` is
 * where it reaches us if its family is the other one, or a wildcard of that; NULL:
 * it is not.
 */
static json_t *
urls(const struct answers *answers, const struct addr *local,
    const struct addr *other)
{
	json_t *list = json_array();

	add_udp(list, answers, local, true);
	if (other != NULL)
		add_udp(list, answers, other, true);
	if (json_array_size(list) == 0)
		add_udp(list, answers, local, false);
	add_streams(list, "turn", answers->settings->name, answers->tcp,
	    answers->n_tcp);
	add_streams(list, "turns", answers->settings->name, answers->tls,
	    answers->n_tls);
	return list;
}

static json_t *
ice_servers(const struct answers *answers, const char *session,
    const char *party, int64_t lifetime_s, json_t *list)
{
	char username[TURNCRED_USERNAME], password[TURNCRED_PASSWORD];
	const struct settings *settings = answers->settings;
	struct turncred cred = { .expiry_s = clock_wall_s() + lifetime_s };
	char nonce[TURNCRED_NONCE];
	json_t *server;

	snprintf(cred.call, sizeof(cred.call), "%s", session);
	snprintf(cred.party, sizeof(cred.party), "%s", party);
	if (turncred_username(username, &cred) < 0) {
		json_decref(list);
		return NULL;
	}
	turncred_password(password, username, settings->relay_secret.item[0]);
	server = json_pack("{s:o, s:s, s:s}", "urls", list,
	    "username", username, "credential", password);
	if (answers->nonce != NULL) {
		/* A WebRTC stack ignores unknown members. */
		answers->nonce(username, nonce, answers->arg);
		json_object_set_new(server, "realm",
		    json_string(settings->relay_realm));
		json_object_set_new(server, "nonce", json_string(nonce));
	}
	return json_pack("[o]", server);
}

json_t *
answers_ice_servers(const struct answers *answers, const char *session,
    const char *party, const struct addr *local, const struct addr *other)
{
	return ice_servers(answers, session, party,
	    answers->settings->relay_credential_s, urls(answers, local,
	    other));
}

bool
answers_relayed(const struct answers *answers, const struct addr *local,
    struct addr *out)
{
	size_t i;

	for (i = 0; addr_is_v4(local) && i < answers->n_turn; i++)
		if (addr_is_v4(&answers->turn[i]) && reachable(out, answers,
		    &answers->turn[i], local))
			return true;
	*out = answers->relayed;
	return addr_is_v4(out);
}

char *
answers_session(const struct answers *answers,
    const struct calls_reply *reply, const struct addr *local)
{
	json_t *object;
	char *text;

	object = json_pack("{s:s, s:s, s:i, s:s}",
	    "sessionId", reply->session,
	    "serverName", answers->settings->name,
	    "port", (int)answers->answer_port,
	    "iceTransportPolicy", "relay");
	if (object != NULL && !reply->bare && json_object_set_new(object,
	    "iceServers", answers_ice_servers(answers, reply->session,
	    reply->party, local, NULL)) < 0) {
		json_decref(object);
		return NULL;
	}
	if (object != NULL && reply->caller != NULL &&
	    (json_object_set_new(object, "caller",
	    json_string(reply->caller)) < 0 ||
	    json_object_set_new(object, "offer",
	    json_stringn(reply->offer, reply->offer_len)) < 0)) {
		json_decref(object);
		return NULL;
	}
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

bool
answers_has_room(const struct answers *answers, const char *offer,
    size_t offer_len)
{
	char session[SIGMSG_SESSION], caller[SIGMSG_NUMBER];
	struct calls_reply reply = {
		.session = session, .caller = caller,
		.offer = offer, .offer_len = offer_len
	};
	struct addr local;
	char *text;
	bool fits;

	memset(session, '0', sizeof(session) - 1);
	session[sizeof(session) - 1] = '\0';
	memset(caller, '0', sizeof(caller) - 1);
	caller[sizeof(caller) - 1] = '\0';
	memset(reply.party, '0', sizeof(reply.party) - 1);
	if (addr_parse(&local, "::", 0) < 0)
		return false;
	text = answers_session(answers, &reply, &local);
	fits = text != NULL &&
	    strlen(text) + ADDRESSES_MAX <= SIGMSG_BODY_MAX;
	free(text);
	return fits;
}

char *
answers_relay(const struct answers *answers, const char *session,
    unsigned lifetime_s, const struct addr *local)
{
	json_t *object;
	char *text;

	object = json_pack("{s:o, s:s, s:i}",
	    "iceServers", ice_servers(answers, session, "", lifetime_s,
	    urls(answers, local, NULL)),
	    "iceTransportPolicy", "relay",
	    "ttl", (int)lifetime_s);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

char *
answers_push_key(const struct answers *answers)
{
	json_t *object = json_pack("{s:s}", "key",
	    answers->settings->push_public_keys.item[0]);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	return text;
}

/* Add a switch by the name that it has everywhere, once. */
static void
add_switch(json_t *list, const struct hostport *hostport)
{
	char text[HOSTPORT_TEXT];
	json_t *item;
	size_t i;

	hostport_format(hostport, text);
	json_array_foreach(list, i, item)
		if (strcasecmp(json_string_value(item), text) == 0)
			return;
	json_array_append_new(list, json_string(text));
}

/* Add the region's switches, this one first. */
static void
add_switches(json_t *list, const struct answers *answers)
{
	const struct conf_strings *others = &answers->settings->switches;
	struct hostport hostport;
	size_t i;

	if (hostport_parse(&hostport, answers->settings->name,
	    answers->call_port) == 0)
		add_switch(list, &hostport);
	for (i = 0; i < others->n; i++)
		if (hostport_parse(&hostport, others->item[i], CALL_PORT) == 0)
			add_switch(list, &hostport);
}

char *
answers_switches(const struct answers *answers)
{
	json_t *list = json_array(), *object;
	char *text;

	add_switches(list, answers);
	object = json_pack("{s:o}", "switches", list);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

/* May an allocation carry video? */
static bool
has_room_for_video(const struct settings *s)
{
	return s->relay_kbps_per_allocation == 0 ||
	    s->relay_kbps_per_allocation >= VIDEO_KBPS;
}

char *
answers_page(const struct answers *answers, const char *name,
    uint16_t plain_port)
{
	const struct settings *s = answers->settings;
	bool plain = plain_port != 0;
	struct hostport own = {
		.port = plain ? plain_port : answers->call_port
	};
	json_t *list = json_array(), *object;
	char *text;

	snprintf(own.name, sizeof(own.name), "%.255s", name);
	if (*name != '\0')
		add_switch(list, &own);
	if (!plain)
		add_switches(list, answers);
	object = json_pack("{s:o, s:s, s:b, s:b}", "switches", list,
	    "scheme", plain ? "ws" : "wss", "video", has_room_for_video(s),
	    "registration", s->registration);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}
