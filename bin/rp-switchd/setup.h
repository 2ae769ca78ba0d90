/*
 * setup: the parts of a switch, and how each is opened. For switchd, which
 * opens them in order, and events, which runs them.
 */
#ifndef RP_SWITCHD_SETUP_H
#define RP_SWITCHD_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/alias.h"
#include "signal/answers.h"
#include "signal/headstart.h"
#include "switchd.h"
#include "web/webbridge.h"
#include "wire/addr.h"
#include "wire/why.h"

struct certset;
struct keyholder;
struct tls_config;
struct turn_service;
struct web;

#define SETUP_RETIRED 4		/* directories not in use any more, at most */

struct switchd {
	struct switchd_options options;
	struct settings *settings;
	struct event_base *loop;
	struct alias alias;	/* names subscribers in the log */
	struct metrics *metrics;
	struct handshakes *handshakes;
	struct workers *workers;	/* of handshakes */
	struct gate *gate;
	struct load *load;
	struct descriptors *descriptors;
	struct quotas *quotas;
	struct directory *directory;
	struct directory *next;		/* opened by a reload; NULL: none */
	bool next_usable;
	struct directory *retired[SETUP_RETIRED];	/* not yet idle */
	struct loop_event *retire;
	struct turnlink *turn;	/* in a process of its own */
	struct signal_server *server;
	struct push *push;
	struct calls *calls;
	struct enrol *enrol;		/* NULL: no registration here */
	struct trials *trials;
	struct drain *drain;
	struct control *control;
	struct statusport *statusport;
	struct web *web;
	bool has_page;			/* else nothing listens for the web */
	struct certset *web_names;	/* whose page it is; NULL: --dev */
	struct tls_config *bridge_trust;	/* of --dev */
	struct webbridge_ports bridge;
	struct tls_config *tls;		/* until the ports open */
	struct certwatch *certwatch;
	struct loop_event *keys_ended, *turn_ended;
	const char *lost;		/* the process that ended; NULL: none */
	struct answers answers;
	struct headstart headstart;
	struct addr external;
	struct addr metrics_addr;
	struct loop_event *signals[3];
	struct reaper *reaper;		/* NULL: not process 1 */
	struct loop_event *watchdog;
	bool stopping;			/* the first SIGTERM has come */
	bool forced;			/* we hung up calls */
	struct reloads *reloads;
	struct dirstats *dirstats;
	struct procstats *procstats;
};

/* Set `why` to "what: wrong". Return -EINVAL. */
int setup_fail(char why[static WHY_TEXT], const char *what,
    const char *wrong);
int setup_fail_errno(char why[static WHY_TEXT], const char *what, int err);

/*
 * Each returns 0, or a negative errno with one line in `why`. The first refuses
 * certificates that clients would refuse, at a start, a reload and by -t. The
 * keys go to `keys`, or stay here if that is NULL.
 */
int setup_load_tls(const struct settings *settings, struct keyholder *keys,
    struct tls_config **out, char why[static WHY_TEXT]);
int setup_open_relay(struct switchd *sw, char why[static WHY_TEXT]);
int setup_open_front(struct switchd *sw, char why[static WHY_TEXT]);
int setup_open_push(struct switchd *sw, char why[static WHY_TEXT]);
int setup_open_calls(struct switchd *sw, char why[static WHY_TEXT]);
int setup_open_metrics(struct switchd *sw, char why[static WHY_TEXT]);

/*
 * Write the relay's services, ours first, for TURNKEYS_SERVICES of them. They
 * point into the settings. Return their number.
 */
size_t setup_services(const struct settings *settings,
    struct turn_service *out);

#endif
