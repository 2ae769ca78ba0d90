/*
 * sigpeer: one signalling connection of a load, on a loop. Anything unexpected
 * ends the program.
 */
#ifndef RP_BENCH_SIGPEER_H
#define RP_BENCH_SIGPEER_H

#include <stdbool.h>

#include "wire/addr.h"
#include "wire/sigmsg.h"

struct event_base;
struct tls;
struct tls_config;

struct sigpeer {
	struct event_base *loop;
	struct tls *tls;
	char user[SIGMSG_NUMBER], token[SIGMSG_TOKEN];
	int status;		/* of the last response; 0: none yet */
	unsigned requests;	/* that the switch has sent, each answered 200 */
	bool up;
	char session[SIGMSG_SESSION];	/* of the last session object */
};

/* Connect. `user` and `token` are set; `up` is when TLS is ready. */
void sigpeer_open(struct sigpeer *p, struct event_base *loop,
    struct tls_config *config, const struct addr *to);
void sigpeer_close(struct sigpeer *p);

/* Send a request, wait for its answer, and return its status. */
int sigpeer_ask(struct sigpeer *p, enum sigmsg_method method,
    const char *target, const char *body);

/* Likewise; the answer must be a success. */
void sigpeer_must(struct sigpeer *p, enum sigmsg_method method,
    const char *target, const char *body);

/* Let the loop turn once. */
void sigpeer_turn(const struct sigpeer *p);

#endif
