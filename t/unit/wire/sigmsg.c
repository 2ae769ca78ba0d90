/*
 * The codec of signalling: what it reads, what it refuses and what it writes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

static int
parse(struct sigmsg *msg, const char *text)
{
	size_t used;
	bool head;

	return sigmsg_parse(msg, text, strlen(text), &used, &head);
}

/* A request that says everything, with alice:secret. */
static const char whole[] =
    "INITIATE /session/+27215551234 HTTP/1.1\r\n"
    "Host: switch.example:31337\r\n"
    "Authorization: Basic YWxpY2U6c2VjcmV0\r\n"
    "content-type:  application/sdp \r\n"
    "Connection: keep-alive, Close\r\n"
    "Expect: 100-continue\r\n"
    "X-Other: anything; at \"all\"\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "v=0\r\nGET / HTTP/1.1\r\n\r\n";
static const size_t whole_len = sizeof(whole) - 1 - 18;

START_TEST(reads_request)
{
	struct sigmsg msg;
	size_t used;
	bool head;

	ck_assert_int_eq(sigmsg_parse(&msg, whole, sizeof(whole) - 1, &used,
	    &head), 0);
	ck_assert(head);
	ck_assert_uint_eq(used, whole_len);
	ck_assert_int_eq(msg.method, SIGMSG_INITIATE);
	ck_assert_str_eq(msg.target, "/session/+27215551234");
	ck_assert_str_eq(msg.host, "switch.example:31337");
	ck_assert_str_eq(msg.user, "alice");
	ck_assert_str_eq(msg.token, "secret");
	ck_assert_str_eq(msg.content_type, "application/sdp");
	ck_assert(msg.close);
	ck_assert(msg.expects_continue);
	ck_assert_uint_eq(msg.body_len, 5);
	ck_assert_mem_eq(msg.body, "v=0\r\n", 5);

	/* What follows is the next message. */
	ck_assert_int_eq(sigmsg_parse(&msg, whole + used,
	    sizeof(whole) - 1 - used, &used, &head), 0);
	ck_assert_int_eq(msg.method, SIGMSG_GET);
	ck_assert_uint_eq(used, 18);
	ck_assert_ptr_null(msg.body);
}
END_TEST

START_TEST(split_at_every_byte)
{
	size_t cut, used = 0, head_len;
	struct sigmsg msg;
	bool head;

	head_len = (size_t)(strstr(whole, "\r\n\r\n") + 4 - whole);
	for (cut = 0; cut < whole_len; cut++) {
		/* A copy of its own, so that a sanitizer sees a step too far. */
		char *part = malloc(cut + 1);

		memcpy(part, whole, cut);
		ck_assert_int_eq(sigmsg_parse(&msg, part, cut, &used, &head),
		    -EAGAIN);
		ck_assert_int_eq(head, cut >= head_len);
		if (head)
			ck_assert(msg.expects_continue);
		free(part);
	}
	ck_assert_int_eq(sigmsg_parse(&msg, whole, whole_len, &used, &head),
	    0);
	ck_assert_int_eq(sigmsg_parse(&msg, NULL, 0, &used, &head), -EAGAIN);
}
END_TEST

START_TEST(reads_response)
{
	struct sigmsg msg;

	ck_assert_int_eq(parse(&msg, "HTTP/1.1 480 Temporarily Unavailable\r\n"
	    "Reason: no-device\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
	    0);
	ck_assert_int_eq(msg.method, SIGMSG_RESPONSE);
	ck_assert_int_eq(msg.status, 480);
	ck_assert_str_eq(msg.reason, "no-device");
	ck_assert_uint_eq(msg.retry_after_s, 7);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 200 \r\n\r\n"), 0);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 200\r\n\r\n"), 0);
	ck_assert_int_eq(msg.status, 200);
	/* A body that the status forbids is not waited for. */
	ck_assert_int_eq(parse(&msg,
	    "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"), 0);
	ck_assert_uint_eq(msg.body_len, 0);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 503 x\r\n"
	    "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n"), 0);
	ck_assert_uint_eq(msg.retry_after_s, 0);
}
END_TEST

/* What asks for a WebSocket, and what only looks like it (RFC 6455 4.2.1). */
START_TEST(reads_upgrades)
{
	struct sigmsg msg;

	ck_assert_int_eq(parse(&msg, "GET /signal HTTP/1.1\r\n"
	    "Upgrade: WebSocket\r\nConnection: Upgrade\r\n"
	    "Origin: https://page.example\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), 0);
	ck_assert(msg.upgrades && !msg.close);
	ck_assert_uint_eq(msg.websocket_version, 13);
	ck_assert_str_eq(msg.websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
	ck_assert_str_eq(msg.origin, "https://page.example");
	ck_assert_int_eq(parse(&msg, "GET / HTTP/1.1\r\nUpgrade: h2c\r\n"
	    "Connection: close, Upgrade\r\n\r\n"), 0);
	ck_assert(!msg.upgrades && msg.close);
	ck_assert_int_eq(parse(&msg, "GET / HTTP/1.1\r\n"
	    "Connection: closed, enclose\r\n\r\n"), 0);
	ck_assert(!msg.close);
	ck_assert_int_eq(parse(&msg, "GET / HTTP/1.1\r\n"
	    "Sec-WebSocket-Version: x\r\n\r\n"), -EBADMSG);
	ck_assert_int_eq(parse(&msg, "\r\nGET / HTTP/1.1\r\n\r\n"), 0);
	ck_assert_int_eq(parse(&msg, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
	    -EBADMSG);
	ck_assert_int_eq(parse(&msg, "\nGET / HTTP/1.1\r\n\r\n"),
	    -EBADMSG);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 20\r\n\r\n"), -EBADMSG);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 200 \x01\r\n\r\n"),
	    -EBADMSG);
	ck_assert_int_eq(parse(&msg, "HTTP/1.1 304 Not Modified\r\n"
	    "Content-Length: 5\r\n\r\n"), 0);
	ck_assert_uint_eq(msg.body_len, 0);
}
END_TEST

START_TEST(knows_methods)
{
	static const char *const names[] = {
		"INITIATE", "RING", "ANSWER", "INFO", "BUSY", "HANGUP",
		"RESUME", "GET", "PUT", "POST", "DELETE"
	};
	struct sigmsg msg;
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "%s / HTTP/1.1\r\n\r\n",
		    names[i]);
		ck_assert_int_eq(parse(&msg, text), 0);
		ck_assert_str_eq(sigmsg_method_name(msg.method), names[i]);
	}
	ck_assert_int_eq(parse(&msg, "PATCH / HTTP/1.1\r\n\r\n"), 0);
	ck_assert_int_eq(msg.method, SIGMSG_OTHER);
	ck_assert_int_eq(parse(&msg, "get / HTTP/1.1\r\n\r\n"), 0);
	ck_assert_int_eq(msg.method, SIGMSG_OTHER);
	ck_assert_str_eq(sigmsg_method_name(SIGMSG_OTHER), "");
	/* An empty line before a request is forgiven, once. */
	ck_assert_int_eq(parse(&msg, "\r\nGET / HTTP/1.1\r\n\r\n"), 0);
	ck_assert_int_eq(parse(&msg, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
	    -EBADMSG);
	ck_assert_int_eq(parse(&msg, "GET / HTTP/1.0\r\n\r\n"), 0);
	ck_assert(msg.close);
}
END_TEST

START_TEST(refuses_malformed)
{
	static const char *const bad[] = {
		"GET /\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1 \r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"GET / http/1.1\r\n\r\n",
		"GET x HTTP/1.1\r\n\r\n",
		"GET /\x7f HTTP/1.1\r\n\r\n",
		"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
		" GET / HTTP/1.1\r\n\r\n",
		"G(T / HTTP/1.1\r\n\r\n",
		"GET\t/ HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\n\n",			/* bare LF */
		"GET / HTTP/1.1\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\n\r\n",
		"GET / HTTP/1.1\r\rHost: a\r\n\r\n",	/* bare CR */
		"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",	/* folded */
		"GET / HTTP/1.1\r\nA: b\r\n\tc: d\r\n\r\n",
		"GET / HTTP/1.1\r\nA : b\r\n\r\n",
		"GET / HTTP/1.1\r\nAb\r\n\r\n",
		"GET / HTTP/1.1\r\n: b\r\n\r\n",
		"GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 0\r\n"
		    "Content-Length: 0\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 0, 0\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Basic YTpi\r\n"
		    "Authorization: Basic YTpi\r\n\r\n",
		"HANGUP / HTTP/1.1\r\nReason: two words\r\n\r\n",
		"HANGUP / HTTP/1.1\r\nReason:\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 200 O\x01K\r\n\r\n",
		"HTTP/3 200 OK\r\n\r\n",
		"HTTP/1.1\r\n\r\n",
	};
	static const char nul[] = "GET / HTTP/1.1\r\nA: \0\r\n\r\n";
	static const char nul_target[] = "GET /\0 HTTP/1.1\r\n\r\n";
	static const char nul_name[] = "GET / HTTP/1.1\r\nA\0: b\r\n\r\n";
	struct sigmsg msg;
	size_t i, used;
	bool head;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&msg, bad[i]) == -EBADMSG, "%s", bad[i]);
	ck_assert_int_eq(sigmsg_parse(&msg, nul, sizeof(nul) - 1, &used,
	    &head), -EBADMSG);
	ck_assert_int_eq(sigmsg_parse(&msg, nul_target,
	    sizeof(nul_target) - 1, &used, &head), -EBADMSG);
	ck_assert_int_eq(sigmsg_parse(&msg, nul_name, sizeof(nul_name) - 1,
	    &used, &head), -EBADMSG);
}
END_TEST

/* Fields that are well formed and longer than what they may hold. */
START_TEST(refuses_long_fields)
{
	static const struct {
		const char *before;
		size_t max;
		const char *after;
	} cases[] = {
		{ "GET /", SIGMSG_TARGET - 2, " HTTP/1.1\r\n\r\n" },
		{ "GET / HTTP/1.1\r\nReason: ", SIGMSG_REASON - 1,
		    "\r\n\r\n" },
		{ "GET / HTTP/1.1\r\nContent-Type: ", 63, "\r\n\r\n" },
		{ "GET / HTTP/1.1\r\nHost: ", 255, "\r\n\r\n" },
	};
	char fill[300], text[400];
	struct sigmsg msg;
	size_t i;

	memset(fill, 'x', sizeof(fill));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%.*s%s", cases[i].before,
		    (int)cases[i].max, fill, cases[i].after);
		ck_assert_int_eq(parse(&msg, text), 0);
		snprintf(text, sizeof(text), "%s%.*s%s", cases[i].before,
		    (int)cases[i].max + 1, fill, cases[i].after);
		ck_assert_int_eq(parse(&msg, text), -EBADMSG);
	}
}
END_TEST

START_TEST(refuses_coded_bodies)
{
	struct sigmsg msg;

	ck_assert_int_eq(parse(&msg, "RING / HTTP/1.1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), -EOPNOTSUPP);
	ck_assert_int_eq(parse(&msg, "RING / HTTP/1.1\r\nContent-Length: 3\r\n"
	    "transfer-encoding: identity\r\n\r\nabc"), -EOPNOTSUPP);
}
END_TEST

START_TEST(limits_head)
{
	static const char before[] = "GET / HTTP/1.1\r\nX: ";
	size_t fill = SIGMSG_HEAD_MAX - (sizeof(before) - 1) - 4, used;
	char *text = malloc(SIGMSG_HEAD_MAX + 64);
	struct sigmsg msg;
	bool head;

	memcpy(text, before, sizeof(before) - 1);
	memset(text + sizeof(before) - 1, 'x', fill);
	memcpy(text + SIGMSG_HEAD_MAX - 4, "\r\n\r\n", 4);
	ck_assert_int_eq(sigmsg_parse(&msg, text, SIGMSG_HEAD_MAX, &used,
	    &head), 0);
	ck_assert_uint_eq(used, SIGMSG_HEAD_MAX);
	memcpy(text + SIGMSG_HEAD_MAX - 4, "x\r\n\r\n", 5);
	ck_assert_int_eq(sigmsg_parse(&msg, text, SIGMSG_HEAD_MAX - 1, &used,
	    &head), -EAGAIN);
	ck_assert_int_eq(sigmsg_parse(&msg, text, SIGMSG_HEAD_MAX, &used,
	    &head), -EMSGSIZE);
	ck_assert_int_eq(sigmsg_parse(&msg, text, SIGMSG_HEAD_MAX + 1, &used,
	    &head), -EMSGSIZE);
	free(text);
}
END_TEST

START_TEST(limits_body)
{
	char *text = calloc(1, SIGMSG_BODY_MAX + 200);
	struct sigmsg msg;
	size_t used;
	bool head;
	int n;

	n = sprintf(text, "PUT / HTTP/1.1\r\nContent-Length: %d\r\n\r\n",
	    SIGMSG_BODY_MAX);
	ck_assert_int_eq(sigmsg_parse(&msg, text,
	    (size_t)n + SIGMSG_BODY_MAX, &used, &head), 0);
	ck_assert_uint_eq(msg.body_len, SIGMSG_BODY_MAX);
	/* One more is refused as soon as the head says so. */
	sprintf(text, "PUT / HTTP/1.1\r\nContent-Length: %d\r\n\r\n",
	    SIGMSG_BODY_MAX + 1);
	ck_assert_int_eq(parse(&msg, text), -EFBIG);
	ck_assert_int_eq(parse(&msg, "PUT / HTTP/1.1\r\nContent-Length: "
	    "99999999999999999999999999999999999\r\n\r\n"), -EFBIG);
	free(text);
}
END_TEST

/* Invalid credentials count as none: that is a 401. */
START_TEST(ignores_odd_credentials)
{
	static const char *const odd[] = {
		"Bearer YWxpY2U6c2VjcmV0",
		"Basic",
		"Basic ",
		"Basic !!!!",
		"Basic YWxpY2U=",				/* alice */
		"Basic OnNlY3JldA==",				/* :secret */
		"Basic YWwgaWNlOnNlY3JldA==",			/* al ice:.. */
		"Basic YWxpAGNlOnNlY3JldA==",			/* ali\0ce: */
		"Basic YWxpY2U6cwBjcmV0",			/* :s\0cret */
		"Basic YTpi\xc3\xa9",
	};
	static const char text[] = "GET / HTTP/1.1\r\nAuthorization: %s\r\n\r\n";
	char head[600];
	struct sigmsg msg;
	size_t i;
	int err;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(head, sizeof(head), text, odd[i]);
		err = parse(&msg, head);
		if (err == 0)
			ck_assert_msg(msg.user[0] == '\0' &&
			    msg.token[0] == '\0', "%s", odd[i]);
		else
			ck_assert_int_eq(err, -EBADMSG);
	}
	snprintf(head, sizeof(head), text, "basic  YWxpY2U6c2U6Y3JldA==");
	ck_assert_int_eq(parse(&msg, head), 0);
	ck_assert_str_eq(msg.user, "alice");
	ck_assert_str_eq(msg.token, "se:cret");
}
END_TEST

/* Whom a request with these plain credentials comes from. */
static const char *
user_of(const char *plain)
{
	static struct sigmsg msg;
	char text[600], code[300];

	base64_encode(code, plain, strlen(plain));
	snprintf(text, sizeof(text),
	    "GET / HTTP/1.1\r\nAuthorization: Basic %s\r\n\r\n", code);
	ck_assert_int_eq(parse(&msg, text), 0);
	return msg.user;
}

/* Number and token of every length, around the longest that are taken. */
START_TEST(limits_credentials)
{
	struct sigmsg msg = { .method = SIGMSG_GET, .target = "/" }, got;
	char text[1000], fill[100], plain[200];
	size_t used;
	ssize_t n;
	bool head;

	memset(fill, 'n', sizeof(fill));
	snprintf(msg.user, sizeof(msg.user), "%.*s", SIGMSG_NUMBER - 1, fill);
	snprintf(msg.token, sizeof(msg.token), "%.*s", SIGMSG_TOKEN - 1, fill);
	n = sigmsg_write(&msg, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(sigmsg_parse(&got, text, (size_t)n, &used, &head), 0);
	ck_assert_str_eq(got.user, msg.user);
	ck_assert_str_eq(got.token, msg.token);
	snprintf(plain, sizeof(plain), "a:%.*s", SIGMSG_TOKEN, fill);
	ck_assert_str_eq(user_of(plain), "");
	snprintf(plain, sizeof(plain), "a:%.*s", SIGMSG_TOKEN - 1, fill);
	ck_assert_str_eq(user_of(plain), "a");
	snprintf(plain, sizeof(plain), "%.*s:a", SIGMSG_NUMBER, fill);
	ck_assert_str_eq(user_of(plain), "");
	snprintf(plain, sizeof(plain), "%.*s:", SIGMSG_NUMBER - 1, fill);
	ck_assert_uint_eq(strlen(user_of(plain)), SIGMSG_NUMBER - 1);
}
END_TEST

START_TEST(writes_what_it_reads)
{
	struct sigmsg msg = {
		.method = SIGMSG_HANGUP,
		.target = "/session/00112233445566778899aabbccddeeff",
		.user = "+27215551234",
		.token = "to:ken",
		.content_type = "application/sdp",
		.reason = "answered-elsewhere",
		.host = "[2001:db8::1]:31337",
		.retry_after_s = 3,
		.expects_continue = true,
		.close = true,
		.body = "v=0\r\n",
		.body_len = 5
	}, got;
	char text[1000];
	size_t used;
	ssize_t n;
	bool head;

	n = sigmsg_write(&msg, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(sigmsg_parse(&got, text, (size_t)n, &used, &head), 0);
	ck_assert_uint_eq(used, n);
	ck_assert_int_eq(got.method, msg.method);
	ck_assert_str_eq(got.target, msg.target);
	ck_assert_str_eq(got.user, msg.user);
	ck_assert_str_eq(got.token, msg.token);
	ck_assert_str_eq(got.content_type, msg.content_type);
	ck_assert_str_eq(got.reason, msg.reason);
	ck_assert_str_eq(got.host, msg.host);
	ck_assert_uint_eq(got.retry_after_s, 3);
	ck_assert(got.expects_continue && got.close);
	ck_assert_mem_eq(got.body, msg.body, 5);

	/* It fits exactly with one byte more than its length, or not at all. */
	ck_assert_int_eq(sigmsg_write(&msg, text, (size_t)n + 1), n);
	ck_assert_int_eq(sigmsg_write(&msg, text, (size_t)n - 1), -EMSGSIZE);
	ck_assert_int_eq(sigmsg_write(&msg, text, 0), -EMSGSIZE);
	msg.body_len = SIGMSG_BODY_MAX + 1;
	ck_assert_int_eq(sigmsg_write(&msg, text, sizeof(text)), -EMSGSIZE);
}
END_TEST

START_TEST(writes_responses)
{
	struct sigmsg msg = { .status = 401 };
	char text[200];
	ssize_t n;

	n = sigmsg_write(&msg, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, "HTTP/1.1 401 Unauthorized\r\n"
	    "WWW-Authenticate: Basic realm=\"rp\"\r\n"
	    "Content-Length: 0\r\n\r\n");
	msg.status = 100;
	n = sigmsg_write(&msg, text, sizeof(text));
	text[n] = '\0';
	ck_assert_str_eq(text, "HTTP/1.1 100 Continue\r\n\r\n");
	msg = (struct sigmsg){ .status = 101, .websocket_accept = "x" };
	n = sigmsg_write(&msg, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: x\r\n\r\n");
	/* A 426 says Upgrade by itself, and nobody may say it twice. */
	msg.status = 426;
	ck_assert_int_eq(sigmsg_write(&msg, text, sizeof(text)), -EINVAL);
	msg.websocket_accept[0] = '\0';
	n = sigmsg_write(&msg, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "Sec-WebSocket-Version: 13\r\n"));
	ck_assert_str_eq(sigmsg_phrase(410), "Gone");
	ck_assert_str_eq(sigmsg_phrase(299), "OK");
	ck_assert_str_eq(sigmsg_phrase(599), "Error");
}
END_TEST

START_TEST(writes_nothing_injected)
{
	static const struct sigmsg good = {
		.method = SIGMSG_INFO, .target = "/session/a"
	};
	static const char *const evil[] = { "a\r\nX: y", "a\nb", "a\rb",
	    "a\x01", "a\x7f", "a\xff" };
	char text[500];
	struct sigmsg msg;
	size_t i;

	ck_assert_int_gt(sigmsg_write(&good, text, sizeof(text)), 0);
	for (i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		msg = good;
		snprintf(msg.target, sizeof(msg.target), "/%s", evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
		msg = good;
		strcpy(msg.user, evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
		msg = good;
		strcpy(msg.token, evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
		msg = good;
		strcpy(msg.content_type, evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
		msg = good;
		strcpy(msg.reason, evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
		msg = good;
		strcpy(msg.host, evil[i]);
		ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	}
	msg = good;
	strcpy(msg.target, "/a b");
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	strcpy(msg.target, "a");
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	msg = good;
	strcpy(msg.user, "a:b");
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	msg = good;
	msg.method = SIGMSG_OTHER;
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	msg = (struct sigmsg){ .status = 99 };
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
	msg = (struct sigmsg){ .status = 204, .body = "x", .body_len = 1 };
	ck_assert_int_eq(sigmsg_write(&msg, text, 500), -EINVAL);
}
END_TEST

START_TEST(takes_tails)
{
	static const struct {
		const char *target;
		int err;
		const char *tail;
	} cases[] = {
		{ "/session/alice", 0, "alice" },
		{ "/session/+27.1-2_3", 0, "+27.1-2_3" },
		{ "/session/%2b2721", 0, "+2721" },
		{ "/session/%2B2721", 0, "+2721" },
		{ "/session/", -EINVAL, "" },
		{ "/session", -ENOENT, "" },
		{ "/sessions/alice", -ENOENT, "" },
		{ "/session/a/b", -EINVAL, "" },
		{ "/session/a%2fb", -EINVAL, "" },
		{ "/session/a?b", -EINVAL, "" },
		{ "/session/a%00b", -EINVAL, "" },
		{ "/session/a%", -EINVAL, "" },
		{ "/session/a%4", -EINVAL, "" },
		{ "/session/a%zz", -EINVAL, "" },
		{ "/session/..", 0, ".." },
		{ "/session/12345678901234567890123456789012", 0,
		    "12345678901234567890123456789012" },
		{ "/session/123456789012345678901234567890123", -EINVAL, "" },
	};
	char tail[SIGMSG_NUMBER];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(sigmsg_target_tail(cases[i].target, "/session/",
		    tail, sizeof(tail)) == cases[i].err, "%s",
		    cases[i].target);
		if (cases[i].err == 0)
			ck_assert_str_eq(tail, cases[i].tail);
	}
	ck_assert(sigmsg_number_ok("a"));
	ck_assert(!sigmsg_number_ok(""));
	ck_assert(!sigmsg_number_ok("a b"));
	ck_assert(!sigmsg_number_ok("123456789012345678901234567890123"));
}
END_TEST

#define KEY "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
    "AAAAAAAAAAAAAAAAAAAAAAAAA"

START_TEST(reads_device_proofs)
{
	static const struct {
		const char *value, *key;	/* "": not credentials */
		int64_t proof_s;
	} cases[] = {
		{ "number=+27.b, key=" KEY ", sig=s", KEY, 0 },
		{ "SIG=\"s\" ,key=k,number=\"+27.b\", x=y", "k", 0 },
		{ "number=+27.b, key=k, sig=s, time=1769681700", "k",
		    1769681700 },
		{ "number=+27.b, key=k, sig=s, time=0", "", 0 },
		{ "number=+27.b, key=k, sig=s, time=-1", "", 0 },
		{ "number=+27.b, key=k, sig=s, time=1234567890123", "", 0 },
		{ "number=+27.b, key=k", "", 0 },
		{ "number=+27.b, sig=s", "", 0 },
		{ "key=k, sig=s", "", 0 },
		{ "number=a b, key=k, sig=s", "", 0 },
		{ "number=+27.b, key=" KEY "AA, sig=s", "", 0 },
		{ "number=+27.b, key=k, sig=s,", "", 0 },
		{ "", "", 0 }
	};
	char text[1024];
	struct sigmsg msg;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n"
		    "Authorization: Device %s\r\n\r\n", cases[i].value);
		ck_assert_int_eq(parse(&msg, text), 0);
		ck_assert_str_eq(msg.key, cases[i].key);
		ck_assert_str_eq(msg.user, *cases[i].key ? "+27.b" : "");
		ck_assert_str_eq(msg.proof, *cases[i].key ? "s" : "");
		ck_assert_int_eq(msg.proof_s, cases[i].proof_s);
		ck_assert_str_eq(msg.token, "");
	}
}
END_TEST

START_TEST(reads_and_writes_guests)
{
	static const struct {
		const char *value, *guest;	/* "": not credentials */
	} cases[] = {
		{ "jZF8JqBjqiSBzszmaDc-5w", "jZF8JqBjqiSBzszmaDc-5w" },
		{ "a b", "" },
		{ "a,b", "" },
		{ "0123456789012345678901234567890123456789"
		    "0123456789012345678901234", "" },
		{ "", "" }
	};
	char text[1024];
	struct sigmsg msg, back;
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n"
		    "Authorization: Guest %s\r\n\r\n", cases[i].value);
		ck_assert_int_eq(parse(&msg, text), 0);
		ck_assert_str_eq(msg.guest, cases[i].guest);
		ck_assert_str_eq(msg.user, "");
		n = sigmsg_write(&msg, text, sizeof(text));
		ck_assert_int_gt(n, 0);
		text[n] = '\0';
		ck_assert_int_eq(parse(&back, text), 0);
		ck_assert_str_eq(back.guest, cases[i].guest);
	}
	strcpy(msg.guest, "a b");
	ck_assert_int_eq(sigmsg_write(&msg, text, sizeof(text)), -EINVAL);
	strcpy(msg.guest, "a");
	strcpy(msg.user, "bob");
	ck_assert_int_eq(sigmsg_write(&msg, text, sizeof(text)), -EINVAL);
}
END_TEST

START_TEST(writes_device_proofs)
{
	struct sigmsg msg = {
		.method = SIGMSG_GET, .target = "/", .user = "bob",
		.key = "k", .proof = "s", .proof_s = 7
	}, back;
	char text[512];
	ssize_t n = sigmsg_write(&msg, text, sizeof(text));

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_int_eq(parse(&back, text), 0);
	ck_assert_str_eq(back.key, "k");
	ck_assert_str_eq(back.proof, "s");
	ck_assert_int_eq(back.proof_s, 7);
	strcpy(msg.proof, "s, time=9");
	ck_assert_int_eq(sigmsg_write(&msg, text, sizeof(text)), -EINVAL);
}
END_TEST

START_TEST(reads_what_pages_need)
{
	static const struct {
		const char *value;
		bool gzip;
	} codings[] = {
		{ "gzip", true }, { "br, GZIP", true }, { "gzip , br", true },
		{ "gzip;q=0.5", true }, { "br;q=1.0, gzip; q=1", true },
		{ "gzip;q=0", false }, { "gzip; q=0.000", false },
		{ "br", false }, { "xgzip", false }, { "", false },
		{ "gzip;x=0", true }
	};
	char text[1024], tags[SIGMSG_ETAGS + 1];
	struct sigmsg msg;
	size_t i;

	for (i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n"
		    "Accept-Encoding: %s\r\n\r\n", codings[i].value);
		ck_assert_int_eq(parse(&msg, text), 0);
		ck_assert_msg(msg.accepts_gzip == codings[i].gzip, "%s",
		    codings[i].value);
		ck_assert(!msg.is_head);
	}
	ck_assert_int_eq(parse(&msg, "HEAD / HTTP/1.1\r\n"
	    "If-None-Match: W/\"a\", \"b\"\r\n\r\n"), 0);
	ck_assert(msg.is_head && msg.method == SIGMSG_OTHER);
	ck_assert_str_eq(msg.if_none_match, "W/\"a\", \"b\"");
	memset(tags, 'x', SIGMSG_ETAGS);
	tags[SIGMSG_ETAGS] = '\0';
	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n"
	    "If-None-Match: %s\r\n\r\n", tags);
	ck_assert_int_eq(parse(&msg, text), 0);
	ck_assert_str_eq(msg.if_none_match, "");
	ck_assert_int_eq(parse(&msg, "GET / HTTP/1.1\r\n"
	    "If-None-Match: a\r\nIf-None-Match: b\r\n\r\n"), -EBADMSG);
}
END_TEST

UNIT_SUITE(sigmsg, reads_what_pages_need, reads_upgrades, reads_request, split_at_every_byte,
    reads_response, knows_methods, refuses_malformed, refuses_long_fields,
    refuses_coded_bodies, limits_head, limits_body, ignores_odd_credentials,
    limits_credentials, writes_what_it_reads, writes_responses,
    writes_nothing_injected, takes_tails, reads_device_proofs,
    writes_device_proofs, reads_and_writes_guests)
