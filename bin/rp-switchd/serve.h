/*
 * serve: what each request does, see rp-signal(7). The client is known, unless
 * the request needs none; client->request is answered, now or from the loop.
 * tail: the number or id in the target, or "".
 */
#ifndef RP_SWITCHD_SERVE_H
#define RP_SWITCHD_SERVE_H

struct client;

void serve_initiate(struct client *client, const char *tail);

/* RING, ANSWER, INFO, BUSY, HANGUP, RESUME. */
void serve_session(struct client *client, const char *tail);

void serve_put_push(struct client *client, const char *tail);
void serve_delete_push(struct client *client, const char *tail);
void serve_push_key(struct client *client, const char *tail);
void serve_keepalive(struct client *client, const char *tail);
void serve_switches(struct client *client, const char *tail);
void serve_relay(struct client *client, const char *tail);

/* GET /signal: who it is, the first message in a frame says. */
void serve_upgrade(struct client *client, const char *tail);

void serve_verification(struct client *client, const char *tail);

/* {"code", "token"}: who knows the code may add a device. */
void serve_subscriber(struct client *client, const char *tail);

#endif
