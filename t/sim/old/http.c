/*
 * http: as much of libevent's HTTP server as 0.1.0 uses, on the simulated loop:
 * one request a connection, whose body has a length.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "wire/addr.h"

#define CHUNK 4096
#define LINE 512
#define HEADERS 16

struct evhttp_uri {
	char path[LINE];
};

struct header {
	char name[64], value[256];
};

/* A connection, its request and its answer; evhttp_request is a name for it. */
struct talk {
	LIST_ENTRY(talk) next;
	struct evhttp *http;
	int fd;
	struct event *readable;
	struct evbuffer *in, *body;
	enum evhttp_cmd_type method;
	struct evhttp_uri uri;
	struct header headers[HEADERS];
	size_t n_headers, length;
	bool has_head, answered;
};

struct evhttp_bound_socket {
	int fd;
};

struct evhttp {
	struct event_base *loop;
	struct evhttp_bound_socket bound;
	struct event *acceptable;
	void (*handler)(struct evhttp_request *request, void *arg);
	void *arg;
	LIST_HEAD(, talk) talks;
};

static struct talk *
of(struct evhttp_request *request)
{
	return (struct talk *)request;
}

static void
talk_free(struct talk *talk)
{
	LIST_REMOVE(talk, next);
	event_free(talk->readable);
	close(talk->fd);
	evbuffer_free(talk->in);
	evbuffer_free(talk->body);
	free(talk);
}

static void
read_head_line(struct talk *talk, char *line)
{
	struct header *h = &talk->headers[talk->n_headers];
	char method[16];

	if (talk->uri.path[0] == '\0') {
		if (sscanf(line, "%15s %511s", method, talk->uri.path) == 2)
			talk->method = strcmp(method, "POST") == 0 ?
			    EVHTTP_REQ_POST : EVHTTP_REQ_GET;
		return;
	}
	if (talk->n_headers == HEADERS ||
	    sscanf(line, "%63[^:]: %255[^\r]", h->name, h->value) != 2)
		return;
	talk->n_headers++;
	if (strcasecmp(h->name, "Content-Length") == 0)
		talk->length = strtoul(h->value, NULL, 10);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct talk *talk = arg;
	int n = evbuffer_read(talk->in, fd, CHUNK);
	char *line;

	(void)what;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || talk->answered) {
		talk_free(talk);
		return;
	}
	while (!talk->has_head && (line = evbuffer_readln(talk->in, NULL,
	    EVBUFFER_EOL_CRLF)) != NULL) {
		talk->has_head = *line == '\0';
		read_head_line(talk, line);
		free(line);
	}
	if (!talk->has_head || evbuffer_get_length(talk->in) < talk->length)
		return;
	evbuffer_remove_buffer(talk->in, talk->body, talk->length);
	talk->http->handler((struct evhttp_request *)talk, talk->http->arg);
}

static void
on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	struct evhttp *http = arg;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct talk *talk;

	(void)what;
	if (client < 0)
		return;
	talk = calloc(1, sizeof(*talk));
	if (talk == NULL)
		abort();
	talk->http = http;
	talk->fd = client;
	talk->in = evbuffer_new();
	talk->body = evbuffer_new();
	talk->readable = event_new(http->loop, client, EV_READ | EV_PERSIST,
	    on_readable, talk);
	event_add(talk->readable, NULL);
	LIST_INSERT_HEAD(&http->talks, talk, next);
}

struct evhttp *
evhttp_new(struct event_base *loop)
{
	struct evhttp *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return NULL;
	http->loop = loop;
	http->bound.fd = -1;
	return http;
}

void
evhttp_free(struct evhttp *http)
{
	while (!LIST_EMPTY(&http->talks))
		talk_free(LIST_FIRST(&http->talks));
	if (http->acceptable != NULL)
		event_free(http->acceptable);
	if (http->bound.fd >= 0)
		close(http->bound.fd);
	free(http);
}

struct evhttp_bound_socket *
evhttp_bind_socket_with_handle(struct evhttp *http, const char *ip,
    unsigned short port)
{
	struct addr addr;
	int fd;

	if (addr_parse(&addr, ip, port) < 0)
		return NULL;
	fd = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return NULL;
	if (bind(fd, &addr.sa, addr_len(&addr)) < 0 || listen(fd, 16) < 0) {
		close(fd);
		return NULL;
	}
	http->bound.fd = fd;
	http->acceptable = event_new(http->loop, fd, EV_READ | EV_PERSIST,
	    on_acceptable, http);
	event_add(http->acceptable, NULL);
	return &http->bound;
}

evutil_socket_t
evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound)
{
	return bound->fd;
}

void
evhttp_set_gencb(struct evhttp *http,
    void (*handler)(struct evhttp_request *, void *), void *arg)
{
	http->handler = handler;
	http->arg = arg;
}

int
evhttp_set_cb(struct evhttp *http, const char *path,
    void (*handler)(struct evhttp_request *, void *), void *arg)
{
	(void)path;
	evhttp_set_gencb(http, handler, arg);
	return 0;
}

void
evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods)
{
	(void)http;
	(void)methods;
}

void
evhttp_set_max_body_size(struct evhttp *http, ev_ssize_t most)
{
	(void)http;
	(void)most;
}

void
evhttp_set_max_headers_size(struct evhttp *http, ev_ssize_t most)
{
	(void)http;
	(void)most;
}

void
evhttp_set_timeout(struct evhttp *http, int most_s)
{
	(void)http;
	(void)most_s;
}

enum evhttp_cmd_type
evhttp_request_get_command(const struct evhttp_request *request)
{
	return of((struct evhttp_request *)request)->method;
}

const struct evhttp_uri *
evhttp_request_get_evhttp_uri(const struct evhttp_request *request)
{
	return &of((struct evhttp_request *)request)->uri;
}

const char *
evhttp_uri_get_path(const struct evhttp_uri *uri)
{
	return uri->path;
}

struct evbuffer *
evhttp_request_get_input_buffer(struct evhttp_request *request)
{
	return of(request)->body;
}

/* A list of headers is a name for the talk, too. */
struct evkeyvalq *
evhttp_request_get_input_headers(struct evhttp_request *request)
{
	return (struct evkeyvalq *)request;
}

struct evkeyvalq *
evhttp_request_get_output_headers(struct evhttp_request *request)
{
	return (struct evkeyvalq *)request;
}

const char *
evhttp_find_header(const struct evkeyvalq *headers, const char *name)
{
	struct talk *talk = (struct talk *)headers;
	size_t i;

	for (i = 0; i < talk->n_headers; i++)
		if (strcasecmp(talk->headers[i].name, name) == 0)
			return talk->headers[i].value;
	return NULL;
}

int
evhttp_add_header(struct evkeyvalq *headers, const char *name,
    const char *value)
{
	(void)headers;
	(void)name;
	(void)value;
	return 0;
}

void
evhttp_send_reply(struct evhttp_request *request, int status,
    const char *reason, struct evbuffer *body)
{
	struct talk *talk = of(request);
	size_t len = body == NULL ? 0 : evbuffer_get_length(body);
	char head[128];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n", status,
	    reason, len);

	talk->answered = true;
	(void)!write(talk->fd, head, (size_t)n);
	if (len > 0)
		(void)!write(talk->fd, evbuffer_pullup(body, -1), len);
	shutdown(talk->fd, SHUT_WR);
}

void
evhttp_send_error(struct evhttp_request *request, int status,
    const char *reason)
{
	evhttp_send_reply(request, status, reason != NULL ? reason : "No",
	    NULL);
}
