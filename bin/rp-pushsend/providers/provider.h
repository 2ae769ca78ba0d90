/*
 * provider: the interface of a push provider. A new provider is a new file and
 * a line in providers.c. The engine decides when and how often to try; a
 * provider makes one attempt and interprets the answer.
 */
#ifndef RP_PUSHSEND_PROVIDER_H
#define RP_PUSHSEND_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/answer_table.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

struct event_base;
struct http;
struct http_answer;
struct pushconf;
struct answer_words;

/* The environment of the providers, which outlives them. */
struct provider_env {
	struct event_base *loop;
	const struct pushconf *settings;
	struct http *users;	/* URLs of users: only public addresses */
	struct http *services;	/* URLs of the operator */
	/*
	 * Called from the loop once providers_close has been, if not NULL: the
	 * environment may be freed.
	 */
	void (*unused)(void *arg);
	void *arg;
};

#define PROVIDER_SERVICE 288		/* "https://", a host, a port */

struct provider_outcome {
	/* PUSHMSG_RETRY: this attempt failed, another may succeed. */
	enum pushmsg_status status;
	char reason[PUSHMSG_REASON];
	/* RETRY: the earliest next attempt; 0 if the service did not say. */
	unsigned retry_after_ms;
	/* RETRY: no answer, or one that reports a fault or overload. */
	bool service_ill;
	bool timed_out;		/* in particular: no answer in time */
	/*
	 * RETRY: the account has sent too much, so that `retry_after_ms` is
	 * for all requests. Not for an endpoint that gets too many.
	 */
	bool service_throttled;
	bool too_long;		/* FAILED: a shorter payload may do */
	/*
	 * RETRY: the device may have got the message, and must not get it
	 * twice, so there is no other attempt.
	 */
	bool may_be_taken;
};

/* One attempt. The engine embeds it; the provider keeps its state in it. */
struct provider_attempt {
	const struct pushmsg_request *request;
	unsigned timeout_ms;
	void *state;		/* the provider's; NULL when idle */
	unsigned choice;	/* likewise, kept from attempt to attempt */
	void (*done)(struct provider_attempt *attempt,
	    const struct provider_outcome *outcome);
};

struct provider {
	const char *type;	/* the request's */

	/*
	 * Open the provider as the settings say. Errors other than -ENOENT end
	 * the program; `why` is one line.
	 *
	 *  -ENOENT  not in the settings: requests fail as "not configured"
	 */
	int (*open)(void **self, const struct provider_env *env,
	    char why[static WHY_TEXT]);
	void (*close)(void *self);

	/*
	 * Take over what is still valid of the instance that this one replaces,
	 * such as a token by the same key. NULL: there is nothing.
	 */
	void (*inherit)(void *self, const void *former);

	/*
	 * Name the service that carries this request: a host, for which the
	 * load is bounded and the health is remembered.
	 *
	 *  -EBADMSG  the request's form is invalid; `why` says why
	 */
	int (*service)(void *self, const struct pushmsg_request *request,
	    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT]);

	/*
	 * Return the limits of attempts at one service: per second (0:
	 * unlimited) and at once.
	 */
	unsigned (*rate)(void *self);
	unsigned (*in_flight)(void *self);

	/* Return how long an attempt may take; NULL: as `attempt_ms` says. */
	unsigned (*attempt_ms)(void *self);
	unsigned attempts_most;	/* of one request; 0: until its deadline */

	/*
	 * Start one attempt. `done` is called once, perhaps before this
	 * returns.
	 */
	void (*start)(void *self, struct provider_attempt *attempt);

	/* Cancel a running attempt. `done` is not called any more. */
	void (*cancel)(void *self, struct provider_attempt *attempt);
};

/* End an attempt and call its `done`. The attempt may be freed afterwards. */
void provider_finish(struct provider_attempt *attempt,
    enum pushmsg_status status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Note that an attempt was started: `state`, from malloc, is its state. After
 * an error free the state, and end the attempt with `why`.
 */
void provider_started(struct provider_attempt *attempt, void *state, int err,
    const char *why);

/* End an attempt with a RETRY that carries more detail. */
void provider_finish_retry(struct provider_attempt *attempt,
    unsigned retry_after_ms, bool service_ill, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Write what an answer means. The reason is the status and the service's words,
 * or those of `row` where it says nothing. `verdict` is that of the row, as a
 * rule; ANSWER_RENEW is for another attempt at once.
 */
void provider_judge(struct provider_outcome *outcome,
    const struct provider_attempt *attempt, const struct http_answer *answer,
    const struct answer_row *row, enum answer_verdict verdict,
    struct answer_words *words);

/* End an attempt with an outcome that has its reason. */
void provider_end(struct provider_attempt *attempt,
    const struct provider_outcome *outcome);
/* End an attempt as `outcome` says, which gets its reason here. */
void provider_finish_as(struct provider_attempt *attempt,
    struct provider_outcome *outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* End an attempt that got no HTTP answer at all. */
void provider_finish_http(struct provider_attempt *attempt,
    const struct http_answer *answer);

/*
 * Encrypt the payload for the device by the keys in to.keys (RFC 8291). At most
 * pushform_room bytes are encrypted; `body` has WEBPUSH_OVERHEAD more. `why`
 * explains an error.
 *
 *  -EBADMSG   invalid keys
 *  -EMSGSIZE  the payload is too long
 */
int provider_encrypt(uint8_t *body, size_t *body_len,
    const struct pushmsg_request *request, char why[static WHY_TEXT]);

#endif
