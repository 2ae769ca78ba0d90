/*
 * bufferevent: libevent's, of sockets, by their names, because its own would use
 * the real loop. What net/tcp_stream calls is here.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

struct bufferevent {
	struct event_base *loop;
	evutil_socket_t fd;
	struct evbuffer *in, *out;
	struct event *readable, *writable;
	size_t in_max;			/* 0: no limit */
	short enabled;
	bool limited;			/* in time */
	struct timeval limit;
	bufferevent_data_cb read, written;
	bufferevent_event_cb event;
	void *arg;
};

/* Wait for it, or do not. The time that it may take begins anew. */
static void
watch(struct bufferevent *b, short what, bool wanted)
{
	struct event *event = what == EV_READ ? b->readable : b->writable;

	if (wanted && (b->enabled & what) != 0 && b->fd >= 0)
		event_add(event, b->limited ? &b->limit : NULL);
	else
		event_del(event);
}

static void
watch_in(struct bufferevent *b)
{
	watch(b, EV_READ, b->in_max == 0 ||
	    evbuffer_get_length(b->in) < b->in_max);
}

static void
watch_out(struct bufferevent *b)
{
	watch(b, EV_WRITE, evbuffer_get_length(b->out) > 0);
}

static void
on_taken(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	(void)in;
	if (info->n_deleted > 0)
		watch_in(arg);
}

static void
on_put(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct bufferevent *b = arg;

	(void)out;
	if (info->n_added > 0 &&
	    event_pending(b->writable, EV_WRITE, NULL) == 0)
		watch_out(b);
}

/* It has failed, or its time is up. The handler may free it. */
static void
give_up(struct bufferevent *b, short direction, short why)
{
	short what = direction == BEV_EVENT_READING ? EV_READ : EV_WRITE;

	bufferevent_disable(b, what);
	b->event(b, (short)(direction | why), b->arg);
}

/* While it waits for that there is room. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct bufferevent *b = arg;
	size_t len = evbuffer_get_length(b->in);
	int n;

	if ((what & EV_READ) == 0) {
		give_up(b, BEV_EVENT_READING, BEV_EVENT_TIMEOUT);
		return;
	}
	n = evbuffer_read(b->in, fd, b->in_max == 0 ? -1 :
	    (int)(b->in_max - len));
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		give_up(b, BEV_EVENT_READING, n == 0 ? BEV_EVENT_EOF :
		    BEV_EVENT_ERROR);
		return;
	}
	watch_in(b);
	b->read(b, b->arg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct bufferevent *b = arg;

	if ((what & EV_WRITE) == 0) {
		give_up(b, BEV_EVENT_WRITING, BEV_EVENT_TIMEOUT);
		return;
	}
	if (evbuffer_write_atmost(b->out, fd, -1) < 0) {
		if (errno != EAGAIN)
			give_up(b, BEV_EVENT_WRITING, BEV_EVENT_ERROR);
		return;
	}
	watch_out(b);
	if (evbuffer_get_length(b->out) == 0)
		b->written(b, b->arg);
}

/* Have events of its descriptor. */
static int
make_events(struct bufferevent *b)
{
	b->readable = event_new(b->loop, b->fd, EV_READ | EV_PERSIST,
	    on_readable, b);
	b->writable = event_new(b->loop, b->fd, EV_WRITE | EV_PERSIST,
	    on_writable, b);
	return b->readable != NULL && b->writable != NULL ? 0 : -1;
}

struct bufferevent *
bufferevent_socket_new(struct event_base *loop, evutil_socket_t fd,
    int options)
{
	struct bufferevent *b = calloc(1, sizeof(*b));

	(void)options;
	if (b == NULL)
		return NULL;
	b->loop = loop;
	b->fd = fd;
	b->enabled = EV_WRITE;
	b->in = evbuffer_new();
	b->out = evbuffer_new();
	if (b->in == NULL || b->out == NULL || make_events(b) < 0 ||
	    evbuffer_add_cb(b->in, on_taken, b) == NULL ||
	    evbuffer_add_cb(b->out, on_put, b) == NULL) {
		bufferevent_free(b);
		return NULL;
	}
	return b;
}

void
bufferevent_free(struct bufferevent *b)
{
	if (b->readable != NULL)
		event_free(b->readable);
	if (b->writable != NULL)
		event_free(b->writable);
	if (b->in != NULL)
		evbuffer_free(b->in);
	if (b->out != NULL)
		evbuffer_free(b->out);
	free(b);
}

void
bufferevent_setcb(struct bufferevent *b, bufferevent_data_cb readcb,
    bufferevent_data_cb writecb, bufferevent_event_cb eventcb, void *cbarg)
{
	b->read = readcb;
	b->written = writecb;
	b->event = eventcb;
	b->arg = cbarg;
}

void
bufferevent_setwatermark(struct bufferevent *b, short what, size_t low,
    size_t high)
{
	(void)low;
	if ((what & EV_READ) == 0)
		return;
	b->in_max = high;
	watch_in(b);
}

int
bufferevent_set_timeouts(struct bufferevent *b, const struct timeval *reads,
    const struct timeval *writes)
{
	(void)writes;			/* as for reads */
	b->limited = reads != NULL;
	if (reads != NULL)
		b->limit = *reads;
	watch_in(b);
	watch_out(b);
	return 0;
}

int
bufferevent_enable(struct bufferevent *b, short what)
{
	b->enabled |= what;
	watch_in(b);
	watch_out(b);
	return 0;
}

int
bufferevent_disable(struct bufferevent *b, short what)
{
	b->enabled &= (short)~what;
	if ((what & EV_READ) != 0)
		event_del(b->readable);
	if ((what & EV_WRITE) != 0)
		event_del(b->writable);
	return 0;
}

evutil_socket_t
bufferevent_getfd(struct bufferevent *b)
{
	return b->fd;
}

/* No descriptor from now on: it is for being closed before this is freed. */
int
bufferevent_setfd(struct bufferevent *b, evutil_socket_t fd)
{
	if (fd >= 0)
		abort();
	b->fd = fd;
	return bufferevent_disable(b, EV_READ | EV_WRITE);
}

struct evbuffer *
bufferevent_get_input(struct bufferevent *b)
{
	return b->in;
}

struct evbuffer *
bufferevent_get_output(struct bufferevent *b)
{
	return b->out;
}

int
bufferevent_write(struct bufferevent *b, const void *data, size_t len)
{
	return evbuffer_add(b->out, data, len);
}
