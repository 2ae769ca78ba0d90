/*
 * kernel: what a program in the kernel relays in the place of relay.c. The
 * program is loaded and attached to devices before privileges go. Afterwards
 * the relay writes to memory that both share, and changes entries of one map.
 *
 * The program passes everything up, unchanged, once nobody has renewed its
 * lease for some seconds, so that it is of no harm once its process has ended.
 */
#ifndef RP_SWITCHD_KERNEL_H
#define RP_SWITCHD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/inkernel.h"
#include "wire/addr.h"
#include "wire/why.h"

struct inkernel;
struct kernel;

/* relay.kernel: where the program is attached. */
enum kernel_mode {
	KERNEL_OFF,
	KERNEL_TC,			/* on any device, after its driver */
	KERNEL_XDP,			/* in the driver */
	KERNEL_AUTO			/* XDP if the driver has it; else tc */
};

/* Return the mode of this name, or -EINVAL. */
int kernel_mode_parse(enum kernel_mode *out, const char *text);

const char *kernel_mode_text(enum kernel_mode mode);

/* Has this program been built with libbpf? */
bool kernel_is_built(void);

struct kernel_options {
	enum kernel_mode mode;
	const struct addr *listen;	/* of the relay, UDP */
	size_t n_listen;
	unsigned threads;		/* of the relay, for each of these */
	unsigned allocations;		/* at most; 0: no limit */
	unsigned kbps_per_allocation;	/* relay.kbps_per_allocation */
};

/*
 * Load the program, attach it to the devices with these addresses, and begin
 * its lease. A failure is logged and counted; relay.c then relays by itself, and
 * with KERNEL_OFF nothing happens. Call it before privileges are dropped and
 * before there are other threads. Return NULL only without memory.
 */
struct kernel *kernel_new(const struct kernel_options *options);

/*
 * Return what a table of allocations shares with the program, which lives as
 * long as `kernel`, or NULL if the program is attached nowhere.
 */
const struct inkernel *kernel_table(const struct kernel *kernel);

/* Have the program go on; call it each second. NULL is fine. */
void kernel_renew(struct kernel *kernel, uint64_t now_ns);

#define KERNEL_DEVICES 32
#define KERNEL_DEVICE_NAME 16

struct kernel_device {
	char name[KERNEL_DEVICE_NAME];
	enum kernel_mode mode;		/* KERNEL_TC or KERNEL_XDP */
};

struct kernel_stats {
	uint64_t refused;		/* by the kernel: a device, an entry */
	uint64_t entries, full;		/* held; not taken, as there were many */
	struct inkernel_counts counts;	/* of all processors */
	struct kernel_device devices[KERNEL_DEVICES];	/* attached to */
	uint64_t n_devices;
};

/* Say where the program runs, and how many packets went which way. */
void kernel_stats_text(const struct kernel_stats *stats,
    char text[static WHY_TEXT]);

/* Read the counters. Any thread may call it; all are 0 for NULL. */
void kernel_stats(const struct kernel *kernel, struct kernel_stats *out);

/*
 * End the lease, detach what this process still may, and free. Nobody may use
 * the table of kernel_table any more. NULL is fine.
 */
void kernel_free(struct kernel *kernel);

#endif
