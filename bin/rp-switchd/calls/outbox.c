#include "calls/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (4 * SIGMSG_BODY_MAX)	/* bodies waiting in one mailbox */

struct outbox_message {
	unsigned references;
	struct sigmsg msg;	/* its body points to what follows */
	char body[];
};

/* A request that was sent on a line and waits for its response. */
struct ticket {
	STAILQ_ENTRY(ticket) next;
	struct outbox_item *letter;	/* NULL: nobody cares any more */
};

/* A message in a mailbox. */
struct outbox_item {
	TAILQ_ENTRY(outbox_item) next;
	struct outbox *box;
	struct outbox_message *mail;
	struct ticket *ticket;		/* NULL: not sent, or not on this line */
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
	struct outbox_message *mail = malloc(sizeof(*mail) + msg->body_len);

	if (mail == NULL)
		return NULL;
	memset(mail, 0, sizeof(*mail));
	mail->references = 1;
	mail->msg.method = msg->method;
	memcpy(mail->msg.content_type, msg->content_type,
	    sizeof(mail->msg.content_type));
	memcpy(mail->msg.reason, msg->reason, sizeof(mail->msg.reason));
	if (msg->body_len > 0)
		memcpy(mail->body, msg->body, msg->body_len);
	mail->msg.body = mail->body;
	mail->msg.body_len = msg->body_len;
	return mail;
}

struct outbox_message *
outbox_message_ref(struct outbox_message *mail)
{
	mail->references++;
	return mail;
}

void
outbox_message_unref(struct outbox_message *mail)
{
	if (mail != NULL && --mail->references == 0)
		free(mail);
}

const char *
outbox_message_body(const struct outbox_message *mail, size_t *len)
{
	*len = mail->msg.body_len;
	return mail->body;
}

void
outbox_message_set_reason(struct outbox_message *mail, const char *reason)
{
	if (mail->msg.reason[0] == '\0' && strlen(reason) < SIGMSG_REASON)
		strcpy(mail->msg.reason, reason);
}

static void
letter_free(struct outbox_item *letter)
{
	struct outbox *box = letter->box;

	if (letter->ticket != NULL)
		letter->ticket->letter = NULL;
	TAILQ_REMOVE(&box->letters, letter, next);
	box->n--;
	box->bytes -= letter->mail->msg.body_len;
	outbox_message_unref(letter->mail);
	free(letter);
}

void
outbox_init(struct outbox *box, const char *target)
{
	memset(box, 0, sizeof(*box));
	memcpy(box->target, target, strlen(target) + 1);
	TAILQ_INIT(&box->letters);
}

void
outbox_clear(struct outbox *box)
{
	struct outbox_item *letter;

	while ((letter = TAILQ_FIRST(&box->letters)) != NULL)
		letter_free(letter);
	outbox_leave(box);
}

/* False: no more can be sent on the line. */
static bool
send_letter(struct outbox_item *letter)
{
	struct outbox_link *line = letter->box->line;
	struct ticket *ticket = calloc(1, sizeof(*ticket));
	struct sigmsg msg = letter->mail->msg;

	if (ticket == NULL)
		return false;
	memcpy(msg.target, letter->box->target, sizeof(msg.target));
	if (line->handlers.send(&msg, line->send_arg) < 0) {
		free(ticket);
		return false;
	}
	ticket->letter = letter;
	letter->ticket = ticket;
	STAILQ_INSERT_TAIL(&line->tickets, ticket, next);
	return true;
}

static void
flush(struct outbox *box)
{
	struct outbox_item *letter;

	if (box->line == NULL || box->line->held)
		return;
	TAILQ_FOREACH(letter, &box->letters, next)
		if (letter->ticket == NULL && !send_letter(letter))
			return;
}

int
outbox_put(struct outbox *box, struct outbox_message *mail, size_t n_max)
{
	struct outbox_item *letter;

	if (n_max > 0 && (box->n >= n_max ||
	    box->bytes + mail->msg.body_len > BYTES_MAX))
		return -ENOBUFS;
	letter = calloc(1, sizeof(*letter));
	if (letter == NULL)
		return -ENOBUFS;
	letter->box = box;
	letter->mail = outbox_message_ref(mail);
	TAILQ_INSERT_TAIL(&box->letters, letter, next);
	box->n++;
	box->bytes += mail->msg.body_len;
	flush(box);
	return 0;
}

void
outbox_move(struct outbox *box, struct outbox *from)
{
	struct outbox_item *letter;

	TAILQ_FOREACH(letter, &from->letters, next)
		letter->box = box;
	TAILQ_CONCAT(&box->letters, &from->letters, next);
	box->n += from->n;
	box->bytes += from->bytes;
	from->n = from->bytes = 0;
	flush(box);
}

void
outbox_leave(struct outbox *box)
{
	struct outbox_item *letter;

	if (box->line == NULL)
		return;
	TAILQ_FOREACH(letter, &box->letters, next)
		if (letter->ticket != NULL) {
			letter->ticket->letter = NULL;
			letter->ticket = NULL;
		}
	LIST_REMOVE(box, of_line);
	box->line = NULL;
}

void
outbox_join(struct outbox *box, struct outbox_link *line)
{
	if (box->line == line)
		return;
	outbox_leave(box);
	box->line = line;
	LIST_INSERT_HEAD(&line->boxes, box, of_line);
	flush(box);
}

struct outbox_link *
outbox_link_new(const struct outbox_link_handlers *handlers, void *send_arg,
    void *lost_arg)
{
	struct outbox_link *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return NULL;
	line->handlers = *handlers;
	line->send_arg = send_arg;
	line->lost_arg = lost_arg;
	LIST_INIT(&line->boxes);
	STAILQ_INIT(&line->tickets);
	return line;
}

void
outbox_link_free(struct outbox_link *line)
{
	struct outbox *box;
	struct ticket *ticket;

	if (line == NULL)
		return;
	while ((box = LIST_FIRST(&line->boxes)) != NULL) {
		outbox_leave(box);
		line->handlers.lost(box, line->lost_arg);
	}
	while ((ticket = STAILQ_FIRST(&line->tickets)) != NULL) {
		STAILQ_REMOVE_HEAD(&line->tickets, next);
		free(ticket);
	}
	free(line);
}

void
outbox_link_hold(struct outbox_link *line)
{
	line->held = true;
}

void
outbox_link_release(struct outbox_link *line)
{
	struct outbox *box;

	line->held = false;
	LIST_FOREACH(box, &line->boxes, of_line)
		flush(box);
}

int
outbox_link_answered(struct outbox_link *line)
{
	struct ticket *ticket = STAILQ_FIRST(&line->tickets);

	if (ticket == NULL)
		return -ENOENT;
	STAILQ_REMOVE_HEAD(&line->tickets, next);
	if (ticket->letter != NULL)
		letter_free(ticket->letter);
	free(ticket);
	return 0;
}
