/*
 * tcp: streams between machines. Each side of a connection has a queue of
 * segments that are on their way to it. They arrive in order: one that is lost
 * comes after a time-out, and holds up what follows. See private.h.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

#define WINDOW 262144		/* bytes that are unread or under way */
#define RESEND_MS 200
#define RESEND_MOST_MS 60000
#define SYN_MS 1000
#define SYNS 6
#define PORTS 256		/* buckets */
#define GIVE_UP_MS 900000	/* without TCP_USER_TIMEOUT */

enum kind { DATA, FIN, RST, ACK };

struct segment {
	TAILQ_ENTRY(segment) next;
	enum kind kind;
	uint64_t sent, at;
	uint32_t resend_ms;
	size_t len;
	unsigned char data[];
};

struct connection;

struct side {
	struct connection *connection;
	struct sim_tcp *file;		/* NULL: closed, or not accepted yet */
	struct sim_machine *machine;
	struct addr addr;
	TAILQ_HEAD(, segment) coming;	/* to this side */
	size_t flying;
	uint64_t last_at;
	struct sim_alarm arrival;
	struct sim_bytes in;
	bool fin_sent, fin_come, reset, up, again;
	int error;
	uint32_t user_timeout_ms;
};

struct connection {
	struct side side[2];		/* 0 has connected */
	struct sim_alarm syn;
	unsigned syns;
	struct sim_tcp *waits_at;	/* in whose queue side 1 is */
	TAILQ_ENTRY(connection) of_queue;
	LIST_ENTRY(connection) of_world;
};

enum state { FRESH, LISTENS, CONNECTED };

struct sim_tcp {
	struct sim_file file;
	int family;
	struct sim_machine *machine;
	struct addr addr;
	bool bound, reset_on_close;
	enum state state;
	struct side *side;
	int backlog;
	size_t queued;
	TAILQ_HEAD(, connection) queue;
	LIST_ENTRY(sim_tcp) of_port;	/* if it is bound */
	uint32_t user_timeout_ms;
};

static LIST_HEAD(, sim_tcp) bound[PORTS];
static LIST_HEAD(, connection) connections;

static struct side *
other(const struct side *side)
{
	struct connection *c = side->connection;

	return side == &c->side[0] ? &c->side[1] : &c->side[0];
}

static void
changed(const struct side *side)
{
	if (side->file != NULL)
		sim_file_changed(&side->file->file);
}

static void
clear(struct side *side)
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
	clear(&c->side[0]);
	clear(&c->side[1]);
	sim_alarm_stop(&c->syn);
	sim_bytes_free(&c->side[0].in);
	sim_bytes_free(&c->side[1].in);
	if (c->waits_at != NULL)
		TAILQ_REMOVE(&c->waits_at->queue, c, of_queue);
	LIST_REMOVE(c, of_world);
	free(c);
}

/* Free it if nobody has it any more, and nothing is under way. */
static void
release(struct connection *c)
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
	changed(side);
}

/* Set when a segment arrives that is sent (again) now. */
static void
draw(struct side *to, struct segment *segment)
{
	const struct side *from = other(to);
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

static void
fly(struct side *to, enum kind kind, const struct iovec *iov, size_t n)
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

static void
reset_other(struct side *side)
{
	struct side *to = other(side);

	clear(to);
	to->last_at = 0;
	fly(to, RST, NULL, 0);
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
	struct side *from = other(to);
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
		clear(to);
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
		clear(side);
		reset_other(side);
		return;
	}
	if (!side->up)
		become_up(side);
	if (segment->kind == DATA)
		sim_bytes_add(&side->in, segment->data, segment->len);
	else if (segment->kind == FIN)
		side->fin_come = true;
	changed(side);
}

static void
on_arrival(void *arg)
{
	struct side *side = arg;
	struct connection *c = side->connection;
	struct segment *segment = TAILQ_FIRST(&side->coming);

	if (!gets_through(side, segment)) {
		release(c);
		return;
	}
	TAILQ_REMOVE(&side->coming, segment, next);
	side->flying -= segment->len;
	take(side, segment);
	free(segment);
	/* The one who sends has room again. */
	changed(other(side));
	segment = TAILQ_FIRST(&side->coming);
	if (segment != NULL && !sim_alarm_is_set(&side->arrival))
		sim_alarm_set(&side->arrival, segment->at);
	release(c);
}

static struct sim_tcp *
listener_at(const struct sim_machine *machine, const struct addr *addr)
{
	struct sim_tcp *tcp;

	LIST_FOREACH(tcp, &bound[addr_port(addr) % PORTS], of_port)
		if (tcp->machine == machine &&
		    addr_port(&tcp->addr) == addr_port(addr) &&
		    (addr_is_any(&tcp->addr) ||
		    addr_equal_ip(&tcp->addr, addr)))
			return tcp;
	return NULL;
}

/* The SYN is there. */
static void
meet(struct connection *c)
{
	struct side *server = &c->side[1];
	struct sim_tcp *tcp = listener_at(server->machine, &server->addr);

	if (tcp == NULL || tcp->state != LISTENS) {
		fly(&c->side[0], RST, NULL, 0);
		return;
	}
	if (tcp->queued > (size_t)tcp->backlog)
		return;		/* the SYN is not heard */
	sim_alarm_stop(&c->syn);
	c->waits_at = tcp;
	TAILQ_INSERT_TAIL(&tcp->queue, c, of_queue);
	fly(&c->side[0], ACK, NULL, 0);
	/* Its acknowledgement follows as soon as that has come. */
	server->last_at = c->side[0].last_at;
	fly(server, ACK, NULL, 0);
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
		release(c);
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

static unsigned
tcp_ready(struct sim_file *file)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;
	struct side *side = tcp->side;
	unsigned ready = 0;

	if (tcp->state == LISTENS)
		return tcp->queued > 0 ? SIM_IN : 0;
	if (side == NULL)
		return SIM_HUP | SIM_OUT;
	if (side->reset || side->error != 0)
		return SIM_IN | SIM_OUT | SIM_HUP;
	if (side->in.len > 0 || side->fin_come)
		ready |= SIM_IN;
	if (side->up && (side->fin_sent || other(side)->in.len +
	    other(side)->flying < WINDOW))
		ready |= SIM_OUT;
	if (side->fin_come && side->fin_sent)
		ready |= SIM_HUP;
	return ready;
}

static ssize_t
tcp_receive(struct sim_file *file, const struct iovec *iov, size_t n,
    int flags, struct addr *from)
{
	struct side *side = ((struct sim_tcp *)file)->side;
	size_t done;

	if (from != NULL)
		*from = (struct addr){ 0 };
	if (side == NULL) {
		errno = ENOTCONN;
		return -1;
	}
	if (side->error != 0) {
		errno = side->error;
		side->error = 0;
		return -1;
	}
	if (side->reset || (side->in.len == 0 && side->fin_come))
		return 0;
	if (side->in.len == 0) {
		errno = EAGAIN;
		return -1;
	}
	done = sim_bytes_take(&side->in, iov, n, (flags & MSG_PEEK) != 0);
	changed(other(side));
	return (ssize_t)done;
}

static ssize_t
tcp_send(struct sim_file *file, const struct iovec *iov, size_t n, int flags,
    const struct addr *to)
{
	struct side *side = ((struct sim_tcp *)file)->side;

	(void)flags;
	(void)to;
	if (side == NULL || side->reset || side->fin_sent) {
		errno = side == NULL ? ENOTCONN : side->error != 0 ?
		    side->error : EPIPE;
		if (side != NULL)
			side->error = 0;
		return -1;
	}
	if (!side->up || other(side)->in.len + other(side)->flying >=
	    WINDOW) {
		errno = EAGAIN;
		return -1;
	}
	fly(other(side), DATA, iov, n);
	return (ssize_t)sim_iov_len(iov, n);
}

static void
close_queue(struct sim_tcp *tcp)
{
	struct connection *c;

	while ((c = TAILQ_FIRST(&tcp->queue)) != NULL) {
		TAILQ_REMOVE(&tcp->queue, c, of_queue);
		c->waits_at = NULL;
		clear(&c->side[1]);
		reset_other(&c->side[1]);
	}
	tcp->queued = 0;
}

static void
tcp_close(struct sim_file *file)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;
	struct side *side = tcp->side;

	close_queue(tcp);
	if (tcp->bound)
		LIST_REMOVE(tcp, of_port);
	if (side != NULL) {
		struct connection *c = side->connection;

		side->file = NULL;
		if (!side->reset && side->up && (tcp->reset_on_close ||
		    side->in.len > 0 || sim_process_is_ghost(file->process)))
			reset_other(side);
		else if (!side->reset && side->up && !side->fin_sent)
			fly(other(side), FIN, NULL, 0);
		side->fin_sent = true;
		if (!side->up && side == &c->side[0])
			sim_alarm_stop(&c->syn);
		release(c);
	}
	free(tcp);
}

static const struct sim_file_type tcp_type = {
	"tcp", tcp_ready, tcp_receive, tcp_send, tcp_close, NULL
};

bool
sim_is_tcp(const struct sim_file *file)
{
	return file->type == &tcp_type;
}

static struct sim_tcp *
make(int family, struct sim_machine *machine)
{
	struct sim_tcp *tcp = calloc(1, sizeof(*tcp));

	if (tcp == NULL)
		abort();
	sim_file_init(&tcp->file, &tcp_type, true);
	tcp->family = family;
	tcp->machine = machine;
	tcp->addr.sa.sa_family = (sa_family_t)family;
	TAILQ_INIT(&tcp->queue);
	return tcp;
}

struct sim_file *
sim_tcp_new(int family)
{
	return &make(family, sim_process_machine(sim_process_self()))->file;
}

int
sim_tcp_bind(struct sim_file *file, const struct addr *addr)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file, *listener;

	if (!sim_machine_has(tcp->machine, addr)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	listener = addr_port(addr) == 0 ? NULL :
	    listener_at(tcp->machine, addr);
	if (listener != NULL && listener->state == LISTENS) {
		errno = EADDRINUSE;
		return -1;
	}
	if (tcp->bound) {
		errno = EINVAL;
		return -1;
	}
	tcp->addr = *addr;
	if (addr_port(addr) == 0)
		addr_set_port(&tcp->addr, sim_machine_port(tcp->machine));
	tcp->bound = true;
	LIST_INSERT_HEAD(&bound[addr_port(&tcp->addr) % PORTS], tcp, of_port);
	return 0;
}

int
sim_tcp_listen(struct sim_file *file, int backlog)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;

	tcp->state = LISTENS;
	tcp->backlog = backlog;
	return 0;
}

static struct connection *
make_connection(struct sim_tcp *tcp, const struct addr *to)
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

int
sim_tcp_connect(struct sim_file *file, const struct addr *to)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;
	struct addr source;

	if (tcp->state != FRESH) {
		errno = tcp->side != NULL && !tcp->side->up ? EALREADY :
		    EISCONN;
		return -1;
	}
	if (!sim_machine_source(tcp->machine, to, &source)) {
		errno = ENETUNREACH;
		return -1;
	}
	if (!tcp->bound)
		tcp->addr = source;
	if (addr_port(&tcp->addr) == 0)
		addr_set_port(&tcp->addr, sim_machine_port(tcp->machine));
	tcp->state = CONNECTED;
	tcp->side = &make_connection(tcp, to)->side[0];
	sim_alarm_set(&tcp->side->connection->syn, sim_now());
	errno = EINPROGRESS;
	return -1;
}

struct sim_file *
sim_tcp_accept(struct sim_file *file, struct addr *peer)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file, *made;
	struct connection *c;

	if (tcp->state != LISTENS) {
		errno = EINVAL;
		return NULL;
	}
	TAILQ_FOREACH(c, &tcp->queue, of_queue)
		if (c->side[1].up)
			break;
	if (c == NULL) {
		errno = EAGAIN;
		return NULL;
	}
	TAILQ_REMOVE(&tcp->queue, c, of_queue);
	tcp->queued--;
	c->waits_at = NULL;
	made = make(tcp->family, tcp->machine);
	made->state = CONNECTED;
	made->addr = c->side[1].addr;
	made->side = &c->side[1];
	c->side[1].file = made;
	*peer = c->side[0].addr;
	return &made->file;
}

int
sim_tcp_shutdown(struct sim_file *file, int how)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;

	if (tcp->state == LISTENS) {
		tcp->state = FRESH;
		close_queue(tcp);
		return 0;
	}
	if (tcp->side == NULL || tcp->side->reset) {
		errno = ENOTCONN;
		return -1;
	}
	if (how != SHUT_RD && !tcp->side->fin_sent) {
		tcp->side->fin_sent = true;
		fly(other(tcp->side), FIN, NULL, 0);
	}
	if (how != SHUT_WR)
		tcp->side->fin_come = true;
	sim_file_changed(file);
	return 0;
}

void
sim_tcp_reset_on_close(struct sim_file *file, bool reset)
{
	((struct sim_tcp *)file)->reset_on_close = reset;
}

void
sim_tcp_user_timeout(struct sim_file *file, uint32_t ms)
{
	struct sim_tcp *tcp = (struct sim_tcp *)file;

	tcp->user_timeout_ms = ms;
	if (tcp->side != NULL)
		tcp->side->user_timeout_ms = ms;
}

int
sim_tcp_error(struct sim_file *file)
{
	struct side *side = ((struct sim_tcp *)file)->side;
	int error = side == NULL ? 0 : side->error;

	if (side != NULL)
		side->error = 0;
	return error;
}

void
sim_tcp_info(struct sim_file *file, void *info, socklen_t *len)
{
	const struct sim_tcp *tcp = (struct sim_tcp *)file;
	struct tcp_info full = { .tcpi_unacked = (uint32_t)tcp->queued };

	if (tcp->side != NULL) {
		full.tcpi_rtt = 2 * sim_path_us(tcp->side->machine,
		    other(tcp->side)->machine) + 1;
		full.tcpi_rto = full.tcpi_rtt + RESEND_MS * 1000;
		full.tcpi_total_retrans =
		    tcp->side->connection->syns > 1;
	}
	if (*len > sizeof(full))
		*len = sizeof(full);
	memcpy(info, &full, *len);
}

void
sim_tcp_addrs(const struct sim_file *file, struct addr *local,
    struct addr *peer)
{
	const struct sim_tcp *tcp = (const struct sim_tcp *)file;

	*local = tcp->addr;
	*peer = (struct addr){ 0 };
	if (tcp->side != NULL)
		*peer = other(tcp->side)->addr;
}

void
sim_tcp_reset(void)
{
	struct connection *c;

	while ((c = LIST_FIRST(&connections)) != NULL)
		free_connection(c);
	memset(bound, 0, sizeof(bound));
}
