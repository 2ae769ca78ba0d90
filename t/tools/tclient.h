/*
 * tclient: a TURN client for tests and benchmarks that waits for each answer.
 * It uses a UDP socket, or any way of sending that the caller provides.
 */
#ifndef RP_T_TCLIENT_H
#define RP_T_TCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/addr.h"
#include "wire/stun.h"
#include "wire/stunauth.h"
#include "wire/turncred.h"

#define TCLIENT_MESSAGE 2048

struct tclient;

/* How messages go, one at a time. -1: it failed, or none came in ms. */
struct tclient_way {
	int (*send)(struct tclient *c, const void *data, size_t len);
	ssize_t (*receive)(struct tclient *c, void *data, size_t max, int ms);
};

struct tclient {
	const struct tclient_way *way;
	int fd;
	void *arg;			/* the way's */
	struct addr server, relayed, mapped;
	char username[TURNCRED_USERNAME];
	char password[TURNCRED_PASSWORD];
	char realm[128], nonce[256];
	uint8_t key[STUNAUTH_MD5];
	uint32_t serial;
	/* The request being built and the last answer. */
	struct stun_builder b;
	uint8_t out[TCLIENT_MESSAGE], in[TCLIENT_MESSAGE];
	struct stun_msg msg;
};

/* By a connected UDP socket to the server. A negative errno. */
int tclient_open(struct tclient *c, const struct addr *server);
/* From that address; NULL: any. */
int tclient_open_from(struct tclient *c, const struct addr *server,
    const struct addr *from);
/* By a TCP connection. */
int tclient_open_tcp(struct tclient *c, const struct addr *server);
void tclient_close(struct tclient *c);

/* A credential of that call and party, good for so many seconds. */
void tclient_credential(struct tclient *c, const char *call,
    const char *party, int seconds, const char *secret);

/* A credential of another application's user. */
void tclient_user(struct tclient *c, const char *user, int seconds,
    const char *secret);

/* Build a request: begin, stun_add to c->b, then ask. */
void tclient_begin(struct tclient *c, uint16_t method);

/*
 * Sign what was built if there is a nonce, send it, and wait: 0, the error
 * code that was answered, or -1 if there came no answer. Data that arrives
 * meanwhile is dropped. Fetches realm and nonce as 401 and 438 give them.
 */
int tclient_ask(struct tclient *c);

/* The same with the request as a whole, asked again with the nonce. */
int tclient_allocate(struct tclient *c);
int tclient_refresh(struct tclient *c, uint32_t lifetime_s);
int tclient_permit(struct tclient *c, const struct addr *peer);
int tclient_bind(struct tclient *c, uint16_t number, const struct addr *peer);

/* Send data, by channel or by Send indication. */
int tclient_send_channel(struct tclient *c, uint16_t number,
    const void *data, size_t len);
int tclient_send(struct tclient *c, const struct addr *peer,
    const void *data, size_t len);

/*
 * Wait ms for data: its length in data of max bytes; *number its channel, or
 * 0 and *peer for a Data indication. -1 if there came none.
 */
ssize_t tclient_receive(struct tclient *c, int ms, uint16_t *number,
    struct addr *peer, void *data, size_t max);

#endif
