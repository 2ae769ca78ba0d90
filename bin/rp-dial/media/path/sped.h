/*
 * sped: the DTLS handshake inside ICE's checks and their answers, if the peer does
 * so too (draft-hancke-webrtc-sped). Each carries a datagram of our flight that
 * the peer has not acknowledged, and acknowledges the peer's. All of it is in
 * addition: the handshake also goes beside the checks, and what comes twice is
 * taken once. It has no socket and no clock.
 */
#ifndef RP_DIAL_SPED_H
#define RP_DIAL_SPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/stun.h"

#define SPED_DATAGRAM 900	/* as browsers have it: a check has more in it */
#define SPED_MESSAGE 1200	/* no check gets longer, but for its integrity */
#define SPED_FLIGHT 4		/* datagrams; ours are of one, as a rule */
#define SPED_ACKS 4		/* the draft's limit */

struct addr;

/* The handlers are called from within sped_check, sped_answer and sped_take. */
struct sped_handlers {
	/*
	 * A check or an answer goes out, and there may be a ClientHello for it
	 * to carry.
	 */
	void (*wanted)(void *arg);
	/* A datagram of the handshake has come inside a check or an answer. */
	void (*received)(const struct addr *from, const uint8_t *data,
	    size_t len, void *arg);
};

struct sped_datagram {
	size_t len;
	uint32_t crc;
	uint8_t data[SPED_DATAGRAM];
};

struct sped {
	const struct sped_handlers *handlers;
	void *arg;
	bool on;		/* the peer's description names it */
	bool over;		/* nothing is carried any more */
	bool done;		/* the handshake is, for us */
	bool next_flight;	/* what DTLS sends next belongs to another one */
	struct sped_datagram flight[SPED_FLIGHT];
	size_t n_flight, turn;
	uint32_t heard[SPED_ACKS];	/* the oldest first */
	size_t n_heard;
};

void sped_init(struct sped *sped, const struct sped_handlers *handlers,
    void *arg);

/*
 * Begin with another peer, or association. It is not known whether the peer does
 * it until sped_peer. Until then an answer has it if the check had.
 */
void sped_reset(struct sped *sped);
void sped_peer(struct sped *sped, bool speaks);

/*
 * Keep a datagram of ours, unless it is too long or one too many. The first one
 * after sped_flight begins a flight.
 */
void sped_flight(struct sped *sped);
void sped_sent(struct sped *sped, const uint8_t *data, size_t len);

/* Note a datagram of the peer's. Return false if it has come before. */
bool sped_heard(struct sped *sped, const uint8_t *data, size_t len);

/*
 * Our handshake is done. A client has nothing to repeat; the last flight of a
 * server goes on until the peer has it.
 */
void sped_done(struct sped *sped, bool client);

/*
 * Add the attributes to a check of ours, or to the answer to `check`, before its
 * integrity. `sped` may be NULL.
 */
void sped_check(struct sped *sped, struct stun_builder *b);
void sped_answer(struct sped *sped, const struct stun_msg *check,
    struct stun_builder *b);

/* Take them from an authentic check or answer. `sped` may be NULL. */
void sped_take(struct sped *sped, const struct addr *from,
    const struct stun_msg *msg);

#endif
