/* eva.h: values of any kind for the drivers of t/verify/eva. */
#ifndef RP_VERIFY_EVA_H
#define RP_VERIFY_EVA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "__fc_builtin.h"

#ifndef ROOM
#define ROOM 64		/* bytes of the buffers */
#endif

static inline void
make_any(void *at, size_t len)
{
	Frama_C_make_unknown(at, len);
}

static inline size_t
any_size(size_t max)
{
	return Frama_C_unsigned_long_interval(0, max);
}

static inline uint8_t
any_u8(void)
{
	return (uint8_t)Frama_C_unsigned_int_interval(0, 255);
}

static inline uint16_t
any_u16(void)
{
	return (uint16_t)Frama_C_unsigned_int_interval(0, 65535);
}

static inline uint32_t
any_u32(void)
{
	return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

/*
 * Call `one` with any bytes of each length below ROOM. They end where their array
 * ends, so that not a byte more may be read.
 */
#define EACH_LENGTH(one) do { \
	uint8_t each_room[ROOM]; \
	size_t each_len; \
	/*@ loop unroll ROOM + 1; */ \
	for (each_len = 0; each_len <= ROOM; each_len++) { \
		make_any(each_room, sizeof(each_room)); \
		one(each_room + ROOM - each_len, each_len); \
	} \
} while (0)

/* Make a string of less than `room` bytes. */
static inline char *
make_text(char *at, size_t room)
{
	make_any(at, room);
	at[room - 1] = '\0';
	return at;
}

#endif
