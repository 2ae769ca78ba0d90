/* left: compares. See left.h. */
#include "world/left.h"

#include <string.h>

#include "core/sim.h"
#include "world/check.h"
#include "world/count.h"
#include "world/phone.h"
#include "world/switch.h"

#define SWITCHES 32
#define CACHED 4096		/* bytes: addresses, histories and the like */

/*
 * Unlike what is counted by calls.h, all of it is of one process. Memory comes
 * last, because each of the others has some.
 */
enum what {
	LEFT_CALLS, LEFT_ALLOCATIONS, LEFT_PENDING, LEFT_CONNECTIONS,
	LEFT_FILES, LEFT_TIMERS, LEFT_BYTES, LEFT_KINDS
};

static const char *const names[LEFT_KINDS] = {
	"calls", "allocations", "requests to the directory", "connections",
	"descriptors", "timers", "bytes"
};

struct holding {
	bool known;
	size_t of[LEFT_KINDS];
};

static struct holding before[SWITCHES], after[SWITCHES];
static bool begun;			/* else nobody wants to know */

/* The least that was seen counts: one may be busy with something for now. */
static void
note(struct holding *least, const struct sim_switch *sw)
{
	struct sim_switch_state state = { 0 };
	size_t now[LEFT_KINDS];
	unsigned i;

	sim_switch_state(sw, &state);
	now[LEFT_CALLS] = state.calls;
	now[LEFT_ALLOCATIONS] = state.allocations;
	now[LEFT_PENDING] = state.pending;
	now[LEFT_CONNECTIONS] = state.connections;
	now[LEFT_FILES] = state.files;
	now[LEFT_TIMERS] = state.timers;
	now[LEFT_BYTES] = state.bytes;
	for (i = 0; i < LEFT_KINDS; i++)
		if (!least->known || now[i] < least->of[i])
			least->of[i] = now[i];
	least->known = true;
}

/* Call for each switch whose state is to be known. */
static void
each(void (*call)(size_t place, const struct sim_switch *sw))
{
	const struct sim_switch *sw;
	size_t i;

	for (i = 0; i < SWITCHES && (sw = sim_switch_at(i)) != NULL; i++)
		if (sim_switch_runs(sw) && !sim_switch_is_old(sw))
			call(i, sw);
}

static void
note_before(size_t place, const struct sim_switch *sw)
{
	note(&before[place], sw);
}

static void
note_after(size_t place, const struct sim_switch *sw)
{
	note(&after[place], sw);
}

void
left_baseline(void)
{
	begun = true;
	each(note_before);
}

void
left_quiet(void)
{
	each(note_after);
}

static void
judge(size_t place, const struct sim_switch *sw)
{
	const struct holding *b = &before[place], *a = &after[place];
	unsigned i;

	if (!b->known || !a->known)
		return;
	for (i = 0; i < LEFT_KINDS; i++)
		if (a->of[i] > b->of[i] + (i == LEFT_BYTES ? CACHED : 0))
			check_fail("returns", "%s has %zu %s when all is "
			    "quiet, and had %zu", sim_switch_name(sw),
			    a->of[i], names[i], b->of[i]);
	if (sim_switch_leaked(sw) > 0)
		check_fail("returns", "%s has ended and not freed %zu bytes",
		    sim_switch_name(sw), sim_switch_leaked(sw));
}

void
left_judge(void)
{
	each(judge);
}

void
left_ended(const struct sim_process *process)
{
	size_t bytes = sim_process_bytes(process);
	unsigned files = sim_process_unclosed(process);

	if (!begun)
		return;
	count_add("process.ended", 1);
	if (files > 0)
		check_fail("returns", "%s has ended and not closed %u "
		    "descriptors", sim_process_name(process), files);
	if (bytes > 0)
		check_fail("returns", "%s has ended and not freed %zu bytes",
		    sim_process_name(process), bytes);
}

void
left_reset(void)
{
	memset(before, 0, sizeof(before));
	memset(after, 0, sizeof(after));
	begun = false;
}
