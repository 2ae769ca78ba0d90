/*
 * crowd: do the same for many servers side by side, so that the silent ones
 * cost the time of one.
 */
#ifndef RP_REGIONPROBE_CROWD_H
#define RP_REGIONPROBE_CROWD_H

#include <stddef.h>

/* Do one. Several run at the same time, on threads of their own. */
typedef void crowd_work(void *arg, size_t which);

/*
 * Call `work` for 0 to n-1, and return when all have returned. The calling
 * thread works too, so that a host without threads to spare is only slower.
 */
void crowd_run(size_t n, crowd_work *work, void *arg);

#endif
