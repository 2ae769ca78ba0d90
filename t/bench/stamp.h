/*
 * stamp: receive datagrams in batches with the kernel's time of arrival, so
 * that a late load generator does not measure its own delay. The times are of
 * CLOCK_REALTIME, as the kernel's are.
 */
#ifndef RP_BENCH_STAMP_H
#define RP_BENCH_STAMP_H

#include <stddef.h>
#include <stdint.h>

#define STAMP_MAX 64
#define STAMP_DATAGRAM 512	/* longer ones are cut */

struct stamp;

struct stamp_datagram {
	const uint8_t *data;
	size_t len;
	uint64_t at_ns;
};

/* Sets the socket up for stamps. NULL: it cannot, or out of memory. */
struct stamp *stamp_new(int fd);
void stamp_free(struct stamp *stamp);

/*
 * What has arrived, without waiting; it stays until the next call. The number,
 * at most STAMP_MAX.
 */
int stamp_receive(struct stamp *stamp, const struct stamp_datagram **out);

uint64_t stamp_now_ns(void);

#endif
