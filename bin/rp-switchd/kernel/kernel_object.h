/*
 * kernel_object: the program with its maps, loaded, and the maps that user
 * space writes as memory.
 */
#ifndef RP_SWITCHD_KERNEL_OBJECT_H
#define RP_SWITCHD_KERNEL_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "table/inkernel.h"
#include "wire/why.h"

struct bpf_object;

/* The arrays, in the order of kernel_object's own. */
enum kernel_array {
	KERNEL_TRAFFIC, KERNEL_SHARES, KERNEL_RATES, KERNEL_CONTROL,
	KERNEL_COUNTS, KERNEL_ARRAYS
};

struct kernel_object {
	struct bpf_object *bpf;		/* NULL: not any more */
	void *array[KERNEL_ARRAYS];
	uint32_t n[KERNEL_ARRAYS];	/* elements */
	size_t bytes[KERNEL_ARRAYS];	/* mapped */
	int tc_fd, xdp_fd, links_fd;	/* as long as `bpf` is there */
	int channels_fd;
};

/*
 * Load the program for so many slots of allocations. Return 0, or a negative
 * errno with one line in `why`; then nothing is left to unload.
 */
int kernel_object_load(struct kernel_object *out, uint32_t slots,
    char why[static WHY_TEXT]);

/* Keep the memory and the channels only. */
void kernel_object_settle(struct kernel_object *object);

void kernel_object_unload(struct kernel_object *object);

#endif
