/*
 * call_record: one call and all its parts: its state machine (callfsm.h) and
 * deadline, its parties' outboxes (outbox.h), and its rings (push.h). It
 * carries out the actions of the state machine. For calls, which keeps the
 * table of records.
 */
#ifndef RP_SWITCHD_CALL_RECORD_H
#define RP_SWITCHD_CALL_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/map.h"
#include "calls/callfsm.h"
#include "calls/calls.h"
#include "calls/outbox.h"
#include "directory/directory.h"
#include "wire/sigmsg.h"

struct call_record;
struct loop_event;
struct event_base;
struct push;
struct push_ring;
struct pushearly;
struct quotas;
struct settings;

struct callstats;

/*
 * The parts of the switch that all records use, and the handlers of their
 * owner.
 */
struct call_record_env {
	struct event_base *loop;
	const struct settings *settings;
	struct push *push;
	uint16_t answer_port;
	uint64_t *info_refused;
	struct quotas *quotas;
	uint64_t *resumes_bare;		/* answered without a relay */
	uint64_t (*media_ms)(const char *session, void *arg);
	int (*media)(const char *session, struct callstats *out, void *arg);
	int (*early)(const char *session, const char *party,
	    const struct addr *local, struct pushearly *out, void *arg);
	/* The call has come to this state, for the first time. */
	void (*reached)(struct call_record *record, enum call_state state,
	    void *arg);
	/* `stats` are the statistics of its media. */
	void (*ended)(struct call_record *record, const struct callstats *stats,
	    void *arg);
	/* The record is freed next. Take it out of the tables. */
	void (*forgotten)(struct call_record *record, void *arg);
	void *arg;
};

struct party {
	struct outbox box;
	struct call_record *record;
	int index;		/* CALL_CALLER, or the device's */
	uint8_t token_hash[CRYPTO_SHA256];
	/* Only of a device: */
	struct push_ring *ring;
	struct outbox_message *answer;		/* its RING with a session
						 * description */
	struct outbox kept;	/* INFOs kept until the answer is shown */
};

/* The fields are public for calls; calltable owns the nodes. */
struct call_record {
	struct map_node by_session, by_caller;
	TAILQ_ENTRY(call_record) by_age;
	bool over;			/* it is in the table of those */
	bool quiet;			/* its callee blocks the caller */
	int64_t number;			/* counted from 1 */
	const struct call_record_env *env;
	struct callfsm call;
	uint64_t asked_ns;		/* when INITIATE came */
	char session[SIGMSG_SESSION];
	char caller_number[SIGMSG_NUMBER];
	bool guest;			/* the caller is one */
	char callee_number[SIGMSG_NUMBER];
	char reason[SIGMSG_REASON];	/* of the end; "": none */
	/*
	 * When the first push was written, when a push service had accepted
	 * one, and when the first device rang. 0: not yet.
	 */
	uint64_t pushed_ms, sent_ms, rang_ms;
	struct outbox_message *offer;	/* NULL: not yet, or no longer */
	LIST_HEAD(, calls_wait) waits;	/* requests that wait for it */
	struct loop_event *deadline;
	struct party caller;
	struct party *devices;
	int n_devices;
};

/*
 * Make a record, which is in no table yet and wakes nobody. NULL if out of
 * memory.
 */
struct call_record *call_record_new(const struct call_record_env *env,
    const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg);

/*
 * Wake the devices, unless the record is `quiet`, and start the clock. Return false if none of them can be
 * woken. `*retry_ms` is then 0, or says when another SMS may be sent.
 */
bool call_record_begin(struct call_record *record, const struct calls_who *who,
    const struct directory_subscriber *callee, uint32_t *retry_ms);

/* Free the record and all its parts. */
void call_record_forget(struct call_record *record);

/* Return the party of the call that `who` is, or NULL. */
struct party *call_record_identify(struct call_record *record,
    const struct calls_who *who);

/* Use this link for the party from now on. */
void call_record_link(struct party *party, struct outbox_link *link);

/* Handle the loss of a party's connection. For outbox_link_handlers. */
void call_record_on_link_lost(struct outbox *box, void *arg);

/*
 * Handle a party's request, and fill in the reply's `status`, `reason` and
 * `retry_after_s`. The record still exists afterwards.
 */
void call_record_request(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

/* Handle an event that is not a request. It may forget the record. */
void call_record_note(struct call_record *record, enum call_event_type type,
    int party);

/* Fill in what a party needs for its side of the media. */
void call_record_describe(const struct party *party, struct calls_reply *reply);

#endif
