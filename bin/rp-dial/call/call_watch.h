/*
 * call_watch: observe once per second whether the switch and the other side of
 * a call are still there, and from which address we reach the relay. It feeds
 * presence, and reports to the call through handlers.
 */
#ifndef RP_DIAL_CALL_WATCH_H
#define RP_DIAL_CALL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "call/call_options.h"
#include "call/presence.h"
#include "wire/addr.h"

struct call_media;
struct loop_event;

/* Called from the loop, and `gone` also within call_watch_missed. */
struct call_watch_handlers {
	/* A second has passed. */
	void (*tick)(void *arg);
	/* The switch is gone. */
	void (*gone)(void *arg);
};

/* Embedded in a call, and written by call_watch.c only. */
struct call_watch {
	const struct call_options *options;
	const struct call_media *media;
	const struct call_watch_handlers *handlers;
	void *arg;
	struct presence presence;
	bool talking;			/* packets are expected */
	bool refused;			/* gone: its address refused us */
	/* media's relay, and our address toward it */
	struct addr relay, source;
	struct loop_event *ticker;	/* NULL until call_watch_start */
	struct loop_event *judge;	/* see call_watch_missed */
};

/*
 * Initialise. All parameters must outlive the watch. Call call_watch_clear on
 * an error too.
 *
 *  -ENOMEM  out of memory
 */
int call_watch_init(struct call_watch *w, const struct call_options *options,
    const struct call_media *media, const struct call_watch_handlers *handlers,
    void *arg);

/*
 * Watch from now on. Does nothing if it does so already.
 *
 *  -ENOMEM  out of memory
 */
int call_watch_start(struct call_watch *w);

/* Note that media goes to this relay from now on. */
void call_watch_relay(struct call_watch *w, const struct addr *relay);

/* Note that both sides talk, so that silence counts. */
void call_watch_talking(struct call_watch *w);

/* Note that our signalling connection broke, or that it is back. */
void call_watch_away(struct call_watch *w);
void call_watch_back(struct call_watch *w);

/*
 * Note that a try to come back has failed, as `missed` of leg_handlers says. If
 * the switch's address refused us, judge by media whether the switch is gone,
 * now and after a while.
 */
void call_watch_missed(struct call_watch *w, int err);

/*
 * Return in words why the switch is gone. Return "" if it stopped, as its
 * address refuses connections. Otherwise our own network may be at fault.
 */
const char *call_watch_why(const struct call_watch *w);

/* Return whether our signalling connection is broken. */
bool call_watch_is_away(const struct call_watch *w);

/* As presence_lost. */
bool call_watch_lost(const struct call_watch *w);

/* As presence_silent_ms, at this moment. */
uint32_t call_watch_silent_ms(const struct call_watch *w);
/* The same, also from before our connection broke. */
uint32_t call_watch_unheard_ms(const struct call_watch *watch);

/* Return whether this host has a network path to the relay. */
bool call_watch_online(const struct call_watch *w);

/*
 * Return whether our packets would leave from another source address than
 * before.
 */
bool call_watch_moved(const struct call_watch *w);

/* Call no handler from now on. */
void call_watch_stop(struct call_watch *w);

/* Stop, and free the timers. A zeroed watch is allowed. */
void call_watch_clear(struct call_watch *w);

#endif
