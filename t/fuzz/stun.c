/*
 * Any bytes as a STUN message are parsed, and every attribute is read in every
 * way.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

static void
read_all(const struct stun_msg *msg)
{
	static const uint16_t known[] = { STUN_ATTR_USERNAME };
	struct stun_attr attr = { 0 };
	uint16_t unknown[4], u16;
	uint8_t u8, sum = 0;
	uint32_t u32;
	uint64_t u64;
	unsigned code;
	struct addr addr;
	size_t i;

	while (stun_next(msg, &attr)) {
		for (i = 0; i < attr.len; i++)
			sum ^= attr.value[i];
		(void)stun_get_u8(msg, attr.type, &u8);
		(void)stun_get_u32(msg, attr.type, &u32);
		(void)stun_get_u64(msg, attr.type, &u64);
		(void)stun_attr_xor_addr(msg, &attr, &addr);
	}
	(void)stun_get_channel(msg, &u16);
	(void)stun_get_error(msg, &code);
	(void)stun_unknown(msg, known, 1, unknown, 4);
	(void)stunauth_check(msg, &sum, 1);
	(void)stunauth_check_sha256(msg, &sum, 1);
	(void)stunauth_check_fingerprint(msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct stun_msg msg;
	uint16_t channel, payload;

	(void)stun_frame(data, len);
	(void)stun_channel_parse(data, len, &channel, &payload);
	if (stun_parse(&msg, data, len) == 0)
		read_all(&msg);
	return 0;
}
