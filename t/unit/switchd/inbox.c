/*
 * The ring between relay threads and a stream thread: order, bound and wake-up.
 */
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "relay/inbox.h"
#include "unit.h"

#define WRITERS 4
#define EACH 20000

static bool
readable(struct inbox *inbox, int ms)
{
	struct pollfd pfd = { .fd = inbox_fd(inbox), .events = POLLIN };

	return poll(&pfd, 1, ms) > 0;
}

START_TEST(keeps_order_and_bound)
{
	struct inbox *inbox;
	const uint8_t *data;
	uint8_t message[INBOX_MESSAGE + 1] = { 0 };
	uint64_t stream, i, round;

	ck_assert_int_eq(inbox_new(&inbox, 3), 0);
	ck_assert(!inbox_put(inbox, 1, message, sizeof(message)));
	ck_assert(!inbox_put(inbox, 1, message, 0));
	for (round = 0; round < 5; round++) {
		for (i = 0; i < 8; i++) {
			message[0] = (uint8_t)i;
			ck_assert(inbox_put(inbox, i, message, i + 1));
		}
		ck_assert(!inbox_put(inbox, 9, message, 1));
		for (i = 0; i < 8; i++) {
			ck_assert_uint_eq(inbox_peek(inbox, &stream, &data),
			    i + 1);
			ck_assert_uint_eq(stream, i);
			ck_assert_uint_eq(data[0], i);
			inbox_next(inbox);
		}
		ck_assert_uint_eq(inbox_peek(inbox, &stream, &data), 0);
	}
	inbox_free(inbox);
}
END_TEST

START_TEST(wakes_who_sleeps)
{
	struct inbox *inbox;
	const uint8_t *data;
	uint64_t stream;

	ck_assert_int_eq(inbox_new(&inbox, 3), 0);
	ck_assert(inbox_put(inbox, 1, "x", 1));
	ck_assert(readable(inbox, 0));		/* asleep to begin with */
	inbox_woken(inbox);
	ck_assert(inbox_put(inbox, 1, "x", 1));
	ck_assert(!readable(inbox, 0));		/* nobody said he sleeps */
	ck_assert(!inbox_sleep(inbox));		/* and there is something */
	inbox_next(inbox);
	ck_assert_uint_eq(inbox_peek(inbox, &stream, &data), 1);
	inbox_next(inbox);
	ck_assert(inbox_sleep(inbox));
	ck_assert(!readable(inbox, 0));
	ck_assert(inbox_put(inbox, 1, "x", 1));
	ck_assert(readable(inbox, 0));
	ck_assert(inbox_put(inbox, 1, "x", 1));
	inbox_woken(inbox);
	inbox_next(inbox);
	inbox_next(inbox);
	ck_assert(inbox_sleep(inbox));
	ck_assert(!readable(inbox, 0));
	inbox_kick(inbox);
	ck_assert(readable(inbox, 0));
	inbox_free(inbox);
}
END_TEST

struct writer {
	struct inbox *inbox;
	uint64_t number;
	pthread_t thread;
};

static void *
write_all(void *arg)
{
	struct writer *writer = arg;
	uint64_t i;

	for (i = 1; i <= EACH; i++)
		while (!inbox_put(writer->inbox, writer->number, &i,
		    sizeof(i)))
			sched_yield();
	return NULL;
}

/* Each writer's messages come whole, in order, and none is lost or asleep. */
START_TEST(many_writers)
{
	struct writer writers[WRITERS];
	uint64_t last[WRITERS] = { 0 }, stream, value, n = 0;
	struct inbox *inbox;
	const uint8_t *data;
	size_t i, len;

	ck_assert_int_eq(inbox_new(&inbox, 6), 0);
	for (i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ inbox, i, 0 };
		ck_assert_int_eq(pthread_create(&writers[i].thread, NULL,
		    write_all, &writers[i]), 0);
	}
	while (n < WRITERS * EACH) {
		if (inbox_sleep(inbox)) {
			ck_assert(readable(inbox, 10000));
			inbox_woken(inbox);
		}
		while ((len = inbox_peek(inbox, &stream, &data)) > 0) {
			ck_assert_uint_eq(len, sizeof(value));
			memcpy(&value, data, sizeof(value));
			ck_assert_uint_lt(stream, WRITERS);
			ck_assert_uint_eq(value, last[stream] + 1);
			last[stream] = value;
			inbox_next(inbox);
			n++;
		}
	}
	for (i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	inbox_free(inbox);
}
END_TEST

UNIT_SUITE(inbox, keeps_order_and_bound, wakes_who_sleeps, many_writers)
