/*
 * control_client: one connection to a switch's control socket; see rp-ctl(7).
 */
#ifndef RP_CONTROL_CLIENT_H
#define RP_CONTROL_CLIENT_H

#include "wire/ctlmsg.h"

struct control_client;
struct event_base;

/* Called from the loop only. Each may call control_client_free. */
struct control_client_handlers {
	/* An answer or an event, valid during the call. */
	void (*answer)(const struct ctlmsg_answer *answer, void *arg);
	/*
	 * The connection has ended; nothing follows. `err` is -EPROTO if the
	 * peer violated the protocol; otherwise the switch has gone.
	 */
	void (*closed)(int err, void *arg);
};

/*
 * Connect. Return a negative errno such as -ENOENT, -EACCES, -ECONNREFUSED or
 * -ENOTSOCK. It is -EAGAIN if the switch has stopped accepting.
 */
int control_client_new(struct control_client **out, struct event_base *loop,
    const char *path, const struct control_client_handlers *handlers,
    void *arg);
void control_client_free(struct control_client *client);

/*
 * Send a request. Return -EPIPE if the switch has gone; `closed` is called too.
 */
int control_client_send(struct control_client *client,
    const struct ctlmsg_request *request);

#endif
