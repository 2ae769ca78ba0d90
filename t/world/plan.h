/*
 * plan: the hosts of the world and their distances from each other, from a file
 * of lines:
 *
 *	host NAME NETNS LAT LON PREFIX...	"- -": near everybody
 *	rtt NAME NAME MS			instead of the distance
 *	loss PERCENT				of packets, each way
 *	jitter MS				added evenly from 0 to this
 */
#ifndef RP_T_WORLD_PLAN_H
#define RP_T_WORLD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_HOSTS 256
#define PLAN_PREFIXES 4
#define PLAN_NAME 64

struct plan_prefix {
	uint8_t ip[16];
	size_t ip_bytes;
	unsigned bits;
};

struct plan_host {
	char name[PLAN_NAME];
	char netns[PLAN_NAME];
	double lat, lon;
	bool everywhere;
	struct plan_prefix prefixes[PLAN_PREFIXES];
	size_t n_prefixes;
};

struct plan {
	struct plan_host hosts[PLAN_HOSTS];
	size_t n;
	/* One way, in nanoseconds. */
	uint64_t delay_ns[PLAN_HOSTS][PLAN_HOSTS];
	double loss;			/* 0 to 1 */
	uint64_t jitter_ns;
};

/* Read the file; on an error says so on standard error and returns -1. */
int plan_read(struct plan *plan, const char *file);

/* The host that an IP packet is for, or -1. */
int plan_route(const struct plan *plan, const uint8_t *packet, size_t bytes);

#endif
