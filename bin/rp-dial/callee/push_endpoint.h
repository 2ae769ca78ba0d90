/*
 * push_endpoint: a Web Push endpoint of our own (RFC 8030), an HTTP listener
 * with one secret path, the keys that its messages are encrypted for, and the
 * key that signs them. Other messages are refused and counted, never parsed.
 */
#ifndef RP_DIAL_PUSH_ENDPOINT_H
#define RP_DIAL_PUSH_ENDPOINT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

struct addr;
struct event_base;
struct push_endpoint;

/*
 * A decrypted message; valid during the call. `is_signed`: by a key that
 * push_endpoint_set_key was given.
 */
typedef void push_endpoint_handler(const char *text, size_t len,
    bool is_signed, void *arg);

/*
 * Listen on `listen`, whose port may be 0. `public_url` is the address's URL on
 * the Internet ("https://example.org/me"; the secret path is appended), or NULL
 * for http:// and the address itself.
 */
int push_endpoint_new(struct push_endpoint **out, struct event_base *loop,
    const struct addr *listen, const char *public_url,
    push_endpoint_handler *pushed, void *arg);

/* Return the bound address. */
const struct addr *push_endpoint_addr(const struct push_endpoint *endpoint);

/*
 * Set the VAPID key of the switch (RFC 8292), in base64url as it announces it,
 * or NULL if it has none. From now on a push must be signed by it, or by the
 * one before it, because a registration takes a moment to arrive. Without a
 * key no push can be checked.
 *
 *  -EINVAL  not a key
 *  -ENOMEM
 */
int push_endpoint_set_key(struct push_endpoint *endpoint, const char *key);

/*
 * Return the body of PUT /push: {"type": "webpush", "to": subscription}, and
 * the key that was set. It is valid until the next one is set.
 */
const char *push_endpoint_registration(const struct push_endpoint *endpoint);

/* Free the endpoint. NULL is allowed. */
void push_endpoint_free(struct push_endpoint *endpoint);

#endif
