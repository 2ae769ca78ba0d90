/*
 * load: is the loop late? A switch whose loop turns too slowly to answer in
 * time closes its gate until it has caught up.
 */
#ifndef RP_SWITCHD_LOAD_H
#define RP_SWITCHD_LOAD_H

struct event_base;
struct gate;
struct load;
struct metrics;

/* NULL if out of memory. */
struct load *load_new(struct event_base *loop, struct gate *gate,
    struct metrics *metrics);
void load_free(struct load *load);

#endif
