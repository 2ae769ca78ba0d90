/*
 * callstats: merge the statistics of a call's allocations by party, and derive
 * loss. Pure. See callstats.h.
 */
#include "table/callstats.h"

#include <string.h>

void
callstats_merge(struct callstats_party *sum,
    const struct callstats_party *part)
{
	sum->allocations += part->allocations;
	sum->packets += part->packets;
	sum->bytes += part->bytes;
	sum->dropped += part->dropped;
	sum->rtp.packets += part->rtp.packets;
	sum->rtp.lost += part->rtp.lost;
	if (sum->media_ns == 0 || (part->media_ns != 0 &&
	    part->media_ns < sum->media_ns))
		sum->media_ns = part->media_ns;
	/* If neither has sent, the existing one counts. */
	if (part->last_ns < sum->last_ns ||
	    (part->last_ns == sum->last_ns && part->allocations == 0))
		return;
	sum->last_ns = part->last_ns;
	sum->via = part->via;
	sum->ipv6 = part->ipv6;
	sum->rtp.jitter_us = part->rtp.jitter_us;
}

void
callstats_add(struct callstats *stats, const struct callstats_party *part)
{
	size_t i;

	for (i = 0; i < stats->n; i++)
		if (strcmp(stats->party[i].name, part->name) == 0)
			break;
	if (i == CALLSTATS_PARTIES)
		i--;
	if (i < stats->n) {
		callstats_merge(&stats->party[i], part);
		return;
	}
	stats->party[i] = *part;
	stats->n++;
}

const struct callstats_party *
callstats_find(const struct callstats *stats, const char *name)
{
	size_t i;

	for (i = 0; i < stats->n; i++)
		if (strcmp(stats->party[i].name, name) == 0)
			return &stats->party[i];
	return NULL;
}

double
callstats_loss_pct(const struct callstats_party *party)
{
	uint64_t expected = party->rtp.packets + party->rtp.lost;

	return expected == 0 ? 0 :
	    100.0 * (double)party->rtp.lost / (double)expected;
}

const char *
callstats_via_text(enum callstats_via via)
{
	static const char *const texts[] = { "udp", "tcp", "tls" };

	return texts[via];
}
