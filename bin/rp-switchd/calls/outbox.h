/*
 * outbox: requests on their way to the parties of calls. A party's outbox keeps
 * each request until the party's connection has answered it. Nothing is lost
 * when that connection breaks and another replaces it. A link is one connection
 * as outboxes see it. It carries requests of several calls, which are answered
 * in order. No sockets: the owner of the connection provides a function to
 * send.
 */
#ifndef RP_SWITCHD_OUTBOX_H
#define RP_SWITCHD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "wire/sigmsg.h"

/* One message, shared by all outboxes that contain it. */
struct outbox_message;

/*
 * Copy what is forwarded of a message: method, content type, reason and body.
 */
struct outbox_message *outbox_message_new(const struct sigmsg *msg);
struct outbox_message *outbox_message_ref(struct outbox_message *message);
/* NULL is fine. */
void outbox_message_unref(struct outbox_message *message);
const char *outbox_message_body(const struct outbox_message *message,
    size_t *len);
/* Set the reason, if the sender's is empty, before the message is shared. */
void outbox_message_set_reason(struct outbox_message *message,
    const char *reason);

struct outbox_link;
struct outbox_item;
TAILQ_HEAD(outbox_items, outbox_item);

/* Embedded in a party. */
struct outbox {
	char target[SIGMSG_TARGET];
	struct outbox_items items;
	size_t n, bytes;
	struct outbox_link *link;		/* NULL: nobody is connected */
	bool held, closing;
	LIST_ENTRY(outbox) of_link;
};

/* Initialize. `target` is that of the requests, "/session/ID". */
void outbox_init(struct outbox *box, const char *target);
/* Drop all items and leave the link. */
void outbox_clear(struct outbox *box);
/*
 * Leave the link as soon as it has answered what is in the box, because nothing
 * follows. Without a link, drop all items.
 */
void outbox_close(struct outbox *box);

/*
 * Add a message, which is sent at once if somebody is connected. Return
 * -ENOBUFS if the box already holds `n_max` items or too many bytes; `n_max` 0
 * means no bound on items.
 */
int outbox_put(struct outbox *box, struct outbox_message *message,
    size_t n_max);

/* Move all items of `from` to the end of `box`. `from` must have no link. */
void outbox_move(struct outbox *box, struct outbox *from);

/*
 * Hold the box: nothing in it is sent until it is released, whatever the state
 * of its link.
 */
void outbox_hold(struct outbox *box);
void outbox_release(struct outbox *box);

/*
 * Use this link for the party from now on. Items that the last link left
 * unanswered, and those that have gathered since, are sent (again).
 */
void outbox_join(struct outbox *box, struct outbox_link *link);
void outbox_leave(struct outbox *box);

struct outbox_link_handlers {
	/*
	 * Send a request. Return a negative errno if the connection will end.
	 */
	int (*send)(const struct sigmsg *msg, void *arg);
	/* The box has left the link because of outbox_link_free. */
	void (*lost)(struct outbox *box, void *arg);
};

/*
 * Make a link. NULL if out of memory. `send_arg` and `lost_arg` go to the two
 * handlers.
 */
struct outbox_link *outbox_link_new(const struct outbox_link_handlers *handlers,
    void *send_arg, void *lost_arg);
/* Free the link; all boxes leave it. NULL is fine. */
void outbox_link_free(struct outbox_link *link);

/* Call `each` for every box of the link, which may leave it meanwhile. */
void outbox_link_each(struct outbox_link *link,
    void (*each)(struct outbox *box, void *arg), void *arg);

/*
 * Hold the link: nothing is sent until it is released, because a response has
 * to go first.
 */
void outbox_link_hold(struct outbox_link *link);
void outbox_link_release(struct outbox_link *link);

/*
 * Remove the oldest request, which the connection has answered. Return -ENOENT
 * if there was none.
 */
int outbox_link_answered(struct outbox_link *link);

#endif
