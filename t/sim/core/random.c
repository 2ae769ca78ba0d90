/* random: xoshiro256** by the seed and a name. See sim.h. */
#include <stdarg.h>
#include <string.h>

#include "core/private.h"
#include "core/world.h"

static uint64_t
split_mix(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t
rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

void
sim_random_init(struct sim_random *r, const char *format, ...)
{
	uint64_t x = sim_world.seed;
	char name[128];
	const char *p;
	va_list ap;
	int i;

	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	for (p = name; *p != '\0'; p++) {
		x ^= (unsigned char)*p;
		x = split_mix(&x);
	}
	for (i = 0; i < 4; i++)
		r->state[i] = split_mix(&x);
}

uint64_t
sim_random_next(struct sim_random *r)
{
	uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/* The bias of the remainder is of no account here. */
uint64_t
sim_random_below(struct sim_random *r, uint64_t n)
{
	return n == 0 ? 0 : sim_random_next(r) % n;
}

bool
sim_random_hits(struct sim_random *r, uint32_t per_million)
{
	return per_million > 0 && sim_random_below(r, 1000000) < per_million;
}

void
sim_random_fill(struct sim_random *r, void *data, size_t len)
{
	unsigned char *to = data;

	while (len > 0) {
		uint64_t x = sim_random_next(r);
		size_t n = len < sizeof(x) ? len : sizeof(x);

		memcpy(to, &x, n);
		to += n;
		len -= n;
	}
}
