/*
 * tombstones: which calls ended lately, so that their credentials, good for minutes
 * more, are of no use. A table of fixed size: what a flood of ended calls
 * pushes out could allocate again, but would find nobody to talk to. Pure.
 */
#ifndef RP_SWITCHD_TOMBSTONES_H
#define RP_SWITCHD_TOMBSTONES_H

#include <stdbool.h>
#include <stdint.h>

#define TOMBSTONES_WAYS 4
#define TOMBSTONES_SETS 4096
#define TOMBSTONES_S 3600		/* remembered no longer */

/* Embedded by value, 256 KiB; zeroed: empty. A call is its name's hash. */
struct tombstones {
	struct {
		uint64_t call;
		uint64_t since_ns;	/* 0: free */
	} entry[TOMBSTONES_SETS][TOMBSTONES_WAYS];
};

/* now_ns is not 0. The oldest of the call's set gives way. */
void tombstones_add(struct tombstones *ended, uint64_t call, uint64_t now_ns);
bool tombstones_has(const struct tombstones *ended, uint64_t call, uint64_t now_ns);

#endif
