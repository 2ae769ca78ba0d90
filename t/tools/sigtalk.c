/*
 * sigtalk: one signalling connection by hand, for tests.
 *
 *	sigtalk [-u NUMBER:TOKEN] -a ADDR:PORT -c CA-FILE [-n SERVER-NAME]
 *	        [-w]		in WebSocket frames
 *	        [-k PEM]	prove by the time, as a page; -u NUMBER:
 *
 * Lines on standard input:
 *
 *	METHOD TARGET [reason=TOKEN] [type=TYPE] [close] [body=TEXT]
 *			a request; its body is application/sdp by default
 *	METHOD TARGET [reason=TOKEN] sdp=TEXT	likewise, escaped as for raw
 *	raw TEXT	bytes as they are, with \r \n \0 and \\ for those
 *	fill N		N times the letter x
 *	mute		do not answer the switch's requests from now on
 *	again		... and answer those that wait, and the next ones
 *	end		close the connection orderly
 *
 * Lines on standard output:
 *
 *	ready
 *	response STATUS REASON|- RETRY-AFTER BODY
 *	request METHOD TARGET REASON|- TYPE|- BODY
 *	closed ERRNO
 *
 * with \r \n \\ in a body escaped. Ends when the connection does.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <wslay/wslay.h>

#include "base/deviceproof.h"
#include "base/jwt.h"
#include "base/tool.h"
#include "net/buffer.h"
#include "net/lines.h"
#include "net/tls.h"
#include "wire/addr.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

#define LINE_MAX 20000

struct talk {
	struct event_base *loop;
	struct tls *tls;
	wslay_event_context_ptr wslay;	/* NULL: a stream */
	struct buffer *in;		/* frames, once that is decided */
	bool upgrading;
	char user[SIGMSG_NUMBER], token[SIGMSG_TOKEN];
	char guest[SIGMSG_TOKEN];	/* in place of a user */
	struct jwt_key *key;		/* NULL: the token */
	bool muted;
	unsigned unanswered;
};

static void
print_body(const struct sigmsg *msg)
{
	size_t i;

	for (i = 0; i < msg->body_len; i++) {
		char c = msg->body[i];

		if (c == '\r')
			fputs("\\r", stdout);
		else if (c == '\n')
			fputs("\\n", stdout);
		else if (c == '\\')
			fputs("\\\\", stdout);
		else
			putchar(c);
	}
	putchar('\n');
	fflush(stdout);
}

static void
send_bytes(struct talk *talk, const char *text, size_t len)
{
	struct wslay_event_msg msg = {
		WSLAY_TEXT_FRAME, (const uint8_t *)text, len
	};

	if (talk->wslay == NULL) {
		tls_write(talk->tls, text, len);
		return;
	}
	wslay_event_queue_msg(talk->wslay, &msg);
	wslay_event_send(talk->wslay);
}

static void
send_msg(struct talk *talk, const struct sigmsg *msg)
{
	char text[SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX];
	ssize_t n = sigmsg_write(msg, text, sizeof(text));

	if (n < 0)
		tool_fail(1, "sigmsg_write", "%s", strerror((int)-n));
	send_bytes(talk, text, (size_t)n);
}

static void
answer(struct talk *talk)
{
	static const struct sigmsg ok = { .status = 200 };

	for (; talk->unanswered > 0; talk->unanswered--)
		send_msg(talk, &ok);
}

static const char *
or_none(const char *text)
{
	return *text != '\0' ? text : "-";
}

static void
show(struct talk *talk, const struct sigmsg *msg)
{
	if (msg->method == SIGMSG_RESPONSE) {
		printf("response %d %s %u ", msg->status,
		    or_none(msg->reason), msg->retry_after_s);
		print_body(msg);
		return;
	}
	printf("request %s %s %s %s ", sigmsg_method_name(msg->method),
	    msg->target, or_none(msg->reason), or_none(msg->content_type));
	print_body(msg);
	talk->unanswered++;
	if (!talk->muted)
		answer(talk);
}

static ssize_t
on_frame_in(wslay_event_context_ptr wslay, uint8_t *data, size_t len,
    int flags, void *arg)
{
	struct talk *talk = arg;
	int n = buffer_take(talk->in, data, len);

	(void)flags;
	if (n > 0)
		return n;
	wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static ssize_t
on_frame_out(wslay_event_context_ptr wslay, const uint8_t *data, size_t len,
    int flags, void *arg)
{
	struct talk *talk = arg;

	(void)wslay;
	(void)flags;
	tls_write(talk->tls, data, len);
	return (ssize_t)len;
}

/* Of no secret: the switch is trusted here. */
static int
on_mask(wslay_event_context_ptr wslay, uint8_t *mask, size_t len, void *arg)
{
	(void)wslay;
	(void)arg;
	memset(mask, 0x5a, len);
	return 0;
}

static void
on_frame(wslay_event_context_ptr wslay,
    const struct wslay_event_on_msg_recv_arg *frame, void *arg)
{
	struct sigmsg msg;
	size_t used;
	bool head;

	(void)wslay;
	if (frame->opcode == WSLAY_CONNECTION_CLOSE)
		printf("close %u\n", frame->status_code);
	else if (sigmsg_parse(&msg, (const char *)frame->msg,
	    frame->msg_length, &used, &head) == 0 &&
	    used == frame->msg_length)
		show(arg, &msg);
	else
		printf("frame with no message\n");
	fflush(stdout);
}

static void
on_upgraded(struct talk *talk)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_frame_in,
		.send_callback = on_frame_out,
		.genmask_callback = on_mask,
		.on_msg_recv_callback = on_frame
	};

	talk->upgrading = false;
	if (wslay_event_context_client_init(&talk->wslay, &callbacks,
	    talk) != 0)
		tool_fail(1, "wslay", "out of memory");
	puts("ready");
	fflush(stdout);
}

static void
on_ready(void *arg)
{
	static const char upgrade[] = "GET /signal HTTP/1.1\r\n"
	    "Host: 127.0.0.1\r\n"
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct talk *talk = arg;

	if (talk->upgrading) {
		tls_write(talk->tls, upgrade, strlen(upgrade));
		return;
	}
	puts("ready");
	fflush(stdout);
}

static void
on_data(struct buffer *in, void *arg)
{
	struct talk *talk = arg;
	struct sigmsg msg;
	size_t used;
	bool head;

	while (talk->wslay == NULL) {
		size_t len = buffer_len(in);
		int err = sigmsg_parse(&msg, (char *)buffer_front(in, -1),
		    len, &used, &head);

		if (err == -EAGAIN)
			return;
		if (err < 0)
			tool_fail(1, "sigmsg_parse", "%s", strerror(-err));
		if (talk->upgrading && msg.status == 101)
			on_upgraded(talk);
		else
			show(talk, &msg);
		buffer_drain(in, used);
	}
	talk->in = in;
	wslay_event_recv(talk->wslay);
	wslay_event_send(talk->wslay);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct talk *talk = arg;

	(void)why;
	printf("closed %d\n", -err);
	fflush(stdout);
	event_base_loopexit(talk->loop, NULL);
}

static size_t
unescape(char out[static LINE_MAX], const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < LINE_MAX; text++) {
		if (*text != '\\' || text[1] == '\0') {
			out[n++] = *text;
			continue;
		}
		text++;
		out[n++] = *text == 'r' ? '\r' : *text == 'n' ? '\n' :
		    *text == '0' ? '\0' : *text;
	}
	return n;
}

static void
send_raw(struct talk *talk, const char *text)
{
	char out[LINE_MAX];

	send_bytes(talk, out, unescape(out, text));
}

static void
fill(struct talk *talk, long n)
{
	char x[1000];

	memset(x, 'x', sizeof(x));
	for (; n > 0; n -= (long)sizeof(x))
		tls_write(talk->tls, x, n < (long)sizeof(x) ? (size_t)n :
		    sizeof(x));
}

static enum sigmsg_method
method_of(const char *name)
{
	int i;

	for (i = SIGMSG_INITIATE; i < SIGMSG_OTHER; i++)
		if (strcmp(sigmsg_method_name((enum sigmsg_method)i),
		    name) == 0)
			return (enum sigmsg_method)i;
	tool_fail(1, name, "no such method");
}

/* Sign the switch's name and the time. */
static void
prove(const struct talk *talk, struct sigmsg *msg)
{
	struct deviceproof proof = {
		.number = msg->user, .name = "127.0.0.1", .time_s = time(NULL)
	};
	uint8_t signature[P256SIG_BYTES], public[JWT_PUBLIC];

	if (jwt_key_public(talk->key, public) < 0 ||
	    deviceproof_sign(signature, &proof, talk->key) < 0)
		tool_fail(1, "-k", "cannot sign");
	base64_encode_url(msg->key, public, sizeof(public));
	base64_encode_url(msg->proof, signature, sizeof(signature));
	msg->proof_s = proof.time_s;
}

static void
request(struct talk *talk, const char *line)
{
	struct sigmsg msg = { 0 };
	char copy[LINE_MAX], sdp[LINE_MAX], *body, *word, *rest;

	snprintf(copy, sizeof(copy), "%s", line);
	body = strstr(copy, " body=");
	if (body != NULL) {
		*body = '\0';
		msg.body = body + 6;
		msg.body_len = strlen(msg.body);
		strcpy(msg.content_type, "application/sdp");
	}
	body = strstr(copy, " sdp=");
	if (body != NULL) {
		*body = '\0';
		msg.body_len = unescape(sdp, body + 5);
		msg.body = sdp;
		strcpy(msg.content_type, "application/sdp");
	}
	word = strtok_r(copy, " ", &rest);
	if (word == NULL)
		return;
	msg.method = method_of(word);
	word = strtok_r(NULL, " ", &rest);
	snprintf(msg.target, sizeof(msg.target), "%s",
	    word != NULL ? word : "/");
	while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
		if (strncmp(word, "reason=", 7) == 0)
			snprintf(msg.reason, sizeof(msg.reason), "%s",
			    word + 7);
		else if (strncmp(word, "type=", 5) == 0)
			snprintf(msg.content_type, sizeof(msg.content_type),
			    "%s", word + 5);
		else if (strcmp(word, "close") == 0)
			msg.close = true;
	}
	memcpy(msg.user, talk->user, sizeof(msg.user));
	memcpy(msg.token, talk->token, sizeof(msg.token));
	if (talk->key != NULL && talk->user[0] != '\0')
		prove(talk, &msg);
	memcpy(msg.guest, talk->guest, sizeof(msg.guest));
	talk->guest[0] = '\0';
	talk->user[0] = '\0';	/* the first request says it for all */
	send_msg(talk, &msg);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct talk *talk = arg;

	(void)len;
	if (line == NULL)
		tool_fail(1, "line", "too long");
	if (strncmp(line, "raw ", 4) == 0) {
		send_raw(talk, line + 4);
	} else if (strncmp(line, "fill ", 5) == 0) {
		fill(talk, atol(line + 5));
	} else if (strcmp(line, "mute") == 0) {
		talk->muted = true;
	} else if (strcmp(line, "again") == 0) {
		talk->muted = false;
		answer(talk);
	} else if (strcmp(line, "end") == 0) {
		tls_finish(talk->tls);
	} else {
		request(talk, line);
	}
}

static void
on_in_ended(void *arg)
{
	struct talk *talk = arg;

	event_base_loopexit(talk->loop, NULL);
}

static int
dial(const char *text)
{
	struct addr addr;
	int fd;

	if (addr_parse(&addr, text, 0) < 0)
		tool_fail(1, text, "no address");
	fd = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &addr.sa, addr_len(&addr)) < 0)
		tool_fail(1, text, "%s", strerror(errno));
	evutil_make_socket_nonblocking(fd);
	return fd;
}

static void
set_user(struct talk *talk, char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL)
		tool_fail(1, text, "wants NUMBER:TOKEN");
	*colon = '\0';
	snprintf(talk->user, sizeof(talk->user), "%s", text);
	snprintf(talk->token, sizeof(talk->token), "%s", colon + 1);
}

int
main(int argc, char **argv)
{
	static const struct tls_handlers tls_handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	static const struct lines_handlers handlers = {
		.line = on_line, .in_ended = on_in_ended
	};
	struct lines_options lines_options = {
		.in = STDIN_FILENO, .out = -1, .line_max = LINE_MAX
	};
	struct tls_options options = { .server_name = "127.0.0.1" };
	const char *address = NULL, *ca = NULL;
	struct talk talk = { 0 };
	struct tls_config *config;
	struct lines *lines;
	char why[WHY_TEXT];
	int c;

	tool_name("sigtalk");
	while ((c = getopt(argc, argv, "a:c:g:k:n:u:w")) != -1) {
		if (c == 'a')
			address = optarg;
		else if (c == 'c')
			ca = optarg;
		else if (c == 'g')
			snprintf(talk.guest, sizeof(talk.guest), "%s", optarg);
		else if (c == 'k' && jwt_key_read(&talk.key, optarg, why) < 0)
			tool_fail(1, optarg, "%s", why);
		else if (c == 'k')
			continue;
		else if (c == 'n')
			options.server_name = optarg;
		else if (c == 'u')
			set_user(&talk, optarg);
		else if (c == 'w')
			talk.upgrading = true;
		else
			return 1;
	}
	if (address == NULL)
		tool_fail(1, "-a", "wants an address");
	talk.loop = event_base_new();
	if (tls_config_client(&config, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
	if (tls_new(&talk.tls, talk.loop, dial(address), config, &options,
	    &tls_handlers, &talk) < 0 ||
	    lines_new(&lines, talk.loop, &lines_options, &handlers, &talk) < 0)
		tool_fail(1, "start", "out of memory");
	event_base_dispatch(talk.loop);
	if (talk.wslay != NULL)
		wslay_event_context_free(talk.wslay);
	lines_free(lines);
	tls_free(talk.tls);
	jwt_key_free(talk.key);
	tls_config_free(config);
	event_base_free(talk.loop);
	return 0;
}
