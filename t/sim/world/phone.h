/*
 * phone: a machine with rp-dial on it, and the keys that its person presses.
 * One rp-dial waits for calls (--answer), another is started for each call that
 * is placed. All functions are for orders (sim_at), but for what is said below.
 *
 * Phones belong to the world: sim_phone_reset frees them after sim_end. Files
 * are written below the working directory, in "phones".
 */
#ifndef RP_SIM_PHONE_H
#define RP_SIM_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_machine;
struct sim_phone;

struct sim_phone_options {
	const char *number;
	unsigned device;	/* of the number: 1, 2, ... */
	const char *home;	/* its switch's name: "east.example" */
	const char *region;	/* where it is, see network.h; NULL: "east" */
	bool resident;		/* it never sleeps by itself */
	bool old;		/* 0.1.0: it answers by itself, see below */
	bool automatic;		/* so does this, at once */
	const char *network;	/* NULL: "wifi" */
};

/*
 * Make a phone, and its device in the directory. It is off. Its name is
 * "NUMBER/DEVICE", and that of its machine.
 */
struct sim_phone *sim_phone_new(const struct sim_phone_options *options);
void sim_phone_reset(void);

const char *sim_phone_name(const struct sim_phone *phone);
const char *sim_phone_number(const struct sim_phone *phone);
struct sim_machine *sim_phone_machine(const struct sim_phone *phone);
bool sim_phone_is_old(const struct sim_phone *phone);
/* By name; a number alone is its first device. NULL if there is none. */
struct sim_phone *sim_phone_find(const char *name);

/*
 * Switch it on: it registers, and sleeps when it has been idle for a while,
 * unless it is resident. Off: all of it is killed.
 */
void sim_phone_power(struct sim_phone *phone, bool on);

/*
 * Place a call. A phone that sleeps goes on to: only a push, or its person,
 * wakes the rp-dial that waits for calls. Return false if it is off or places
 * one already.
 */
bool sim_phone_dial(struct sim_phone *phone, const char *callee);

/*
 * The person's keys. Each returns false if there is nothing to press it for.
 * Answering and declining are for the call that rings; hanging up is for the
 * call that was placed, or else for that which was answered. An old phone has
 * none but hanging up of what it placed.
 */
bool sim_phone_answer(struct sim_phone *phone);
bool sim_phone_decline(struct sim_phone *phone);
bool sim_phone_hang_up(struct sim_phone *phone);
/* That both have read the same words to each other. */
bool sim_phone_confirm(struct sim_phone *phone);

/*
 * Let it sleep: the rp-dial that waits for calls does nothing until a push or
 * the person (false) wakes it. In a call it cannot: false is returned.
 */
bool sim_phone_sleep(struct sim_phone *phone, bool sleeps);
bool sim_phone_sleeps(const struct sim_phone *phone);

/*
 * Change its network: "wifi", "mobile" or "none". It gets another address each
 * time, and is told so. See network.h for the paths.
 */
void sim_phone_network(struct sim_phone *phone, const char *kind);
const char *sim_phone_network_now(const struct sim_phone *phone);
/* Give it another address in the same network, as a renewed lease does. */
void sim_phone_roam(struct sim_phone *phone);
/* Have others see it at other ports, of which it is not told: NAT. */
void sim_phone_rebind(struct sim_phone *phone);

enum sim_phone_at {
	PHONE_OFF,
	PHONE_IDLE,
	PHONE_DIALS,		/* nothing was heard of the other side */
	PHONE_HEARS,		/* it places a call, which rings there */
	PHONE_RINGS,
	PHONE_TALKS
};
/* Of two calls the one that is further tells. */
enum sim_phone_at sim_phone_state(const struct sim_phone *phone);
const char *sim_phone_at_text(enum sim_phone_at at);
/* Of that call; "" if there is none, or it is not known yet. */
const char *sim_phone_session(const struct sim_phone *phone);
const char *sim_phone_peer(const struct sim_phone *phone);
/* Does the switch know where to push for it? */
bool sim_phone_is_registered(const struct sim_phone *phone);
/* Since when; 0 for one of 0.1.0, which does not tell. */
uint64_t sim_phone_registered_at(const struct sim_phone *phone);

/* What one call of rp-dial came to. Valid during the handler. */
struct sim_phone_report {
	bool placed;			/* here, else it came */
	const char *peer;		/* a number; "" if it is not known */
	const char *session;		/* "" if the switch gave none */
	const char *end;		/* end_reason */
	bool answered, talked;
	const char *why;		/* "" if the end says it all */
	const char *json;		/* the whole report */
};

/*
 * What the world is told of all phones. Any may be NULL. They are called in no
 * process. They may press keys, and may not switch the phone off.
 */
struct sim_phone_handlers {
	void (*rings)(struct sim_phone *phone, const char *session,
	    const char *caller);
	void (*talks)(struct sim_phone *phone, const char *session,
	    const char *peer);
	void (*over)(struct sim_phone *phone,
	    const struct sim_phone_report *report);
	/* Its rp-dial for a placed call ended, with that exit status. */
	void (*dialled)(struct sim_phone *phone, int status);
};
void sim_phone_on(const struct sim_phone_handlers *handlers);

/*
 * Deliver a push to the phone of that endpoint (its push service does so):
 * wake it, and give it the message. Return false if it cannot be reached now,
 * because it is off or has no network. `authorization` may be NULL.
 */
bool sim_phone_push(const char *endpoint, const char *authorization,
    const void *body, size_t len);

#endif
