/*
 * relay: what the kernel relays by itself: ChannelData that comes a way which
 * user space has taught it (table/inkernel.h). It is a list of checks. A packet
 * that fails one goes up to user space unchanged, with the reason counted, and
 * before anything was taken or written. Nothing is dropped here.
 *
 * SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * It and the headers that it includes are under both licences, because the
 * kernel gives some helpers only to programs under the GPL. The rest of rp is not
 * concerned: the program is loaded into the kernel, and linked with nothing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "kernel/maps_bpf.h"
#include "kernel/packet_bpf.h"
#include "table/draw.h"
#include "table/inkernel.h"
#include "table/rtpsee.h"

char license_of_program[] SEC("license") = "Dual BSD/GPL";

static __always_inline int
see_v4(struct seen *s, const struct iphdr *ip)
{
	if (ip->version != 4 || ip->protocol != IPPROTO_UDP)
		return NOT_OURS;
	s->udp = s->ip + sizeof(*ip);
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(IPV4_FRAGMENT))
		return INKERNEL_OPTIONS;
	if (!is_whole(ip))
		return INKERNEL_CHECKSUM;
	if (ip->ttl <= 1)
		return INKERNEL_TTL;
	s->total = bpf_ntohs(ip->tot_len);
	map_v4(s->key.client, ip->saddr);
	map_v4(s->key.local, ip->daddr);
	return RELAY;
}

static __always_inline int
see_v6(struct seen *s, const struct ipv6hdr *ip)
{
	if (ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return NOT_OURS;	/* or behind an extension header */
	s->udp = s->ip + sizeof(*ip);
	if (ip->hop_limit <= 1)
		return INKERNEL_TTL;
	s->ipv6 = true;
	s->total = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	__builtin_memcpy(s->key.client, &ip->saddr, 16);
	__builtin_memcpy(s->key.local, &ip->daddr, 16);
	return RELAY;
}

/* The checks of the packet itself. `frame` is its length. */
static __always_inline int
see(struct seen *s, void *data, void *end, uint32_t frame)
{
	const struct ethhdr *eth = data;
	const struct udphdr *udp;
	const uint16_t *word;
	uint16_t type, number, udp_len;
	int verdict;

	s->ip = sizeof(*eth);
	if (data + s->ip + 4 > end)
		return NOT_OURS;
	type = eth->h_proto;
	if (type == bpf_htons(ETH_P_8021Q)) {
		word = data + s->ip;
		s->vid = bpf_ntohs(word[0]) & VLAN_ID;
		type = word[1];
		s->ip += 4;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		if (data + s->ip + sizeof(struct iphdr) > end)
			return NOT_OURS;
		verdict = see_v4(s, data + s->ip);
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		if (data + s->ip + sizeof(struct ipv6hdr) > end)
			return NOT_OURS;
		verdict = see_v6(s, data + s->ip);
	} else {
		return NOT_OURS;
	}
	if (verdict == NOT_OURS)
		return verdict;
	udp = at(data, s->udp);
	word = (const void *)(udp + 1);
	if ((const void *)(word + 2) > end)
		return NOT_OURS;
	number = bpf_ntohs(word[0]);
	if (number < CHANNEL_MIN || number > CHANNEL_MAX)
		return NOT_OURS;
	if (verdict != RELAY)
		return verdict;
	udp_len = bpf_ntohs(udp->len);
	s->len = bpf_ntohs(word[1]);
	/* A datagram that is padded would get shorter. */
	if (udp_len != sizeof(*udp) + CHANNEL_HEADER + s->len ||
	    s->total != s->udp - s->ip + udp_len || frame < s->ip + s->total)
		return INKERNEL_MALFORMED;
	s->checksum = udp->check;
	s->key.client_port = udp->source;
	s->key.local_port = udp->dest;
	s->key.number = word[0];
	if (s->ipv6 && s->checksum == 0)
		return INKERNEL_CHECKSUM;
	s->is_rtp = rtpsee_header(&s->rtp, (const uint8_t *)(word + 2), s->len,
	    end);
	return RELAY;
}

/* Find the next hop. */
static __always_inline int
route(const struct seen *s, const struct inkernel_chan *way, void *ctx,
    struct bpf_fib_lookup *fib)
{
	fib->family = s->ipv6 ? FAMILY_V6 : FAMILY_V4;
	fib->l4_protocol = IPPROTO_UDP;
	fib->sport = way->local_port;
	fib->dport = way->client_port;
	fib->tot_len = s->total;
	if (s->ipv6) {
		__builtin_memcpy(fib->ipv6_src, way->local, 16);
		__builtin_memcpy(fib->ipv6_dst, way->client, 16);
	} else {
		__builtin_memcpy(&fib->ipv4_src, way->local + 12, 4);
		__builtin_memcpy(&fib->ipv4_dst, way->client + 12, 4);
	}
	switch (bpf_fib_lookup(ctx, fib, sizeof(*fib), 0)) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return RELAY;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return INKERNEL_NO_FORWARDING;
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return INKERNEL_NO_NEIGHBOUR;
	case BPF_FIB_LKUP_RET_FRAG_NEEDED:
		return INKERNEL_TOO_BIG;
	default:
		return INKERNEL_NO_ROUTE;
	}
}

/* Count the packet, under the lock of its sender. */
static __always_inline void
note(const struct seen *s, const struct inkernel_chan *way,
    struct alloc_traffic *from, uint64_t now_ns)
{
	struct inkernel_counts *mine;
	int more = -1;

	if (s->is_rtp)
		more = rtpsee(&from->rtp, &s->rtp, now_ns);
	from->packets++;
	from->bytes += s->len;
	from->last_ns = now_ns;
	if (more >= 0 && from->media_ns == 0)
		from->media_ns = now_ns;
	mine = element(&counts, bpf_get_smp_processor_id());
	if (mine == NULL)
		return;
	if (way->flow < CALLSTATS_FLOWS) {
		mine->flows[way->flow].packets++;
		mine->flows[way->flow].bytes += s->len;
	}
	if (more >= 0) {
		mine->rtp_packets++;
		mine->rtp_expected += more;
	}
}

/*
 * The last checks, and then all that is taken and counted: the rates, and the
 * statistics, which user space may be writing.
 */
static __always_inline int
take(const struct seen *s, const struct inkernel_chan *way,
    const struct inkernel_control *own, uint64_t now_ns)
{
	struct alloc_traffic *from = element(&traffic, way->from);
	const struct alloc_traffic *to = element(&traffic, way->to);
	struct alloc_rate_limit *total = element(&rates, 0), *service = NULL;
	struct alloc_share *call = element(&shares, way->call);
	struct draw_user user = { 0 };
	struct draw_call both = { 0 };

	if (from == NULL || to == NULL || total == NULL ||
	    from->serial != way->from_serial || to->serial != way->to_serial)
		return INKERNEL_CHANGED;
	if (way->service != INKERNEL_NONE) {
		service = element(&rates, way->service);
		if (service == NULL || call == NULL)
			return INKERNEL_CHANGED;
		user = draw_user(call, true, service, total, s->len);
		if (draw_user_over(&user, now_ns) != ALLOC_RATES)
			return INKERNEL_OVER_RATE;
	} else {
		both = draw_call(element(&shares, way->party), call, true,
		    s->len, own->byte_ns);
		if (!draw_call_fits(&both, now_ns))
			return INKERNEL_OVER_RATE;
	}
	if (__sync_val_compare_and_swap(&from->lock, 0, 1) != 0)
		return INKERNEL_BUSY;
	if (*(volatile uint32_t *)&from->serial != way->from_serial) {
		__sync_lock_test_and_set(&from->lock, 0);
		return INKERNEL_CHANGED;
	}
	note(s, way, from, now_ns);
	__sync_lock_test_and_set(&from->lock, 0);
	if (service != NULL) {
		draw_user_take(&user, now_ns);
	} else {
		draw_call_take(&both, now_ns);
		draw_note(total, s->len, now_ns);
	}
	return RELAY;
}

/*
 * Find the way, and its next hop. User space may forget it meanwhile and teach
 * another one in its place, so that it is copied, and is still there behind that.
 */
static __always_inline int
find(const struct seen *s, void *ctx, struct inkernel_chan *way,
    struct bpf_fib_lookup *fib, uint64_t now_ns,
    const struct inkernel_control *own)
{
	const struct inkernel_chan *known;

	if (now_ns >= *(const volatile uint64_t *)&own->lease_until_ns)
		return INKERNEL_LEASE;
	known = bpf_map_lookup_elem(&channels, &s->key);
	if (known == NULL)
		return INKERNEL_NEW;
	*way = *known;
	if (bpf_map_lookup_elem(&channels, &s->key) != known)
		return INKERNEL_CHANGED;
	if (now_ns >= way->expires_ns)
		return INKERNEL_EXPIRED;
	return route(s, way, ctx, fib);
}

static __always_inline int
relay_in_driver(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const struct inkernel_control *own = element(&control, 0);
	uint64_t now_ns = bpf_ktime_get_ns();
	struct bpf_fib_lookup fib = { 0 };
	struct inkernel_chan way;
	const uint32_t *device;
	struct seen s = { 0 };
	const struct ethhdr *eth;
	struct link link;
	uint16_t *sum;
	int verdict = see(&s, data, end, end - data);

	if (own == NULL || verdict != RELAY)
		return verdict;
	link = (struct link){ ctx->ingress_ifindex, s.vid };
	device = bpf_map_lookup_elem(&links, &link);
	if (device == NULL)
		return INKERNEL_OTHER_DEVICE;
	fib.ifindex = *device;
	verdict = find(&s, ctx, &way, &fib, now_ns, own);
	if (verdict != RELAY)
		return verdict;
	eth = data;
	if (fib.ifindex != *device ||
	    !is_same_mac(eth->h_dest, fib.smac))
		return INKERNEL_OTHER_DEVICE;
	/* A local sender's, on its way over veth: nobody would finish it. */
	if (s.checksum == unfinished(&s))
		return INKERNEL_CHECKSUM;
	verdict = take(&s, &way, own, now_ns);
	if (verdict != RELAY)
		return verdict;
	sum = rewrite(&s, &way, &fib, data, end);
	if (sum != NULL && s.checksum != 0)
		*sum = changed(s.checksum, change_of_addresses(&s, &way) +
		    (uint64_t)change_of_ports(&s, &way));
	return RELAY;
}

SEC("xdp")
int
relay_xdp(struct xdp_md *ctx)
{
	int verdict = relay_in_driver(ctx);

	if (verdict == RELAY)
		return XDP_TX;
	pass_up(verdict);
	return XDP_PASS;
}

/* Have the kernel change the checksum, also one that a device will finish. */
static __always_inline void
rewrite_checksum(const struct seen *s, const struct inkernel_chan *way,
    struct __sk_buff *skb)
{
	uint32_t at = s->udp + offsetof(struct udphdr, check);

	bpf_l4_csum_replace(skb, at, 0, change_of_addresses(s, way),
	    BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0);
	bpf_l4_csum_replace(skb, at, 0, change_of_ports(s, way),
	    BPF_F_MARK_MANGLED_0);
}

static __always_inline int
relay_in_stack(struct __sk_buff *skb, uint32_t *device)
{
	const struct inkernel_control *own = element(&control, 0);
	uint64_t now_ns = bpf_ktime_get_ns();
	struct bpf_fib_lookup fib = { 0 };
	struct inkernel_chan way;
	struct seen s = { 0 };
	int verdict;

	if (skb->data_end - skb->data < HEADERS)
		bpf_skb_pull_data(skb, skb->len < HEADERS ? skb->len : HEADERS);
	verdict = see(&s, (void *)(long)skb->data,
	    (void *)(long)skb->data_end, skb->len);
	if (own == NULL || verdict != RELAY)
		return verdict;
	if (skb->gso_size != 0)
		return INKERNEL_SEGMENTS;
	if (skb->vlan_present || s.vid != 0 || skb->pkt_type != TO_THIS_HOST)
		return INKERNEL_OTHER_DEVICE;
	fib.ifindex = skb->ifindex;
	verdict = find(&s, skb, &way, &fib, now_ns, own);
	if (verdict == RELAY)
		verdict = take(&s, &way, own, now_ns);
	if (verdict != RELAY)
		return verdict;
	rewrite_checksum(&s, &way, skb);
	*device = fib.ifindex;
	rewrite(&s, &way, &fib, (void *)(long)skb->data,
	    (void *)(long)skb->data_end);
	return RELAY;
}

SEC("tc")
int
relay_tc(struct __sk_buff *skb)
{
	uint32_t device = 0;
	int verdict = relay_in_stack(skb, &device);

	if (verdict == RELAY)
		return bpf_redirect(device, 0);
	pass_up(verdict);
	return TC_ACT_UNSPEC;
}
