/* tell_cast: the first reading of a record. See tell_cast.h. */
#include "world/tell_cast.h"

#include <stdlib.h>
#include <string.h>

#include "core/sim.h"

#define ROOM(array) (sizeof(array) / sizeof((array)[0]))

static char numbers[16][TELL_TEXT];	/* in the order of their names */
static unsigned n_numbers;

static const char *const names[] = {
	"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi",
	"ivan", "judy", "kim", "leo", "mia", "nora", "olaf", "peggy"
};

bool
tell_read(FILE *record, struct tell_line *line)
{
	char text[TELL_LINE + 4 * TELL_TEXT], *at;
	unsigned long long s, us;
	int n;

	while (fgets(text, sizeof(text), record) != NULL) {
		n = 0;
		at = strchr(text, '\n');
		if (at != NULL)
			*at = '\0';
		if (sscanf(text, "%llu.%llu %63s %63s %n", &s, &us, line->who,
		    line->what, &n) < 4)
			continue;
		line->at = s * SIM_S + us * (SIM_MS / 1000);
		snprintf(line->rest, TELL_LINE, "%s", n > 0 ? text + n : "");
		return true;
	}
	return false;
}

bool
tell_is(const struct tell_line *line, const char *what)
{
	return strcmp(line->what, what) == 0;
}

const char *
tell_value(char out[static TELL_TEXT], const struct tell_line *line,
    const char *key)
{
	const char *at = strstr(line->rest, key);
	size_t len;

	out[0] = '\0';
	if (at == NULL)
		return out;
	at += strlen(key);
	at += *at == '"';
	len = strcspn(at, "\" ");
	if (len >= TELL_TEXT)
		len = TELL_TEXT - 1;
	snprintf(out, TELL_TEXT, "%.*s", (int)len, at);
	return out;
}

struct tell_phone *
tell_phone_of(struct tell_cast *cast, const char *name)
{
	size_t len = strlen(name), i;

	/* "NUMBER/1+" is its process that places calls. */
	if (len > 0 && name[len - 1] == '+')
		len--;
	for (i = 0; i < cast->n_phones; i++)
		if (strlen(cast->phones[i].is) == len &&
		    strncmp(cast->phones[i].is, name, len) == 0)
			return &cast->phones[i];
	return NULL;
}

int
tell_switch_of(const struct tell_cast *cast, const char *name)
{
	unsigned i;

	for (i = 0; i < cast->n_switches; i++)
		if (strcmp(cast->switches[i], name) == 0)
			return (int)i;
	return -1;
}

static void
add_switch(struct tell_cast *cast, const char *name)
{
	if (strncmp(name, "sw", 2) != 0 || tell_switch_of(cast, name) >= 0)
		return;
	if (cast->n_switches == ROOM(cast->switches))
		cast->unsaid++;
	else
		snprintf(cast->switches[cast->n_switches++], TELL_TEXT, "%s",
		    name);
}

const char *
tell_number_name(const char *number)
{
	size_t len = strcspn(number, "/");
	unsigned i;

	for (i = 0; i < n_numbers; i++)
		if (strlen(numbers[i]) == len &&
		    strncmp(numbers[i], number, len) == 0)
			return names[i];
	if (n_numbers == ROOM(numbers))
		return "";
	snprintf(numbers[n_numbers], TELL_TEXT, "%.*s", (int)len, number);
	return names[n_numbers++];
}

static bool
is_everywhere(const char *of)
{
	return strcmp(of, "full") == 0 || strcmp(of, "replica") == 0 ||
	    strcmp(of, "push") == 0 || strcmp(of, "names") == 0;
}

static void
add_phone(struct tell_cast *cast, const char *name)
{
	struct tell_phone *phone;

	if (tell_phone_of(cast, name) != NULL)
		return;
	if (cast->n_phones == ROOM(cast->phones)) {
		cast->unsaid++;
		return;
	}
	phone = &cast->phones[cast->n_phones++];
	memset(phone, 0, sizeof(*phone));
	snprintf(phone->is, TELL_TEXT, "%s", name);
}

static void
add_start(struct tell_cast *cast, const struct tell_line *line)
{
	struct tell_start *start = &cast->starts[cast->n_starts];

	add_switch(cast, line->who);
	if (cast->n_starts == ROOM(cast->starts) ||
	    tell_switch_of(cast, line->who) < 0)
		return;
	start->at = line->at;
	start->sw = (unsigned)tell_switch_of(cast, line->who);
	start->told = false;
	tell_value(start->caller, line, "caller=");
	cast->n_starts++;
}

static void
meet(struct tell_cast *cast, const struct tell_line *line)
{
	char text[TELL_TEXT], text2[TELL_TEXT];
	struct tell_phone *phone = tell_phone_of(cast,
	    tell_value(text, line, "phone="));

	if (tell_is(line, "registered") && strchr(text, '/') != NULL)
		add_phone(cast, text);
	if (cast->begins == 0 && phone != NULL && (tell_is(line, "sleeps") ||
	    tell_is(line, "wakes")))
		phone->sleeps = tell_is(line, "sleeps");
	if (cast->begins == 0 && (tell_is(line, "dials") ||
	    tell_is(line, "fault")))
		cast->begins = line->at;
	if (tell_is(line, "fault") &&
	    !is_everywhere(tell_value(text2, line, "kind=")))
		add_switch(cast, tell_value(text2, line, "switch="));
	if (tell_is(line, "dials")) {
		tell_number_name(text);
		tell_number_name(tell_value(text2, line, "callee="));
	}
	if (strstr(line->rest, "event=call_started") != NULL)
		add_start(cast, line);
	cast->ends = line->at;
}

static void
look_at_networks(struct tell_cast *cast, const struct tell_line *line)
{
	char text[TELL_TEXT];
	struct tell_phone *phone;

	if (!tell_is(line, "network") || line->at >= cast->begins)
		return;
	phone = tell_phone_of(cast, tell_value(text, line, "phone="));
	if (phone != NULL)
		tell_value(phone->network, line, "is=");
}

/* Whoever dials comes first, and devices come in their order. */
static int
compare(const void *a, const void *b)
{
	const struct tell_phone *one = a, *other = b;
	int by_name = strcmp(tell_number_name(one->is),
	    tell_number_name(other->is));

	return by_name != 0 ? by_name : strcmp(one->is, other->is);
}

/* "alice" if there is one phone of the number, "alice/2" if there are more. */
static void
name_phones(struct tell_cast *cast)
{
	struct tell_phone *phone = cast->phones, *end = phone + cast->n_phones;
	const struct tell_phone *other;
	const char *device;
	unsigned of;

	qsort(phone, cast->n_phones, sizeof(*phone), compare);
	for (; phone < end; phone++) {
		device = strchr(phone->is, '/');
		of = 0;
		for (other = cast->phones; other < end; other++)
			of += strncmp(phone->is, other->is,
			    (size_t)(device - phone->is) + 1) == 0;
		if (of == 1 && strcmp(device, "/1") == 0)
			device = "";
		snprintf(phone->name, TELL_TEXT, "%s%.10s",
		    tell_number_name(phone->is), device);
	}
}

void
tell_cast_read(struct tell_cast *cast, FILE *record)
{
	struct tell_line line;

	memset(cast, 0, sizeof(*cast));
	n_numbers = 0;
	while (tell_read(record, &line))
		meet(cast, &line);
	if (cast->begins == 0)
		cast->begins = cast->ends;
	rewind(record);
	while (tell_read(record, &line))
		look_at_networks(cast, &line);
	rewind(record);
	name_phones(cast);
}
