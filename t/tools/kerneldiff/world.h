/*
 * world: the relay twice with the same tables, for kerneldiff. One has the
 * program beside it. Clients, channels, rates and times are random; whatever
 * changes, changes in both.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_WORLD_H
#define RP_T_TOOLS_KERNELDIFF_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "net.h"
#include "program.h"
#include "relay/relay.h"
#include "stand_in.h"
#include "table/alloc.h"

#define WORLD_GROUPS 4		/* of clients that talk */
#define WORLD_GROUP 4		/* clients in each */
#define WORLD_CLIENTS (WORLD_GROUPS * WORLD_GROUP)

enum world_side {
	WORLD_USER,		/* user space alone */
	WORLD_BOTH,		/* with the program */
	WORLD_SIDES
};

struct world_client {
	enum net_place place;
	unsigned i;		/* at its place */
	struct addr addr, local;
	bool has_v4, has_v6;	/* relayed addresses */
	unsigned group;
	bool ours;
	unsigned service;
	char call[16], party[4];
	/* Its channel for each of its group, by family; 0: none. */
	uint16_t channels[WORLD_GROUP][2];
	uint16_t next_channel;
	uint32_t ssrc, timestamp;	/* of its RTP */
	uint16_t sequence;
};

struct world {
	struct program *program;
	const struct net *net;
	uint64_t now_ns;
	bool forwards;
	struct alloc_table *tables[WORLD_SIDES];
	struct relay *relays[WORLD_SIDES];
	struct world_client clients[WORLD_CLIENTS];
};

/* Make a world that begins at that time. */
void world_begin(struct world *world, uint64_t now_ns);
void world_end(struct world *world);

/* Change something at random. */
void world_change(struct world *world);

/* Let so much time pass. */
void world_wait(struct world *world, uint64_t ns);

/* Have one relay handle a message, and return what it sent. */
void world_deliver(struct world *world, enum world_side side,
    const struct datagram *datagram, struct world_sent *out);

/* Find the allocation of a client's address. NULL if it has none. */
struct alloc *world_alloc(const struct world *world, enum world_side side,
    const struct addr *client, const struct addr *local);

/* Find the client with that address. NULL: nobody's. */
const struct world_client *world_client(const struct world *world,
    const struct addr *addr);

#endif
