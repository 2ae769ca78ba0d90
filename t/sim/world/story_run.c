/* story_run: a story in one of its worlds. See story.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "dns.h"
#include "stand/stand.h"
#include "world/check.h"
#include "world/network.h"
#include "world/phone.h"
#include "world/service.h"
#include "world/story_parts.h"
#include "world/switch.h"
#include "world/trouble.h"

#define REGION "east"
#define LOOK_NS (50 * SIM_MS)		/* how often conditions are looked at */
#define LOOKS 5				/* a round trip, and more */

static struct story *running;

void
story_fail(struct story *story, unsigned line, const char *format, ...)
{
	uint64_t now = sim_now();
	va_list ap;

	story->ok = false;
	fprintf(story->out, "%s:%u: at %s%llu.%03llus ", story->file, line,
	    now < STORY_ZERO ? "-" : "", (unsigned long long)
	    ((now < STORY_ZERO ? STORY_ZERO - now : now - STORY_ZERO) / SIM_S),
	    (unsigned long long)(now % SIM_S / SIM_MS));
	va_start(ap, format);
	vfprintf(story->out, format, ap);
	va_end(ap);
	fputc('\n', story->out);
}

struct sim_machine *
story_machine(const struct story *story, const struct story_arg *arg)
{
	if (arg->letter == 'S')
		return sim_switch_machine(story->switches[arg->index].is);
	return sim_phone_machine(story->phones[arg->index].is);
}

/* Whatever disturbs calls counts as a trouble of whom it is about. */
static void
note_trouble(const struct story_step *step)
{
	const struct story_arg *arg = step->args;

	for (; arg < step->args + STORY_ARGS; arg++)
		if (arg->letter == 'S' || arg->letter == 'P')
			trouble_add(story_machine(running, arg), NULL,
			    sim_now(), sim_now(), TROUBLE_ANY, step->text);
}

static void
on_step(void *arg)
{
	struct story_step *step = arg;

	sim_record("story", "%s", step->text);
	if (running->checked && step->action->disturbs)
		note_trouble(step);
	step->action->act(running, step->args);
}

static void
run_steps(const struct story_line *line)
{
	size_t i;

	for (i = 0; i < line->n_steps; i++)
		sim_at(sim_now() + story_time(&line->steps[i].after), on_step,
		    &line->steps[i]);
}

static void
on_line(void *arg)
{
	run_steps(arg);
}

/* Something happened: do what was to be done then. */
static void
happened(struct story_line *line)
{
	line->seen++;
	if (line->nth == 0 || line->seen == line->nth)
		run_steps(line);
}

static void
phone_did(const struct story_phone *phone, enum story_event event)
{
	size_t i;

	for (i = 0; i < running->n_lines; i++) {
		struct story_line *line = &running->lines[i];

		if (line->kind == STORY_WHEN && line->event->event == event &&
		    &running->phones[line->event_args[0].index] == phone)
			happened(line);
	}
}

static struct story_phone *
find(const struct sim_phone *phone)
{
	size_t i;

	for (i = 0; running->phones[i].is != phone; i++)
		;
	return &running->phones[i];
}

static void
on_rings(struct sim_phone *is, const char *session, const char *caller)
{
	struct story_phone *phone = find(is);

	sim_record("rings", "session=%.8s caller=%s", session, caller);
	phone->rang++;
	phone_did(phone, STORY_RINGS);
}

static void
on_talks(struct sim_phone *is, const char *session, const char *peer)
{
	struct story_phone *phone = find(is);

	sim_record("talks", "session=%.8s peer=%s", session, peer);
	phone->talked++;
	snprintf(running->talked, sizeof(running->talked), "%s", session);
	phone_did(phone, STORY_TALKS);
}

static void
on_over(struct sim_phone *is, const struct sim_phone_report *report)
{
	struct story_phone *phone = find(is);

	sim_record("over", "session=%.8s peer=%s placed=%d talked=%d end=%s",
	    report->session, report->peer, report->placed, report->talked,
	    report->end);
	phone->ended++;
	if (report->placed && strcmp(report->end, "busy") == 0)
		snprintf(running->glare, sizeof(running->glare), "%s",
		    report->session);
	snprintf(phone->end, sizeof(phone->end), "%s", report->end);
	free(phone->report);
	phone->report = strdup(report->json);
	phone_did(phone, STORY_ENDS);
}

static void
on_dialled(struct sim_phone *is, int status)
{
	sim_record("dialled", "status=%d", status);
	find(is)->exits = status;
}

/* A line of the record: "time who what key=value". */
static ssize_t
on_record(void *cookie, const char *text, size_t len)
{
	struct story *s = cookie;
	char line[512];
	size_t i;

	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	if (s->record != NULL)
		fwrite(text, 1, len, s->record);
	for (i = 0; i < s->n_lines; i++) {
		struct story_line *l = &s->lines[i];

		if (l->kind == STORY_EXPECT && l->condition->text > 0 &&
		    strstr(line, l->args[l->condition->text - 1].text) != NULL)
			l->seen++;
		if (l->kind == STORY_WHEN &&
		    l->event->event == STORY_RECORDS &&
		    strstr(line, l->event_args[0].text) != NULL)
			happened(l);
	}
	return (ssize_t)len;
}

/*
 * At most one device has a call. One that answers second has to hear of it, for
 * which it gets some looks.
 */
static void
check_one_device(struct story *s)
{
	static unsigned both;
	bool has = false;
	size_t i, j;

	for (i = 0; i < s->n_phones; i++) {
		const struct sim_phone *a = s->phones[i].is;

		if (sim_phone_state(a) != PHONE_TALKS)
			continue;
		for (j = i + 1; j < s->n_phones; j++) {
			const struct sim_phone *b = s->phones[j].is;

			if (strcmp(s->phones[i].number,
			    s->phones[j].number) != 0 ||
			    sim_phone_state(b) != PHONE_TALKS ||
			    strcmp(sim_phone_session(a),
			    sim_phone_session(b)) != 0)
				continue;
			has = true;
			if (both >= LOOKS)
				story_fail(s, 0, "%s and %s have one call",
				    s->phones[i].name, s->phones[j].name);
		}
	}
	both = has ? both + 1 : 0;
}

static void
look(struct story *s, enum story_check check)
{
	char got[STORY_GOT];
	size_t i;

	for (i = 0; i < s->n_lines; i++) {
		struct story_line *line = &s->lines[i];

		if (line->kind != STORY_EXPECT || line->check != check ||
		    line->done)
			continue;
		got[0] = '\0';
		if (line->condition->holds(s, line, got)) {
			line->done = check == STORY_CHECK_BY;
			continue;
		}
		if (check == STORY_CHECK_BY && sim_now() <
		    STORY_ZERO + story_time(&line->time))
			continue;
		line->done = true;
		story_fail(s, line->number, "not %s: %s", line->text, got);
	}
}

static void
on_look(void *arg)
{
	struct story *s = arg;

	if (s->ok)
		check_one_device(s);
	look(s, STORY_CHECK_BY);
	look(s, STORY_CHECK_ALWAYS);
	sim_at(sim_now() + LOOK_NS, on_look, s);
}

/* expect at T */
static void
on_expect(void *arg)
{
	struct story_line *line = arg;
	char got[STORY_GOT] = "";

	if (!line->condition->holds(running, line, got))
		story_fail(running, line->number, "not %s: %s", line->text,
		    got);
}

static void
on_zero(void *arg)
{
	struct story *s = arg;
	size_t i;

	for (i = 0; i < s->n_phones; i++)
		if (!sim_phone_is_registered(s->phones[i].is))
			story_fail(s, 0, "%s has not registered",
			    s->phones[i].name);
	on_look(s);
}

static void
schedule(struct story *s)
{
	size_t i;

	for (i = 0; i < s->n_lines; i++) {
		struct story_line *line = &s->lines[i];
		uint64_t at = STORY_ZERO + story_time(&line->time);

		if (line->kind == STORY_AT)
			sim_at(at, on_line, line);
		if (line->kind == STORY_EXPECT &&
		    line->check == STORY_CHECK_AT)
			sim_at(at, on_expect, line);
	}
}

static void
on_power(void *arg)
{
	struct story *s = arg;
	size_t i;

	for (i = 0; i < s->n_phones; i++)
		sim_phone_power(s->phones[i].is, true);
}

static void
build(struct story *s)
{
	static const struct sim_phone_handlers handlers = {
		.rings = on_rings, .talks = on_talks, .over = on_over,
		.dialled = on_dialled
	};
	size_t i, j;

	story_push_begin(s);
	for (i = 0; i < s->n_switches; i++) {
		struct story_switch *sw = &s->switches[i];
		char ip[32];

		snprintf(ip, sizeof(ip), "203.0.113.%zu", i + 1);
		sw->is = sim_switch_new(sw->name, REGION, ip, sw->old);
		for (j = 0; j < s->n_settings; j++)
			sim_switch_set(sw->is, s->settings[j].key,
			    s->settings[j].value);
		sim_network_place(sim_switch_machine(sw->is), REGION, "wire");
		sim_switch_start(sw->is);
	}
	sim_phone_on(&handlers);
	for (i = 0; i < s->n_phones; i++) {
		struct story_phone *phone = &s->phones[i];
		const char *device = strchr(phone->name, '/');
		struct sim_phone_options options = {
			.number = phone->number,
			.device = device == NULL ? 1 :
			    (unsigned)(device[1] - '0'),
			.home = REGION ".example", .resident = true,
			.old = phone->old
		};

		phone->exits = -1;
		phone->is = sim_phone_new(&options);
	}
	story_replay_begin(s);
}

static bool
is_checked(const struct story *s)
{
	size_t i;

	for (i = 0; i < s->n_lines; i++)
		if (s->lines[i].kind == STORY_EXPECT &&
		    strcmp(s->lines[i].condition->form, STORY_SOUND) == 0)
			return true;
	return false;
}

/* Set the values that vary, and return the seed. */
static uint64_t
choose(struct story *s, uint64_t world)
{
	uint64_t seed = s->first_seed + world % s->seeds;
	size_t i;

	world /= s->seeds;
	for (i = 0; i < s->n_varies; i++) {
		struct story_vary *v = &s->varies[i];
		uint64_t n = (v->to - v->from) / v->by + 1;

		v->now = v->from + world % n * v->by;
		world /= n;
	}
	return seed;
}

bool
story_run(struct story *story, uint64_t world, FILE *record, FILE *out,
    struct story_result *result)
{
	static const cookie_io_functions_t io = { .write = on_record };
	const struct sim_path path = { .delay_us = 5000, .jitter_us = 1000 };
	const struct sim_cost cost = {
		.most_us = 200, .slow = 100, .slow_ms = 50, .any_order = true
	};
	FILE *lines;
	size_t i;

	running = story;
	story->record = record;
	story->out = out;
	story->ok = true;
	lines = fopencookie(story, "w", io);
	if (lines == NULL)
		abort();
	setvbuf(lines, NULL, _IOLBF, 1024);
	json_object_seed(1);
	sim_begin(choose(story, world));
	sim_record_to(lines);
	sim_path_usual(&path);
	if (story->busy)
		sim_spend(NULL, &cost);
	story->checked = is_checked(story);
	if (story->checked)
		check_begin();
	build(story);
	schedule(story);
	sim_at(1 * SIM_S, on_power, story);
	sim_at(STORY_ZERO, on_zero, story);
	sim_run(STORY_ZERO + story->until);
	look(story, STORY_CHECK_END);
	result->lines = sim_record_count();
	result->hash = sim_record_hash();
	if (!story->ok)
		sim_record_last(out, 60);
	sim_tls_tell(NULL);
	sim_service_reset();
	sim_end();
	if (story->checked) {
		check_reset();
		trouble_reset();
	}
	sim_phone_reset();
	sim_switch_reset();
	sim_network_reset();
	sim_directory_reset();
	sim_dns_reset();
	for (i = 0; i < story->n_phones; i++)
		free(story->phones[i].report);
	fclose(lines);
	running = NULL;
	return story->ok;
}
