/*
 * turnlink: the TURN server in a process of its own, which parses what
 * strangers send to the relay and has neither private keys nor the directory.
 * It is forked before there are settings, is sent those of the relay, binds its
 * ports, gives up all capabilities and may from then on make the calls of its
 * allow-list only. It ends TURN over TLS, with signatures of the keyholder.
 *
 * The functions are those of turn.h as the switch needs them, for the loop's
 * thread. One that returns an answer waits for it some 20 us. A process that
 * does not answer within ANSWER_S seconds is as good as ended.
 */
#ifndef RP_SWITCHD_TURNLINK_H
#define RP_SWITCHD_TURNLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "turn/turn.h"
#include "turn/turnkeys.h"
#include "wire/turncred.h"
#include "wire/why.h"

struct keyholder;
struct turnlink;

/*
 * Fork the process, which must have no other thread yet, and give it the guest
 * of the keyholder, which is freed. It shows in ps(1) as `title` in the place of
 * `argv`. Return 0 or a negative errno.
 */
int turnlink_start(struct turnlink **out, struct keyholder *guest,
    const char *title, char *argv[]);

struct turnlink_options {
	const struct turn_options *turn;
	const char *user;		/* NULL: as now */
	bool sandbox;
	enum log_sink log_sink;
	enum log_level log_level;
};

/*
 * Have it become the user, open the relay and confine itself. Sockets of the
 * service manager are handed over. Return 0, or a negative errno with one line
 * in `why`. Nobody may read the metrics after turnlink_free.
 */
int turnlink_open(struct turnlink *link, const struct turnlink_options *options,
    char why[static WHY_TEXT]);

/* End the process, and free. NULL is fine. */
void turnlink_free(struct turnlink *link);

/* The descriptor that can be read once the process has ended. */
int turnlink_ended_fd(const struct turnlink *link);
pid_t turnlink_pid(const struct turnlink *link);

/* Its open /proc/PID/stat; -1 if there is none. */
int turnlink_stat_fd(const struct turnlink *link);

/*
 * Have it serve these services from now on, and show new TLS streams these
 * certificates. Return 0, or a negative errno with one line in `why`: then
 * nothing has changed. -EPIPE: the process has ended.
 */
int turnlink_reload(struct turnlink *link, const struct turn_service *services,
    size_t n, const struct certset *set, char why[static WHY_TEXT]);

/* Tell of each number of a service whether it has no allocations. */
void turnlink_idle(const struct turnlink *link,
    bool idle[static TURNKEYS_SERVICES]);

/* As the functions of turn.h. -EPIPE: the process has ended. */
void turnlink_early_nonce(const struct turnlink *link, const char *username,
    char nonce[static TURNCRED_NONCE]);
const struct addr *turnlink_addrs(const struct turnlink *link, size_t *n);
const struct addr *turnlink_tcp_addrs(const struct turnlink *link, size_t *n);
const struct addr *turnlink_tls_addrs(const struct turnlink *link, size_t *n);
void turnlink_relayed(const struct turnlink *link, struct addr *out);
int turnlink_call(struct turnlink *link, const char *call,
    struct turn_call *out);
int turnlink_callstats(struct turnlink *link, const char *call,
    struct callstats *out);

/* As in turn.h, but they return before the process has done it. */
void turnlink_ring_call(struct turnlink *link, const char *call);
void turnlink_answer_call(struct turnlink *link, const char *call);
void turnlink_end_call(struct turnlink *link, const char *call);

/* As turn_overruns, a tenth of a second ago at most. */
uint64_t turnlink_overruns(struct turnlink *link);

/* Read what the kernel relays, as kernel_stats does. */
void turnlink_kernel(const struct turnlink *link, struct kernel_stats *out);

/* Return how many lines of its log were lost. */
uint64_t turnlink_log_lost(const struct turnlink *link);

/* Set the level of the process's log. */
void turnlink_set_level(struct turnlink *link, enum log_level level);

#endif
