/*
 * multi: a libcurl multi handle whose sockets and timer run on a libevent loop.
 */
#ifndef RP_PUSHSEND_MULTI_H
#define RP_PUSHSEND_MULTI_H

#include <curl/curl.h>

struct event_base;
struct multi;
struct multi_pool;	/* connections, and the transfers on them */

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
 * Start a transfer on the present pool, which is stored in `out`.
 *
 *  -ENOMEM  out of memory
 */
int multi_add(struct multi_pool **out, struct multi *multi, CURL *easy);
void multi_remove(struct multi_pool *pool, CURL *easy);

/*
 * Start later transfers on new connections. Those in this pool go on; then it
 * is freed, from the loop. libcurl has no way to leave a single connection.
 * Without memory for a new pool all stays as it is.
 */
void multi_leave(struct multi_pool *pool);

#endif
