/* buffer: on libevent's evbuffer, of which struct buffer is another name. */
#include "net/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include <event2/buffer.h>

static struct evbuffer *
of(struct buffer *buffer)
{
	return (struct evbuffer *)buffer;
}

/*
 * Return the evbuffer for reading, which changes nothing; the library's
 * functions lack const.
 */
static struct evbuffer *
reader_of(const struct buffer *buffer)
{
	return (struct evbuffer *)(uintptr_t)buffer;
}

struct buffer *
buffer_new(void)
{
	return (struct buffer *)evbuffer_new();
}

void
buffer_free(struct buffer *buffer)
{
	if (buffer != NULL)
		evbuffer_free(of(buffer));
}

size_t
buffer_len(const struct buffer *buffer)
{
	return evbuffer_get_length(reader_of(buffer));
}

const void *
buffer_front(struct buffer *buffer, ssize_t len)
{
	return evbuffer_pullup(of(buffer), len);
}

int
buffer_add(struct buffer *buffer, const void *data, size_t len)
{
	return evbuffer_add(of(buffer), data, len) < 0 ? -ENOMEM : 0;
}

int
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = evbuffer_add_vprintf(of(buffer), format, ap);
	va_end(ap);
	return n < 0 ? -ENOMEM : 0;
}

void
buffer_drain(struct buffer *buffer, size_t len)
{
	evbuffer_drain(of(buffer), len);
}

size_t
buffer_peek(const struct buffer *buffer, void *data, size_t len)
{
	ssize_t n = evbuffer_copyout(reader_of(buffer), data, len);

	return n > 0 ? (size_t)n : 0;
}

size_t
buffer_take(struct buffer *buffer, void *data, size_t len)
{
	int n = evbuffer_remove(of(buffer), data, len);

	return n > 0 ? (size_t)n : 0;
}

int
buffer_move(struct buffer *to, struct buffer *from, size_t len)
{
	return evbuffer_remove_buffer(of(from), of(to), len) < 0 ? -ENOMEM : 0;
}

ssize_t
buffer_find(const struct buffer *buffer, const char *text, size_t len)
{
	return evbuffer_search(reader_of(buffer), text, len, NULL).pos;
}

ssize_t
buffer_read(struct buffer *buffer, int fd, size_t max)
{
	int n = evbuffer_read(of(buffer), fd, (int)max);

	return n < 0 ? -errno : n;
}

ssize_t
buffer_write(struct buffer *buffer, int fd)
{
	int n = evbuffer_write(of(buffer), fd);

	return n < 0 ? -errno : n;
}
