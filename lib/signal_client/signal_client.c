/*
 * signal_client: establish a connection: race, TLS, the first request, and the
 * deadlines on the way. See signal_client.h.
 */
#include "signal_client/signal_client_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "net/loop.h"
#include "net/netwatch.h"
#include "net/tickets.h"
#include "net/tls.h"
#include "net/tlsrace.h"
#include "wire/hostport.h"
#include "wire/why.h"

/*
 * The winner of the race has shown life by its ServerHello. The rest of TLS and
 * the first answer follow. A working switch needs one round trip for each, and
 * nothing but its directory. After this time another is asked, if there is one.
 */
#define STEP_LEAST_MS 1500
#define STEP_CONNECTS 4

#define USER_TIMEOUT_MS 10000

void
signal_client_deadline(struct signal_client *c, uint32_t ms)
{
	loop_timer_set_ms(c->deadline, ms);
}

/*
 * Set the deadline of a step of the set-up, within what is left of the whole.
 */
static void
set_step_deadline(struct signal_client *c, uint32_t least_ms,
    uint32_t connects)
{
	uint32_t ms = connects * c->connect_ms;
	uint32_t left = tlsrace_left_ms(c->race);

	if (ms < least_ms)
		ms = least_ms;
	c->alone = false;
	signal_client_deadline(c, ms < left ? ms : left);
}

static bool
is_setting_up(const struct signal_client *c)
{
	return c->phase == HANDSHAKE || c->phase == ASKED;
}

/* Without another to ask, the switch gets all the time that is left. */
static bool
may_take_longer(struct signal_client *c)
{
	uint32_t left = tlsrace_left_ms(c->race);

	if (!is_setting_up(c) || left == 0 || tlsrace_has_others(c->race))
		return false;
	c->alone = true;
	signal_client_deadline(c, left);
	return true;
}

static void
drop_connection(struct signal_client *c)
{
	loop_event_stop(c->deadline);
	loop_event_stop(c->keepalive);
	tls_free(c->tls);
	c->tls = NULL;
	c->out_n = 0;
}

static void
close_for(struct signal_client *c, int err, const char *why)
{
	drop_connection(c);
	c->phase = CLOSED;
	c->handlers.closed(err, why, c->arg);
}

/*
 * Handle a failed connection: strike its switch and race on, or report the end.
 */
void
signal_client_fail(struct signal_client *c, int err, const char *why)
{
	char copy[WHY_TEXT];

	strncpy(copy, why, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	if (c->phase >= OPEN) {
		close_for(c, err != 0 ? err : -ECONNRESET, copy);
		return;
	}
	drop_connection(c);
	c->phase = RACING;
	tlsrace_strike(c->race, c->entry, err != 0 ? err : -ECONNRESET,
	    err == -EACCES ? "certificate not trusted" :
	    err == -EBUSY ? "full or draining" :
	    err == -ETIMEDOUT ? "does not answer" : "failed after connect",
	    copy);
}

static void
on_deadline(void *arg)
{
	struct signal_client *c = arg;

	if (may_take_longer(c))
		return;
	signal_client_fail(c, -ETIMEDOUT, c->phase == HANDSHAKE ?
	    "TLS was not finished in time" : "no answer in time");
}

/* Return a negative errno if the connection has failed. */
static int
ask_first(struct signal_client *c)
{
	uint8_t exporter[TLS_EXPORTER];
	int err;

	c->times.tls = clock_ns();
	c->phase = ASKED;
	c->resumed = tls_resumed(c->tls);
	c->early = tls_early(c->tls);
	set_step_deadline(c, STEP_LEAST_MS, STEP_CONNECTS);
	if (c->early)
		return 0;	/* the first request is there already */
	if (c->key != NULL) {
		err = tls_exporter(c->tls, false, exporter);
		if (err < 0) {
			signal_client_fail(c, -EPROTO, "this TLS session "
			    "cannot be signed (RFC 9266)");
			return err;
		}
		signal_client_prove(exporter, c);
	}
	err = tls_write(c->tls, c->first, c->first_len);
	if (err < 0)
		signal_client_fail(c, err, strerror(-err));
	return err;
}

static int
ask_then(struct signal_client *c)
{
	int err = c->then == NULL ? 0 :
	    tls_write(c->tls, c->then, c->then_len);

	if (err < 0)
		signal_client_fail(c, err, strerror(-err));
	return err;
}

static void
on_ready(void *arg)
{
	struct signal_client *c = arg;

	if (ask_first(c) == 0 && ask_then(c) == 0 &&
	    c->handlers.asked != NULL)
		c->handlers.asked(c->arg);
}

static void
on_closed(int err, const char *why, void *arg)
{
	signal_client_fail(arg, err, err == 0 ?
	    "the switch closed the connection" : why);
}

static void
on_race(int err, const char *why, struct tls *stream, size_t entry, void *arg)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready,
		.data = signal_client_data,
		.closed = on_closed
	};
	static const unsigned user_timeout_ms = USER_TIMEOUT_MS;
	struct signal_client *c = arg;
	const struct multiconnect_entry *won;
	size_t n;

	if (err < 0) {
		close_for(c, err, why);
		return;
	}
	won = &tlsrace_entries(c->race, &n)[entry];
	c->entry = entry;
	c->addr = won->addr;
	c->connect_ms = (uint32_t)won->connect_ms + 1;
	c->times.connected = tlsrace_connected_ns(c->race);
	(void)setsockopt(tls_fd(stream), IPPROTO_TCP, TCP_USER_TIMEOUT,
	    &user_timeout_ms, sizeof(user_timeout_ms));
	c->phase = HANDSHAKE;
	c->out_n = c->then != NULL ? 2 : 1;
	c->tls = stream;
	tls_hand_over(stream, &handlers, c);
	set_step_deadline(c, STEP_LEAST_MS, STEP_CONNECTS);
}

static int
copy_options(struct signal_client *c,
    const struct signal_client_options *options)
{
	c->keepalive_ms = options->keepalive_ms;
	c->config = options->tls;
	c->tickets = options->tickets;
	c->server_name = strdup(options->server_name);
	if (c->server_name == NULL)
		return -ENOMEM;
	hostport_undot(c->server_name);
	if (options->number == NULL)
		return 0;
	c->number = strdup(options->number);
	c->key = options->key;
	if (c->key == NULL)
		c->token = strdup(options->token);
	return c->number != NULL && (c->key != NULL || c->token != NULL) ? 0 :
	    -ENOMEM;
}

static int
keep_first(struct signal_client *c, const struct sigmsg *first,
    signal_client_answer *answer)
{
	int err;

	c->first = malloc(SIGNAL_CLIENT_TEXT);
	if (c->first == NULL)
		return -ENOMEM;
	err = signal_client_write(c, first, c->first, &c->first_len);
	c->first_answer = answer;
	c->out[0] = (struct out){ answer, c->arg };
	return err;
}

static int
keep_then(struct signal_client *c, const struct signal_client_options *options)
{
	if (options->then == NULL)
		return 0;
	c->then = malloc(SIGNAL_CLIENT_TEXT);
	if (c->then == NULL)
		return -ENOMEM;
	c->out[1] = (struct out){ options->then_answer, c->arg };
	return signal_client_write(c, options->then, c->then, &c->then_len);
}

static void
set_race(struct signal_client *c, const struct signal_client_options *options,
    enum sigmsg_method first)
{
	bool early = first == SIGMSG_INITIATE || first == SIGMSG_RING;

	c->repeatable = first != SIGMSG_INITIATE;
	c->options = (struct tlsrace_options){
		.config = options->tls,
		.stream = {
			.in_max = SIGNAL_CLIENT_TEXT,
			.out_max = 4 * SIGNAL_CLIENT_TEXT,
			.server_name = c->server_name,
			.early = c->first,
			.early_bytes = early ? c->first_len : 0,
			.early_seal_at = c->proof_at,
			.early_seal = signal_client_prove,
			.early_arg = c
		},
		.deadline_ms = options->deadline_ms,
		.by = options->race,
		.proxy_races = options->proxy_races,
		.tickets = options->tickets,
		.more = options->more,
		.missing = options->missing
	};
}

int
signal_client_new(struct signal_client **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct signal_client_options *options,
    const struct signal_client_handlers *handlers, void *arg,
    const struct sigmsg *first, signal_client_answer *answer)
{
	struct signal_client *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->handlers = *handlers;
	c->arg = arg;
	c->times.start = clock_ns();
	c->deadline = loop_timer_new(loop, on_deadline, c);
	c->keepalive = loop_timer_new(loop, signal_client_keepalive, c);
	if (c->deadline != NULL && c->keepalive != NULL)
		err = copy_options(c, options);
	if (err == 0)
		err = keep_first(c, first, answer);
	if (err == 0)
		err = keep_then(c, options);
	if (err == 0) {
		set_race(c, options, first->method);
		err = tlsrace_start(&c->race, loop, addrs, n, &c->options,
		    on_race, c);
		c->options.missing = NULL;
	}
	if (err < 0) {
		signal_client_free(c);
		return err;
	}
	*out = c;
	return 0;
}

int
signal_client_add(struct signal_client *c, const struct addr addrs[],
    size_t n, bool more, const char *missing)
{
	int err = tlsrace_add(c->race, addrs, n, more, missing);

	c->options.more = more;
	/* It was given time because there was no other. */
	if (c->alone && is_setting_up(c) && tlsrace_has_others(c->race))
		set_step_deadline(c, STEP_LEAST_MS, STEP_CONNECTS);
	return err;
}

/* Return whether what is under way is in vain, and may be repeated. */
static bool
is_in_vain(const struct signal_client *c)
{
	uint8_t exporter[TLS_EXPORTER];
	bool asked, stranded;

	if (c->phase == RACING) {
		stranded = tlsrace_is_stranded(c->race, &asked);
	} else {
		stranded = netwatch_is_stranded(tls_fd(c->tls));
		asked = c->phase == ASKED ||
		    tls_exporter(c->tls, true, exporter) == 0;
	}
	return stranded && (c->repeatable || !asked);
}

/* Race anew. Out of memory: the old race goes on. */
static void
begin_again(struct signal_client *c)
{
	const struct multiconnect_entry *entries;
	struct tlsrace *race;
	struct addr *addrs;
	size_t n, i;
	int err;

	entries = tlsrace_entries(c->race, &n);
	addrs = calloc(n, sizeof(*addrs));
	if (addrs == NULL)
		return;
	for (i = 0; i < n; i++)
		addrs[i] = entries[i].addr;
	c->options.deadline_ms = tlsrace_left_ms(c->race);
	err = tlsrace_start(&race, c->loop, addrs, n, &c->options, on_race, c);
	free(addrs);
	if (err < 0)
		return;
	drop_connection(c);
	tlsrace_free(c->race);
	c->race = race;
	c->phase = RACING;
}

void
signal_client_moves(struct signal_client *c)
{
	if (c->phase < OPEN && tlsrace_left_ms(c->race) > 0 && is_in_vain(c))
		begin_again(c);
}

int
signal_client_next(struct signal_client *c)
{
	if (c->phase != OPEN || tlsrace_left_ms(c->race) == 0 ||
	    !tlsrace_has_others(c->race))
		return -ENOENT;
	c->phase = RACING;
	c->out_head = 0;
	c->out[0] = (struct out){ c->first_answer, c->arg };
	c->times.answered = 0;
	signal_client_fail(c, -EBUSY, "no switch can do it now (503)");
	return 0;
}

const struct multiconnect_entry *
signal_client_race(const struct signal_client *c, size_t *n)
{
	return tlsrace_entries(c->race, n);
}

const struct signal_client_times *
signal_client_times(const struct signal_client *c)
{
	return &c->times;
}

unsigned
signal_client_proxy_races(const struct signal_client *c)
{
	return tlsrace_proxy_races(c->race);
}

bool
signal_client_resumed(const struct signal_client *c)
{
	return c->resumed;
}

bool
signal_client_early(const struct signal_client *c)
{
	return c->early;
}

/* Keep the ticket for the next time. It came right after the handshake. */
void
signal_client_keep_ticket(struct signal_client *c)
{
	size_t bytes;
	void *session;

	if (c->tickets == NULL || tls_session(c->tls, &session, &bytes) < 0)
		return;
	(void)tickets_keep(c->tickets, c->server_name, &c->addr,
	    tls_config_trust(c->config), session, bytes);
	crypto_wipe(session, bytes);
	free(session);
}

const struct addr *
signal_client_addr(const struct signal_client *c)
{
	return c->times.answered != 0 ? &c->addr : NULL;
}

void
signal_client_free(struct signal_client *c)
{
	if (c == NULL)
		return;
	if (c->freed != NULL)
		*c->freed = true;
	tls_free(c->tls);
	tlsrace_free(c->race);
	loop_event_free(c->deadline);
	loop_event_free(c->keepalive);
	if (c->first != NULL)
		crypto_wipe(c->first, SIGNAL_CLIENT_TEXT);
	free(c->first);
	if (c->then != NULL)
		crypto_wipe(c->then, SIGNAL_CLIENT_TEXT);
	free(c->then);
	if (c->token != NULL)
		crypto_wipe(c->token, strlen(c->token));
	free(c->token);
	free(c->number);
	free(c->server_name);
	free(c);
}
