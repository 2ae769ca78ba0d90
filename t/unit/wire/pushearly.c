/* What a callee may begin with, and that it fits its message to the byte. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/pushearly.h"
#include "wire/pushform.h"

#define OFFER "v=0\r\ns=-\r\n"

static struct pushearly
early(const char *offer)
{
	return (struct pushearly){
		.offer = offer, .offer_len = strlen(offer),
		.ice_servers = json_pack("[{s:s}]", "urls", "turn:192.0.2.1"),
		.addresses = json_pack("[s]", "192.0.2.1:31338"),
		.relayed = "192.0.2.1:50123"
	};
}

/* The payload with so much room, for the caller to free. */
static char *
made(const char *offer, size_t room, unsigned *missing)
{
	json_t *payload = json_pack("{s:s}", "kind", "call");
	struct pushearly all = early(offer);
	char *text;

	ck_assert_int_eq(pushearly_add(payload, &all, room, missing), 0);
	text = json_dumps(payload, JSON_COMPACT);
	ck_assert_ptr_nonnull(text);
	pushearly_clear(&all);
	json_decref(payload);
	return text;
}

static void
is_made(const char *offer, size_t room, unsigned missing, const char *wanted)
{
	unsigned lacks;
	char *text = made(offer, room, &lacks);

	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(lacks, missing);
	free(text);
}

#define WHOLE "{\"kind\":\"call\",\"early\":{\"offer\":\"v=0\\ns=-\\n\","	\
	"\"iceServers\":[{\"urls\":\"turn:192.0.2.1\"}],"		\
	"\"relayed\":\"192.0.2.1:50123\","				\
	"\"addresses\":[\"192.0.2.1:31338\"]}}"

START_TEST(whole)
{
	is_made(OFFER, strlen(WHOLE), 0, WHOLE);
}
END_TEST

/* The addresses go first, then the offer, then both, then all. */
START_TEST(parts)
{
	static const char offer[] =
	    "v=0\r\ns=a name that is longer than the addresses are\r\n";
	static const struct {
		unsigned missing;
		const char *has, *lacks;
	} order[] = {
		{ 0, "\"addresses\":[\"192", "leftOut" },
		{ PUSHEARLY_ADDRESSES, "\"leftOut\":[\"addresses\"]",
		    "\"addresses\":[\"192" },
		{ PUSHEARLY_OFFER, "\"leftOut\":[\"offer\"]", "\"v=0" },
		{ PUSHEARLY_ADDRESSES | PUSHEARLY_OFFER,
		    "\"leftOut\":[\"addresses\",\"offer\"]", "\"v=0" },
		{ PUSHEARLY_ALL, "{\"kind\":\"call\"}", "early" }
	};
	size_t room = 400, i;
	unsigned missing;
	char *text;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		text = made(offer, room, &missing);
		ck_assert_uint_eq(missing, order[i].missing);
		ck_assert_ptr_nonnull(strstr(text, order[i].has));
		ck_assert_ptr_null(strstr(text, order[i].lacks));
		ck_assert_uint_le(strlen(text), room);
		/* It is the first that fits: a byte less is the next. */
		room = strlen(text) - 1;
		free(text);
	}
}
END_TEST

/* Just one form of lines can be had back from LF. */
START_TEST(other_lines)
{
	static const char *const offers[] = {
		"v=0\ns=-\n", "v=0\r\ns=-", "v=0\r\ns=-\n", "v=0\rs=-\r\n",
		"v=0\r\n\rs=-\r\n", "v=0\r\ns=-\r", "\n", "\r", "x", ""
	};
	unsigned missing;
	char *text;
	size_t i, room;

	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		text = made(offers[i], 400, &missing);
		ck_assert_uint_eq(missing, PUSHEARLY_LINES);
		ck_assert_ptr_null(strstr(text, "\"offer\":"));
		ck_assert_ptr_nonnull(strstr(text, "\"leftOut\":[\"offer\"]"));
		free(text);
	}
	text = made("v=0\n", 400, &missing);
	room = strlen(text) - 1;
	free(text);
	text = made("v=0\n", room, &missing);
	ck_assert_uint_eq(missing, PUSHEARLY_LINES | PUSHEARLY_ADDRESSES);
	free(text);
	is_made("\r\n", 400, 0, "{\"kind\":\"call\",\"early\":{\"offer\":\"\\n\","
	    "\"iceServers\":[{\"urls\":\"turn:192.0.2.1\"}],"
	    "\"relayed\":\"192.0.2.1:50123\","
	    "\"addresses\":[\"192.0.2.1:31338\"]}}");
}
END_TEST

/* A relay with sockets cannot tell where the caller will be. */
START_TEST(no_relayed)
{
	json_t *payload = json_object(), *member;
	struct pushearly all = early(OFFER);
	unsigned missing;

	all.relayed[0] = '\0';
	ck_assert_int_eq(pushearly_add(payload, &all, 400, &missing), 0);
	member = json_object_get(payload, "early");
	ck_assert_uint_eq(missing, 0);
	ck_assert_ptr_null(json_object_get(member, "relayed"));
	ck_assert_ptr_null(json_object_get(member, "leftOut"));
	ck_assert_uint_eq(json_object_size(member), 3);
	pushearly_clear(&all);
	json_decref(payload);
}
END_TEST

/* Nothing is half there. */
START_TEST(without_memory)
{
	struct pushearly all;
	json_t *payload;
	unsigned n, missing;
	char *text;
	int err;

	for (n = 0; n < 60; n++) {
		failjson_after(FAILJSON_NEVER);
		all = early(OFFER);
		payload = json_pack("{s:s}", "kind", "call");
		failjson_after(n);
		err = pushearly_add(payload, &all, 400, &missing);
		failjson_after(FAILJSON_NEVER);
		text = json_dumps(payload, JSON_COMPACT);
		ck_assert_str_eq(text, err == 0 && missing == 0 ? WHOLE :
		    "{\"kind\":\"call\"}");
		ck_assert(err == 0 || err == -ENOMEM);
		free(text);
		pushearly_clear(&all);
		json_decref(payload);
	}
	ck_assert_int_eq(err, 0);
}
END_TEST

/* Who may read it, and how long it may be. */
START_TEST(room)
{
	json_t *keys = json_pack("{s:{s:s}}", "keys", "auth", "x");
	json_t *alert = json_pack("{s:{s:s}, s:s}", "keys", "auth", "x",
	    "push_type", "alert");
	json_t *none = json_object();

	ck_assert_uint_eq(pushform_room("webpush", keys), 3993);
	ck_assert_uint_eq(pushform_room("fcm", keys), 2960);
	ck_assert_uint_eq(pushform_room("apns", keys), 3545);
	ck_assert_uint_eq(pushform_room("apns", alert), 2777);
	ck_assert_uint_eq(pushform_room("sms", keys), 0);
	ck_assert_uint_eq(pushform_room("command", keys), 0);
	ck_assert_uint_eq(pushform_room("fcm", none), 0);
	ck_assert_uint_eq(pushform_room("apns", none), 0);
	json_decref(keys);
	json_decref(alert);
	json_decref(none);
}
END_TEST

UNIT_SUITE(pushearly, whole, parts, other_lines, no_relayed, without_memory,
    room)
