/*
 * outbox: requests on their way to the parties of calls. A party's outbox keeps
 * each until the party's connection has answered it, so that nothing is lost
 * when that breaks and another takes its place. A line is one connection as
 * outboxes see it: it carries requests of several calls, which are answered in
 * order. No sockets: whoever owns the connection gives a function to send.
 */
#ifndef RP_SWITCHD_OUTBOX_H
#define RP_SWITCHD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "wire/sigmsg.h"

/* One message, shared by all outboxes that it goes to. */
struct outbox_message;

/* A copy of what is passed on: method, content type, reason, body. */
struct outbox_message *outbox_message_new(const struct sigmsg *msg);
struct outbox_message *outbox_message_ref(struct outbox_message *message);
void outbox_message_unref(struct outbox_message *message);	/* NULL is fine */
const char *outbox_message_body(const struct outbox_message *message, size_t *len);
/* In place of the sender's empty one; before it is shared. */
void outbox_message_set_reason(struct outbox_message *message, const char *reason);

struct outbox_link;
struct outbox_item;
TAILQ_HEAD(outbox_items, outbox_item);

/* Embedded in a party. */
struct outbox {
	char target[SIGMSG_TARGET];
	struct outbox_items items;
	size_t n, bytes;
	struct outbox_link *link;		/* NULL: nobody is connected */
	LIST_ENTRY(outbox) of_link;
};

/* target: of the requests, "/session/ID". */
void outbox_init(struct outbox *box, const char *target);
/* Drop all items and leave the line. */
void outbox_clear(struct outbox *box);

/*
 * Put a message in; it is sent at once if somebody is connected. -ENOBUFS if
 * the box holds n_max already, or too many bytes; 0 for n_max: no bound.
 */
int outbox_put(struct outbox *box, struct outbox_message *message, size_t n_max);

/* All items of from, which nobody is connected to, to the end of box. */
void outbox_move(struct outbox *box, struct outbox *from);

/* The party speaks on this line now. What the last one left unanswered, and
 * what has gathered since, is sent (again). */
void outbox_join(struct outbox *box, struct outbox_link *link);
void outbox_leave(struct outbox *box);

struct outbox_link_handlers {
	/* Send a request; negative if the connection is as good as gone. */
	int (*send)(const struct sigmsg *msg, void *arg);
	/* outbox_link_free: the box has been left. */
	void (*lost)(struct outbox *box, void *arg);
};

/* NULL if out of memory. send_arg and lost_arg go to the two handlers. */
struct outbox_link *outbox_link_new(const struct outbox_link_handlers *handlers,
    void *send_arg, void *lost_arg);
/* All boxes leave it. NULL is fine. */
void outbox_link_free(struct outbox_link *link);

/* While held, nothing is sent: a response has to go first. */
void outbox_link_hold(struct outbox_link *link);
void outbox_link_release(struct outbox_link *link);

/* The connection answered the oldest request. -ENOENT: there was none. */
int outbox_link_answered(struct outbox_link *link);

#endif
