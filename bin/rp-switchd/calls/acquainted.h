/*
 * acquainted: who may ring whom as often as others. A subscriber whom another
 * has called, or whose call another has answered, is acquainted with that one.
 * It is remembered for ACQUAINTED_DAYS, for the latest ACQUAINTED_MAX pairs, and
 * until the switch stops.
 */
#ifndef RP_SWITCHD_ACQUAINTED_H
#define RP_SWITCHD_ACQUAINTED_H

#include <stdbool.h>

#include "ops/quotas.h"

struct acquainted;
struct settings;

#define ACQUAINTED_DAYS 30
#define ACQUAINTED_MAX 50000	/* some 8 MB */

/*
 * Make one. Without a limit, call.unacquainted_per_hour, it notes nothing. NULL
 * if out of memory.
 */
struct acquainted *acquainted_new(const struct settings *settings);
void acquainted_free(struct acquainted *acquainted);

/* Note that `from` may ring `to` from now on. */
void acquainted_note(struct acquainted *acquainted, const char *from,
    const char *to);

/*
 * Make the claim of a call: of QUOTAS_CALL_UNACQUAINTED, or of nothing if `from`
 * is acquainted with `to`.
 */
struct quotas_claim acquainted_claim(const struct acquainted *acquainted,
    const char *from, const char *to);

#endif
