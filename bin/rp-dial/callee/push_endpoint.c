/*
 * push_endpoint: the HTTP listener that receives Web Push messages and
 * decrypts them. See push_endpoint.h.
 */
#include "config.h"
#include "callee/push_endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/vapidcheck.h"
#include "base/webpush.h"
#include "net/buffer.h"
#include "net/httpd.h"
#include "wire/addr.h"
#include "wire/base64.h"
#include "wire/p256.h"
#include "wire/pushurl.h"
#include "wire/why.h"

#define SECRET 16		/* bytes of the path: cannot be guessed */
#define BODY_MAX 4096		/* RFC 8030 5: what an endpoint must take */
#define HEADERS_MAX 4096
#define IDLE_S 10
#define KEYS 2			/* the switch's, and the one that it replaced */

struct push_endpoint {
	struct httpd *http;
	struct addr addr;
	struct webpush_keys keys;
	char path[HEX_TEXT(SECRET)];
	char *url;
	char origin[PUSHURL_ORIGIN];	/* "": no sender can write it either */
	uint8_t signers[KEYS][P256_POINT];	/* the newest first */
	size_t n_signers;
	char *registration;
	uint64_t refused;
	push_endpoint_handler *pushed;
	void *arg;
};

static void
refuse_request(struct push_endpoint *e, struct httpd_request *request,
    int status, const char *reason)
{
	e->refused++;
	log_debug("push_refused", "reason=\"%s\" refused=%llu", reason,
	    (unsigned long long)e->refused);
	httpd_refuse(request, status, reason);
}

/*
 * Compare the path's last part, because a proxy may have added others in front.
 */
static bool
is_ours(const struct push_endpoint *e, struct httpd_request *request)
{
	const char *path = httpd_path(request);
	const char *last = path != NULL ? strrchr(path, '/') : NULL;

	return last != NULL && strlen(last + 1) == strlen(e->path) &&
	    crypto_equal(last + 1, e->path, strlen(e->path));
}

static bool
is_encrypted(struct httpd_request *request)
{
	const char *coding = httpd_header(request, "Content-Encoding");

	return coding != NULL && strcmp(coding, "aes128gcm") == 0;
}

/*
 * Check who signed a push. A token of the right key is out of date only if one
 * of the clocks is wrong, which somebody has to be told.
 */
static int
check_signature(const struct push_endpoint *e, struct httpd_request *request,
    char why[static WHY_TEXT])
{
	const char *header = httpd_header(request, "Authorization");
	struct vapidcheck wanted = {
		.origin = e->origin, .now_s = clock_wall_s()
	};
	int err = 0;
	size_t i;

	for (i = 0; i < e->n_signers; i++) {
		wanted.key = e->signers[i];
		err = vapidcheck_header(&wanted, header, why);
		if (err != -EACCES)
			break;
	}
	if (err == -EKEYEXPIRED)
		log_warn("push_refused", "error=\"%s\"", why);
	return err;
}

static void
on_request(struct httpd_request *request, void *arg)
{
	struct push_endpoint *e = arg;
	const struct buffer *in = httpd_body(request);
	size_t len = buffer_len(in), plain_len;
	uint8_t body[BODY_MAX], plain[BODY_MAX];
	char why[WHY_TEXT];
	int err;

	if (!is_ours(e, request)) {
		refuse_request(e, request, 404, "no such subscription");
		return;
	}
	if (!httpd_is_post(request)) {
		refuse_request(e, request, 405, "only POST");
		return;
	}
	err = check_signature(e, request, why);
	if (err < 0) {
		if (err == -ENOENT)
			httpd_set_header(request, "WWW-Authenticate", "vapid");
		refuse_request(e, request, err == -ENOENT ? 401 : 403, why);
		return;
	}
	if (!is_encrypted(request) || len > sizeof(body)) {
		refuse_request(e, request, len > sizeof(body) ? 413 : 415,
		    "wants Content-Encoding: aes128gcm, at most 4096 bytes");
		return;
	}
	buffer_peek(in, body, len);
	if (webpush_decrypt(plain, &plain_len, body, len, &e->keys) < 0) {
		refuse_request(e, request, 400,
		    "not encrypted for this subscription");
		return;
	}
	httpd_set_header(request, "TTL", "0");
	httpd_answer(request, 201, "Created", NULL);
	/* Without a key nothing was checked. */
	e->pushed((const char *)plain, plain_len, e->n_signers > 0, e->arg);
	crypto_wipe(plain, sizeof(plain));
}

static int
listen_on(struct push_endpoint *e, struct event_base *loop,
    const struct addr *listen)
{
	static const struct httpd_options options = {
		.head_max = HEADERS_MAX, .body_max = BODY_MAX, .idle_s = IDLE_S
	};

	e->addr = *listen;
	return httpd_new(&e->http, loop, &e->addr, &options, on_request, e);
}

static int
make_url(const struct push_endpoint *e, const char *public_url, char **url)
{
	char addr[ADDR_TEXT];
	size_t len;

	if (public_url == NULL)
		return asprintf(url, "http://%s/push/%s",
		    addr_format(&e->addr, addr), e->path) < 0 ? -ENOMEM : 0;
	len = strlen(public_url);
	while (len > 0 && public_url[len - 1] == '/')
		len--;
	return asprintf(url, "%.*s/%s", (int)len, public_url, e->path) < 0 ?
	    -ENOMEM : 0;
}

/* Write the origin, by which a sender signs. */
static void
set_origin(struct push_endpoint *e)
{
	char why[WHY_TEXT];
	struct pushurl url;

	if (pushurl_parse(&url, e->url, why) == 0)
		pushurl_origin(&url, e->origin);
}

/* Make the registration, with the key unless it is NULL. */
static int
make_registration(struct push_endpoint *e, const char *key)
{
	char public[BASE64_TEXT(WEBPUSH_PUBLIC)];
	char auth[BASE64_TEXT(WEBPUSH_AUTH)];
	json_t *root;
	char *text;

	base64_encode_url(public, e->keys.public, WEBPUSH_PUBLIC);
	base64_encode_url(auth, e->keys.auth, WEBPUSH_AUTH);
	root = json_pack("{s:s, s:{s:s, s:{s:s, s:s}}, s:s*}", "type",
	    "webpush", "to", "endpoint", e->url, "keys", "p256dh", public,
	    "auth", auth, "key", key);
	if (root == NULL)
		return -EINVAL;	/* not UTF-8: it came from the command line */
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (text == NULL)
		return -ENOMEM;
	free(e->registration);
	e->registration = text;
	return 0;
}

int
push_endpoint_new(struct push_endpoint **out, struct event_base *loop,
    const struct addr *listen, const char *public_url,
    push_endpoint_handler *pushed, void *arg)
{
	struct push_endpoint *e = calloc(1, sizeof(*e));
	int err;

	if (e == NULL)
		return -ENOMEM;
	e->pushed = pushed;
	e->arg = arg;
	err = crypto_random_hex(e->path, SECRET);
	if (err == 0)
		err = webpush_keys_new(&e->keys);
	if (err == 0)
		err = listen_on(e, loop, listen);
	if (err == 0)
		err = make_url(e, public_url, &e->url);
	if (err == 0) {
		set_origin(e);
		err = make_registration(e, NULL);
	}
	if (err < 0) {
		push_endpoint_free(e);
		return err;
	}
	*out = e;
	return 0;
}

const struct addr *
push_endpoint_addr(const struct push_endpoint *e)
{
	return &e->addr;
}

int
push_endpoint_set_key(struct push_endpoint *e, const char *key)
{
	uint8_t point[P256_POINT];
	size_t n = sizeof(point);
	int err;

	if (key != NULL && (base64_decode(point, &n, key, strlen(key)) < 0 ||
	    n != sizeof(point) || !p256_is_point(point)))
		return -EINVAL;
	err = make_registration(e, key);
	if (err < 0)
		return err;
	if (key == NULL) {
		e->n_signers = 0;
	} else if (e->n_signers == 0 ||
	    memcmp(e->signers[0], point, sizeof(point)) != 0) {
		memcpy(e->signers[1], e->signers[0], sizeof(point));
		memcpy(e->signers[0], point, sizeof(point));
		if (e->n_signers < KEYS)
			e->n_signers++;
	}
	return 0;
}

const char *
push_endpoint_registration(const struct push_endpoint *e)
{
	return e->registration;
}

void
push_endpoint_free(struct push_endpoint *e)
{
	if (e == NULL)
		return;
	httpd_free(e->http);
	crypto_wipe(&e->keys, sizeof(e->keys));
	free(e->url);
	free(e->registration);
	free(e);
}
