/*
 * multi: a libcurl multi handle whose sockets and timer run on a libevent loop.
 */
#ifndef RP_PUSHSEND_MULTI_H
#define RP_PUSHSEND_MULTI_H

#include <curl/curl.h>

struct event_base;
struct multi;

/*
 * A transfer has ended; called from the loop. The handle is still in `multi`:
 * remove it. Other transfers may be added and removed within the call.
 */
typedef void multi_done(CURL *easy, CURLcode code, void *arg);

int multi_new(struct multi **out, struct event_base *loop, multi_done *done,
    void *arg);
/* Free it, after its handles are removed. NULL is allowed. */
void multi_free(struct multi *multi);

/*
 * Start a transfer.
 *
 *  -ENOMEM  out of memory
 */
int multi_add(struct multi *multi, CURL *easy);
void multi_remove(struct multi *multi, CURL *easy);

#endif
