/*
 * alloc_stats: sum the statistics of allocations, per call and party, including
 * those that are gone. Called by alloc and turn.
 */
#include "table/alloc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "net/udp_batch.h"

static void
describe(const struct alloc *a, struct callstats_party *out)
{
	const struct alloc_traffic *traffic = a->traffic;

	*out = (struct callstats_party){
		.allocations = !a->gone,
		.via = CALLSTATS_FLOW_VIA(a->flow),
		.ipv6 = CALLSTATS_FLOW_IPV6(a->flow),
		.packets = counter_get(&traffic->packets),
		.bytes = counter_get(&traffic->bytes),
		.dropped = counter_get(&traffic->dropped),
		.media_ns = counter_get(&traffic->media_ns),
		.last_ns = counter_get(&traffic->last_ns)
	};
	strcpy(out->name, a->party);
	rtpstats_read(&traffic->rtp, &out->rtp);
}

void
alloc_remember(struct alloc_call *call, const struct alloc *a)
{
	struct alloc_gone **at = &call->gone;
	struct callstats_party part;
	size_t n = 1;

	describe(a, &part);
	if (part.packets + part.dropped + part.rtp.packets == 0)
		return;
	for (; *at != NULL && n < CALLSTATS_PARTIES; at = &(*at)->next, n++)
		if (strcmp((*at)->sum.name, part.name) == 0)
			break;
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL)
			return;
		strcpy((*at)->sum.name, part.name);
	}
	callstats_merge(&(*at)->sum, &part);
}

void
alloc_forget(struct alloc_call *call)
{
	struct alloc_gone *gone;

	while ((gone = call->gone) != NULL) {
		call->gone = gone->next;
		free(gone);
	}
}

void
alloc_remember_socket(struct alloc_table *table, int fd)
{
	const struct udp_batch_socket socket = { .fd = fd };

	if (fd >= 0)
		counter_add(&table->overruns,
		    udp_batch_socket_overruns(&socket));
}

uint64_t
alloc_overruns(const struct alloc_table *table)
{
	return counter_get(&table->overruns);
}

int
alloc_sums(struct alloc_table *table, const char *name,
    struct alloc_sums *out)
{
	struct callstats stats;
	size_t i;

	if (alloc_callstats(table, name, &stats) < 0)
		return -ENOENT;
	*out = (struct alloc_sums){ 0 };
	for (i = 0; i < stats.n; i++) {
		const struct callstats_party *party = &stats.party[i];

		out->allocations += party->allocations;
		out->packets += party->packets;
		out->bytes += party->bytes;
		if (party->last_ns > out->last_ns)
			out->last_ns = party->last_ns;
	}
	return 0;
}

int
alloc_callstats(struct alloc_table *table, const char *name,
    struct callstats *out)
{
	const struct alloc_call *call;
	const struct alloc_gone *gone;
	struct callstats_party part;
	const struct alloc *s;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&table->mutex);
	call = alloc_find_call(table, name);
	if (call == NULL || (call->n == 0 && call->gone == NULL)) {
		pthread_mutex_unlock(&table->mutex);
		return -ENOENT;
	}
	for (gone = call->gone; gone != NULL; gone = gone->next)
		callstats_add(out, &gone->sum);
	for (s = call->allocs; s != NULL; s = s->sibling) {
		describe(s, &part);
		callstats_add(out, &part);
	}
	pthread_mutex_unlock(&table->mutex);
	return 0;
}
