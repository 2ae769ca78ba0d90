/* story_words: what can be done and expected in a story. See its README. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "dns.h"
#include "stand/stand.h"
#include "world/check.h"
#include "world/network.h"
#include "world/phone.h"
#include "world/story_parts.h"
#include "world/switch.h"

const struct story_event_form story_events[] = {
	{ "P rings", STORY_RINGS },
	{ "P talks", STORY_TALKS },
	{ "P ends", STORY_ENDS },
	{ "recorded Q", STORY_RECORDS },
	{ NULL, 0 }
};

static struct sim_phone *
phone_of(const struct story *s, const struct story_arg *arg)
{
	return s->phones[arg->index].is;
}

static struct sim_switch *
switch_of(const struct story *s, const struct story_arg *arg)
{
	return s->switches[arg->index].is;
}

/* What people do. */

static void
act_dials(struct story *s, const struct story_arg *args)
{
	if (!sim_phone_dial(phone_of(s, args), args[1].text))
		story_fail(s, 0, "%s cannot dial", args[0].text);
}

/* A key that nothing waits for is pressed in vain, as people do. */
#define ACT_KEY(name, function)						\
static void								\
act_##name(struct story *s, const struct story_arg *args)		\
{									\
	if (!function(phone_of(s, args)))				\
		sim_record("in_vain", "phone=%s", args[0].text);	\
}

ACT_KEY(answers, sim_phone_answer)
ACT_KEY(declines, sim_phone_decline)
ACT_KEY(hangs_up, sim_phone_hang_up)

static void
act_sleeps(struct story *s, const struct story_arg *args)
{
	if (!sim_phone_sleep(phone_of(s, args), true))
		story_fail(s, 0, "%s cannot sleep", args[0].text);
}

static void
act_wakes(struct story *s, const struct story_arg *args)
{
	sim_phone_sleep(phone_of(s, args), false);
}

static void
act_on(struct story *s, const struct story_arg *args)
{
	sim_phone_power(phone_of(s, args), true);
}

static void
act_off(struct story *s, const struct story_arg *args)
{
	sim_phone_power(phone_of(s, args), false);
}

static void
act_roams(struct story *s, const struct story_arg *args)
{
	sim_phone_roam(phone_of(s, args));
}

static void
act_rebinds(struct story *s, const struct story_arg *args)
{
	sim_phone_rebind(phone_of(s, args));
}

static void
act_network(struct story *s, const struct story_arg *args)
{
	const char *kind = args[1].text;

	if (strcmp(kind, "wifi") != 0 && strcmp(kind, "mobile") != 0 &&
	    strcmp(kind, "none") != 0)
		story_fail(s, 0, "unknown network: %s", kind);
	else
		sim_phone_network(phone_of(s, args), kind);
}

static void
act_finds(struct story *s, const struct story_arg *args)
{
	const char *ips[1];

	ips[0] = sim_switch_ip(switch_of(s, &args[1]));
	sim_dns_set("east.example", sim_phone_machine(phone_of(s, args)), ips,
	    1);
}

/* What happens to switches. */

#define ACT_SWITCH(name, call)						\
static void								\
act_##name(struct story *s, const struct story_arg *args)		\
{									\
	struct sim_switch *sw = switch_of(s, args);			\
									\
	call;								\
}

ACT_SWITCH(starts, sim_switch_start(sw))
ACT_SWITCH(dies, sim_switch_kill(sw))
ACT_SWITCH(hangs, sim_switch_hang(sw, true))
ACT_SWITCH(resumes, sim_switch_hang(sw, false))
ACT_SWITCH(stops, sim_switch_stop(sw))
ACT_SWITCH(drains, sim_switch_drain(sw, false))
ACT_SWITCH(drains_stops, sim_switch_drain(sw, true))
ACT_SWITCH(undrains, sim_switch_undrain(sw))
ACT_SWITCH(loses_power, sim_switch_power(sw, false))
ACT_SWITCH(has_power, sim_switch_power(sw, true))

/* A switch has a replica of its own, or all read what is written. */
static const struct sim_directory_fate away = { .away = true };

ACT_SWITCH(loses_directory,
    sim_directory_fate(sim_switch_machine(sw), &away))
ACT_SWITCH(has_directory, sim_directory_fate(sim_switch_machine(sw), NULL))

/* Others can write to it. */
static const struct sim_directory_fate full = { .full = true };

ACT_SWITCH(cannot_write, sim_directory_fate(sim_switch_machine(sw), &full))

/* What happens to the network. */

struct pair {
	struct sim_machine *a, *b;
	struct sim_trouble trouble;
};

/* The trouble of each pair, so that a cut leaves a delay as it is. */
static struct sim_trouble *
trouble_of(struct story *s, const struct story_arg *args)
{
	static struct pair pairs[64];
	struct sim_machine *a = story_machine(s, &args[0]);
	struct sim_machine *b = story_machine(s, &args[1]);
	size_t i;

	for (i = 0; i < 63 && pairs[i].a != NULL; i++)
		if (pairs[i].a == a && pairs[i].b == b)
			break;
	pairs[i].a = a;
	pairs[i].b = b;
	return &pairs[i].trouble;
}

#define ACT_PATH(name, change)						\
static void								\
act_##name(struct story *s, const struct story_arg *args)		\
{									\
	struct sim_trouble *trouble = trouble_of(s, args);		\
									\
	change;								\
	sim_network_trouble(story_machine(s, &args[0]),			\
	    story_machine(s, &args[1]), trouble);			\
}

ACT_PATH(cut, trouble->cut = true)
ACT_PATH(mend, trouble->cut = false)
ACT_PATH(delay, trouble->delay_us = (uint32_t)(story_time(&args[2]) / 1000))
ACT_PATH(lose, trouble->loss = (uint32_t)args[2].n)
ACT_PATH(twice, trouble->twice = (uint32_t)args[2].n)

static void
act_replay(struct story *s, const struct story_arg *args)
{
	story_replay(phone_of(s, args), switch_of(s, &args[1]));
}

static void
act_clock(struct story *s, const struct story_arg *args)
{
	sim_machine_clock(story_machine(s, args),
	    (int64_t)(story_time(&args[1]) / SIM_S));
}

/* What happens to pushes. */

#define ACT_PUSH(name, fate)						\
static void								\
act_push_##name(struct story *s, const struct story_arg *args)		\
{									\
	struct story_phone *phone = &s->phones[args[0].index];		\
									\
	phone->push = fate;						\
	phone->push_ns = story_time(&args[1]);				\
}

ACT_PUSH(usual, STORY_PUSH_USUAL)
ACT_PUSH(lost, STORY_PUSH_LOST)
ACT_PUSH(late, STORY_PUSH_LATE)
ACT_PUSH(twice, STORY_PUSH_TWICE)

/* What happens to names. */

static void
act_names_late(struct story *s, const struct story_arg *args)
{
	const struct sim_dns_fate fate = {
		.delay_us = (uint32_t)(story_time(&args[1]) / 1000),
		.delay_v6_us = (uint32_t)(story_time(&args[2]) / 1000)
	};

	sim_dns_fate(sim_phone_machine(phone_of(s, args)), &fate);
}

static void
act_names_silent(struct story *s, const struct story_arg *args)
{
	const struct sim_dns_fate fate = { .silent_v6 = true };

	sim_dns_fate(sim_phone_machine(phone_of(s, args)), &fate);
}

const struct story_action story_actions[] = {
	{ "P dials N", act_dials, false },
	{ "P answers", act_answers, false },
	{ "P declines", act_declines, false },
	{ "P hangs up", act_hangs_up, false },
	{ "P sleeps", act_sleeps, false },
	{ "P wakes", act_wakes, false },
	{ "P on", act_on, true },
	{ "P off", act_off, true },
	{ "P roams", act_roams, true },
	{ "P network Q", act_network, true },
	{ "P gets other ports", act_rebinds, true },
	{ "P finds S", act_finds, false },
	{ "S starts", act_starts, true },
	{ "S dies", act_dies, true },
	{ "S hangs", act_hangs, true },
	{ "S resumes", act_resumes, true },
	{ "S stops", act_stops, true },
	{ "S drains and stops", act_drains_stops, true },
	{ "S drains", act_drains, true },
	{ "S undrains", act_undrains, true },
	{ "S loses its directory", act_loses_directory, false },
	{ "S has its directory", act_has_directory, false },
	{ "S cannot write to its directory", act_cannot_write, false },
	{ "S loses power", act_loses_power, true },
	{ "S has power", act_has_power, true },
	{ "cut M M", act_cut, true },
	{ "mend M M", act_mend, true },
	{ "delay M M T", act_delay, true },
	{ "lose M M R", act_lose, true },
	{ "twice M M R", act_twice, true },
	{ "clock M T", act_clock, true },
	{ "replay P to S", act_replay, false },
	{ "pushes to P arrive", act_push_usual, true },
	{ "pushes to P are lost", act_push_lost, true },
	{ "pushes to P are late by T", act_push_late, true },
	{ "pushes to P come again after T", act_push_twice, true },
	{ "names of P take T T", act_names_late, true },
	{ "names of P lack v6", act_names_silent, true },
	{ NULL, NULL, false }
};

/* What is so. */

static const struct story_phone *
person(const struct story *s, const struct story_line *line)
{
	return &s->phones[line->args[0].index];
}

static bool
is_state(struct story *s, const struct story_line *line, char *got)
{
	const char *at = sim_phone_at_text(sim_phone_state(
	    person(s, line)->is));

	snprintf(got, STORY_GOT, "it is %s", at);
	return strcmp(at, line->args[1].text) == 0;
}

static bool
talks_to(struct story *s, const struct story_line *line, char *got)
{
	const struct sim_phone *phone = person(s, line)->is;
	enum sim_phone_at at = sim_phone_state(phone);

	snprintf(got, STORY_GOT, "it is %s, with \"%s\"",
	    sim_phone_at_text(at), sim_phone_peer(phone));
	return at == PHONE_TALKS &&
	    strcmp(sim_phone_peer(phone), line->args[1].text) == 0;
}

static bool
ended(struct story *s, const struct story_line *line, char *got)
{
	snprintf(got, STORY_GOT, "it ended \"%s\", call %u",
	    person(s, line)->end, person(s, line)->ended);
	return strcmp(person(s, line)->end, line->args[1].text) == 0;
}

static bool
times(unsigned n, const struct story_line *line, char *got)
{
	snprintf(got, STORY_GOT, "%u times", n);
	return n == line->args[1].n;
}

static bool
rang_times(struct story *s, const struct story_line *line, char *got)
{
	return times(person(s, line)->rang, line, got);
}

static bool
talked_times(struct story *s, const struct story_line *line, char *got)
{
	return times(person(s, line)->talked, line, got);
}

static bool
ended_times(struct story *s, const struct story_line *line, char *got)
{
	return times(person(s, line)->ended, line, got);
}

static bool
exited(struct story *s, const struct story_line *line, char *got)
{
	snprintf(got, STORY_GOT, "%d", person(s, line)->exits);
	return person(s, line)->exits == (int)line->args[1].n;
}

/* Write the field of a report, such as media.packets_received. */
static void
field(const struct story_phone *phone, const char *path, char *out,
    size_t size)
{
	json_t *report = json_loads(phone->report == NULL ? "null" :
	    phone->report, JSON_DECODE_ANY, NULL);
	const json_t *at = report;
	char name[STORY_NAME], *text;
	size_t len;

	for (; at != NULL && *path != '\0'; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		at = json_object_get(at, name);
	}
	text = at == NULL || json_is_string(at) ? NULL :
	    json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY);
	snprintf(out, size, "%s", at == NULL ? "missing" : text == NULL ?
	    json_string_value(at) : text);
	free(text);
	json_decref(report);
}

static bool
reports(struct story *s, const struct story_line *line, char *got)
{
	char value[STORY_GOT];

	field(person(s, line), line->args[1].text, value, sizeof(value));
	snprintf(got, STORY_GOT, "%.*s", STORY_GOT - 1, value);
	return strcmp(value, line->args[2].text) == 0;
}

static bool
reports_most(struct story *s, const struct story_line *line, char *got)
{
	field(person(s, line), line->args[1].text, got, STORY_GOT);
	return strspn(got, "0123456789") > 0 &&
	    strtod(got, NULL) <= (double)line->args[2].n;
}

static bool
reports_least(struct story *s, const struct story_line *line, char *got)
{
	field(person(s, line), line->args[1].text, got, STORY_GOT);
	return strspn(got, "0123456789") > 0 &&
	    strtod(got, NULL) >= (double)line->args[2].n;
}

static bool
agree(struct story *s, const struct story_line *line, char *got)
{
	char a[STORY_GOT], b[STORY_GOT];

	field(person(s, line), line->args[2].text, a, sizeof(a));
	field(&s->phones[line->args[1].index], line->args[2].text, b,
	    sizeof(b));
	snprintf(got, STORY_GOT, "%.70s and %.70s", a, b);
	return strcmp(a, "missing") != 0 && strcmp(a, b) == 0;
}

static bool
recorded(struct story *s, const struct story_line *line, char *got)
{
	(void)s;
	snprintf(got, STORY_GOT, "never");
	return line->seen > 0;
}

static bool
recorded_times(struct story *s, const struct story_line *line, char *got)
{
	(void)s;
	snprintf(got, STORY_GOT, "%llu times",
	    (unsigned long long)line->seen);
	return line->seen == line->args[1].n;
}

static bool
not_recorded(struct story *s, const struct story_line *line, char *got)
{
	(void)s;
	snprintf(got, STORY_GOT, "%llu times",
	    (unsigned long long)line->seen);
	return line->seen == 0;
}

/* Exactly one of two that dialled each other talks, to the other. */
static bool
one_call(struct story *s, const struct story_line *line, char *got)
{
	const struct sim_phone *a = s->phones[line->args[0].index].is;
	const struct sim_phone *b = s->phones[line->args[1].index].is;

	snprintf(got, STORY_GOT, "%s is %s in %.8s, %s is %s in %.8s",
	    sim_phone_name(a), sim_phone_at_text(sim_phone_state(a)),
	    sim_phone_session(a), sim_phone_name(b),
	    sim_phone_at_text(sim_phone_state(b)), sim_phone_session(b));
	return sim_phone_state(a) == PHONE_TALKS &&
	    sim_phone_state(b) == PHONE_TALKS &&
	    strcmp(sim_phone_session(a), sim_phone_session(b)) == 0;
}

/* Of a glare's two, the lower id was the call, or the other never had one. */
static bool
lower_stays(struct story *s, const struct story_line *line, char *got)
{
	(void)line;
	snprintf(got, STORY_GOT, "%.8s talked, %.8s gave way", s->talked,
	    s->glare);
	return *s->glare == '\0' || strcmp(s->talked, s->glare) < 0;
}

static bool
nothing_held(struct story *s, const struct story_line *line, char *got)
{
	size_t i;

	(void)line;
	for (i = 0; i < s->n_switches; i++) {
		struct sim_switch_state state;

		if (!sim_switch_runs(s->switches[i].is))
			continue;
		sim_switch_state(s->switches[i].is, &state);
		if (state.calls + state.allocations == 0)
			continue;
		snprintf(got, STORY_GOT, "%s has %zu calls, %zu allocations",
		    s->switches[i].name, state.calls, state.allocations);
		return false;
	}
	return true;
}

static bool
switch_runs(struct story *s, const struct story_line *line, char *got)
{
	bool runs = sim_switch_runs(s->switches[line->args[0].index].is);

	snprintf(got, STORY_GOT, runs ? "it runs" : "it has ended");
	return runs == (strcmp(line->condition->form, "S runs") == 0);
}

/* What holds in a year at all times (world/check.h). */
static bool
is_sound(struct story *s, const struct story_line *line, char *got)
{
	char why[CHECK_WHY];
	const char *broken = check_broken(why);

	(void)s;
	(void)line;
	if (broken != NULL)
		snprintf(got, STORY_GOT, "%s: %.*s", broken,
		    STORY_GOT - CHECK_NAME - 3, why);
	return broken == NULL;
}

const struct story_condition story_conditions[] = {
	{ "P talks to N", talks_to, 0 },
	{ "P is Q", is_state, 0 },
	{ "P rang C times", rang_times, 0 },
	{ "P talked C times", talked_times, 0 },
	{ "P ended C times", ended_times, 0 },
	{ "P ended Q", ended, 0 },
	{ "P exits C", exited, 0 },
	{ "P reports Q is Q", reports, 0 },
	{ "P reports Q at most C", reports_most, 0 },
	{ "P reports Q at least C", reports_least, 0 },
	{ "P and P agree on Q", agree, 0 },
	{ "P and P have one call", one_call, 0 },
	{ "the lower id stays", lower_stays, 0 },
	{ "S runs", switch_runs, 0 },
	{ "S ended", switch_runs, 0 },
	{ "nothing held", nothing_held, 0 },
	{ STORY_SOUND, is_sound, 0 },
	{ "recorded Q C times", recorded_times, 1 },
	{ "recorded Q", recorded, 1 },
	{ "not recorded Q", not_recorded, 1 },
	{ NULL, NULL, 0 }
};
