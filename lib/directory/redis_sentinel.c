/*
 * redis_sentinel: one link to each Sentinel, and what it said last. Called by
 * redis_pool. See redis_sentinel.h.
 */
#include "directory/redis_sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/redis_link.h"
#include "wire/why.h"

#define URGENT_MS 1000
#define CALM_MS 2000		/* a master that was cut off does not say so */
/* A view is forgotten when its Sentinel is silent for so long. */
#define FRESH_MS 30000

/* A Sentinel's answer. */
struct view {
	bool there;
	unsigned long long epoch;
	struct hostport master, replicas[REDIS_SENTINEL_HOSTS];
	size_t n;
};

struct watch {
	struct redis_link link;		/* first, for its handlers */
	struct redis_sentinel *all;
	bool attempted, asking;
	struct view view, next;		/* whole, and on its way */
	uint64_t asked_ms, heard_ms;
	char why[WHY_TEXT];
};

struct redis_sentinel {
	const struct redis_url *url;
	redis_sentinel_handler *found;
	void *arg;
	struct view told;
	struct watch watch[REDIS_URL_HOSTS];
};

static void
watch_fault(struct watch *w, const char *why)
{
	char text[LOG_TEXT], text2[LOG_TEXT], host[HOSTPORT_TEXT];

	w->attempted = true;
	if (strcmp(w->why, why) == 0)
		return;
	why_set(w->why, "%s", why);
	hostport_format(&w->link.host, host);
	log_error("directory_fault", "sentinel=%s err=%s",
	    log_text(text, host), log_text(text2, why));
}

static void
on_down(struct redis_link *link, const char *why)
{
	struct watch *w = (struct watch *)link;

	w->asking = false;
	w->asked_ms = 0;
	watch_fault(w, why);
}

static bool
same_view(const struct view *a, const struct view *b)
{
	size_t i;

	if (a->there != b->there || a->n != b->n ||
	    strcmp(a->master.name, b->master.name) != 0 ||
	    a->master.port != b->master.port)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->replicas[i].name, b->replicas[i].name) != 0 ||
		    a->replicas[i].port != b->replicas[i].port)
			return false;
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct hostport *one = a, *two = b;
	int order = strcmp(one->name, two->name);

	return order != 0 ? order : (int)one->port - (int)two->port;
}

/* Tell the owner what the newest of the fresh views has. */
static void
tell_owner(struct redis_sentinel *s)
{
	const struct view *best = NULL;
	size_t i;

	for (i = 0; i < s->url->n_hosts; i++) {
		const struct watch *w = &s->watch[i];

		if (w->view.there && clock_ms() - w->heard_ms < FRESH_MS &&
		    (best == NULL || w->view.epoch > best->epoch))
			best = &w->view;
	}
	if (best == NULL || same_view(best, &s->told))
		return;
	s->told = *best;
	s->found(&s->told.master, s->told.replicas, s->told.n, s->arg);
}

/* Return the value of a field in a reply of fields and values, or "". */
static const char *
field_of(const redisReply *fields, const char *name)
{
	size_t i;

	if (fields->type != REDIS_REPLY_ARRAY)
		return "";
	for (i = 0; i + 1 < fields->elements; i += 2)
		if (fields->element[i]->type == REDIS_REPLY_STRING &&
		    fields->element[i + 1]->type == REDIS_REPLY_STRING &&
		    strcmp(fields->element[i]->str, name) == 0)
			return fields->element[i + 1]->str;
	return "";
}

static bool
read_host(struct hostport *out, const redisReply *fields)
{
	const char *name = field_of(fields, "ip");
	long port = strtol(field_of(fields, "port"), NULL, 10);

	if (name[0] == '\0' || name[0] == '/' || port < 1 || port > 65535 ||
	    strlen(name) >= sizeof(out->name))
		return false;
	memset(out, 0, sizeof(*out));
	strcpy(out->name, name);
	out->port = (uint16_t)port;
	return true;
}

static void
on_master(const redisReply *reply, void *arg)
{
	struct watch *w = arg;

	memset(&w->next, 0, sizeof(w->next));
	if (reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		watch_fault(w, reply->str);
		return;
	}
	w->next.there = read_host(&w->next.master, reply);
	w->next.epoch = strtoull(field_of(reply, "config-epoch"), NULL, 10);
	if (!w->next.there)
		watch_fault(w, "it knows no such master");
}

static void
on_replicas(const redisReply *reply, void *arg)
{
	struct watch *w = arg;
	struct view *view = &w->next;
	size_t i;

	w->asking = false;
	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || !view->there)
		return;
	for (i = 0; i < reply->elements && view->n < REDIS_SENTINEL_HOSTS; i++)
		if (strstr(field_of(reply->element[i], "flags"), "_down") ==
		    NULL)
			view->n += read_host(&view->replicas[view->n],
			    reply->element[i]);
	qsort(view->replicas, view->n, sizeof(view->replicas[0]), by_name);
	w->view = *view;
	w->heard_ms = clock_ms();
	w->attempted = true;
	w->why[0] = '\0';
	redis_link_good(&w->link);
	tell_owner(w->all);
}

static void
ask_sentinel(struct watch *w)
{
	const char *name = w->all->url->master;

	w->asked_ms = clock_ms();
	redis_conn_ask(w->link.conn, 3, (const char *[]){ "SENTINEL",
	    "MASTER", name }, NULL, on_master, w);
	w->asking = redis_conn_ask(w->link.conn, 3, (const char *[]){
	    "SENTINEL", "REPLICAS", name }, NULL, on_replicas, w) == 0;
}

void
redis_sentinel_tick(struct redis_sentinel *sentinel, bool urgent)
{
	uint64_t every_ms = urgent ? URGENT_MS : CALM_MS;
	size_t i;

	for (i = 0; i < sentinel->url->n_hosts; i++) {
		struct watch *w = &sentinel->watch[i];

		if (redis_link_tick(&w->link) && !w->asking &&
		    (w->asked_ms == 0 || clock_ms() - w->asked_ms >= every_ms))
			ask_sentinel(w);
	}
}

bool
redis_sentinel_attempted(const struct redis_sentinel *sentinel)
{
	size_t i;

	for (i = 0; i < sentinel->url->n_hosts; i++)
		if (!sentinel->watch[i].attempted)
			return false;
	return true;
}

const char *
redis_sentinel_why(const struct redis_sentinel *sentinel)
{
	size_t i;

	for (i = 0; i < sentinel->url->n_hosts; i++)
		if (sentinel->watch[i].why[0] != '\0')
			return sentinel->watch[i].why;
	return "";
}

struct redis_sentinel *
redis_sentinel_new(struct event_base *loop, const struct redis_url *url,
    struct tls_config *tls, redis_sentinel_handler *found, void *arg)
{
	struct redis_sentinel *s = calloc(1, sizeof(*s));
	size_t i;

	if (s == NULL)
		return NULL;
	s->url = url;
	s->found = found;
	s->arg = arg;
	for (i = 0; i < url->n_hosts; i++) {
		s->watch[i].all = s;
		s->watch[i].link = (struct redis_link){
			.loop = loop, .host = url->hosts[i], .tls = tls,
			.login = &url->sentinel_login, .down = on_down
		};
	}
	return s;
}

void
redis_sentinel_free(struct redis_sentinel *sentinel)
{
	size_t i;

	if (sentinel == NULL)
		return;
	for (i = 0; i < sentinel->url->n_hosts; i++)
		redis_link_close(&sentinel->watch[i].link);
	free(sentinel);
}
