/*
 * Messages to parties: their order, which of them wait, and which can be lost.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calls/outbox.h"
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
lost(struct outbox *box, void *arg)
{
	ck_assert_ptr_null(box->link);
	((struct wire *)arg)->lost++;
}

static const struct outbox_link_handlers handlers = { send_msg, lost };

static int
put(struct outbox *box, const char *body, size_t n_max)
{
	struct sigmsg msg = {
		.method = SIGMSG_INFO, .body = body, .body_len = strlen(body)
	};
	struct outbox_message *message = outbox_message_new(&msg);
	int err = outbox_put(box, message, n_max);

	outbox_message_unref(message);
	return err;
}

START_TEST(is_held)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox box, other;

	outbox_init(&box, "/a");
	outbox_init(&other, "/b");
	outbox_hold(&box);
	outbox_join(&box, link);
	outbox_join(&other, link);
	put(&box, "1", 0);
	put(&other, "2", 0);
	outbox_link_hold(link);
	outbox_link_release(link);
	ck_assert_str_eq(wire.sent, "/b:2");
	outbox_release(&box);
	ck_assert_str_eq(wire.sent, "/b:2 /a:1");
	put(&box, "3", 0);
	ck_assert_str_eq(wire.sent, "/b:2 /a:1 /a:3");
	outbox_clear(&box);
	outbox_clear(&other);
	outbox_link_free(link);
}
END_TEST

START_TEST(waits_for_a_line)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox box;

	outbox_init(&box, "/a");
	ck_assert_int_eq(put(&box, "1", 0), 0);
	ck_assert_int_eq(put(&box, "2", 0), 0);
	ck_assert_str_eq(wire.sent, "");
	outbox_join(&box, link);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2");
	outbox_join(&box, link);
	put(&box, "3", 0);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2 /a:3");
	ck_assert_uint_eq(box.n, 3);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_uint_eq(box.n, 2);
	outbox_clear(&box);
	ck_assert_uint_eq(box.n, 0);
	ck_assert_uint_eq(box.bytes, 0);
	/* Two answers are to come; a third would be one too many. */
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_int_eq(outbox_link_answered(link), -ENOENT);
	outbox_link_free(link);
	ck_assert_int_eq(wire.lost, 0);
	outbox_link_free(NULL);
}
END_TEST

/* Nothing goes out before the response to the request at hand. */
START_TEST(holds)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox a, b;

	outbox_init(&a, "/a");
	outbox_init(&b, "/b");
	outbox_link_hold(link);
	put(&a, "1", 0);
	outbox_join(&a, link);
	outbox_join(&b, link);
	put(&b, "2", 0);
	ck_assert_str_eq(wire.sent, "");
	outbox_link_release(link);
	ck_assert(strcmp(wire.sent, "/a:1 /b:2") == 0 ||
	    strcmp(wire.sent, "/b:2 /a:1") == 0);
	outbox_link_free(link);
	ck_assert_int_eq(wire.lost, 2);
	outbox_clear(&a);
	outbox_clear(&b);
}
END_TEST

/* What nothing follows leaves its link, which many others may use after it. */
START_TEST(closes)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox empty, full, away;

	outbox_init(&empty, "/a");
	outbox_init(&full, "/b");
	outbox_init(&away, "/c");
	outbox_join(&empty, link);
	outbox_join(&full, link);
	put(&full, "1", 0);
	put(&full, "2", 0);
	put(&away, "3", 0);
	outbox_close(&empty);
	outbox_close(&full);
	outbox_close(&away);
	ck_assert_ptr_null(empty.link);
	ck_assert_ptr_eq(full.link, link);
	ck_assert_uint_eq(away.n, 0);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_ptr_eq(full.link, link);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_ptr_null(full.link);
	outbox_link_free(link);
	ck_assert_int_eq(wire.lost, 0);
	ck_assert_str_eq(wire.sent, "/b:1 /b:2");
}
END_TEST

/* What one connection left unanswered the next one gets, in order. */
START_TEST(survives_a_broken_line)
{
	struct wire first = { "", false, 0 }, second = { "", false, 0 };
	struct outbox_link *one = outbox_link_new(&handlers, &first, &first);
	struct outbox_link *two = outbox_link_new(&handlers, &second, &second);
	struct outbox box;

	outbox_init(&box, "/a");
	outbox_join(&box, one);
	put(&box, "1", 0);
	put(&box, "2", 0);
	put(&box, "3", 0);
	ck_assert_int_eq(outbox_link_answered(one), 0);
	outbox_link_free(one);
	ck_assert_int_eq(first.lost, 1);
	put(&box, "4", 0);
	outbox_join(&box, two);
	ck_assert_str_eq(second.sent, "/a:2 /a:3 /a:4");
	outbox_clear(&box);
	outbox_link_free(two);
}
END_TEST

/* The old connection seems to live: its answers count for nothing now. */
START_TEST(moves_between_lines)
{
	struct wire first = { "", false, 0 }, second = { "", false, 0 };
	struct outbox_link *one = outbox_link_new(&handlers, &first, &first);
	struct outbox_link *two = outbox_link_new(&handlers, &second, &second);
	struct outbox box;

	outbox_init(&box, "/a");
	outbox_join(&box, one);
	put(&box, "1", 0);
	outbox_join(&box, two);
	ck_assert_str_eq(second.sent, "/a:1");
	ck_assert_int_eq(outbox_link_answered(one), 0);
	ck_assert_uint_eq(box.n, 1);
	ck_assert_int_eq(outbox_link_answered(two), 0);
	ck_assert_uint_eq(box.n, 0);
	outbox_link_free(one);
	ck_assert_int_eq(first.lost, 0);
	outbox_link_free(two);
	ck_assert_int_eq(second.lost, 1);
}
END_TEST

/* Two calls on one connection: answers find their messages by order. */
START_TEST(shares_a_line)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox a, b;

	outbox_init(&a, "/a");
	outbox_init(&b, "/b");
	outbox_join(&a, link);
	outbox_join(&b, link);
	put(&a, "1", 0);
	put(&b, "2", 0);
	put(&a, "3", 0);
	ck_assert_str_eq(wire.sent, "/a:1 /b:2 /a:3");
	outbox_clear(&a);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_int_eq(outbox_link_answered(link), 0);
	outbox_clear(&b);
	outbox_link_free(link);
}
END_TEST

START_TEST(is_bounded)
{
	static char big[SIGMSG_BODY_MAX + 1];
	struct outbox box;
	int i;

	outbox_init(&box, "/a");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(put(&box, "x", 3), 0);
	ck_assert_int_eq(put(&box, "x", 3), -ENOBUFS);
	/* A message without a bound goes in, because there are few of them. */
	ck_assert_int_eq(put(&box, "x", 0), 0);
	outbox_clear(&box);

	memset(big, 'x', SIGMSG_BODY_MAX);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(put(&box, big, 100), 0);
	ck_assert_int_eq(put(&box, "x", 100), -ENOBUFS);
	outbox_clear(&box);
	ck_assert_int_eq(put(&box, "x", 100), 0);
	outbox_clear(&box);
}
END_TEST

START_TEST(stops_at_a_dead_connection)
{
	struct wire wire = { "", true, 0 }, next = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox_link *two = outbox_link_new(&handlers, &next, &next);
	struct outbox box;

	outbox_init(&box, "/a");
	outbox_join(&box, link);
	ck_assert_int_eq(put(&box, "1", 0), 0);
	ck_assert_int_eq(outbox_link_answered(link), -ENOENT);
	outbox_link_free(link);
	outbox_join(&box, two);
	ck_assert_str_eq(next.sent, "/a:1");
	outbox_clear(&box);
	outbox_link_free(two);
}
END_TEST

START_TEST(moves_letters)
{
	struct wire wire = { "", false, 0 };
	struct outbox_link *link = outbox_link_new(&handlers, &wire, &wire);
	struct outbox box, kept;

	outbox_init(&box, "/a");
	outbox_init(&kept, "/a");
	outbox_join(&box, link);
	put(&kept, "2", 0);
	put(&kept, "3", 0);
	put(&box, "1", 0);
	outbox_move(&box, &kept);
	ck_assert_str_eq(wire.sent, "/a:1 /a:2 /a:3");
	ck_assert_uint_eq(kept.n, 0);
	ck_assert_uint_eq(box.n, 3);
	ck_assert_uint_eq(box.bytes, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(outbox_link_answered(link), 0);
	ck_assert_uint_eq(box.n, 0);
	outbox_clear(&box);
	outbox_link_free(link);
}
END_TEST

UNIT_SUITE(outbox, is_held, waits_for_a_line, closes, holds,
    survives_a_broken_line, moves_between_lines, shares_a_line, is_bounded,
    stops_at_a_dead_connection, moves_letters)
