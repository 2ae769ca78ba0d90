/* A WebSocket's server side: messages, fragments, pings and protocol errors. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "wire/websock.h"

#define MAX 100

struct world {
	struct websock *ws;
	char messages[400];
	uint8_t out[600];
	size_t out_len;
	bool full;
};

static void
on_message(const char *text, size_t len, void *arg)
{
	struct world *w = arg;

	snprintf(w->messages + strlen(w->messages),
	    sizeof(w->messages) - strlen(w->messages), "[%.*s]", (int)len,
	    text);
}

static int
on_send(const void *data, size_t len, void *arg)
{
	struct world *w = arg;

	if (w->full)
		return -ENOBUFS;
	ck_assert_uint_le(w->out_len + len, sizeof(w->out));
	memcpy(w->out + w->out_len, data, len);
	w->out_len += len;
	return 0;
}

static void
set_up(struct world *w)
{
	static const struct websock_handlers handlers = {
		on_message, on_send
	};

	memset(w, 0, sizeof(*w));
	ck_assert_int_eq(websock_new(&w->ws, MAX, &handlers, w), 0);
}

/* A client's frame, masked: first byte, payload. Its length. */
static size_t
frame(uint8_t *out, uint8_t first, const char *text, size_t len)
{
	static const uint8_t mask[4] = { 1, 2, 3, 4 };
	size_t i;

	ck_assert_uint_lt(len, 126);
	out[0] = first;
	out[1] = (uint8_t)(0x80 | len);
	memcpy(out + 2, mask, 4);
	for (i = 0; i < len; i++)
		out[6 + i] = (uint8_t)(text[i] ^ mask[i % 4]);
	return 6 + len;
}

static int
feed(struct world *w, uint8_t first, const char *text)
{
	uint8_t bytes[200];

	return websock_feed(w->ws, bytes, frame(bytes, first, text,
	    strlen(text)));
}

START_TEST(carries_messages)
{
	struct world w;
	uint8_t bytes[400];
	size_t n, i;

	set_up(&w);
	ck_assert_int_eq(feed(&w, 0x81, "one"), 0);
	ck_assert_str_eq(w.messages, "[one]");
	ck_assert_int_eq(feed(&w, 0x01, "t"), 0);
	ck_assert_int_eq(feed(&w, 0x00, "w"), 0);
	ck_assert_int_eq(feed(&w, 0x80, "o"), 0);
	ck_assert_str_eq(w.messages, "[one][two]");
	/* Several at once, then one byte at a time. */
	n = frame(bytes, 0x81, "a", 1);
	n += frame(bytes + n, 0x81, "b", 1);
	ck_assert_int_eq(websock_feed(w.ws, bytes, n), 0);
	ck_assert_str_eq(w.messages, "[one][two][a][b]");
	for (i = 0; i < n; i++)
		ck_assert_int_eq(websock_feed(w.ws, bytes + i, 1), 0);
	ck_assert_str_eq(w.messages, "[one][two][a][b][a][b]");
	ck_assert_uint_eq(w.out_len, 0);
	ck_assert_int_eq(websock_send(w.ws, "hello", 5), 0);
	ck_assert_uint_eq(w.out_len, 7);
	ck_assert_mem_eq(w.out, "\x81\x05hello", 7);
	websock_free(w.ws);
	websock_free(NULL);
}
END_TEST

START_TEST(answers_pings)
{
	struct world w;

	set_up(&w);
	ck_assert_int_eq(feed(&w, 0x89, "hi"), 0);
	ck_assert_uint_eq(w.out_len, 4);
	ck_assert_mem_eq(w.out, "\x8a\x02hi", 4);
	ck_assert_str_eq(w.messages, "");
	websock_free(w.ws);
}
END_TEST

/* What ends it, with which close code. */
START_TEST(ends)
{
	static const char long_text[MAX + 2] = { [0 ... MAX] = 'x' };
	static const struct {
		uint8_t first;
		const char *text;
		unsigned code;
	} cases[] = {
		{ 0x82, "binary", 1003 },
		{ 0x81, "\xc3\x28", 1007 },	/* not UTF-8 */
		{ 0x81, long_text, 1009 },
		{ 0x80, "nothing before", 1002 },
		{ 0x83, "reserved", 1002 },
		{ 0xc1, "reserved bit", 1002 },
		{ 0x88, "\x03\xe8", 1000 },	/* goodbye */
	};
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up(&w);
		ck_assert_int_eq(feed(&w, cases[i].first, cases[i].text),
		    -EPROTO);
		ck_assert_uint_ge(w.out_len, 4);
		ck_assert_uint_eq(w.out[0], 0x88);
		ck_assert_uint_eq(w.out[2] << 8 | w.out[3], cases[i].code);
		ck_assert_str_eq(w.messages, "");
		ck_assert_int_lt(websock_send(w.ws, "x", 1), 0);
		websock_free(w.ws);
	}
	/* An unmasked frame, which no client may send. */
	set_up(&w);
	ck_assert_int_eq(websock_feed(w.ws, "\x81\x01x", 3), -EPROTO);
	ck_assert_str_eq(w.messages, "");
	websock_free(w.ws);
}
END_TEST

START_TEST(closes)
{
	struct world w;

	set_up(&w);
	websock_close(w.ws, WEBSOCK_POLICY);
	ck_assert_mem_eq(w.out, "\x88\x02\x03\xf0", 4);
	ck_assert_int_lt(websock_send(w.ws, "x", 1), 0);
	websock_free(w.ws);

	set_up(&w);
	w.full = true;
	ck_assert_int_lt(websock_send(w.ws, "x", 1), 0);
	ck_assert_int_eq(feed(&w, 0x89, "ping"), -EPROTO);
	websock_free(w.ws);
	/* We have said goodbye: what still comes is for nobody. */
	set_up(&w);
	websock_close(w.ws, WEBSOCK_NORMAL);
	websock_close(w.ws, WEBSOCK_NORMAL);
	ck_assert_uint_eq(w.out_len, 4);
	ck_assert_int_eq(feed(&w, 0x8a, "late"), -EPROTO);
	websock_free(w.ws);
}
END_TEST

START_TEST(accepts)
{
	char accept[WEBSOCK_ACCEPT];

	/* RFC 6455 1.3 */
	ck_assert_int_eq(websock_accept(accept, "dGhlIHNhbXBsZSBub25jZQ=="),
	    0);
	ck_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	ck_assert_int_eq(websock_accept(accept, ""), -EINVAL);
	ck_assert_int_eq(websock_accept(accept, "dGhlIHNhbXBsZSBub25jZQ="),
	    -EINVAL);
	ck_assert_int_eq(websock_accept(accept, "dGhlIHNhbXBsZSBub25jZ\n=="),
	    -EINVAL);
	/* 24 letters that are 17 or 18 bytes. */
	ck_assert_int_eq(websock_accept(accept, "dGhlIHNhbXBsZSBub25jZQA="),
	    -EINVAL);
	ck_assert_int_eq(websock_accept(accept, "AAAAAAAAAAAAAAAAAAAAAAAA"),
	    -EINVAL);
	ck_assert_int_eq(websock_accept(accept, "AAAAAAAAAAAAAAAAAAAA===="),
	    -EINVAL);
}
END_TEST

UNIT_SUITE(websock, carries_messages, answers_pings, ends, closes, accepts)
