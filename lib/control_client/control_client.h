/*
 * control_client: one connection to a switch's control socket; see rp-ctl(7).
 */
#ifndef RP_CONTROL_CLIENT_H
#define RP_CONTROL_CLIENT_H

#include "wire/ctlmsg.h"

struct control_client;
struct event_base;

/* Called from the loop only; control_client_free is allowed within them. */
struct control_client_handlers {
	/* An answer, or an event; valid during the call. */
	void (*answer)(const struct ctlmsg_answer *answer, void *arg);
	/*
	 * It is over: -EPROTO: what came is not what a switch sends; else the
	 * switch has gone. Nothing follows.
	 */
	void (*closed)(int err, void *arg);
};

/* -ENOENT, -EACCES, -ECONNREFUSED, -ENOTSOCK and so on. */
int control_client_new(struct control_client **out, struct event_base *loop,
    const char *path, const struct control_client_handlers *handlers,
    void *arg);
void control_client_free(struct control_client *client);

/* -EPIPE: the switch has gone; closed tells it as well. */
int control_client_send(struct control_client *client,
    const struct ctlmsg_request *request);

#endif
