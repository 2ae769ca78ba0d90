/*
 * stun: STUN messages (RFC 8489) with the attributes of TURN (RFC 8656) and ICE
 * (RFC 8445), and TURN's ChannelData. Received messages are checked once and
 * then read in place; messages to send are built in the caller's buffer. Keys,
 * MESSAGE-INTEGRITY and FINGERPRINT are in stunauth. Pure.
 */
#ifndef RP_WIRE_STUN_H
#define RP_WIRE_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/addr.h"

#define STUN_HEADER 20
#define STUN_COOKIE 0x2112a442u
#define STUN_TRANSACTION 12
#define STUN_MAX 65556		/* a header and the longest body */

/* A message's type is its class | its method, for methods below 0x10. */
enum {
	STUN_REQUEST = 0x0000,
	STUN_INDICATION = 0x0010,
	STUN_SUCCESS = 0x0100,
	STUN_ERROR = 0x0110,
	STUN_CLASS = 0x0110		/* the mask */
};

enum {
	STUN_BINDING = 0x0001,
	STUN_ALLOCATE = 0x0003,
	STUN_REFRESH = 0x0004,
	STUN_SEND = 0x0006,
	STUN_DATA = 0x0007,
	STUN_CREATE_PERMISSION = 0x0008,
	STUN_CHANNEL_BIND = 0x0009
};

enum {
	STUN_ATTR_MAPPED_ADDRESS = 0x0001,
	STUN_ATTR_USERNAME = 0x0006,
	STUN_ATTR_MESSAGE_INTEGRITY = 0x0008,
	STUN_ATTR_ERROR_CODE = 0x0009,
	STUN_ATTR_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_ATTR_CHANNEL_NUMBER = 0x000c,
	STUN_ATTR_LIFETIME = 0x000d,
	STUN_ATTR_XOR_PEER_ADDRESS = 0x0012,
	STUN_ATTR_DATA = 0x0013,
	STUN_ATTR_REALM = 0x0014,
	STUN_ATTR_NONCE = 0x0015,
	STUN_ATTR_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_ATTR_REQUESTED_ADDRESS_FAMILY = 0x0017,
	STUN_ATTR_EVEN_PORT = 0x0018,
	STUN_ATTR_REQUESTED_TRANSPORT = 0x0019,
	STUN_ATTR_DONT_FRAGMENT = 0x001a,
	STUN_ATTR_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	STUN_ATTR_PASSWORD_ALGORITHM = 0x001d,
	STUN_ATTR_USERHASH = 0x001e,
	STUN_ATTR_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_ATTR_RESERVATION_TOKEN = 0x0022,
	STUN_ATTR_PRIORITY = 0x0024,
	STUN_ATTR_USE_CANDIDATE = 0x0025,
	/* A receiver may ignore unknown attributes from here on. */
	STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY = 0x8000,
	STUN_ATTR_ADDRESS_ERROR_CODE = 0x8001,
	STUN_ATTR_PASSWORD_ALGORITHMS = 0x8002,
	STUN_ATTR_ICMP = 0x8004,
	STUN_ATTR_SOFTWARE = 0x8022,
	STUN_ATTR_ALTERNATE_SERVER = 0x8023,
	STUN_ATTR_FINGERPRINT = 0x8028,
	STUN_ATTR_ICE_CONTROLLED = 0x8029,
	STUN_ATTR_ICE_CONTROLLING = 0x802a,
	/* draft-hancke-webrtc-sped */
	STUN_ATTR_META_DTLS_IN_STUN = 0xc070,
	STUN_ATTR_META_DTLS_IN_STUN_ACK = 0xc071
};

/* Address families, as attributes encode them. */
enum {
	STUN_IPV4 = 1,
	STUN_IPV6 = 2
};

/* A checked message. It points into the parsed bytes, which must stay valid. */
struct stun_msg {
	const uint8_t *data;
	size_t len;
	uint16_t type;
	const uint8_t *transaction;	/* STUN_TRANSACTION bytes */
	/* Offsets of these attributes' headers; 0 if absent. */
	size_t integrity, integrity_sha256, fingerprint;
};

struct stun_attr {
	uint16_t type;
	uint16_t len;			/* of value, without padding */
	const uint8_t *value;
};

/* Could it be STUN? It then has two zero bits and the cookie (RFC 8489 5). */
bool stun_is(const uint8_t *data, size_t len);

/*
 * Check a whole message of exactly `len` bytes: the header, the length, and
 * that each attribute lies within. The type is not checked. Return -EBADMSG if
 * malformed.
 */
int stun_parse(struct stun_msg *out, const uint8_t *data, size_t len);

/*
 * Return one of the two halves of a type (RFC 8489 5). The method's bits are
 * spread around those of the class.
 */
uint16_t stun_class(uint16_t type);
uint16_t stun_method(uint16_t type);

/*
 * Step through the attributes in order. Start with a zeroed `attr`; the end is
 * false. Attributes after MESSAGE-INTEGRITY are skipped, except
 * MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 14.5).
 */
bool stun_next(const struct stun_msg *msg, struct stun_attr *attr);

/* Find the first attribute of that type. Return -ENOENT if there is none. */
int stun_find(const struct stun_msg *msg, uint16_t type,
    struct stun_attr *out);
bool stun_has(const struct stun_msg *msg, uint16_t type);

/*
 * Read that attribute as a number.
 *
 *   -ENOENT   there is none
 *   -EBADMSG  its length is wrong
 */
int stun_get_u8(const struct stun_msg *msg, uint16_t type, uint8_t *out);
int stun_get_u32(const struct stun_msg *msg, uint16_t type, uint32_t *out);
int stun_get_u64(const struct stun_msg *msg, uint16_t type, uint64_t *out);

/* Read CHANNEL-NUMBER (RFC 8656 18.1). Its range is not checked. */
int stun_get_channel(const struct stun_msg *msg, uint16_t *out);

/*
 * Read an XOR-...-ADDRESS.
 *
 *   -ENOENT        there is none
 *   -EBADMSG       malformed
 *   -EAFNOSUPPORT  unknown address family
 */
int stun_get_xor_addr(const struct stun_msg *msg, uint16_t type,
    struct addr *out);

/*
 * Read an address that is not XORed, as ALTERNATE-SERVER is (RFC 8489 14.15).
 * Errors are as above.
 */
int stun_get_addr(const struct stun_msg *msg, uint16_t type, struct addr *out);

/* Read the address in one attribute, for those that may occur many times. */
int stun_attr_xor_addr(const struct stun_msg *msg,
    const struct stun_attr *attr, struct addr *out);

/* Read ERROR-CODE, which is 300 to 699. Return -ENOENT or -EBADMSG as above. */
int stun_get_error(const struct stun_msg *msg, unsigned *out);

/*
 * Read the family and code of ADDRESS-ERROR-CODE (RFC 8656 18.12). Errors are
 * as above.
 */
int stun_get_address_error(const struct stun_msg *msg, uint8_t *family,
    unsigned *code);

/* The attributes of RFC 8489 and 8656 that a TURN server must understand. */
#define STUN_TURN_ATTRS 16
extern const uint16_t stun_turn_attrs[STUN_TURN_ATTRS];

/*
 * Collect the types of comprehension-required attributes (below 0x8000) that
 * are not in `known`, at most `max` of them, into `out`. Return their number.
 */
size_t stun_unknown(const struct stun_msg *msg, const uint16_t known[],
    size_t n_known, uint16_t out[], size_t max);

/*
 * A message being built. If an attribute does not fit, the builder fails from
 * then on, and stun_end reports it. The caller need not check each attribute.
 */
struct stun_builder {
	uint8_t *data;
	size_t size, len;
	bool full;
};

void stun_begin(struct stun_builder *b, uint8_t *data, size_t size,
    uint16_t type, const uint8_t transaction[static STUN_TRANSACTION]);
void stun_add(struct stun_builder *b, uint16_t type, const void *value,
    size_t len);
void stun_add_u8(struct stun_builder *b, uint16_t type, uint8_t value);
void stun_add_u32(struct stun_builder *b, uint16_t type, uint32_t value);
void stun_add_u64(struct stun_builder *b, uint16_t type, uint64_t value);
/*
 * Add 0 to 255 in the first of four bytes, for REQUESTED-TRANSPORT and
 * families.
 */
void stun_add_first(struct stun_builder *b, uint16_t type, uint8_t value);
void stun_add_channel(struct stun_builder *b, uint16_t channel);
void stun_add_xor_addr(struct stun_builder *b, uint16_t type,
    const struct addr *addr);
void stun_add_error(struct stun_builder *b, unsigned code,
    const char *reason);
/* Add ADDRESS-ERROR-CODE (RFC 8656 18.12): why this family got no address. */
void stun_add_address_error(struct stun_builder *b, uint8_t family,
    unsigned code, const char *reason);
void stun_add_unknown(struct stun_builder *b, const uint16_t types[],
    size_t n);

/*
 * Add only the header of the last attribute, for a value of `len` bytes that
 * already lies, padded, behind the buffer. The message's own length includes
 * the value.
 */
void stun_add_tail(struct stun_builder *b, uint16_t type, uint16_t len);

/* Return the message's length, or -EMSGSIZE if it did not fit. */
ssize_t stun_end(const struct stun_builder *b);

/*
 * Channels, and the header of ChannelData (RFC 8656 12). The RFC's range ends
 * at 0x4fff, but clients of RFC 5766, coturn's among them, choose up to 0x7fff.
 * A client of ours keeps to the narrower range.
 */
#define STUN_CHANNEL_MIN 0x4000u
#define STUN_CHANNEL_MAX 0x7fffu
#define STUN_CHANNEL_HEADER 4

/*
 * Parse one ChannelData message in a datagram of `len` bytes, which may be
 * padded. Return -EBADMSG if the channel is invalid or the length is not the
 * datagram's.
 */
int stun_channel_parse(const uint8_t *data, size_t len, uint16_t *channel,
    uint16_t *payload_len);
void stun_channel_header(uint8_t out[static STUN_CHANNEL_HEADER],
    uint16_t channel, uint16_t payload_len);

/*
 * Return the length, padding included, of the STUN or ChannelData message that
 * `data` begins with on a stream.
 *
 *   -EAGAIN   `len` is too short to tell; 4 bytes suffice
 *   -EBADMSG  it is neither
 */
ssize_t stun_frame(const uint8_t *data, size_t len);

#endif
