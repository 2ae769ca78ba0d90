/*
 * sigmsg_write: write requests and responses, for both ends of signalling. The
 * other half of sigmsg.h. Pure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/sigmsg.h"
#include "wire/sigtext.h"

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Content Too Large" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 480, "Temporarily Unavailable" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

const char *
sigmsg_phrase(int status)
{
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return status < 300 ? "OK" : "Error";
}

/* A head being written; `len` exceeds `max` when it does not fit. */
struct writer {
	char *text;
	size_t max, len;
};

static void __attribute__((format(printf, 2, 3)))
put(struct writer *w, const char *format, ...)
{
	size_t left = w->len < w->max ? w->max - w->len : 0;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(left > 0 ? w->text + w->len : NULL, left, format, ap);
	va_end(ap);
	w->len += n > 0 ? (size_t)n : 0;
}

static bool
is_writable(const struct sigmsg *msg)
{
	struct sigtext target = { msg->target, strlen(msg->target) };
	struct sigtext type = { msg->content_type, strlen(msg->content_type) };
	struct sigtext reason = { msg->reason, strlen(msg->reason) };
	struct sigtext host = { msg->host, strlen(msg->host) };
	struct sigtext token = { msg->token, strlen(msg->token) };
	struct sigtext key = { msg->key, strlen(msg->key) };
	struct sigtext guest = { msg->guest, strlen(msg->guest) };
	struct sigtext proof = { msg->proof, strlen(msg->proof) };
	struct sigtext accept = {
		msg->websocket_accept, strlen(msg->websocket_accept)
	};

	if (msg->method == SIGMSG_RESPONSE) {
		if (msg->status < 100 || msg->status > 599)
			return false;
		if (sigtext_is_bodiless(msg) && msg->body_len > 0)
			return false;
	} else if (*sigmsg_method_name(msg->method) == '\0' ||
	    !sigtext_is_target(target)) {
		return false;
	}
	if (msg->user[0] != '\0' && !sigmsg_number_ok(msg->user))
		return false;
	if (guest.len > 0 && (msg->user[0] != '\0' ||
	    !sigtext_is_token(guest)))
		return false;
	/* In another status it would add a second Upgrade header. */
	if (accept.len > 0 && msg->status != 101)
		return false;
	if (msg->key[0] != '\0' && !(sigtext_is_token(key) &&
	    sigtext_is_token(proof)))
		return false;
	return sigtext_is_field(type) && sigtext_is_field(host) &&
	    sigtext_is_field(token) && sigtext_is_field(accept) &&
	    (reason.len == 0 || sigtext_is_token(reason));
}

static void
put_authorization(struct writer *w, const struct sigmsg *msg)
{
	char plain[SIGMSG_NUMBER + SIGMSG_TOKEN];
	char text[BASE64_TEXT(sizeof(plain))];
	int n;

	if (*msg->guest != '\0') {
		put(w, "Authorization: Guest %s\r\n", msg->guest);
		return;
	}
	if (*msg->key != '\0') {
		put(w, "Authorization: Device number=%s, key=%s, sig=%s",
		    msg->user, msg->key, msg->proof);
		if (msg->proof_s != 0)
			put(w, ", time=%" PRId64, msg->proof_s);
		put(w, "\r\n");
		return;
	}
	n = snprintf(plain, sizeof(plain), "%s:%s", msg->user, msg->token);
	base64_encode(text, plain, (size_t)n);
	put(w, "Authorization: Basic %s\r\n", text);
}

static void
put_fields(struct writer *w, const struct sigmsg *msg)
{
	if (msg->host[0] != '\0')
		put(w, "Host: %s\r\n", msg->host);
	if (msg->user[0] != '\0' || msg->guest[0] != '\0')
		put_authorization(w, msg);
	if (msg->status == 401)
		put(w, "WWW-Authenticate: Basic realm=\"rp\"\r\n");
	if (msg->content_type[0] != '\0')
		put(w, "Content-Type: %s\r\n", msg->content_type);
	if (msg->reason[0] != '\0')
		put(w, "Reason: %s\r\n", msg->reason);
	if (msg->retry_after_s > 0)
		put(w, "Retry-After: %u\r\n", msg->retry_after_s);
	if (msg->expects_continue)
		put(w, "Expect: 100-continue\r\n");
	if (msg->websocket_accept[0] != '\0')
		put(w, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		    "Sec-WebSocket-Accept: %s\r\n", msg->websocket_accept);
	if (msg->status == 426)
		put(w, "Upgrade: websocket\r\n"
		    "Sec-WebSocket-Version: 13\r\n");
	if (msg->close)
		put(w, "Connection: close\r\n");
	if (!sigtext_is_bodiless(msg))
		put(w, "Content-Length: %zu\r\n", msg->body_len);
}

ssize_t
sigmsg_write(const struct sigmsg *msg, char *text, size_t text_max)
{
	struct writer w = { text, text_max, 0 };

	if (!is_writable(msg))
		return -EINVAL;
	if (msg->method == SIGMSG_RESPONSE)
		put(&w, "HTTP/1.1 %d %s\r\n", msg->status,
		    sigmsg_phrase(msg->status));
	else
		put(&w, "%s %s HTTP/1.1\r\n",
		    sigmsg_method_name(msg->method), msg->target);
	put_fields(&w, msg);
	put(&w, "\r\n");
	if (w.len > SIGMSG_HEAD_MAX || msg->body_len > SIGMSG_BODY_MAX ||
	    w.len >= text_max || msg->body_len > text_max - w.len)
		return -EMSGSIZE;
	if (msg->body_len > 0)
		memcpy(text + w.len, msg->body, msg->body_len);
	return (ssize_t)(w.len + msg->body_len);
}
