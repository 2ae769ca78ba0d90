/*
 * redis_server: probe a server with a look-up and ask for its role. Called by
 * redis_pool. See redis_server.h.
 */
#include "directory/redis_server.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/redis_schema.h"

const char *
redis_server_name(const struct redis_server *server,
    char text[static REDIS_SERVER_TEXT])
{
	char host[HOSTPORT_TEXT], addr[ADDR_TEXT];

	if (server->link.host.name[0] == '/')
		snprintf(text, REDIS_SERVER_TEXT, "%s", server->link.host.name);
	else if (server->link.n_addrs > 1)
		snprintf(text, REDIS_SERVER_TEXT, "%s (%s)",
		    hostport_format(&server->link.host, host),
		    addr_format(&server->link.addr, addr));
	else
		snprintf(text, REDIS_SERVER_TEXT, "%s",
		    hostport_format(&server->link.host, host));
	return text;
}

static void
log_link(const struct redis_server *server)
{
	char name[REDIS_SERVER_TEXT], text[LOG_TEXT];

	redis_server_name(server, name);
	log_warn("directory_link", "redis=%s up=%d", log_text(text, name),
	    server->reads);
}

/* It is unusable. With `cut` it may be there again at once. */
static void
mark_bad(struct redis_server *server, const char *why, bool cut)
{
	char name[REDIS_SERVER_TEXT], text[LOG_TEXT], text2[LOG_TEXT];
	bool was = server->reads, known = strcmp(server->why, why) == 0;

	server->lost |= !cut && (was || server->cut);
	server->cut = cut;
	server->holds = server->reads = false;
	server->good = 0;
	why_set(server->why, "%s", why);
	redis_server_name(server, name);
	if (!known && !(server->quiet && server->probe_empty))
		log_warn("directory_fault", "redis=%s err=%s",
		    log_text(text, name), log_text(text2, why));
	if (was)
		log_link(server);
	server->changed(server);
}

void
redis_server_fault(struct redis_server *server, const char *why)
{
	mark_bad(server, why, false);
}

static void
on_down(struct redis_link *link, const char *why)
{
	struct redis_server *server = (struct redis_server *)link;
	/* A replica that is promoted closes every connection. */
	bool cut = server->reads && !server->lost;

	server->role = REDIS_UNKNOWN;
	server->empty = false;
	server->attempted = !cut;
	mark_bad(server, why, cut);
}

/* Handle the first third of a probe. */
static void
on_schema(const redisReply *reply, void *arg)
{
	struct redis_server *server = arg;
	const char *why;
	int err;

	server->probe_holds = server->probe_empty = false;
	if (reply == NULL)
		return;
	err = redis_schema_check(reply, &why);
	server->probe_holds = err == 0;
	server->probe_empty = reply->type == REDIS_REPLY_NIL;
	if (err < 0)
		redis_server_fault(server, why);
}

/* Handle the second third. */
static void
on_look_up(const redisReply *reply, void *arg)
{
	struct redis_server *server = arg;

	server->probe_reads = reply != NULL &&
	    reply->type == REDIS_REPLY_ARRAY;
	if (reply == NULL || !server->probe_holds || server->probe_reads)
		return;
	redis_server_fault(server, reply->type == REDIS_REPLY_ERROR ?
	    reply->str : "HGETALL has an unexpected answer");
}

/* An error means that we may not ask; the other probes say if it is worse. */
static enum redis_role
role_of(const redisReply *reply, size_t *replicas)
{
	const redisReply *word;

	*replicas = 0;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3)
		return REDIS_UNKNOWN;
	word = reply->element[0];
	if (word->type != REDIS_REPLY_STRING)
		return REDIS_UNKNOWN;
	if (strcmp(word->str, "slave") == 0)
		return REDIS_REPLICA;
	if (strcmp(word->str, "master") != 0)
		return REDIS_UNKNOWN;
	if (reply->element[2]->type == REDIS_REPLY_ARRAY)
		*replicas = reply->element[2]->elements;
	return REDIS_MASTER;
}

/* Keep the least, which forgets slowly. */
static void
measure(struct redis_server *server)
{
	uint64_t us = (clock_ns() - server->probe_ns) / 1000;

	if (us > 10000000)
		us = 10000000;
	if (server->rtt_us == 0 || us < server->rtt_us)
		server->rtt_us = (uint32_t)us;
	else
		server->rtt_us += ((uint32_t)us - server->rtt_us) / 64;
}

static void
take_probe(struct redis_server *server)
{
	bool was = server->reads;

	server->attempted = true;
	server->holds = server->probe_holds;
	server->reads = server->probe_holds && server->probe_reads;
	server->empty = server->probe_empty;
	if (!server->reads)
		return;
	if (++server->good >= REDIS_SERVER_STEADY)
		server->lost = false;
	server->cut = false;
	server->why[0] = '\0';
	redis_link_good(&server->link);
	if (!was)
		log_link(server);
}

static void
on_role(const redisReply *reply, void *arg)
{
	struct redis_server *server = arg;

	server->probing = false;
	if (reply == NULL)
		return;
	server->role = role_of(reply, &server->replicas);
	measure(server);
	take_probe(server);
	server->changed(server);
	if (server->again)
		redis_server_doubt(server);
}

/*
 * Probe with the commands of a look-up. If this fails, every look-up would.
 */
static void
probe(struct redis_server *server)
{
	struct redis_conn *conn = server->link.conn;

	server->again = false;
	server->probing = true;
	server->probe_holds = server->probe_reads = false;
	server->probe_ns = clock_ns();
	redis_conn_ask(conn, 2, (const char *[]){ "GET",
	    REDIS_SCHEMA_KEY }, NULL, on_schema, server);
	redis_conn_ask(conn, 2, (const char *[]){ "HGETALL",
	    REDIS_SCHEMA_DEVICES }, NULL, on_look_up, server);
	if (redis_conn_ask(conn, 1, (const char *[]){ "ROLE" }, NULL, on_role,
	    server) < 0)
		server->probing = false;
}

void
redis_server_tick(struct redis_server *server)
{
	server->link.down = on_down;
	if (redis_link_tick(&server->link) && !server->probing)
		probe(server);
}

void
redis_server_doubt(struct redis_server *server)
{
	if (server->link.conn == NULL)
		return;
	if (server->probing)
		server->again = true;
	else
		probe(server);
}

static void
on_made(const redisReply *reply, void *arg)
{
	struct redis_server *server = arg;

	if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
		redis_server_fault(server, reply->str);
}

void
redis_server_make(struct redis_server *server)
{
	char schema[16];

	if (server->link.conn == NULL)
		return;
	snprintf(schema, sizeof(schema), "%d", REDIS_SCHEMA_NUMBER);
	redis_conn_ask(server->link.conn, 3, (const char *[]){ "SETNX",
	    REDIS_SCHEMA_KEY, schema }, NULL, on_made, server);
	redis_server_doubt(server);
}
