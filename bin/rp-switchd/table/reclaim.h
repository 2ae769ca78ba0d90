/*
 * reclaim: the relay's housekeeping thread. It frees what relay threads may
 * still be looking at once none of them can (RCU, QSBR flavour), and calls
 * tick once a second. Relay threads are the readers: whatever they find in a
 * shared table stays until they next go to sleep.
 */
#ifndef RP_SWITCHD_RECLAIM_H
#define RP_SWITCHD_RECLAIM_H

struct reclaim;

/* First in every struct, from malloc, that readers may hold. */
struct reclaim_item {
	struct reclaim_item *next;
	void (*end)(struct reclaim_item *item);	/* before free(), or NULL */
};

/* Starts the thread; tick runs on it. 0 or a negative errno. */
int reclaim_new(struct reclaim **out, void (*tick)(void *arg), void *arg);

/* free() the item, which no table shows any more, when no reader can see it. */
void reclaim_later(struct reclaim *reclaim, struct reclaim_item *item);

/* Stops the thread and frees what is buried; all readers must be gone. */
void reclaim_free(struct reclaim *reclaim);

/*
 * For readers: once per thread, awake afterwards, and asleep around every
 * call that may block. Pointers from shared tables do not outlive a sleep.
 */
void reclaim_join(void);
void reclaim_leave(void);
void reclaim_sleep(void);
void reclaim_wake(void);

#endif
