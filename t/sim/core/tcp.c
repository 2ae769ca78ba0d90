/*
 * tcp: sockets of streams between machines. What is on its way between two of
 * them is in tcp_way.c. See private.h.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "core/tcp_private.h"

#define WINDOW 262144		/* bytes that are unread or under way */
#define PORTS 256		/* buckets */

static LIST_HEAD(, sim_tcp) bound[PORTS];

struct sim_tcp *
tcp_listener_at(const struct sim_machine *machine, const struct addr *addr)
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
	if (side->up && (side->fin_sent || tcp_other(side)->in.len +
	    tcp_other(side)->flying < WINDOW))
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
	tcp_changed(tcp_other(side));
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
	if (!side->up || tcp_other(side)->in.len + tcp_other(side)->flying >=
	    WINDOW) {
		errno = EAGAIN;
		return -1;
	}
	tcp_fly(tcp_other(side), DATA, iov, n);
	return (ssize_t)sim_iov_len(iov, n);
}

static void
close_queue(struct sim_tcp *tcp)
{
	struct connection *c;

	while ((c = TAILQ_FIRST(&tcp->queue)) != NULL) {
		TAILQ_REMOVE(&tcp->queue, c, of_queue);
		c->waits_at = NULL;
		tcp_clear(&c->side[1]);
		tcp_reset_other(&c->side[1]);
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
			tcp_reset_other(side);
		else if (!side->reset && side->up && !side->fin_sent)
			tcp_fly(tcp_other(side), FIN, NULL, 0);
		side->fin_sent = true;
		if (!side->up && side == &c->side[0])
			sim_alarm_stop(&c->syn);
		tcp_release(c);
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
	    tcp_listener_at(tcp->machine, addr);
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
	tcp->side = &tcp_connection(tcp, to)->side[0];
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
		tcp_fly(tcp_other(tcp->side), FIN, NULL, 0);
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
		    tcp_other(tcp->side)->machine) + 1;
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
		*peer = tcp_other(tcp->side)->addr;
}

void
sim_tcp_reset(void)
{
	tcp_free_connections();
	memset(bound, 0, sizeof(bound));
}
