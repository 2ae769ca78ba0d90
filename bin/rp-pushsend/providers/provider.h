/*
 * provider: one way to a phone. A provider added is a file added, and its line in
 * providers.c. The engine decides when and how often; a provider makes one attempt
 * and says what the answer means.
 */
#ifndef RP_PUSHSEND_PROVIDER_H
#define RP_PUSHSEND_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/pushmsg.h"

struct event_base;
struct http;
struct http_answer;
struct pushconf;

/* What the providers stand in; outlives them. */
struct provider_env {
	struct event_base *loop;
	const struct pushconf *settings;
	struct http *users;	/* to where users say: only public addresses */
	struct http *services;	/* to where the operator says */
};

#define PROVIDER_SERVICE 288		/* "https://", a host, a port */

struct provider_outcome {
	/* PUSHMSG_RETRY: this attempt failed, another may do. */
	enum pushmsg_status status;
	char reason[PUSHMSG_WHY];
	/* RETRY: not before that; 0 if the service did not say. */
	unsigned retry_after_ms;
	/* RETRY: no answer, or one that says "I am broken" or "overloaded". */
	bool service_ill;
	bool timed_out;		/* in particular: no answer in time */
};

/* One attempt; the engine embeds it, the provider keeps its state in it. */
struct provider_attempt {
	const struct pushmsg_request *request;
	unsigned timeout_ms;
	void *state;		/* the provider's, NULL unless under way */
	void (*done)(struct provider_attempt *attempt,
	    const struct provider_outcome *outcome);
};

struct provider {
	const char *type;	/* the request's */

	/*
	 * Open it as the settings say. -ENOENT if they do not mention it:
	 * its requests fail as "not configured". Other errors end the
	 * program; why says one line.
	 */
	int (*open)(void **self, const struct provider_env *env,
	    char why[static PUSHMSG_WHY]);
	void (*close)(void *self);

	/*
	 * Who carries this request, a bound on whose load and a memory of
	 * whose health make sense: a host. -EBADMSG with why if the request
	 * is not of this provider's form.
	 */
	int (*service)(void *self, const struct pushmsg_request *request,
	    char name[static PROVIDER_SERVICE], char why[static PUSHMSG_WHY]);

	/* A second, attempts at one service; 0: any. And at once. */
	unsigned (*rate)(void *self);
	unsigned (*in_flight)(void *self);

	/* Start one attempt; done is called once, perhaps before it returns. */
	void (*start)(void *self, struct provider_attempt *attempt);

	/* Give up one that is under way; done is not called any more. */
	void (*cancel)(void *self, struct provider_attempt *attempt);
};

/* End an attempt: calls its done. The attempt may be gone afterwards. */
void provider_finish(struct provider_attempt *attempt, enum pushmsg_status status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a RETRY that says more. */
void provider_finish_retry(struct provider_attempt *attempt, unsigned retry_after_ms,
    bool service_ill, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same where there was no answer over HTTP at all. */
void provider_finish_http(struct provider_attempt *attempt,
    const struct http_answer *answer);

/* A cancel for providers whose state is the http_call. */
void provider_http_cancel(void *self, struct provider_attempt *attempt);

/* Does the request bring keys of the device to encrypt for? */
bool provider_has_keys(const struct pushmsg_request *request);

/*
 * The payload, encrypted for the device by the keys in to.keys (RFC 8291):
 * at most plain_max bytes of it, with WEBPUSH_OVERHEAD more in body. -EBADMSG
 * or -EMSGSIZE with why.
 */
int provider_encrypt(uint8_t *body, size_t *body_len,
    const struct pushmsg_request *request, size_t plain_max,
    char why[static PUSHMSG_WHY]);

#endif
