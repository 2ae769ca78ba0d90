/*
 * handle: the handlers of requests; see rp-signal(7). The client has
 * authenticated, unless the route is open to strangers. Each function answers
 * its request once, now or later from the loop.
 */
#ifndef RP_SWITCHD_HANDLE_H
#define RP_SWITCHD_HANDLE_H

#include <stdbool.h>

struct request;

/*
 * May the client call now? Without a look-up. If not, the request is answered.
 */
bool handle_may_initiate(struct request *request);
void handle_initiate(struct request *request);

/* Handle RING, ANSWER, INFO, BUSY, HANGUP and RESUME. */
void handle_session(struct request *request);

void handle_put_push(struct request *request);
void handle_delete_push(struct request *request);
void handle_push_key(struct request *request);
void handle_keepalive(struct request *request);
void handle_switches(struct request *request);
void handle_relay(struct request *request);

/* Handle GET /signal. The first message in a frame authenticates the client. */
void handle_upgrade(struct request *request);

void handle_verification(struct request *request);

/* Handle {"code", "token"}: a client that knows the code may add a device. */
void handle_subscriber(struct request *request);

#endif
