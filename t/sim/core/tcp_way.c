/*
 * tcp_way: what is between two sockets. Segments arrive in order: one that is
 * lost comes after a time-out, and holds up what follows. See tcp_private.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/tcp_private.h"

#define RESEND_MOST_MS 60000
#define SYN_MS 1000
#define SYNS 6
#define GIVE_UP_MS 900000	/* without TCP_USER_TIMEOUT */

static LIST_HEAD(, connection) connections;

void
tcp_changed(const struct side *side)
{
	if (side->file != NULL)
		sim_file_changed(&side->file->file);
}

void
tcp_clear(struct side *side)
{
	struct segment *segment;

	while ((segment = TAILQ_FIRST(&side->coming)) != NULL) {
		TAILQ_REMOVE(&side->coming, segment, next);
		free(segment);
	}
	side->flying = 0;
	sim_alarm_stop(&side->arrival);
}

static void
free_connection(struct connection *c)
{
	tcp_clear(&c->side[0]);
	tcp_clear(&c->side[1]);
	sim_alarm_stop(&c->syn);
	sim_bytes_free(&c->side[0].in);
	sim_bytes_free(&c->side[1].in);
	if (c->waits_at != NULL)
		TAILQ_REMOVE(&c->waits_at->queue, c, of_queue);
	LIST_REMOVE(c, of_world);
	free(c);
}

/* Free it if nobody has it any more, and nothing is under way. */
void
tcp_release(struct connection *c)
{
	if (c->side[0].file == NULL && c->side[1].file == NULL &&
	    c->waits_at == NULL && TAILQ_EMPTY(&c->side[0].coming) &&
	    TAILQ_EMPTY(&c->side[1].coming) && !sim_alarm_is_set(&c->syn))
		free_connection(c);
}

static void
fail(struct side *side, int error)
{
	side->reset = true;
	if (side->error == 0)
		side->error = error;
	side->in.len = side->in.at = 0;
	tcp_changed(side);
}

/* Set when a segment arrives that is sent (again) now. */
static void
draw(struct side *to, struct segment *segment)
{
	const struct side *from = tcp_other(to);
	uint64_t again, at;
	uint32_t resend_ms = segment->resend_ms, waited_ms = 0;

	at = sim_path_draw(from->machine, to->machine, &again);
	while (at == SIM_NEVER && resend_ms < RESEND_MOST_MS &&
	    !sim_path_is_cut(from->machine, to->machine)) {
		waited_ms += resend_ms;
		resend_ms *= 2;
		at = sim_path_draw(from->machine, to->machine, &again);
		if (at != SIM_NEVER)
			at += waited_ms * SIM_MS;
	}
	if (at == SIM_NEVER)
		at = sim_now() + resend_ms * SIM_MS;
	segment->resend_ms = resend_ms < RESEND_MOST_MS / 2 ? resend_ms * 2 :
	    RESEND_MOST_MS;
	segment->at = at > to->last_at ? at : to->last_at;
	to->last_at = segment->at;
}

void
tcp_fly(struct side *to, enum kind kind, const struct iovec *iov, size_t n)
{
	size_t len = sim_iov_len(iov, n), at = 0, i;
	struct segment *segment = malloc(sizeof(*segment) + len);

	if (segment == NULL)
		abort();
	segment->kind = kind;
	segment->sent = sim_now();
	segment->resend_ms = RESEND_MS;
	segment->len = len;
	for (i = 0; i < n; i++) {
		memcpy(segment->data + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	draw(to, segment);
	TAILQ_INSERT_TAIL(&to->coming, segment, next);
	to->flying += len;
	if (TAILQ_FIRST(&to->coming) == segment)
		sim_alarm_set(&to->arrival, segment->at);
}

void
tcp_reset_other(struct side *side)
{
	struct side *to = tcp_other(side);

	tcp_clear(to);
	to->last_at = 0;
	tcp_fly(to, RST, NULL, 0);
}

/* It will never be up, and nobody waits for it any more. */
static void
leave_queue(struct connection *c)
{
	if (c->waits_at == NULL || c->side[1].up)
		return;
	TAILQ_REMOVE(&c->waits_at->queue, c, of_queue);
	c->waits_at = NULL;
}

/* Return false if it cannot arrive now, and will be sent again. */
static bool
gets_through(struct side *to, struct segment *segment)
{
	struct side *from = tcp_other(to);
	uint64_t limit_ms = from->user_timeout_ms != 0 ?
	    from->user_timeout_ms : GIVE_UP_MS;

	if (sim_machine_is_on(to->machine) &&
	    (to->machine == from->machine ||
	    sim_machine_has(to->machine, &to->addr)) &&
	    (segment->kind == RST || to->machine == from->machine ||
	    sim_machine_has(from->machine, &from->addr)) &&
	    !sim_path_is_cut(from->machine, to->machine))
		return true;
	if (segment->kind == RST ||
	    sim_now() - segment->sent > limit_ms * SIM_MS) {
		if (segment->kind != RST && sim_machine_is_on(from->machine))
			fail(from, ETIMEDOUT);
		tcp_clear(to);
		leave_queue(to->connection);
		return false;
	}
	to->last_at = 0;
	draw(to, segment);
	sim_alarm_set(&to->arrival, segment->at);
	return false;
}

static void
become_up(struct side *side)
{
	struct connection *c = side->connection;
	struct sim_tcp *listener = c->waits_at;

	side->up = true;
	if (listener != NULL && side == &c->side[1]) {
		listener->queued++;
		sim_file_changed(&listener->file);
	}
}

static void
take(struct side *side, struct segment *segment)
{
	struct connection *c = side->connection;

	if (segment->kind == RST) {
		sim_alarm_stop(&c->syn);
		fail(side, side->up || side == &c->side[1] ? ECONNRESET :
		    ECONNREFUSED);
		if (side == &c->side[1])
			leave_queue(c);
		return;
	}
	if (side->file == NULL && (side == &c->side[0] ||
	    c->waits_at == NULL)) {
		if (segment->kind == FIN || side->reset)
			return;
		tcp_clear(side);
		tcp_reset_other(side);
		return;
	}
	if (!side->up)
		become_up(side);
	if (segment->kind == DATA)
		sim_bytes_add(&side->in, segment->data, segment->len);
	else if (segment->kind == FIN)
		side->fin_come = true;
	tcp_changed(side);
}

static void
on_arrival(void *arg)
{
	struct side *side = arg;
	struct connection *c = side->connection;
	struct segment *segment = TAILQ_FIRST(&side->coming);

	if (!gets_through(side, segment)) {
		tcp_release(c);
		return;
	}
	TAILQ_REMOVE(&side->coming, segment, next);
	side->flying -= segment->len;
	take(side, segment);
	free(segment);
	/* The one who sends has room again. */
	tcp_changed(tcp_other(side));
	segment = TAILQ_FIRST(&side->coming);
	if (segment != NULL && !sim_alarm_is_set(&side->arrival))
		sim_alarm_set(&side->arrival, segment->at);
	tcp_release(c);
}

/* The SYN is there. */
static void
meet(struct connection *c)
{
	struct side *server = &c->side[1];
	struct sim_tcp *tcp = tcp_listener_at(server->machine, &server->addr);

	if (tcp == NULL || tcp->state != LISTENS) {
		tcp_fly(&c->side[0], RST, NULL, 0);
		return;
	}
	if (tcp->queued > (size_t)tcp->backlog)
		return;		/* the SYN is not heard */
	sim_alarm_stop(&c->syn);
	c->waits_at = tcp;
	TAILQ_INSERT_TAIL(&tcp->queue, c, of_queue);
	tcp_fly(&c->side[0], ACK, NULL, 0);
	/* Its acknowledgement follows as soon as that has come. */
	server->last_at = c->side[0].last_at;
	tcp_fly(server, ACK, NULL, 0);
	TAILQ_FIRST(&server->coming)->at = c->side[0].last_at +
	    sim_path_us(c->side[0].machine, server->machine) * 1000ULL;
	server->last_at = TAILQ_FIRST(&server->coming)->at;
	sim_alarm_set(&server->arrival, server->last_at);
}

static void
on_syn(void *arg)
{
	struct connection *c = arg;
	struct sim_machine *server;
	uint64_t again, at;

	if (c->syns > 0 && c->side[0].file == NULL) {
		free_connection(c);
		return;
	}
	if (c->side[0].again) {		/* it arrives */
		c->side[0].again = false;
		server = sim_machine_of(&c->side[1].addr, c->side[0].machine);
		if (server != NULL && sim_machine_is_on(server) &&
		    !sim_path_is_cut(c->side[0].machine, server)) {
			c->side[1].machine = server;
			sim_alarm_set(&c->syn, sim_now() +
			    (SYN_MS << c->syns) * SIM_MS);
			c->syns++;
			meet(c);
			return;
		}
		sim_alarm_set(&c->syn, sim_now() + (SYN_MS << c->syns++) *
		    SIM_MS);
		return;
	}
	if (c->syns > SYNS) {
		fail(&c->side[0], ETIMEDOUT);
		tcp_release(c);
		return;
	}
	server = sim_machine_of(&c->side[1].addr, c->side[0].machine);
	at = server == NULL ? SIM_NEVER :
	    sim_path_draw(c->side[0].machine, server, &again);
	if (at == SIM_NEVER) {
		sim_alarm_set(&c->syn, sim_now() + (SYN_MS << c->syns++) *
		    SIM_MS);
		return;
	}
	c->side[0].again = true;
	sim_alarm_set(&c->syn, at);
}

struct connection *
tcp_connection(struct sim_tcp *tcp, const struct addr *to)
{
	struct connection *c = calloc(1, sizeof(*c));
	int i;

	if (c == NULL)
		abort();
	for (i = 0; i < 2; i++) {
		c->side[i].connection = c;
		TAILQ_INIT(&c->side[i].coming);
		sim_alarm_init(&c->side[i].arrival, on_arrival, &c->side[i]);
	}
	sim_alarm_init(&c->syn, on_syn, c);
	c->side[0].file = tcp;
	c->side[0].machine = tcp->machine;
	c->side[0].addr = tcp->addr;
	c->side[0].user_timeout_ms = tcp->user_timeout_ms;
	c->side[1].addr = *to;
	c->side[1].machine = tcp->machine;	/* until the SYN is there */
	LIST_INSERT_HEAD(&connections, c, of_world);
	return c;
}

void
tcp_free_connections(void)
{
	struct connection *c;

	while ((c = LIST_FIRST(&connections)) != NULL)
		free_connection(c);
}
