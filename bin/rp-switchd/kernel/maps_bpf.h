/*
 * maps_bpf: the maps of relay_bpf.c, which user space finds by their names, and
 * to whose elements it has pointers. See table/inkernel.h.
 */
#ifndef RP_SWITCHD_MAPS_BPF_H
#define RP_SWITCHD_MAPS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "table/inkernel.h"

#define ARRAY(name, element)						\
	struct {							\
		__uint(type, BPF_MAP_TYPE_ARRAY);			\
		__uint(map_flags, BPF_F_MMAPABLE);			\
		__uint(max_entries, 1);					\
		__type(key, uint32_t);					\
		__type(value, element);					\
	} name SEC(".maps")

/* User space sets the numbers of elements before it loads them. */
ARRAY(traffic, struct alloc_traffic);
ARRAY(shares, struct alloc_share);
ARRAY(rates, struct alloc_rate_limit);
ARRAY(control, struct inkernel_control);
ARRAY(counts, struct inkernel_counts);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct inkernel_key);
	__type(value, struct inkernel_chan);
} channels SEC(".maps");

/* XDP: the device that has the addresses, which may be a VLAN of this one. */
struct link {
	uint32_t ifindex, vid;		/* 0: untagged */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct link);
	__type(value, uint32_t);
} links SEC(".maps");

static __always_inline void *
element(void *map, uint32_t i)
{
	return bpf_map_lookup_elem(map, &i);
}

static __always_inline void
pass_up(int reason)
{
	struct inkernel_counts *mine;

	mine = element(&counts, bpf_get_smp_processor_id());
	if (mine != NULL && reason >= 0 && reason < INKERNEL_REASONS_N)
		mine->passed[reason]++;
}

#endif
