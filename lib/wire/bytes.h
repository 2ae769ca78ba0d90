/*
 * bytes: read and write numbers in network order at any alignment. Pure, and
 * wholly in this header.
 */
#ifndef RP_WIRE_BYTES_H
#define RP_WIRE_BYTES_H

#include <stdint.h>

static inline uint16_t
bytes_get16(const uint8_t p[static 2])
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
bytes_get32(const uint8_t p[static 4])
{
	return (uint32_t)bytes_get16(p) << 16 | bytes_get16(p + 2);
}

static inline void
bytes_put16(uint8_t p[static 2], uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void
bytes_put32(uint8_t p[static 4], uint32_t value)
{
	bytes_put16(p, (uint16_t)(value >> 16));
	bytes_put16(p + 2, (uint16_t)value);
}

#endif
