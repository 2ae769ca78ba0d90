/*
 * respond: what a request is answered, once each. For routes and serve.
 */
#ifndef RP_SWITCHD_RESPOND_H
#define RP_SWITCHD_RESPOND_H

struct calls_reply;
struct client;
struct sigmsg;

/* The last word on the request at hand, whatever it was. */
void respond_msg(struct client *client, const struct sigmsg *msg);

/* Without a body; reason "": none. */
void respond_status(struct client *client, int status, const char *reason);

/* 200 with text, which is malloc'd and freed here; NULL: 500. */
void respond_json(struct client *client, char *text);

/* The directory does not answer: 503. */
void respond_unavailable(struct client *client);

/* What calls said, then what it has for this connection meanwhile. */
void respond_calls(struct client *client, const struct calls_reply *from);

#endif
