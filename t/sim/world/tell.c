/* tell: the record is told line by line. See tell.h. */
#include "world/tell.h"

#include <stdlib.h>
#include <string.h>

#include "core/sim.h"
#include "world/tell_cast.h"

#define FAULTS 256
#define BEFORE (5 * SIM_S)		/* of the story, until it begins */
#define AFTER (10 * SIM_S)
#define SOON (60 * SIM_S)		/* from the dial to the call */
#define FINDS (200 * SIM_MS)

static struct tell_cast cast;
static unsigned unsaid;

/* The fault that was told last, to which paths belong. */
static struct {
	char kind[TELL_TEXT];
	int sw;				/* -1: none in the story */
	uint32_t degree;
	bool mends;
} fault;
static int fault_switches[FAULTS];

static void
put_time(FILE *out, uint64_t ns)
{
	fprintf(out, "%llu.%03llus", (unsigned long long)(ns / SIM_S),
	    (unsigned long long)(ns % SIM_S / SIM_MS));
}

static void
put_at(FILE *out, uint64_t at)
{
	fprintf(out, "at ");
	put_time(out, at < cast.begins ? BEFORE : at - cast.begins + BEFORE);
	fprintf(out, ": ");
}

/* "when P rings time N: P WHAT after T" */
static void
put_when(FILE *out, const struct tell_phone *phone, const char *event,
    unsigned nth, const char *what, uint64_t after)
{
	fprintf(out, "when %s %s", phone->name, event);
	if (nth > 1)
		fprintf(out, " time %u", nth);
	fprintf(out, ": %s %s after ", phone->name, what);
	put_time(out, after);
	fprintf(out, "\n");
}

static void
tell_dials(FILE *out, const struct tell_line *line, struct tell_phone *phone)
{
	char callee[TELL_TEXT];
	size_t len = strcspn(phone->is, "/"), i;

	put_at(out, line->at);
	for (i = 0; i < cast.n_starts; i++) {
		struct tell_start *s = &cast.starts[i];

		if (s->told || s->at < line->at || s->at > line->at + SOON ||
		    strlen(s->caller) != len ||
		    strncmp(s->caller, phone->is, len) != 0)
			continue;
		s->told = true;
		fprintf(out, "%s finds sw%u; ", phone->name, s->sw + 1);
		break;
	}
	fprintf(out, "%s dials %s\n", phone->name,
	    tell_number_name(tell_value(callee, line, "callee=")));
	phone->places = true;
	phone->rang_at = phone->talked_at = 0;
}

/* It dials again by itself, and finds another switch. */
static void
tell_redial(FILE *out, const struct tell_line *line)
{
	const struct tell_start *start = cast.starts;
	const struct tell_phone *phone = cast.phones;
	size_t len;

	while (start < cast.starts + cast.n_starts && start->at != line->at)
		start++;
	if (start == cast.starts + cast.n_starts || start->told)
		return;
	len = strlen(start->caller);
	for (; phone < cast.phones + cast.n_phones; phone++) {
		if (!phone->places || phone->is[len] != '/' ||
		    strncmp(phone->is, start->caller, len) != 0)
			continue;
		put_at(out, line->at - FINDS);
		fprintf(out, "%s finds sw%u\n", phone->name, start->sw + 1);
	}
}

static void
tell_presses(FILE *out, const struct tell_line *line,
    const struct tell_phone *phone)
{
	char key[TELL_TEXT];
	const char *what;

	tell_value(key, line, "key=");
	what = strcmp(key, "enter") == 0 ? "answers" :
	    phone->rang_at != 0 && phone->talked_at == 0 && !phone->places ?
	    "declines" : "hangs up";
	if (phone->talked_at != 0)
		put_when(out, phone, "talks", phone->talked, what,
		    line->at - phone->talked_at);
	else if (phone->rang_at != 0 && strcmp(what, "hangs up") != 0)
		put_when(out, phone, "rings", phone->rang, what,
		    line->at - phone->rang_at);
	else {
		put_at(out, line->at);
		fprintf(out, "%s %s\n", phone->name, what);
	}
}

/* A story has no word for it, or for all of it. */
static void
tell_comment(FILE *out, const struct tell_line *line)
{
	fprintf(out, "# ");
	put_at(out, line->at);
	fprintf(out, "%s %s\n", line->what, line->rest);
	unsaid += tell_is(line, "fault") || tell_is(line, "upgrade");
}

/* Is it told path by path? */
static bool
is_of_paths(void)
{
	return strcmp(fault.kind, "partition") == 0 ||
	    strcmp(fault.kind, "loss") == 0 || strcmp(fault.kind, "delay") == 0;
}

static void
tell_fault(FILE *out, const struct tell_line *line)
{
	static const struct {
		const char *kind, *fails, *mends;
	} words[] = {
		{ "kill", "dies", "" },
		{ "power", "loses power", "has power" },
		{ "hang", "hangs", "resumes" },
		{ "drain", "drains", "undrains" },
		{ "stop", "drains and stops", "" }
	};
	const size_t n = sizeof(words) / sizeof(words[0]);
	const char *what;
	size_t i;

	if (is_of_paths())
		return;
	for (i = 0; i < n && strcmp(fault.kind, words[i].kind) != 0; i++)
		;
	if (i == n || fault.sw < 0) {
		tell_comment(out, line);
		return;
	}
	what = fault.mends ? words[i].mends : words[i].fails;
	if (*what == '\0')
		return;
	put_at(out, line->at);
	fprintf(out, "sw%d %s\n", fault.sw + 1, what);
}

static void
tell_path(FILE *out, const struct tell_line *line,
    const struct tell_phone *phone)
{
	uint32_t degree = fault.mends ? 0 : fault.degree / 4;
	int sw = fault.sw + 1;

	if (fault.sw < 0 || !is_of_paths())
		return;
	put_at(out, line->at);
	if (strcmp(fault.kind, "partition") == 0)
		fprintf(out, "%s sw%d %s\n", fault.mends ? "mend" : "cut", sw,
		    phone->name);
	else if (strcmp(fault.kind, "loss") == 0)
		fprintf(out, "lose sw%d %s %.2f%%\n", sw, phone->name,
		    (double)degree / 10000);
	else
		fprintf(out, "delay sw%d %s %ums\n", sw, phone->name,
		    degree / 1000);
}

/* Which fault is it? */
static void
take_fault(const struct tell_line *line)
{
	char text[TELL_TEXT];
	size_t n;

	fault.mends = tell_is(line, "mends");
	n = strtoul(tell_value(text, line, fault.mends ? "fault=" : "number="),
	    NULL, 10) % FAULTS;
	tell_value(fault.kind, line, "kind=");
	if (!fault.mends) {
		fault_switches[n] = tell_switch_of(&cast,
		    tell_value(text, line, "switch="));
		fault.degree = (uint32_t)strtoul(
		    tell_value(text, line, "degree="), NULL, 10);
	}
	fault.sw = fault_switches[n];
}

static void
tell_deed(FILE *out, const struct tell_line *line, struct tell_phone *phone)
{
	char text[TELL_TEXT];

	if (tell_is(line, "dials"))
		tell_dials(out, line, phone);
	else if (tell_is(line, "presses"))
		tell_presses(out, line, phone);
	else if (tell_is(line, "path"))
		tell_path(out, line, phone);
	else if (tell_is(line, "network")) {
		put_at(out, line->at);
		fprintf(out, "%s network %s\n", phone->name,
		    tell_value(text, line, "is="));
	} else if (tell_is(line, "power")) {
		put_at(out, line->at);
		fprintf(out, "%s %s\n", phone->name,
		    *tell_value(text, line, "on=") == '1' ? "on" : "off");
	}
}

/* What a phone sees of its calls: people do something after that. */
static void
hear(const struct tell_line *line)
{
	struct tell_phone *phone = tell_phone_of(&cast, line->who);

	if (phone == NULL)
		return;
	if (tell_is(line, "rings")) {
		phone->rang++;
		phone->rang_at = line->at;
		phone->talked_at = 0;
	} else if (tell_is(line, "talks")) {
		phone->talked++;
		phone->talked_at = line->at;
	} else if (tell_is(line, "over")) {
		phone->rang_at = phone->talked_at = 0;
		if (line->who[strlen(line->who) - 1] == '+')
			phone->places = false;
	}
}

static void
tell_line(FILE *out, const struct tell_line *line)
{
	char text[TELL_TEXT];
	struct tell_phone *phone = tell_phone_of(&cast,
	    tell_value(text, line, "phone="));
	int sw;

	hear(line);
	if (tell_is(line, "fault") || tell_is(line, "mends")) {
		take_fault(line);
		tell_fault(out, line);
	} else if (tell_is(line, "starts")) {
		sw = tell_switch_of(&cast, tell_value(text, line, "process="));
		if (sw < 0)
			return;
		put_at(out, line->at);
		fprintf(out, "sw%d starts\n", sw + 1);
	} else if (tell_is(line, "upgrade"))
		tell_comment(out, line);
	else if (strstr(line->rest, "event=call_started") != NULL)
		tell_redial(out, line);
	else if (phone != NULL)
		tell_deed(out, line, phone);
}

static void
tell_head(FILE *out, unsigned seeds)
{
	unsigned i;

	fprintf(out, "switches");
	for (i = 0; i < cast.n_switches || i == 0; i++)
		fprintf(out, " sw%u", i + 1);
	fprintf(out, "\nphones");
	for (i = 0; i < cast.n_phones; i++)
		fprintf(out, " %s", cast.phones[i].name);
	fprintf(out, "\nseeds %u\nuntil ", seeds);
	put_time(out, cast.ends - cast.begins + BEFORE + AFTER);
	fprintf(out, "\n\n");
	for (i = 0; i < cast.n_phones; i++) {
		if (strcmp(cast.phones[i].network, "mobile") == 0)
			fprintf(out, "at 0: %s network mobile\n",
			    cast.phones[i].name);
		if (cast.phones[i].sleeps)
			fprintf(out, "at 2s: %s sleeps\n",
			    cast.phones[i].name);
	}
}

unsigned
tell_story(FILE *record, const char *invariant, unsigned seeds, FILE *out)
{
	struct tell_line line;

	tell_cast_read(&cast, record);
	unsaid = cast.unsaid;
	tell_head(out, seeds);
	while (tell_read(record, &line))
		if (line.at >= cast.begins)
			tell_line(out, &line);
	fprintf(out, "\nexpect: no invariant is broken%s\n",
	    strcmp(invariant, "returns") == 0 ? "; nothing held" : "");
	return unsaid;
}
