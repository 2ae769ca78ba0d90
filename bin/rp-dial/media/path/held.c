/* held: a queue of datagrams that drops its oldest. Pure. See held.h. */
#include "media/path/held.h"

#include <stdlib.h>
#include <string.h>

struct datagram {
	struct addr from;
	size_t len;
	uint8_t *data;
};

struct held {
	size_t max, n;
	struct datagram datagrams[];
};

struct held *
held_new(size_t max)
{
	struct held *held = calloc(1, sizeof(*held) +
	    max * sizeof(held->datagrams[0]));

	if (held != NULL)
		held->max = max;
	return held;
}

void
held_free(struct held *held)
{
	if (held == NULL)
		return;
	held_clear(held);
	free(held);
}

static void
drop_first(struct held *held)
{
	free(held->datagrams[0].data);
	held->n--;
	memmove(&held->datagrams[0], &held->datagrams[1],
	    held->n * sizeof(held->datagrams[0]));
}

bool
held_put(struct held *held, const struct addr *from, const uint8_t *data,
    size_t len)
{
	bool full = held->n == held->max;
	uint8_t *copy;

	if (len == 0 || len > HELD_DATAGRAM)
		return true;
	copy = malloc(len);
	if (copy == NULL)
		return true;
	memcpy(copy, data, len);
	if (full)
		drop_first(held);
	held->datagrams[held->n++] = (struct datagram){ *from, len, copy };
	return full;
}

void
held_take(struct held *held, bool (*take)(const struct addr *from,
    const uint8_t *data, size_t len, void *arg), void *arg)
{
	size_t n = held->n, i, left = 0;

	for (i = 0; i < n; i++) {
		struct datagram d = held->datagrams[i];

		if (take(&d.from, d.data, d.len, arg))
			free(d.data);
		else
			held->datagrams[left++] = d;
	}
	held->n = left;
}

void
held_clear(struct held *held)
{
	while (held->n > 0)
		drop_first(held);
}
