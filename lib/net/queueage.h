/*
 * queueage: for how long connections wait in the kernel's queue of a listening
 * socket. The kernel tells the queue's length only, so a mark is set behind
 * those that wait, and reached when as many have been accepted. Nothing that
 * the peers send changes it, unlike the times in an accepted socket's TCP_INFO.
 */
#ifndef RP_NET_QUEUEAGE_H
#define RP_NET_QUEUEAGE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nobody waits. */
struct queueage {
	uint64_t marked_ms;	/* when the mark was set; 0: there is none */
	uint32_t ahead;		/* connections before it */
	uint64_t waited_ms;	/* how long the last mark took; told once */
};

/* Note that a connection was taken from the queue. */
void queueage_took(struct queueage *age);

/*
 * Note that accepting stops for now: the queue of `fd` is empty, or others need
 * a turn.
 */
void queueage_stopped(struct queueage *age, int fd, bool empty);

/* Return the age of the oldest connection, as far as a mark knows it. */
uint64_t queueage_ms(struct queueage *age);

#endif
