/*
 * storm: many faults of switches, directory and push services at random, while
 * four phones call two numbers that nobody answers. Afterwards all is mended:
 * then every switch takes calls, whose pushes arrive soon, and holds nothing of
 * those that were, every push request that a
 * sender read has had one result, no loop has turned without a pause, and each
 * switch ends in peace and has freed all. If 0.1.0 is linked (old/build.sh),
 * switches go to it and back, and so much is not asked of that.
 *
 *   storm FOLDER FIRST [LAST [print]]
 *
 * Each seed is a world of its own. It prints a line for each that fails, and
 * returns 1 then. With `print` it prints the record, too.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/private.h"
#include "scenarios/storm_faults.h"
#include "stand/stand.h"
#include "stand/store.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"

#define PHONES 4
#define STORM_S 600
#define CALM_S 900		/* after it; allocations live for 600 s */
#define LAST_S 20		/* between the last calls, one by each switch */
#define SOON_S 5		/* until their pushes arrive, at most */
#define RESULTS 4096
#define LOOK_S 10
#define BUSY 20000		/* turns of a loop in that time */
#define KEYS "\"keys\":{\"p256dh\":\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUz"\
	"ORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\","		\
	"\"auth\":\"BTBZMqHH6r4Tts7J_aSIgg\"}"

struct phone {
	struct scenario_dial dial;
	char name[16], account[24], report[24];
};
#define CALLEE 4			/* where it stands in dial.args */

static struct phone phones[PHONES];
static struct sim_random random_calls;
static bool calm;
static unsigned wakes;
static unsigned failures, calls, faults;
static uint64_t seed;

/* What a sender owes results for. */
static struct {
	int pid;
	char id[64];
} owed[RESULTS];
static size_t n_owed;

static void __attribute__((format(printf, 1, 2)))
fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("seed=%llu at=%.6f ", (unsigned long long)seed,
	    (double)sim_now() / (double)SIM_S);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	failures++;
	sim_stop();
}

static void
on_dial_ended(struct scenario_dial *dial, int status)
{
	const struct sim_process *process = dial->process;

	(void)status;
	if (sim_process_turns(process) > BUSY)
		fail("busy process=%s turns=%llu", dial->name,
		    (unsigned long long)sim_process_turns(process));
	if (sim_process_bytes(process) > 0)
		fail("leaks process=%s bytes=%zu", dial->name,
		    sim_process_bytes(process));
}

static void
call(void *arg)
{
	static const char *const callees[] = { "bob", "carol", "bob", "nobody" };
	struct phone *p = &phones[sim_random_below(&random_calls, PHONES)];
	const char *callee = callees[sim_random_below(&random_calls, 4)];

	(void)arg;
	if (calm)
		return;
	sim_at(sim_now() + storm_draw(&random_calls, 500, 6000) * SIM_MS, call,
	    NULL);
	if (p->dial.process != NULL)
		return;
	calls++;
	p->dial.args[CALLEE] = callee;
	sim_record("calls", "who=%s callee=%s", p->name, callee);
	scenario_dial(&p->dial);
	sim_at(sim_now() + storm_draw(&random_calls, 200, 20000) * SIM_MS,
	    scenario_hang_up, &p->dial);
}

static void
fault(void *arg)
{
	if (calm)
		return;
	faults++;
	storm_fault();
	sim_at(sim_now() + storm_fault_pause(), fault, arg);
}

/* A phone that was gone registers again. */
static void
enrol(void *arg)
{
	static const char *const numbers[] = { "bob", "carol" };
	char token[32], push[512];
	uint8_t hash[CRYPTO_SHA256];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(token, sizeof(token), "%s-secret-token",
		    numbers[i]);
		snprintf(push, sizeof(push), "{\"type\":\"webpush\",\"to\":{"
		    "\"endpoint\":\"https://push.example/%s\"," KEYS "}}",
		    numbers[i]);
		directory_hash(hash, token);
		(void)store_push(numbers[i], hash, push,
		    SIM_START_S + (int64_t)(sim_now() / SIM_S), INT64_MAX);
	}
	sim_at(sim_now() + 20 * SIM_S, enrol, arg);
}

static void
on_request(const char *id)
{
	if (n_owed == RESULTS)
		abort();
	owed[n_owed].pid = sim_process_pid(sim_process_self());
	snprintf(owed[n_owed++].id, sizeof(owed[0].id), "%s", id);
}

static void
on_result(const char *id, const char *status)
{
	size_t i;

	(void)status;
	for (i = 0; i < n_owed; i++)
		if (owed[i].pid == sim_process_pid(sim_process_self()) &&
		    strcmp(owed[i].id, id) == 0) {
			owed[i] = owed[--n_owed];
			return;
		}
	fail("result id=%s without a request", id);
}

static bool
wake(const char *endpoint, const char *authorization, const void *body,
    size_t len)
{
	(void)endpoint;
	(void)body;
	(void)len;
	if (authorization == NULL)
		fail("push without a signature");
	wakes++;
	return true;
}

static void
on_switch_ended(struct sim_switch *sw, int status, bool ghost)
{
	if (status != 0 && !ghost)
		fail("ended switch=%s status=%d", sim_switch_name(sw), status);
}

static void
become_calm(void *arg)
{
	(void)arg;
	calm = true;
	sim_record("calm", "calls=%u faults=%u", calls, faults);
	storm_mend();
}

/* Is bob woken by the switch that it is the turn of? */
static void
check_wake(void *arg)
{
	if (wakes == 0)
		fail("no wake by switch=%s", sim_switch_name(arg));
}

static void
call_last(void *arg)
{
	struct sim_switch *sw = arg;
	struct phone *p = &phones[0];

	if (p->dial.process != NULL)
		fail("waits phone=%s", p->name);
	if (p->dial.process != NULL || sim_switch_is_old(sw))
		return;
	snprintf(p->account, sizeof(p->account), "by-%s.conf",
	    sim_switch_name(sw));
	p->dial.args[CALLEE] = "bob";
	wakes = 0;
	sim_record("calls", "who=%s last=%s", p->name, sim_switch_name(sw));
	scenario_dial(&p->dial);
	sim_at(sim_now() + SOON_S * SIM_S, check_wake, sw);
	sim_at(sim_now() + SOON_S * SIM_S + 1, scenario_hang_up, &p->dial);
}

/* Those that were to stop may have been undrained before they ended. */
static void
settle(void *arg)
{
	struct sim_switch *sw;
	size_t i;

	(void)arg;
	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++) {
		storm_start(sw);
		sim_switch_undrain(sw);
	}
}

/* No loop turns without a pause. */
static void
look(void *arg)
{
	static struct {
		const struct sim_process *process;
		uint64_t turns;
	} last[STORM_SWITCHES];
	const struct sim_process *process;
	uint64_t turns;
	size_t i;

	for (i = 0; i < STORM_SWITCHES; i++) {
		process = sim_switch_process(sim_switch_at(i));
		turns = process != NULL ? sim_process_turns(process) : 0;
		if (process != NULL && process == last[i].process &&
		    !sim_switch_is_old(sim_switch_at(i)) &&
		    turns > last[i].turns + BUSY)
			fail("busy switch=%zu turns=%llu", i,
			    (unsigned long long)(turns - last[i].turns));
		last[i].process = process;
		last[i].turns = turns;
	}
	sim_at(sim_now() + LOOK_S * SIM_S, look, arg);
}

static void
check(void *arg)
{
	struct sim_switch_state state;
	struct sim_switch *sw;
	size_t i;

	(void)arg;
	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++) {
		sim_switch_state(sw, &state);
		sim_record("state", "switch=%s open=%d calls=%zu known=%zu "
		    "connections=%zu allocations=%zu pending=%zu",
		    sim_switch_name(sw), state.open, state.calls, state.known,
		    state.connections, state.allocations, state.pending);
		if (!sim_switch_is_old(sw) && (!state.open ||
		    state.calls > 0 || state.connections > 0 ||
		    state.allocations > 0 || state.pending > 0))
			fail("state switch=%s open=%d calls=%zu "
			    "connections=%zu allocations=%zu pending=%zu",
			    sim_switch_name(sw), state.open, state.calls,
			    state.connections, state.allocations,
			    state.pending);
		sim_switch_stop(sw);
	}
	for (i = 0; i < n_owed; i++)
		if (sim_process_of_pid(owed[i].pid) != NULL)
			fail("owes id=%s", owed[i].id);
	for (i = 0; i < PHONES; i++)
		if (phones[i].dial.process != NULL)
			fail("waits phone=%s", phones[i].name);
}

static void
check_end(void *arg)
{
	struct sim_switch *sw;
	size_t i;

	(void)arg;
	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++)
		if (sim_switch_runs(sw) || sim_switch_leaked(sw) > 0)
			fail("over switch=%s runs=%d leaked=%zu",
			    sim_switch_name(sw), sim_switch_runs(sw),
			    sim_switch_leaked(sw));
}

static void
make_phone(struct phone *p, unsigned number)
{
	char ip[32];

	snprintf(p->name, sizeof(p->name), "phone%u", number);
	snprintf(p->account, sizeof(p->account), "%s.conf", p->name);
	snprintf(p->report, sizeof(p->report), "%s.json", p->name);
	p->dial = (struct scenario_dial){
		.machine = sim_machine_new(p->name), .name = p->name,
		.args = { "--account", p->account, "--json", p->report },
		.ended = on_dial_ended
	};
	snprintf(ip, sizeof(ip), "198.51.100.%u", number + 1);
	sim_machine_add(p->dial.machine, ip);
	scenario_account(p->name, "east", "");
}

static void
make_phones(void)
{
	unsigned i;

	for (i = 0; i < PHONES; i++)
		make_phone(&phones[i], i);
	sim_directory_add("bob", "bob-secret-token", "");
	sim_directory_add("carol", "carol-secret-token", "");
}

static void
make_world(void)
{
	static const struct sim_switch_handlers handlers = {
		.ended = on_switch_ended
	};
	static const char *const names[] = { "a", "b", "c" };
	static const struct sim_cost cost = { 200, 1000, 50, true };
	static const struct sim_path path = {
		.delay_us = 20000, .jitter_us = 8000, .loss = 10000
	};
	char ip[32], file[32];
	size_t i;

	sim_path_usual(&path);
	sim_spend(NULL, &cost);
	sim_service_start("192.0.2.9");
	sim_service_on_wake(wake);
	sim_service_on(on_request, on_result);
	sim_pushsend_register();
	sim_switch_on(&handlers);
	for (i = 0; i < STORM_SWITCHES; i++) {
		snprintf(ip, sizeof(ip), "203.0.113.%zu", i + 1);
		sim_switch_new(names[i], "east", ip, false);
	}
	for (i = 0; i < STORM_SWITCHES; i++)
		storm_start(sim_switch_at(i));
	make_phones();
	for (i = 0; i < STORM_SWITCHES; i++) {
		snprintf(file, sizeof(file), "by-%s.conf", names[i]);
		scenario_write_account(file, phones[0].name, names[i]);
		sim_at((STORM_S + 200 + LAST_S * i) * SIM_S, call_last,
		    sim_switch_at(i));
	}
	sim_random_init(&random_calls, "calls");
	storm_faults_begin();
	enrol(NULL);
	look(NULL);
	sim_at(2 * SIM_S, call, NULL);
	sim_at(5 * SIM_S, fault, NULL);
	sim_at(STORM_S * SIM_S, become_calm, NULL);
	sim_at((STORM_S + 90) * SIM_S, settle, NULL);
	sim_at((STORM_S + CALM_S) * SIM_S, check, NULL);
	sim_at((STORM_S + CALM_S + 90) * SIM_S, check_end, NULL);
}

static void
run_world(bool print)
{
	json_object_seed(1);
	calm = false;
	n_owed = calls = faults = 0;
	sim_begin(seed);
	if (print)
		sim_record_to(stdout);
	make_world();
	sim_run((STORM_S + CALM_S + 100) * SIM_S);
	printf("seed=%llu calls=%u faults=%u lines=%llu hash=%016llx\n",
	    (unsigned long long)seed, calls, faults,
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	scenario_reset();
}

int
main(int argc, char *argv[])
{
	uint64_t last;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: storm FOLDER FIRST [LAST [print]]\n");
		return 1;
	}
	seed = strtoull(argv[2], NULL, 10);
	last = argc > 3 ? strtoull(argv[3], NULL, 10) : seed;
	for (; seed <= last; seed++)
		run_world(argc > 4);
	return failures > 0 ? 1 : 0;
}
