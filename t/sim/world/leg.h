/* leg: the calls that calls.c sees, for the other files that judge them. */
#ifndef RP_SIM_LEG_H
#define RP_SIM_LEG_H

#include <sys/queue.h>

#include "call/call.h"
#include "call/call_options.h"
#include "call/outcome.h"
#include "wire/sigmsg.h"

struct sim_machine;
struct sim_process;
struct session;

struct leg {
	TAILQ_ENTRY(leg) next;
	struct session *session;	/* NULL: none yet */
	struct leg *sister;		/* the next leg of the session */
	struct call *call;		/* NULL: it is over */
	const struct sim_process *process;
	int pid;			/* of it, unlike others ever */
	const struct sim_machine *machine;
	bool placed, ghost;
	bool old;			/* of 0.1.0: known by its report */
	char peer[SIGMSG_NUMBER];	/* once it is over */
	uint64_t began, rang, answered, talked, ended;
	enum outcome outcome;
	struct call_handlers handlers;
	void *arg;
};

struct session {
	struct session *bucket;
	char id[SIGMSG_SESSION];
	const struct sim_machine *host;	/* its switch's machine */
	int pid;			/* its switch's; 0: not known */
	char caller[SIGMSG_NUMBER], callee[SIGMSG_NUMBER];
	uint64_t since;			/* it is known */
	uint64_t ended;			/* by the log; 0: not yet */
	char reason[32];
	struct leg *legs;
	bool judged;
};

TAILQ_HEAD(legs, leg);

/* Those that go on, and those that are over. */
extern struct legs calls_legs, calls_past;

/* Call for each session, until it returns true: that one is returned. */
struct session *calls_find(bool (*is)(const struct session *s,
    const void *arg), const void *arg);

/* leg.c: its machine's name, its switch's machine (NULL: not known). */
const char *leg_name(const struct leg *leg);
const struct sim_machine *leg_host(const struct leg *leg);

/*
 * Return the trouble of a leg, or of any of a session, since that time; NULL if
 * there was none. Effects are as in trouble.h; leg_effects are those that matter
 * to it.
 */
const char *leg_trouble(const struct leg *leg, uint64_t from,
    unsigned effects);
const char *session_trouble(const struct session *s, uint64_t from,
    unsigned effects);
unsigned leg_effects(const struct leg *leg);

struct leg *session_caller(const struct session *s);	/* NULL: not known */

/* Is an end of it 0.1.0's, or may it be? What that does worse is no failure. */
bool leg_is_with_old(const struct leg *leg);

/* judge.c: a leg is over. */
void judge_leg(struct leg *leg);

/* watch.c: a leg goes on, or begins to ring. */
void watch_leg(const struct leg *leg);
void watch_ring(const struct leg *leg);

/* pairs.c: what two parties have between them. */
void pairs_started(struct session *s);
void pairs_ended(const struct session *s);
void pairs_talks(const struct leg *leg);
void pairs_over(struct leg *leg);
void pairs_look(void);
void pairs_reset(void);

#endif
