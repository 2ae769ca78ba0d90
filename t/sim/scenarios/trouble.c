/*
 * trouble: two phones in trouble. In each seed alice dials bob once, who answers
 * (or declines, or does not hear it), and one of them hangs up. Meanwhile their
 * networks fail: another address, another NAT, none at all, a cut, loss. In the
 * end nothing may be left, and if there was no trouble when it ended, both
 * phones must have been told so, with one reason.
 *
 *   trouble FOLDER FIRST LAST
 *
 * prints a line for each seed, and what is wrong. If FIRST is LAST, it prints the
 * record, too.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/sim.h"
#include "world/network.h"
#include "world/phone.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"

#define DIAL_S 30
#define SET_UP_S (DIAL_S + 5)
#define END_S 600
#define TROUBLES 3
#define BEFORE_S 40		/* the end: trouble until then may have caused it */
#define AFTER_S 5
#define TEXT 160

enum kind { ROAM, REBIND, NONE, CUT, LOSSY, KINDS };

static const char *const names[KINDS] = {
	"roam", "rebind", "none", "cut", "lossy"
};

struct trouble {
	enum kind kind;
	struct sim_phone *phone;
	uint64_t from, until;
};

struct run {
	struct sim_random random;
	struct sim_switch *sw;
	struct sim_phone *alice, *bob;
	struct trouble troubles[TROUBLES];
	size_t n;
	bool planned, hung_up;		/* the end */
	unsigned reports;
	char ends[2][TEXT];		/* what each has reported */
	char last[2][32];
	uint64_t over[2];
};

static struct run run;

static void
answer(void *arg)
{
	(void)arg;
	sim_phone_answer(run.bob);
}

static void
decline(void *arg)
{
	(void)arg;
	sim_phone_decline(run.bob);
}

static void
hang_up(void *arg)
{
	run.hung_up = true;
	sim_phone_hang_up(arg);
}

static void
dial(void *arg)
{
	(void)arg;
	sim_phone_dial(run.alice, "bob");
}

static uint64_t
in_ms(uint64_t least, uint64_t span)
{
	return sim_now() + (least + sim_random_below(&run.random, span)) *
	    SIM_MS;
}

static void
on_rings(struct sim_phone *phone, const char *session, const char *caller)
{
	uint64_t habit = sim_random_below(&run.random, 16);

	(void)phone;
	(void)session;
	(void)caller;
	if (habit > 1)
		sim_at(in_ms(1000, 9000), answer, NULL);
	else if (habit == 1)
		sim_at(in_ms(1000, 9000), decline, NULL);
}

static void
leave_home(void *arg)
{
	sim_phone_network(arg, "mobile");
}

/* Some hang up as they leave the house. */
static void
plan_end(void)
{
	uint64_t at = in_ms(10000, 100000);
	struct sim_phone *phone = sim_random_below(&run.random, 2) ?
	    run.alice : run.bob;

	sim_at(at, hang_up, phone);
	if (sim_random_below(&run.random, 4) == 0)
		sim_at(at - sim_random_below(&run.random, 500) * SIM_MS,
		    leave_home, phone);
	run.planned = true;
}

/* The first talk is a long one, and later ones are said to be a mistake. */
static void
on_talks(struct sim_phone *phone, const char *session, const char *peer)
{
	(void)session;
	(void)peer;
	if (!run.planned)
		plan_end();
	else if (run.hung_up)
		sim_at(in_ms(5000, 1), hang_up, phone);
}

static void
on_over(struct sim_phone *phone, const struct sim_phone_report *report)
{
	int who = phone == run.bob;
	size_t n = strlen(run.ends[who]);

	snprintf(run.ends[who] + n, TEXT - n, "%s%s@%.1f", n > 0 ? "," : "",
	    report->end, (double)sim_now() / (double)SIM_S);
	snprintf(run.last[who], sizeof(run.last[who]), "%s", report->end);
	run.over[who] = sim_now();
	run.reports++;
}

static void
begin_trouble(void *arg)
{
	static const struct sim_trouble cut = { .cut = true };
	static const struct sim_trouble lossy = {
		.loss = 300000, .late = 100000, .twice = 100000
	};
	const struct trouble *t = arg;

	sim_record("trouble", "phone=%s kind=%s", sim_phone_name(t->phone),
	    names[t->kind]);
	if (t->kind == ROAM)
		sim_phone_roam(t->phone);
	else if (t->kind == REBIND)
		sim_phone_rebind(t->phone);
	else if (t->kind == NONE)
		sim_phone_network(t->phone, "none");
	else
		sim_network_trouble(sim_phone_machine(t->phone),
		    sim_switch_machine(run.sw), t->kind == CUT ? &cut :
		    &lossy);
}

static void
end_trouble(void *arg)
{
	const struct trouble *t = arg;

	sim_record("mends", "phone=%s kind=%s", sim_phone_name(t->phone),
	    names[t->kind]);
	if (t->kind == NONE)
		sim_phone_network(t->phone, "mobile");
	else
		sim_network_trouble(sim_phone_machine(t->phone),
		    sim_switch_machine(run.sw), NULL);
}

static void
plan_trouble(struct trouble *t)
{
	uint64_t most_ms = sim_random_below(&run.random, 2) ? 10000 : 60000;

	t->kind = (enum kind)sim_random_below(&run.random, KINDS);
	t->phone = sim_random_below(&run.random, 2) ? run.alice : run.bob;
	t->from = DIAL_S * SIM_S + sim_random_below(&run.random, 80000) *
	    SIM_MS;
	t->until = t->from;
	sim_at(t->from, begin_trouble, t);
	if (t->kind == ROAM || t->kind == REBIND)
		return;
	t->until += (500 + sim_random_below(&run.random, most_ms)) * SIM_MS;
	sim_at(t->until, end_trouble, t);
}

static struct sim_phone *
make_phone(const char *number)
{
	const struct sim_phone_options options = {
		.number = number, .device = 1, .home = "sw1.example"
	};
	struct sim_phone *phone = sim_phone_new(&options);

	sim_phone_power(phone, true);
	return phone;
}

static void
begin(uint64_t seed)
{
	static const struct sim_phone_handlers handlers = {
		.rings = on_rings, .talks = on_talks, .over = on_over
	};
	struct sim_path path = { .delay_us = 2000, .jitter_us = 500 };
	size_t i;

	sim_begin(seed);
	memset(&run, 0, sizeof(run));
	sim_random_init(&run.random, "trouble");
	sim_path_usual(&path);
	sim_service_start("192.0.2.9");
	sim_network_place(sim_service_machine(), "east", "wire");
	sim_service_on_wake(sim_phone_push);
	sim_pushsend_register();
	run.sw = sim_switch_new("sw1", "east", "203.0.113.1", false);
	sim_switch_start(run.sw);
	run.alice = make_phone("alice");
	run.bob = make_phone("bob");
	sim_phone_on(&handlers);
	sim_at(DIAL_S * SIM_S, dial, NULL);
	run.n = 1 + sim_random_below(&run.random, TROUBLES);
	for (i = 0; i < run.n; i++)
		plan_trouble(&run.troubles[i]);
}

/*
 * Does it end a call, or keep somebody from hearing of an end? Another address
 * does not, and another NAT does only while media is set up, or while it rings
 * for long.
 */
static bool
is_grave(const struct trouble *t)
{
	if (t->kind == REBIND)
		return !run.planned || t->from < SET_UP_S * SIM_S;
	return t->kind != ROAM;
}

static bool
was_calm(uint64_t at)
{
	size_t i;

	for (i = 0; i < run.n; i++)
		if (is_grave(&run.troubles[i]) &&
		    run.troubles[i].from < at + AFTER_S * SIM_S &&
		    run.troubles[i].until + BEFORE_S * SIM_S > at)
			return false;
	return true;
}

/* Are these what one end is called at both sides? */
static bool
is_one_reason(const char *alice, const char *bob)
{
	static const char *const pairs[][2] = {
		{ "completed", "completed" }, { "declined", "declined" },
		{ "no_answer", "no_answer" }, { "no_answer", "cancelled" },
		{ "cancelled", "cancelled" },
		/* It was dialled again. */
		{ "moved", "no_answer" }
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(alice, pairs[i][0]) == 0 &&
		    strcmp(bob, pairs[i][1]) == 0)
			return true;
	return false;
}

static bool
had_grave_trouble(void)
{
	size_t i;

	for (i = 0; i < run.n; i++)
		if (is_grave(&run.troubles[i]))
			return true;
	return false;
}

/* Return what is wrong, or NULL. */
static const char *
judge(void)
{
	struct sim_switch_state state;
	uint64_t last = run.over[0] > run.over[1] ? run.over[0] : run.over[1];

	sim_switch_state(run.sw, &state);
	if (sim_phone_state(run.alice) != PHONE_IDLE ||
	    sim_phone_state(run.bob) != PHONE_IDLE)
		return "a phone is busy for ever";
	if (state.calls > 0 || state.allocations > 0)
		return "the switch holds something";
	if (run.over[0] == 0)
		return "no report of the caller";
	if (run.reports > 2 && !had_grave_trouble())
		return "it was dialled again for nothing";
	if (!was_calm(run.over[0]) || !was_calm(last))
		return NULL;
	return is_one_reason(run.last[0], run.last[1]) ? NULL :
	    "two reasons";
}

static void
print(uint64_t seed, const char *wrong)
{
	size_t i;

	printf("%llu %s alice=%s bob=%s", (unsigned long long)seed,
	    wrong != NULL ? wrong : "ok", run.ends[0], run.ends[1]);
	for (i = 0; i < run.n; i++) {
		const struct trouble *t = &run.troubles[i];

		printf(" %s/%s@%.1f-%.1f", names[t->kind],
		    sim_phone_number(t->phone), (double)t->from / SIM_S,
		    (double)t->until / SIM_S);
	}
	printf("\n");
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	uint64_t seed, last;
	const char *wrong;
	int status = 0;

	if (argc != 4 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: trouble FOLDER FIRST LAST\n");
		return 2;
	}
	json_object_seed(1);
	seed = strtoull(argv[2], NULL, 10);
	last = strtoull(argv[3], NULL, 10);
	for (; seed <= last; seed++) {
		begin(seed);
		if (strcmp(argv[2], argv[3]) == 0)
			sim_record_to(stdout);
		sim_run(END_S * SIM_S);
		wrong = judge();
		print(seed, wrong);
		if (wrong != NULL)
			status = 1;
		scenario_reset();
	}
	return status;
}
