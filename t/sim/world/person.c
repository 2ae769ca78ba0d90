/* person: habits, by drawing from names. See person.h. */
#include "world/person.h"

#include <stdlib.h>
#include <string.h>

#include "core/sim.h"
#include "world/calls.h"
#include "world/check.h"
#include "world/count.h"
#include "world/phone.h"
#include "world/trouble.h"
#include "world/versions.h"
#include "world/world.h"

#define PHONES 512
#define DEVICES 3
#define HOUR (3600 * SIM_S)
#define UP (7 * HOUR)			/* people call from then ... */
#define DOWN (22 * HOUR)		/* ... until then */
#define FRIENDS 8
#define ON (600 * SIM_S)		/* all phones are switched on by then */
#define NUMBER PERSON_NUMBER

struct person {
	char number[NUMBER];
	struct sim_phone *phones[DEVICES];
	unsigned n, place;
	struct occasion *dials;		/* what is dialled now, or NULL */
};

/* A call that somebody means to make. */
struct occasion {
	struct person *who, *callee;
	unsigned nth, again;
	uint64_t talk, patience;
	bool glare, callee_ends, roams, loses;
	struct sim_phone *by;
	bool talks;
	unsigned turn;			/* what was ordered before is void */
};

/* Something to do with a phone later. */
struct errand {
	struct sim_phone *phone;
	struct person *who;
	struct occasion *occasion;
	unsigned turn;
	char session[64], peer[NUMBER];
};

const char *const person_habits[] = {
	"glare", "again", "decline", "ignore", "both", "roam", "lose", "off", NULL
};

static struct person people[PHONES];
static size_t n_people;
static struct sim_phone *phones[PHONES];
static size_t n_phones;
static void **kept;			/* to be freed with the world */
static size_t n_kept, kept_room;

static void *
keep(size_t size)
{
	void *p = calloc(1, size);

	if (n_kept == kept_room) {
		kept_room = kept_room * 2 + 1024;
		kept = realloc(kept, kept_room * sizeof(*kept));
	}
	if (p == NULL || kept == NULL)
		abort();
	kept[n_kept++] = p;
	return p;
}

struct sim_phone *
person_phone(size_t i)
{
	return i < n_phones ? phones[i] : NULL;
}

static struct person *
find(const char *number)
{
	size_t i;

	for (i = 0; i < n_people; i++)
		if (strcmp(people[i].number, number) == 0)
			return &people[i];
	return NULL;
}

static struct person *
person_of(const struct sim_phone *phone)
{
	return find(sim_phone_number(phone));
}

bool
person_has_old(const char *number)
{
	const struct person *p = find(number);
	unsigned i;

	for (i = 0; p != NULL && i < p->n; i++)
		if (sim_phone_is_old(p->phones[i]))
			return true;
	return false;
}

static bool
is_busy(const struct sim_phone *phone)
{
	enum sim_phone_at at = sim_phone_state(phone);

	return at != PHONE_IDLE;
}

static void
later(uint64_t after, void (*run)(void *arg), void *arg)
{
	sim_at(sim_now() + after, run, arg);
}

/* The caller. */

static void
give_up(void *arg)
{
	const struct errand *e = arg;

	if (e->occasion->turn != e->turn || e->occasion->talks)
		return;
	count_add("person.gave-up", 1);
	sim_phone_hang_up(e->occasion->by);
}

static struct errand *
errand(struct sim_phone *phone, struct occasion *o)
{
	struct errand *e = keep(sizeof(*e));

	e->phone = phone;
	e->occasion = o;
	e->turn = o != NULL ? o->turn : 0;
	return e;
}

static void
dial(void *arg)
{
	struct occasion *o = arg;
	unsigned i;

	if (o->who->dials != NULL) {
		count_add("person.otherwise-engaged", 1);
		return;
	}
	for (i = 0; i < o->who->n; i++)
		if (is_busy(o->who->phones[i]) &&
		    sim_phone_state(o->who->phones[i]) != PHONE_OFF) {
			count_add("person.otherwise-engaged", 1);
			return;
		}
	for (i = 0; i < o->who->n; i++) {
		o->by = o->who->phones[(o->nth + i) % o->who->n];
		if (sim_phone_state(o->by) == PHONE_IDLE &&
		    sim_phone_dial(o->by, o->callee->number))
			break;
	}
	if (i == o->who->n) {
		count_add("person.has-no-phone", 1);
		return;
	}
	count_add("call.tried", 1);
	o->who->dials = o;
	o->turn++;
	o->talks = false;
	later(o->patience, give_up, errand(o->by, o));
}

static void
hang_up(void *arg)
{
	const struct errand *e = arg;

	if (strcmp(sim_phone_session(e->phone), e->session) != 0 ||
	    sim_phone_state(e->phone) != PHONE_TALKS)
		return;
	sim_phone_hang_up(e->phone);
}

static void
roam(void *arg)
{
	const struct errand *e = arg;

	if (sim_phone_state(e->phone) == PHONE_OFF)
		return;
	count_add("person.roamed", 1);
	sim_phone_network(e->phone, e->turn % 2 == 0 ? "mobile" : "wifi");
}

static void
find_network(void *arg)
{
	const struct errand *e = arg;

	sim_phone_network(e->phone, "wifi");
}

static void
lose_network(void *arg)
{
	struct errand *e = arg;
	struct sim_random random;
	uint64_t lasts;

	if (sim_phone_state(e->phone) == PHONE_OFF)
		return;
	sim_random_init(&random, "loses %s %u", sim_phone_name(e->phone),
	    e->occasion->nth);
	lasts = SIM_S + sim_random_below(&random, 60 * SIM_S);
	count_add("person.lost-network", 1);
	trouble_add(sim_phone_machine(e->phone), NULL, sim_now(),
	    sim_now() + lasts, TROUBLE_ANY, "lose");
	sim_phone_network(e->phone, "none");
	later(lasts, find_network, e);
}

/* Whether of two that talk now, this phone is the caller's of an occasion. */
static struct occasion *
occasion_of(struct sim_phone *phone, const char *peer)
{
	struct person *who = person_of(phone);
	struct occasion *o = who->dials;

	if (o == NULL || o->by != phone || strcmp(o->callee->number, peer) != 0)
		return NULL;
	return o;
}

static void
on_talks(struct sim_phone *phone, const char *session, const char *peer)
{
	struct occasion *o = occasion_of(phone, peer);
	struct errand *e;

	if (o == NULL) {
		/* Whoever took it hangs up if the caller forgets to. */
		e = errand(phone, NULL);
		snprintf(e->session, sizeof(e->session), "%s", session);
		later(200 * SIM_S, hang_up, e);
		return;
	}
	o->talks = true;
	e = errand(phone, o);
	snprintf(e->session, sizeof(e->session), "%s", session);
	later(o->talk, hang_up, e);
	if (o->roams)
		later(o->talk / 3, roam, e);
	if (o->loses)
		later(o->talk / 2, lose_network, e);
}

static void
on_dialled(struct sim_phone *phone, int status)
{
	struct person *who = person_of(phone);
	struct occasion *o = who->dials;
	struct sim_random random;
	char text[16];

	snprintf(text, sizeof(text), "%d", status);
	count_in("exit", text, 1);
	if (o == NULL || o->by != phone)
		return;
	who->dials = NULL;
	o->turn++;
	if (status == 0 || o->again > 1 || world_without("again"))
		return;
	sim_random_init(&random, "again %s %u %u", who->number, o->nth,
	    o->again++);
	if (sim_random_below(&random, 3) == 0)
		later(5 * SIM_S + sim_random_below(&random, 60 * SIM_S),
		    dial, o);
}

/* The callee. */

static bool
rings_still(const struct errand *e)
{
	return sim_phone_state(e->phone) == PHONE_RINGS &&
	    strcmp(sim_phone_session(e->phone), e->session) == 0;
}

static void
answer(void *arg)
{
	const struct errand *e = arg;

	if (!rings_still(e))
		return;
	count_add("person.answered", 1);
	sim_phone_answer(e->phone);
}

static void
decline(void *arg)
{
	const struct errand *e = arg;

	if (!rings_still(e))
		return;
	count_add("person.declined", 1);
	sim_phone_decline(e->phone);
}

/*
 * It rings for a call by the one whom this person dials. As rp-signal(7) has
 * it, the call with the higher session gives way; the other one's owner lets it
 * ring in vain.
 */
static bool
meets(struct errand *e, struct occasion *o)
{
	const char *placed = calls_placed(sim_phone_name(o->by));

	if (*placed == '\0' || o->talks ||
	    strcmp(o->callee->number, e->peer) != 0)
		return false;
	count_add("person.met", 1);
	if (strcmp(placed, e->session) <= 0)
		return true;
	sim_phone_hang_up(o->by);
	later(500 * SIM_MS, answer, e);
	return true;
}

/*
 * A session is another one if anything before it was left out, so draw by whose
 * call it is, and by which of those.
 */
static void
draw_for(struct sim_random *random, const struct errand *e)
{
	const struct occasion *o = NULL;
	size_t i;

	for (i = 0; i < n_people; i++)
		if (strcmp(people[i].number, e->peer) == 0)
			o = people[i].dials;
	if (o == NULL || o->callee != e->who)
		sim_random_init(random, "hears %s %s", e->who->number,
		    e->session);
	else
		sim_random_init(random, "hears %s %s %u %u", e->who->number,
		    e->peer, o->nth, o->again);
}

/*
 * Decide by the call, not by the device: all of one's devices ring. Few people
 * have a second one that answers at about the same time.
 */
static void
hear(void *arg)
{
	struct errand *e = arg;
	struct person *who = e->who;
	struct sim_random random;
	uint64_t after, what, by;
	bool both;

	if (who->dials != NULL && meets(e, who->dials))
		return;
	draw_for(&random, e);
	after = SIM_S + sim_random_below(&random, 15 * SIM_S);
	what = sim_random_below(&random, 100);
	by = sim_random_below(&random, who->n);
	both = sim_random_below(&random, 10) == 0 && !world_without("both");
	if (who->phones[by] != e->phone && !both)
		return;
	if (who->phones[by] != e->phone)
		after += sim_random_below(&random, 300 * SIM_MS);
	if (what < 8 && !world_without("decline"))
		later(after, decline, e);
	else if (what < 75 || world_without("ignore"))
		later(after, answer, e);
}

static void
on_rings(struct sim_phone *phone, const char *session, const char *caller)
{
	struct errand *e = errand(phone, NULL);

	e->who = person_of(phone);
	snprintf(e->session, sizeof(e->session), "%s", session);
	snprintf(e->peer, sizeof(e->peer), "%s", caller);
	later(300 * SIM_MS, hear, e);
}

static void
on_over(struct sim_phone *phone, const struct sim_phone_report *report)
{
	if (sim_phone_is_old(phone))
		calls_told(sim_phone_machine(phone), report);
}

/* The day. */

static void
switch_on(void *arg)
{
	sim_phone_power(arg, true);
}

static void
switch_off(void *arg)
{
	struct sim_phone *phone = arg;

	count_add("person.switched-off", 1);
	trouble_add(sim_phone_machine(phone), NULL, sim_now(),
	    sim_now() + HOUR, TROUBLE_ANY, "off");
	sim_phone_power(phone, false);
	later(HOUR, switch_on, phone);
}

static void
plan_call(struct person *p, unsigned nth)
{
	struct occasion *o = keep(sizeof(*o)), *back;
	struct sim_random random;
	uint64_t at, friend;

	sim_random_init(&random, "call %s %u", p->number, nth);
	at = UP + sim_random_below(&random, DOWN - UP);
	friend = 1 + sim_random_below(&random, FRIENDS);
	o->who = p;
	o->nth = nth;
	o->callee = &people[(p->place + friend * friend) % n_people];
	o->talk = SIM_S + sim_random_below(&random, 20 * SIM_S) *
	    (1 + sim_random_below(&random, 4));
	o->patience = 5 * SIM_S + sim_random_below(&random, 50 * SIM_S);
	o->glare = sim_random_below(&random, 50) == 0;
	o->roams = sim_random_below(&random, 20) == 0;
	o->loses = sim_random_below(&random, 40) == 0;
	o->roams = o->roams && !world_without("roam");
	o->loses = o->loses && !world_without("lose");
	if (world_without("%s", p->number) || o->callee == p ||
	    world_without("%s", o->callee->number) ||
	    world_without("%s#%u", p->number, nth) ||
	    world_without("hour%u", (unsigned)(at / HOUR)))
		return;
	sim_at(at, dial, o);
	if (!o->glare || world_without("glare"))
		return;
	back = keep(sizeof(*back));
	*back = *o;
	back->who = o->callee;
	back->callee = p;
	back->nth = 1000 + nth;
	sim_at(at + sim_random_below(&random, 400 * SIM_MS), dial, back);
}

static void
make_phone(struct person *p, unsigned device,
    const struct world_options *options)
{
	struct sim_random random;
	struct sim_phone_options how = {
		.number = p->number, .device = device + 1
	};
	struct sim_phone *phone;

	sim_random_init(&random, "phone %s %u", p->number, device);
	how.home = WORLD_NAME;
	how.region = p->place % 3 == 0 ? "west" : "east";
	how.network = sim_random_below(&random, 3) == 0 ? "mobile" : "wifi";
	how.resident = sim_random_below(&random, 20) == 0;
	how.old = versions_phone(options, sim_random_below(&random, 100));
	phone = sim_phone_new(&how);
	p->phones[device] = phones[n_phones++] = phone;
	world_lead(sim_phone_machine(phone), how.region);
	sim_machine_clock(sim_phone_machine(phone), world_clock());
	if (world_without("%s", p->number) ||
	    world_without("%s", sim_phone_name(phone)))
		return;
	sim_at(SIM_S + sim_random_below(&random, ON), switch_on, phone);
	if (sim_random_below(&random, 30) == 0 && !world_without("off"))
		sim_at(UP + sim_random_below(&random, DOWN - UP), switch_off,
		    phone);
}

/* Most have one device, some two, few three. */
unsigned
person_devices(unsigned place)
{
	return place % 10 == 9 ? 3 : place % 10 >= 7 ? 2 : 1;
}

void
person_number(unsigned place, char out[static PERSON_NUMBER])
{
	snprintf(out, PERSON_NUMBER, "+49305551%04u", place);
}

unsigned
person_count(unsigned n)
{
	unsigned i, have = 0;

	for (i = 0; have < n && i < PHONES; i++)
		have += person_devices(i);
	return i;
}

void
person_plan(const struct world_options *options)
{
	static const struct sim_phone_handlers handlers = {
		.rings = on_rings, .talks = on_talks, .dialled = on_dialled,
		.over = on_over
	};
	unsigned i, k;

	sim_phone_on(&handlers);
	while (n_phones < options->phones && n_people < PHONES) {
		struct person *p = &people[n_people];

		memset(p, 0, sizeof(*p));
		p->place = (unsigned)n_people++;
		person_number(p->place, p->number);
		check_secret(p->number);
		p->n = person_devices(p->place);
		if (p->n > options->phones - n_phones)
			p->n = (unsigned)(options->phones - n_phones);
		for (k = 0; k < p->n; k++)
			make_phone(p, k, options);
	}
	for (i = 0; i < n_people; i++)
		for (k = 0; k < options->calls; k++)
			plan_call(&people[i], k);
}

void
person_reset(void)
{
	while (n_kept > 0)
		free(kept[--n_kept]);
	free(kept);
	kept = NULL;
	kept_room = n_people = n_phones = 0;
}
