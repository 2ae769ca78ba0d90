/*
 * turnstats: the relay's counters. Each thread keeps its own; they are summed
 * when read, and written in Prometheus text format.
 */
#ifndef RP_SWITCHD_TURNSTATS_H
#define RP_SWITCHD_TURNSTATS_H

#include "kernel/kernel.h"
#include "relay/relay.h"
#include "table/alloc.h"
#include "turn/streams.h"
#include "turn/turnreq.h"

struct buffer;

#define TURNSTATS_NAME 33

struct turnstats_service {
	char name[TURNSTATS_NAME];	/* "": there is none */
	struct alloc_service_counts counts;
};

/* The sums. Begin with all zero, and add the counters of each thread. */
struct turnstats {
	struct relay_counts relay;
	struct turnreq_counts req;
	struct streams_counts streams;
	uint64_t overruns, allocations;
	struct alloc_limited limited;
	struct turnstats_service services[ALLOC_SERVICES];
	uint64_t max_allocations, max_streams;	/* the limits */
	struct kernel_stats kernel;
};

void turnstats_add_relay(struct turnstats *stats,
    const struct relay_counts *counts);
void turnstats_add_req(struct turnstats *stats,
    const struct turnreq_counts *counts);
void turnstats_add_streams(struct turnstats *stats,
    const struct streams_counts *counts);

/* Add to the relay's counters what the kernel has relayed. */
void turnstats_add_kernel(struct turnstats *stats,
    const struct inkernel_counts *counts);

/* Add what a service has used. */
void turnstats_add_service(struct turnstats *stats, unsigned service,
    const char *name, const struct alloc_service_counts *counts);

void turnstats_write(const struct turnstats *stats, struct buffer *out);

#endif
