/* world: two relays with the same tables. See world.h. */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tool.h"
#include "net/udp_batch.h"
#include "stand_in.h"
#include "table/draw.h"
#include "table/tuple.h"
#include "wire/turncred.h"

#define FIRST_CHANNEL 0x4000
/* All over the range that the relay takes, and none twice. */
#define CHANNELS 0x4000
#define CHANNEL_STEP 819
#define SERVICES 2

static size_t
no_request(const struct udp_batch_datagram *in, uint64_t now_ns,
    uint8_t reply[static RELAY_REPLY], void *arg)
{
	(void)in, (void)now_ns, (void)reply, (void)arg;
	return 0;
}

static unsigned
any(unsigned n)
{
	return (unsigned)frame_random(n);
}

/* Return a rate, low enough to be exceeded, or none. */
static unsigned
any_kbps(void)
{
	static const unsigned rates[] = { 0, 0, 4, 16, 100 };

	return rates[any(5)];
}

static void
set_time(struct world *world, uint64_t now_ns)
{
	world->now_ns = now_ns;
	stand_in_now_ns = now_ns;
	*world->program->now_ns = now_ns;
}

/* Both must have done the same. */
static void
same(int user, int both, const char *what)
{
	if (user != both)
		tool_fail(1, what, "%d, and with the program %d", user, both);
}

static void
set_services(struct world *world)
{
	struct alloc_service_limits limits = { .kbps_per_user = any_kbps(),
		.kbps = 4 * any_kbps() };
	unsigned service = 1 + any(SERVICES);
	int side;

	for (side = 0; side < WORLD_SIDES; side++)
		alloc_set_service(world->tables[side], service, &limits);
}

static void
renew_lease(struct world *world, uint64_t ns)
{
	world->program->control->lease_until_ns = world->now_ns + ns;
}

static void
make_relays(struct world *world)
{
	static const struct udp_batch_socket sockets[1] = { { .fd = -1 } };
	struct alloc_limits limits = {
		.channel_permit_s = any(2) * 600, .kbps = 16 * any_kbps(),
		.reach = (enum alloc_reach)any(3)
	};
	struct relay_options options = {
		.sockets = sockets, .transport = TUPLE_UDP,
		.kbps_per_allocation = any_kbps(), .request = no_request
	};
	int side;

	for (side = 0; side < WORLD_SIDES; side++) {
		if (side == WORLD_BOTH)
			limits.inkernel = &world->program->inkernel;
		if (alloc_table_new(&world->tables[side], &limits) < 0)
			tool_fail(1, "tables", "cannot be made");
		options.table = world->tables[side];
		if (relay_new(&world->relays[side], &options) < 0)
			tool_fail(1, "relay", "cannot be made");
	}
	world->program->control->byte_ns =
	    draw_byte_ns(options.kbps_per_allocation);
}

static void
name_client(struct world_client *c, unsigned group, unsigned i, unsigned kind)
{
	static const char *const pairs[] = { "a", "b0", "a", "b0" };
	static const char *const threes[] = { "a", "b0", "b1", "a" };
	const char *party = "";

	c->group = group;
	c->ours = kind < 3;
	c->service = c->ours ? 0 : 1 + group % SERVICES;
	if (kind == 0)
		party = pairs[i];
	else if (kind == 1)
		party = threes[i];
	/* A user's name is the call; in the last kind each is another. */
	snprintf(c->call, sizeof(c->call), "%s%u-%u", c->ours ? "call" : "user",
	    group, kind == 4 ? i : 0);
	strcpy(c->party, party);
}

/* Choose a place, where most can be reached. */
static enum net_place
any_place(void)
{
	return (enum net_place)any(any(3) != 0 ? NET_SILENT : NET_PLACES);
}

static void
place_client(struct world_client *c, unsigned n, enum net_place home, bool v6)
{
	c->place = any(4) != 0 ? home : any_place();
	c->i = any(NET_CLIENTS);
	c->addr = net_client(c->place, c->i, v6);
	addr_set_port(&c->addr, (uint16_t)(1024 + n * 1000 + any(1000)));
	c->local = net_local(any(8) != 0 ? c->place :
	    (enum net_place)any(NET_PLACES), v6);
	c->has_v4 = any(8) != 0;
	c->has_v6 = !c->has_v4 || any(2) != 0;
	c->ssrc = any(UINT32_MAX);
	c->timestamp = any(UINT32_MAX);
	c->sequence = (uint16_t)any(0x10000);
}

struct alloc *
world_alloc(const struct world *world, enum world_side side,
    const struct addr *client, const struct addr *local)
{
	struct tuple tuple;

	tuple_make(&tuple, client, local, TUPLE_UDP);
	return alloc_find(world->tables[side], &tuple, world->now_ns);
}

static struct alloc *
alloc_of(const struct world *world, int side, const struct world_client *c)
{
	return world_alloc(world, (enum world_side)side, &c->addr, &c->local);
}

static int
add_one(struct world *world, int side, const struct world_client *c,
    uint32_t lifetime_s, const uint8_t *transaction)
{
	const uint8_t four[4] = { 192, 0, 2, 1 };
	const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct stunauth_key key = { 0 };
	struct turncred cred = { .expiry_s = 9999999999, .ours = c->ours,
		.service = c->service };
	char username[TURNCRED_USERNAME];
	struct addr v4, v6;
	struct alloc_new new = {
		.client = &c->addr, .local = &c->local, .fd = -1,
		.relayed = c->has_v4 ? &v4 : &v6, .second_fd = -1,
		.second = c->has_v4 && c->has_v6 ? &v6 : NULL,
		.username = username, .cred = &cred, .key = &key,
		.transaction = transaction, .lifetime_s = lifetime_s
	};
	struct alloc *out;

	if (addr_from_bytes(&v4, four, sizeof(four), 0) < 0 ||
	    addr_from_bytes(&v6, six, sizeof(six), 0) < 0)
		tool_fail(1, "address", "cannot be made");
	strcpy(cred.call, c->call);
	strcpy(cred.party, c->party);
	if (turncred_username(username, &cred) < 0)
		tool_fail(1, "username", "cannot be made");
	return alloc_add(world->tables[side], &new, world->now_ns, &out);
}

/* Add a client's allocation, unless it has one. */
static void
add_client(struct world *world, const struct world_client *c)
{
	uint32_t lifetime_s = 30 + any(1200);
	uint8_t transaction[STUN_TRANSACTION];
	uint64_t seed = frame_random(UINT64_MAX);
	int side, err[WORLD_SIDES];
	size_t i;

	for (i = 0; i < sizeof(transaction); i++)
		transaction[i] = (uint8_t)any(256);
	for (side = 0; side < WORLD_SIDES; side++) {
		stand_in_ports = seed;
		err[side] = add_one(world, side, c, lifetime_s, transaction);
	}
	same(err[WORLD_USER], err[WORLD_BOTH], "allocation");
}

/* Bind, or renew, the channel of `c` for another of its group. */
static void
bind_one(struct world *world, struct world_client *c, unsigned j, int family)
{
	const struct world_client *to =
	    &world->clients[c->group * WORLD_GROUP + j];
	sa_family_t af = family == 0 ? AF_INET : AF_INET6;
	uint16_t *number = &c->channels[j][family];
	int side, err[WORLD_SIDES] = { 0, 0 };
	const struct addr *peer;
	struct alloc *a, *b;
	bool bound = false;

	if (*number == 0)
		*number = (uint16_t)(FIRST_CHANNEL +
		    c->next_channel++ * CHANNEL_STEP % CHANNELS);
	for (side = 0; side < WORLD_SIDES; side++) {
		a = alloc_of(world, side, c);
		b = alloc_of(world, side, to);
		peer = b == NULL ? NULL : alloc_relayed(b, af, world->now_ns);
		bound = a != NULL && peer != NULL;
		if (bound)
			err[side] = alloc_bind(world->tables[side], a, *number,
			    peer, world->now_ns);
	}
	same(err[WORLD_USER], err[WORLD_BOTH], "channel");
	/* It is bound to an address that is gone, or none is there. */
	if (!bound || err[WORLD_USER] < 0)
		*number = 0;
}

static void
bind_channel(struct world *world, struct world_client *c, unsigned j)
{
	const struct world_client *to =
	    &world->clients[c->group * WORLD_GROUP + j];

	if (to == c)
		return;
	if (c->has_v4 && to->has_v4)
		bind_one(world, c, j, 0);
	if (c->has_v6 && to->has_v6)
		bind_one(world, c, j, 1);
}

static void
refresh(struct world *world, const struct world_client *c)
{
	static const sa_family_t families[] = { AF_UNSPEC, AF_UNSPEC, AF_INET,
		AF_INET6 };
	sa_family_t family = families[any(4)];
	uint32_t lifetime_s = any(4) == 0 ? 0 : 30 + any(900);
	struct alloc *a;
	int side;

	for (side = 0; side < WORLD_SIDES; side++) {
		a = alloc_of(world, side, c);
		if (a != NULL)
			(void)alloc_refresh(world->tables[side], a, family,
			    lifetime_s, world->now_ns);
	}
}

static void
replace(struct world *world, struct world_client *c)
{
	struct world_client *group = &world->clients[c->group * WORLD_GROUP];
	unsigned mine = (unsigned)(c - group), i;
	struct alloc *a;
	int side;

	for (side = 0; side < WORLD_SIDES; side++) {
		a = alloc_of(world, side, c);
		if (a != NULL)
			alloc_delete(world->tables[side], a);
	}
	memset(c->channels, 0, sizeof(c->channels));
	add_client(world, c);
	/* Some of the others notice. */
	for (i = 0; i < WORLD_GROUP; i++) {
		if (any(4) == 0)
			continue;
		memset(group[i].channels[mine], 0,
		    sizeof(group[i].channels[mine]));
		bind_channel(world, &group[i], mine);
		bind_channel(world, c, i);
	}
}

static void
ring(struct world *world, const struct world_client *c)
{
	bool rings = any(2) != 0;
	int side;

	for (side = 0; side < WORLD_SIDES && c->ours; side++) {
		if (rings)
			alloc_ring_call(world->tables[side], c->call);
		else
			alloc_answer_call(world->tables[side], c->call);
	}
}

/* Have every client what it lacks, as clients do after a while. */
static void
renew_all(struct world *world)
{
	struct world_client *c;
	unsigned i, j;

	for (i = 0; i < WORLD_CLIENTS; i++) {
		c = &world->clients[i];
		if (alloc_of(world, WORLD_USER, c) == NULL) {
			memset(c->channels, 0, sizeof(c->channels));
			add_client(world, c);
		}
	}
	for (i = 0; i < WORLD_CLIENTS; i++)
		for (j = 0; j < WORLD_GROUP; j++)
			if (any(16) != 0)
				bind_channel(world, &world->clients[i], j);
}

void
world_wait(struct world *world, uint64_t ns)
{
	set_time(world, world->now_ns + ns);
	stand_in_tick();
}

void
world_change(struct world *world)
{
	struct world_client *c = &world->clients[any(WORLD_CLIENTS)];
	struct program *program = world->program;

	switch (any(20)) {
	case 0:
		refresh(world, c);
		break;
	case 1:
	case 2:
		replace(world, c);
		break;
	case 3:
		ring(world, c);
		break;
	case 4:
		set_services(world);
		break;
	case 5:
		world_wait(world, any(400) * CLOCK_S);
		break;
	case 6:
		world->forwards = any(4) != 0;
		net_forward(world->net, world->forwards);
		break;
	case 7:
		renew_lease(world, any(2) * 10000 * CLOCK_S);
		break;
	case 8:
		program->refuses = any(4) == 0;
		break;
	case 9:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
		world->forwards = true;
		net_forward(world->net, true);
		renew_lease(world, 10000 * CLOCK_S);
		renew_all(world);
		break;
	default:
		bind_channel(world, c, any(WORLD_GROUP));
		break;
	}
}

void
world_begin(struct world *world, uint64_t now_ns)
{
	unsigned group, i, kind, n = 0;
	enum net_place home;
	bool v6;

	program_clear(world->program);
	set_time(world, now_ns);
	memset(world->clients, 0, sizeof(world->clients));
	make_relays(world);
	for (i = 0; i < SERVICES; i++)
		set_services(world);
	for (group = 0; group < WORLD_GROUPS; group++) {
		kind = any(5);
		v6 = any(2) != 0;
		home = any_place();
		for (i = 0; i < WORLD_GROUP; i++, n++) {
			name_client(&world->clients[n], group, i, kind);
			place_client(&world->clients[n], n, home,
			    any(24) != 0 ? v6 : !v6);
		}
	}
	world->forwards = true;
	net_forward(world->net, true);
	renew_lease(world, 10000 * CLOCK_S);
	renew_all(world);
}

void
world_end(struct world *world)
{
	int side;

	stand_in_tick();
	for (side = 0; side < WORLD_SIDES; side++) {
		relay_free(world->relays[side]);
		alloc_table_free(world->tables[side]);
	}
}

void
world_deliver(struct world *world, enum world_side side,
    const struct datagram *datagram, struct world_sent *out)
{
	uint8_t room[UDP_BATCH_HEADROOM + FRAME_MAX + UDP_BATCH_PADDING];
	uint8_t reply[RELAY_REPLY];
	struct udp_batch_datagram in = {
		.data = room + UDP_BATCH_HEADROOM, .len = datagram->len,
		.from = datagram->from, .local = datagram->to
	};

	memcpy(in.data, datagram->data, datagram->len);
	stand_in_sent = out;
	out->n = 0;
	relay_begin(world->relays[side]);
	(void)relay_message(world->relays[side], &in, reply);
	relay_end(world->relays[side]);
}

const struct world_client *
world_client(const struct world *world, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < WORLD_CLIENTS; i++)
		if (addr_equal(&world->clients[i].addr, addr))
			return &world->clients[i];
	return NULL;
}
