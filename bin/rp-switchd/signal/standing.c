/*
 * standing: a queue of the known clients, the one that was looked up first in
 * front, and a ticker that works on it. See standing.h.
 */
#include "signal/standing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "calls/revoked.h"
#include "conf/settings.h"
#include "directory/directory.h"
#include "net/loop.h"
#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/guests.h"
#include "signal/request.h"
#include "signal/routes.h"
#include "signal/trials.h"

#define TICK_MS 100
/*
 * Look-ups at once, an eighth of what a directory takes. The rest is for
 * requests that somebody waits for. In a tick that is enough for 150,000
 * clients.
 */
#define AT_ONCE 512
#define LEAST 16		/* look-ups per tick that are always allowed */

TAILQ_HEAD(client_queue, client);

struct standing {
	struct client_queue known;
	size_t n_known, asked;
	const struct settings *settings;
	struct loop_event *tick;
	uint64_t *lookups, *removed, *blocked;
};

int
standing_of(const struct directory_subscriber *found,
    const uint8_t token_hash[static CRYPTO_SHA256], bool *calls_end)
{
	int i = found != NULL ? directory_device_by_hash(found, token_hash) :
	    -1;

	*calls_end = i >= 0 && directory_is_revoked(&found->devices[i]);
	if (i < 0 || *calls_end)
		return 401;
	*calls_end = found->blocked_s < 0;
	return found->blocked_s != 0 ? 403 : 0;
}

/* Put the client last in the queue. */
static void
requeue(struct standing *standing, struct client *client)
{
	if (client->queued)
		TAILQ_REMOVE(&standing->known, client, of_standing);
	else
		standing->n_known++;
	client->queued = true;
	client->looked_ms = clock_ms();
	TAILQ_INSERT_TAIL(&standing->known, client, of_standing);
}

void
standing_enter(struct standing *standing, struct client *client)
{
	requeue(standing, client);
	client->refused = 0;
}

void
standing_leave(struct standing *standing, struct client *client)
{
	if (!client->queued)
		return;
	TAILQ_REMOVE(&standing->known, client, of_standing);
	standing->n_known--;
	client->queued = false;
	if (client->recheck == NULL)
		return;
	directory_cancel(client->recheck);
	client->recheck = NULL;
	standing->asked--;
}

void
standing_doubt(struct standing *standing, const char *number)
{
	struct client *client = TAILQ_FIRST(&standing->known), *next;

	for (; client != NULL; client = next) {
		next = TAILQ_NEXT(client, of_standing);
		if (strcmp(client->who.number, number) != 0)
			continue;
		TAILQ_REMOVE(&standing->known, client, of_standing);
		client->looked_ms = 0;
		TAILQ_INSERT_HEAD(&standing->known, client, of_standing);
	}
}

/* Say goodbye, unless the client has a call to finish. */
static void
send_away(struct client *client)
{
	bool talks = revoked_is_in_call(client->who.link);

	if (client->request.msg != NULL)
		request_refuse(&client->request, client->refused, !talks);
	else if (!talks)
		conn_finish(client->conn);
}

void
standing_lose(struct standing *standing, struct client *client, int status,
    bool calls_end)
{
	if (client->refused == 0) {
		++*(status == 403 ? standing->blocked : standing->removed);
		log_info("client_revoked", "status=%d calls_end=%d", status,
		    calls_end);
	}
	client->refused = status;
	revoked_end(client->who.link, calls_end);
	trials_end(client->env->trials, client->who.token_hash);
	send_away(client);
}

static void
on_looked(int err, const struct directory_subscriber *found, void *arg)
{
	struct client *client = arg;
	struct standing *standing = client->env->standing;
	bool calls_end;
	int status;

	client->recheck = NULL;
	standing->asked--;
	if (err < 0 && err != -ENOENT)
		return;
	status = standing_of(found, client->who.token_hash, &calls_end);
	if (status == 0)
		client->refused = 0;
	else
		standing_lose(standing, client, status, calls_end);
}

/* The same for a guest, whose link may be gone. */
static void
on_link(int err, const struct directory_link *link, void *arg)
{
	struct client *client = arg;
	struct standing *standing = client->env->standing;

	client->recheck = NULL;
	standing->asked--;
	if (err < 0 && err != -ENOENT)
		return;
	if (err == 0 && guests_read(&client->guest, link))
		client->refused = 0;
	else
		standing_lose(standing, client, 401, false);
}

/* Look the client up. Return false if the directory takes no more. */
static bool
look_up(struct standing *standing, struct client *client)
{
	requeue(standing, client);
	if (client->recheck != NULL)
		return true;
	client->recheck = client->who.guest ?
	    directory_find_link(client->env->directory,
	    client->who.token_hash, on_link, client) :
	    directory_lookup(client->env->directory, client->who.number,
	    client->who.token_hash, on_looked, client);
	if (client->recheck == NULL)
		return false;
	standing->asked++;
	++*standing->lookups;
	return true;
}

/*
 * Look up those whose time has come. After a burst of connections they all come
 * due at once. Twice the mean rate spreads them over half the time.
 */
static void
on_tick(void *arg)
{
	struct standing *standing = arg;
	uint64_t every_ms = (uint64_t)standing->settings->recheck_ms;
	uint64_t now_ms = clock_ms();
	size_t left = LEAST + (size_t)(2 * standing->n_known * TICK_MS /
	    every_ms);
	struct client *client;

	for (; left > 0 && standing->asked < AT_ONCE; left--) {
		client = TAILQ_FIRST(&standing->known);
		if (client == NULL || now_ms - client->looked_ms < every_ms)
			return;
		if (!look_up(standing, client))
			return;
	}
}

static void
count_by(struct standing *standing, struct metrics *metrics)
{
	static const char help[] =
	    "Clients that were refused while connected, by why.";

	standing->lookups = metrics_counter(metrics, "rp_rechecks_total", "",
	    "Look-ups of connected clients.");
	standing->removed = metrics_counter(metrics, "rp_clients_revoked_total",
	    "reason=\"removed\"", help);
	standing->blocked = metrics_counter(metrics, "rp_clients_revoked_total",
	    "reason=\"blocked\"", help);
}

struct standing *
standing_new(struct event_base *loop, const struct settings *settings,
    struct metrics *metrics)
{
	struct standing *standing = calloc(1, sizeof(*standing));

	if (standing == NULL)
		return NULL;
	TAILQ_INIT(&standing->known);
	standing->settings = settings;
	count_by(standing, metrics);
	standing->tick = loop_ticker_new(loop, on_tick, standing);
	if (standing->tick == NULL ||
	    loop_timer_set_ms(standing->tick, TICK_MS) < 0) {
		standing_free(standing);
		return NULL;
	}
	return standing;
}

void
standing_free(struct standing *standing)
{
	if (standing == NULL)
		return;
	loop_event_free(standing->tick);
	free(standing);
}
