/*
 * handle: what each request does; see rp-signal(7). Its client is known, unless
 * the route is open to strangers. Each function answers its request once, now
 * or later from the loop.
 */
#ifndef RP_SWITCHD_HANDLE_H
#define RP_SWITCHD_HANDLE_H

struct request;

void handle_initiate(struct request *request);

/* RING, ANSWER, INFO, BUSY, HANGUP, RESUME. */
void handle_session(struct request *request);

void handle_put_push(struct request *request);
void handle_delete_push(struct request *request);
void handle_push_key(struct request *request);
void handle_keepalive(struct request *request);
void handle_switches(struct request *request);
void handle_relay(struct request *request);

/* GET /signal: who it is, the first message in a frame says. */
void handle_upgrade(struct request *request);

void handle_verification(struct request *request);

/* {"code", "token"}: who knows the code may add a device. */
void handle_subscriber(struct request *request);

#endif
