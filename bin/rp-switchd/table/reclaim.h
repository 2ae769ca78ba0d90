/*
 * reclaim: the relay's housekeeping thread. It frees memory that relay threads
 * may still be reading, once none of them can (RCU, QSBR flavour), and calls
 * `tick` once per second. Relay threads are the readers. Whatever they find in a
 * shared table stays until they next go to sleep.
 */
#ifndef RP_SWITCHD_RECLAIM_H
#define RP_SWITCHD_RECLAIM_H

struct reclaim;

/* The first member of every struct, from malloc, that readers may hold. */
struct reclaim_item {
	struct reclaim_item *next;
	void (*end)(struct reclaim_item *item);	/* before free(), or NULL */
};

/* Start the thread, on which `tick` runs. Return 0 or a negative errno. */
int reclaim_new(struct reclaim **out, void (*tick)(void *arg), void *arg);

/*
 * Call free() on the item when no reader can see it. No table must contain it
 * any more.
 */
void reclaim_later(struct reclaim *reclaim, struct reclaim_item *item);

/* Stop the thread and free all pending items. All readers must be gone. */
void reclaim_free(struct reclaim *reclaim);

/*
 * For readers. Join once per thread, which is then awake. Sleep before every
 * call that may block, and wake after it. Pointers from shared tables do not
 * outlive a sleep.
 */
void reclaim_join(void);
void reclaim_leave(void);
void reclaim_sleep(void);
void reclaim_wake(void);

#endif
