/*
 * outbox: keep requests to a party until its connection has answered them, and
 * move them to the next connection. See outbox.h.
 */
#include "calls/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (4 * SIGMSG_BODY_MAX)	/* bodies waiting in one outbox */

struct outbox_message {
	unsigned references;
	struct sigmsg msg;	/* its body points to the bytes that follow */
	char body[];
};

/* A request that was sent on a link and waits for its response. */
struct ticket {
	STAILQ_ENTRY(ticket) next;
	struct outbox_item *item;	/* NULL: the item was dropped */
};

/* A message in an outbox. */
struct outbox_item {
	TAILQ_ENTRY(outbox_item) next;
	struct outbox *box;
	struct outbox_message *message;
	struct ticket *ticket;	/* NULL: not sent, or not on this link */
};

struct outbox_link {
	struct outbox_link_handlers handlers;
	void *send_arg, *lost_arg;
	bool held;
	LIST_HEAD(, outbox) boxes;
	STAILQ_HEAD(, ticket) tickets;
};

struct outbox_message *
outbox_message_new(const struct sigmsg *msg)
{
	struct outbox_message *message = malloc(sizeof(*message) +
	    msg->body_len);

	if (message == NULL)
		return NULL;
	memset(message, 0, sizeof(*message));
	message->references = 1;
	message->msg.method = msg->method;
	memcpy(message->msg.content_type, msg->content_type,
	    sizeof(message->msg.content_type));
	memcpy(message->msg.reason, msg->reason, sizeof(message->msg.reason));
	if (msg->body_len > 0)
		memcpy(message->body, msg->body, msg->body_len);
	message->msg.body = message->body;
	message->msg.body_len = msg->body_len;
	return message;
}

struct outbox_message *
outbox_message_ref(struct outbox_message *message)
{
	message->references++;
	return message;
}

void
outbox_message_unref(struct outbox_message *message)
{
	if (message != NULL && --message->references == 0)
		free(message);
}

const char *
outbox_message_body(const struct outbox_message *message, size_t *len)
{
	*len = message->msg.body_len;
	return message->body;
}

void
outbox_message_set_reason(struct outbox_message *message, const char *reason)
{
	if (message->msg.reason[0] == '\0' && strlen(reason) < SIGMSG_REASON)
		strcpy(message->msg.reason, reason);
}

static void
letter_free(struct outbox_item *item)
{
	struct outbox *box = item->box;

	if (item->ticket != NULL)
		item->ticket->item = NULL;
	TAILQ_REMOVE(&box->items, item, next);
	box->n--;
	box->bytes -= item->message->msg.body_len;
	outbox_message_unref(item->message);
	free(item);
}

void
outbox_init(struct outbox *box, const char *target)
{
	memset(box, 0, sizeof(*box));
	memcpy(box->target, target, strlen(target) + 1);
	TAILQ_INIT(&box->items);
}

void
outbox_clear(struct outbox *box)
{
	struct outbox_item *item;

	while ((item = TAILQ_FIRST(&box->items)) != NULL)
		letter_free(item);
	outbox_leave(box);
}

void
outbox_close(struct outbox *box)
{
	box->closing = true;
	if (box->link == NULL)
		outbox_clear(box);
	else if (TAILQ_EMPTY(&box->items))
		outbox_leave(box);
}

/* Send an item. Return false if no more can be sent on the link. */
static bool
send_message(struct outbox_item *item)
{
	struct outbox_link *link = item->box->link;
	struct ticket *ticket = calloc(1, sizeof(*ticket));
	struct sigmsg msg = item->message->msg;

	if (ticket == NULL)
		return false;
	memcpy(msg.target, item->box->target, sizeof(msg.target));
	if (link->handlers.send(&msg, link->send_arg) < 0) {
		free(ticket);
		return false;
	}
	ticket->item = item;
	item->ticket = ticket;
	STAILQ_INSERT_TAIL(&link->tickets, ticket, next);
	return true;
}

static void
flush_box(struct outbox *box)
{
	struct outbox_item *item;

	if (box->link == NULL || box->link->held || box->held)
		return;
	TAILQ_FOREACH(item, &box->items, next)
		if (item->ticket == NULL && !send_message(item))
			return;
}

int
outbox_put(struct outbox *box, struct outbox_message *message, size_t n_max)
{
	struct outbox_item *item;

	if (n_max > 0 && (box->n >= n_max ||
	    box->bytes + message->msg.body_len > BYTES_MAX))
		return -ENOBUFS;
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return -ENOBUFS;
	item->box = box;
	item->message = outbox_message_ref(message);
	TAILQ_INSERT_TAIL(&box->items, item, next);
	box->n++;
	box->bytes += message->msg.body_len;
	flush_box(box);
	return 0;
}

void
outbox_move(struct outbox *box, struct outbox *from)
{
	struct outbox_item *item;

	TAILQ_FOREACH(item, &from->items, next)
		item->box = box;
	TAILQ_CONCAT(&box->items, &from->items, next);
	box->n += from->n;
	box->bytes += from->bytes;
	from->n = from->bytes = 0;
	flush_box(box);
}

void
outbox_hold(struct outbox *box)
{
	box->held = true;
}

void
outbox_release(struct outbox *box)
{
	box->held = false;
	flush_box(box);
}

void
outbox_leave(struct outbox *box)
{
	struct outbox_item *item;

	if (box->link == NULL)
		return;
	TAILQ_FOREACH(item, &box->items, next)
		if (item->ticket != NULL) {
			item->ticket->item = NULL;
			item->ticket = NULL;
		}
	LIST_REMOVE(box, of_link);
	box->link = NULL;
}

void
outbox_join(struct outbox *box, struct outbox_link *link)
{
	if (box->link == link)
		return;
	outbox_leave(box);
	box->link = link;
	LIST_INSERT_HEAD(&link->boxes, box, of_link);
	flush_box(box);
}

struct outbox_link *
outbox_link_new(const struct outbox_link_handlers *handlers, void *send_arg,
    void *lost_arg)
{
	struct outbox_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->handlers = *handlers;
	link->send_arg = send_arg;
	link->lost_arg = lost_arg;
	LIST_INIT(&link->boxes);
	STAILQ_INIT(&link->tickets);
	return link;
}

void
outbox_link_free(struct outbox_link *link)
{
	struct outbox *box;
	struct ticket *ticket;

	if (link == NULL)
		return;
	while ((box = LIST_FIRST(&link->boxes)) != NULL) {
		outbox_leave(box);
		link->handlers.lost(box, link->lost_arg);
	}
	while ((ticket = STAILQ_FIRST(&link->tickets)) != NULL) {
		STAILQ_REMOVE_HEAD(&link->tickets, next);
		free(ticket);
	}
	free(link);
}

void
outbox_link_each(struct outbox_link *link,
    void (*each)(struct outbox *box, void *arg), void *arg)
{
	struct outbox *box = LIST_FIRST(&link->boxes), *next;

	for (; box != NULL; box = next) {
		next = LIST_NEXT(box, of_link);
		each(box, arg);
	}
}

void
outbox_link_hold(struct outbox_link *link)
{
	link->held = true;
}

void
outbox_link_release(struct outbox_link *link)
{
	struct outbox *box;

	link->held = false;
	LIST_FOREACH(box, &link->boxes, of_link)
		flush_box(box);
}

int
outbox_link_answered(struct outbox_link *link)
{
	struct ticket *ticket = STAILQ_FIRST(&link->tickets);
	struct outbox *box;

	if (ticket == NULL)
		return -ENOENT;
	STAILQ_REMOVE_HEAD(&link->tickets, next);
	if (ticket->item != NULL) {
		box = ticket->item->box;
		letter_free(ticket->item);
		if (box->closing && TAILQ_EMPTY(&box->items))
			outbox_leave(box);
	}
	free(ticket);
	return 0;
}
