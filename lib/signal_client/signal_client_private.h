/*
 * signal_client_private: a client's state, shared by signal_client.c (the
 * connection) and signal_messages.c (the messages on it).
 */
#ifndef RP_SIGNAL_CLIENT_SIGNAL_CLIENT_PRIVATE_H
#define RP_SIGNAL_CLIENT_SIGNAL_CLIENT_PRIVATE_H

#include "net/tls.h"
#include "signal_client/signal_client.h"

struct loop_event;
struct buffer;
struct tlsrace;

#define SIGNAL_CLIENT_OUT 32	/* requests sent and not answered */
#define SIGNAL_CLIENT_TEXT (SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX)

enum phase {
	RACING,
	HANDSHAKE,		/* the ServerHello has come */
	ASKED,			/* first is sent */
	OPEN,
	CLOSED
};

struct out {
	signal_client_answer *answer;	/* NULL: a ping */
	void *arg;
};

struct signal_client {
	struct event_base *loop;
	char *server_name, *number, *token;
	const struct jwt_key *key;	/* NULL: the token counts */
	size_t proof_at;		/* of the signature in `first` */
	uint32_t keepalive_ms;
	struct signal_client_handlers handlers;
	void *arg;

	enum phase phase;
	struct tlsrace *race;
	struct tlsrace_options options;	/* of the race */
	bool repeatable;		/* `first`, without another effect */
	size_t entry;			/* the connected one, in the race */
	uint32_t connect_ms;
	bool alone;			/* late, and no other address is left */
	struct tls *tls;
	struct addr addr;
	char *first;
	size_t first_len;
	signal_client_answer *first_answer;
	char *then;			/* follows `first`, or NULL */
	size_t then_len;
	struct out out[SIGNAL_CLIENT_OUT];	/* a ring, by age */
	size_t out_head, out_n;
	struct loop_event *deadline;	/* of the phase or the oldest `out` */
	struct loop_event *keepalive;
	struct signal_client_times times;
	struct tls_config *config;
	struct tickets *tickets;
	bool resumed, early;

	bool *freed;			/* set by free during a callback */
};

/*
 * Handle a failed connection: strike its switch and race on, or call `closed`.
 * In signal_client.c, as are the next three.
 */
void signal_client_fail(struct signal_client *c, int err, const char *why);

/* Keep a ticket, because the server is one that works. */
void signal_client_keep_ticket(struct signal_client *c);

/* The network has changed before the first answer: begin again if need be. */
void signal_client_moves(struct signal_client *c);

/* Fail unless this is set again within `ms`, or deleted. */
void signal_client_deadline(struct signal_client *c, uint32_t ms);

/*
 * Write a request as text, with host and credentials. In signal_messages.c, as
 * are the next two.
 */
int signal_client_write(struct signal_client *c, const struct sigmsg *msg,
    char *text, size_t *len);

/*
 * Sign the session in the first request, before it is sent. Without a key this
 * does nothing.
 */
void signal_client_prove(const uint8_t exporter[static TLS_EXPORTER],
    void *arg);

/* Handle bytes that have come, or send a ping that is due. */
void signal_client_data(struct buffer *in, void *arg);
void signal_client_keepalive(void *arg);

#endif
