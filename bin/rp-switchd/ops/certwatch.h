/*
 * certwatch: show an operator the certificates in use. A metric says when each
 * ends, and the log says daily what is wrong with them.
 */
#ifndef RP_SWITCHD_CERTWATCH_H
#define RP_SWITCHD_CERTWATCH_H

#include <stdint.h>

struct certset;
struct certwatch;
struct event_base;
struct metrics;

#define CERTWATCH_MS (24 * 60 * 60 * 1000ULL)	/* a person looks daily */

/*
 * Return a watch without certificates, or NULL. It logs every `every_ms`; with
 * 0 it never does, and has the metric only. `metrics` must not be read after
 * certwatch_free.
 */
struct certwatch *certwatch_new(struct event_base *loop,
    struct metrics *metrics, uint64_t every_ms);
void certwatch_free(struct certwatch *watch);

/*
 * Watch these, which are referenced, from now on, and log at once what is
 * wrong. `name` is the switch's, and is copied.
 */
void certwatch_set(struct certwatch *watch, struct certset *set,
    const char *name);

#endif
