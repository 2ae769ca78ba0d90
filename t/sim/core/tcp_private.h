/*
 * tcp_private: what tcp.c (sockets) and tcp_way.c (what is between two of them)
 * share. Of a connection each side has a queue of segments that come to it.
 */
#ifndef RP_SIM_CORE_TCP_PRIVATE_H
#define RP_SIM_CORE_TCP_PRIVATE_H

#include "core/world.h"

#define RESEND_MS 200

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

/* The other side of its connection. */
static inline struct side *
tcp_other(const struct side *side)
{
	struct connection *c = side->connection;

	return side == &c->side[0] ? &c->side[1] : &c->side[0];
}

/* Return the socket that is bound there, or NULL. */
struct sim_tcp *tcp_listener_at(const struct sim_machine *machine,
    const struct addr *addr);

/* A connection of a socket, whose SYN has to be set off yet. */
struct connection *tcp_connection(struct sim_tcp *tcp, const struct addr *to);
/* Free it if nobody has it any more, and nothing is under way. */
void tcp_release(struct connection *c);
/* Free those of the world. */
void tcp_free_connections(void);

/* Those who wait for its socket look again. */
void tcp_changed(const struct side *side);
/* Send a segment to a side. */
void tcp_fly(struct side *to, enum kind kind, const struct iovec *iov,
    size_t n);
/* Nothing comes to it any more. */
void tcp_clear(struct side *side);
/* In place of all that is on its way to the other side, a reset is. */
void tcp_reset_other(struct side *side);

#endif
