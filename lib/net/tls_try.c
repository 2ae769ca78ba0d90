/* tls_try: a handshake in memory. See tls_try.h. */
#include "net/tls_try.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "net/tls_config.h"
#include "wire/addr.h"

#define TURNS_MAX 64		/* a handshake needs four */
#define BYTES_MAX (1 << 18)	/* the longest chain that clients accept */

/* Bytes that one end has written and the other has not read yet. */
struct way {
	size_t from, len;
	char bytes[BYTES_MAX];
};

struct end {
	gnutls_session_t session;
	struct way *in, *out;
	int result;		/* of gnutls_handshake */
};

static ssize_t
push(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct end *end = arg;
	struct way *way = end->out;

	if (way->from == way->len)
		way->from = way->len = 0;
	if (len > sizeof(way->bytes) - way->len) {
		gnutls_transport_set_errno(end->session, EIO);
		return -1;
	}
	memcpy(way->bytes + way->len, data, len);
	way->len += len;
	return (ssize_t)len;
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	struct end *end = arg;
	struct way *way = end->in;
	size_t there = way->len - way->from;

	if (there == 0) {
		gnutls_transport_set_errno(end->session, EAGAIN);
		return -1;
	}
	if (len > there)
		len = there;
	memcpy(data, way->bytes + way->from, len);
	way->from += len;
	return (ssize_t)len;
}

static int
pull_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	const struct end *end = arg;

	(void)ms;
	return end->in->len > end->in->from;
}

static void
attach(struct end *end, struct way *in, struct way *out)
{
	end->in = in;
	end->out = out;
	end->result = GNUTLS_E_AGAIN;
	gnutls_transport_set_ptr(end->session, end);
	gnutls_transport_set_push_function(end->session, push);
	gnutls_transport_set_pull_function(end->session, pull);
	gnutls_transport_set_pull_timeout_function(end->session,
	    pull_timeout);
}

/* Make a client that believes any certificate. */
static int
open_client(struct end *end, gnutls_certificate_credentials_t credentials,
    const struct tls_config *server, const char *name)
{
	struct addr literal;

	if (gnutls_init(&end->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0)
		return -ENOMEM;
	if (gnutls_priority_set(end->session, server->priority) < 0 ||
	    gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE,
	    credentials) < 0)
		return -ENOMEM;
	if (name == NULL || addr_parse(&literal, name, 0) == 0)
		return 0;
	return gnutls_server_name_set(end->session, GNUTLS_NAME_DNS, name,
	    strlen(name)) < 0 ? -ENOMEM : 0;
}

static void
step(struct end *end)
{
	if (end->result != 0 && !gnutls_error_is_fatal(end->result))
		end->result = gnutls_handshake(end->session);
}

static int
shake_hands(struct end *client, struct end *server, char why[static WHY_TEXT])
{
	int turn;

	for (turn = 0; turn < TURNS_MAX; turn++) {
		step(client);
		step(server);
	}
	if (client->result == 0 && server->result == 0)
		return 0;
	/* The server's reason comes first: the client sees an alert. */
	why_set(why, "no client can shake hands: %s", gnutls_strerror(
	    server->result != 0 && gnutls_error_is_fatal(server->result) ?
	    server->result : client->result));
	return -EPROTO;
}

/* Open both ends, and run them. */
static int
run(struct end *client, struct end *server, struct tls_config *config,
    gnutls_certificate_credentials_t credentials, const char *name,
    char why[static WHY_TEXT])
{
	static const struct tls_options none;
	struct way *ways = calloc(2, sizeof(*ways));
	int err = ways == NULL ? -ENOMEM :
	    open_client(client, credentials, config, name);

	if (err == 0)
		err = tls_config_session(&server->session, config, &none);
	if (err < 0) {
		why_set(why, "out of memory");
	} else {
		attach(client, &ways[0], &ways[1]);
		attach(server, &ways[1], &ways[0]);
		err = shake_hands(client, server, why);
	}
	if (client->session != NULL)
		gnutls_deinit(client->session);
	if (server->session != NULL)
		gnutls_deinit(server->session);
	free(ways);
	return err;
}

int
tls_try(struct tls_config *server, const char *name, char why[static WHY_TEXT])
{
	gnutls_certificate_credentials_t credentials;
	struct end ends[2] = { { NULL, NULL, NULL, 0 } };
	int err;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	err = run(&ends[0], &ends[1], server, credentials, name, why);
	gnutls_certificate_free_credentials(credentials);
	return err;
}
