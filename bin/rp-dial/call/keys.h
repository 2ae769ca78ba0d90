/*
 * keys: single keys from the controlling terminal, whatever standard input is.
 * The terminal does not echo them, and gets its modes back when we stop, go to
 * the background or end. In the background nothing is read.
 */
#ifndef RP_DIAL_KEYS_H
#define RP_DIAL_KEYS_H

struct event_base;
struct keys;

/*
 * Call `handler` from the loop for each key. `*out` is NULL if there is no
 * terminal, or neither standard input nor error is one, so that nobody expects
 * keys. keys_free accepts that.
 *
 *  -ENOMEM  out of memory
 */
int keys_new(struct keys **out, struct event_base *loop,
    void (*handler)(char key, void *arg), void *arg);

void keys_free(struct keys *keys);

#endif
