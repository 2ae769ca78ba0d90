/*
 * turn: start and stop the TURN server: sockets, relay threads, streams,
 * peers; and its counters. See turn.h.
 */
#include "config.h"
#include "turn/turn.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/privdrop.h"
#include "base/service.h"
#include "net/udp_batch.h"
#include "ops/metrics.h"
#include "relay/local_addrs.h"
#include "relay/relay.h"
#include "table/alloc.h"
#include "turn/peers.h"
#include "turn/ratelimit.h"
#include "turn/streams.h"
#include "turn/turnauth.h"
#include "turn/turnkeys.h"
#include "turn/turnreq.h"
#include "turn/turnstats.h"
#include "wire/prefix.h"
#include "wire/why.h"

/* A thread with its socket. */
struct worker {
	struct turn *turn;
	struct relay *relay;
	struct turnreq_counts counts;
	struct ratelimit *strangers;	/* NULL: no limit */
	unsigned listen;
	pthread_t thread;
	bool runs;
};

struct turn {
	struct local_addrs local_addrs;
	struct turnauth *auth;
	struct alloc_table *table;
	struct turnreq_server server;
	size_t n_listen, n_tcp, n_tls, n_workers;
	struct addr *addrs;		/* UDP, then TCP, then TLS */
	/* Both are indexed by thread and then by listening address. */
	struct udp_batch_socket *sockets;
	struct worker *workers;
	struct streams *streams;	/* NULL: only UDP */
	struct peers *peers;		/* NULL: no relay sockets */
	struct prefix *allowed;		/* relay.allowed_peers */
	size_t n_allowed;
	struct relay_options relay;	/* what all relays have in common */
	unsigned max_allocations, max_streams;
	const struct kernel *kernel;	/* NULL: none */
	char names[TURNKEYS_SERVICES][TURNKEYS_NAME];	/* "": none yet */
	int (*take)(int type, const struct addr *addr, void *arg);
	void *arg;
};

static int
fail_open(char why[static WHY_TEXT], int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail_open(char why[static WHY_TEXT], int err, const char *format, ...)
{
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(why, WHY_TEXT, format, ap);
	va_end(ap);
	if (len >= 0 && len < WHY_TEXT)
		snprintf(why + len, WHY_TEXT - (size_t)len, ": %s",
		    strerror(-err));
	return err;
}

static size_t
handle_request(const struct udp_batch_datagram *in, uint64_t now_ns,
    uint8_t reply[static RELAY_REPLY], void *arg)
{
	struct worker *worker = arg;
	struct turnreq_in request = {
		.data = in->data, .len = in->len,
		.client = &in->from, .local = &in->local,
		.listen = worker->listen, .strangers = worker->strangers,
		.now_ns = now_ns
	};

	return turnreq_handle(&worker->turn->server, &worker->counts,
	    &request, reply);
}

static void *
run_worker(void *arg)
{
	struct worker *worker = arg;

	relay_run(worker->relay);
	return NULL;
}

static int
take_from_manager(int type, const struct addr *addr, void *arg)
{
	(void)arg;
	return service_take(type, addr);
}

/*
 * Use a worker's socket from the service manager. Return -ENOENT if there is
 * none, or another negative errno with one line in `why`.
 */
static int
adopt_socket(struct turn *turn, size_t i, char why[static WHY_TEXT])
{
	struct addr *addr = &turn->addrs[i % turn->n_listen];
	char text[ADDR_TEXT];
	int fd = turn->take(SOCK_DGRAM, addr, turn->arg), err = fd;

	addr_format(addr, text);
	if (fd >= 0)
		err = udp_batch_socket_adopt(&turn->sockets[i], fd, addr);
	if (err == -EAFNOSUPPORT) {
		why_set(why, "UDP %s: in the socket unit it is for IPv4 too: "
		    "BindIPv6Only=ipv6-only is missing", text);
		return err;
	}
	if (err != -ENOENT)
		return err < 0 ? fail_open(why, err, "UDP %s", text) : 0;
	if (!turn->sockets[i % turn->n_listen].shared)
		return -ENOENT;
	/* No other can be bound beside one that was handed over. */
	why_set(why, "UDP %s: in the socket unit it is less often than "
	    "relay.threads says", text);
	return -EINVAL;
}

/*
 * Open the sockets. A thread has one of its own, so that the kernel keeps a
 * client on one thread.
 */
static int
open_sockets(struct turn *turn, char why[static WHY_TEXT])
{
	bool share = turn->n_workers > turn->n_listen;
	char text[ADDR_TEXT];
	size_t i;
	int err;

	for (i = 0; i < turn->n_workers; i++)
		turn->sockets[i].fd = -1;
	for (i = 0; i < turn->n_workers; i++) {
		struct addr *addr = &turn->addrs[i % turn->n_listen];

		err = adopt_socket(turn, i, why);
		if (err < 0 && err != -ENOENT)
			return err;
		/* The first round fills in the ports. */
		if (err == -ENOENT)
			err = udp_batch_socket_open(&turn->sockets[i], addr,
			    share);
		if (err < 0)
			return fail_open(why, err, "cannot listen on UDP %s",
			    addr_format(addr, text));
	}
	return 0;
}

static int
start_worker(struct turn *turn, size_t i,
    const struct turn_options *turn_options)
{
	struct worker *worker = &turn->workers[i];
	size_t listen = i % turn->n_listen;
	struct relay_options options = turn->relay;
	char name[16];
	int err;

	options.sockets = &turn->sockets[i - listen];
	options.listen = (unsigned)listen;
	options.bound = turn->addrs[listen];
	options.coalesce_us = turn_options->coalesce_us;
	options.request = handle_request;
	options.arg = worker;
	worker->turn = turn;
	worker->listen = (unsigned)listen;
	err = relay_new(&worker->relay, &options);
	if (err == 0 && turn_options->strangers_per_prefix > 0)
		err = ratelimit_new(&worker->strangers,
		    turn_options->strangers_per_prefix);
	if (err < 0)
		return err;
	err = privdrop_thread(&worker->thread, run_worker, worker);
	if (err < 0)
		return err;
	worker->runs = true;
	snprintf(name, sizeof(name), "relay-%u", (unsigned)i);
	(void)pthread_setname_np(worker->thread, name);
	return 0;
}

static struct addr *
tcp_addrs(const struct turn *turn)
{
	return turn->addrs + turn->n_listen;
}

static struct addr *
tls_addrs(const struct turn *turn)
{
	return tcp_addrs(turn) + turn->n_tcp;
}

static void
copy_addrs(struct addr *to, const struct addr *from, size_t n)
{
	if (n > 0)
		memcpy(to, from, n * sizeof(*to));
}

/* Do allocations have relay sockets? */
static bool
has_sockets(const struct turn_options *options)
{
	return options->peers == TURN_ANY || (options->peers == TURN_CLIENTS &&
	    options->allowed_peers != NULL && options->allowed_peers->n > 0);
}

static int
parse_allowed(struct turn *turn, const struct conf_strings *allowed)
{
	size_t i, n = allowed != NULL ? allowed->n : 0;

	if (n == 0)
		return 0;
	turn->allowed = calloc(n, sizeof(*turn->allowed));
	if (turn->allowed == NULL)
		return -ENOMEM;
	turn->n_allowed = n;
	for (i = 0; i < n; i++)
		if (prefix_parse(&turn->allowed[i], allowed->item[i]) < 0)
			return -EINVAL;
	return 0;
}

static int
start_peers(struct turn *turn, const struct turn_options *options)
{
	struct peers_rules rules = { .world = options->peers == TURN_ANY };
	int err;

	if (!has_sockets(options))
		return 0;
	err = parse_allowed(turn, options->allowed_peers);
	if (err < 0)
		return err;
	rules.allowed = turn->allowed;
	rules.n_allowed = turn->n_allowed;
	if (!rules.world) {
		turn->relay.only = turn->allowed;
		turn->relay.n_only = turn->n_allowed;
	}
	err = peers_new(&turn->peers, &turn->relay, &rules);
	turn->server.peers = turn->peers;
	return err;
}

static int
start_streams(struct turn *turn, const struct turn_options *options,
    char why[static WHY_TEXT])
{
	struct streams_options o = {
		.tcp = tcp_addrs(turn), .n_tcp = turn->n_tcp,
		.tls = tls_addrs(turn), .n_tls = turn->n_tls,
		.certificates = options->certificates,
		.max = options->max_streams,
		.max_per_prefix = options->max_streams_per_prefix,
		.auth_ms = options->stream_auth_ms,
		.strangers = options->stream_strangers,
		.strangers_per_prefix = options->strangers_per_prefix,
		.server = &turn->server,
		.handshakes = options->handshakes,
		.workers = options->workers,
		.take = turn->take, .arg = turn->arg, .relay = turn->relay
	};
	char wrong[WHY_TEXT];
	int err;

	if (turn->n_tcp + turn->n_tls == 0)
		return 0;
	err = streams_new(&turn->streams, &o, wrong);
	if (err < 0)
		why_set(why, "%s", wrong);
	return err;
}

/*
 * Set the limits of services, and keep their names for the metrics. One that is
 * gone keeps both, because its allocations may still be there, until its number
 * is another's, who begins with new counters.
 */
static void
note_services(struct turn *turn, const struct turn_service *services, size_t n)
{
	const struct turn_service *s;

	for (s = services; s < services + n; s++) {
		const char *name = s->number == 0 ? "relay" : s->name;

		if (strcmp(turn->names[s->number], name) != 0)
			alloc_renew_service(turn->table, s->number);
		alloc_set_service(turn->table, s->number, &s->limits);
		snprintf(turn->names[s->number], TURNKEYS_NAME, "%s", name);
	}
}

static enum alloc_reach
reach(enum turn_peers peers)
{
	switch (peers) {
	case TURN_ANY:
		return ALLOC_ALL;
	case TURN_CLIENTS:
		return ALLOC_SERVICE;
	default:
		return ALLOC_CALL;
	}
}

static int
make_table(struct turn *turn, const struct turn_options *options)
{
	struct alloc_limits limits = {
		.per_party = options->allocations_per_party,
		.per_call = options->allocations_per_call,
		.total = options->allocations,
		.per_pace = options->allocates,
		.per_prefix = options->allocations_per_prefix,
		/* It refuses users only, and here there are none. */
		.kbps = options->peers == TURN_CALLS ? 0 : options->kbps,
		.reach = reach(options->peers),
		.inkernel = kernel_table(options->kernel),
		/*
		 * A client that binds a channel wants that peer for as long.
		 * Some renew channels only, as coturn lets them. Where the
		 * world is a peer, the RFC's time holds.
		 */
		.channel_permit_s = options->peers == TURN_ANY ? 0 :
		    CHAN_LIFETIME_S
	};
	const struct alloc_service_limits service = {
		.per_user = options->allocations_per_user,
		.kbps_per_user = options->kbps_per_user
	};
	int err = alloc_table_new(&turn->table, &limits);

	if (err < 0)
		return err;
	alloc_set_service(turn->table, 0, &service);
	note_services(turn, options->services, options->n_services);
	alloc_avoid_ports(turn->table, turn->addrs, turn->n_listen);
	turn->relay = (struct relay_options){
		.table = turn->table,
		.sockets = turn->sockets,
		.local_addrs = &turn->local_addrs,
		.kbps_per_allocation = options->kbps_per_allocation
	};
	return 0;
}

/* Start all threads. They block signals, which belong to the main loop. */
static int
start_threads(struct turn *turn, const struct turn_options *options,
    char why[static WHY_TEXT])
{
	sigset_t all, before;
	size_t i;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = make_table(turn, options);
	turn->server = (struct turnreq_server){
		.table = turn->table, .auth = turn->auth, .local_addrs =
		    &turn->local_addrs,
		.lifetime_s = options->lifetime_s
	};
	if (err == 0)
		err = start_peers(turn, options);
	for (i = 0; err == 0 && i < turn->n_workers; i++)
		err = start_worker(turn, i, options);
	if (err < 0)
		(void)fail_open(why, err, "cannot start the relay");
	else
		err = start_streams(turn, options, why);
	/* Only now are the ports of streams known. */
	if (err == 0)
		alloc_avoid_ports(turn->table, tcp_addrs(turn),
		    turn->n_tcp + turn->n_tls);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static int
prepare_turn(struct turn *turn, const struct turn_options *options,
    char why[static WHY_TEXT])
{
	unsigned threads = options->threads > 0 ? options->threads : 1;
	int err;

	turn->take = options->take != NULL ? options->take : take_from_manager;
	turn->arg = options->arg;
	turn->n_listen = options->n_listen;
	turn->n_workers = options->n_listen * threads;
	turn->n_tcp = options->n_tcp;
	turn->n_tls = options->n_tls;
	turn->max_allocations = options->allocations;
	turn->max_streams = options->max_streams;
	turn->kernel = options->kernel;
	turn->addrs = calloc(turn->n_listen + turn->n_tcp + turn->n_tls,
	    sizeof(*turn->addrs));
	turn->sockets = calloc(turn->n_workers, sizeof(*turn->sockets));
	turn->workers = calloc(turn->n_workers, sizeof(*turn->workers));
	if (turn->addrs == NULL || turn->sockets == NULL ||
	    turn->workers == NULL)
		return fail_open(why, -ENOMEM, "cannot start the relay");
	strcpy(turn->names[0], "relay");
	copy_addrs(turn->addrs, options->listen, turn->n_listen);
	copy_addrs(tcp_addrs(turn), options->tcp, turn->n_tcp);
	copy_addrs(tls_addrs(turn), options->tls, turn->n_tls);
	err = local_addrs_init(&turn->local_addrs, turn->addrs,
	    turn->n_listen + turn->n_tcp + turn->n_tls, options->external);
	if (err == 0 && options->peers == TURN_ANY)
		err = local_addrs_add_interfaces(&turn->local_addrs);
	if (err < 0)
		return fail_open(why, err, "cannot list the interfaces");
	err = turnauth_new(&turn->auth, options->realm, options->secrets);
	if (err < 0)
		return fail_open(why, err, "cannot make a key");
	if (options->n_services > 0)
		err = turnauth_set_services(turn->auth, options->services,
		    options->n_services);
	if (err < 0)
		return fail_open(why, err, "cannot start the relay");
	if (options->nonce_key != NULL)
		turnauth_set_nonce_key(turn->auth, options->nonce_key);
	/* It then serves others' services too, as coturn would. */
	if (options->peers != TURN_CALLS)
		turnauth_take_any_names(turn->auth);
	return 0;
}

void
turn_stats(const struct turn *turn, struct turnstats *out)
{
	size_t i;

	*out = (struct turnstats){
		.overruns = turn_overruns(turn) + alloc_overruns(turn->table),
		.allocations = alloc_count(turn->table),
		.max_allocations = turn->max_allocations,
		.max_streams = turn->max_streams
	};
	alloc_limited(turn->table, &out->limited);
	kernel_stats(turn->kernel, &out->kernel);
	turnstats_add_kernel(out, &out->kernel.counts);
	for (i = 0; i < TURNKEYS_SERVICES; i++)
		if (turn->names[i][0] != '\0')
			turnstats_add_service(out, (unsigned)i, turn->names[i],
			    alloc_service_counts(turn->table, (unsigned)i));
	for (i = 0; i < turn->n_workers; i++) {
		turnstats_add_relay(out, relay_counts(turn->workers[i].relay));
		turnstats_add_req(out, &turn->workers[i].counts);
	}
	if (turn->peers != NULL)
		turnstats_add_relay(out, peers_counts(turn->peers));
	if (turn->streams != NULL) {
		turnstats_add_relay(out, streams_relay_counts(turn->streams));
		turnstats_add_req(out, streams_turnreq_counts(turn->streams));
		turnstats_add_streams(out, streams_counts(turn->streams));
	}
}

static void
collect_turn(struct metrics *metrics, struct buffer *out, void *arg)
{
	struct turnstats stats;

	(void)metrics;
	turn_stats(arg, &stats);
	turnstats_write(&stats, out);
}

int
turn_new(struct turn **out, const struct turn_options *options,
    char why[static WHY_TEXT])
{
	struct turn *turn = calloc(1, sizeof(*turn));
	int err;

	if (turn == NULL)
		return fail_open(why, -ENOMEM, "cannot start the relay");
	err = prepare_turn(turn, options, why);
	if (err == 0)
		err = open_sockets(turn, why);
	if (err == 0)
		err = start_threads(turn, options, why);
	if (err < 0) {
		turn_free(turn);
		return err;
	}
	if (options->metrics != NULL)
		metrics_collector(options->metrics, collect_turn, turn);
	*out = turn;
	return 0;
}

void
turn_free(struct turn *turn)
{
	size_t i;

	if (turn == NULL)
		return;
	for (i = 0; turn->workers != NULL && i < turn->n_workers; i++)
		if (turn->workers[i].runs)
			relay_stop(turn->workers[i].relay);
	for (i = 0; turn->workers != NULL && i < turn->n_workers; i++) {
		if (turn->workers[i].runs)
			pthread_join(turn->workers[i].thread, NULL);
		relay_free(turn->workers[i].relay);
		ratelimit_free(turn->workers[i].strangers);
	}
	peers_free(turn->peers);
	/* No thread writes to the inbox from here on. */
	streams_free(turn->streams);
	alloc_table_free(turn->table);
	/* A socket that was never opened is -1, or 0 if none was tried. */
	for (i = 0; turn->sockets != NULL && i < turn->n_workers; i++)
		if (turn->sockets[i].fd > 0)
			udp_batch_socket_close(&turn->sockets[i]);
	turnauth_free(turn->auth);
	free(turn->allowed);
	free(turn->workers);
	free(turn->sockets);
	free(turn->addrs);
	free(turn);
}

void
turn_set_tls(struct turn *turn, struct tls_config *tls)
{
	streams_set_tls(turn->streams, tls);
}

void
turn_early_nonce(const struct turn *turn, const char *username,
    char nonce[static TURNCRED_NONCE])
{
	turnauth_early_nonce(turn->auth, username, clock_ns() / CLOCK_S,
	    nonce);
}

int
turn_set_services(struct turn *turn, const struct turn_service *services,
    size_t n)
{
	int err = turnauth_set_services(turn->auth, services, n);

	if (err == 0)
		note_services(turn, services, n);
	return err;
}

uint64_t
turn_overruns(const struct turn *turn)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < turn->n_workers; i++)
		sum += udp_batch_socket_overruns(&turn->sockets[i]);
	return sum;
}

const struct addr *
turn_addrs(const struct turn *turn, size_t *n)
{
	*n = turn->n_listen;
	return turn->addrs;
}

const struct addr *
turn_tcp_addrs(const struct turn *turn, size_t *n)
{
	*n = turn->n_tcp;
	return tcp_addrs(turn);
}

const struct addr *
turn_tls_addrs(const struct turn *turn, size_t *n)
{
	*n = turn->n_tls;
	return tls_addrs(turn);
}

void
turn_relayed(const struct turn *turn, struct addr *out)
{
	const struct addr by = { .sa.sa_family = AF_INET6 };

	*out = (struct addr){ 0 };
	(void)local_addrs_relayed(&turn->local_addrs, AF_INET, &by, out);
}

void
turn_ring_call(struct turn *turn, const char *call)
{
	alloc_ring_call(turn->table, call);
}

void
turn_answer_call(struct turn *turn, const char *call)
{
	alloc_answer_call(turn->table, call);
}

void
turn_end_call(struct turn *turn, const char *call)
{
	alloc_end_call(turn->table, call);
}

int
turn_call(const struct turn *turn, const char *call, struct turn_call *out)
{
	struct alloc_sums sums;
	int err = alloc_sums(turn->table, call, &sums);

	if (err < 0)
		return err;
	*out = (struct turn_call){
		.allocations = sums.allocations, .packets = sums.packets,
		.bytes = sums.bytes, .last_media_ns = sums.last_ns
	};
	return 0;
}

int
turn_callstats(const struct turn *turn, const char *call,
    struct callstats *out)
{
	return alloc_callstats(turn->table, call, out);
}
