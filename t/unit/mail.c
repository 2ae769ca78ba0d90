/* Messages to parties: order, what waits, what is lost and what is not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mail.h"
#include "unit.h"

/* What a connection was given to send, one word a message. */
struct wire {
	char sent[400];
	bool broken;
	int lost;
};

static int
send_msg(const struct sigmsg *msg, void *arg)
{
	struct wire *wire = arg;

	if (wire->broken)
		return -EPIPE;
	snprintf(wire->sent + strlen(wire->sent),
	    sizeof(wire->sent) - strlen(wire->sent), "%s%s:%.*s",
	    wire->sent[0] != '\0' ? " " : "", msg->target,
	    (int)msg->body_len, msg->body);
	return 0;
}

static void
lost(struct mailbox *box, void *arg)
{
	ck_assert_ptr_null(box->line);
	((struct wire *)arg)->lost++;
}

static const struct mail_line_handlers handlers = { send_msg, lost };

static int
put(struct mailbox *box, const char *body, size_t n_max)
{
	struct sigmsg msg = {
		.method = SIGMSG_INFO, .body = body, .body_len = strlen(body)
	};
	struct mail *mail = mail_new(&msg);
	int err = mailbox_put(box, mail, n_max);

	mail_unref(mail);
	return err;
}

START_TEST(waits_for_a_line)
{
	struct wire wire = { "", false, 0 };
	struct mail_line *line = mail_line_new(&handlers, &wire, &wire);
	struct mailbox box;

	mailbox_init(&box, "/a");
	ck_assert_int_eq(put(&box, "1", 0), 0);
	ck_assert_int_eq(put(&box, "2", 0), 0);
	ck_assert_str_eq(wire.sent, "");
	mailbox_join(&box, line);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2");
	mailbox_join(&box, line);
	put(&box, "3", 0);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2 /a:3");
	ck_assert_uint_eq(box.n, 3);
	ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_uint_eq(box.n, 2);
	mailbox_clear(&box);
	ck_assert_uint_eq(box.n, 0);
	ck_assert_uint_eq(box.bytes, 0);
	/* Two answers are to come; a third would be one too many. */
	ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_int_eq(mail_line_answered(line), -ENOENT);
	mail_line_free(line);
	ck_assert_int_eq(wire.lost, 0);
	mail_line_free(NULL);
}
END_TEST

/* Nothing goes out before the response to the request at hand. */
START_TEST(holds)
{
	struct wire wire = { "", false, 0 };
	struct mail_line *line = mail_line_new(&handlers, &wire, &wire);
	struct mailbox a, b;

	mailbox_init(&a, "/a");
	mailbox_init(&b, "/b");
	mail_line_hold(line);
	put(&a, "1", 0);
	mailbox_join(&a, line);
	mailbox_join(&b, line);
	put(&b, "2", 0);
	ck_assert_str_eq(wire.sent, "");
	mail_line_release(line);
	ck_assert(strcmp(wire.sent, "/a:1 /b:2") == 0 ||
	    strcmp(wire.sent, "/b:2 /a:1") == 0);
	mail_line_free(line);
	ck_assert_int_eq(wire.lost, 2);
	mailbox_clear(&a);
	mailbox_clear(&b);
}
END_TEST

/* What one connection left unanswered the next one gets, in order. */
START_TEST(survives_a_broken_line)
{
	struct wire first = { "", false, 0 }, second = { "", false, 0 };
	struct mail_line *one = mail_line_new(&handlers, &first, &first);
	struct mail_line *two = mail_line_new(&handlers, &second, &second);
	struct mailbox box;

	mailbox_init(&box, "/a");
	mailbox_join(&box, one);
	put(&box, "1", 0);
	put(&box, "2", 0);
	put(&box, "3", 0);
	ck_assert_int_eq(mail_line_answered(one), 0);
	mail_line_free(one);
	ck_assert_int_eq(first.lost, 1);
	put(&box, "4", 0);
	mailbox_join(&box, two);
	ck_assert_str_eq(second.sent, "/a:2 /a:3 /a:4");
	mailbox_clear(&box);
	mail_line_free(two);
}
END_TEST

/* The old connection seems to live: its answers count for nothing now. */
START_TEST(moves_between_lines)
{
	struct wire first = { "", false, 0 }, second = { "", false, 0 };
	struct mail_line *one = mail_line_new(&handlers, &first, &first);
	struct mail_line *two = mail_line_new(&handlers, &second, &second);
	struct mailbox box;

	mailbox_init(&box, "/a");
	mailbox_join(&box, one);
	put(&box, "1", 0);
	mailbox_join(&box, two);
	ck_assert_str_eq(second.sent, "/a:1");
	ck_assert_int_eq(mail_line_answered(one), 0);
	ck_assert_uint_eq(box.n, 1);
	ck_assert_int_eq(mail_line_answered(two), 0);
	ck_assert_uint_eq(box.n, 0);
	mail_line_free(one);
	ck_assert_int_eq(first.lost, 0);
	mail_line_free(two);
	ck_assert_int_eq(second.lost, 1);
}
END_TEST

/* Two calls on one connection: answers find their messages by order. */
START_TEST(shares_a_line)
{
	struct wire wire = { "", false, 0 };
	struct mail_line *line = mail_line_new(&handlers, &wire, &wire);
	struct mailbox a, b;

	mailbox_init(&a, "/a");
	mailbox_init(&b, "/b");
	mailbox_join(&a, line);
	mailbox_join(&b, line);
	put(&a, "1", 0);
	put(&b, "2", 0);
	put(&a, "3", 0);
	ck_assert_str_eq(wire.sent, "/a:1 /b:2 /a:3");
	mailbox_clear(&a);
	ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_int_eq(mail_line_answered(line), 0);
	mailbox_clear(&b);
	mail_line_free(line);
}
END_TEST

START_TEST(is_bounded)
{
	static char big[SIGMSG_BODY_MAX + 1];
	struct mailbox box;
	int i;

	mailbox_init(&box, "/a");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(put(&box, "x", 3), 0);
	ck_assert_int_eq(put(&box, "x", 3), -ENOBUFS);
	/* What has no bound, since there is little of it, goes in. */
	ck_assert_int_eq(put(&box, "x", 0), 0);
	mailbox_clear(&box);

	memset(big, 'x', SIGMSG_BODY_MAX);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(put(&box, big, 100), 0);
	ck_assert_int_eq(put(&box, "x", 100), -ENOBUFS);
	mailbox_clear(&box);
	ck_assert_int_eq(put(&box, "x", 100), 0);
	mailbox_clear(&box);
}
END_TEST

START_TEST(stops_at_a_dead_connection)
{
	struct wire wire = { "", true, 0 }, next = { "", false, 0 };
	struct mail_line *line = mail_line_new(&handlers, &wire, &wire);
	struct mail_line *two = mail_line_new(&handlers, &next, &next);
	struct mailbox box;

	mailbox_init(&box, "/a");
	mailbox_join(&box, line);
	ck_assert_int_eq(put(&box, "1", 0), 0);
	ck_assert_int_eq(mail_line_answered(line), -ENOENT);
	mail_line_free(line);
	mailbox_join(&box, two);
	ck_assert_str_eq(next.sent, "/a:1");
	mailbox_clear(&box);
	mail_line_free(two);
}
END_TEST

START_TEST(moves_letters)
{
	struct wire wire = { "", false, 0 };
	struct mail_line *line = mail_line_new(&handlers, &wire, &wire);
	struct mailbox box, kept;

	mailbox_init(&box, "/a");
	mailbox_init(&kept, "/a");
	mailbox_join(&box, line);
	put(&kept, "2", 0);
	put(&kept, "3", 0);
	put(&box, "1", 0);
	mailbox_move(&box, &kept);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2 /a:3");
	ck_assert_uint_eq(kept.n, 0);
	ck_assert_uint_eq(box.n, 3);
	ck_assert_uint_eq(box.bytes, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(mail_line_answered(line), 0);
	ck_assert_uint_eq(box.n, 0);
	mailbox_clear(&box);
	mail_line_free(line);
}
END_TEST

UNIT_MAIN("mail", waits_for_a_line, holds, survives_a_broken_line,
    moves_between_lines, shares_a_line, is_bounded,
    stops_at_a_dead_connection, moves_letters)
