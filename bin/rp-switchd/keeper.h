/*
 * keeper: the relay's housekeeping thread. It frees what relay threads may
 * still be looking at once none of them can (RCU, QSBR flavour), and calls
 * tick once a second. Relay threads are the readers: whatever they find in a
 * shared table stays until they next go to sleep.
 */
#ifndef RP_SWITCHD_KEEPER_H
#define RP_SWITCHD_KEEPER_H

struct keeper;

/* First in every struct, from malloc, that readers may hold. */
struct keeper_item {
	struct keeper_item *next;
	void (*end)(struct keeper_item *item);	/* before free(), or NULL */
};

/* Starts the thread; tick runs on it. 0 or a negative errno. */
int keeper_new(struct keeper **out, void (*tick)(void *arg), void *arg);

/* free() the item, which no table shows any more, when no reader can see it. */
void keeper_bury(struct keeper *keeper, struct keeper_item *item);

/* Stops the thread and frees what is buried; all readers must be gone. */
void keeper_free(struct keeper *keeper);

/*
 * For readers: once per thread, awake afterwards, and asleep around every
 * call that may block. Pointers from shared tables do not outlive a sleep.
 */
void keeper_join(void);
void keeper_leave(void);
void keeper_sleep(void);
void keeper_wake(void);

#endif
