#include "http.h"

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
#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "reach.h"
#include "wire/addr.h"

#define URL_MAX 2048
#define SPARE_MAX 256			/* handles kept for the next request */
#define STREAMS_MAX 256			/* on one connection */
#define CONNECTIONS_MAX 1024
#define CONNECTIONS_PER_HOST 32
#define RETRY_AFTER_MAX_S 86400
#define READ_BYTES 2048		/* answers are small, handles are many */
#define UPLOAD_BYTES 16384		/* the least that libcurl takes */

/* A socket that libcurl wants watched. */
struct watch {
	struct event event;
	struct http *http;
};

struct http {
	struct event_base *loop;
	struct http_options options;
	CURLM *multi;
	struct event timer;
	TAILQ_HEAD(, http_call) calls;	/* under way */
	TAILQ_HEAD(, http_call) spare;
	size_t n_spare;
	uint64_t *heard_ms;		/* by descriptor: the last answer */
	size_t n_heard;
};

struct http_call {
	TAILQ_ENTRY(http_call) link;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	http_done *done;
	void *arg;
	unsigned timeout_ms;
	bool tls;
	bool refused;			/* an address, by reach */
	bool opened;			/* a socket, so not all was refused */
	bool too_much;			/* the answer was cut */
	size_t head_len;
	size_t body_len;
	char *body;			/* HTTP_ANSWER_MAX, once there is one */
};

/* Remember that the descriptor lives, from now on. */
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

	(void)data;
	call->head_len += size * n;
	call->too_much |= call->head_len > HTTP_HEAD_MAX;
	return call->too_much ? 0 : size * n;
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * n, room = HTTP_ANSWER_MAX - call->body_len;

	if (call->body == NULL)
		call->body = malloc(HTTP_ANSWER_MAX);
	if (call->body == NULL)
		return 0;
	call->too_much |= len > room;
	memcpy(call->body + call->body_len, data, len < room ? len : room);
	call->body_len += len < room ? len : room;
	return call->too_much ? 0 : len;
}

static bool
plain_allowed(const struct http *http)
{
	return http->options.reach == NULL || reach_plain(http->options.reach);
}

/* What never changes on a handle; set once, when it is made. */
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
	SET(PROTOCOLS_STR, plain_allowed(call->http) ? "http,https" : "https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(PIPEWAIT, 1L);
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

/* Out of the multi handle or never in it: keep it for the next, or free it. */
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

	if (strlen(request->url) > URL_MAX ||
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
	SET(FRESH_CONNECT, request->fresh ? 1L : 0L);
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
	call->head_len = call->body_len = 0;
	if (!easy_fill(call, request)) {
		call_put_away(call);
		return -EINVAL;
	}
	if (curl_multi_add_handle(http->multi, call->easy) != CURLM_OK) {
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
	curl_multi_remove_handle(call->http->multi, call->easy);
	TAILQ_REMOVE(&call->http->calls, call, link);
	call_put_away(call);
}

static enum http_end
end_of(const struct http_call *call, CURLcode code, long status)
{
	/* What was said before the connection broke or we cut it holds. */
	if (code == CURLE_OK || (call->too_much && status != 0) ||
	    (status >= 200 && status < 300))
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
 * An attempt timed out. If its connection has not answered anybody for as
 * long, it is dead or as good: have it fail for all who wait on it.
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

static void
answer_fill(struct http_answer *answer, struct http_call *call, CURLcode code)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	curl_off_t retry_after = 0;
	long status = 0;

	memset(answer, 0, sizeof(*answer));
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	answer->end = end_of(call, code, status);
	answer->body = call->body;
	answer->body_len = call->body_len;
	if (answer->end == HTTP_ANSWERED) {
		answer->status = (int)status;
		curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER,
		    &retry_after);
		if (retry_after > RETRY_AFTER_MAX_S)
			retry_after = RETRY_AFTER_MAX_S;
		answer->retry_after_ms = (unsigned)retry_after * 1000;
		curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
		heard(call->http, fd);
		return;
	}
	snprintf(answer->why, sizeof(answer->why), "%s",
	    call->refused && answer->end == HTTP_REFUSED ?
	    "the address is not public" : curl_easy_strerror(code));
	if (answer->end == HTTP_TIMED_OUT)
		drop_stalled(call);
}

static void
finish_calls(struct http *http)
{
	struct http_answer answer;
	struct http_call *call;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
		    (char **)&call);
		answer_fill(&answer, call, msg->data.result);
		curl_multi_remove_handle(http->multi, call->easy);
		TAILQ_REMOVE(&http->calls, call, link);
		call->done(&answer, call->arg);
		call_put_away(call);
	}
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;
	struct http *http = watch->http;
	int running, mask = 0;

	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, fd, mask, &running);
	finish_calls(http);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;
	int running;

	(void)fd, (void)what;
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	finish_calls(http);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *http = arg;
	struct timeval tv;

	(void)multi;
	if (timeout_ms < 0) {
		event_del(&http->timer);
		return 0;
	}
	tv.tv_sec = timeout_ms / 1000;
	tv.tv_usec = timeout_ms % 1000 * 1000;
	return event_add(&http->timer, &tv);
}

static int
set_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct http *http = arg;
	struct watch *watch = assigned;
	short events = EV_PERSIST;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL)
			event_del(&watch->event);
		free(watch);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EV_READ;
	if (what & CURL_POLL_OUT)
		events |= EV_WRITE;
	if (watch == NULL) {
		watch = malloc(sizeof(*watch));
		if (watch == NULL)
			return -1;
		watch->http = http;
		curl_multi_assign(http->multi, fd, watch);
	} else {
		event_del(&watch->event);
	}
	event_assign(&watch->event, http->loop, fd, events, on_socket, watch);
	return event_add(&watch->event, NULL);
}

static bool
multi_prepare(struct http *http)
{
	CURLMcode bad = CURLM_OK;

#define SET(option, value)						\
	bad = bad != CURLM_OK ? bad :					\
	    curl_multi_setopt(http->multi, CURLMOPT_##option, value)
	SET(SOCKETFUNCTION, set_watch);
	SET(SOCKETDATA, http);
	SET(TIMERFUNCTION, set_timer);
	SET(TIMERDATA, http);
	SET(PIPELINING, (long)CURLPIPE_MULTIPLEX);
	SET(MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	SET(MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
	SET(MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	SET(MAXCONNECTS, (long)CONNECTIONS_PER_HOST);
#undef SET
	return bad == CURLM_OK;
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
	http->loop = loop;
	http->options = *options;
	TAILQ_INIT(&http->calls);
	TAILQ_INIT(&http->spare);
	event_assign(&http->timer, loop, -1, 0, on_timer, http);
	http->multi = curl_multi_init();
	if (http->multi == NULL || !multi_prepare(http)) {
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
	curl_multi_cleanup(http->multi);
	event_del(&http->timer);
	free(http->heard_ms);
	free(http);
	curl_global_cleanup();
}

/* A part of the URL, or NULL; the caller frees with curl_free. */
static char *
url_part(CURLU *url, CURLUPart part)
{
	char *text;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static int
origin_of(char *origin, size_t origin_max, CURLU *url)
{
	char *scheme = url_part(url, CURLUPART_SCHEME);
	char *host = url_part(url, CURLUPART_HOST);
	char *port = url_part(url, CURLUPART_PORT);
	char *user = url_part(url, CURLUPART_USER);
	char *password = url_part(url, CURLUPART_PASSWORD);
	char *fragment = url_part(url, CURLUPART_FRAGMENT);
	int n = -1;

	if (scheme != NULL && host != NULL && user == NULL &&
	    password == NULL && fragment == NULL &&
	    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0)) {
		bool usual = port == NULL || strcmp(port,
		    strcmp(scheme, "https") == 0 ? "443" : "80") == 0;

		n = snprintf(origin, origin_max, "%s://%s%s%s", scheme, host,
		    usual ? "" : ":", usual ? "" : port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_free(password);
	curl_free(fragment);
	return n > 0 && (size_t)n < origin_max ? 0 : -EINVAL;
}

int
http_origin(char *origin, size_t origin_max, const char *text)
{
	CURLU *url;
	int err = -EINVAL;

	if (strlen(text) > URL_MAX || strpbrk(text, " \t\r\n") != NULL)
		return -EINVAL;
	url = curl_url();
	if (url == NULL)
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		err = origin_of(origin, origin_max, url);
	curl_url_cleanup(url);
	return err;
}
