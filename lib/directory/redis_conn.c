/*
 * redis_conn: hiredis' parser on the streams of lib/net. Called by redis_link.
 * See redis_conn.h.
 */
#include "directory/redis_conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/buffer.h"
#include "net/connect.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "net/tls.h"

#define CHUNK 16384
/* A subscriber's devices with all their fields need about a hundred. */
#define ELEMENTS_MAX 65536
/* Of one reply, and of what waits to be sent: a part of an import is 1 MB. */
#define BYTES_MAX (16 << 20)
#define PENDING_FIRST 64

#if HIREDIS_MAJOR > 0
typedef size_t count;
#else
typedef int count;
#endif

struct pending {
	redis_reply_handler *done;
	void *arg;
};

struct redis_conn {
	struct event_base *loop;
	struct redis_target target;
	redis_closed_handler *closed;
	void *arg;

	int fd;				/* while it connects */
	struct loop_event *connected;
	struct buffer *early;		/* commands until it is connected */
	struct tcp_stream *tcp;
	struct tls *tls;

	redisReader *reader;
	redisReplyObjectFunctions *plain, ours;
	size_t unparsed;		/* bytes since the last whole reply */

	struct pending *ring;		/* of `room`, a power of two */
	size_t room, first, n;
	uint64_t heard_ms;		/* the last reply, or first command */

	unsigned busy;			/* handlers that are running */
	bool ended, freed;
	bool heard;			/* a whole reply came */
};

static void *
make_array(const redisReadTask *task, count n)
{
	const struct redis_conn *conn = task->privdata;

	return n <= ELEMENTS_MAX ? conn->plain->createArray(task, n) : NULL;
}

static void
conn_destroy(struct redis_conn *conn)
{
	tcp_stream_free(conn->tcp);
	tls_free(conn->tls);
	loop_event_free(conn->connected);
	if (conn->fd >= 0)
		close(conn->fd);
	buffer_free(conn->early);
	if (conn->reader != NULL)
		redisReaderFree(conn->reader);
	free(conn->ring);
	free(conn);
}

/* Answer the oldest command. */
static void
answer_first(struct redis_conn *conn, const redisReply *reply)
{
	struct pending p = conn->ring[conn->first];

	conn->first = (conn->first + 1) & (conn->room - 1);
	conn->n--;
	conn->heard_ms = clock_ms();
	p.done(reply, p.arg);
}

/* End it: what is pending gets no reply any more. */
static void
conn_end(struct redis_conn *conn, const char *why)
{
	char text[WHY_TEXT];

	if (conn->ended)
		return;
	why_set(text, "%s", why);
	conn->ended = true;
	conn->busy++;
	while (conn->n > 0)
		answer_first(conn, NULL);
	if (!conn->freed)
		conn->closed(text, conn->arg);
	if (--conn->busy == 0 && conn->freed)
		conn_destroy(conn);
}

void
redis_conn_free(struct redis_conn *conn)
{
	if (conn == NULL || conn->freed)
		return;
	conn->freed = true;
	conn->ended = true;
	conn->busy++;
	while (conn->n > 0)
		answer_first(conn, NULL);
	if (--conn->busy == 0)
		conn_destroy(conn);
}

static void
on_unasked(struct redis_conn *conn, const redisReply *reply)
{
	/* As "max number of clients reached", which closes it. */
	conn_end(conn, reply->type == REDIS_REPLY_ERROR ? reply->str :
	    "it answers what was not asked");
}

/* An error's words go into a log or to a terminal. */
static void
clean_words(const redisReply *reply)
{
	size_t i;

	if (reply->type != REDIS_REPLY_ERROR)
		return;
	for (i = 0; i < (size_t)reply->len; i++)
		if (reply->str[i] < ' ' || reply->str[i] > '~')
			reply->str[i] = '?';
}

/* Give out every whole reply. */
static void
take_replies(struct redis_conn *conn)
{
	void *reply;

	while (!conn->ended) {
		if (redisReaderGetReply(conn->reader, &reply) != REDIS_OK) {
			conn_end(conn, "it does not speak Redis' protocol");
			return;
		}
		if (reply == NULL)
			return;
		conn->heard = true;
		conn->unparsed = 0;
		clean_words(reply);
		if (conn->n > 0)
			answer_first(conn, reply);
		else
			on_unasked(conn, reply);
		freeReplyObject(reply);
	}
}

static void
on_data(struct buffer *in, void *arg)
{
	struct redis_conn *conn = arg;
	char chunk[CHUNK];
	size_t n;

	conn->busy++;
	while (!conn->ended && (n = buffer_take(in, chunk, CHUNK)) > 0) {
		conn->unparsed += n;
		if (conn->unparsed > BYTES_MAX)
			conn_end(conn, "its answer is too long");
		else if (redisReaderFeed(conn->reader, chunk, n) != REDIS_OK)
			conn_end(conn, "out of memory");
		else
			take_replies(conn);
	}
	if (--conn->busy == 0 && conn->freed)
		conn_destroy(conn);
}

/* A port for TLS alone closes what speaks without. */
static void
on_ended(void *arg)
{
	struct redis_conn *conn = arg;

	conn_end(conn, conn->heard || conn->target.path != NULL ?
	    "the connection was lost" :
	    "it closed without an answer: does it want TLS (rediss)?");
}

/* The commands of the meantime have been sent; their answers say more. */
static void
on_tls_ready(void *arg)
{
	(void)arg;
}

static void
on_tls_closed(int err, const char *why, void *arg)
{
	conn_end(arg, err < 0 ? why : "the connection was closed");
}

/* Make the stream of a connected socket, which it takes over. */
static int
stream_open(struct redis_conn *conn, int fd)
{
	static const struct tcp_stream_handlers tcp = { on_data, on_ended };
	static const struct tls_handlers tls = {
		.ready = on_tls_ready, .data = on_data,
		.closed = on_tls_closed
	};
	struct tls_options options = {
		.server_name = conn->target.name, .out_max = BYTES_MAX
	};

	if (conn->target.tls != NULL)
		return tls_new(&conn->tls, conn->loop, fd, conn->target.tls,
		    &options, &tls, conn);
	return tcp_stream_new(&conn->tcp, conn->loop, fd, CHUNK, &tcp, conn);
}

static int
conn_write(struct redis_conn *conn, const void *data, size_t len)
{
	if (conn->tls != NULL)
		return tls_write(conn->tls, data, len);
	if (conn->tcp == NULL)	/* not connected yet */
		return buffer_len(conn->early) + len > BYTES_MAX ? -ENOBUFS :
		    buffer_add(conn->early, data, len);
	if (tcp_stream_unsent(conn->tcp) + len > BYTES_MAX)
		return -ENOBUFS;
	return tcp_stream_write(conn->tcp, data, len);
}

static void
on_connected(void *arg)
{
	static const int one = 1;
	struct redis_conn *conn = arg;
	int fd = conn->fd, err = connect_result(fd);
	size_t len = buffer_len(conn->early);

	if (err == 0) {
		/* A Unix socket refuses this, and does not need it. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		conn->fd = -1;
		err = stream_open(conn, fd);
	}
	if (err == 0 && len > 0)
		err = conn_write(conn, buffer_front(conn->early, -1), len);
	buffer_drain(conn->early, len);
	if (err < 0)
		conn_end(conn, connect_error_text(err));
}

static int
connect_path(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int
reader_init(struct redis_conn *conn)
{
	conn->reader = redisReaderCreate();
	if (conn->reader == NULL)
		return -ENOMEM;
	conn->plain = conn->reader->fn;
	conn->ours = *conn->plain;
	conn->ours.createArray = make_array;
	conn->reader->fn = &conn->ours;
	conn->reader->privdata = conn;
	return 0;
}

/* Do the rest of opening. After a failure conn_destroy cleans up. */
static int
conn_start(struct redis_conn *conn)
{
	const struct redis_target *target = &conn->target;
	int err = reader_init(conn);

	conn->early = buffer_new();
	conn->ring = calloc(PENDING_FIRST, sizeof(*conn->ring));
	if (err < 0 || conn->early == NULL || conn->ring == NULL)
		return -ENOMEM;
	conn->room = PENDING_FIRST;
	conn->fd = target->path != NULL ? connect_path(target->path) :
	    connect_open(&target->addr);
	if (conn->fd < 0)
		return conn->fd;
	conn->connected = loop_writer_new(conn->loop, conn->fd, on_connected,
	    conn);
	return conn->connected != NULL ? loop_event_start(conn->connected) :
	    -ENOMEM;
}

int
redis_conn_open(struct redis_conn **out, struct event_base *loop,
    const struct redis_target *target, redis_closed_handler *closed,
    void *arg)
{
	struct redis_conn *conn = calloc(1, sizeof(*conn));
	int err;

	if (conn == NULL)
		return -ENOMEM;
	conn->loop = loop;
	conn->target = *target;
	conn->closed = closed;
	conn->arg = arg;
	conn->fd = -1;
	err = conn_start(conn);
	if (err < 0) {
		conn_destroy(conn);
		return err;
	}
	*out = conn;
	return 0;
}

static int
make_room_for_one(struct redis_conn *conn)
{
	struct pending *ring;
	size_t i;

	if (conn->n < conn->room)
		return 0;
	ring = calloc(2 * conn->room, sizeof(*ring));
	if (ring == NULL)
		return -ENOMEM;
	for (i = 0; i < conn->n; i++)
		ring[i] = conn->ring[(conn->first + i) & (conn->room - 1)];
	free(conn->ring);
	conn->ring = ring;
	conn->first = 0;
	conn->room *= 2;
	return 0;
}

int
redis_conn_ask(struct redis_conn *conn, int n, const char *const words[],
    const size_t lens[], redis_reply_handler *done, void *arg)
{
	char *command;
	int len, err;

	if (conn->ended)
		return -EIO;
	if (make_room_for_one(conn) < 0)
		return -ENOMEM;
	len = redisFormatCommandArgv(&command, n, (const char **)words, lens);
	if (len < 0)
		return -ENOMEM;
	err = conn_write(conn, command, (size_t)len);
	redisFreeCommand(command);
	if (err < 0)
		return -EIO;
	if (conn->n == 0)
		conn->heard_ms = clock_ms();
	conn->ring[(conn->first + conn->n++) & (conn->room - 1)] =
	    (struct pending){ done, arg };
	return 0;
}

/* A port without TLS waits for the rest of what it takes for a command. */
const char *
redis_conn_silence(const struct redis_conn *conn)
{
	return conn->tls != NULL && !conn->heard ?
	    "it does not answer: is it a port without TLS (redis)?" :
	    "it does not answer";
}

uint64_t
redis_conn_silent_ms(const struct redis_conn *conn)
{
	return conn->n > 0 ? clock_ms() - conn->heard_ms : 0;
}
