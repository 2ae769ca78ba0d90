/*
 * A datagram and a stream of any bytes; each reader; what is built in a buffer of
 * any size.
 *
 * Sources: lib/wire/stun.c lib/wire/addr.c
 */
#define ROOM 48
#include "eva.h"
#include "wire/stun.h"

static void
read_all(const struct stun_msg *msg)
{
	struct stun_attr attr = { 0 };
	uint16_t types[4], channel;
	uint32_t u32;
	uint64_t u64;
	uint8_t u8, family;
	struct addr addr;
	unsigned code;

	while (stun_next(msg, &attr))
		stun_attr_xor_addr(msg, &attr, &addr);
	stun_get_u8(msg, any_u16(), &u8);
	stun_get_u32(msg, any_u16(), &u32);
	stun_get_u64(msg, any_u16(), &u64);
	stun_get_channel(msg, &channel);
	stun_get_xor_addr(msg, any_u16(), &addr);
	stun_get_addr(msg, any_u16(), &addr);
	stun_get_error(msg, &code);
	stun_get_address_error(msg, &family, &code);
	stun_unknown(msg, stun_turn_attrs, STUN_TURN_ATTRS, types, 4);
}

static void
build(void)
{
	static const uint8_t id[STUN_TRANSACTION];
	uint8_t out[ROOM], value[ROOM];
	struct stun_builder b;
	struct addr addr;

	make_any(&addr, sizeof(addr));
	make_any(value, sizeof(value));
	stun_begin(&b, out, any_size(sizeof(out)), any_u16(), id);
	stun_add(&b, any_u16(), value, any_size(sizeof(value)));
	stun_add_u8(&b, any_u16(), any_u8());
	stun_add_u32(&b, any_u16(), any_u32());
	stun_add_u64(&b, any_u16(), any_u32());
	stun_add_channel(&b, any_u16());
	stun_add_xor_addr(&b, any_u16(), &addr);
	stun_add_error(&b, any_u16(), "Bad Request");
	stun_add_unknown(&b, stun_turn_attrs, any_size(STUN_TURN_ATTRS));
	stun_add_tail(&b, any_u16(), any_u16());
	stun_end(&b);
}

static void
one(const uint8_t *data, size_t len)
{
	uint16_t channel, payload;
	struct stun_msg msg;

	if (stun_parse(&msg, data, len) == 0)
		read_all(&msg);
	stun_channel_parse(data, len, &channel, &payload);
	stun_frame(data, len);
}

int
main(void)
{
	EACH_LENGTH(one);
	build();
	return 0;
}
