/*
 * turnlink: the relay in the switch's own process, by turn.h. In place of
 * turn/turnlink.c, turnlink_serve.c and turnlink_pack.c.
 */
#include "turn/turnlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/private.h"
#include "stand/stand.h"
#include "table/callstats.h"

struct turnlink {
	struct turn *turn;
	int fds[2];
};

struct turn *
sim_turnlink_turn(const struct turnlink *link)
{
	return link->turn;
}

int
turnlink_start(struct turnlink **out, struct keyholder *guest,
    const char *title, char *argv[])
{
	(void)guest;
	(void)title;
	(void)argv;
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : sim_pair((*out)->fds, false, false);
}

int
turnlink_open(struct turnlink *link, const struct turnlink_options *options,
    char why[static WHY_TEXT])
{
	return turn_new(&link->turn, options->turn, why);
}

void
turnlink_free(struct turnlink *link)
{
	if (link == NULL)
		return;
	turn_free(link->turn);
	sim_file_close(link->fds[0]);
	sim_file_close(link->fds[1]);
	free(link);
}

int
turnlink_ended_fd(const struct turnlink *link)
{
	return link->fds[0];
}

pid_t
turnlink_pid(const struct turnlink *link)
{
	(void)link;
	return 0;
}

int
turnlink_stat_fd(const struct turnlink *link)
{
	(void)link;
	return -1;
}

int
turnlink_reload(struct turnlink *link, const struct turn_service *services,
    size_t n, const struct certset *set, char why[static WHY_TEXT])
{
	(void)set;
	why[0] = '\0';
	return turn_set_services(link->turn, services, n);
}

void
turnlink_idle(const struct turnlink *link, bool idle[static TURNKEYS_SERVICES])
{
	(void)link;
	memset(idle, 0, TURNKEYS_SERVICES * sizeof(idle[0]));
}

void
turnlink_early_nonce(const struct turnlink *link, const char *username,
    char nonce[static TURNCRED_NONCE])
{
	turn_early_nonce(link->turn, username, nonce);
}

const struct addr *
turnlink_addrs(const struct turnlink *link, size_t *n)
{
	return turn_addrs(link->turn, n);
}

const struct addr *
turnlink_tcp_addrs(const struct turnlink *link, size_t *n)
{
	return turn_tcp_addrs(link->turn, n);
}

const struct addr *
turnlink_tls_addrs(const struct turnlink *link, size_t *n)
{
	return turn_tls_addrs(link->turn, n);
}

void
turnlink_relayed(const struct turnlink *link, struct addr *out)
{
	turn_relayed(link->turn, out);
}

int
turnlink_call(struct turnlink *link, const char *call, struct turn_call *out)
{
	return turn_call(link->turn, call, out);
}

int
turnlink_callstats(struct turnlink *link, const char *call,
    struct callstats *out)
{
	return turn_callstats(link->turn, call, out);
}

void
turnlink_ring_call(struct turnlink *link, const char *call)
{
	turn_ring_call(link->turn, call);
}

void
turnlink_answer_call(struct turnlink *link, const char *call)
{
	turn_answer_call(link->turn, call);
}

void
turnlink_end_call(struct turnlink *link, const char *call)
{
	turn_end_call(link->turn, call);
}

uint64_t
turnlink_overruns(struct turnlink *link)
{
	return turn_overruns(link->turn);
}

void
turnlink_kernel(const struct turnlink *link, struct kernel_stats *out)
{
	(void)link;
	memset(out, 0, sizeof(*out));
}

uint64_t
turnlink_log_lost(const struct turnlink *link)
{
	(void)link;
	return 0;
}

void
turnlink_set_level(struct turnlink *link, enum log_level level)
{
	(void)link;
	(void)level;
}
