/*
 * http: POST requests by libcurl, bounded in answer and time, with connections
 * of their own per kind of trust. See http.h.
 */
#include "http/http.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include "base/clock.h"
#include "http/head.h"
#include "http/multi.h"
#include "wire/addr.h"
#include "wire/pushurl.h"
#include "wire/reach.h"
#include "wire/why.h"

#define SPARE_MAX 256			/* handles kept for later requests */
#define READ_BYTES 2048		/* small: answers are short, handles are many */
#define UPLOAD_BYTES 16384		/* the minimum that libcurl accepts */

struct http {
	struct http_options options;
	struct multi *multi;
	TAILQ_HEAD(, http_call) calls;	/* under way */
	TAILQ_HEAD(, http_call) spare;
	size_t n_spare;
	uint64_t *heard_ms; /* time of the last answer, by descriptor */
	size_t n_heard;
};

struct http_call {
	TAILQ_ENTRY(http_call) link;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	http_done *done;
	void *arg;
	struct multi_pool *pool;	/* its connections */
	unsigned timeout_ms;
	bool tls;
	bool refused;			/* an address was refused by reach */
	bool opened;			/* a socket: some address was allowed */
	bool too_much;			/* the answer was truncated */
	bool head_decides;		/* the request's */
	bool head_done;			/* of the last status line */
	size_t head_len;
	struct head head;
	size_t body_len;
	char *body; /* HTTP_ANSWER_MAX bytes, once there is one */
};

/* Note that the descriptor has answered just now. */
static bool
heard(struct http *http, int fd)
{
	size_t n = http->n_heard > 0 ? http->n_heard : 64;
	uint64_t *more;

	if (fd < 0)
		return false;
	while (n <= (size_t)fd)
		n *= 2;
	if (n > http->n_heard) {
		more = realloc(http->heard_ms, n * sizeof(*more));
		if (more == NULL)
			return false;
		http->heard_ms = more;
		http->n_heard = n;
	}
	http->heard_ms[fd] = clock_ms();
	return true;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http_call *call = arg;
	const struct reach *reach = call->http->options.reach;
	unsigned user_timeout = call->timeout_ms;
	struct addr addr;
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    addr_from_sockaddr(&addr, &to->addr, to->addrlen) < 0)
		return CURL_SOCKET_BAD;
	if (reach != NULL && !reach_ok(reach, &addr, call->tls)) {
		call->refused = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	if (fd < 0 || !heard(call->http, fd)) {
		if (fd >= 0)
			close(fd);
		return CURL_SOCKET_BAD;
	}
	call->opened = true;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
	    sizeof(user_timeout));
	return fd;
}

static size_t
take_head(char *data, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;

	call->head_len += size * n;
	call->too_much |= call->head_len > HTTP_HEAD_MAX;
	/* After the empty line come trailers, or another answer's status line. */
	if (*data == '\r' || *data == '\n')
		call->head_done = true;
	else if (size * n > 5 && strncasecmp(data, "HTTP/", 5) == 0)
		call->head_done = false;
	if (!call->too_much)
		head_take(&call->head, data, size * n);
	return call->too_much ? 0 : size * n;
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * n, env = HTTP_ANSWER_MAX - call->body_len;

	if (call->body == NULL)
		call->body = malloc(HTTP_ANSWER_MAX);
	if (call->body == NULL)
		return 0;
	call->too_much |= len > env;
	memcpy(call->body + call->body_len, data, len < env ? len : env);
	call->body_len += len < env ? len : env;
	return call->too_much ? 0 : len;
}

static bool
plain_allowed(const struct http *http)
{
	return http->options.reach == NULL || reach_plain(http->options.reach);
}

/* Set the options that never change on a handle, when it is made. */
static bool
easy_prepare(struct http_call *call)
{
	const struct http_options *options = &call->http->options;
	CURLcode bad = CURLE_OK;
	CURL *easy = call->easy;

#define SET(option, value)						\
	bad = bad != CURLE_OK ? bad :					\
	    curl_easy_setopt(easy, CURLOPT_##option, value)
	SET(NOSIGNAL, 1L);
	/*
	 * Leave a look-up that has timed out to its thread. Otherwise libcurl
	 * waits for it here, and with it all other requests.
	 */
	SET(QUICK_EXIT, 1L);
	SET(PROTOCOLS_STR, plain_allowed(call->http) ? "http,https" : "https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(PIPEWAIT, 1L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(POST, 1L);
	SET(USERAGENT, "rp-pushsend");
	SET(CONNECTTIMEOUT_MS, (long)options->connect_ms);
	SET(BUFFERSIZE, (long)READ_BYTES);
	SET(UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
	SET(PRIVATE, call);
	SET(OPENSOCKETFUNCTION, open_socket);
	SET(OPENSOCKETDATA, call);
	SET(HEADERFUNCTION, take_head);
	SET(HEADERDATA, call);
	SET(WRITEFUNCTION, take_body);
	SET(WRITEDATA, call);
	if (options->ca_file != NULL) {
		SET(CAINFO, options->ca_file);
		SET(CAPATH, NULL);
	}
#undef SET
	return bad == CURLE_OK;
}

static void
call_free(struct http_call *call)
{
	if (call->easy != NULL)
		curl_easy_cleanup(call->easy);
	free(call);
}

static struct http_call *
call_new(struct http *http)
{
	struct http_call *call = TAILQ_FIRST(&http->spare);

	if (call != NULL) {
		TAILQ_REMOVE(&http->spare, call, link);
		http->n_spare--;
		return call;
	}
	call = calloc(1, sizeof(*call));
	if (call == NULL)
		return NULL;
	call->http = http;
	call->easy = curl_easy_init();
	if (call->easy == NULL || !easy_prepare(call)) {
		call_free(call);
		return NULL;
	}
	return call;
}

/* Keep a handle outside the multi handle for later requests, or free it. */
static void
call_put_away(struct http_call *call)
{
	struct http *http = call->http;

	curl_slist_free_all(call->headers);
	call->headers = NULL;
	free(call->body);
	call->body = NULL;
	if (http->n_spare >= SPARE_MAX) {
		call_free(call);
		return;
	}
	TAILQ_INSERT_HEAD(&http->spare, call, link);
	http->n_spare++;
}

static bool
set_headers(struct http_call *call, const char *const headers[])
{
	size_t i;

	for (i = 0; i < HTTP_HEADERS && headers[i] != NULL; i++) {
		struct curl_slist *more;

		if (strpbrk(headers[i], "\r\n") != NULL)
			return false;
		more = curl_slist_append(call->headers, headers[i]);
		if (more == NULL)
			return false;
		call->headers = more;
	}
	return true;
}

static bool
easy_fill(struct http_call *call, const struct http_request *request)
{
	CURLcode bad = CURLE_OK;
	CURL *easy = call->easy;

	if (strlen(request->url) > PUSHURL_MAX ||
	    !set_headers(call, request->headers))
		return false;
#define SET(option, value)						\
	bad = bad != CURLE_OK ? bad :					\
	    curl_easy_setopt(easy, CURLOPT_##option, value)
	SET(URL, request->url);
	SET(HTTPHEADER, call->headers);
	SET(POSTFIELDSIZE, (long)request->body_len);
	SET(COPYPOSTFIELDS, request->body);
	SET(USERPWD, request->user_password);
	SET(TIMEOUT_MS, (long)request->timeout_ms);
	SET(FRESH_CONNECT, request->once ? 1L : 0L);
	SET(FORBID_REUSE, request->once ? 1L : 0L);
#undef SET
	return bad == CURLE_OK;
}

int
http_post(struct http_call **out, struct http *http,
    const struct http_request *request, http_done *done, void *arg)
{
	bool tls = strncasecmp(request->url, "https:", 6) == 0;
	struct http_call *call;

	if (!tls && !plain_allowed(http))
		return -EPERM;
	call = call_new(http);
	if (call == NULL)
		return -ENOMEM;
	call->done = done;
	call->arg = arg;
	call->timeout_ms = request->timeout_ms;
	call->tls = tls;
	call->refused = call->opened = call->too_much = false;
	call->head_decides = request->head_decides;
	call->head_done = false;
	call->head_len = call->body_len = 0;
	head_clear(&call->head);
	if (!easy_fill(call, request)) {
		call_put_away(call);
		return -EINVAL;
	}
	if (multi_add(&call->pool, http->multi, call->easy) < 0) {
		call_put_away(call);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&http->calls, call, link);
	*out = call;
	return 0;
}

void
http_cancel(struct http_call *call)
{
	multi_remove(call->pool, call->easy);
	TAILQ_REMOVE(&call->http->calls, call, link);
	call_put_away(call);
}

void
http_leave(struct http_call *call)
{
	multi_leave(call->pool);
}

/*
 * Return whether an answer is valid that the server, or we, cut off. An interim
 * status (1xx) is not.
 */
static bool
suffices(const struct http_call *call, long status)
{
	if (status < 200)
		return false;
	return call->too_much || status < 300 ||
	    (call->head_decides && call->head_done);
}

static enum http_end
end_of(const struct http_call *call, CURLcode code, long status)
{
	if (code == CURLE_OK || suffices(call, status))
		return HTTP_ANSWERED;
	if (call->refused && !call->opened)
		return HTTP_REFUSED;
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMED_OUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return HTTP_UNTRUSTED;
	case CURLE_URL_MALFORMAT:
		return HTTP_REFUSED;
	default:
		return HTTP_UNREACHED;
	}
}

/*
 * Handle an attempt that timed out. If its connection has answered nobody for
 * as long, it is dead: fail all requests that wait on it.
 */
static void
drop_stalled(struct http_call *call)
{
	struct http *http = call->http;
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd < 0 || (size_t)fd >= http->n_heard)
		return;
	if (clock_ms() - http->heard_ms[fd] >= call->timeout_ms)
		shutdown(fd, SHUT_RDWR);
}

/*
 * Return whether any of the request may have been written, on a connection of
 * its own: libcurl writes as soon as the connection is there.
 */
static bool
may_be_taken(const struct http_call *call)
{
	curl_off_t connected_us = 0;

	curl_easy_getinfo(call->easy, call->tls ? CURLINFO_APPCONNECT_TIME_T :
	    CURLINFO_CONNECT_TIME_T, &connected_us);
	return connected_us > 0;
}

/* Say why there was no answer. */
static const char *
words_of(const struct http_call *call, enum http_end end, CURLcode code)
{
	if (call->refused && end == HTTP_REFUSED)
		return "the address is not public";
	if (call->too_much)
		return "interim answers without an end";
	return curl_easy_strerror(code);
}

static void
answer_fill(struct http_answer *answer, struct http_call *call, CURLcode code)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	long status = 0;

	memset(answer, 0, sizeof(*answer));
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	answer->end = end_of(call, code, status);
	answer->head = &call->head;
	answer->may_be_taken = may_be_taken(call);
	answer->body = call->body;
	answer->body_len = call->body_len;
	if (answer->end == HTTP_ANSWERED) {
		answer->status = (int)status;
		answer->retry_after_ms = head_wait_ms(&call->head,
		    status == 429, clock_wall_s());
		curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
		heard(call->http, fd);
		return;
	}
	why_set(answer->why, "%s", words_of(call, answer->end, code));
	if (answer->end == HTTP_TIMED_OUT)
		drop_stalled(call);
}

static void
on_done(CURL *easy, CURLcode code, void *arg)
{
	struct http *http = arg;
	struct http_answer answer;
	struct http_call *call;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
	answer_fill(&answer, call, code);
	multi_remove(call->pool, easy);
	TAILQ_REMOVE(&http->calls, call, link);
	call->done(&answer, call->arg);
	call_put_away(call);
}

int
http_new(struct http **out, struct event_base *loop,
    const struct http_options *options)
{
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	http = calloc(1, sizeof(*http));
	if (http == NULL)
		return -ENOMEM;
	http->options = *options;
	TAILQ_INIT(&http->calls);
	TAILQ_INIT(&http->spare);
	if (multi_new(&http->multi, loop, on_done, http) < 0) {
		http_free(http);
		return -ENOMEM;
	}
	*out = http;
	return 0;
}

void
http_free(struct http *http)
{
	struct http_call *call;

	if (http == NULL)
		return;
	while ((call = TAILQ_FIRST(&http->calls)) != NULL)
		http_cancel(call);
	while ((call = TAILQ_FIRST(&http->spare)) != NULL) {
		TAILQ_REMOVE(&http->spare, call, link);
		call_free(call);
	}
	multi_free(http->multi);
	free(http->heard_ms);
	free(http);
	curl_global_cleanup();
}
