/*
 * Answers of a name server. The input is made into an answer to the query that
 * came, with the right ID and question: records whose names, types and lengths
 * the input chooses, or raw bytes. A plain "no such name" follows, so that a look-up
 * ends without waiting when its answer is not taken. What is found is an address
 * that a switch can have.
 *
 * The first byte has the RCODE and a flag for raw bytes. Each record is a byte
 * for its name, one for its type, one for the length of its data, and the data.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "net/loop.h"
#include "net/resolve.h"

#define HEADER 12
#define MESSAGE_MAX 4096
#define TIMEOUT_MS 200

struct server {
	struct event_base *loop;
	int fd;
	const uint8_t *data;
	size_t len;
};

static size_t
put_name(uint8_t *out, uint8_t how, uint8_t at)
{
	static const uint8_t name[] = "\1s\7example\3org";

	switch (how % 6) {
	case 0:
		*out = 0;
		return 1;
	case 1:		/* somewhere else, itself perhaps */
		out[0] = 0xc0;
		out[1] = at;
		return 2;
	case 2:
		memcpy(out, name, sizeof(name));
		return sizeof(name);
	case 3:		/* a label that is too long */
		*out = 0x40 | (at & 0x3f);
		return 1;
	default:	/* the question's */
		out[0] = 0xc0;
		out[1] = HEADER;
		return 2;
	}
}

/* Write a record and return its length. */
static size_t
put_record(uint8_t *out, const uint8_t **data, size_t *len)
{
	static const uint8_t types[] = { 1, 28, 5, 6, 41, 2, 16, 255 };
	const uint8_t *in = *data;
	size_t n = in[2] & 0x3f, at, real;

	if (n > *len - 3)
		n = *len - 3;
	at = put_name(out, in[0], in[2]);
	out[at++] = 0;
	out[at++] = in[1] & 0x80 ? in[1] : types[in[1] % sizeof(types)];
	out[at++] = 0;
	out[at++] = 1;
	memset(out + at, in[1] & 0x40 ? 0xff : 0, 4);	/* TTL */
	at += 4;
	real = in[2] & 0x80 ? n + 1 : n;	/* one more than there is */
	out[at++] = (uint8_t)(real >> 8);
	out[at++] = (uint8_t)real;
	if (out[at - 9] == 5 && n > 0) {	/* CNAME */
		size_t name = put_name(out + at, in[3], in[2]);

		out[at - 1] = (uint8_t)name;
		at += name;
	} else {
		memcpy(out + at, in + 3, n);
		at += n;
	}
	*data += 3 + n;
	*len -= 3 + n;
	return at;
}

static size_t
put_answer(const struct server *server, uint8_t *out, size_t query)
{
	const uint8_t *data = server->data + 1;
	size_t len = server->len - 1, at = query;
	unsigned records = 0;

	out[2] = 0x84;
	out[3] = server->data[0] & 0x0f;
	if (server->data[0] & 0x80) {
		if (len > MESSAGE_MAX - query)
			len = MESSAGE_MAX - query;
		memcpy(out + query, data, len);
		out[7] = 3;
		return query + len;
	}
	while (len >= 4 && at + 128 < MESSAGE_MAX && records < 200) {
		at += put_record(out + at, &data, &len);
		records++;
	}
	out[7] = (uint8_t)records;
	return at;
}

/* The query's length without the records behind its question (EDNS). */
static size_t
question_len(const uint8_t *query, size_t len)
{
	size_t at = HEADER;

	while (at < len && query[at] != 0)
		at += 1u + query[at];
	return at + 5 <= len ? at + 5 : 0;
}

static void
on_query(void *arg)
{
	struct server *server = arg;
	uint8_t message[MESSAGE_MAX] = { 0 };
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(server->fd, message, 512, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_len);
	size_t query = n < HEADER ? 0 : question_len(message, (size_t)n);

	if (query == 0)
		return;
	memset(message + 6, 0, 6);
	if (server->len > 0)
		(void)sendto(server->fd, message,
		    put_answer(server, message, query), 0,
		    (struct sockaddr *)&from, from_len);
	message[2] = 0x84;
	message[3] = 3;		/* NXDOMAIN */
	memset(message + 6, 0, 6);
	(void)sendto(server->fd, message, query, 0,
	    (struct sockaddr *)&from, from_len);
}

static void
on_found(const struct resolve_answer *found, void *arg)
{
	struct server *server = arg;
	size_t i;

	for (i = 0; i < found->n; i++)
		if (addr_is_any(&found->addrs[i]) ||
		    addr_is_loopback(&found->addrs[i]) ||
		    addr_port(&found->addrs[i]) != 443)
			abort();
	if (!found->more)
		loop_stop(server->loop);
}

static void
open_server(struct server *server, char address[static 32])
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) }
	};
	socklen_t len = sizeof(at);

	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (server->fd < 0 ||
	    bind(server->fd, (struct sockaddr *)&at, len) < 0 ||
	    getsockname(server->fd, (struct sockaddr *)&at, &len) < 0)
		abort();
	snprintf(address, 32, "127.0.0.1:%u", ntohs(at.sin_port));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct server server = { loop_new(), -1, data, len };
	char address[32];
	struct resolve_options options = {
		.servers = address, .timeout_ms = TIMEOUT_MS
	};
	struct loop_event *reader;
	struct resolve *resolve;

	if (server.loop == NULL)
		return 0;
	open_server(&server, address);
	reader = loop_reader_new(server.loop, server.fd, on_query, &server);
	if (reader == NULL || loop_event_start(reader) < 0)
		abort();
	if (resolve_start(&resolve, server.loop, "s1.example.org", 443,
	    &options, on_found, &server) == 0) {
		loop_run(server.loop);
		resolve_free(resolve);
	}
	loop_event_free(reader);
	close(server.fd);
	loop_free(server.loop);
	return 0;
}
