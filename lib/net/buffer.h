/*
 * buffer: a queue of bytes, filled and drained in pieces of any size. It copies
 * little: bytes read from a descriptor or moved from another buffer stay where
 * they are.
 */
#ifndef RP_NET_BUFFER_H
#define RP_NET_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buffer;

/* Make an empty buffer. NULL if out of memory. */
struct buffer *buffer_new(void);
/* Free the buffer. NULL is fine. */
void buffer_free(struct buffer *buffer);

size_t buffer_len(const struct buffer *buffer);

/*
 * Return the first `len` bytes in one piece, valid until the buffer changes; a
 * negative `len` means all. NULL if the buffer has fewer, or if out of memory.
 */
const void *buffer_front(struct buffer *buffer, ssize_t len);

/* Append to the buffer. Return 0 or -ENOMEM. */
int buffer_add(struct buffer *buffer, const void *data, size_t len);
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drop the first `len` bytes, or all if there are fewer. */
void buffer_drain(struct buffer *buffer, size_t len);

/* Copy the first `len` bytes, or all if there are fewer. Return how many. */
size_t buffer_peek(const struct buffer *buffer, void *data, size_t len);

/* Copy likewise, and drop what was copied. */
size_t buffer_take(struct buffer *buffer, void *data, size_t len);

/* Move the first `len` bytes to the end of `to`. Return 0 or -ENOMEM. */
int buffer_move(struct buffer *to, struct buffer *from, size_t len);

/* Return where `text` first occurs, or -1. */
ssize_t buffer_find(const struct buffer *buffer, const char *text, size_t len);

/*
 * Read at most `max` bytes from a descriptor, or write what it accepts. Return
 * how many; 0 when reading means the end. Otherwise return a negative errno,
 * -EAGAIN among them.
 */
ssize_t buffer_read(struct buffer *buffer, int fd, size_t max);
ssize_t buffer_write(struct buffer *buffer, int fd);

#endif
