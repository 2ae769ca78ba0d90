/*
 * Signalling messages. An accepted message lies within its bytes and fields, is
 * also found when the bytes come one by one, and reads the same when it is
 * written again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/sigmsg.h"

/* A part of a message is a part: it is neither taken nor refused. */
static void
parse_part(const char *data, size_t used)
{
	struct sigmsg part;
	size_t part_used;
	bool head_done;

	if (sigmsg_parse(&part, data, used / 2, &part_used, &head_done) !=
	    -EAGAIN)
		abort();
	if (sigmsg_parse(&part, data, used - 1, &part_used, &head_done) !=
	    -EAGAIN)
		abort();
}

static void
fits(const char *text, size_t max)
{
	if (strnlen(text, max) == max)
		abort();
}

static void
check(const struct sigmsg *msg, const char *data, size_t used)
{
	char tail[SIGMSG_NUMBER];

	fits(msg->target, sizeof(msg->target));
	fits(msg->content_type, sizeof(msg->content_type));
	fits(msg->reason, sizeof(msg->reason));
	fits(msg->host, sizeof(msg->host));
	fits(msg->origin, sizeof(msg->origin));
	fits(msg->websocket_key, sizeof(msg->websocket_key));
	if (msg->body_len > SIGMSG_BODY_MAX || (msg->body_len > 0 &&
	    (msg->body < data || msg->body + msg->body_len != data + used)))
		abort();
	if (msg->user[0] != '\0' && !sigmsg_number_ok(msg->user))
		abort();
	if (sigmsg_target_tail(msg->target, "/session/", tail,
	    sizeof(tail)) == 0 && !sigmsg_number_ok(tail))
		abort();
}

static bool
same(const struct sigmsg *a, const struct sigmsg *b)
{
	return a->method == b->method && a->status == b->status &&
	    strcmp(a->target, b->target) == 0 &&
	    strcmp(a->user, b->user) == 0 &&
	    strcmp(a->token, b->token) == 0 &&
	    strcmp(a->content_type, b->content_type) == 0 &&
	    strcmp(a->reason, b->reason) == 0 &&
	    strcmp(a->host, b->host) == 0 &&
	    strcmp(a->websocket_accept, b->websocket_accept) == 0 &&
	    a->retry_after_s == b->retry_after_s && a->close == b->close &&
	    a->expects_continue == b->expects_continue &&
	    a->body_len == b->body_len && (a->body_len == 0 ||
	    memcmp(a->body, b->body, a->body_len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static char text[SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX];
	const char *data = (const char *)bytes;
	struct sigmsg msg, again;
	size_t used, again_used;
	bool head_done;
	ssize_t n;

	for (; sigmsg_parse(&msg, data, len, &used, &head_done) == 0;
	    data += used, len -= used) {
		if (used == 0 || used > len || !head_done)
			abort();
		parse_part(data, used);
		check(&msg, data, used);
		if (msg.method == SIGMSG_OTHER ||
		    (msg.websocket_accept[0] != '\0' && msg.status != 101))
			continue;	/* that we never write */
		n = sigmsg_write(&msg, text, sizeof(text));
		if (n < 0 || sigmsg_parse(&again, text, (size_t)n,
		    &again_used, &head_done) < 0 ||
		    again_used != (size_t)n || !same(&msg, &again))
			abort();
	}
	return 0;
}
