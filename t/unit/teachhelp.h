/*
 * teachhelp: the relay's tables and one relay, which teach a kernel that is an
 * array here. Datagrams come as arguments, and none leaves.
 */
#ifndef RP_T_UNIT_TEACHHELP_H
#define RP_T_UNIT_TEACHHELP_H

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "allochelp.h"
#include "relay/relay.h"
#include "table/taught.h"

#define SLOTS 16
#define WAYS 16

/* A session as our signalling names it. */
#define CALL "00112233445566778899aabbccddeeff"

/* The kernel's part. */
static struct {
	struct alloc_traffic traffic[SLOTS];
	struct alloc_share shares[SLOTS];
	struct alloc_rate_limit rates[ALLOC_RATE_LIMITS];
	pthread_mutex_t mutex;
	unsigned n, max, asked;
	struct inkernel_key keys[WAYS];
	struct inkernel_chan chans[WAYS];
} kernel;

static struct inkernel inkernel;
static struct relay *relay;
static struct udp_batch_socket by;

static inline unsigned
find_way(const struct inkernel_key *key)
{
	unsigned i;

	for (i = 0; i < kernel.n; i++)
		if (memcmp(&kernel.keys[i], key, sizeof(*key)) == 0)
			break;
	return i;
}

static inline int
learn(void *arg, const struct inkernel_key *key,
    const struct inkernel_chan *chan)
{
	unsigned i;
	int err = 0;

	(void)arg;
	pthread_mutex_lock(&kernel.mutex);
	kernel.asked++;
	i = find_way(key);
	if (i == kernel.max) {
		err = -E2BIG;
	} else {
		kernel.keys[i] = *key;
		kernel.chans[i] = *chan;
		kernel.n += i == kernel.n;
	}
	pthread_mutex_unlock(&kernel.mutex);
	return err;
}

static inline void
forget(void *arg, const struct inkernel_key *key)
{
	unsigned i;

	(void)arg;
	pthread_mutex_lock(&kernel.mutex);
	i = find_way(key);
	if (i < kernel.n) {
		kernel.n--;
		kernel.keys[i] = kernel.keys[kernel.n];
		kernel.chans[i] = kernel.chans[kernel.n];
	}
	pthread_mutex_unlock(&kernel.mutex);
}

static inline unsigned
ways(void)
{
	unsigned n;

	pthread_mutex_lock(&kernel.mutex);
	n = kernel.n;
	pthread_mutex_unlock(&kernel.mutex);
	return n;
}

static inline void
begin_limited(const struct alloc_limits *limits)
{
	struct alloc_limits mine = *limits;
	struct addr any = at("127.0.0.1:0");
	struct relay_options options = {
		.sockets = &by, .transport = TUPLE_UDP,
		.kbps_per_allocation = 100
	};

	memset(&kernel, 0, sizeof(kernel));
	pthread_mutex_init(&kernel.mutex, NULL);
	kernel.max = WAYS;
	inkernel = (struct inkernel){
		.traffic = kernel.traffic, .n_traffic = SLOTS,
		.shares = kernel.shares, .n_shares = SLOTS,
		.rates = kernel.rates, .learn = learn, .forget = forget
	};
	mine.inkernel = &inkernel;
	setup(&mine);
	/* Nothing leaves by it: no client is on this host. */
	ck_assert_int_eq(udp_batch_socket_open(&by, &any, false), 0);
	options.table = table;
	ck_assert_int_eq(relay_new(&relay, &options), 0);
}

static inline void
begin(void)
{
	begin_limited(&(const struct alloc_limits){ 0 });
}

static inline void
end(void)
{
	relay_free(relay);
	udp_batch_socket_close(&by);
	teardown();
	pthread_mutex_destroy(&kernel.mutex);
}

static inline struct alloc *
add(const struct wanted *wanted)
{
	struct alloc *a;

	ck_assert_int_eq(add_wanted(wanted, &a), 0);
	return a;
}

static inline struct alloc *
party(const char *name, uint16_t port)
{
	return add(&(const struct wanted){ CALL, name, .port = port });
}

static inline void
bind_to(struct alloc *a, uint16_t number, const struct alloc *peer)
{
	ck_assert_int_eq(alloc_bind(table, a, number, &peer->relayed, now), 0);
}

/* `text` comes from that client by that channel. */
static inline void
say_from(const struct addr *client, const struct addr *local, uint16_t number,
    const char *text)
{
	uint8_t room[UDP_BATCH_HEADROOM + 64], reply[RELAY_REPLY];
	uint8_t *data = room + UDP_BATCH_HEADROOM;
	struct udp_batch_datagram in = {
		.data = data, .len = STUN_CHANNEL_HEADER + strlen(text),
		.from = *client, .local = *local
	};

	stun_channel_header(data, number, (uint16_t)strlen(text));
	memcpy(data + STUN_CHANNEL_HEADER, text, strlen(text));
	relay_begin(relay);
	ck_assert_uint_eq(relay_message(relay, &in, reply), 0);
	relay_end(relay);
	reclaim_wake();
}

static inline void
say(const struct alloc *a, uint16_t number)
{
	say_from(&a->client, &a->local, number, "hello");
}

/* The only way that is known. */
static inline const struct inkernel_chan *
only(void)
{
	ck_assert_uint_eq(kernel.n, 1);
	return &kernel.chans[0];
}

/* Is a way from `a` still right? */
static inline bool
holds(const struct inkernel_chan *chan)
{
	return kernel.traffic[chan->from].serial == chan->from_serial &&
	    kernel.traffic[chan->to].serial == chan->to_serial;
}

static inline void
check_ip(const uint8_t ip[static 16], uint16_t port, const struct addr *addr)
{
	uint8_t want[16];
	uint16_t want_port;

	taught_addr(want, &want_port, addr);
	ck_assert_mem_eq(ip, want, sizeof(want));
	ck_assert_uint_eq(port, want_port);
	ck_assert_uint_eq(ntohs(port), addr_port(addr));
}

static inline void
check_way(const struct alloc *a, uint16_t number, const struct alloc *b,
    uint16_t back)
{
	const struct inkernel_key *key = &kernel.keys[0];
	const struct inkernel_chan *chan = only();

	check_ip(key->client, key->client_port, &a->client);
	check_ip(key->local, key->local_port, &a->local);
	check_ip(chan->client, chan->client_port, &b->client);
	check_ip(chan->local, chan->local_port, &b->local);
	ck_assert_uint_eq(ntohs(key->number), number);
	ck_assert_uint_eq(ntohs(chan->number), back);
	ck_assert_uint_eq(key->zero, 0);
	ck_assert_uint_eq(chan->zero, 0);
	ck_assert_uint_eq(chan->flow, a->flow);
	ck_assert_ptr_eq(&kernel.traffic[chan->from], a->traffic);
	ck_assert_ptr_eq(&kernel.traffic[chan->to], b->traffic);
	ck_assert(holds(chan));
}

/* Two parties of a call, each with a channel to the other. */
static struct alloc *a, *b;

static inline void
begin_call(void)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
}

static inline void
bind_both(void)
{
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
}

static inline void
refresh(struct alloc *one, uint32_t lifetime_s)
{
	ck_assert_int_eq(alloc_refresh(table, one, AF_UNSPEC, lifetime_s,
	    now), 0);
}

/* Wait until the allocations that went are gone for good. */
static inline void
wait_for_ways(unsigned n)
{
	reclaim_sleep();
	while (ways() > n)
		sched_yield();
	reclaim_wake();
	ck_assert_uint_eq(ways(), n);
}

#endif
