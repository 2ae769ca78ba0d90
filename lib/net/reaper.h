/*
 * reaper: the duty of process 1, such as the first process of a container. The
 * orphans of all others become its children, and stay zombies until it waits
 * for them.
 */
#ifndef RP_NET_REAPER_H
#define RP_NET_REAPER_H

#include <stdbool.h>
#include <sys/types.h>

struct event_base;
struct reaper;

/* Return whether somebody else waits for this child, so that it is left. */
typedef bool reaper_is_ours(pid_t pid, void *arg);

/*
 * Wait for orphans on the loop, if we are process 1. Otherwise `*out` becomes
 * NULL, and nothing happens. -ENOMEM.
 */
int reaper_new(struct reaper **out, struct event_base *loop,
    reaper_is_ours *is_ours, void *arg);

/* NULL is fine. */
void reaper_free(struct reaper *reaper);

#endif
