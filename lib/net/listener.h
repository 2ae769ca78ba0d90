/*
 * listener: TCP accept on the loop, on one address, which can be closed and
 * reopened at once. While it is closed, the kernel answers a SYN with RST but
 * the port stays ours.
 */
#ifndef RP_NET_LISTENER_H
#define RP_NET_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct listener;

/* `fd` is connected, non-blocking and close-on-exec. The handler owns it. */
typedef void listener_handler(int fd, const struct addr *peer, void *arg);

/*
 * Bind `addr`, whose port may be 0. The listener is closed to begin with.
 * Return a negative errno such as -EADDRINUSE or -EACCES.
 */
int listener_new(struct listener **out, struct event_base *loop,
    const struct addr *addr, listener_handler *accepted, void *arg);

/*
 * Make a listener of a socket that a service manager has bound, and on which it
 * may listen already. It takes over `fd`, also on failure.
 */
int listener_adopt(struct listener **out, struct event_base *loop, int fd,
    listener_handler *accepted, void *arg);
void listener_free(struct listener *listener);

/*
 * Set a handler that is called each time when nobody could be accepted for want
 * of descriptors or memory. The listener then rests for 100 ms. It may close
 * the listener.
 */
void listener_on_exhausted(struct listener *listener,
    void (*exhausted)(void *arg), void *arg);

/* Return the bound address. */
const struct addr *listener_addr(const struct listener *listener);

/* Open the listener. Return 0 or a negative errno; it then stays closed. */
int listener_open(struct listener *listener);

/*
 * Accept nobody for so many milliseconds, or until listener_resume. Those who
 * connect wait in the kernel's queue. `accepted` may call it.
 */
void listener_rest(struct listener *listener, unsigned ms);

/* Accept again. */
void listener_resume(struct listener *listener);

/*
 * Accept what already waits in the kernel's queue (`accepted` is called), then
 * refuse new connections. A handshake that is incomplete gets RST.
 */
void listener_close(struct listener *listener);

/*
 * Return for how long connections have waited to be accepted, in milliseconds,
 * since the last call. It is to be asked regularly: an old queue is accepted
 * faster.
 */
uint64_t listener_age_ms(struct listener *listener);

bool listener_is_open(const struct listener *listener);

#endif
