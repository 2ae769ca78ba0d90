/*
 * packet_bpf: what relay_bpf.c finds a packet to be, and how it rewrites one,
 * with the arithmetic of checksums (RFC 1624).
 */
#ifndef RP_SWITCHD_PACKET_BPF_H
#define RP_SWITCHD_PACKET_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "kernel/maps_bpf.h"
#include "table/inkernel.h"
#include "table/rtpsee.h"

/* Not ChannelData, which is nothing to count; and all is well. */
#define NOT_OURS (-1)
#define RELAY (-2)

#define TO_THIS_HOST 0	/* skb->pkt_type: PACKET_HOST */
#define FAMILY_V4 2
#define FAMILY_V6 10
#define IPV4_FRAGMENT 0x3fff	/* the offset, and that more follow */
#define VLAN_ID 0x0fff
#define CHANNEL_HEADER 4
#define CHANNEL_MIN 0x4000	/* as STUN_CHANNEL_MIN and its end */
#define CHANNEL_MAX 0x7fff
#define HEADERS 154	/* of an RTP packet, up to an extension's */

/* A packet, as it came. Offsets count from its first byte. */
struct seen {
	struct inkernel_key key;
	struct rtpsee rtp;
	uint32_t ip, udp;		/* offsets of the headers */
	uint32_t vid;			/* of its VLAN; 0: none */
	uint16_t total;			/* bytes from the IP header on */
	uint16_t len;			/* of the payload in the ChannelData */
	uint16_t checksum;		/* of UDP */
	bool ipv6, is_rtp;
};

static __always_inline uint16_t
fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* Return a checksum after a change of what it covers; 0 means that it is none. */
static __always_inline uint16_t
changed(uint16_t checksum, uint64_t by)
{
	uint16_t sum = ~fold((uint64_t)(uint16_t)~checksum + by);

	return sum != 0 ? sum : 0xffff;
}

/* By how much the sum of the addresses changes. The prefix of IPv4 does not. */
static __always_inline uint32_t
change_of_addresses(const struct seen *s, const struct inkernel_chan *way)
{
	return (uint32_t)bpf_csum_diff((__be32 *)s->key.client, 32,
	    (__be32 *)way->client, 32, 0);
}

static __always_inline uint32_t
change_of_ports(const struct seen *s, const struct inkernel_chan *way)
{
	uint16_t from[4] = { s->key.client_port, s->key.local_port,
	    s->key.number, 0 };
	uint16_t to[4] = { way->local_port, way->client_port, way->number, 0 };

	return (uint32_t)bpf_csum_diff((__be32 *)from, 8, (__be32 *)to, 8, 0);
}

/* Return the sum of the pseudo-header, which an unfinished checksum is. */
static __always_inline uint16_t
unfinished(const struct seen *s)
{
	return fold((uint64_t)(uint32_t)bpf_csum_diff(NULL, 0,
	    (__be32 *)s->key.client, 32, 0) + bpf_htons(IPPROTO_UDP) +
	    bpf_htons(s->total - (s->udp - s->ip)));
}

/* An IPv4 address as in a key. */
static __always_inline void
map_v4(uint8_t out[16], uint32_t address)
{
	__builtin_memset(out, 0, 10);
	out[10] = out[11] = 0xff;
	__builtin_memcpy(out + 12, &address, 4);
}

/* A header at that offset, whose bound the verifier may have forgotten. */
static __always_inline void *
at(void *data, uint32_t offset)
{
	return data + (offset & 0x7f);
}

static __always_inline void
set_mac(uint8_t to[6], const uint8_t from[6])
{
	uint16_t *x = (uint16_t *)to;
	const uint16_t *y = (const uint16_t *)from;

	x[0] = y[0];
	x[1] = y[1];
	x[2] = y[2];
}

static __always_inline bool
is_same_mac(const uint8_t a[6], const uint8_t b[6])
{
	const uint16_t *x = (const uint16_t *)a, *y = (const uint16_t *)b;

	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2])) == 0;
}

/* Is the sum of this header right? It has no options. */
static __always_inline bool
is_whole(const struct iphdr *ip)
{
	return fold((uint64_t)bpf_csum_diff(NULL, 0, (__be32 *)ip,
	    sizeof(*ip), 0)) == 0xffff;
}

static __always_inline bool
rewrite_v4(const struct seen *s, const struct inkernel_chan *way,
    struct iphdr *ip, struct udphdr **udp, const void *end)
{
	*udp = (struct udphdr *)(ip + 1);
	if ((const void *)(*udp + 1) + CHANNEL_HEADER > end)
		return false;
	/* The time to live is the high byte of its word. */
	ip->check = changed(ip->check, (uint64_t)change_of_addresses(s, way) +
	    (uint16_t)~bpf_htons(0x0100));
	ip->ttl--;
	__builtin_memcpy(&ip->saddr, way->local + 12, 4);
	__builtin_memcpy(&ip->daddr, way->client + 12, 4);
	return true;
}

static __always_inline bool
rewrite_v6(const struct inkernel_chan *way, struct ipv6hdr *ip,
    struct udphdr **udp, const void *end)
{
	*udp = (struct udphdr *)(ip + 1);
	if ((const void *)(*udp + 1) + CHANNEL_HEADER > end)
		return false;
	ip->hop_limit--;
	__builtin_memcpy(&ip->saddr, way->local, 16);
	__builtin_memcpy(&ip->daddr, way->client, 16);
	return true;
}

/*
 * Write all but UDP's checksum, which is at the place that is returned. NULL
 * cannot be, because see() has looked.
 */
static __always_inline uint16_t *
rewrite(const struct seen *s, const struct inkernel_chan *way,
    const struct bpf_fib_lookup *fib, void *data, const void *end)
{
	struct ethhdr *eth = data;
	struct udphdr *udp;

	if ((const void *)(eth + 1) > end ||
	    !(s->ipv6 ? rewrite_v6(way, at(data, s->ip), &udp, end) :
	    rewrite_v4(s, way, at(data, s->ip), &udp, end)))
		return NULL;
	set_mac(eth->h_dest, fib->dmac);
	set_mac(eth->h_source, fib->smac);
	udp->source = way->local_port;
	udp->dest = way->client_port;
	*(uint16_t *)(udp + 1) = way->number;
	return &udp->check;
}

#endif
