/*
 * What the kernel is taught: which ways and until when, that a change revokes
 * them, and that they are forgotten with their sender. The kernel is an array
 * here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "allochelp.h"
#include "relay/relay.h"
#include "relay/inbox.h"
#include "table/slots.h"
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

static unsigned
find_way(const struct inkernel_key *key)
{
	unsigned i;

	for (i = 0; i < kernel.n; i++)
		if (memcmp(&kernel.keys[i], key, sizeof(*key)) == 0)
			break;
	return i;
}

static int
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

static void
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

static unsigned
ways(void)
{
	unsigned n;

	pthread_mutex_lock(&kernel.mutex);
	n = kernel.n;
	pthread_mutex_unlock(&kernel.mutex);
	return n;
}

static void
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

static void
begin(void)
{
	begin_limited(&(const struct alloc_limits){ 0 });
}

static void
end(void)
{
	relay_free(relay);
	udp_batch_socket_close(&by);
	teardown();
	pthread_mutex_destroy(&kernel.mutex);
}

static struct alloc *
add(const struct wanted *wanted)
{
	struct alloc *a;

	ck_assert_int_eq(add_wanted(wanted, &a), 0);
	return a;
}

static struct alloc *
party(const char *name, uint16_t port)
{
	return add(&(const struct wanted){ CALL, name, .port = port });
}

static void
bind_to(struct alloc *a, uint16_t number, const struct alloc *peer)
{
	ck_assert_int_eq(alloc_bind(table, a, number, &peer->relayed, now), 0);
}

/* `text` comes from the client of `a` by that channel. */
static void
say_text(const struct alloc *a, uint16_t number, const char *text)
{
	uint8_t room[UDP_BATCH_HEADROOM + 64], reply[RELAY_REPLY];
	uint8_t *data = room + UDP_BATCH_HEADROOM;
	struct udp_batch_datagram in = {
		.data = data, .len = STUN_CHANNEL_HEADER + strlen(text),
		.from = a->client, .local = a->local
	};

	stun_channel_header(data, number, (uint16_t)strlen(text));
	memcpy(data + STUN_CHANNEL_HEADER, text, strlen(text));
	relay_begin(relay);
	ck_assert_uint_eq(relay_message(relay, &in, reply), 0);
	relay_end(relay);
	reclaim_wake();
}

static void
say(const struct alloc *a, uint16_t number)
{
	say_text(a, number, "hello");
}

/* The only way that is known. */
static const struct inkernel_chan *
only(void)
{
	ck_assert_uint_eq(kernel.n, 1);
	return &kernel.chans[0];
}

/* Is a way from `a` still right? */
static bool
holds(const struct inkernel_chan *chan)
{
	return kernel.traffic[chan->from].serial == chan->from_serial &&
	    kernel.traffic[chan->to].serial == chan->to_serial;
}

static void
check_ip(const uint8_t ip[static 16], uint16_t port, const struct addr *addr)
{
	uint8_t want[16];
	uint16_t want_port;

	taught_addr(want, &want_port, addr);
	ck_assert_mem_eq(ip, want, sizeof(want));
	ck_assert_uint_eq(port, want_port);
	ck_assert_uint_eq(ntohs(port), addr_port(addr));
}

static void
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

static void
begin_call(void)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
}

START_TEST(way_of_call)
{
	begin_call();
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_ptr_eq(&kernel.shares[only()->party], a->share);
	ck_assert_ptr_eq(&kernel.shares[only()->call], alloc_call_share(a));
	ck_assert_uint_eq(only()->service, INKERNEL_NONE);
	ck_assert_uint_eq(kernel.keys[0].client[10], 0xff);
	ck_assert_uint_eq(kernel.keys[0].client[12], 198);
	/* What user space relays is in the same sums. */
	ck_assert_uint_eq(kernel.traffic[only()->from].packets, 1);
	ck_assert_uint_eq(kernel.traffic[only()->from].bytes, 5);
	ck_assert_uint_eq(kernel.traffic[only()->from].lock, 0);
	ck_assert_uint_ne(kernel.shares[only()->party].sent.full_ns, 0);
	/* It is taught once. */
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	say(b, 0x4002);
	ck_assert_uint_eq(kernel.n, 2);
	end();
}
END_TEST

START_TEST(way_of_ipv6)
{
	begin();
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .client = "[2001:db8::1]", .local = "[2001:db8::99]:3478" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[2001:db8::2]", .local = "[2001:db8::99]:3478" });
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_uint_eq(only()->flow, CALLSTATS_FLOW(CALLSTATS_UDP, true));
	ck_assert_uint_eq(kernel.keys[0].client[0], 0x20);
	end();
}
END_TEST

/* A user's datagrams are taken from his rate, his service's and the total. */
START_TEST(way_of_users)
{
	begin_limited(&(const struct alloc_limits){ .reach = ALLOC_SERVICE });
	alloc_set_service(table, 3, &(const struct alloc_service_limits){
	    .kbps_per_user = 1000, .kbps = 8000 });
	a = add(&(const struct wanted){ "u", .foreign = true, .service = 3,
	    .port = 1 });
	b = add(&(const struct wanted){ "v", .foreign = true, .service = 3,
	    .port = 2 });
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_uint_eq(only()->service, 1 + 3);
	ck_assert_uint_eq(only()->party, INKERNEL_NONE);
	ck_assert_ptr_eq(&kernel.shares[only()->call], alloc_call_share(a));
	ck_assert_uint_ne(kernel.shares[only()->call].sent.full_ns, 0);
	ck_assert_uint_eq(kernel.rates[1 + 3].users, 2);
	ck_assert_uint_eq(kernel.rates[0].users, 2);
	ck_assert_uint_eq(kernel.rates[1 + 3].byte_ps, 1000000);
	ck_assert_uint_eq(kernel.rates[1 + 3].user_byte_ps, 8000000);
	ck_assert_uint_ne(kernel.rates[1 + 3].meter.full_ns, 0);
	end();
}
END_TEST

/* Credentials that name no party have the call's share alone. */
START_TEST(way_of_nameless)
{
	begin();
	a = party(NULL, 1);
	b = party(NULL, 2);
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->party, INKERNEL_NONE);
	ck_assert_uint_eq(kernel.shares[only()->call].half, 1);
	end();
}
END_TEST

/* A way ends with the first thing that it needs. Lives are of 600 s. */
START_TEST(until_permission)
{
	begin_call();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	end();
}
END_TEST

/* Everything but the channels and allocations lasts much longer. */
static void
begin_lasting(void)
{
	begin_limited(&(const struct alloc_limits){
	    .channel_permit_s = 5000 });
	a = party("a", 1);
	b = party("b0", 2);
}

static void
refresh(struct alloc *one, uint32_t lifetime_s)
{
	ck_assert_int_eq(alloc_refresh(table, one, AF_UNSPEC, lifetime_s,
	    now), 0);
}

START_TEST(until_own_channel)
{
	begin_lasting();
	refresh(a, 4000);
	refresh(b, 4000);
	bind_to(a, 0x4001, b);
	now += 5 * S;
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns,
	    now - 5 * S + CHAN_LIFETIME_S * S);
	end();
}
END_TEST

START_TEST(until_other_channel)
{
	begin_lasting();
	refresh(a, 4000);
	refresh(b, 4000);
	bind_to(b, 0x4002, a);
	now += 5 * S;
	bind_to(a, 0x4001, b);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns,
	    now - 5 * S + CHAN_LIFETIME_S * S);
	end();
}
END_TEST

static void
bind_both(void)
{
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
}

START_TEST(until_own_end)
{
	begin_lasting();
	bind_both();
	refresh(a, 99);
	refresh(b, 4000);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 99 * S);
	end();
}
END_TEST

START_TEST(until_other_end)
{
	begin_lasting();
	bind_both();
	refresh(a, 4000);
	refresh(b, 98);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 98 * S);
	end();
}
END_TEST

/* Of two families, that of the channel's peer counts, at both ends. */
static void
begin_two_families(void)
{
	begin_limited(&(const struct alloc_limits){
	    .channel_permit_s = 5000 });
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .second = "2001:db8::99" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .second = "2001:db8::99" });
	ck_assert_int_eq(alloc_bind(table, a, 0x4001, &b->second->relayed,
	    now), 0);
	ck_assert_int_eq(alloc_bind(table, b, 0x4002, &a->second->relayed,
	    now), 0);
}

START_TEST(until_family)
{
	begin_two_families();
	ck_assert_int_eq(alloc_refresh(table, a, AF_INET6, 97, now), 0);
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET, 96, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 97 * S);
	end();
}
END_TEST

START_TEST(until_family_of_other)
{
	begin_two_families();
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET6, 95, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 95 * S);
	end();
}
END_TEST

/* It is taught anew, with the new end, when the known one is over. */
START_TEST(renewed)
{
	begin();
	now -= PERM_LIFETIME_S * S - S / 10;
	a = party("a", 1);
	b = party("b0", 2);
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	now = clock_ns();
	bind_both();
	while (clock_ns() < only()->expires_ns)
		sched_yield();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	ck_assert_uint_eq(kernel.asked, 2);
	end();
}
END_TEST

/* A change that makes a way wrong, and one that does not. */
START_TEST(shorter_life_revokes)
{
	begin_call();
	say(a, 0x4001);
	refresh(a, 700);
	refresh(b, 700);
	ck_assert(holds(only()));
	refresh(a, 300);
	ck_assert(!holds(only()));
	say(a, 0x4001);
	ck_assert(holds(only()));
	refresh(b, 299);
	ck_assert(!holds(only()));
	say(a, 0x4001);
	ck_assert(holds(only()));
	ck_assert_uint_eq(only()->expires_ns, now + 299 * S);
	ck_assert_uint_eq(kernel.asked, 3);
	end();
}
END_TEST

START_TEST(end_of_family_revokes)
{
	begin_two_families();
	say(a, 0x4001);
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET6, 0, now), 0);
	ck_assert(!holds(only()));
	/* The other one lives on, but nothing goes there. */
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	end();
}
END_TEST

/* Wait until the allocations that went are gone for good. */
static void
wait_for_ways(unsigned n)
{
	reclaim_sleep();
	while (ways() > n)
		sched_yield();
	reclaim_wake();
	ck_assert_uint_eq(ways(), n);
}

START_TEST(removal_revokes_and_forgets)
{
	struct inkernel_chan to_b, to_a;

	begin_call();
	say(a, 0x4001);
	to_b = *only();
	say(b, 0x4002);
	to_a = kernel.chans[1];
	ck_assert(holds(&to_b));
	ck_assert(holds(&to_a));
	alloc_delete(table, a);
	ck_assert(!holds(&to_b));
	ck_assert(!holds(&to_a));
	wait_for_ways(1);
	check_ip(kernel.keys[0].client, kernel.keys[0].client_port,
	    &b->client);
	alloc_end_call(table, CALL);
	wait_for_ways(0);
	end();
}
END_TEST

/* Who comes to a slot that was used begins with no sums, and another serial. */
START_TEST(slot_is_cleared)
{
	uint32_t from, serial;
	struct alloc *others[SLOTS - 2];
	size_t i;

	begin_call();
	say(a, 0x4001);
	from = only()->from;
	serial = only()->from_serial;
	for (i = 0; i < SLOTS - 2; i++)
		others[i] = party("a", (uint16_t)(10 + i));
	ck_assert_ptr_ne(others[SLOTS - 3]->traffic,
	    &others[SLOTS - 3]->own);
	/* None is left, and the next one has its own, of which nobody learns. */
	b = party("b0", 99);
	ck_assert_ptr_eq(b->traffic, &b->own);
	bind_to(b, 0x4007, a);
	ck_assert_int_eq(alloc_bind(table, a, 0x4003, &b->relayed, now), 0);
	say(b, 0x4007);
	say(a, 0x4003);
	ck_assert_uint_eq(kernel.asked, 1);
	ck_assert_uint_eq(b->own.packets, 1);
	alloc_delete(table, a);
	wait_for_ways(0);
	now += 3600 * S;
	a = party("a", 5);
	ck_assert_ptr_eq(a->traffic, &kernel.traffic[from]);
	ck_assert_uint_eq(a->traffic->packets, 0);
	ck_assert_uint_ne(a->traffic->serial, serial);
	end();
}
END_TEST

/* Neither to nor from a stream, to another family, or to no channel. */
START_TEST(not_to_stream)
{
	struct inbox *inbox;

	begin();
	ck_assert_int_eq(inbox_new(&inbox, 2), 0);
	a = party("a", 1);
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .inbox = inbox });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	ck_assert_ptr_eq(b->traffic, &b->own);
	end();
	inbox_free(inbox);
}
END_TEST

START_TEST(not_to_other_family)
{
	begin();
	a = party("a", 1);
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[2001:db8::2]", .local = "[2001:db8::99]:3478" });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_to_link_local)
{
	begin();
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .client = "[fe80::1]", .local = "[fe80::99]:3478" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[fe80::2]", .local = "[fe80::99]:3478" });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_without_channel)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	ck_assert_int_eq(alloc_permit(table, b, &a->relayed, 1, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	end();
}
END_TEST

START_TEST(not_without_permission)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 0);
	ck_assert_uint_eq(a->traffic->dropped, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_from_indication)
{
	uint8_t room[UDP_BATCH_HEADROOM + 128], reply[RELAY_REPLY];
	uint8_t *data = room + UDP_BATCH_HEADROOM;
	const uint8_t transaction[STUN_TRANSACTION] = { 1 };
	struct udp_batch_datagram in = { .data = data };
	struct stun_builder builder;

	begin_call();
	in.from = a->client;
	in.local = a->local;
	stun_begin(&builder, data, 128, STUN_SEND | STUN_INDICATION,
	    transaction);
	stun_add_xor_addr(&builder, STUN_ATTR_XOR_PEER_ADDRESS, &b->relayed);
	stun_add(&builder, STUN_ATTR_DATA, "hello", 5);
	in.len = stun_end(&builder);
	relay_begin(relay);
	ck_assert_uint_eq(relay_message(relay, &in, reply), 0);
	relay_end(relay);
	reclaim_wake();
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

/* A full map is asked again after a pause, not for each packet. */
START_TEST(full)
{
	uint64_t pause_ns;

	begin_call();
	kernel.max = 0;
	say(a, 0x4001);
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	ck_assert_uint_eq(a->traffic->packets, 2);
	kernel.max = WAYS;
	pause_ns = clock_ns() + TAUGHT_PAUSE_NS;
	while (clock_ns() < pause_ns)
		sched_yield();
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 2);
	check_way(a, 0x4001, b, 0x4002);
	end();
}
END_TEST

/* Two channels of one place: the first keeps it, until it is revoked. */
START_TEST(same_place)
{
	struct alloc *c;

	begin_call();
	c = party("b1", 3);
	bind_to(a, 0x4001 + CHAN_MAX, c);
	bind_to(c, 0x4003, a);
	say(a, 0x4001);
	say(a, 0x4001 + CHAN_MAX);
	ck_assert_uint_eq(kernel.asked, 1);
	refresh(a, 100);
	say(a, 0x4001 + CHAN_MAX);
	ck_assert_uint_eq(kernel.asked, 2);
	check_way(a, 0x4001 + CHAN_MAX, c, 0x4003);
	end();
}
END_TEST

/* Of the kernel: it takes the lock if it is free, and counts. */
static bool stop;
static uint64_t kernel_packets;

static void *
run_kernel(void *arg)
{
	struct alloc_traffic *traffic = arg;
	uint32_t unlocked;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unlocked = 0;
		if (!__atomic_compare_exchange_n(&traffic->lock, &unlocked, 1,
		    false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		traffic->packets++;
		traffic->bytes += 5;
		kernel_packets++;
		__atomic_store_n(&traffic->lock, 0, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void *
run_changes(void *arg)
{
	uint32_t i;

	(void)arg;
	for (i = 0; i < 2000; i++)
		ck_assert_int_eq(alloc_refresh(table, a, AF_UNSPEC, 200,
		    now - i), 0);
	return NULL;
}

START_TEST(counts_are_exact)
{
	pthread_t kernels, changes;
	struct callstats stats;
	unsigned i;

	begin_call();
	stop = false;
	kernel_packets = 0;
	ck_assert_int_eq(pthread_create(&kernels, NULL, run_kernel,
	    a->traffic), 0);
	ck_assert_int_eq(pthread_create(&changes, NULL, run_changes, NULL),
	    0);
	for (i = 0; i < 20000; i++)
		say_text(a, 0x4001, "");
	ck_assert_int_eq(pthread_join(changes, NULL), 0);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	ck_assert_int_eq(pthread_join(kernels, NULL), 0);
	ck_assert_int_eq(alloc_callstats(table, CALL, &stats), 0);
	ck_assert_uint_eq(callstats_find(&stats, "a")->packets,
	    20000 + kernel_packets);
	ck_assert_uint_eq(callstats_find(&stats, "a")->bytes,
	    5 * kernel_packets);
	say(a, 0x4001);
	ck_assert(holds(only()));
	ck_assert_uint_eq(only()->expires_ns, a->expires_ns);
	end();
}
END_TEST

static void *
run_removal(void *arg)
{
	struct alloc *one = arg;

	while (ways() == 0)
		sched_yield();
	alloc_delete(table, one);
	return NULL;
}

/* Nobody learns a way of who is going, but revoked, or keeps it. */
START_TEST(removed_while_taught)
{
	struct inkernel_chan chan;
	pthread_t removal;
	unsigned i;

	for (i = 0; i < 50; i++) {
		begin_call();
		ck_assert_int_eq(pthread_create(&removal, NULL, run_removal,
		    i % 2 == 0 ? a : b), 0);
		while (!__atomic_load_n(i % 2 == 0 ? &a->gone : &b->gone,
		    __ATOMIC_RELAXED))
			say(a, 0x4001);
		ck_assert_int_eq(pthread_join(removal, NULL), 0);
		chan = kernel.chans[0];
		say(a, 0x4001);
		ck_assert(!holds(&chan));
		ck_assert(kernel.n == 0 || !holds(only()));
		alloc_end_call(table, CALL);
		wait_for_ways(0);
		end();
	}
}
END_TEST

/* A slot that was given back rests, and the one that rested longest is next. */
START_TEST(slots_rest)
{
	struct slots *slots;

	ck_assert_int_eq(slots_new(&slots, 2), 0);
	ck_assert_uint_eq(slots_take(slots, 1), 0);
	ck_assert_uint_eq(slots_take(slots, 1), 1);
	ck_assert_uint_eq(slots_take(slots, 1), SLOTS_NONE);
	slots_give(slots, 1, 1);
	slots_give(slots, 0, 2);
	slots_give(slots, SLOTS_NONE, 2);
	ck_assert_uint_eq(slots_take(slots, SLOTS_REST_NS), SLOTS_NONE);
	ck_assert_uint_eq(slots_take(slots, SLOTS_REST_NS + 1), 1);
	ck_assert_uint_eq(slots_take(slots, SLOTS_REST_NS + 1), SLOTS_NONE);
	ck_assert_uint_eq(slots_take(slots, SLOTS_REST_NS + 2), 0);
	slots_free(slots);
}
END_TEST

UNIT_SUITE(teach, way_of_call, way_of_ipv6, way_of_users, way_of_nameless,
    until_permission, until_own_channel, until_other_channel, until_own_end,
    until_other_end, until_family, until_family_of_other, renewed,
    shorter_life_revokes, end_of_family_revokes, removal_revokes_and_forgets,
    slot_is_cleared, not_to_stream, not_to_other_family, not_to_link_local,
    not_without_channel, not_without_permission, not_from_indication, full,
    same_place, counts_are_exact,
    removed_while_taught, slots_rest)
