/*
 * call_options: the options that a call is made with, and the handlers of its
 * owner. See call.h.
 */
#ifndef RP_DIAL_CALL_OPTIONS_H
#define RP_DIAL_CALL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "who/account.h"
#include "who/identity.h"
#include "wire/sigmsg.h"

struct audio_in;
struct event_base;
struct handset;
struct tickets;
struct tls_config;

/* All that the options point to must outlive the call. */
struct call_options {
	struct event_base *loop;
	const struct account *account;
	const struct identity *identity;
	struct tls_config *tls;
	struct tickets *tickets;	/* NULL: keep none */
	bool caller;
	const char *in, *out;	/* as in media_options */
	bool out_new;		/* likewise */
	struct audio_in *source;	/* likewise */
	struct handset *handset; /* as in media_options */
	bool echo, live;
	uint32_t duration_ms;	/* of talking; 0: see call_new */
	double min_mos;		/* 0: any */
	uint32_t stats_ms;	/* between lines of figures; 0: none */
};

/*
 * The handlers are called from the loop only. call_free is allowed within
 * `ended` alone.
 */
struct call_handlers {
	/* The switch's 2xx answer to the first request. */
	void (*accepted)(const struct sigmsg *msg, void *arg);
	/* RING or ANSWER; the call handles every other request itself. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* Media is up, and the peer's identity is the known one or new. */
	void (*secure)(void *arg);
	/* The call is over and the report is complete. */
	void (*ended)(void *arg);
};

#endif
