/*
 * inbox: a ring of fixed slots that any thread writes without a lock and one
 * stream thread reads. See inbox.h.
 */
#include "relay/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Each slot has a turn: a writer may fill slot i in round r when it is 2 r, and
 * the reader may read it when it is 2 r + 1. Writers claim slots by their
 * counter. The turn tells when a claimed slot is complete.
 */
struct slot {
	uint64_t turn;
	uint64_t stream;
	size_t len;
	uint8_t data[INBOX_MESSAGE];
};

struct inbox {
	uint64_t tail;			/* written by the writers */
	char apart[64];			/* separates the cache lines */
	uint64_t head;			/* written by the reader */
	bool sleeping;
	int fd;
	unsigned order;
	struct slot slots[];
};

int
inbox_new(struct inbox **out, unsigned order)
{
	struct inbox *inbox;

	inbox = calloc(1, sizeof(*inbox) +
	    ((size_t)1 << order) * sizeof(inbox->slots[0]));
	if (inbox == NULL)
		return -ENOMEM;
	inbox->order = order;
	inbox->sleeping = true;
	inbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (inbox->fd < 0) {
		int err = -errno;

		free(inbox);
		return err;
	}
	*out = inbox;
	return 0;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	close(inbox->fd);
	free(inbox);
}

static struct slot *
slot_at(struct inbox *inbox, uint64_t place)
{
	return &inbox->slots[place & (((uint64_t)1 << inbox->order) - 1)];
}

static uint64_t
writers_turn(const struct inbox *inbox, uint64_t place)
{
	return 2 * (place >> inbox->order);
}

void
inbox_kick(struct inbox *inbox)
{
	static const uint64_t one = 1;

	(void)!write(inbox->fd, &one, sizeof(one));
}

static void
wake(struct inbox *inbox)
{
	if (__atomic_load_n(&inbox->sleeping, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&inbox->sleeping, false, __ATOMIC_RELAXED))
		inbox_kick(inbox);
}

bool
inbox_put(struct inbox *inbox, uint64_t stream, const void *data, size_t len)
{
	uint64_t place = __atomic_load_n(&inbox->tail, __ATOMIC_RELAXED);
	struct slot *slot;

	if (len == 0 || len > INBOX_MESSAGE)
		return false;
	for (;;) {
		uint64_t mine = writers_turn(inbox, place), turn;

		slot = slot_at(inbox, place);
		turn = __atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE);
		if (turn < mine)
			return false;	/* not read yet: the ring is full */
		if (turn == mine && __atomic_compare_exchange_n(&inbox->tail,
		    &place, place + 1, true, __ATOMIC_RELAXED,
		    __ATOMIC_RELAXED))
			break;
		if (turn > mine)	/* another writer took it */
			place = __atomic_load_n(&inbox->tail,
			    __ATOMIC_RELAXED);
	}
	slot->stream = stream;
	slot->len = len;
	memcpy(slot->data, data, len);
	/*
	 * Sequentially consistent with inbox_sleep: either the reader sees the
	 * message before it sleeps, or we see that it sleeps.
	 */
	__atomic_store_n(&slot->turn, slot->turn + 1, __ATOMIC_SEQ_CST);
	wake(inbox);
	return true;
}

int
inbox_fd(const struct inbox *inbox)
{
	return inbox->fd;
}

void
inbox_woken(struct inbox *inbox)
{
	uint64_t n;

	(void)!read(inbox->fd, &n, sizeof(n));
}

size_t
inbox_peek(struct inbox *inbox, uint64_t *stream, const uint8_t **data)
{
	struct slot *slot = slot_at(inbox, inbox->head);

	if (__atomic_load_n(&slot->turn, __ATOMIC_SEQ_CST) !=
	    writers_turn(inbox, inbox->head) + 1)
		return 0;
	*stream = slot->stream;
	*data = slot->data;
	return slot->len;
}

void
inbox_next(struct inbox *inbox)
{
	struct slot *slot = slot_at(inbox, inbox->head);

	__atomic_store_n(&slot->turn, slot->turn + 1, __ATOMIC_RELEASE);
	inbox->head++;
}

bool
inbox_sleep(struct inbox *inbox)
{
	const uint8_t *data;
	uint64_t stream;

	__atomic_store_n(&inbox->sleeping, true, __ATOMIC_SEQ_CST);
	if (inbox_peek(inbox, &stream, &data) == 0)
		return true;
	__atomic_store_n(&inbox->sleeping, false, __ATOMIC_RELAXED);
	return false;
}
