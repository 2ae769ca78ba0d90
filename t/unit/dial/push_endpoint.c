/*
 * The Web Push endpoint over HTTP. A message encrypted for it arrives. Anything
 * else is refused with a status that says why, and is not handed on.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>

#include "base/clock.h"
#include "base/jwt.h"
#include "base/webpush.h"
#include "callee/push_endpoint.h"
#include "unit.h"
#include "wire/addr.h"
#include "wire/base64.h"

struct world {
	struct event_base *loop;
	struct push_endpoint *endpoint;
	char url[256];
	uint8_t public[WEBPUSH_PUBLIC], auth[WEBPUSH_AUTH];
	char *authorization;		/* for the next requests, or NULL */
	int pushes, status;
	bool is_signed;
	char text[WEBPUSH_PLAIN_MAX + 1];
};

static void
on_push(const char *text, size_t len, bool is_signed, void *arg)
{
	struct world *w = arg;

	w->pushes++;
	w->is_signed = is_signed;
	memcpy(w->text, text, len);
	w->text[len] = '\0';
}

static void
read_key(const json_t *keys, const char *name, uint8_t *out, size_t out_bytes)
{
	const char *text = json_string_value(json_object_get(keys, name));
	size_t n = out_bytes;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(base64_decode(out, &n, text, strlen(text)), 0);
	ck_assert_uint_eq(n, out_bytes);
}

static void
open_world(struct world *w, const char *public_url)
{
	struct addr addr;
	json_t *root, *to;

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1", 0), 0);
	ck_assert_int_eq(push_endpoint_new(&w->endpoint, w->loop, &addr,
	    public_url, on_push, w), 0);
	root = json_loads(push_endpoint_registration(w->endpoint), 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(root, "type")),
	    "webpush");
	to = json_object_get(root, "to");
	snprintf(w->url, sizeof(w->url), "%s",
	    json_string_value(json_object_get(to, "endpoint")));
	read_key(json_object_get(to, "keys"), "p256dh", w->public,
	    sizeof(w->public));
	read_key(json_object_get(to, "keys"), "auth", w->auth,
	    sizeof(w->auth));
	json_decref(root);
}

static void
close_world(struct world *w)
{
	free(w->authorization);
	push_endpoint_free(w->endpoint);
	event_base_free(w->loop);
}

static void
on_response(struct evhttp_request *request, void *arg)
{
	struct world *w = arg;

	w->status = request == NULL ? -1 :
	    evhttp_request_get_response_code(request);
	event_base_loopbreak(w->loop);
}

static int
post(struct world *w, enum evhttp_cmd_type method, const char *path,
    const char *coding, const void *body, size_t len)
{
	const struct addr *addr = push_endpoint_addr(w->endpoint);
	struct evhttp_connection *connection = evhttp_connection_base_new(
	    w->loop, NULL, "127.0.0.1", addr_port(addr));
	struct evhttp_request *request = evhttp_request_new(on_response, w);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	evhttp_add_header(headers, "Host", "localhost");
	if (coding != NULL)
		evhttp_add_header(headers, "Content-Encoding", coding);
	if (w->authorization != NULL)
		evhttp_add_header(headers, "Authorization", w->authorization);
	evbuffer_add(evhttp_request_get_output_buffer(request), body, len);
	w->status = 0;
	ck_assert_int_eq(evhttp_make_request(connection, request, method,
	    path), 0);
	event_base_dispatch(w->loop);
	evhttp_connection_free(connection);
	return w->status;
}

static size_t
encrypt(struct world *w, uint8_t body[static 4096], const char *text)
{
	size_t n = 4096;

	ck_assert_int_eq(webpush_encrypt(body, &n, text, strlen(text),
	    w->public, w->auth), 0);
	return n;
}

START_TEST(takes_what_is_for_us)
{
	uint8_t body[4096];
	struct world w;
	const char *path;
	size_t n;

	open_world(&w, NULL);
	path = strstr(w.url, "/push/");
	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(strncmp(w.url, "http://127.0.0.1:", 17), 0);
	n = encrypt(&w, body, "{\"kind\": \"call\"}");
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n),
	    201);
	ck_assert_int_eq(w.pushes, 1);
	ck_assert_str_eq(w.text, "{\"kind\": \"call\"}");
	close_world(&w);
}
END_TEST

START_TEST(refuses_the_rest)
{
	uint8_t body[4096], large[5000] = { 0 };
	struct world w;
	char path[512];
	size_t n;

	open_world(&w, NULL);
	strcpy(path, strstr(w.url, "/push/"));
	n = encrypt(&w, body, "x");
	ck_assert_int_eq(post(&w, EVHTTP_REQ_GET, path, NULL, "", 0), 405);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, NULL, body, n), 415);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aesgcm", body, n),
	    415);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", large,
	    sizeof(large)), 413);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", "", 0),
	    400);
	body[n - 1] ^= 1;
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n),
	    400);
	body[n - 1] ^= 1;
	path[strlen(path) - 1] ^= 1;
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n),
	    404);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, "/", "aes128gcm", body, n),
	    404);
	ck_assert_int_eq(w.pushes, 0);
	close_world(&w);
}
END_TEST

START_TEST(stands_behind_a_proxy)
{
	uint8_t body[4096];
	struct world w;
	char path[512];
	size_t n;

	open_world(&w, "https://example.org/me/");
	ck_assert_int_eq(strncmp(w.url, "https://example.org/me/", 23), 0);
	n = encrypt(&w, body, "x");
	/* The proxy may strip its part of the path, or not. */
	snprintf(path, sizeof(path), "/%.200s", w.url + 23);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n),
	    201);
	snprintf(path, sizeof(path), "/me/%.200s", w.url + 23);
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n),
	    201);
	ck_assert_int_eq(w.pushes, 2);
	close_world(&w);
}
END_TEST

static struct jwt_key *
new_key(char text[static BASE64_TEXT(JWT_PUBLIC)])
{
	uint8_t public[JWT_PUBLIC];
	struct jwt_key *key;
	char why[WHY_TEXT], *pem;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	free(pem);
	ck_assert_int_eq(jwt_key_public(key, public), 0);
	base64_encode_url(text, public, sizeof(public));
	return key;
}

/* Sign the next requests, or say nothing if `key` is NULL. */
static void
sign_by(struct world *w, const struct jwt_key *key, const char *public,
    int64_t expiry_s)
{
	char origin[256], *token;
	json_t *claims;

	free(w->authorization);
	w->authorization = NULL;
	if (key == NULL)
		return;
	snprintf(origin, sizeof(origin), "%.*s",
	    (int)(strstr(w->url, "/push/") - w->url), w->url);
	claims = json_pack("{s:s, s:I}", "aud", origin, "exp",
	    (json_int_t)expiry_s);
	ck_assert_int_eq(jwt_sign(&token, key, NULL, claims), 0);
	json_decref(claims);
	ck_assert_int_gt(asprintf(&w->authorization, "vapid t=%s, k=%s",
	    token, public), 0);
	free(token);
}

START_TEST(checks_the_sender)
{
	char ours[BASE64_TEXT(JWT_PUBLIC)], next[BASE64_TEXT(JWT_PUBLIC)];
	struct jwt_key *key = new_key(ours), *later = new_key(next);
	int64_t soon_s = clock_wall_s() + 3600;
	uint8_t body[4096];
	struct world w;
	const char *path;
	size_t n;

	open_world(&w, NULL);
	path = strstr(w.url, "/push/");
	n = encrypt(&w, body, "x");
#define POSTS(status) \
	ck_assert_int_eq(post(&w, EVHTTP_REQ_POST, path, "aes128gcm", body, n), \
	    status)
	ck_assert_int_eq(push_endpoint_set_key(w.endpoint, "x"), -EINVAL);
	ck_assert_int_eq(push_endpoint_set_key(w.endpoint, ours), 0);
	ck_assert_ptr_nonnull(strstr(push_endpoint_registration(w.endpoint),
	    ours));
	POSTS(401);
	sign_by(&w, key, ours, soon_s);
	POSTS(201);
	sign_by(&w, key, ours, 1);
	POSTS(403);
	sign_by(&w, later, next, soon_s);
	POSTS(403);
	/* While a key is replaced, both count. */
	ck_assert_int_eq(push_endpoint_set_key(w.endpoint, next), 0);
	ck_assert_int_eq(push_endpoint_set_key(w.endpoint, next), 0);
	POSTS(201);
	sign_by(&w, key, ours, soon_s);
	POSTS(201);
	/* Without one nothing can be checked. */
	ck_assert_int_eq(push_endpoint_set_key(w.endpoint, NULL), 0);
	sign_by(&w, NULL, NULL, 0);
	POSTS(201);
	ck_assert_int_eq(w.pushes, 4);
	close_world(&w);
	jwt_key_free(key);
	jwt_key_free(later);
}
END_TEST

UNIT_SUITE(push_endpoint, takes_what_is_for_us, refuses_the_rest,
    stands_behind_a_proxy, checks_the_sender)
