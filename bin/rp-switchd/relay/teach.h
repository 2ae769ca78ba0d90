/*
 * teach: have the kernel relay what this process has just relayed, for as long
 * as everything that was checked stays so. See table/inkernel.h.
 */
#ifndef RP_SWITCHD_TEACH_H
#define RP_SWITCHD_TEACH_H

#include <stdint.h>

struct addr;
struct alloc;
struct chan;
struct inkernel;

/* How a ChannelData message was relayed to a channel. */
struct teach_way {
	struct alloc *from, *to;
	const struct chan *chan;	/* of the sender */
	const struct addr *source;	/* the sender's, as the receiver sees it */
	uint16_t number;		/* of the receiver's channel */
};

/*
 * Teach the kernel that way, unless it knows it or cannot relay it: both clients
 * must come by UDP and the same family, and have slots. A way that the kernel
 * refused is not taught again for TAUGHT_PAUSE_NS. For the relay thread that
 * looked all of it up and has not slept since.
 */
void teach_way(const struct inkernel *inkernel, const struct teach_way *way,
    uint64_t now_ns);

#endif
