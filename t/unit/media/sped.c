/*
 * What of a handshake a check carries: the next datagram that the peer does not
 * have yet, until both are done, and nothing for a peer that does not do so. The
 * numbers of the attributes are those on the wire, because they are not
 * registered yet.
 */
#include <string.h>

#include "media/path/sped.h"
#include "unit.h"
#include "wire/addr.h"

#define DATA 0xc070
#define ACK 0xc071
#define MESSAGE 2048

static const uint8_t id[STUN_TRANSACTION] = { 1 };

struct end {
	struct sped sped;
	struct addr from;		/* of what came */
	unsigned wanted, received;
	uint8_t data[1500];		/* the latest */
	size_t len;
	const char *hello;		/* what a check wants; NULL: nothing */
};

struct message {
	uint8_t data[MESSAGE];
	struct stun_msg msg;
};

static void
on_wanted(void *arg)
{
	struct end *end = arg;

	end->wanted++;
	if (end->hello != NULL)
		sped_sent(&end->sped, (const uint8_t *)end->hello,
		    strlen(end->hello));
}

static void
on_received(const struct addr *from, const uint8_t *data, size_t len,
    void *arg)
{
	struct end *end = arg;

	ck_assert_uint_le(len, sizeof(end->data));
	end->received++;
	end->from = *from;
	end->len = len;
	memcpy(end->data, data, len);
	sped_heard(&end->sped, data, len);
}

static void
end_open(struct end *end, bool speaks)
{
	static const struct sped_handlers handlers = {
		on_wanted, on_received
	};

	memset(end, 0, sizeof(*end));
	sped_init(&end->sped, &handlers, end);
	sped_peer(&end->sped, speaks);
}

static void
sends(struct end *end, const char *text)
{
	sped_sent(&end->sped, (const uint8_t *)text, strlen(text));
}

static void
finish(struct message *message, struct stun_builder *b)
{
	ssize_t len = stun_end(b);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(stun_parse(&message->msg, message->data,
	    (size_t)len), 0);
}

/* A check, with so many bytes of other attributes. */
static void
check_with(struct message *message, struct end *end, size_t others)
{
	static const uint8_t other[MESSAGE];
	struct stun_builder b;

	stun_begin(&b, message->data, MESSAGE, STUN_REQUEST | STUN_BINDING,
	    id);
	if (others > 0)
		stun_add(&b, STUN_ATTR_USERNAME, other, others);
	sped_check(&end->sped, &b);
	finish(message, &b);
}

static void
check_of(struct message *message, struct end *end)
{
	check_with(message, end, 0);
}

static void
answer_of(struct message *message, struct end *end,
    const struct message *check)
{
	struct stun_builder b;

	stun_begin(&b, message->data, MESSAGE, STUN_SUCCESS | STUN_BINDING,
	    id);
	sped_answer(&end->sped, &check->msg, &b);
	finish(message, &b);
}

/* A message with these attributes; NULL: without one. */
static void
made(struct message *message, const void *data, size_t len, const void *acks,
    size_t acks_len)
{
	struct stun_builder b;

	stun_begin(&b, message->data, MESSAGE, STUN_REQUEST | STUN_BINDING,
	    id);
	if (acks != NULL)
		stun_add(&b, ACK, acks, acks_len);
	if (data != NULL)
		stun_add(&b, DATA, data, len);
	finish(message, &b);
}

static void
takes(struct end *end, const struct message *message)
{
	struct addr from;

	ck_assert_int_eq(addr_parse(&from, "192.0.2.1", 50000), 0);
	sped_take(&end->sped, &from, &message->msg);
}

/* What the message carries; NULL: it has no such attribute. */
static const char *
carried(const struct message *message)
{
	static char text[1500];
	struct stun_attr attr;

	if (stun_find(&message->msg, DATA, &attr) < 0)
		return NULL;
	ck_assert(stun_has(&message->msg, ACK));
	memcpy(text, attr.value, attr.len);
	text[attr.len] = '\0';
	return text;
}

/* Both ends of a handshake, each message of which is in a check or its answer. */
START_TEST(handshake)
{
	struct end client, server;
	struct message check, answer;

	end_open(&client, true);
	end_open(&server, true);
	client.hello = "\x16hello";
	check_of(&check, &client);
	ck_assert_str_eq(carried(&check), "\x16hello");
	client.hello = NULL;
	takes(&server, &check);
	ck_assert_uint_eq(server.received, 1);
	ck_assert_mem_eq(server.data, "\x16hello", 6);
	ck_assert_uint_eq(addr_port(&server.from), 50000);
	sped_flight(&server.sped);
	sends(&server, "\x16server hello");
	answer_of(&answer, &server, &check);
	ck_assert_str_eq(carried(&answer), "\x16server hello");
	takes(&client, &answer);
	/* What was acknowledged is not carried again. */
	check_of(&check, &client);
	ck_assert_str_eq(carried(&check), "");
	sped_flight(&client.sped);
	sends(&client, "\x14" "finished");
	check_of(&check, &client);
	takes(&server, &check);
	sped_flight(&server.sped);
	sends(&server, "\x14ours");
	sped_done(&server.sped, false);
	answer_of(&answer, &server, &check);
	ck_assert_str_eq(carried(&answer), "\x14ours");
	takes(&client, &answer);
	sped_done(&client.sped, true);
	check_of(&check, &client);
	ck_assert_ptr_null(carried(&check));
	/* A server repeats its last flight until the peer says no more. */
	check_of(&check, &server);
	ck_assert_str_eq(carried(&check), "\x14ours");
	answer_of(&answer, &client, &check);
	ck_assert_ptr_null(carried(&answer));
	takes(&server, &answer);
	check_of(&check, &server);
	ck_assert_ptr_null(carried(&check));
	/* A client that is done has nothing that the server needs. */
	end_open(&client, true);
	sends(&client, "\x14" "finished");
	sped_done(&client.sped, true);
	check_of(&check, &client);
	ck_assert_ptr_null(carried(&check));
}
END_TEST

/* Datagrams take turns, and each goes away by its own acknowledgement. */
START_TEST(takes_turns)
{
	struct end us, peer;
	struct message check, answer, first;

	end_open(&us, true);
	end_open(&peer, true);
	sends(&us, "\x16");
	sends(&us, "\x17");
	check_of(&first, &us);
	ck_assert_int_eq(carried(&first)[0], 0x16);
	check_of(&check, &us);
	ck_assert_int_eq(carried(&check)[0], 0x17);
	check_of(&check, &us);
	ck_assert_int_eq(carried(&check)[0], 0x16);
	takes(&peer, &first);
	answer_of(&answer, &peer, &first);
	takes(&us, &answer);
	check_of(&check, &us);
	ck_assert_int_eq(carried(&check)[0], 0x17);
	check_of(&check, &us);
	ck_assert_int_eq(carried(&check)[0], 0x17);
	/* The next flight takes the place of this one. */
	sped_flight(&us.sped);
	check_of(&check, &us);
	ck_assert_int_eq(carried(&check)[0], 0x17);
	sends(&us, "\x15");
	check_of(&check, &us);
	ck_assert_str_eq(carried(&check), "\x15");
}
END_TEST

START_TEST(only_if_the_peer_does)
{
	struct end us, peer;
	struct message check, answer;

	end_open(&us, false);
	end_open(&peer, true);
	us.hello = "\x16hello";
	sends(&us, "\x16");
	check_of(&check, &us);
	ck_assert_ptr_null(carried(&check));
	ck_assert_uint_eq(us.wanted, 0);
	made(&check, "\x16x", 2, "", 0);
	takes(&us, &check);
	ck_assert_uint_eq(us.received, 0);
	answer_of(&answer, &us, &check);
	ck_assert_ptr_null(carried(&answer));
	/* An answer has them only if the check has. */
	made(&check, NULL, 0, NULL, 0);
	answer_of(&answer, &peer, &check);
	ck_assert_ptr_null(carried(&answer));
	ck_assert_uint_eq(peer.wanted, 0);
	made(&check, NULL, 0, "", 0);
	answer_of(&answer, &peer, &check);
	ck_assert_str_eq(carried(&answer), "");
	/* A client that may begin by now does so in the answer. */
	peer.hello = "\x16hello";
	answer_of(&answer, &peer, &check);
	ck_assert_str_eq(carried(&answer), "\x16hello");
	ck_assert_uint_eq(peer.wanted, 2);
	/* Before the description comes, the check tells. */
	sped_reset(&us.sped);
	check_of(&check, &us);
	ck_assert_ptr_null(carried(&check));
	made(&check, "\x16x", 2, "", 0);
	takes(&us, &check);
	ck_assert_uint_eq(us.received, 1);
	answer_of(&answer, &us, &check);
	ck_assert_str_eq(carried(&answer), "");
}
END_TEST

/* What is no DTLS, and what is no list of acknowledgements, changes nothing. */
START_TEST(hostile)
{
	static const char *const strange[] = { "", "\x13", "\x40", "\x80" };
	static const uint8_t many[SPED_ACKS * 4 + 4];
	struct end us, peer;
	struct message message, check;
	uint8_t crc[4 * SPED_ACKS + 4] = { 0 };
	struct stun_attr acks;
	size_t i;

	end_open(&us, true);
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		made(&message, strange[i], strlen(strange[i]), "", 0);
		takes(&us, &message);
	}
	ck_assert_uint_eq(us.received, 0);
	made(&message, "\x14", 1, many, sizeof(many));
	takes(&us, &message);
	made(&message, "\x3f", 1, many, 3);
	takes(&us, &message);
	ck_assert_uint_eq(us.received, 2);
	/* The right one in a list that is too long, or of half a number. */
	end_open(&peer, true);
	sends(&us, "\x16");
	check_of(&check, &us);
	takes(&peer, &check);
	answer_of(&message, &peer, &check);
	ck_assert_int_eq(stun_find(&message.msg, ACK, &acks), 0);
	ck_assert_uint_eq(acks.len, 4);
	memcpy(crc, acks.value, 4);
	made(&message, NULL, 0, crc, sizeof(crc));
	takes(&us, &message);
	made(&message, NULL, 0, crc, 5);
	takes(&us, &message);
	check_of(&check, &us);
	ck_assert_str_eq(carried(&check), "\x16");
	made(&message, NULL, 0, crc, sizeof(crc) - 4);
	takes(&us, &message);
	check_of(&check, &us);
	ck_assert_str_eq(carried(&check), "");
}
END_TEST

START_TEST(bounds)
{
	static uint8_t big[SPED_DATAGRAM + 1];
	struct end us;
	struct message check;
	struct stun_attr attr;
	unsigned i;

	end_open(&us, true);
	memset(big, 0x16, sizeof(big));
	sped_sent(&us.sped, big, sizeof(big));
	check_of(&check, &us);
	ck_assert_str_eq(carried(&check), "");
	for (i = 0; i < SPED_FLIGHT + 3; i++)
		sped_sent(&us.sped, big, SPED_DATAGRAM);
	ck_assert_uint_eq(us.sped.n_flight, SPED_FLIGHT);
	check_of(&check, &us);
	ck_assert_int_eq(stun_find(&check.msg, DATA, &attr), 0);
	ck_assert_uint_eq(attr.len, SPED_DATAGRAM);
	/* No check gets too long. */
	check_with(&check, &us, 400);
	ck_assert_str_eq(carried(&check), "");
	/* The latest are acknowledged, and are not new any more. */
	for (i = 0; i < SPED_ACKS + 2; i++) {
		big[0] = (uint8_t)i;
		ck_assert(sped_heard(&us.sped, big, 20));
		ck_assert(!sped_heard(&us.sped, big, 20));
	}
	check_of(&check, &us);
	ck_assert_int_eq(stun_find(&check.msg, ACK, &attr), 0);
	ck_assert_uint_eq(attr.len, 4 * SPED_ACKS);
}
END_TEST

UNIT_SUITE(sped, handshake, takes_turns, only_if_the_peer_does, hostile,
    bounds)
