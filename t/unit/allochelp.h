/*
 * allochelp: the relay's tables for one unit test, and allocations in them.
 * Time is an argument there and costs nothing.
 */
#ifndef RP_T_UNIT_ALLOCHELP_H
#define RP_T_UNIT_ALLOCHELP_H

#include <stdio.h>

#include "base/clock.h"
#include "table/alloc.h"
#include "unit.h"

#define S CLOCK_S

static struct alloc_table *table;
static uint64_t now;

static inline void
setup(const struct alloc_limits *limits)
{
	ck_assert_int_eq(alloc_table_new(&table, limits), 0);
	/* A reader, always awake: what is freed stays to be looked at. */
	reclaim_join();
	now = clock_ns();
}

static inline void
teardown(void)
{
	reclaim_leave();
	alloc_table_free(table);
}

static inline struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

/* An allocation. What is left out is usual. */
struct wanted {
	const char *call, *party;
	bool foreign;			/* not of our own signalling */
	unsigned service;
	uint16_t port;			/* of the client */
	const int *fd;			/* its relay socket, or NULL */
	const char *relayed, *second;	/* or NULL */
	bool even, reserve;
	uint64_t token;
	const char *client, *local;	/* NULL: of IPv4; the port is `port` */
	struct inbox *inbox;
};

static inline int
add_wanted(const struct wanted *wanted, struct alloc **out)
{
	struct addr client = at(wanted->client != NULL ? wanted->client :
	    "198.51.100.1");
	struct addr local = at(wanted->local != NULL ? wanted->local :
	    "192.0.2.1:3478");
	struct addr relayed = at(wanted->relayed != NULL ? wanted->relayed :
	    "192.0.2.1"), second;
	uint8_t transaction[STUN_TRANSACTION] = {
		(uint8_t)(wanted->port >> 8), (uint8_t)wanted->port
	};
	struct stunauth_key key = { 0 };
	char username[TURNCRED_USERNAME];
	struct turncred cred = { .expiry_s = 9999999999,
		.ours = !wanted->foreign, .service = wanted->service };
	struct alloc_new new = {
		.client = &client, .local = &local, .relayed = &relayed,
		.username = username, .cred = &cred, .key = &key,
		.fd = wanted->fd != NULL ? *wanted->fd : -1, .second_fd = -1,
		.even = wanted->even, .reserve = wanted->reserve,
		.token = wanted->token, .inbox = wanted->inbox,
		.transaction = transaction,
		.lifetime_s = 600
	};

	if (wanted->second != NULL) {
		second = at(wanted->second);
		new.second = &second;
	}
	addr_set_port(&client, wanted->port);
	snprintf(cred.call, sizeof(cred.call), "%s", wanted->call);
	snprintf(cred.party, sizeof(cred.party), "%s", wanted->party != NULL ?
	    wanted->party : "");
	ck_assert_int_eq(turncred_username(username, &cred), 0);
	return alloc_add(table, &new, now, out);
}

#endif
