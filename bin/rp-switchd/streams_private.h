/*
 * streams_private: the stream thread from inside, for streams.c, which runs it
 * and opens its doors, and streams_client.c, which has the clients' lives.
 */
#ifndef RP_SWITCHD_STREAMS_PRIVATE_H
#define RP_SWITCHD_STREAMS_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>

#include "batch.h"
#include "stream.h"
#include "streams.h"

struct event;
struct event_base;
struct inbox;
struct listener;
struct ration;
struct tls_config;

/* Frames handled before what they caused is sent. */
#define FRAMES 16

struct client {
	struct streams *streams;
	struct stream *stream;
	struct addr addr, local;
	uint64_t number;		/* generation and slot */
	bool tls;
	struct event *watch;
	uint64_t queued;		/* bytes, from the beginning */
	uint64_t taken;			/* of them, when last looked at */
	bool waits;			/* for the rest, since then */
};

struct slot {
	struct client *client;		/* NULL: free */
	uint32_t generation;
};

/* A listening socket, with or without TLS. */
struct door {
	struct streams *streams;
	struct listener *listener;
	bool tls;
};

struct frame {
	uint8_t headroom[BATCH_HEADROOM];
	uint8_t data[STREAM_FRAME];
	uint8_t padding[BATCH_PADDING];
};

struct streams {
	struct streams_options options;
	struct event_base *loop;
	struct tls_config *tls;
	struct tls_config *next_tls;	/* for the thread to take, or NULL */
	struct inbox *inbox;
	struct ration *ration;		/* of answers to strangers, or NULL */
	struct event *mail;
	struct relay *relay;
	struct door *doors;
	struct slot *slots;
	pthread_t thread;
	bool runs, stop;
	const struct client *asking;	/* whose message is being handled */
	struct streams_counts counts;
	struct turnreq_counts turnreq;
	struct frame frames[FRAMES];
	uint8_t reply[RELAY_REPLY];
};

void streams_count(uint64_t *counter, int64_t n);

/* A free slot in *out and -1, or the reason why there is none. */
int streams_admit(struct streams *streams, const struct addr *peer,
    uint32_t *out);
/* Takes over fd, also on failure. */
int streams_begin(struct streams *streams, const struct door *door, int fd,
    const struct addr *peer, uint32_t place);
/* Close it; its allocation goes with it. */
void streams_end(struct client *client);

/* What is for it, or dropped if it is too slow. */
void streams_deliver(struct client *client, const void *data, size_t len);

/* relay's handler for requests that come by a stream. */
relay_request streams_request;

#endif
