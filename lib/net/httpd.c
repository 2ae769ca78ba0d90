/* httpd: on libevent's HTTP server; webport accepts for it. */
#include "net/httpd.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "net/webport.h"

struct httpd {
	struct evhttp *http;
	struct webport *port;
	httpd_handler *handler;
	void *arg;
};

static struct evhttp_request *
of(struct httpd_request *request)
{
	return (struct evhttp_request *)request;
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct httpd *httpd = arg;

	httpd->handler((struct httpd_request *)request, httpd->arg);
}

static int
start_httpd(struct httpd *httpd, struct event_base *loop, struct addr *addr,
    const struct httpd_options *options)
{
	httpd->http = evhttp_new(loop);
	if (httpd->http == NULL)
		return -ENOMEM;
	evhttp_set_max_headers_size(httpd->http, (ssize_t)options->head_max);
	evhttp_set_max_body_size(httpd->http, (ssize_t)options->body_max);
	evhttp_set_timeout(httpd->http, options->idle_s);
	evhttp_set_gencb(httpd->http, on_request, httpd);
	return webport_new(&httpd->port, loop, httpd->http, addr);
}

int
httpd_new(struct httpd **out, struct event_base *loop, struct addr *addr,
    const struct httpd_options *options, httpd_handler *handler, void *arg)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));
	int err;

	if (httpd == NULL)
		return -ENOMEM;
	httpd->handler = handler;
	httpd->arg = arg;
	err = start_httpd(httpd, loop, addr, options);
	if (err < 0) {
		httpd_free(httpd);
		return err;
	}
	*out = httpd;
	return 0;
}

void
httpd_free(struct httpd *httpd)
{
	if (httpd == NULL)
		return;
	webport_free(httpd->port);
	if (httpd->http != NULL)
		evhttp_free(httpd->http);
	free(httpd);
}

const char *
httpd_path(struct httpd_request *request)
{
	return evhttp_uri_get_path(evhttp_request_get_evhttp_uri(of(request)));
}

const char *
httpd_header(struct httpd_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(
	    of(request)), name);
}

bool
httpd_is_post(struct httpd_request *request)
{
	return evhttp_request_get_command(of(request)) == EVHTTP_REQ_POST;
}

const struct buffer *
httpd_body(struct httpd_request *request)
{
	return (const struct buffer *)evhttp_request_get_input_buffer(
	    of(request));
}

void
httpd_set_header(struct httpd_request *request, const char *name,
    const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(of(request)), name,
	    value);
}

void
httpd_answer(struct httpd_request *request, int status, const char *phrase,
    struct buffer *body)
{
	evhttp_send_reply(of(request), status, phrase,
	    (struct evbuffer *)body);
}

void
httpd_refuse(struct httpd_request *request, int status, const char *reason)
{
	evhttp_send_error(of(request), status, reason);
}
