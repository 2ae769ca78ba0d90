/*
 * handle: what each request does, see rp-signal(7). The client is known, unless
 * the request needs none; client->request is answered, now or from the loop.
 * tail: the number or id in the target, or "".
 */
#ifndef RP_SWITCHD_HANDLE_H
#define RP_SWITCHD_HANDLE_H

struct client;

void handle_initiate(struct client *client, const char *tail);

/* RING, ANSWER, INFO, BUSY, HANGUP, RESUME. */
void handle_session(struct client *client, const char *tail);

void handle_put_push(struct client *client, const char *tail);
void handle_delete_push(struct client *client, const char *tail);
void handle_push_key(struct client *client, const char *tail);
void handle_keepalive(struct client *client, const char *tail);
void handle_switches(struct client *client, const char *tail);
void handle_relay(struct client *client, const char *tail);

/* GET /signal: who it is, the first message in a frame says. */
void handle_upgrade(struct client *client, const char *tail);

void handle_verification(struct client *client, const char *tail);

/* {"code", "token"}: who knows the code may add a device. */
void handle_subscriber(struct client *client, const char *tail);

#endif
