/*
 * httpd: read a request, answer it, and close or wait for another. See httpd.h.
 * libevent's HTTP server is unsuitable here: it does not limit connections, and
 * does not say when one has ended.
 */
#include "net/httpd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lobby.h"
#include "net/buffer.h"
#include "net/httpbody.h"
#include "net/listener.h"
#include "net/loop.h"

#define READ_MAX 4096		/* per turn, so that others get one */
/*
 * A service that pushes, or a proxy, has a few at once. Each is held for a
 * round trip or two.
 */
#define CONNECTIONS 64
#define PER_ADDRESS 32
#define FILES 16		/* at most one of so many of RLIMIT_NOFILE */
/* A flood of connections waits, so that each is held long enough to ask. */
#define HOLD_MS 100

struct httpd_request {
	struct lobby_member member;
	struct httpd *httpd;
	struct loop_event *reader, *writer, *deadline;
	struct buffer *out, *body;
	int fd;
	uint64_t since_ms;
	bool answered;		/* later input is dropped */
	bool keep;		/* for another request, after the answer */
	bool continued;		/* "100 Continue" was sent */
	size_t head_bytes;	/* 0: it is incomplete */
	/* In `in`, once the head is complete. */
	char *method, *version, *path, *fields;
	char headers[128];	/* of the answer */
	size_t len;
	char in[];
};

struct httpd {
	struct event_base *loop;
	struct listener *listener;
	struct lobby *lobby;
	struct lobby_limits limits;
	struct httpd_options options;
	size_t in_max;
	httpd_handler *handler;
	void *arg;
};

static void
request_free(struct httpd_request *r)
{
	struct httpd *httpd = r->httpd;

	if (lobby_count(httpd->lobby) == httpd->limits.most)
		listener_resume(httpd->listener);
	lobby_leave(httpd->lobby, &r->member);
	loop_event_free(r->reader);
	loop_event_free(r->writer);
	loop_event_free(r->deadline);
	buffer_free(r->out);
	buffer_free(r->body);
	close(r->fd);
	free(r);
}

static void
on_deadline(void *arg)
{
	request_free(arg);
}

static void
set_deadline(struct httpd_request *r, int seconds)
{
	loop_timer_set_ms(r->deadline, (uint32_t)seconds * 1000);
}

static void
await_another(struct httpd_request *r)
{
	r->answered = r->keep = r->continued = false;
	r->head_bytes = r->len = 0;
	*r->headers = '\0';
	buffer_drain(r->body, buffer_len(r->body));
	set_deadline(r, r->httpd->options.keep_s);
}

/*
 * Write what the peer takes. Then wait for its end, so that nothing is lost, or
 * for its next request.
 */
static void
on_writable(void *arg)
{
	struct httpd_request *r = arg;
	ssize_t n = buffer_write(r->out, r->fd);

	if (n < 0 && n != -EAGAIN)
		request_free(r);
	else if (buffer_len(r->out) > 0)
		loop_event_start(r->writer);
	else if (r->answered && r->keep)
		await_another(r);
	else if (r->answered)
		shutdown(r->fd, SHUT_WR);
}

const char *
httpd_path(struct httpd_request *request)
{
	return request->path;
}

const char *
httpd_header(struct httpd_request *request, const char *name)
{
	size_t len = strlen(name);
	char *line, *end = request->in + request->head_bytes;

	for (line = request->fields; line < end; line += strlen(line) + 1)
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	return NULL;
}

bool
httpd_is_post(struct httpd_request *request)
{
	return strcmp(request->method, "POST") == 0;
}

const struct buffer *
httpd_body(struct httpd_request *request)
{
	return request->body;
}

void
httpd_set_header(struct httpd_request *request, const char *name,
    const char *value)
{
	snprintf(request->headers, sizeof(request->headers), "%s: %s\r\n",
	    name, value);
}

/* Is it certain where the next request begins, and is one wanted? */
static bool
may_stay(struct httpd_request *r)
{
	const char *wish = httpd_header(r, "Connection");

	return r->httpd->options.keep_s > 0 &&
	    strcmp(r->version, "HTTP/1.1") == 0 &&
	    (wish == NULL || strcasecmp(wish, "keep-alive") == 0) &&
	    httpd_header(r, "Transfer-Encoding") == NULL &&
	    r->len == r->head_bytes + buffer_len(r->body);
}

static void
write_answer(struct httpd_request *r, int status, const char *phrase,
    struct buffer *body)
{
	size_t len = body != NULL ? buffer_len(body) : 0;

	r->answered = true;
	buffer_printf(r->out, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n%s"
	    "\r\n", status, phrase, r->headers, len,
	    r->keep ? "" : "Connection: close\r\n");
	if (len > 0)
		buffer_move(r->out, body, len);
}

void
httpd_answer(struct httpd_request *request, int status, const char *phrase,
    struct buffer *body)
{
	request->keep = may_stay(request);
	write_answer(request, status, phrase, body);
}

void
httpd_refuse(struct httpd_request *request, int status, const char *reason)
{
	write_answer(request, status, reason != NULL ? reason : "Refused",
	    NULL);
}

/*
 * Return the path of a request target, without its query. An absolute form is a
 * proxy's (RFC 9112 3.2.2). NULL if it is malformed.
 */
static char *
path_of(char *target)
{
	if (strncasecmp(target, "http://", 7) == 0) {
		target = strchr(target + 7, '/');
		if (target == NULL)
			return NULL;
	}
	target[strcspn(target, "?#")] = '\0';
	return *target == '/' ? target : NULL;
}

/* Cut a complete head into lines. Return -EBADMSG if it is malformed. */
static int
parse_head(struct httpd_request *r)
{
	char *p;

	for (p = r->in; p < r->in + r->head_bytes; p++)
		if (*p == '\0')
			return -EBADMSG;
	for (p = r->in; p < r->in + r->head_bytes; p++)
		if (*p == '\n') {
			*p = '\0';
			if (p > r->in && p[-1] == '\r')
				p[-1] = '\0';
		}
	r->fields = r->in + strlen(r->in) + 1;
	r->method = r->in;
	p = strchr(r->in, ' ');
	r->version = p != NULL ? strrchr(p + 1, ' ') : NULL;
	if (r->version == NULL || strncmp(r->version, " HTTP/1.", 8) != 0)
		return -EBADMSG;
	*p = *r->version++ = '\0';
	r->path = path_of(p + 1);
	return 0;
}

/* Return the length of a complete head, or 0; bare LF is taken (RFC 9112 2.2). */
static size_t
find_head(const struct httpd_request *r)
{
	const char *p = r->in, *end = r->in + r->len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		if (p < end && *p == '\n')
			return (size_t)(p + 1 - r->in);
		if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
			return (size_t)(p + 2 - r->in);
	}
	return 0;
}

/* Take the body. Return 0 if it is complete, or a negative errno. */
static int
take_body(struct httpd_request *r)
{
	const struct httpbody body = {
		.length = httpd_header(r, "Content-Length"),
		.coding = httpd_header(r, "Transfer-Encoding"),
		.max = r->httpd->options.body_max
	};
	int err = httpbody_read(&body, r->in + r->head_bytes,
	    r->len - r->head_bytes, r->body);

	if (err != -EAGAIN || r->continued ||
	    httpd_header(r, "Expect") == NULL)
		return err;
	r->continued = true;
	buffer_printf(r->out, "HTTP/1.1 100 Continue\r\n\r\n");
	return err;
}

/* Go on with what has come. Return 0, -EAGAIN for more, or another errno. */
static int
advance(struct httpd_request *r)
{
	if (r->head_bytes == 0) {
		r->head_bytes = find_head(r);
		if (r->head_bytes > r->httpd->options.head_max ||
		    (r->head_bytes == 0 &&
		    r->len > r->httpd->options.head_max))
			return -EMSGSIZE;
		if (r->head_bytes == 0)
			return -EAGAIN;
		if (parse_head(r) < 0)
			return -EBADMSG;
	}
	return take_body(r);
}

static void
refuse_malformed(struct httpd_request *r, int err)
{
	if (err == -EMSGSIZE)
		httpd_refuse(r, 431, "Request Header Fields Too Large");
	else if (err == -EFBIG)
		httpd_refuse(r, 413, "Content Too Large");
	else
		httpd_refuse(r, 400, "Bad Request");
}

static void
on_readable(void *arg)
{
	struct httpd_request *r = arg;
	char dropped[READ_MAX];
	size_t room = r->httpd->in_max - r->len;
	ssize_t n;
	int err;

	if (r->answered)
		n = read(r->fd, dropped, sizeof(dropped));
	else
		n = read(r->fd, r->in + r->len, room < READ_MAX ? room :
		    READ_MAX);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		request_free(r);
		return;
	}
	if (r->answered)
		return;
	/* The next request has as long as the first. */
	if (r->len == 0)
		set_deadline(r, r->httpd->options.idle_s);
	r->len += (size_t)n;
	err = advance(r);
	if (err == 0)
		r->httpd->handler(r, r->httpd->arg);
	else if (err != -EAGAIN)
		refuse_malformed(r, err);
	else if (r->len == r->httpd->in_max)
		refuse_malformed(r, -EFBIG);
	if (buffer_len(r->out) > 0)
		on_writable(r);
}

/* Start the events of a new connection. */
static int
start_request(struct httpd_request *r)
{
	struct event_base *loop = r->httpd->loop;

	r->out = buffer_new();
	r->body = buffer_new();
	r->reader = loop_reader_new(loop, r->fd, on_readable, r);
	r->writer = loop_writer_new(loop, r->fd, on_writable, r);
	r->deadline = loop_timer_new(loop, on_deadline, r);
	if (r->out == NULL || r->body == NULL || r->reader == NULL ||
	    r->writer == NULL || r->deadline == NULL)
		return -ENOMEM;
	if (loop_event_start(r->reader) < 0)
		return -ENOMEM;
	set_deadline(r, r->httpd->options.idle_s);
	return 0;
}

/* All places are taken: accept the next when the first has had its time. */
static void
hold_places(struct httpd *httpd)
{
	const struct httpd_request *first = LOBBY_ENTRY(
	    lobby_first(httpd->lobby), struct httpd_request, member);
	uint64_t until_ms = first->since_ms + HOLD_MS, now_ms = clock_ms();

	if (until_ms > now_ms)
		listener_rest(httpd->listener, (unsigned)(until_ms - now_ms));
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	struct httpd *httpd = arg;
	struct httpd_request *r = calloc(1, sizeof(*r) + httpd->in_max);
	struct lobby_member *first;
	enum lobby_level limit;

	if (r == NULL) {
		close(fd);
		return;
	}
	r->httpd = httpd;
	r->fd = fd;
	r->since_ms = clock_ms();
	if (lobby_enter(httpd->lobby, &r->member, peer) < 0 ||
	    start_request(r) < 0) {
		request_free(r);
		return;
	}
	first = lobby_over(httpd->lobby, &r->member, &httpd->limits, &limit);
	if (first != NULL && first != &r->member)
		request_free(LOBBY_ENTRY(first, struct httpd_request, member));
	if (lobby_count(httpd->lobby) == httpd->limits.most)
		hold_places(httpd);
	on_readable(r);		/* before others make it give way */
}

/* Of few files take few, because calls need some too. */
static void
set_limits(struct lobby_limits *limits)
{
	size_t most = CONNECTIONS;
	struct rlimit files;
	int level;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur / FILES < most)
		most = files.rlim_cur / FILES > 2 ?
		    (size_t)(files.rlim_cur / FILES) : 2;
	for (level = 0; level < LOBBY_LEVELS; level++)
		limits->per[level] = most;
	if (most > PER_ADDRESS)
		limits->per[LOBBY_ADDRESS] = PER_ADDRESS;
	limits->most = most;
}

/* Bind an address that this host has; another one is the user's mistake. */
static int
bind_listener(struct httpd *httpd, const struct addr *addr)
{
	static const int one = 1;
	int fd = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &addr->sa, addr_len(addr)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return listener_adopt(&httpd->listener, httpd->loop, fd, on_accept,
	    httpd);
}

int
httpd_new(struct httpd **out, struct event_base *loop, struct addr *addr,
    const struct httpd_options *options, httpd_handler *handler, void *arg)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));
	int err = -ENOMEM;

	if (httpd == NULL)
		return -ENOMEM;
	httpd->loop = loop;
	httpd->options = *options;
	httpd->handler = handler;
	httpd->arg = arg;
	httpd->in_max = options->head_max + HTTPBODY_MAX(options->body_max);
	set_limits(&httpd->limits);
	httpd->lobby = lobby_new();
	if (httpd->lobby != NULL)
		err = bind_listener(httpd, addr);
	if (err == 0)
		err = listener_open(httpd->listener);
	if (err < 0) {
		httpd_free(httpd);
		return err;
	}
	*addr = *listener_addr(httpd->listener);
	*out = httpd;
	return 0;
}

void
httpd_free(struct httpd *httpd)
{
	struct lobby_member *first;

	if (httpd == NULL)
		return;
	while (httpd->lobby != NULL &&
	    (first = lobby_first(httpd->lobby)) != NULL)
		request_free(LOBBY_ENTRY(first, struct httpd_request, member));
	listener_free(httpd->listener);
	lobby_free(httpd->lobby);
	free(httpd);
}
