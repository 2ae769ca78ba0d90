/*
 * probe_relay: test whether a relay works. It tries each path to it, one after
 * the other, and names the faults. The paths are those that a switch hands out,
 * or those on the command line.
 */
#ifndef RP_DIAL_PROBE_RELAY_H
#define RP_DIAL_PROBE_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "call/outcome.h"
#include "conf/options.h"
#include "probe/probe_row.h"
#include "wire/addr.h"

struct dial_context;
struct media_ice_server;
struct probe_relay;
struct probe_textfile_run;
struct probe_target;

/* At most two for each URL, and no more than that for a switch. */
#define PROBE_RELAY_WAYS (2 * OPTIONS_RELAYS)

/* Where the paths come from: the options, or else a switch's answer. */
struct probe_relay_source {
	const struct probe_target *target;	/* must outlive the test */
	const struct media_ice_server *servers;	/* copied */
	size_t n;
	struct addr reached;		/* where the switch answered */
	unsigned ttl_s;			/* of the credentials; 0: absent */
};

/*
 * The time for all paths. Four URLs whose two addresses are all silent take 48
 * seconds, and Nagios ends a check after a minute.
 */
#define PROBE_RELAY_MS 50000

/* Called from the loop. probe_relay_free is allowed. */
typedef void probe_relay_done(enum outcome outcome, void *arg);

/*
 * Start the test, which takes at most PROBE_RELAY_MS. `context` must outlive it.
 * Return -errno if it cannot begin.
 */
int probe_relay_new(struct probe_relay **out,
    const struct dial_context *context,
    const struct probe_relay_source *from, probe_relay_done *done, void *arg);

/* Free the test. NULL is allowed. */
void probe_relay_free(struct probe_relay *relay);

/*
 * Fill in a row for each path that was tried, and return their number. They
 * point into the test.
 */
size_t probe_relay_rows(const struct probe_relay *relay,
    struct probe_row rows[static PROBE_RELAY_WAYS]);

/* Print one line per path on standard output, once it is done. */
void probe_relay_print(const struct probe_relay *relay);

/* Print the remedy for the first path that fails, on standard error. */
void probe_relay_warn(const struct probe_relay *relay);

/*
 * Write the metrics of a run to `file`, as conclude_write does. With NULL it
 * did not come to a test of the relay.
 */
int probe_relay_publish(const struct probe_relay *relay,
    const struct probe_textfile_run *run, const char *file);

/* Return the result as JSON, see rp-dial(1); NULL if out of memory. */
json_t *probe_relay_json(const struct probe_relay *relay);

#endif
