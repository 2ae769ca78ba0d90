/*
 * mail: requests on their way to the parties of calls. A party's mailbox keeps
 * each until the party's connection has answered it, so that nothing is lost
 * when that breaks and another takes its place. A line is one connection as
 * mailboxes see it: it carries requests of several calls, which are answered in
 * order. No sockets: whoever owns the connection gives a function to send.
 */
#ifndef RP_SWITCHD_MAIL_H
#define RP_SWITCHD_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "wire/sigmsg.h"

/* One message, shared by all mailboxes that it goes to. */
struct mail;

/* A copy of what is passed on: method, content type, reason, body. */
struct mail *mail_new(const struct sigmsg *msg);
struct mail *mail_ref(struct mail *mail);
void mail_unref(struct mail *mail);	/* NULL is fine */
const char *mail_body(const struct mail *mail, size_t *len);
/* In place of the sender's empty one; before it is shared. */
void mail_set_reason(struct mail *mail, const char *reason);

struct mail_line;
struct mail_letter;
TAILQ_HEAD(mail_letters, mail_letter);

/* Embedded in a party. */
struct mailbox {
	char target[SIGMSG_TARGET];
	struct mail_letters letters;
	size_t n, bytes;
	struct mail_line *line;		/* NULL: nobody is connected */
	LIST_ENTRY(mailbox) of_line;
};

/* target: of the requests, "/session/ID". */
void mailbox_init(struct mailbox *box, const char *target);
/* Drop all letters and leave the line. */
void mailbox_clear(struct mailbox *box);

/*
 * Put a message in; it is sent at once if somebody is connected. -ENOBUFS if
 * the box holds n_max already, or too many bytes; 0 for n_max: no bound.
 */
int mailbox_put(struct mailbox *box, struct mail *mail, size_t n_max);

/* All letters of from, which nobody is connected to, to the end of box. */
void mailbox_move(struct mailbox *box, struct mailbox *from);

/* The party speaks on this line now. What the last one left unanswered, and
 * what has gathered since, is sent (again). */
void mailbox_join(struct mailbox *box, struct mail_line *line);
void mailbox_leave(struct mailbox *box);

struct mail_line_handlers {
	/* Send a request; negative if the connection is as good as gone. */
	int (*send)(const struct sigmsg *msg, void *arg);
	/* mail_line_free: the box has been left. */
	void (*lost)(struct mailbox *box, void *arg);
};

/* NULL if out of memory. send_arg and lost_arg go to the two handlers. */
struct mail_line *mail_line_new(const struct mail_line_handlers *handlers,
    void *send_arg, void *lost_arg);
/* All boxes leave it. NULL is fine. */
void mail_line_free(struct mail_line *line);

/* While held, nothing is sent: a response has to go first. */
void mail_line_hold(struct mail_line *line);
void mail_line_release(struct mail_line *line);

/* The connection answered the oldest request. -ENOENT: there was none. */
int mail_line_answered(struct mail_line *line);

#endif
