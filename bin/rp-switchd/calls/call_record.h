/*
 * record: one call with all that belongs to it: its state machine (callfsm.h) and
 * deadline, its parties' outboxes (outbox.h), its rings (push.h). It carries out
 * what the state machine says. For calls, which keeps the table of them.
 */
#ifndef RP_SWITCHD_CALL_RECORD_H
#define RP_SWITCHD_CALL_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/map.h"
#include "base/pace.h"
#include "calls/callfsm.h"
#include "calls/calls.h"
#include "calls/often.h"
#include "calls/outbox.h"
#include "directory/directory.h"
#include "wire/sigmsg.h"

struct call_record;
struct loop_event;
struct event_base;
struct push;
struct push_ring;
struct settings;

struct callstats;

/* What all records need of the switch, and whom they tell. */
struct call_record_env {
	struct event_base *loop;
	const struct settings *settings;
	struct push *push;
	uint16_t answer_port;
	uint64_t *info_refused;
	struct often_counters often;
	uint64_t (*media_ms)(const char *session, void *arg);
	int (*media)(const char *session, struct callstats *out, void *arg);
	void (*answered)(struct call_record *record, void *arg);
	/* stats: what its media was. */
	void (*ended)(struct call_record *record, const struct callstats *stats,
	    void *arg);
	/* It is freed next: take it out of the tables. */
	void (*forgotten)(struct call_record *record, void *arg);
	void *arg;
};

struct party {
	struct outbox box;
	struct call_record *record;
	int index;		/* CALL_CALLER, or the device's */
	struct pace infos, resumes;
	/* A device's: */
	uint8_t token_hash[CRYPTO_SHA256];
	struct push_ring *ring;
	struct outbox_message *answer;		/* RING with its side of the media */
	struct outbox kept;		/* INFOs until that is shown */
};

/* calls reads it, and owns the nodes. */
struct call_record {
	struct map_node by_session, by_caller;
	TAILQ_ENTRY(call_record) of_active;	/* of those not over, by age */
	int64_t number;			/* counted from 1 */
	const struct call_record_env *env;
	struct callfsm call;
	char session[SIGMSG_SESSION];
	char caller_number[SIGMSG_NUMBER];
	char callee_number[SIGMSG_NUMBER];
	char reason[SIGMSG_REASON];	/* what who ended it said; "": nothing */
	struct outbox_message *offer;
	struct loop_event *deadline;
	struct party caller;
	struct party *devices;
	int n_devices;
};

/* NULL if out of memory. Not in any table yet, and nobody is woken. */
struct call_record *call_record_new(const struct call_record_env *env, const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg);

/* Wake the devices, and start the clock. False: none of them can be woken. */
bool call_record_begin(struct call_record *record,
    const struct directory_subscriber *callee);

/* Free it, and all that belongs to it. */
void call_record_forget(struct call_record *record);

/* Which party of the call is that? NULL: none. */
struct party *call_record_identify(struct call_record *record, const struct calls_who *who);

/* The party speaks on this line from now on. */
void call_record_link(struct party *party, struct outbox_link *link);

/* For outbox_link_handlers: the party's connection is gone. */
void call_record_on_link_lost(struct outbox *box, void *arg);

/*
 * A party's request; fills in reply's status, reason and retry_after_s. The
 * record is there afterwards.
 */
void call_record_request(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

/* An event that is no request. It may forget the record. */
void call_record_note(struct call_record *record, enum call_event_type type, int party);

/* What a party needs for its side of the media. */
void call_record_describe(const struct party *party, struct calls_reply *reply);

#endif
