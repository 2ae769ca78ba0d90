/*
 * recent: the numbers that were written here within the last seconds. A replica
 * may not know of that yet. Memory is fixed: a number may be forgotten early if
 * another one takes its place.
 */
#ifndef RP_DIRECTORY_RECENT_H
#define RP_DIRECTORY_RECENT_H

#include <stdbool.h>
#include <stdint.h>

/* Replicas are rarely further behind, and then they are about to be dropped. */
#define RECENT_MS 10000

struct recent;

/* NULL: out of memory. */
struct recent *recent_new(void);
void recent_free(struct recent *recent);

void recent_add(struct recent *recent, const char *number, uint64_t now_ms);
/* Return whether it was added within RECENT_MS. */
bool recent_has(const struct recent *recent, const char *number,
    uint64_t now_ms);

#endif
