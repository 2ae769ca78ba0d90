/* phone_private: what the files of phone share. */
#ifndef RP_SIM_PHONE_PRIVATE_H
#define RP_SIM_PHONE_PRIVATE_H

#include <sys/queue.h>

#include "core/private.h"
#include "wire/sigmsg.h"
#include "world/phone.h"

#define PHONE_NAME (SIGMSG_NUMBER + 8)
#define PHONE_ARGS 20
#define PHONE_PORT 8080			/* of its push endpoint, for itself only */
#define PHONE_READY "ready"		/* a file that is not written */
#define PHONE_ORIGIN "https://push.example/"

struct call;

/* A run of rp-dial. It stays when its phone is off, until its ghost is gone. */
struct phone_leg {
	LIST_ENTRY(phone_leg) of_pid;
	struct sim_phone *phone;	/* NULL: this is a ghost's */
	struct sim_process *process;
	struct call *call;		/* the latest; NULL: none */
	bool placed, rung, talked;	/* the last two: that call */
	bool old;
	char callee[SIGMSG_NUMBER];
	const char *argv[PHONE_ARGS];
	int argc;
	char *report;			/* name of an old one's file */
};

struct sim_phone {
	STAILQ_ENTRY(sim_phone) next;
	struct sim_phone_options options;
	char name[PHONE_NAME], caller[PHONE_NAME + 1], number[SIGMSG_NUMBER];
	char home[64], region[32];
	char folder[64], account[96], ready[96], url[64 + SIGMSG_NUMBER];
	size_t index;			/* 0, 1, ... in the order of making */
	struct sim_machine *machine;
	const char *network;
	char ip[16];
	unsigned moves;			/* addresses it has had */
	bool on, sleeps, registered;
	uint64_t registered_at;
	struct phone_leg *waits, *dials;	/* NULL: not running */
	struct sim_alarm doze, again;
};

/* Write its account, in a folder that has nothing else of an earlier world. */
void phone_account(struct sim_phone *phone);

/* The leg of a process; NULL: it is none of a phone that is on. */
struct phone_leg *phone_leg_of(const struct sim_process *process);
/* The phone is awake for some seconds more. */
void phone_stir(struct sim_phone *phone);

/* taps: begin to be told by the product; what is told to the world. */
void phone_taps_begin(void);
void phone_tell_old(struct phone_leg *leg);
void phone_tell_dialled(struct sim_phone *phone, int status);

#endif
