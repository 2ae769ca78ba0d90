/*
 * reply: read the session object and the trial from JSON, key by key. Pure. See
 * reply.h.
 */
#include "call/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call/reply_json.h"
#include "wire/hostport.h"
#include "wire/turnurl.h"
#include "wire/why.h"

#define TTL_MAX (366 * 24 * 3600)

static int
take_ttl(const json_t *object, unsigned *ttl_s)
{
	const json_t *value = json_object_get(object, "ttl");
	json_int_t number = json_integer_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || number < 1 || number > TTL_MAX)
		return -EBADMSG;
	*ttl_s = (unsigned)number;
	return 0;
}

/*
 * Until reply_reach knows better, a name stands for the address of the first
 * server, or for none.
 */
static void
place_server(struct media_ice_server *out, const struct turnurl *url,
    const struct addr *first)
{
	strcpy(out->name, url->at.name);
	out->literal = addr_parse(&out->addr, url->at.name,
	    url->at.port) == 0;
	if (out->literal)
		return;
	out->addr = *first;
	addr_set_port(&out->addr, url->at.port);
}

enum turn_client_via
reply_via(enum turnurl_transport transport)
{
	static const enum turn_client_via vias[] = {
		[TURNURL_UDP] = TURN_CLIENT_UDP,
		[TURNURL_TCP] = TURN_CLIENT_TCP,
		[TURNURL_TLS] = TURN_CLIENT_TLS
	};

	return vias[transport];
}

static void
add_server(struct reply *out, const struct media_ice_server *like,
    const char *text, bool udp)
{
	struct media_ice_server *server = &out->servers[out->n_servers];
	struct turnurl url;

	if (out->n_servers == REPLY_SERVERS ||
	    turnurl_parse(&url, text) < 0 ||
	    (url.transport == TURNURL_UDP) != udp)
		return;
	*server = *like;
	server->via = reply_via(url.transport);
	place_server(server, &url, &out->servers[0].addr);
	out->n_servers++;
}

/* It goes to the relay as it is, by TCP perhaps, and to whoever is there. */
static bool
is_plain(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at >= ' ' && *at != 0x7f)
		at++;
	return *at == '\0';
}

static int
take_credentials(struct media_ice_server *out, const json_t *server)
{
	const struct {
		const char *key;
		char *at;
		size_t max;
	} parts[] = {
		{ "username", out->username, sizeof(out->username) },
		{ "credential", out->credential, sizeof(out->credential) },
		{ "realm", out->realm, sizeof(out->realm) },
		{ "nonce", out->nonce, sizeof(out->nonce) }
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (reply_json_string(server, parts[i].key, parts[i].at,
		    parts[i].max) < 0 || !is_plain(parts[i].at))
			return -EBADMSG;
	return 0;
}

/* Add the URLs of one server that use UDP, or those that do not. */
static void
add_urls(struct reply *out, const json_t *server, bool udp)
{
	const json_t *urls = json_object_get(server, "urls"), *url;
	struct media_ice_server like = { 0 };
	size_t i;

	if (take_credentials(&like, server) < 0)
		return;
	if (reply_json_is_text(urls))
		add_server(out, &like, json_string_value(urls), udp);
	json_array_foreach(urls, i, url)
		if (reply_json_is_text(url))
			add_server(out, &like, json_string_value(url), udp);
}

static int
take_servers(struct reply *out, const json_t *root, char why[static WHY_TEXT])
{
	const json_t *servers = json_object_get(root, "iceServers"), *server;
	size_t i;

	if (servers == NULL)
		return 0;
	json_array_foreach(servers, i, server)
		add_urls(out, server, true);
	if (out->n_servers == 0) {
		why_set(why, "iceServers has no turn: server over UDP with "
		    "valid credentials");
		return -EBADMSG;
	}
	json_array_foreach(servers, i, server)
		add_urls(out, server, false);
	out->n_tries = out->n_servers;
	return 0;
}

static int
take_offer(struct reply *out, const json_t *root)
{
	const json_t *offer = json_object_get(root, "offer");

	if (offer == NULL)
		return 0;
	if (!reply_json_is_text(offer) || json_string_length(offer) > SDP_MAX)
		return -EBADMSG;
	out->offer = strdup(json_string_value(offer));
	return out->offer != NULL ? 0 : -ENOMEM;
}

static int
take_reply(struct reply *out, const json_t *root, char why[static WHY_TEXT])
{
	if (reply_json_string(root, "sessionId", out->session,
	    sizeof(out->session)) < 0 ||
	    (*out->session != '\0' && !reply_json_session_ok(out->session)))
		return reply_json_complain(why, "sessionId");
	if (reply_json_string(root, "serverName", out->server_name,
	    sizeof(out->server_name)) < 0 ||
	    (*out->server_name != '\0' && !reply_json_name_ok(out->server_name)))
		return reply_json_complain(why, "serverName");
	if (reply_json_port(root, &out->port) < 0)
		return reply_json_complain(why, "port");
	out->has_caller = reply_json_caller(root, out->caller);
	if (take_ttl(root, &out->ttl_s) < 0)
		return reply_json_complain(why, "ttl");
	if (take_servers(out, root, why) < 0)
		return -EBADMSG;
	if (take_offer(out, root) < 0)
		return reply_json_complain(why, "offer");
	return 0;
}

int
reply_parse_object(struct reply *out, const json_t *object,
    char why[static WHY_TEXT])
{
	int err;

	memset(out, 0, sizeof(*out));
	err = take_reply(out, object, why);
	if (err < 0)
		reply_clear(out);
	return err;
}

int
reply_parse(struct reply *out, const char *body, size_t len,
    char why[static WHY_TEXT])
{
	json_t *root = reply_json_load(body, len, why);
	int err;

	memset(out, 0, sizeof(*out));
	if (root == NULL)
		return -EBADMSG;
	err = reply_parse_object(out, root, why);
	json_decref(root);
	return err;
}

void
reply_clear(struct reply *reply)
{
	free(reply->offer);
	memset(reply, 0, sizeof(*reply));
}
