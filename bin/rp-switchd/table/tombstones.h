/*
 * tombstones: the calls that ended recently, so that their credentials, valid
 * for some minutes more, are useless. The table has a fixed size. A flood of
 * ended calls may push out an entry; that call could allocate again, but would
 * find no other party. Pure.
 */
#ifndef RP_SWITCHD_TOMBSTONES_H
#define RP_SWITCHD_TOMBSTONES_H

#include <stdbool.h>
#include <stdint.h>

/* Together 16,384 calls: four and a half per second for TOMBSTONES_S. */
#define TOMBSTONES_WAYS 4
#define TOMBSTONES_SETS 4096
#define TOMBSTONES_S 3600	/* the longest time that a call is remembered */

/*
 * Embedded by value, 256 KiB; all zero means empty. A call is the hash of its
 * name.
 */
struct tombstones {
	struct {
		uint64_t call;
		uint64_t since_ns;	/* 0: free */
	} entry[TOMBSTONES_SETS][TOMBSTONES_WAYS];
};

/*
 * Add a call. `now_ns` is not 0. The oldest entry of the call's set is
 * replaced.
 */
void tombstones_add(struct tombstones *ended, uint64_t call, uint64_t now_ns);
bool tombstones_has(const struct tombstones *ended, uint64_t call,
    uint64_t now_ns);

#endif
