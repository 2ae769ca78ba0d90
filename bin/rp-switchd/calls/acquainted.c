/* acquainted: the pairs of those who have talked. See acquainted.h. */
#include "calls/acquainted.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/quota.h"
#include "conf/settings.h"

#define DAY_MS (24 * 60 * 60 * 1000u)

struct acquainted {
	const struct settings *settings;
	/* One for each pair: where it is taken, they are acquainted. */
	struct quota *pairs;
};

struct acquainted *
acquainted_new(const struct settings *settings)
{
	const struct quota_options options = {
		.window_ms = ACQUAINTED_DAYS * DAY_MS,
		.max_keys = ACQUAINTED_MAX
	};
	struct acquainted *acquainted = calloc(1, sizeof(*acquainted));

	if (acquainted == NULL)
		return NULL;
	acquainted->settings = settings;
	acquainted->pairs = quota_new(&options);
	if (acquainted->pairs == NULL) {
		free(acquainted);
		return NULL;
	}
	return acquainted;
}

void
acquainted_free(struct acquainted *acquainted)
{
	if (acquainted == NULL)
		return;
	quota_free(acquainted->pairs);
	free(acquainted);
}

void
acquainted_note(struct acquainted *acquainted, const char *from, const char *to)
{
	struct quotas_claim pair;

	if (acquainted->settings->calls_unacquainted == 0)
		return;
	pair = quotas_by_pair(QUOTAS_CALL_UNACQUAINTED, from, to);
	(void)quota_take(acquainted->pairs, pair.key, pair.key_bytes, 1,
	    clock_ms());
}

struct quotas_claim
acquainted_claim(const struct acquainted *acquainted, const char *from,
    const char *to)
{
	struct quotas_claim pair = quotas_by_pair(QUOTAS_CALL_UNACQUAINTED,
	    from, to);

	if (quota_wait(acquainted->pairs, pair.key, pair.key_bytes, 1,
	    clock_ms()) > 0)
		pair.key_bytes = 0;
	return pair;
}
