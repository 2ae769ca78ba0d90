/*
 * sped: what of the handshake a check carries, and what one has brought. Called
 * by ice and path. See sped.h.
 */
#include "media/path/sped.h"

#include <string.h>

#include <zlib.h>

#define ACK 4			/* bytes of a CRC-32 */
#define DTLS_MIN 20		/* the first byte of DTLS, RFC 7983 */
#define DTLS_MAX 63
#define ATTRIBUTE 4		/* an attribute's header */

static uint32_t
crc_of(const uint8_t *data, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)len);
}

void
sped_init(struct sped *sped, const struct sped_handlers *handlers, void *arg)
{
	memset(sped, 0, sizeof(*sped));
	sped->handlers = handlers;
	sped->arg = arg;
	sped_reset(sped);
}

void
sped_reset(struct sped *sped)
{
	sped->on = sped->over = sped->done = false;
	sped->next_flight = true;
	sped->n_flight = sped->turn = sped->n_heard = 0;
}

void
sped_peer(struct sped *sped, bool speaks)
{
	sped->on = speaks;
	sped->over = !speaks;
}

void
sped_flight(struct sped *sped)
{
	sped->next_flight = true;
}

void
sped_sent(struct sped *sped, const uint8_t *data, size_t len)
{
	struct sped_datagram *datagram;

	if (sped->over)
		return;
	if (sped->next_flight)
		sped->n_flight = sped->turn = 0;
	sped->next_flight = false;
	if (sped->n_flight == SPED_FLIGHT || len > SPED_DATAGRAM)
		return;
	datagram = &sped->flight[sped->n_flight++];
	memcpy(datagram->data, data, len);
	datagram->len = len;
	datagram->crc = crc_of(data, len);
}

bool
sped_heard(struct sped *sped, const uint8_t *data, size_t len)
{
	uint32_t crc = crc_of(data, len);
	size_t i;

	if (sped->over)
		return true;
	for (i = 0; i < sped->n_heard; i++)
		if (sped->heard[i] == crc)
			return false;
	if (sped->n_heard == SPED_ACKS)
		memmove(sped->heard, sped->heard + 1,
		    --sped->n_heard * sizeof(sped->heard[0]));
	sped->heard[sped->n_heard++] = crc;
	return true;
}

void
sped_done(struct sped *sped, bool client)
{
	sped->done = true;
	if (client || sped->n_flight == 0)
		sped->over = true;
}

static bool
is_carrier(const struct stun_msg *msg)
{
	return stun_has(msg, STUN_ATTR_META_DTLS_IN_STUN) ||
	    stun_has(msg, STUN_ATTR_META_DTLS_IN_STUN_ACK);
}

static void
add_acks(const struct sped *sped, struct stun_builder *b)
{
	uint8_t acks[SPED_ACKS * ACK];
	size_t i;

	for (i = 0; i < sped->n_heard; i++) {
		acks[i * ACK] = (uint8_t)(sped->heard[i] >> 24);
		acks[i * ACK + 1] = (uint8_t)(sped->heard[i] >> 16);
		acks[i * ACK + 2] = (uint8_t)(sped->heard[i] >> 8);
		acks[i * ACK + 3] = (uint8_t)sped->heard[i];
	}
	stun_add(b, STUN_ATTR_META_DTLS_IN_STUN_ACK, acks,
	    sped->n_heard * ACK);
}

/* Add the datagram whose turn it is; none, or no room, is an empty one. */
static void
add(struct sped *sped, struct stun_builder *b)
{
	const struct sped_datagram *datagram;
	size_t len = 0;

	add_acks(sped, b);
	datagram = &sped->flight[0];
	if (sped->n_flight > 0) {
		datagram = &sped->flight[sped->turn++ % sped->n_flight];
		len = datagram->len;
	}
	if (b->len + ATTRIBUTE + len > SPED_MESSAGE)
		len = 0;
	stun_add(b, STUN_ATTR_META_DTLS_IN_STUN, datagram->data, len);
}

void
sped_check(struct sped *sped, struct stun_builder *b)
{
	if (sped == NULL || !sped->on || sped->over)
		return;
	if (sped->n_flight == 0)
		sped->handlers->wanted(sped->arg);
	add(sped, b);
}

void
sped_answer(struct sped *sped, const struct stun_msg *check,
    struct stun_builder *b)
{
	if (sped == NULL || sped->over || !is_carrier(check))
		return;
	if (sped->on && sped->n_flight == 0)
		sped->handlers->wanted(sped->arg);
	add(sped, b);
}

static void
acknowledged(struct sped *sped, uint32_t crc)
{
	size_t i = 0;

	while (i < sped->n_flight && sped->flight[i].crc != crc)
		i++;
	if (i == sped->n_flight)
		return;
	sped->n_flight--;
	memmove(&sped->flight[i], &sped->flight[i + 1],
	    (sped->n_flight - i) * sizeof(sped->flight[0]));
}

/* Take acknowledgements, unless there are more than the draft allows. */
static void
take_acks(struct sped *sped, const struct stun_msg *msg)
{
	struct stun_attr acks;
	size_t i;

	if (stun_find(msg, STUN_ATTR_META_DTLS_IN_STUN_ACK, &acks) < 0 ||
	    acks.len % ACK != 0 || acks.len > SPED_ACKS * ACK)
		return;
	for (i = 0; i < acks.len; i += ACK)
		acknowledged(sped, (uint32_t)acks.value[i] << 24 |
		    (uint32_t)acks.value[i + 1] << 16 |
		    (uint32_t)acks.value[i + 2] << 8 | acks.value[i + 3]);
}

void
sped_take(struct sped *sped, const struct addr *from,
    const struct stun_msg *msg)
{
	struct stun_attr data;

	if (sped == NULL || sped->over)
		return;
	take_acks(sped, msg);
	/* A peer that is done itself says nothing more. */
	if (sped->done && (sped->n_flight == 0 || !is_carrier(msg)))
		sped->over = true;
	if (stun_find(msg, STUN_ATTR_META_DTLS_IN_STUN, &data) == 0 &&
	    data.len > 0 && data.value[0] >= DTLS_MIN &&
	    data.value[0] <= DTLS_MAX)
		sped->handlers->received(from, data.value, data.len,
		    sped->arg);
}
