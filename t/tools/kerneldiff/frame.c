/* frame: make, change and read frames. See frame.h. */
#include "frame.h"

#include <string.h>

#include "wire/bytes.h"

#define ETHERNET 14
#define TAG 4
#define UDP 8
#define PROTOCOL_UDP 17

static uint64_t state;

void
frame_seed(uint64_t seed)
{
	state = seed;
}

/* Steele, Lea, Flood: splitmix64. */
uint64_t
frame_random(uint64_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

static uint64_t
sum(const uint8_t *data, size_t len)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		total += bytes_get16(data + i);
	return len % 2 != 0 ? total + ((uint64_t)data[len - 1] << 8) : total;
}

/* Return the sum folded, where all ones is zero too. */
static uint16_t
fold(uint64_t total)
{
	while (total >> 16 != 0)
		total = (total & 0xffff) + (total >> 16);
	return total == 0xffff ? 0 : (uint16_t)total;
}

static size_t
ip_at(const struct frame *frame)
{
	return bytes_get16(frame->data + 12) == 0x8100 ? ETHERNET + TAG :
	    ETHERNET;
}

static uint16_t
udp_sum(const uint8_t *ip, const uint8_t *udp, size_t len, bool v6)
{
	return fold(sum(v6 ? ip + 8 : ip + 12, v6 ? 32 : 8) + PROTOCOL_UDP +
	    len + sum(udp, len));
}

uint16_t
frame_udp_sum(const struct frame *frame, const struct datagram *at)
{
	return udp_sum(frame->data + at->ip, frame->data + at->udp,
	    UDP + at->len, at->v6);
}

static void
finish_udp(uint8_t *ip, uint8_t *udp, size_t len, bool v6)
{
	uint16_t value;

	bytes_put16(udp + 6, 0);
	value = (uint16_t)~udp_sum(ip, udp, len, v6);
	bytes_put16(udp + 6, value == 0 ? 0xffff : value);
}

static void
finish_ip(uint8_t *ip)
{
	bytes_put16(ip + 10, 0);
	bytes_put16(ip + 10, (uint16_t)~fold(sum(ip, (ip[0] & 15u) * 4)));
}

void
frame_make(struct frame *frame, const uint8_t to_mac[static 6],
    const struct addr *from, const struct addr *to, const uint8_t *data,
    size_t len)
{
	uint8_t *ip = frame->data + ETHERNET, *udp;
	size_t ip_bytes;
	bool v6 = addr_is_v6(from);

	memset(frame, 0, ETHERNET + 40 + UDP);
	memcpy(frame->data, to_mac, 6);
	memcpy(frame->data + 6, "\x02\x01\x02\x03\x04\x05", 6);
	bytes_put16(frame->data + 12, v6 ? 0x86dd : 0x0800);
	if (v6) {
		udp = ip + 40;
		bytes_put16(ip, 0x6000 | (uint16_t)frame_random(0x1000));
		bytes_put16(ip + 2, (uint16_t)frame_random(0x10000));
		bytes_put16(ip + 4, (uint16_t)(UDP + len));
		ip[6] = PROTOCOL_UDP;
		ip[7] = (uint8_t)(2 + frame_random(254));
		memcpy(ip + 8, addr_ip(from, &ip_bytes), 16);
		memcpy(ip + 24, addr_ip(to, &ip_bytes), 16);
	} else {
		udp = ip + 20;
		ip[0] = 0x45;
		ip[1] = (uint8_t)frame_random(256);
		bytes_put16(ip + 2, (uint16_t)(20 + UDP + len));
		bytes_put16(ip + 4, (uint16_t)frame_random(0x10000));
		ip[6] = frame_random(2) != 0 ? 0x40 : 0;	/* DF */
		ip[8] = (uint8_t)(2 + frame_random(254));
		ip[9] = PROTOCOL_UDP;
		memcpy(ip + 12, addr_ip(from, &ip_bytes), 4);
		memcpy(ip + 16, addr_ip(to, &ip_bytes), 4);
		finish_ip(ip);
	}
	bytes_put16(udp, addr_port(from));
	bytes_put16(udp + 2, addr_port(to));
	bytes_put16(udp + 4, (uint16_t)(UDP + len));
	memcpy(udp + UDP, data, len);
	finish_udp(ip, udp, UDP + len, v6);
	if (!v6 && frame_random(8) == 0)
		bytes_put16(udp + 6, 0);
	frame->len = (size_t)(udp + UDP + len - frame->data);
	frame->changed = false;
	/* The least that Ethernet sends; its trailer is no part of the rest. */
	while (frame->len < 60 && frame_random(4) != 0)
		frame->data[frame->len++] = (uint8_t)frame_random(256);
}

/* Correct the checksums, as far as the lengths make sense. */
static void
finish(struct frame *frame)
{
	uint8_t *ip = frame->data + ip_at(frame), *udp;
	size_t left = frame->len - ip_at(frame), header, len;
	bool v6 = bytes_get16(ip - 2) == 0x86dd;

	header = v6 ? 40 : (ip[0] & 15u) * 4;
	if (header < 20 || left < header + UDP)
		return;
	if (!v6)
		finish_ip(ip);
	udp = ip + header;
	len = bytes_get16(udp + 4);
	if (len >= UDP && len <= left - header && (v6 ||
	    bytes_get16(udp + 6) != 0))
		finish_udp(ip, udp, len, v6);
}

void
frame_add(struct frame *frame, const struct datagram *at, uint16_t by)
{
	uint8_t *word = frame->data + at->udp + UDP + (at->len - 2) / 2 * 2;

	bytes_put16(word, fold((uint64_t)bytes_get16(word) + by));
	finish(frame);
}

/* Have the payload's first bytes where IPv4 options would be. */
static void
add_options(struct frame *frame)
{
	uint8_t *ip = frame->data + ip_at(frame);
	size_t udp = ip_at(frame) + 20;

	if (ip[0] != 0x45 || frame->len + 8 > FRAME_MAX)
		return;
	memmove(frame->data + udp + 8, frame->data + udp, frame->len - udp);
	memset(frame->data + udp, 1, 8);	/* no operation */
	ip[0] = 0x47;
	bytes_put16(ip + 2, (uint16_t)(bytes_get16(ip + 2) + 8));
	frame->len += 8;
}

/* Return the sum of the pseudo-header of `len` bytes. */
static uint16_t
pseudo_sum(const uint8_t *ip, size_t len, bool v6)
{
	const uint8_t none[1] = { 0 };

	return fold((uint64_t)udp_sum(ip, none, 0, v6) + len);
}

bool
frame_looks_unfinished(const struct frame *frame, const struct datagram *at)
{
	return bytes_get16(frame->data + at->udp + 6) == pseudo_sum(
	    frame->data + at->ip, UDP + at->len, at->v6);
}

/* Let the sender's device finish the checksum, as veth's does not. */
static void
unfinish(uint8_t *ip, uint8_t *udp, bool v6)
{
	bytes_put16(udp + 6, pseudo_sum(ip, bytes_get16(udp + 4), v6));
}

static void
flip_byte(struct frame *frame, size_t from)
{
	frame->data[from + frame_random(frame->len - from)] ^=
	    (uint8_t)(1u << frame_random(8));
}

void
frame_mutate(struct frame *frame)
{
	uint8_t *ip = frame->data + ip_at(frame), *udp;
	bool v6 = bytes_get16(ip - 2) == 0x86dd, finishes = true;
	size_t udp_at = ip_at(frame) + (v6 ? 40 : 20), cut;

	udp = frame->data + udp_at;
	frame->changed = true;
	switch (frame_random(16)) {
	case 0:				/* anywhere */
		flip_byte(frame, 0);
		finishes = frame_random(2) != 0;
		break;
	case 1:				/* in the IP header */
		ip[frame_random(v6 ? 40 : 20)] ^= (uint8_t)(1u <<
		    frame_random(8));
		finishes = frame_random(4) != 0;
		break;
	case 2:				/* in UDP's or the channel's */
		udp[frame_random(UDP + 4)] ^= (uint8_t)(1u << frame_random(8));
		finishes = frame_random(4) != 0;
		break;
	case 3:
		flip_byte(frame, udp_at + UDP);
		finishes = frame_random(4) != 0;
		break;
	case 4:
		ip[v6 ? 7 : 8] = (uint8_t)frame_random(3);
		break;
	case 5:
		if (!v6)
			bytes_put16(ip + 6, (uint16_t)frame_random(0x10000));
		break;
	case 6:
		if (!v6)
			add_options(frame);
		break;
	case 7:				/* shorter than it says */
		cut = frame->len - ETHERNET - 4;
		frame->len -= frame_random(cut);
		finishes = false;
		break;
	case 8:
		bytes_put16(udp + 6, 0);
		finishes = false;
		break;
	case 9:
		unfinish(ip, udp, v6);
		finishes = false;
		break;
	case 10:			/* the length in the channel's header */
		bytes_put16(udp + UDP + 2, (uint16_t)(bytes_get16(udp + UDP +
		    2) + frame_random(9) - 4));
		break;
	case 11:			/* the length in UDP's */
		bytes_put16(udp + 4, (uint16_t)(bytes_get16(udp + 4) +
		    frame_random(9) - 4));
		break;
	case 12:			/* the length in IP's */
		bytes_put16(ip + (v6 ? 4 : 2), (uint16_t)(bytes_get16(ip +
		    (v6 ? 4 : 2)) + frame_random(9) - 4));
		break;
	case 13:			/* the channel's number */
		bytes_put16(udp + UDP, (uint16_t)frame_random(0x10000));
		break;
	case 14:			/* another protocol */
		ip[v6 ? 6 : 9] = (uint8_t)frame_random(256);
		break;
	default:			/* to somebody else */
		frame->data[frame_random(6)] ^= (uint8_t)(1u <<
		    frame_random(8));
		break;
	}
	if (finishes)
		finish(frame);
}

void
frame_tag(struct frame *frame, uint16_t vid)
{
	memmove(frame->data + 16, frame->data + 12, frame->len - 12);
	bytes_put16(frame->data + 12, 0x8100);
	bytes_put16(frame->data + 14, (uint16_t)(vid | frame_random(8) << 13));
	frame->len += TAG;
}

/* Read the IP header. Return what is behind it, or 0. */
static size_t
read_ip(const struct frame *frame, struct datagram *out)
{
	const uint8_t *ip = frame->data + out->ip;
	size_t left = frame->len - out->ip, header, total;
	int err;

	if (out->v6) {
		if (left < 40 || ip[0] >> 4 != 6 || ip[6] != PROTOCOL_UDP)
			return 0;
		total = 40 + (size_t)bytes_get16(ip + 4);
		header = 40;
		err = addr_from_bytes(&out->from, ip + 8, 16, 0);
		err |= addr_from_bytes(&out->to, ip + 24, 16, 0);
	} else {
		if (left < 20 || ip[0] >> 4 != 4 || ip[9] != PROTOCOL_UDP ||
		    (bytes_get16(ip + 6) & 0x3fff) != 0)
			return 0;
		header = (ip[0] & 15u) * 4;
		total = bytes_get16(ip + 2);
		if (header < 20 || left < header || fold(sum(ip, header)) != 0)
			return 0;
		err = addr_from_bytes(&out->from, ip + 12, 4, 0);
		err |= addr_from_bytes(&out->to, ip + 16, 4, 0);
	}
	if (err < 0 || total > left || total < header + UDP)
		return 0;
	out->udp = out->ip + header;
	return total - header;
}

bool
frame_read(const struct frame *frame, const uint8_t to_mac[static 6],
    uint16_t vid, struct datagram *out)
{
	const uint8_t *udp;
	uint16_t type;
	size_t room, len;

	memset(out, 0, sizeof(*out));
	if (frame->len < ETHERNET + TAG || memcmp(frame->data, to_mac, 6) != 0)
		return false;
	out->ip = ip_at(frame);
	if ((out->ip != ETHERNET) != (vid != 0) || (vid != 0 &&
	    (bytes_get16(frame->data + 14) & 0x0fff) != vid))
		return false;
	type = bytes_get16(frame->data + out->ip - 2);
	if (type != 0x0800 && type != 0x86dd)
		return false;
	out->v6 = type == 0x86dd;
	room = read_ip(frame, out);
	if (room == 0)
		return false;
	udp = frame->data + out->udp;
	len = bytes_get16(udp + 4);
	if (len < UDP || len > room)
		return false;
	addr_set_port(&out->from, bytes_get16(udp));
	addr_set_port(&out->to, bytes_get16(udp + 2));
	out->data = udp + UDP;
	out->len = len - UDP;
	out->wrong_checksum = bytes_get16(udp + 6) == 0 ? out->v6 :
	    frame_udp_sum(frame, out) != 0;
	return true;
}
