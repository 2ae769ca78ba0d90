/*
 * ended: which calls ended lately, so that their credentials, good for minutes
 * more, are of no use. A table of fixed size: what a flood of ended calls
 * pushes out could allocate again, but would find nobody to talk to. Pure.
 */
#ifndef RP_SWITCHD_ENDED_H
#define RP_SWITCHD_ENDED_H

#include <stdbool.h>
#include <stdint.h>

#define ENDED_WAYS 4
#define ENDED_SETS 4096
#define ENDED_S 3600		/* remembered no longer */

/* Embedded by value, 256 KiB; zeroed: empty. A call is its name's hash. */
struct ended {
	struct {
		uint64_t call;
		uint64_t since_ns;	/* 0: free */
	} entry[ENDED_SETS][ENDED_WAYS];
};

/* now_ns is not 0. The oldest of the call's set gives way. */
void ended_add(struct ended *ended, uint64_t call, uint64_t now_ns);
bool ended_has(const struct ended *ended, uint64_t call, uint64_t now_ns);

#endif
