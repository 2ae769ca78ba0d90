/*
 * buffer: bytes that come in at one end and go out at the other, in pieces of
 * any size. Copies little: what is read from a descriptor or moved from another
 * buffer stays where it is.
 */
#ifndef RP_NET_BUFFER_H
#define RP_NET_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buffer;

/* NULL if out of memory. */
struct buffer *buffer_new(void);
/* NULL is fine. */
void buffer_free(struct buffer *buffer);

size_t buffer_len(const struct buffer *buffer);

/*
 * The first `len` bytes in one piece, valid until the buffer changes; a
 * negative `len` means all. NULL if the buffer has fewer, or without memory.
 */
const void *buffer_front(struct buffer *buffer, ssize_t len);

/* Add behind what is there. 0 or -ENOMEM. */
int buffer_add(struct buffer *buffer, const void *data, size_t len);
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drop the first `len` bytes, or all if there are fewer. */
void buffer_drain(struct buffer *buffer, size_t len);

/* Copy the first `len` bytes, or all if there are fewer. Returns how many. */
size_t buffer_peek(const struct buffer *buffer, void *data, size_t len);

/* The same, and drop them. */
size_t buffer_take(struct buffer *buffer, void *data, size_t len);

/* Move the first `len` bytes behind what `to` has. 0 or -ENOMEM. */
int buffer_move(struct buffer *to, struct buffer *from, size_t len);

/* Where `text` first stands, or -1. */
ssize_t buffer_find(const struct buffer *buffer, const char *text, size_t len);

/*
 * Read at most `max` bytes from a descriptor, or write what it takes. How many;
 * 0 when reading: the end. A negative errno: -EAGAIN and others.
 */
ssize_t buffer_read(struct buffer *buffer, int fd, size_t max);
ssize_t buffer_write(struct buffer *buffer, int fd);

#endif
