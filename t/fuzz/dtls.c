/*
 * Two DTLS ends, and somebody between them who loses, doubles, cuts, changes and
 * makes up datagrams as the input says: one byte for each datagram, and what it
 * needs. The handshake gets far, because most are delivered as they are. Who
 * says that the peer is proven has the other's keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "fuzz.h"
#include "media/path/dtls.h"
#include "who/identity.h"

#define PACKETS 64
#define DATAGRAM 1500
#define TURNS 200

struct packet {
	size_t len;
	uint8_t data[DATAGRAM];
};

struct end {
	struct dtls *dtls;
	struct packet in[PACKETS];
	size_t n;
	bool secure;
	uint8_t local[RTPCRYPT_MASTER], remote[RTPCRYPT_MASTER];
};

struct pair {
	struct end ends[2];
	const uint8_t *data;
	size_t len;
};

static struct end *sender_to;

static void
put(struct end *to, const uint8_t *data, size_t len)
{
	struct packet *packet = &to->in[to->n];

	if (to->n == PACKETS || len > DATAGRAM)
		return;
	memcpy(packet->data, data, len);
	packet->len = len;
	to->n++;
}

static void
on_send(const uint8_t *data, size_t len, void *arg)
{
	(void)arg;
	put(sender_to, data, len);
}

static void
on_secure(const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER], void *arg)
{
	struct end *end = arg;

	if (end->secure)
		abort();
	end->secure = true;
	memcpy(end->local, local, RTPCRYPT_MASTER);
	memcpy(end->remote, remote, RTPCRYPT_MASTER);
}

static void
on_failed(int err, const char *why, void *arg)
{
	(void)arg;
	if (err >= 0 || *why == '\0')
		abort();
}

static void
on_closed(void *arg)
{
	(void)arg;
}

static uint8_t
next_byte(struct pair *pair)
{
	if (pair->len == 0)
		return 0;
	pair->len--;
	return *pair->data++;
}

static void
receive(struct pair *pair, struct end *end, const uint8_t *data, size_t len,
    uint64_t now_ns)
{
	/* Of its own length, for the sanitizers' sake. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return;
	memcpy(copy, data, len);
	sender_to = &pair->ends[end == &pair->ends[0]];
	dtls_receive(end->dtls, copy, len, now_ns);
	free(copy);
}

/* Change some bytes near a place: a record's head, a handshake's, or behind. */
static void
change(struct pair *pair, struct packet *packet)
{
	size_t at = next_byte(pair), n = 1 + next_byte(pair) % 4u;

	for (; n > 0 && packet->len > 0; n--, at++)
		packet->data[at % packet->len] = next_byte(pair);
}

static void
deliver(struct pair *pair, struct end *end, struct packet *packet,
    uint64_t now_ns)
{
	uint8_t made[64];
	size_t n, i;

	switch (next_byte(pair)) {
	case 1:		/* lost */
		return;
	case 2:
		receive(pair, end, packet->data, packet->len, now_ns);
		break;
	case 3:
		change(pair, packet);
		break;
	case 4:
		packet->len = next_byte(pair) * packet->len / 256;
		break;
	case 5:
		n = next_byte(pair) % sizeof(made);
		for (i = 0; i < n; i++)
			made[i] = next_byte(pair);
		receive(pair, end, made, n, now_ns);
		break;
	case 6:		/* its own, back */
		put(&pair->ends[end == &pair->ends[0]], packet->data,
		    packet->len);
		return;
	default:
		break;
	}
	receive(pair, end, packet->data, packet->len, now_ns);
}

static void
run(struct pair *pair)
{
	static struct packet packets[PACKETS];
	uint64_t now_ns = CLOCK_S;
	unsigned turn;
	size_t i, n;

	for (turn = 0; turn < TURNS; turn++) {
		struct end *end = &pair->ends[turn % 2];

		n = end->n;
		memcpy(packets, end->in, n * sizeof(packets[0]));
		end->n = 0;
		for (i = 0; i < n; i++)
			deliver(pair, end, &packets[i], now_ns);
		sender_to = &pair->ends[1 - turn % 2];
		dtls_run(end->dtls, now_ns);
		if (pair->ends[0].n + pair->ends[1].n == 0) {
			if (pair->len == 0)
				return;
			now_ns += (1 + next_byte(pair)) * 50 * CLOCK_MS;
		}
	}
}

/* Both ends have one certificate, made once. */
static const struct identity *
load(void)
{
	static struct identity identity;
	char path[] = "/tmp/rp-fuzz-XXXXXX", why[WHY_TEXT];
	int fd;

	if (identity.credentials != NULL)
		return &identity;
	fd = mkstemp(path);
	if (fd < 0 || close(fd) < 0 || unlink(path) < 0 ||
	    identity_load(&identity, path, why) < 0)
		abort();
	unlink(path);
	return &identity;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dtls_handlers handlers = {
		on_send, on_secure, on_failed, on_closed
	};
	static struct pair pair;
	struct dtls_options options = {
		.identity = load(), .retransmit_ms = 50, .timeout_ms = 2000
	};
	int i;

	memset(&pair, 0, sizeof(pair));
	pair.data = data;
	pair.len = len;
	options.fingerprint = options.identity->fingerprint;
	for (i = 0; i < 2; i++) {
		options.client = i == 0;
		if (dtls_new(&pair.ends[i].dtls, &options, &handlers,
		    &pair.ends[i]) < 0)
			abort();
	}
	run(&pair);
	if (pair.ends[0].secure && pair.ends[1].secure &&
	    (memcmp(pair.ends[0].local, pair.ends[1].remote,
	    RTPCRYPT_MASTER) != 0 || memcmp(pair.ends[0].remote,
	    pair.ends[1].local, RTPCRYPT_MASTER) != 0))
		abort();
	for (i = 0; i < 2; i++) {
		sender_to = &pair.ends[1 - i];
		dtls_free(pair.ends[i].dtls);
	}
	return 0;
}
