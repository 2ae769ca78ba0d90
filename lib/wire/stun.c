/*
 * stun: check a STUN message once, read its attributes in place, and build
 * one. Pure. See stun.h.
 */
#include "wire/stun.h"

#include <errno.h>
#include <string.h>

#include "wire/bytes.h"

#define ATTR_HEADER 4

const uint16_t stun_turn_attrs[STUN_TURN_ATTRS] = {
	STUN_ATTR_USERNAME, STUN_ATTR_MESSAGE_INTEGRITY,
	STUN_ATTR_CHANNEL_NUMBER, STUN_ATTR_LIFETIME,
	STUN_ATTR_XOR_PEER_ADDRESS, STUN_ATTR_DATA, STUN_ATTR_REALM,
	STUN_ATTR_NONCE, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	STUN_ATTR_EVEN_PORT,
	STUN_ATTR_REQUESTED_TRANSPORT, STUN_ATTR_DONT_FRAGMENT,
	STUN_ATTR_RESERVATION_TOKEN, STUN_ATTR_MESSAGE_INTEGRITY_SHA256,
	STUN_ATTR_PASSWORD_ALGORITHM, STUN_ATTR_USERHASH
};

static const uint8_t cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };

static size_t
padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

bool
stun_is(const uint8_t *data, size_t len)
{
	return len >= STUN_HEADER && (data[0] & 0xc0) == 0 &&
	    memcmp(data + 4, cookie, sizeof(cookie)) == 0;
}

/*
 * Record where the attributes that end a message are; only the first of each
 * counts.
 */
static void
note(struct stun_msg *msg, uint16_t type, size_t offset)
{
	if (type == STUN_ATTR_MESSAGE_INTEGRITY && msg->integrity == 0)
		msg->integrity = offset;
	else if (type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256 &&
	    msg->integrity_sha256 == 0)
		msg->integrity_sha256 = offset;
	else if (type == STUN_ATTR_FINGERPRINT && msg->fingerprint == 0)
		msg->fingerprint = offset;
}

int
stun_parse(struct stun_msg *out, const uint8_t *data, size_t len)
{
	struct stun_msg msg = { .data = data, .len = len };
	size_t offset = STUN_HEADER;

	if (!stun_is(data, len) || len % 4 != 0 ||
	    bytes_get16(data + 2) != len - STUN_HEADER)
		return -EBADMSG;
	while (offset < len) {
		size_t attr_len = padded(bytes_get16(data + offset + 2));

		/*
		 * `len` and `offset` are multiples of 4, so the attribute's
		 * header is there.
		 */
		if (attr_len > len - offset - ATTR_HEADER)
			return -EBADMSG;
		if (msg.fingerprint != 0)	/* it must be the last */
			return -EBADMSG;
		note(&msg, bytes_get16(data + offset), offset);
		offset += ATTR_HEADER + attr_len;
	}
	msg.type = bytes_get16(data);
	msg.transaction = data + 8;
	*out = msg;
	return 0;
}

uint16_t
stun_class(uint16_t type)
{
	return type & STUN_CLASS;
}

uint16_t
stun_method(uint16_t type)
{
	return (uint16_t)((type & 0x000f) | (type & 0x00e0) >> 1 |
	    (type & 0x3e00) >> 2);
}

/* Does an attribute at `offset` count, given the ones before it? */
static bool
counts(const struct stun_msg *msg, uint16_t type, size_t offset)
{
	if (type == STUN_ATTR_FINGERPRINT)
		return true;
	if (msg->integrity_sha256 != 0 && offset > msg->integrity_sha256)
		return false;
	if (type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256)
		return true;
	return msg->integrity == 0 || offset <= msg->integrity;
}

bool
stun_next(const struct stun_msg *msg, struct stun_attr *attr)
{
	size_t offset = STUN_HEADER;

	if (attr->value != NULL)
		offset = (size_t)(attr->value - msg->data) + padded(attr->len);
	while (offset < msg->len) {
		attr->type = bytes_get16(msg->data + offset);
		attr->len = bytes_get16(msg->data + offset + 2);
		attr->value = msg->data + offset + ATTR_HEADER;
		if (counts(msg, attr->type, offset))
			return true;
		offset += ATTR_HEADER + padded(attr->len);
	}
	return false;
}

int
stun_find(const struct stun_msg *msg, uint16_t type, struct stun_attr *out)
{
	struct stun_attr attr = { 0 };

	while (stun_next(msg, &attr)) {
		if (attr.type != type)
			continue;
		*out = attr;
		return 0;
	}
	return -ENOENT;
}

bool
stun_has(const struct stun_msg *msg, uint16_t type)
{
	struct stun_attr attr;

	return stun_find(msg, type, &attr) == 0;
}

/* Find an attribute whose value has exactly that length. */
static int
find_sized(const struct stun_msg *msg, uint16_t type, size_t len,
    struct stun_attr *out)
{
	int err = stun_find(msg, type, out);

	if (err < 0)
		return err;
	return out->len == len ? 0 : -EBADMSG;
}

int
stun_get_u8(const struct stun_msg *msg, uint16_t type, uint8_t *out)
{
	struct stun_attr attr;
	int err = stun_find(msg, type, &attr);

	if (err < 0)
		return err;
	/*
	 * Families and transports have four bytes. EVEN-PORT has one, but
	 * PJNATH sends four.
	 */
	if (attr.len != 4 && !(type == STUN_ATTR_EVEN_PORT && attr.len == 1))
		return -EBADMSG;
	*out = attr.value[0];
	return 0;
}

int
stun_get_u32(const struct stun_msg *msg, uint16_t type, uint32_t *out)
{
	struct stun_attr attr;
	int err = find_sized(msg, type, 4, &attr);

	if (err == 0)
		*out = bytes_get32(attr.value);
	return err;
}

int
stun_get_u64(const struct stun_msg *msg, uint16_t type, uint64_t *out)
{
	struct stun_attr attr;
	int err = find_sized(msg, type, 8, &attr);

	if (err == 0)
		*out = (uint64_t)bytes_get32(attr.value) << 32 |
		    bytes_get32(attr.value + 4);
	return err;
}

int
stun_get_channel(const struct stun_msg *msg, uint16_t *out)
{
	struct stun_attr attr;
	int err = find_sized(msg, STUN_ATTR_CHANNEL_NUMBER, 4, &attr);

	if (err == 0)
		*out = bytes_get16(attr.value);
	return err;
}

/* Check the layout of an address, and return the length of its IP. */
static int
check_addr(const struct stun_attr *attr)
{
	int ip_bytes;

	if (attr->len < 4)
		return -EBADMSG;
	if (attr->value[1] != STUN_IPV4 && attr->value[1] != STUN_IPV6)
		return -EAFNOSUPPORT;
	ip_bytes = attr->value[1] == STUN_IPV4 ? 4 : 16;
	return attr->len == 4 + ip_bytes ? ip_bytes : -EBADMSG;
}

int
stun_get_addr(const struct stun_msg *msg, uint16_t type, struct addr *out)
{
	struct stun_attr attr;
	int err = stun_find(msg, type, &attr);
	int ip_bytes = err < 0 ? err : check_addr(&attr);

	return ip_bytes < 0 ? ip_bytes : addr_from_bytes(out, attr.value + 4,
	    (size_t)ip_bytes, bytes_get16(attr.value + 2));
}

int
stun_attr_xor_addr(const struct stun_msg *msg, const struct stun_attr *attr,
    struct addr *out)
{
	uint8_t ip[16];
	int i, ip_bytes = check_addr(attr);
	uint16_t port;

	if (ip_bytes < 0)
		return ip_bytes;
	port = bytes_get16(attr->value + 2) ^ (STUN_COOKIE >> 16);
	/* The mask is the cookie followed by the transaction id. */
	for (i = 0; i < ip_bytes; i++)
		ip[i] = attr->value[4 + i] ^ msg->data[4 + i];
	return addr_from_bytes(out, ip, (size_t)ip_bytes, port);
}

int
stun_get_xor_addr(const struct stun_msg *msg, uint16_t type, struct addr *out)
{
	struct stun_attr attr;
	int err = stun_find(msg, type, &attr);

	return err < 0 ? err : stun_attr_xor_addr(msg, &attr, out);
}

/* Read the code in an attribute that has the layout of ERROR-CODE. */
static int
get_code(const struct stun_msg *msg, uint16_t type, struct stun_attr *attr,
    unsigned *out)
{
	int err = stun_find(msg, type, attr);
	unsigned hundreds;

	if (err < 0)
		return err;
	if (attr->len < 4)
		return -EBADMSG;
	hundreds = attr->value[2] & 7;
	if (hundreds < 3 || hundreds > 6 || attr->value[3] > 99)
		return -EBADMSG;
	*out = hundreds * 100 + attr->value[3];
	return 0;
}

int
stun_get_error(const struct stun_msg *msg, unsigned *out)
{
	struct stun_attr attr;

	return get_code(msg, STUN_ATTR_ERROR_CODE, &attr, out);
}

int
stun_get_address_error(const struct stun_msg *msg, uint8_t *family,
    unsigned *code)
{
	struct stun_attr attr;
	int err = get_code(msg, STUN_ATTR_ADDRESS_ERROR_CODE, &attr, code);

	if (err == 0)
		*family = attr.value[0];
	return err;
}

static bool
among(uint16_t type, const uint16_t types[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (types[i] == type)
			return true;
	return false;
}

size_t
stun_unknown(const struct stun_msg *msg, const uint16_t known[],
    size_t n_known, uint16_t out[], size_t max)
{
	struct stun_attr attr = { 0 };
	size_t n = 0;

	while (n < max && stun_next(msg, &attr))
		if (attr.type < 0x8000 && !among(attr.type, known, n_known) &&
		    !among(attr.type, out, n))
			out[n++] = attr.type;
	return n;
}

void
stun_begin(struct stun_builder *b, uint8_t *data, size_t size, uint16_t type,
    const uint8_t transaction[static STUN_TRANSACTION])
{
	*b = (struct stun_builder){ .data = data, .size = size };
	if (size < STUN_HEADER) {
		b->full = true;
		return;
	}
	bytes_put16(data, type);
	bytes_put16(data + 2, 0);
	memcpy(data + 4, cookie, sizeof(cookie));
	memcpy(data + 8, transaction, STUN_TRANSACTION);
	b->len = STUN_HEADER;
}

/* Add an attribute, and return its zeroed value, or NULL if it does not fit. */
static uint8_t *
add_attribute(struct stun_builder *b, uint16_t type, size_t len)
{
	uint8_t *attr = b->data + b->len;
	size_t total = ATTR_HEADER + padded(len);

	if (b->full || len > UINT16_MAX || total > b->size - b->len ||
	    b->len + total > STUN_MAX - 1) {
		b->full = true;
		return NULL;
	}
	bytes_put16(attr, type);
	bytes_put16(attr + 2, (uint16_t)len);
	memset(attr + ATTR_HEADER, 0, total - ATTR_HEADER);
	b->len += total;
	bytes_put16(b->data + 2, (uint16_t)(b->len - STUN_HEADER));
	return attr + ATTR_HEADER;
}

void
stun_add(struct stun_builder *b, uint16_t type, const void *value, size_t len)
{
	uint8_t *out = add_attribute(b, type, len);

	if (out != NULL && len > 0)
		memcpy(out, value, len);
}

void
stun_add_u8(struct stun_builder *b, uint16_t type, uint8_t value)
{
	stun_add(b, type, &value, 1);
}

void
stun_add_u32(struct stun_builder *b, uint16_t type, uint32_t value)
{
	uint8_t *out = add_attribute(b, type, 4);

	if (out != NULL)
		bytes_put32(out, value);
}

void
stun_add_u64(struct stun_builder *b, uint16_t type, uint64_t value)
{
	uint8_t *out = add_attribute(b, type, 8);

	if (out == NULL)
		return;
	bytes_put32(out, (uint32_t)(value >> 32));
	bytes_put32(out + 4, (uint32_t)value);
}

void
stun_add_first(struct stun_builder *b, uint16_t type, uint8_t value)
{
	stun_add_u32(b, type, (uint32_t)value << 24);
}

void
stun_add_channel(struct stun_builder *b, uint16_t channel)
{
	stun_add_u32(b, STUN_ATTR_CHANNEL_NUMBER, (uint32_t)channel << 16);
}

void
stun_add_xor_addr(struct stun_builder *b, uint16_t type,
    const struct addr *addr)
{
	size_t i, ip_bytes;
	const uint8_t *ip = addr_ip(addr, &ip_bytes);
	uint8_t *out = add_attribute(b, type, 4 + ip_bytes);

	if (out == NULL)
		return;
	out[1] = ip_bytes == 4 ? STUN_IPV4 : STUN_IPV6;
	bytes_put16(out + 2, addr_port(addr) ^ (STUN_COOKIE >> 16));
	for (i = 0; i < ip_bytes; i++)
		out[4 + i] = ip[i] ^ b->data[4 + i];
}

static void
add_code(struct stun_builder *b, uint16_t type, uint8_t family, unsigned code,
    const char *reason)
{
	size_t reason_len = strlen(reason);
	uint8_t *out = add_attribute(b, type, 4 + reason_len);

	if (out == NULL)
		return;
	out[0] = family;
	out[2] = (uint8_t)(code / 100);
	out[3] = (uint8_t)(code % 100);
	memcpy(out + 4, reason, reason_len);
}

void
stun_add_error(struct stun_builder *b, unsigned code, const char *reason)
{
	add_code(b, STUN_ATTR_ERROR_CODE, 0, code, reason);
}

void
stun_add_address_error(struct stun_builder *b, uint8_t family, unsigned code,
    const char *reason)
{
	add_code(b, STUN_ATTR_ADDRESS_ERROR_CODE, family, code, reason);
}

void
stun_add_unknown(struct stun_builder *b, const uint16_t types[], size_t n)
{
	uint8_t *out = add_attribute(b, STUN_ATTR_UNKNOWN_ATTRIBUTES, 2 * n);
	size_t i;

	for (i = 0; out != NULL && i < n; i++)
		bytes_put16(out + 2 * i, types[i]);
}

void
stun_add_tail(struct stun_builder *b, uint16_t type, uint16_t len)
{
	size_t total = b->len + ATTR_HEADER + padded(len);

	if (b->full || b->size - b->len < ATTR_HEADER ||
	    total > STUN_MAX - 1) {
		b->full = true;
		return;
	}
	bytes_put16(b->data + b->len, type);
	bytes_put16(b->data + b->len + 2, len);
	bytes_put16(b->data + 2, (uint16_t)(total - STUN_HEADER));
	b->len += ATTR_HEADER;
}

ssize_t
stun_end(const struct stun_builder *b)
{
	return b->full ? -EMSGSIZE : (ssize_t)b->len;
}

int
stun_channel_parse(const uint8_t *data, size_t len, uint16_t *channel,
    uint16_t *payload_len)
{
	uint16_t number, claimed;

	if (len < STUN_CHANNEL_HEADER)
		return -EBADMSG;
	number = bytes_get16(data);
	claimed = bytes_get16(data + 2);
	if (number < STUN_CHANNEL_MIN || number > STUN_CHANNEL_MAX)
		return -EBADMSG;
	len -= STUN_CHANNEL_HEADER;
	if (claimed > len || len > padded(claimed))
		return -EBADMSG;
	*channel = number;
	*payload_len = claimed;
	return 0;
}

void
stun_channel_header(uint8_t out[static STUN_CHANNEL_HEADER], uint16_t channel,
    uint16_t payload_len)
{
	bytes_put16(out, channel);
	bytes_put16(out + 2, payload_len);
}

ssize_t
stun_frame(const uint8_t *data, size_t len)
{
	if (len < STUN_CHANNEL_HEADER)
		return -EAGAIN;
	switch (data[0] >> 6) {
	case 0:
		if (data[3] % 4 != 0)
			return -EBADMSG;
		return STUN_HEADER + bytes_get16(data + 2);
	case 1:
		return STUN_CHANNEL_HEADER +
		    (ssize_t)padded(bytes_get16(data + 2));
	default:
		return -EBADMSG;
	}
}
