/*
 * reply: read the session object, the trial and the payload of a push from
 * JSON, key by key. Pure. See reply.h.
 */
#include "call/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "wire/hostport.h"
#include "wire/turnurl.h"
#include "wire/why.h"

#define TTL_MAX (366 * 24 * 3600)

static int
complain_key(char why[static WHY_TEXT], const char *key)
{
	why_set(why, "%s is missing or of the wrong form", key);
	return -EBADMSG;
}

/* A NUL spoils its own value only, and not all the others. */
static bool
is_text(const json_t *value)
{
	return json_is_string(value) &&
	    strlen(json_string_value(value)) == json_string_length(value);
}

/*
 * Copy a string of the object to `out`, which stays unchanged if it is absent.
 */
static int
take_string(const json_t *object, const char *key, char *out, size_t out_max)
{
	const json_t *value = json_object_get(object, key);
	const char *text;

	if (value == NULL)
		return 0;
	text = json_string_value(value);
	if (!is_text(value) || strlen(text) >= out_max)
		return -EBADMSG;
	strcpy(out, text);
	return 0;
}

static int
take_port(const json_t *object, uint16_t *port)
{
	const json_t *value = json_object_get(object, "port");
	json_int_t number = json_integer_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || number < 1 || number > 65535)
		return -EBADMSG;
	*port = (uint16_t)number;
	return 0;
}

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
 * Copy the caller's number. A caller whose number is none is anonymous, "".
 * Return whether the key is there.
 */
static bool
take_caller(const json_t *object, char out[static SIGMSG_NUMBER])
{
	if (take_string(object, "caller", out, SIGMSG_NUMBER) < 0 ||
	    !sigmsg_number_ok(out))
		*out = '\0';
	return json_object_get(object, "caller") != NULL;
}

static bool
session_ok(const char *id)
{
	return strlen(id) == SIGMSG_SESSION - 1 &&
	    strspn(id, "0123456789abcdef") == SIGMSG_SESSION - 1;
}

/*
 * Accept only a host name or literal address, and nothing that could be more.
 */
static bool
name_ok(const char *name)
{
	return *name != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:")] == '\0';
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
		if (take_string(server, parts[i].key, parts[i].at,
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
	if (is_text(urls))
		add_server(out, &like, json_string_value(urls), udp);
	json_array_foreach(urls, i, url)
		if (is_text(url))
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
	if (!is_text(offer) || json_string_length(offer) > SDP_MAX)
		return -EBADMSG;
	out->offer = strdup(json_string_value(offer));
	return out->offer != NULL ? 0 : -ENOMEM;
}

static int
take_reply(struct reply *out, const json_t *root, char why[static WHY_TEXT])
{
	if (take_string(root, "sessionId", out->session,
	    sizeof(out->session)) < 0 ||
	    (*out->session != '\0' && !session_ok(out->session)))
		return complain_key(why, "sessionId");
	if (take_string(root, "serverName", out->server_name,
	    sizeof(out->server_name)) < 0 ||
	    (*out->server_name != '\0' && !name_ok(out->server_name)))
		return complain_key(why, "serverName");
	if (take_port(root, &out->port) < 0)
		return complain_key(why, "port");
	out->has_caller = take_caller(root, out->caller);
	if (take_ttl(root, &out->ttl_s) < 0)
		return complain_key(why, "ttl");
	if (take_servers(out, root, why) < 0)
		return -EBADMSG;
	if (take_offer(out, root) < 0)
		return complain_key(why, "offer");
	return 0;
}

static json_t *
load(const char *text, size_t len, char why[static WHY_TEXT])
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES |
	    JSON_ALLOW_NUL, NULL);

	if (!json_is_object(root)) {
		why_set(why, "not a JSON object");
		json_decref(root);
		return NULL;
	}
	return root;
}

int
reply_parse(struct reply *out, const char *body, size_t len,
    char why[static WHY_TEXT])
{
	json_t *root = load(body, len, why);
	int err;

	memset(out, 0, sizeof(*out));
	if (root == NULL)
		return -EBADMSG;
	err = take_reply(out, root, why);
	if (err < 0)
		reply_clear(out);
	json_decref(root);
	return err;
}

void
reply_clear(struct reply *reply)
{
	free(reply->offer);
	memset(reply, 0, sizeof(*reply));
}

static int
take_push(struct reply_push *out, const json_t *root,
    char why[static WHY_TEXT])
{
	char kind[16] = "";

	if (take_string(root, "kind", kind, sizeof(kind)) < 0)
		return complain_key(why, "kind");
	if (strcmp(kind, "call") == 0)
		out->kind = REPLY_PUSH_CALL;
	else if (strcmp(kind, "cancel") == 0)
		out->kind = REPLY_PUSH_CANCEL;
	else if (strcmp(kind, "test") == 0)
		out->kind = REPLY_PUSH_TEST;
	else
		return complain_key(why, "kind");
	if (out->kind == REPLY_PUSH_TEST)
		return 0;
	(void)take_caller(root, out->caller);
	if (take_string(root, "sessionId", out->session,
	    sizeof(out->session)) < 0 || !session_ok(out->session))
		return complain_key(why, "sessionId");
	if (take_string(root, "serverName", out->server_name,
	    sizeof(out->server_name)) < 0 || !name_ok(out->server_name))
		return complain_key(why, "serverName");
	if (take_port(root, &out->port) < 0 || out->port == 0)
		return complain_key(why, "port");
	return 0;
}

int
reply_push_parse(struct reply_push *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	json_t *root = load(text, len, why);
	int err;

	memset(out, 0, sizeof(*out));
	if (root == NULL)
		return -EBADMSG;
	err = take_push(out, root, why);
	json_decref(root);
	return err;
}
