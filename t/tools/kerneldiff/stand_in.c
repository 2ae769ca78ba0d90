/*
 * stand_in: what takes the place of other modules, which are not linked then.
 * See stand_in.h.
 */
#include "stand_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/clock.h"
#include "net/udp_batch.h"
#include "table/reclaim.h"

#define TABLES 2

struct reclaim {
	void (*tick)(void *arg);
	void *arg;
	struct reclaim_item *items;
};

uint64_t stand_in_now_ns, stand_in_ports;
struct world_sent *stand_in_sent;

static struct reclaim *reclaims[TABLES];

/* In the place of base/clock.c. */
uint64_t
clock_ns(void)
{
	return stand_in_now_ns;
}

uint64_t
clock_ms(void)
{
	return clock_ns() / CLOCK_MS;
}

int64_t
clock_wall_s(void)
{
	return 1800000000;
}

/* In the place of net/udp_batch.c. */
struct udp_batch *
udp_batch_new(void)
{
	return malloc(1);
}

void
udp_batch_free(struct udp_batch *batch)
{
	free(batch);
}

int
udp_batch_receive(struct udp_batch *batch,
    const struct udp_batch_socket *socket, const struct addr *bound,
    struct udp_batch_datagram **out)
{
	(void)batch, (void)socket, (void)bound, (void)out;
	return 0;
}

void
udp_batch_send(struct udp_batch *batch, const struct udp_batch_socket *via,
    const struct addr *to, const struct addr *local, const void *data,
    size_t len)
{
	(void)batch, (void)via;
	stand_in_sent->n++;
	stand_in_sent->to = *to;
	stand_in_sent->local = *local;
	memcpy(stand_in_sent->data, data, len);
	stand_in_sent->len = len;
}

unsigned
udp_batch_flush(struct udp_batch *batch)
{
	(void)batch;
	return 0;
}

int
udp_batch_socket_fragments(const struct udp_batch_socket *socket,
    const struct addr *to, bool may)
{
	(void)socket, (void)to, (void)may;
	return 0;
}

uint64_t
udp_batch_socket_overruns(const struct udp_batch_socket *socket)
{
	(void)socket;
	return 0;
}

/* In the place of GnuTLS's, so that both choose the same ports. */
int
gnutls_rnd(gnutls_rnd_level_t level, void *data, size_t len)
{
	uint8_t *bytes = data;
	size_t i;

	(void)level;
	for (i = 0; i < len; i++) {
		stand_in_ports = stand_in_ports * 6364136223846793005 +
		    1442695040888963407;
		bytes[i] = (uint8_t)(stand_in_ports >> 56);
	}
	return 0;
}

/* In the place of table/reclaim.c. */
int
reclaim_new(struct reclaim **out, void (*tick)(void *arg), void *arg)
{
	struct reclaim **place = reclaims;

	while (place < &reclaims[TABLES] && *place != NULL)
		place++;
	*out = place < &reclaims[TABLES] ? calloc(1, sizeof(**out)) : NULL;
	if (*out == NULL)
		return -ENOMEM;
	(*out)->tick = tick;
	(*out)->arg = arg;
	*place = *out;
	return 0;
}

void
reclaim_later(struct reclaim *reclaim, struct reclaim_item *item)
{
	item->next = reclaim->items;
	reclaim->items = item;
}

static void
free_items(struct reclaim *reclaim)
{
	struct reclaim_item *item;

	while ((item = reclaim->items) != NULL) {
		reclaim->items = item->next;
		if (item->end != NULL)
			item->end(item);
		free(item);
	}
}

void
reclaim_free(struct reclaim *reclaim)
{
	int i;

	for (i = 0; i < TABLES; i++)
		if (reclaims[i] == reclaim)
			reclaims[i] = NULL;
	free_items(reclaim);
	free(reclaim);
}

void
reclaim_join(void)
{
}

void
reclaim_leave(void)
{
}

void
reclaim_sleep(void)
{
}

void
reclaim_wake(void)
{
}

void
stand_in_tick(void)
{
	int i;

	for (i = 0; i < TABLES; i++)
		if (reclaims[i] != NULL) {
			reclaims[i]->tick(reclaims[i]->arg);
			free_items(reclaims[i]);
		}
}
