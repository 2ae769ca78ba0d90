/* probe_lookup: one address of each family. See probe_lookup.h. */
#include "probe/probe_lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/netwatch.h"
#include "net/resolve.h"

enum { V4, V6, FAMILIES };

struct probe_lookup {
	struct resolve *resolve;
	struct addr addrs[FAMILIES];
	bool found[FAMILIES];
	bool route[FAMILIES];
	probe_lookup_done *done;
	void *arg;
};

static void
take(struct probe_lookup *lookup, const struct addr *addr)
{
	int family = addr_is_v4(addr) ? V4 : V6;
	struct addr source;
	bool route = netwatch_source(&source, addr) == 0;

	if (lookup->found[family] && (lookup->route[family] || !route))
		return;
	lookup->found[family] = true;
	lookup->addrs[family] = *addr;
	lookup->route[family] = route;
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct probe_lookup *lookup = arg;
	struct probe_lookup_result result = { .why = found->why };
	size_t i;

	for (i = 0; found->err == 0 && i < found->n; i++)
		take(lookup, &found->addrs[i]);
	if (found->more)
		return;
	for (i = 0; i < FAMILIES; i++) {
		if (!lookup->found[i])
			continue;
		result.addrs[result.n] = lookup->addrs[i];
		result.route[result.n++] = lookup->route[i];
	}
	if (result.n == 0 && result.why == NULL)
		result.why = "the name has no address";
	lookup->done(&result, lookup->arg);
}

int
probe_lookup_new(struct probe_lookup **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    probe_lookup_done *done, void *arg)
{
	struct probe_lookup *lookup = calloc(1, sizeof(*lookup));
	int err;

	if (lookup == NULL)
		return -ENOMEM;
	lookup->done = done;
	lookup->arg = arg;
	err = resolve_start(&lookup->resolve, loop, name, port, options,
	    on_resolved, lookup);
	if (err < 0) {
		probe_lookup_free(lookup);
		return err;
	}
	*out = lookup;
	return 0;
}

void
probe_lookup_free(struct probe_lookup *lookup)
{
	if (lookup == NULL)
		return;
	resolve_free(lookup->resolve);
	free(lookup);
}
