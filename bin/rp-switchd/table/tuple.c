/*
 * tuple: pack a 5-tuple into words, and hash it with a random key. Pure. See
 * tuple.h.
 */
#include "table/tuple.h"

#include <string.h>

static void
pack(uint64_t out[static 2], const struct addr *addr)
{
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(addr, &ip_bytes);

	out[0] = 0;
	out[1] = 0;
	memcpy(out, ip, ip_bytes);
}

void
tuple_make(struct tuple *out, const struct addr *client,
    const struct addr *local, enum tuple_transport transport)
{
	pack(out->w, client);
	pack(out->w + 2, local);
	out->w[4] = (uint64_t)transport << 48 |
	    (uint64_t)client->sa.sa_family << 32 |
	    (uint64_t)addr_port(client) << 16 | addr_port(local);
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
tuple_hash(const struct tuple *tuple, const struct tuple_seed *seed)
{
	uint64_t h = seed->w[0];
	size_t i;

	for (i = 0; i < TUPLE_WORDS; i++)
		h = mix(h ^ tuple->w[i], seed->w[1] | 1);
	return h;
}

uint64_t
tuple_hash_addr(const struct addr *addr, const struct tuple_seed *seed)
{
	uint64_t w[2];

	pack(w, addr);
	w[0] = mix(seed->w[0] ^ w[0], seed->w[1] | 1);
	return mix(w[0] ^ w[1] ^ addr_port(addr), seed->w[1] | 1);
}

uint64_t
tuple_hash_text(const char *text, const struct tuple_seed *seed)
{
	uint64_t h = seed->w[0];

	for (; *text != '\0'; text++)
		h = mix(h ^ (uint8_t)*text, seed->w[1] | 1);
	return mix(h, seed->w[1] | 1);
}
