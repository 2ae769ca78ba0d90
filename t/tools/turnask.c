/*
 * turnask: clients of a TURN server that do what each line of standard input
 * says, and print what they were answered.
 *
 *	open NAME SERVER USERNAME PASSWORD [FROM]	by UDP, from that address
 *	NAME allocate [6] [SECONDS]	with an IPv6 relayed address; LIFETIME
 *	NAME transport NUMBER		an Allocate with REQUESTED-TRANSPORT
 *	NAME refresh SECONDS
 *	NAME permit PEER
 *	NAME permits PEER N		for N addresses from that one on
 *	NAME bind CHANNEL PEER
 *	NAME request METHOD		a signed request without attributes
 *	NAME send PEER BYTES [TIMES]	Send indications
 *	NAME data CHANNEL BYTES [TIMES]	ChannelData
 *	NAME hear N [MS]		wait for N datagrams, each so long
 *
 * PEER may be a client's name, for its relayed address. "allocate" prints
 * "NAME allocate CODE RELAYED SECONDS", other requests "NAME COMMAND CODE",
 * where 0 is success and -1 no answer. "permits" ends at the first error, and
 * prints how many succeeded before the code. "hear" prints the number of
 * datagrams, of bytes, and the last one's peer or channel. Allocations outlive
 * the program, because clients by UDP just go silent.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/tool.h"
#include "tclient.h"

#define CLIENTS 64
#define WORDS 8

static struct named {
	char name[32];
	struct tclient client;
} clients[CLIENTS];
static size_t n_clients;

static struct tclient *
find(const char *name)
{
	size_t i;

	for (i = 0; i < n_clients; i++)
		if (strcmp(clients[i].name, name) == 0)
			return &clients[i].client;
	return NULL;
}

static void
parse(struct addr *out, const char *text)
{
	const struct tclient *other = find(text);

	if (other != NULL)
		*out = other->relayed;
	else if (addr_parse(out, text, 0) < 0)
		tool_fail(1, text, "invalid address");
}

static void
open_client(char *const word[], size_t n)
{
	struct named *new = &clients[n_clients];
	struct addr server, from;

	if (n < 5 || n_clients == CLIENTS)
		tool_fail(1, "open", "too few words, or too many clients");
	parse(&server, word[2]);
	if (n > 5)
		parse(&from, word[5]);
	if (tclient_open_from(&new->client, &server, n > 5 ? &from : NULL) < 0)
		tool_fail(1, word[2], "cannot be reached");
	snprintf(new->name, sizeof(new->name), "%s", word[1]);
	snprintf(new->client.username, sizeof(new->client.username), "%s",
	    word[3]);
	snprintf(new->client.password, sizeof(new->client.password), "%s",
	    word[4]);
	n_clients++;
}

static int
ask_allocate(struct tclient *c, long transport, bool six, uint32_t lifetime_s)
{
	int code, tries = 0;

	do {
		tclient_begin(c, STUN_ALLOCATE);
		stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT,
		    (uint8_t)transport);
		if (six)
			stun_add_first(&c->b,
			    STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
		if (lifetime_s > 0)
			stun_add_u32(&c->b, STUN_ATTR_LIFETIME, lifetime_s);
		code = tclient_ask(c);
	} while (tries++ == 0 && (code == 401 || code == 438));
	return code;
}

static void
allocate(struct tclient *c, const char *name, char *const word[], size_t n)
{
	bool six = n > 2 && strcmp(word[2], "6") == 0;
	size_t at = six ? 3 : 2;
	uint32_t lifetime_s = n > at ? (uint32_t)atol(word[at]) : 0;
	int code = ask_allocate(c, 17, six, lifetime_s);
	char text[ADDR_TEXT];

	if (code == 0)
		(void)stun_get_u32(&c->msg, STUN_ATTR_LIFETIME, &lifetime_s);
	if (code == 0 && stun_get_xor_addr(&c->msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &c->relayed) == 0)
		printf("%s allocate 0 %s %" PRIu32 "\n", name,
		    addr_format(&c->relayed, text), lifetime_s);
	else
		printf("%s allocate %d\n", name, code);
}

static void
permits(struct tclient *c, const char *name, struct addr peer, unsigned n)
{
	uint32_t ip = ntohl(peer.v4.sin_addr.s_addr);
	unsigned done;
	int code = 0;

	for (done = 0; code == 0 && done < n; done++) {
		peer.v4.sin_addr.s_addr = htonl(ip + done);
		code = tclient_permit(c, &peer);
	}
	printf("%s permits %u %d\n", name, done - (code != 0), code);
}

static int
ask_plain(struct tclient *c, uint16_t method)
{
	tclient_begin(c, method);
	return tclient_ask(c);
}

/* Send so many bytes by a channel or, with number 0, to the peer. */
static void
send_data(struct tclient *c, uint16_t number, const struct addr *peer,
    char *const word[], size_t n)
{
	static uint8_t data[1400];
	size_t len = n > 3 ? (size_t)atol(word[3]) : 1;
	long times = n > 4 ? atol(word[4]) : 1;

	if (len > sizeof(data))
		tool_fail(1, word[3], "too long");
	/* No RTP by its first byte. */
	memset(data, 'x', sizeof(data));
	for (; times > 0; times--)
		(void)(number != 0 ? tclient_send_channel(c, number, data,
		    len) : tclient_send(c, peer, data, len));
}

static void
hear(struct tclient *c, const char *name, unsigned n, int ms)
{
	uint8_t data[TCLIENT_MESSAGE];
	char text[ADDR_TEXT] = "-";
	struct addr peer;
	uint16_t number;
	unsigned got = 0;
	size_t bytes = 0;
	ssize_t len;

	while (got < n && (len = tclient_receive(c, ms, &number, &peer, data,
	    sizeof(data))) >= 0) {
		got++;
		bytes += (size_t)len;
		if (number != 0)
			snprintf(text, sizeof(text), "0x%x", number);
		else
			addr_format(&peer, text);
	}
	printf("%s hear %u %zu %s\n", name, got, bytes, text);
}

static void
command(struct tclient *c, char *const word[], size_t n)
{
	const char *name = word[0], *what = word[1];
	struct addr peer = { 0 };
	int code = -2;

	if (strcmp(what, "allocate") == 0) {
		allocate(c, name, word, n);
		return;
	}
	if (n < 3)
		tool_fail(1, what, "too few words");
	if (strcmp(what, "hear") == 0) {
		hear(c, name, (unsigned)atoi(word[2]), n > 3 ? atoi(word[3]) :
		    3000);
	} else if (strcmp(what, "data") == 0) {
		send_data(c, (uint16_t)strtoul(word[2], NULL, 0), NULL, word,
		    n);
	} else if (strcmp(what, "send") == 0) {
		parse(&peer, word[2]);
		send_data(c, 0, &peer, word, n);
	} else if (strcmp(what, "permits") == 0 && n > 3) {
		parse(&peer, word[2]);
		permits(c, name, peer, (unsigned)atoi(word[3]));
	} else if (strcmp(what, "permit") == 0) {
		parse(&peer, word[2]);
		code = tclient_permit(c, &peer);
	} else if (strcmp(what, "bind") == 0 && n > 3) {
		parse(&peer, word[3]);
		code = tclient_bind(c, (uint16_t)strtoul(word[2], NULL, 0),
		    &peer);
	} else if (strcmp(what, "transport") == 0) {
		code = ask_allocate(c, atol(word[2]), false, 0);
	} else if (strcmp(what, "refresh") == 0) {
		code = tclient_refresh(c, (uint32_t)atol(word[2]));
	} else if (strcmp(what, "request") == 0) {
		code = ask_plain(c, (uint16_t)strtoul(word[2], NULL, 0));
	} else {
		tool_fail(1, what, "unknown command, or too few words");
	}
	if (code >= -1)
		printf("%s %s %d\n", name, what, code);
}

int
main(void)
{
	char line[1024], *word[WORDS], *rest;
	struct tclient *c;
	size_t n;

	tool_name("turnask");
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		rest = line;
		for (n = 0; n < WORDS && (word[n] = strtok_r(rest, " \n",
		    &rest)) != NULL; n++)
			continue;
		if (n == 0)
			continue;
		if (strcmp(word[0], "open") == 0) {
			open_client(word, n);
			continue;
		}
		c = find(word[0]);
		if (c == NULL || n < 2)
			tool_fail(1, word[0], "no such client");
		command(c, word, n);
	}
	return 0;
}
