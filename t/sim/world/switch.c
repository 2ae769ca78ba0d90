/* switch: a process as the main.c of rp-switchd makes it. See switch.h. */
#include "world/switch.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/vapidkey.h"
#include "calls/calls.h"
#include "conf/settings.h"
#include "core/sim.h"
#include "dns.h"
#include "net/keyholder.h"
#include "ops/drain.h"
#include "ops/gate.h"
#include "setup.h"
#include "signal/signal_server.h"
#include "stand/stand.h"
#include "switchd.h"
#include "turn/turn.h"
#include "turn/turnlink.h"
#include "turn/turnstats.h"
#include "wire/why.h"
#include "world/operator.h"
#include "world/switch_conf.h"

#define NAME 32
#define REGION_SWITCHES 24

/* Of an object that is made of 0.1.0, if there is one. */
int old_switch_main(int argc, char *argv[]) __attribute__((weak));

/* Of a world with phones (world/network.c). */
void sim_network_place(struct sim_machine *machine, const char *region,
    const char *kind) __attribute__((weak));

/* Of a world with senders (world/pushsend.c). */
void sim_pushsend_kill(const struct sim_machine *machine)
    __attribute__((weak));

/* A process of a switch, which may live on as a ghost beside the next one. */
struct life {
	LIST_ENTRY(life) next;
	struct sim_switch *of;
	struct sim_process *process;
	struct switchd *sw;		/* NULL: not yet, or 0.1.0 */
	struct turnlink *turn;
	bool old;
};

struct sim_switch {
	TAILQ_ENTRY(sim_switch) next;
	char name[NAME], region[NAME], ip[NAME], conf[NAME + 8];
	struct switch_conf settings;	/* those that were set */
	char *lines;			/* more of the configuration */
	struct sim_machine *machine;
	struct life *life;		/* NULL: it does not run */
	struct life *unpowered;		/* the one that power failed for */
	bool old, off;
	size_t leaked;
};

static TAILQ_HEAD(, sim_switch) switches = TAILQ_HEAD_INITIALIZER(switches);
static LIST_HEAD(, life) lives = LIST_HEAD_INITIALIZER(lives);
static struct sim_switch_handlers told;

void
sim_switch_on(const struct sim_switch_handlers *handlers)
{
	told = *handlers;
}

static int
read_settings(struct settings *settings, char why[static WHY_TEXT], void *arg)
{
	const struct conf_source from = { .file = arg };

	if (settings_defaults(settings) < 0)
		return -ENOMEM;
	return settings_read(settings, &from, NULL, why);
}

static int
run_new(struct life *life)
{
	struct settings settings = { 0 };
	struct switchd_options start = {
		.settings = &settings, .read = read_settings,
		.arg = life->of->conf
	};
	struct switchd *sw = NULL;
	char why[WHY_TEXT] = "";
	int err = keyholder_start(&start.keys, "keys", NULL);

	if (err == 0)
		err = turnlink_start(&start.turn,
		    keyholder_guest(start.keys), "relay", NULL);
	if (err == 0)
		err = read_settings(&settings, why, life->of->conf);
	if (err == 0)
		err = switchd_new(&sw, &start, why);
	life->turn = start.turn;
	life->sw = sw;
	if (err == 0)
		err = switchd_run(sw, why);
	life->sw = NULL;
	switchd_free(sw);
	turnlink_free(start.turn);
	keyholder_free(start.keys);
	settings_free(&settings);
	if (err < 0)
		sim_record("fails", "why=\"%s\"", why);
	return err < 0 ? 1 : 0;
}

static int
run(void *arg)
{
	struct life *life = arg;
	char name[] = "rp-switchd", option[] = "-c";
	char *argv[] = { name, option, life->of->conf, NULL };

	if (!life->old)
		return run_new(life);
	optind = 0;
	return old_switch_main(3, argv);
}

/* Set the names of the region's switches, as a list. */
static void
set_region(struct switch_conf *conf, const struct sim_switch *s)
{
	char list[REGION_SWITCHES * (NAME + 16)] = "";
	const struct sim_switch *other;
	size_t n = 0;

	TAILQ_FOREACH(other, &switches, next)
		if (strcmp(other->region, s->region) == 0 &&
		    n < sizeof(list) - NAME - 16)
			n += (size_t)sprintf(list + n, "%s\"%s.example\"",
			    n > 0 ? ", " : "", other->name);
	switch_conf_set(conf, "switches", "(%s)", list);
}

/* Set the public half of the key that pushes are signed with, if there is one. */
static void
set_key(struct switch_conf *conf)
{
	char public[VAPIDKEY_TEXT], why[WHY_TEXT];
	struct jwt_key *key;

	if (access("vapid.pem", R_OK) < 0)
		return;
	if (vapidkey_read(&key, public, "vapid.pem", why) < 0)
		abort();
	jwt_key_free(key);
	switch_conf_set(conf, "push.public_key", "\"%s\"", public);
}

/* Set what 0.1.0 does not know. */
static void
set_new(struct switch_conf *conf)
{
	static const char *const unlimited[] = {
		"call.per_caller_per_minute", "call.per_callee_per_minute",
		"call.per_pair_per_minute", "call.unknown_per_minute"
	};
	size_t i;

	for (i = 0; i < sizeof(unlimited) / sizeof(unlimited[0]); i++)
		switch_conf_set(conf, unlimited[i], "0");
	switch_conf_set(conf, "relay.kernel", "\"off\"");
}

/*
 * Write what an operator writes. There are no limits of what a subscriber may
 * do, because the world's subscribers are few and busy.
 */
static void
write_conf(const struct sim_switch *s, bool old)
{
	struct switch_conf conf = { .n = 0 };
	FILE *out = fopen(s->conf, "w");

	if (out == NULL)
		abort();
	switch_conf_set(&conf, "name", "\"%s.example\"", s->name);
	set_region(&conf, s);
	switch_conf_set(&conf, "directory", "\"sqlite:none\"");
	switch_conf_set(&conf, "sandbox", "false");
	switch_conf_set(&conf, "call.listen", "\"%s:31337\"", s->ip);
	switch_conf_set(&conf, "answer.listen", "\"%s:31338\"", s->ip);
	switch_conf_set(&conf, "tls.certificate", "\"%s.pem\"", s->name);
	switch_conf_set(&conf, "tls.key", "\"%s.key\"", s->name);
	switch_conf_set(&conf, "relay.listen", "\"%s:3478\"", s->ip);
	switch_conf_set(&conf, "push.command",
	    "\"rp-pushsend -c pushsend.conf\"");
	set_key(&conf);
	if (!old)
		set_new(&conf);
	switch_conf_add(&conf, &s->settings);
	switch_conf_write(&conf, out);
	fputs(s->lines != NULL ? s->lines : "", out);
	switch_conf_free(&conf);
	fclose(out);
}

/* The region's name has all of them, and a switch's own has its address. */
static void
set_names(const struct sim_switch *s)
{
	const char *ips[REGION_SWITCHES], *ip = s->ip;
	const struct sim_switch *other;
	char name[NAME + 16];
	size_t n = 0;

	snprintf(name, sizeof(name), "%s.example", s->name);
	sim_dns_set(name, NULL, &ip, 1);
	TAILQ_FOREACH(other, &switches, next)
		if (strcmp(other->region, s->region) == 0 &&
		    n < REGION_SWITCHES)
			ips[n++] = other->ip;
	snprintf(name, sizeof(name), "%s.example", s->region);
	sim_dns_set(name, NULL, ips, n);
}

struct sim_switch *
sim_switch_new(const char *name, const char *region, const char *ip, bool old)
{
	struct sim_switch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->region, sizeof(s->region), "%s", region);
	snprintf(s->ip, sizeof(s->ip), "%s", ip);
	snprintf(s->conf, sizeof(s->conf), "%s.conf", name);
	s->old = old;
	s->machine = sim_machine_new(s->name);
	sim_machine_add(s->machine, ip);
	if (sim_network_place != NULL)
		sim_network_place(s->machine, s->region, "wire");
	TAILQ_INSERT_TAIL(&switches, s, next);
	set_names(s);
	return s;
}

void
sim_switch_reset(void)
{
	struct sim_switch *s;
	struct life *life;

	while ((life = LIST_FIRST(&lives)) != NULL) {
		LIST_REMOVE(life, next);
		free(life);
	}
	while ((s = TAILQ_FIRST(&switches)) != NULL) {
		TAILQ_REMOVE(&switches, s, next);
		switch_conf_free(&s->settings);
		free(s->lines);
		free(s);
	}
	memset(&told, 0, sizeof(told));
}

struct sim_switch *
sim_switch_at(size_t i)
{
	struct sim_switch *s = TAILQ_FIRST(&switches);

	for (; s != NULL && i > 0; i--)
		s = TAILQ_NEXT(s, next);
	return s;
}

struct sim_switch *
sim_switch_find(const char *name)
{
	struct sim_switch *s;

	TAILQ_FOREACH(s, &switches, next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static struct life *
life_of(const struct sim_process *process)
{
	struct life *life;

	LIST_FOREACH(life, &lives, next)
		if (life->process == process)
			return life;
	return NULL;
}

struct sim_switch *
sim_switch_of(const struct sim_process *process)
{
	struct life *life = life_of(process);

	return life != NULL ? life->of : NULL;
}

static void
on_ended(struct sim_process *process, int status)
{
	struct life *life = life_of(process);
	struct sim_switch *s;

	if (life == NULL)
		return;
	s = life->of;
	if (!life->old)
		s->leaked += sim_process_bytes(process);
	sim_record("ended", "process=%s status=%d ghost=%d", s->name, status,
	    s->life != life);
	if (told.ended != NULL)
		told.ended(s, status, s->life != life);
	if (s->life == life)
		s->life = NULL;
	if (s->unpowered == life)
		s->unpowered = NULL;
	LIST_REMOVE(life, next);
	free(life);
}

void
sim_switch_start(struct sim_switch *s)
{
	struct life *life;

	if (s->life != NULL || s->off)
		return;
	life = calloc(1, sizeof(*life));
	if (life == NULL)
		abort();
	life->of = s;
	life->old = s->old && old_switch_main != NULL;
	LIST_INSERT_HEAD(&lives, life, next);
	s->life = life;
	write_conf(s, life->old);
	sim_record("starts", "process=%s old=%d", s->name, life->old);
	life->process = sim_process_new(s->machine, s->name, run, life,
	    on_ended);
}

void
sim_switch_set_old(struct sim_switch *s, bool old)
{
	s->old = old;
}

void
sim_switch_set(struct sim_switch *s, const char *key, const char *value)
{
	switch_conf_set(&s->settings, key, "%s", value);
}

void
sim_switch_conf(struct sim_switch *s, const char *lines)
{
	free(s->lines);
	s->lines = strdup(lines);
}

void
sim_switch_kill(struct sim_switch *s)
{
	struct life *life = s->life;

	if (life == NULL)
		return;
	sim_record("kills", "process=%s", s->name);
	s->life = NULL;
	sim_process_kill(life->process);
}

void
sim_switch_hang(struct sim_switch *s, bool hangs)
{
	if (s->life == NULL)
		return;
	sim_record("hangs", "process=%s on=%d", s->name, hangs);
	sim_process_freeze(s->life->process, hangs);
}

static void
send_signal(struct sim_switch *s, int number)
{
	if (s->life == NULL)
		return;
	sim_record("signals", "process=%s number=%d", s->name, number);
	sim_process_signal(s->life->process, number);
}

void
sim_switch_stop(struct sim_switch *s)
{
	send_signal(s, SIGTERM);
}

void
sim_switch_reload(struct sim_switch *s)
{
	if (s->life != NULL)
		write_conf(s, s->life->old);
	send_signal(s, SIGHUP);
}

/*
 * What its peers hear of a machine without power is nothing. With power again,
 * its kernel knows no connection, and resets those that were.
 */
void
sim_switch_power(struct sim_switch *s, bool on)
{
	if (on == !s->off)
		return;
	s->off = !on;
	sim_record("power", "machine=%s on=%d", s->name, on);
	if (!on) {
		s->unpowered = s->life;
		s->life = NULL;
		sim_machine_power(s->machine, false);
		return;
	}
	if (s->unpowered != NULL)
		sim_process_kill(s->unpowered->process);
	s->unpowered = NULL;
	if (sim_pushsend_kill != NULL)
		sim_pushsend_kill(s->machine);
	sim_machine_power(s->machine, true);
}

static void
on_drained(void *arg)
{
	if (told.drained != NULL)
		told.drained(arg);
}

void
sim_switch_drain(struct sim_switch *s, bool stop)
{
	if (s->life != NULL)
		sim_operator_ask(s->machine, stop ? OPERATOR_DRAIN_STOP :
		    OPERATOR_DRAIN, on_drained, s);
}

void
sim_switch_undrain(struct sim_switch *s)
{
	if (s->life != NULL)
		sim_operator_ask(s->machine, OPERATOR_UNDRAIN, NULL, NULL);
}

const char *
sim_switch_name(const struct sim_switch *s)
{
	return s->name;
}

const char *
sim_switch_region(const struct sim_switch *s)
{
	return s->region;
}

const char *
sim_switch_ip(const struct sim_switch *s)
{
	return s->ip;
}

struct sim_machine *
sim_switch_machine(const struct sim_switch *s)
{
	return s->machine;
}

struct sim_process *
sim_switch_process(const struct sim_switch *s)
{
	return s->life != NULL ? s->life->process : NULL;
}

bool
sim_switch_runs(const struct sim_switch *s)
{
	return s->life != NULL;
}

size_t
sim_switch_leaked(const struct sim_switch *s)
{
	return s->leaked;
}

bool
sim_switch_is_old(const struct sim_switch *s)
{
	return s->life != NULL && s->life->old;
}

bool
sim_switch_wants_old(const struct sim_switch *s)
{
	return s->old;
}

void
sim_switch_state(const struct sim_switch *s, struct sim_switch_state *out)
{
	const struct switchd *sw = s->life != NULL ? s->life->sw : NULL;
	struct turnstats stats = { 0 };

	memset(out, 0, sizeof(*out));
	if (s->life != NULL) {
		out->bytes = sim_process_bytes(s->life->process);
		out->files = sim_process_files_now(s->life->process);
		out->timers = sim_process_timers(s->life->process);
	}
	if (sw == NULL)
		return;
	out->open = gate_is_open(sw->gate);
	out->draining = drain_ms(sw->drain) >= 0;
	out->calls = calls_active(sw->calls);
	out->connections = signal_server_connections(sw->server);
	out->known = signal_server_known(sw->server);
	out->pending = directory_pending(sw->directory);
	turn_stats(sim_turnlink_turn(s->life->turn), &stats);
	out->allocations = stats.allocations;
}
