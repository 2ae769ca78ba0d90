/*
 * entry: one call with all that belongs to it: its state machine (call.h) and
 * deadline, its parties' mailboxes (mail.h), its rings (push.h). It carries out
 * what the state machine says. For calls, which keeps the table of them.
 */
#ifndef RP_SWITCHD_ENTRY_H
#define RP_SWITCHD_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/map.h"
#include "call.h"
#include "calls.h"
#include "mail.h"
#include "often.h"
#include "pace.h"
#include "peer/directory.h"
#include "wire/sigmsg.h"

struct entry;
struct event;
struct event_base;
struct push;
struct push_ring;
struct settings;

struct callstats;

/* What all entries need of the switch, and whom they tell. */
struct entry_env {
	struct event_base *loop;
	const struct settings *settings;
	struct push *push;
	uint16_t answer_port;
	uint64_t *info_refused;
	struct often_counters often;
	uint64_t (*media_ms)(const char *session, void *arg);
	int (*media)(const char *session, struct callstats *out, void *arg);
	void (*answered)(struct entry *entry, void *arg);
	/* stats: what its media was. */
	void (*ended)(struct entry *entry, const struct callstats *stats,
	    void *arg);
	/* It is freed next: take it out of the tables. */
	void (*forgotten)(struct entry *entry, void *arg);
	void *arg;
};

struct party {
	struct mailbox box;
	struct entry *entry;
	int index;		/* CALL_CALLER, or the device's */
	struct pace infos, resumes;
	/* A device's: */
	uint8_t token_hash[CRYPTO_SHA256];
	struct push_ring *ring;
	struct mail *answer;		/* RING with its side of the media */
	struct mailbox kept;		/* INFOs until that is shown */
};

/* calls reads it, and owns the nodes. */
struct entry {
	struct map_node by_session, by_caller;
	TAILQ_ENTRY(entry) of_active;	/* of those not over, by age */
	int64_t number;			/* counted from 1 */
	const struct entry_env *env;
	struct call call;
	char session[SIGMSG_SESSION];
	char caller_number[SIGMSG_NUMBER];
	char callee_number[SIGMSG_NUMBER];
	char reason[SIGMSG_REASON];	/* what who ended it said; "": nothing */
	struct mail *offer;
	struct event *deadline;
	struct party caller;
	struct party *devices;
	int n_devices;
};

/* NULL if out of memory. Not in any table yet, and nobody is woken. */
struct entry *entry_new(const struct entry_env *env, const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg);

/* Wake the devices, and start the clock. False: none of them can be woken. */
bool entry_begin(struct entry *entry,
    const struct directory_subscriber *callee);

/* Free it, and all that belongs to it. */
void entry_forget(struct entry *entry);

/* Which party of the call is that? NULL: none. */
struct party *entry_identify(struct entry *entry, const struct calls_who *who);

/* The party speaks on this line from now on. */
void entry_link(struct party *party, struct mail_line *line);

/* For mail_line_handlers: the party's connection is gone. */
void entry_on_line_lost(struct mailbox *box, void *arg);

/*
 * A party's request; fills in reply's status, reason and retry_after_s. The
 * entry is there afterwards.
 */
void entry_request(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

/* An event that is no request. It may forget the entry. */
void entry_note(struct entry *entry, enum call_event_type type, int party);

/* What a party needs for its side of the media. */
void entry_describe(const struct party *party, struct calls_reply *reply);

#endif
