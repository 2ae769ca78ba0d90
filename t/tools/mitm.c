/*
 * mitm: a switch that lies, for tests. It stands between a client and a real
 * switch, ends TLS on both sides with the switch's own certificate, and
 * replaces every DTLS fingerprint that passes, either way, with FINGERPRINT.
 *
 *	mitm CERT KEY CA SWITCH FINGERPRINT READY-FILE [later|tap|old]
 *
 * SWITCH is the address of the real one; READY-FILE gets call=ADDRESS. With
 * "later" it lies from SIGUSR1 on, and then reports that. With "tap" it never
 * lies, and writes all that passes to standard output. With "old" it is silent
 * about device keys, as a switch that knows none.
 *
 * Instead of FINGERPRINT, s/FROM/TO/ replaces one text by another in all that
 * passes, and the message's Content-Length follows. Neither has a slash.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/tool.h"
#include "net/buffer.h"
#include "net/listener.h"
#include "net/tls.h"
#include "wire/addr.h"

#define BUFFER_MAX 65536
#define FINGERPRINT_TEXT 95	/* 32 bytes in hex with colons */

struct mitm {
	struct event_base *loop;
	struct tls_config *server, *client;
	struct addr target;
	const char *fingerprint;
	char *from, *to;		/* NULL: replace fingerprints */
	bool lies, taps, old;
};

struct pair;

struct side {
	struct pair *pair;
	struct tls *tls;
};

struct pair {
	struct mitm *mitm;
	struct side sides[2];	/* the client's and the switch's */
};

static struct tls *
other(const struct side *side)
{
	struct pair *pair = side->pair;

	return pair->sides[side == &pair->sides[0]].tls;
}

/* The lie has the truth's length, so that no Content-Length tells. */
static void
swap(char *text, size_t len, const char *fingerprint)
{
	static const char key[] = "fingerprint:sha-256 ";
	char *at, *end = text + len;

	for (at = text; (at = memmem(at, (size_t)(end - at), key,
	    sizeof(key) - 1)) != NULL;) {
		at += sizeof(key) - 1;
		if (end - at < FINGERPRINT_TEXT)
			return;
		memcpy(at, fingerprint, FINGERPRINT_TEXT);
	}
}

/* Make the last Content-Length before `at` count `more` bytes more. */
static void
correct_length(char *text, char *at, long more)
{
	static const char key[] = "Content-Length: ";
	char *found = NULL, *next = text, number[16];
	size_t n;

	while ((next = memmem(next, (size_t)(at - next), key,
	    sizeof(key) - 1)) != NULL)
		found = next += sizeof(key) - 1;
	if (found == NULL)
		return;
	n = strspn(found, "0123456789");
	/* A length of as many digits: what tests send allows for it. */
	snprintf(number, sizeof(number), "%0*ld", (int)n,
	    strtol(found, NULL, 10) + more);
	memcpy(found, number, n);
}

static void
replace_and_write(const struct mitm *mitm, struct tls *to, char *text,
    size_t len)
{
	size_t from_len = strlen(mitm->from), to_len = strlen(mitm->to);
	char *at, *end = text + len;

	for (at = text; (at = memmem(at, (size_t)(end - at), mitm->from,
	    from_len)) != NULL; at += from_len)
		correct_length(text, at, (long)to_len - (long)from_len);
	for (; (at = memmem(text, (size_t)(end - text), mitm->from,
	    from_len)) != NULL; text = at + from_len) {
		(void)tls_write(to, text, (size_t)(at - text));
		(void)tls_write(to, mitm->to, to_len);
	}
	(void)tls_write(to, text, (size_t)(end - text));
}

static void
forget_keys(char *text, size_t len)
{
	static const char keys[] = "{\"keys\":true}";
	char *at = memmem(text, len, keys, sizeof(keys) - 1);

	if (at != NULL)
		memcpy(at, "{\"keys\":null}", sizeof(keys) - 1);
}

static void
on_ready(void *arg)
{
	(void)arg;	/* what came before has been queued */
}

static void
on_data(struct buffer *in, void *arg)
{
	struct side *side = arg;
	size_t len = buffer_len(in);
	char *text = (char *)buffer_front(in, -1);

	if (side->pair->mitm->old)
		forget_keys(text, len);
	if (side->pair->mitm->taps) {
		fwrite(text, 1, len, stdout);
		fflush(stdout);
	}
	if (side->pair->mitm->from != NULL) {
		replace_and_write(side->pair->mitm, other(side), text, len);
	} else {
		if (side->pair->mitm->lies)
			swap(text, len, side->pair->mitm->fingerprint);
		(void)tls_write(other(side), text, len);
	}
	buffer_drain(in, len);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct pair *pair = ((struct side *)arg)->pair;

	(void)err;
	(void)why;
	tls_free(pair->sides[0].tls);
	tls_free(pair->sides[1].tls);
	free(pair);
}

static int
connect_to(const struct addr *target)
{
	int fd = socket(target->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, &target->sa, addr_len(target)) < 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
on_accepted(int fd, const struct addr *peer, void *arg)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready,
		.data = on_data,
		.closed = on_closed
	};
	struct tls_options options = {
		.in_max = BUFFER_MAX,
		.out_max = BUFFER_MAX
	};
	struct mitm *mitm = arg;
	struct pair *pair = calloc(1, sizeof(*pair));
	int to = connect_to(&mitm->target);

	(void)peer;
	if (pair == NULL || to < 0)
		tool_fail(1, "connect", "%s", strerror(errno));
	pair->mitm = mitm;
	pair->sides[0].pair = pair->sides[1].pair = pair;
	if (tls_new(&pair->sides[0].tls, mitm->loop, fd, mitm->server,
	    &options, &handlers, &pair->sides[0]) < 0)
		tool_fail(1, "client", "no TLS");
	options.server_name = "localhost";
	if (tls_new(&pair->sides[1].tls, mitm->loop, to, mitm->client,
	    &options, &handlers, &pair->sides[1]) < 0)
		tool_fail(1, "switch", "no TLS");
}

static void
listen_and_tell(struct mitm *mitm, const char *ready_file)
{
	char text[ADDR_TEXT + 8], address[ADDR_TEXT];
	struct listener *listener;
	struct addr any;

	if (addr_parse(&any, "127.0.0.1", 0) < 0 || listener_new(&listener,
	    mitm->loop, &any, on_accepted, mitm) < 0 ||
	    listener_open(listener) < 0)
		tool_fail(1, "listen", "%s", strerror(errno));
	snprintf(text, sizeof(text), "call=%s\n",
	    addr_format(listener_addr(listener), address));
	if (tool_write_file(ready_file, text) < 0)
		tool_fail(1, ready_file, "cannot be written");
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	((struct mitm *)arg)->lies = true;
	puts("lies");
	fflush(stdout);
}

static int
take_lie(struct mitm *mitm, const char *text)
{
	mitm->fingerprint = text;
	if (strncmp(text, "s/", 2) != 0)
		return strlen(text) == FINGERPRINT_TEXT ? 0 : -EINVAL;
	mitm->from = strdup(text + 2);
	mitm->to = strchr(mitm->from, '/');
	if (mitm->to == NULL || mitm->to == mitm->from)
		return -EINVAL;
	*mitm->to++ = '\0';
	mitm->to[strcspn(mitm->to, "/")] = '\0';
	return 0;
}

int
main(int argc, char *argv[])
{
	struct mitm mitm = { .loop = event_base_new() };
	char why[WHY_TEXT];

	tool_name("mitm");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 7 || argc > 8 || take_lie(&mitm, argv[5]) < 0)
		tool_fail(1, "usage", "mitm CERT KEY CA SWITCH FINGERPRINT "
		    "READY-FILE [later|tap|old]");
	if (tls_config_server(&mitm.server, argv[1], argv[2], why) < 0 ||
	    tls_config_client(&mitm.client, argv[3], why) < 0)
		tool_fail(1, argv[1], "%s", why);
	if (addr_parse(&mitm.target, argv[4], 0) < 0)
		tool_fail(1, argv[4], "wants ADDRESS:PORT");
	mitm.lies = argc == 7;
	mitm.taps = argc == 8 && strcmp(argv[7], "tap") == 0;
	mitm.old = argc == 8 && strcmp(argv[7], "old") == 0;
	evsignal_add(evsignal_new(mitm.loop, SIGUSR1, on_signal, &mitm), NULL);
	listen_and_tell(&mitm, argv[6]);
	event_base_dispatch(mitm.loop);
	return 0;
}
