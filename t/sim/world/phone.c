/* phone: rp-dial by its main, as often as a phone needs it. See phone.h. */
#include "world/phone.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call/call.h"
#include "stand/stand.h"
#include "world/network.h"
#include "world/left.h"
#include "world/phone_private.h"

#define AWAKE_S 20		/* after anything that happened */
#define AGAIN_S 30		/* until an rp-dial that gave up is restarted */
#define AGAIN_OLD_S 1		/* it ends after each call */
#define OLD_RINGS_S "3"
#define PIDS 256
#define LEASES 64		/* addresses of a phone in each network */

int sim_dial_main(int argc, char *argv[]);
int old_dial_main(int argc, char *argv[]) __attribute__((weak));

static STAILQ_HEAD(, sim_phone) phones = STAILQ_HEAD_INITIALIZER(phones);
static LIST_HEAD(, phone_leg) legs[PIDS];
static size_t n_phones;

/* legs */

struct phone_leg *
phone_leg_of(const struct sim_process *process)
{
	struct phone_leg *leg;

	if (process == NULL)
		return NULL;
	LIST_FOREACH(leg, &legs[sim_process_pid(process) % PIDS], of_pid)
		if (leg->process == process)
			return leg->phone != NULL ? leg : NULL;
	return NULL;
}

static void
free_leg(struct phone_leg *leg)
{
	LIST_REMOVE(leg, of_pid);
	free(leg->report);
	free(leg);
}

static void
add_arg(struct phone_leg *leg, const char *text)
{
	if (leg->argc == PHONE_ARGS - 1)
		abort();
	leg->argv[leg->argc++] = text;
}

static int
run(void *arg)
{
	struct phone_leg *leg = arg;
	bool old = leg->phone->options.old;

	optind = 0;
	return (old ? old_dial_main : sim_dial_main)(leg->argc,
	    (char **)leg->argv);
}

static void start_waiting(struct sim_phone *phone);

static void
on_again(void *arg)
{
	struct sim_phone *phone = arg;

	if (phone->on && phone->waits == NULL)
		start_waiting(phone);
}

/* The process is gone: of its own accord, unless the leg has no phone. */
static void
on_ended(struct sim_process *process, int status)
{
	struct phone_leg *leg;
	struct sim_phone *phone;

	LIST_FOREACH(leg, &legs[sim_process_pid(process) % PIDS], of_pid)
		if (leg->process == process)
			break;
	if (leg == NULL)
		return;
	phone = leg->phone;
	if (!leg->old && !sim_process_is_lost(process))
		left_ended(process);
	if (phone != NULL) {
		sim_record("ended", "process=%s status=%d",
		    sim_process_name(process), status);
		if (phone->options.old)
			phone_tell_old(leg);
		if (leg == phone->dials) {
			phone->dials = NULL;
			phone_tell_dialled(phone, status);
		} else {
			phone->waits = NULL;
			sim_alarm_set(&phone->again, sim_now() + SIM_S *
			    (phone->options.old ? AGAIN_OLD_S : AGAIN_S));
		}
		phone_stir(phone);
	}
	free_leg(leg);
}

/* Make a leg for what both kinds are called with. */
static struct phone_leg *
new_leg(struct sim_phone *phone)
{
	struct phone_leg *leg = calloc(1, sizeof(*leg));

	if (leg == NULL || (phone->options.old && old_dial_main == NULL))
		abort();
	leg->phone = phone;
	leg->old = phone->options.old;
	add_arg(leg, "rp-dial");
	add_arg(leg, "--account");
	add_arg(leg, phone->account);
	return leg;
}

static void
start(struct phone_leg *leg, const char *name)
{
	leg->process = sim_process_new(leg->phone->machine, name, run, leg,
	    on_ended);
	LIST_INSERT_HEAD(&legs[sim_process_pid(leg->process) % PIDS], leg,
	    of_pid);
}

/* An old one's report is a file, because nothing of its code can be tapped. */
static void
add_report(struct phone_leg *leg, const char *what)
{
	if (asprintf(&leg->report, "%s/%s.json", leg->phone->folder,
	    what) < 0)
		abort();
	add_arg(leg, "--json");
	add_arg(leg, leg->report);
}

static void
start_waiting(struct sim_phone *phone)
{
	static const char listen[] = "127.0.0.1:8080";
	struct phone_leg *leg = new_leg(phone);

	phone->waits = leg;
	phone->registered = false;
	add_arg(leg, "--answer");
	add_arg(leg, "--push-listen");
	add_arg(leg, listen);
	add_arg(leg, "--push-url");
	add_arg(leg, phone->url);
	if (phone->options.old) {
		remove(phone->ready);
		add_arg(leg, "--ready-file");
		add_arg(leg, phone->ready);
		add_report(leg, "answered");
		add_arg(leg, "--once");
		add_arg(leg, "--ring");
		add_arg(leg, OLD_RINGS_S);
	} else {
		add_arg(leg, "--ready-file");
		add_arg(leg, PHONE_READY);
	}
	start(leg, phone->name);
}

/* Let go of a process that is to be killed. */
static void
kill_leg(struct phone_leg **of)
{
	struct phone_leg *leg = *of;

	*of = NULL;
	if (leg == NULL)
		return;
	leg->phone = NULL;
	sim_process_kill(leg->process);
}

/* sleep */

static bool
is_busy(const struct sim_phone *phone)
{
	return phone->dials != NULL ||
	    (phone->waits != NULL && phone->waits->call != NULL);
}

static void
set_asleep(struct sim_phone *phone, bool sleeps)
{
	if (phone->sleeps == sleeps)
		return;
	phone->sleeps = sleeps;
	sim_record(sleeps ? "sleeps" : "wakes", "phone=%s", phone->name);
	sim_alarm_stop(&phone->doze);
	if (phone->waits != NULL)
		sim_process_freeze(phone->waits->process, sleeps);
	if (!sleeps)
		phone_stir(phone);
}

static void
on_doze(void *arg)
{
	struct sim_phone *phone = arg;

	/* It has yet to tell the switch by what it can be woken. */
	if (!phone->on || is_busy(phone))
		return;
	if (phone->waits == NULL || !phone->registered)
		phone_stir(phone);
	else
		set_asleep(phone, true);
}

void
phone_stir(struct sim_phone *phone)
{
	if (phone->on && !phone->options.resident && !phone->options.old)
		sim_alarm_set(&phone->doze, sim_now() + AWAKE_S * SIM_S);
}

bool
sim_phone_sleep(struct sim_phone *phone, bool sleeps)
{
	if (!phone->on || (sleeps && (is_busy(phone) || !phone->registered)))
		return false;
	set_asleep(phone, sleeps);
	return true;
}

bool
sim_phone_sleeps(const struct sim_phone *phone)
{
	return phone->sleeps;
}

/* network */

/* The address that it has next: its own ones, round and round. */
static void
next_address(struct sim_phone *phone)
{
	unsigned host = (unsigned)phone->index * LEASES +
	    phone->moves++ % LEASES + 1;
	unsigned net = strcmp(phone->network, "wifi") == 0 ? 18 : 19;

	snprintf(phone->ip, sizeof(phone->ip), "198.%u.%u.%u", net,
	    host / 256 % 256, host % 256);
}

static void
drop_address(struct sim_phone *phone)
{
	if (*phone->ip != '\0')
		sim_machine_drop(phone->machine, phone->ip);
	*phone->ip = '\0';
}

void
sim_phone_network(struct sim_phone *phone, const char *kind)
{
	sim_record("network", "phone=%s is=%s", phone->name, kind);
	phone->network = strcmp(kind, "wifi") == 0 ? "wifi" :
	    strcmp(kind, "mobile") == 0 ? "mobile" : "none";
	drop_address(phone);
	sim_network_place(phone->machine, phone->region, phone->network);
	if (strcmp(phone->network, "none") == 0)
		return;
	next_address(phone);
	sim_machine_add(phone->machine, phone->ip);
}

void
sim_phone_roam(struct sim_phone *phone)
{
	sim_phone_network(phone, phone->network);
}

void
sim_phone_rebind(struct sim_phone *phone)
{
	sim_record("rebinds", "phone=%s", phone->name);
	sim_machine_rebind(phone->machine);
}

const char *
sim_phone_network_now(const struct sim_phone *phone)
{
	return phone->network;
}

/* life */

struct sim_phone *
sim_phone_new(const struct sim_phone_options *options)
{
	struct sim_phone *phone = calloc(1, sizeof(*phone));

	if (phone == NULL)
		abort();
	phone->options = *options;
	phone->index = n_phones++;
	snprintf(phone->number, sizeof(phone->number), "%s", options->number);
	snprintf(phone->name, sizeof(phone->name), "%s/%u", options->number,
	    options->device);
	snprintf(phone->caller, sizeof(phone->caller), "%s+", phone->name);
	snprintf(phone->home, sizeof(phone->home), "%s", options->home);
	snprintf(phone->region, sizeof(phone->region), "%s",
	    options->region != NULL ? options->region : "east");
	snprintf(phone->folder, sizeof(phone->folder), "phones/%s.%u",
	    options->number, options->device);
	snprintf(phone->account, sizeof(phone->account), "%s/account.conf",
	    phone->folder);
	snprintf(phone->url, sizeof(phone->url), "%s%s.%u", PHONE_ORIGIN,
	    options->number, options->device);
	snprintf(phone->ready, sizeof(phone->ready), "%s/ready",
	    phone->folder);
	phone->machine = sim_machine_new(phone->name);
	sim_alarm_init(&phone->doze, on_doze, phone);
	sim_alarm_init(&phone->again, on_again, phone);
	phone_account(phone);
	phone_taps_begin();
	STAILQ_INSERT_TAIL(&phones, phone, next);
	sim_phone_network(phone, options->network != NULL ?
	    options->network : "wifi");
	sim_machine_power(phone->machine, false);
	return phone;
}

void
sim_phone_reset(void)
{
	struct sim_phone *phone;
	size_t i;

	for (i = 0; i < PIDS; i++)
		while (!LIST_EMPTY(&legs[i]))
			free_leg(LIST_FIRST(&legs[i]));
	while ((phone = STAILQ_FIRST(&phones)) != NULL) {
		STAILQ_REMOVE_HEAD(&phones, next);
		free(phone);
	}
	n_phones = 0;
	sim_terminal_reset();
	sim_phone_on(&(struct sim_phone_handlers){ 0 });
}

void
sim_phone_power(struct sim_phone *phone, bool on)
{
	if (phone->on == on)
		return;
	phone->on = on;
	phone->sleeps = false;
	sim_record("power", "phone=%s on=%d", phone->name, on);
	sim_alarm_stop(&phone->doze);
	sim_alarm_stop(&phone->again);
	sim_machine_power(phone->machine, on);
	if (on) {
		start_waiting(phone);
		phone_stir(phone);
		return;
	}
	kill_leg(&phone->waits);
	kill_leg(&phone->dials);
	phone->registered = false;
}

bool
sim_phone_dial(struct sim_phone *phone, const char *callee)
{
	struct phone_leg *leg;

	if (!phone->on || phone->dials != NULL)
		return false;
	sim_record("dials", "phone=%s callee=%s", phone->name, callee);
	phone->dials = leg = new_leg(phone);
	leg->placed = true;
	snprintf(leg->callee, sizeof(leg->callee), "%s", callee);
	if (phone->options.old)
		add_report(leg, "placed");
	add_arg(leg, leg->callee);
	start(leg, phone->caller);
	return true;
}

/* keys */

static enum call_state
state_of(const struct phone_leg *leg)
{
	return leg == NULL || leg->call == NULL ? CALL_ENDED :
	    call_state(leg->call);
}

static bool
press(struct sim_phone *phone, struct phone_leg *leg, char key)
{
	sim_record("presses", "phone=%s key=%s", phone->name,
	    key == '\n' ? "enter" : (char[]){ key, '\0' });
	return sim_terminal_press(leg->process, key);
}

bool
sim_phone_answer(struct sim_phone *phone)
{
	return state_of(phone->waits) == CALL_RINGING &&
	    press(phone, phone->waits, '\n');
}

bool
sim_phone_decline(struct sim_phone *phone)
{
	return state_of(phone->waits) == CALL_RINGING &&
	    press(phone, phone->waits, 'q');
}

bool
sim_phone_hang_up(struct sim_phone *phone)
{
	if (phone->dials != NULL) {
		if (state_of(phone->dials) < CALL_ENDING)
			return press(phone, phone->dials, 'q');
		/* Between two calls, or nobody knows where: as by Ctrl-C. */
		sim_record("presses", "phone=%s key=interrupt", phone->name);
		sim_process_signal(phone->dials->process, SIGINT);
		return true;
	}
	return state_of(phone->waits) < CALL_ENDING &&
	    press(phone, phone->waits, 'q');
}

bool
sim_phone_confirm(struct sim_phone *phone)
{
	struct phone_leg *leg = state_of(phone->dials) == CALL_TALKING ?
	    phone->dials : phone->waits;

	return state_of(leg) == CALL_TALKING && press(phone, leg, 'c');
}

/* what it is doing */

static enum sim_phone_at
at_of(const struct phone_leg *leg)
{
	if (leg == NULL)
		return PHONE_IDLE;
	switch (state_of(leg)) {
	case CALL_CALLING:
		return leg->placed ? PHONE_DIALS : PHONE_IDLE;
	case CALL_RINGING:
		return leg->placed ? PHONE_HEARS : PHONE_RINGS;
	case CALL_ANSWERED:
	case CALL_TALKING:
		return PHONE_TALKS;
	case CALL_ENDING:
	case CALL_ENDED:
		break;
	}
	return leg->placed ? PHONE_DIALS : PHONE_IDLE;
}

/* The leg that tells what the phone is doing; NULL: none. */
static const struct phone_leg *
main_leg(const struct sim_phone *phone)
{
	return at_of(phone->dials) >= at_of(phone->waits) &&
	    phone->dials != NULL ? phone->dials : phone->waits;
}

enum sim_phone_at
sim_phone_state(const struct sim_phone *phone)
{
	return phone->on ? at_of(main_leg(phone)) : PHONE_OFF;
}

const char *
sim_phone_at_text(enum sim_phone_at at)
{
	static const char *const texts[] = {
		"off", "idle", "dials", "hears", "rings", "talks"
	};

	return texts[at];
}

const char *
sim_phone_session(const struct sim_phone *phone)
{
	const struct phone_leg *leg = main_leg(phone);

	return leg == NULL || leg->call == NULL ? "" :
	    call_report(leg->call)->session;
}

const char *
sim_phone_peer(const struct sim_phone *phone)
{
	const struct phone_leg *leg = main_leg(phone);

	if (leg == NULL)
		return "";
	if (leg->placed)
		return leg->callee;
	return leg->call == NULL ? "" : call_report(leg->call)->caller;
}

bool
sim_phone_is_registered(const struct sim_phone *phone)
{
	return phone->registered || (phone->options.old &&
	    phone->waits != NULL && access(phone->ready, F_OK) == 0);
}

uint64_t
sim_phone_registered_at(const struct sim_phone *phone)
{
	return phone->registered_at;
}

const char *
sim_phone_name(const struct sim_phone *phone)
{
	return phone->name;
}

const char *
sim_phone_number(const struct sim_phone *phone)
{
	return phone->number;
}

struct sim_machine *
sim_phone_machine(const struct sim_phone *phone)
{
	return phone->machine;
}

bool
sim_phone_is_old(const struct sim_phone *phone)
{
	return phone->options.old;
}

struct sim_phone *
sim_phone_find(const char *name)
{
	struct sim_phone *phone;

	STAILQ_FOREACH(phone, &phones, next)
		if (strcmp(phone->name, name) == 0 ||
		    (strchr(name, '/') == NULL &&
		    strcmp(phone->number, name) == 0))
			return phone;
	return NULL;
}
