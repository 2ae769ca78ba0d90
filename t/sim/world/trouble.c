/* trouble: a list. See trouble.h. */
#include "world/trouble.h"

#include <stdbool.h>
#include <stdlib.h>

struct trouble {
	const struct sim_machine *machine, *other;
	uint64_t from, to;
	unsigned effects;
	const char *what;
};

static struct trouble *troubles;
static size_t n_troubles, room;

void
trouble_add(const struct sim_machine *machine, const struct sim_machine *other,
    uint64_t from, uint64_t to, unsigned effects, const char *what)
{
	if (n_troubles == room) {
		room = room * 2 + 256;
		troubles = realloc(troubles, room * sizeof(*troubles));
		if (troubles == NULL)
			abort();
	}
	troubles[n_troubles++] = (struct trouble){
		machine, other, from, to, effects, what
	};
}

static bool
concerns(const struct trouble *t, const struct sim_machine *phone,
    const struct sim_machine *host)
{
	if (t->machine == NULL)
		return true;
	if (t->other == NULL)
		return t->machine == phone || t->machine == host;
	return (t->other == phone && (host == NULL || t->machine == host)) ||
	    (t->machine == phone && (host == NULL || t->other == host));
}

const char *
trouble_near(const struct sim_machine *phone, const struct sim_machine *host,
    uint64_t from, uint64_t to, unsigned effects)
{
	const struct trouble *t;

	for (t = troubles; t < troubles + n_troubles; t++)
		if (t->from <= to && t->to >= from &&
		    (t->effects & effects) != 0 && concerns(t, phone, host))
			return t->what;
	return NULL;
}

void
trouble_reset(void)
{
	free(troubles);
	troubles = NULL;
	n_troubles = room = 0;
}
