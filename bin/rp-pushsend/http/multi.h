/*
 * multi: a libcurl multi handle that lives on a libevent loop: its sockets and
 * its timer are the loop's.
 */
#ifndef RP_PUSHSEND_MULTI_H
#define RP_PUSHSEND_MULTI_H

#include <curl/curl.h>

struct event_base;
struct multi;

/*
 * A transfer has ended, from the loop. The handle is still in: remove it.
 * Others may be added and removed from within.
 */
typedef void multi_done(CURL *easy, CURLcode code, void *arg);

int multi_new(struct multi **out, struct event_base *loop, multi_done *done,
    void *arg);
/* After its handles are removed. NULL is fine. */
void multi_free(struct multi *multi);

/* Start a transfer. -ENOMEM. */
int multi_add(struct multi *multi, CURL *easy);
void multi_remove(struct multi *multi, CURL *easy);

#endif
