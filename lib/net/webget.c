/*
 * webget: read a head, answer it, and close. See webget.h. libevent's HTTP
 * server is unsuitable here: it limits neither connections nor the time that a
 * request takes.
 */
#include "net/webget.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/buffer.h"
#include "net/listener.h"
#include "net/loop.h"

#define HEAD_MAX 8192		/* browsers and proxies send two thousand */
#define WHOLE_MS 10000		/* from connect to the answer's end */
#define READ_MAX 4096		/* per turn */

struct client {
	struct webget *webget;
	TAILQ_ENTRY(client) next;
	struct loop_event *reader, *writer, *deadline;
	struct buffer *out;
	int fd;
	uint64_t since_ms;
	bool answered;		/* what still comes is dropped */
	size_t len;
	char head[HEAD_MAX + 1];
};

struct webget {
	struct event_base *loop;
	struct listener *listener;
	webget_handler *handler;
	void *arg;
	TAILQ_HEAD(, client) clients;	/* the oldest first */
	size_t n_clients, places;
};

static void
client_free(struct client *c)
{
	TAILQ_REMOVE(&c->webget->clients, c, next);
	if (c->webget->n_clients-- == c->webget->places)
		listener_resume(c->webget->listener);
	loop_event_free(c->reader);
	loop_event_free(c->writer);
	loop_event_free(c->deadline);
	buffer_free(c->out);
	close(c->fd);
	free(c);
}

static void
on_deadline(void *arg)
{
	client_free(arg);
}

/* Write what the peer takes. Then wait for its end, so that nothing is lost. */
static void
on_writable(void *arg)
{
	struct client *c = arg;
	ssize_t n = buffer_write(c->out, c->fd);

	if (n < 0 && n != -EAGAIN)
		client_free(c);
	else if (buffer_len(c->out) > 0)
		loop_event_start(c->writer);
	else if (!loop_event_is_set(c->reader))
		client_free(c);		/* its end has come already */
	else
		shutdown(c->fd, SHUT_WR);
}

static const char *
phrase_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Error";
	}
}

static void
send_answer(struct client *c, const struct webget_answer *answer, bool head)
{
	size_t len = buffer_len(answer->body);

	c->answered = true;
	if (buffer_printf(c->out, "HTTP/1.1 %d %s\r\n"
	    "Content-Type: %s\r\nContent-Length: %zu\r\n%s"
	    "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
	    answer->status, phrase_of(answer->status), answer->type, len,
	    answer->status == 405 ? "Allow: GET, HEAD\r\n" : "") < 0 ||
	    (!head && buffer_move(c->out, answer->body, len) < 0)) {
		client_free(c);
		return;
	}
	on_writable(c);
}

/* Answer with a status alone, whose phrase is the body. */
static void
send_status(struct client *c, int status)
{
	struct webget_answer answer = {
		status, "text/plain; charset=utf-8", buffer_new()
	};

	if (answer.body != NULL)
		buffer_printf(answer.body, "%s\n", phrase_of(status));
	if (answer.body == NULL) {
		client_free(c);
		return;
	}
	send_answer(c, &answer, false);
	buffer_free(answer.body);
}

static void
ask_handler(struct client *c, const char *path, bool head)
{
	struct webget_answer answer = {
		404, "text/plain; charset=utf-8", buffer_new()
	};

	if (answer.body == NULL) {
		client_free(c);
		return;
	}
	c->webget->handler(path, &answer, c->webget->arg);
	if (answer.status == 404 && buffer_len(answer.body) == 0)
		buffer_printf(answer.body, "Not Found\n");
	send_answer(c, &answer, head);
	buffer_free(answer.body);
}

/*
 * Return the path of a request target, cut off from its query. An absolute
 * form is a proxy's (RFC 9112 3.2.2). NULL if it is malformed.
 */
static const char *
path_of(char *target)
{
	if (strncasecmp(target, "http://", 7) == 0) {
		target = strchr(target + 7, '/');
		if (target == NULL)
			return "/";
	}
	if (*target != '/')
		return NULL;
	target[strcspn(target, "?#")] = '\0';
	return target;
}

/* Answer a whole head: "METHOD TARGET HTTP/1.x", and fields to be ignored. */
static void
take_head(struct client *c)
{
	char *method = c->head, *target, *version;
	const char *path;

	method[strcspn(method, "\r\n")] = '\0';
	target = strchr(method, ' ');
	version = target != NULL ? strchr(target + 1, ' ') : NULL;
	if (version == NULL || strncmp(version, " HTTP/", 6) != 0) {
		send_status(c, 400);
		return;
	}
	*target++ = '\0';
	*version = '\0';
	path = path_of(target);
	if (strncmp(version + 6, "1.", 2) != 0)
		send_status(c, 505);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		send_status(c, 405);
	else if (path == NULL)
		send_status(c, 400);
	else
		ask_handler(c, path, method[0] == 'H');
}

/*
 * Return the length of a whole head, or 0. It ends with an empty line; bare LF
 * is accepted (RFC 9112 2.2).
 */
static size_t
head_len(const struct client *c)
{
	size_t i, end;

	for (i = 0; i < c->len; i++) {
		end = c->head[i + 1] == '\r' ? i + 2 : i + 1;
		if (c->head[i] == '\n' && c->head[end] == '\n')
			return end + 1;
	}
	return 0;
}

static void
on_readable(void *arg)
{
	struct client *c = arg;
	char dropped[READ_MAX];
	char *to = c->answered ? dropped : c->head + c->len;
	size_t room = c->answered ? sizeof(dropped) : HEAD_MAX - c->len;
	size_t whole;
	ssize_t n = read(c->fd, to, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* An answer that still flows may have a reader. */
		if (n == 0 && c->answered && buffer_len(c->out) > 0)
			loop_event_stop(c->reader);
		else
			client_free(c);
		return;
	}
	if (c->answered)
		return;
	c->len += (size_t)n;
	c->head[c->len] = '\0';
	whole = head_len(c);
	/* A body may hold anything. */
	if (strlen(c->head) < (whole > 0 ? whole : c->len))
		send_status(c, 400);
	else if (whole > 0)
		take_head(c);
	else if (c->len == HEAD_MAX)
		send_status(c, 431);
}

/* All places are taken: accept the next when the oldest may be cut off. */
static void
hold_places(struct webget *webget)
{
	uint64_t until_ms = TAILQ_FIRST(&webget->clients)->since_ms +
	    WEBGET_HOLD_MS, now_ms = clock_ms();

	if (until_ms > now_ms)
		listener_rest(webget->listener, (unsigned)(until_ms - now_ms));
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	struct webget *webget = arg;
	struct client *c = calloc(1, sizeof(*c));

	(void)peer;
	if (c == NULL) {
		close(fd);
		return;
	}
	if (webget->n_clients == webget->places)
		client_free(TAILQ_FIRST(&webget->clients));
	c->webget = webget;
	c->fd = fd;
	c->since_ms = clock_ms();
	TAILQ_INSERT_TAIL(&webget->clients, c, next);
	if (++webget->n_clients == webget->places)
		hold_places(webget);
	c->out = buffer_new();
	c->reader = loop_reader_new(webget->loop, fd, on_readable, c);
	c->writer = loop_writer_new(webget->loop, fd, on_writable, c);
	c->deadline = loop_timer_new(webget->loop, on_deadline, c);
	if (c->out == NULL || c->reader == NULL || c->writer == NULL ||
	    c->deadline == NULL || loop_event_start(c->reader) < 0 ||
	    loop_timer_set_ms(c->deadline, WHOLE_MS) < 0)
		client_free(c);
	else
		on_readable(c);		/* before others make it give way */
}

/* Of few files take few, because calls and the operator need some too. */
static size_t
count_places(void)
{
	struct rlimit files;
	size_t few;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return WEBGET_CONNECTIONS;
	few = files.rlim_cur / WEBGET_FILES > 2 ?
	    (size_t)(files.rlim_cur / WEBGET_FILES) : 2;
	return few < WEBGET_CONNECTIONS ? few : WEBGET_CONNECTIONS;
}

int
webget_new(struct webget **out, struct event_base *loop, struct addr *addr,
    webget_handler *handler, void *arg)
{
	struct webget *webget = calloc(1, sizeof(*webget));
	int err;

	if (webget == NULL)
		return -ENOMEM;
	webget->loop = loop;
	webget->places = count_places();
	webget->handler = handler;
	webget->arg = arg;
	TAILQ_INIT(&webget->clients);
	err = listener_new(&webget->listener, loop, addr, on_accept, webget);
	if (err == 0)
		err = listener_open(webget->listener);
	if (err < 0) {
		webget_free(webget);
		return err;
	}
	*addr = *listener_addr(webget->listener);
	*out = webget;
	return 0;
}

void
webget_free(struct webget *webget)
{
	struct client *c;

	if (webget == NULL)
		return;
	while ((c = TAILQ_FIRST(&webget->clients)) != NULL)
		client_free(c);
	listener_free(webget->listener);
	free(webget);
}
