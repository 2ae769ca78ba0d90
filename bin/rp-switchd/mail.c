#include "mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (4 * SIGMSG_BODY_MAX)	/* bodies waiting in one mailbox */

struct mail {
	unsigned references;
	struct sigmsg msg;	/* its body points to what follows */
	char body[];
};

/* A request that was sent on a line and waits for its response. */
struct ticket {
	STAILQ_ENTRY(ticket) next;
	struct mail_letter *letter;	/* NULL: nobody cares any more */
};

/* A message in a mailbox. */
struct mail_letter {
	TAILQ_ENTRY(mail_letter) next;
	struct mailbox *box;
	struct mail *mail;
	struct ticket *ticket;		/* NULL: not sent, or not on this line */
};

struct mail_line {
	struct mail_line_handlers handlers;
	void *send_arg, *lost_arg;
	bool held;
	LIST_HEAD(, mailbox) boxes;
	STAILQ_HEAD(, ticket) tickets;
};

struct mail *
mail_new(const struct sigmsg *msg)
{
	struct mail *mail = malloc(sizeof(*mail) + msg->body_len);

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

struct mail *
mail_ref(struct mail *mail)
{
	mail->references++;
	return mail;
}

void
mail_unref(struct mail *mail)
{
	if (mail != NULL && --mail->references == 0)
		free(mail);
}

const char *
mail_body(const struct mail *mail, size_t *len)
{
	*len = mail->msg.body_len;
	return mail->body;
}

void
mail_set_reason(struct mail *mail, const char *reason)
{
	if (mail->msg.reason[0] == '\0' && strlen(reason) < SIGMSG_REASON)
		strcpy(mail->msg.reason, reason);
}

static void
letter_free(struct mail_letter *letter)
{
	struct mailbox *box = letter->box;

	if (letter->ticket != NULL)
		letter->ticket->letter = NULL;
	TAILQ_REMOVE(&box->letters, letter, next);
	box->n--;
	box->bytes -= letter->mail->msg.body_len;
	mail_unref(letter->mail);
	free(letter);
}

void
mailbox_init(struct mailbox *box, const char *target)
{
	memset(box, 0, sizeof(*box));
	memcpy(box->target, target, strlen(target) + 1);
	TAILQ_INIT(&box->letters);
}

void
mailbox_clear(struct mailbox *box)
{
	struct mail_letter *letter;

	while ((letter = TAILQ_FIRST(&box->letters)) != NULL)
		letter_free(letter);
	mailbox_leave(box);
}

/* False: no more can be sent on the line. */
static bool
send_letter(struct mail_letter *letter)
{
	struct mail_line *line = letter->box->line;
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
flush(struct mailbox *box)
{
	struct mail_letter *letter;

	if (box->line == NULL || box->line->held)
		return;
	TAILQ_FOREACH(letter, &box->letters, next)
		if (letter->ticket == NULL && !send_letter(letter))
			return;
}

int
mailbox_put(struct mailbox *box, struct mail *mail, size_t n_max)
{
	struct mail_letter *letter;

	if (n_max > 0 && (box->n >= n_max ||
	    box->bytes + mail->msg.body_len > BYTES_MAX))
		return -ENOBUFS;
	letter = calloc(1, sizeof(*letter));
	if (letter == NULL)
		return -ENOBUFS;
	letter->box = box;
	letter->mail = mail_ref(mail);
	TAILQ_INSERT_TAIL(&box->letters, letter, next);
	box->n++;
	box->bytes += mail->msg.body_len;
	flush(box);
	return 0;
}

void
mailbox_move(struct mailbox *box, struct mailbox *from)
{
	struct mail_letter *letter;

	TAILQ_FOREACH(letter, &from->letters, next)
		letter->box = box;
	TAILQ_CONCAT(&box->letters, &from->letters, next);
	box->n += from->n;
	box->bytes += from->bytes;
	from->n = from->bytes = 0;
	flush(box);
}

void
mailbox_leave(struct mailbox *box)
{
	struct mail_letter *letter;

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
mailbox_join(struct mailbox *box, struct mail_line *line)
{
	if (box->line == line)
		return;
	mailbox_leave(box);
	box->line = line;
	LIST_INSERT_HEAD(&line->boxes, box, of_line);
	flush(box);
}

struct mail_line *
mail_line_new(const struct mail_line_handlers *handlers, void *send_arg,
    void *lost_arg)
{
	struct mail_line *line = calloc(1, sizeof(*line));

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
mail_line_free(struct mail_line *line)
{
	struct mailbox *box;
	struct ticket *ticket;

	if (line == NULL)
		return;
	while ((box = LIST_FIRST(&line->boxes)) != NULL) {
		mailbox_leave(box);
		line->handlers.lost(box, line->lost_arg);
	}
	while ((ticket = STAILQ_FIRST(&line->tickets)) != NULL) {
		STAILQ_REMOVE_HEAD(&line->tickets, next);
		free(ticket);
	}
	free(line);
}

void
mail_line_hold(struct mail_line *line)
{
	line->held = true;
}

void
mail_line_release(struct mail_line *line)
{
	struct mailbox *box;

	line->held = false;
	LIST_FOREACH(box, &line->boxes, of_line)
		flush(box);
}

int
mail_line_answered(struct mail_line *line)
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
