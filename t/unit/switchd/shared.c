/* What the relay and the kernel write at once, and slots. */
#include "teachhelp.h"
#include "table/slots.h"

/* Of the kernel: it takes the lock if it is free, and counts. */
static bool stop;
static uint64_t kernel_packets;

static void *
run_kernel(void *arg)
{
	struct alloc_traffic *traffic = arg;
	uint32_t unlocked;
	uint64_t packets;
	volatile int i;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unlocked = 0;
		if (!__atomic_compare_exchange_n(&traffic->lock, &unlocked, 1,
		    false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		packets = traffic->packets;
		for (i = 0; i < 100; i++)
			continue;
		traffic->packets = packets + 1;
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
		say_from(&a->client, &a->local, 0x4001, "");
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
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	return NULL;
}

/* Nobody keeps a way of an allocation that goes while it is taught. */
static void
check_removal(bool of_sender)
{
	struct addr client, local;
	pthread_t removal;
	unsigned i;

	begin_call();
	client = a->client;
	local = a->local;
	stop = false;
	ck_assert_int_eq(pthread_create(&removal, NULL, run_removal,
	    of_sender ? a : b), 0);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		say_from(&client, &local, 0x4001, "");
	ck_assert_int_eq(pthread_join(removal, NULL), 0);
	pthread_mutex_lock(&kernel.mutex);
	for (i = 0; i < kernel.n; i++)
		ck_assert(!holds(&kernel.chans[i]));
	pthread_mutex_unlock(&kernel.mutex);
	alloc_end_call(table, CALL);
	wait_for_ways(0);
	end();
}

START_TEST(removed_while_taught)
{
	int i;

	for (i = 0; i < 50; i++)
		check_removal(i % 2 == 0);
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

UNIT_SUITE(shared, counts_are_exact, removed_while_taught, slots_rest)
