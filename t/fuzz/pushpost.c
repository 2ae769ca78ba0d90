/*
 * What a push service, or anybody, POSTs to the endpoint of rp-dial: HTTP by
 * any bytes, or a request whose body is encrypted for the endpoint's keys, so
 * that its plain text gets to the reader. What is accepted has the form that
 * the callee relies on.
 *
 * The first byte's lowest bit is set for raw bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/webpush.h"
#include "call/reply_push.h"
#include "fuzz.h"
#include "net/buffer.h"
#include "net/httpd.h"
#include "net/loop.h"

#define BODY_MAX 4096
#define HEAD 512

struct post {
	struct event_base *loop;
	struct httpd *httpd;
	struct addr addr;
	struct webpush_keys keys;
	int fd;
};

static void
take_push(const uint8_t *text, size_t len)
{
	struct reply_push push;
	char why[WHY_TEXT];

	if (reply_push_parse(&push, (const char *)text, len, why) < 0)
		return;
	if (push.kind != REPLY_PUSH_TEST &&
	    (strlen(push.session) != SIGMSG_SESSION - 1 || push.port == 0 ||
	    (*push.caller != '\0' && !sigmsg_number_ok(push.caller))))
		abort();
	reply_push_clear(&push);
}

static void
on_request(struct httpd_request *request, void *arg)
{
	struct post *post = arg;
	const struct buffer *in = httpd_body(request);
	uint8_t body[BODY_MAX], plain[BODY_MAX];
	size_t len = buffer_len(in), plain_len;

	(void)httpd_path(request);
	(void)httpd_header(request, "Content-Encoding");
	if (len > sizeof(body))
		abort();
	buffer_peek(in, body, len);
	if (webpush_decrypt(plain, &plain_len, body, len, &post->keys) < 0) {
		httpd_refuse(request, 400, "not encrypted for us");
		return;
	}
	take_push(plain, plain_len);
	httpd_answer(request, 201, "Created", NULL);
}

/* Until the server has answered, or closed. */
static void
on_readable(void *arg)
{
	struct post *post = arg;
	char text[1024];

	if (recv(post->fd, text, sizeof(text), MSG_DONTWAIT) <= 0)
		loop_stop(post->loop);
}

static void
open_server(struct post *post)
{
	static const struct httpd_options options = {
		.head_max = 4096, .body_max = BODY_MAX, .idle_s = 1
	};

	if (webpush_keys_new(&post->keys) < 0 ||
	    addr_parse(&post->addr, "127.0.0.1", 0) < 0)
		abort();
	post->loop = loop_new();
	if (httpd_new(&post->httpd, post->loop, &post->addr, &options,
	    on_request, post) < 0)
		abort();
}

static void
write_encrypted(const struct post *post, const uint8_t *plain, size_t len)
{
	uint8_t body[BODY_MAX];
	char head[HEAD];
	size_t body_len;
	int n;

	if (len > WEBPUSH_PLAIN_MAX ||
	    webpush_encrypt(body, &body_len, plain, len, post->keys.public,
	    post->keys.auth) < 0)
		return;
	n = snprintf(head, sizeof(head), "POST /push HTTP/1.1\r\nHost: a\r\n"
	    "Content-Encoding: aes128gcm\r\nContent-Length: %zu\r\n\r\n",
	    body_len);
	(void)send(post->fd, head, (size_t)n, MSG_NOSIGNAL);
	(void)send(post->fd, body, body_len, MSG_NOSIGNAL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct post post;
	struct loop_event *reader;

	if (len < 1 || len > 60000)
		return 0;
	open_server(&post);
	post.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (post.fd < 0 || connect(post.fd, &post.addr.sa,
	    addr_len(&post.addr)) < 0)
		abort();
	if (data[0] & 1)
		(void)send(post.fd, data + 1, len - 1, MSG_NOSIGNAL);
	else
		write_encrypted(&post, data + 1, len - 1);
	shutdown(post.fd, SHUT_WR);
	reader = loop_reader_new(post.loop, post.fd, on_readable, &post);
	if (reader == NULL || loop_event_start(reader) < 0)
		abort();
	loop_run(post.loop);
	loop_event_free(reader);
	close(post.fd);
	httpd_free(post.httpd);
	loop_free(post.loop);
	return 0;
}
