/* tclient: see tclient.h. */
#include "tclient.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define ANSWER_MS 3000

static int
udp_send(struct tclient *c, const void *data, size_t len)
{
	return send(c->fd, data, len, 0) < 0 ? -1 : 0;
}

static ssize_t
udp_receive(struct tclient *c, void *data, size_t max, int ms)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };

	if (poll(&pfd, 1, ms) <= 0)
		return -1;
	return recv(c->fd, data, max, 0);
}

static const struct tclient_way udp = { udp_send, udp_receive };

int
tclient_open(struct tclient *c, const struct addr *server)
{
	return tclient_open_from(c, server, NULL);
}

int
tclient_open_from(struct tclient *c, const struct addr *server,
    const struct addr *from)
{
	int fd, err;

	memset(c, 0, sizeof(*c));
	fd = socket(server->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if ((from != NULL && bind(fd, &from->sa, addr_len(from)) < 0) ||
	    connect(fd, &server->sa, addr_len(server)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	c->way = &udp;
	c->fd = fd;
	c->server = *server;
	return 0;
}

static int
tcp_send(struct tclient *c, const void *data, size_t len)
{
	uint8_t padded[TCLIENT_MESSAGE] = { 0 };

	if (len > sizeof(padded))
		return -1;
	memcpy(padded, data, len);
	len = (len + 3) & ~(size_t)3;
	return send(c->fd, padded, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

static bool
readable(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) > 0;
}

static ssize_t
tcp_receive(struct tclient *c, void *data, size_t max, int ms)
{
	ssize_t len;
	uint16_t number, payload_len;

	if (!readable(c->fd, ms) || recv(c->fd, data, STUN_CHANNEL_HEADER,
	    MSG_WAITALL) != STUN_CHANNEL_HEADER)
		return -1;
	len = stun_frame(data, STUN_CHANNEL_HEADER);
	if (len < 0 || (size_t)len > max)
		return -1;
	if (len > STUN_CHANNEL_HEADER && recv(c->fd,
	    (uint8_t *)data + STUN_CHANNEL_HEADER,
	    (size_t)len - STUN_CHANNEL_HEADER, MSG_WAITALL) !=
	    len - STUN_CHANNEL_HEADER)
		return -1;
	/* Without the padding, as a datagram has it. */
	if (stun_channel_parse(data, (size_t)len, &number, &payload_len) == 0)
		len = STUN_CHANNEL_HEADER + payload_len;
	return len;
}

static const struct tclient_way tcp = { tcp_send, tcp_receive };

int
tclient_open_tcp(struct tclient *c, const struct addr *server)
{
	int fd, err;

	memset(c, 0, sizeof(*c));
	fd = socket(server->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &server->sa, addr_len(server)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	c->way = &tcp;
	c->fd = fd;
	c->server = *server;
	return 0;
}

void
tclient_close(struct tclient *c)
{
	close(c->fd);
	c->fd = -1;
}

void
tclient_credential(struct tclient *c, const char *call, const char *party,
    int seconds, const char *secret)
{
	struct turncred cred = { .expiry_s = clock_wall_s() + seconds };

	snprintf(cred.call, sizeof(cred.call), "%s", call);
	snprintf(cred.party, sizeof(cred.party), "%s", party);
	(void)turncred_username(c->username, &cred);
	turncred_password(c->password, c->username, secret);
	c->nonce[0] = '\0';
}

void
tclient_user(struct tclient *c, const char *user, int seconds,
    const char *secret)
{
	/* With colons, as Matrix has them, it is no call of ours. */
	snprintf(c->username, sizeof(c->username), "%lld:@%.64s:example.org:8448",
	    (long long)clock_wall_s() + seconds, user);
	turncred_password(c->password, c->username, secret);
	c->nonce[0] = '\0';
}

void
tclient_begin(struct tclient *c, uint16_t method)
{
	uint8_t transaction[STUN_TRANSACTION] = { 0 };

	c->serial++;
	memcpy(transaction, &c->serial, sizeof(c->serial));
	memcpy(transaction + 4, &c, sizeof(c));
	stun_begin(&c->b, c->out, sizeof(c->out), method, transaction);
}

static void
keep(const struct stun_msg *msg, uint16_t type, char *out, size_t max)
{
	struct stun_attr attr;

	if (stun_find(msg, type, &attr) == 0 && attr.len < max) {
		memcpy(out, attr.value, attr.len);
		out[attr.len] = '\0';
	}
}

static int
answer(struct tclient *c)
{
	uint64_t end_ms = clock_ms() + ANSWER_MS, now_ms;
	unsigned code;
	ssize_t n;

	while ((now_ms = clock_ms()) < end_ms) {
		n = c->way->receive(c, c->in, sizeof(c->in),
		    (int)(end_ms - now_ms));
		if (n < 0)
			return -1;
		if (stun_parse(&c->msg, c->in, (size_t)n) < 0 ||
		    memcmp(c->msg.transaction, c->out + 8,
		    STUN_TRANSACTION) != 0)
			continue;
		if (stun_class(c->msg.type) == STUN_SUCCESS)
			return 0;
		if (stun_get_error(&c->msg, &code) < 0)
			return -1;
		if (code == 401 || code == 438) {
			keep(&c->msg, STUN_ATTR_REALM, c->realm,
			    sizeof(c->realm));
			keep(&c->msg, STUN_ATTR_NONCE, c->nonce,
			    sizeof(c->nonce));
			stunauth_key_md5(c->key, c->username,
			    strlen(c->username), c->realm, c->password);
		}
		return (int)code;
	}
	return -1;
}

int
tclient_ask(struct tclient *c)
{
	if (c->nonce[0] != '\0') {
		stun_add(&c->b, STUN_ATTR_USERNAME, c->username,
		    strlen(c->username));
		stun_add(&c->b, STUN_ATTR_REALM, c->realm, strlen(c->realm));
		stun_add(&c->b, STUN_ATTR_NONCE, c->nonce, strlen(c->nonce));
		stunauth_add(&c->b, c->key, sizeof(c->key));
	}
	if (stun_end(&c->b) < 0 || c->way->send(c, c->out, c->b.len) < 0)
		return -1;
	return answer(c);
}

static int
ask_allocate(struct tclient *c)
{
	int code;

	tclient_begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
	code = tclient_ask(c);
	if (code == 0) {
		(void)stun_get_xor_addr(&c->msg,
		    STUN_ATTR_XOR_RELAYED_ADDRESS, &c->relayed);
		(void)stun_get_xor_addr(&c->msg,
		    STUN_ATTR_XOR_MAPPED_ADDRESS, &c->mapped);
	}
	return code;
}

int
tclient_allocate(struct tclient *c)
{
	bool signs = c->nonce[0] != '\0';
	int code = ask_allocate(c);

	if ((code == 401 && !signs) || code == 438)
		code = ask_allocate(c);
	return code;
}

int
tclient_refresh(struct tclient *c, uint32_t lifetime_s)
{
	tclient_begin(c, STUN_REFRESH);
	stun_add_u32(&c->b, STUN_ATTR_LIFETIME, lifetime_s);
	return tclient_ask(c);
}

int
tclient_permit(struct tclient *c, const struct addr *peer)
{
	tclient_begin(c, STUN_CREATE_PERMISSION);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return tclient_ask(c);
}

int
tclient_bind(struct tclient *c, uint16_t number, const struct addr *peer)
{
	tclient_begin(c, STUN_CHANNEL_BIND);
	stun_add_channel(&c->b, number);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return tclient_ask(c);
}

int
tclient_send_channel(struct tclient *c, uint16_t number, const void *data,
    size_t len)
{
	uint8_t message[TCLIENT_MESSAGE];

	if (len > sizeof(message) - STUN_CHANNEL_HEADER)
		return -EMSGSIZE;
	stun_channel_header(message, number, (uint16_t)len);
	memcpy(message + STUN_CHANNEL_HEADER, data, len);
	return c->way->send(c, message, STUN_CHANNEL_HEADER + len);
}

int
tclient_send(struct tclient *c, const struct addr *peer, const void *data,
    size_t len)
{
	tclient_begin(c, STUN_SEND | STUN_INDICATION);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	stun_add(&c->b, STUN_ATTR_DATA, data, len);
	if (stun_end(&c->b) < 0)
		return -EMSGSIZE;
	return c->way->send(c, c->out, c->b.len);
}

ssize_t
tclient_receive(struct tclient *c, int ms, uint16_t *number,
    struct addr *peer, void *data, size_t max)
{
	struct stun_attr attr;
	uint16_t len;
	ssize_t n = c->way->receive(c, c->in, sizeof(c->in), ms);

	if (n < 0)
		return -1;
	if (stun_channel_parse(c->in, (size_t)n, number, &len) == 0) {
		if (len > max)
			return -1;
		memcpy(data, c->in + STUN_CHANNEL_HEADER, len);
		return len;
	}
	*number = 0;
	if (stun_parse(&c->msg, c->in, (size_t)n) < 0 ||
	    c->msg.type != (STUN_DATA | STUN_INDICATION) ||
	    stun_get_xor_addr(&c->msg, STUN_ATTR_XOR_PEER_ADDRESS, peer) < 0 ||
	    stun_find(&c->msg, STUN_ATTR_DATA, &attr) < 0 || attr.len > max)
		return -1;
	memcpy(data, attr.value, attr.len);
	return attr.len;
}
