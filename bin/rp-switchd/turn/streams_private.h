/*
 * streams_private: the state of the stream thread, for streams.c, which runs it
 * and its listeners, and streams_client.c, which has the clients.
 */
#ifndef RP_SWITCHD_STREAMS_PRIVATE_H
#define RP_SWITCHD_STREAMS_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/lobby.h"
#include "net/udp_batch.h"
#include "turn/streams.h"
#include "turn/turn_conn.h"

struct loop_event;
struct event_base;
struct inbox;
struct listener;
struct ratelimit;
struct tls_config;
struct workers_lane;

/* Frames handled before their output is sent. */
#define FRAMES 16

struct client {
	struct streams *streams;
	struct turn_conn *stream;
	struct addr addr, local;
	struct lobby_member stranger;	/* until it has an allocation */
	struct lobby_member anyone;	/* for the count per address */
	uint64_t number;		/* generation and slot */
	bool tls;
	struct loop_event *watch;
	uint64_t queued;		/* bytes in all */
	uint64_t taken;			/* of them, at the last look */
	bool waits;			/* the rest waits since then */
};

struct slot {
	struct client *client;		/* NULL: free */
	uint32_t generation;
};

/* A listening socket, with or without TLS. */
struct stream_listener {
	struct streams *streams;
	struct listener *listener;
	bool tls;
};

struct frame {
	uint8_t headroom[UDP_BATCH_HEADROOM];
	uint8_t data[TURN_CONN_FRAME];
	uint8_t padding[UDP_BATCH_PADDING];
};

struct streams {
	struct streams_options options;
	struct event_base *loop;
	struct tls_config *tls;
	struct tls_config *next_tls;	/* for the thread to take, or NULL */
	struct workers_lane *lane;	/* of handshakes; NULL: none */
	struct inbox *inbox;
	struct ratelimit *strangers;	/* NULL: no limit */
	struct loop_event *ready;		/* the inbox has messages */
	struct relay *relay;
	struct stream_listener *listeners;
	struct lobby *lobby, *everybody;	/* strangers, and all clients */
	struct slot *slots;
	uint32_t *free;			/* the slots without a client */
	size_t n_free;
	pthread_t thread;
	bool runs, stop;
	const struct client *asking;	/* the sender of the message being
					 * handled */
	struct streams_counts counts;
	struct turnreq_counts turnreq;
	struct frame frames[FRAMES];
	uint8_t reply[RELAY_REPLY];
};

/*
 * Find a free slot for `*out` and return -1, or return the reason why there is
 * none.
 */
int streams_admit(struct streams *streams, const struct addr *peer,
    uint32_t *out);
/* Begin a client's stream. Takes over `fd`, also on failure. */
int streams_begin(struct streams *streams, const struct stream_listener *on,
    int fd, const struct addr *peer, uint32_t place);
/* Count and log a stream that was refused or cut. */
void streams_count_cut(struct streams *streams, enum streams_cut reason,
    const struct addr *peer);
/* Close the stream and delete its allocation. */
void streams_end(struct client *client);

/* Send data to the client, or drop it if the client is too slow. */
void streams_deliver(struct client *client, const void *data, size_t len);

/* Handle requests that come by a stream, for relay. */
relay_request streams_request;

#endif
