/*
 * racehelp: races between real sockets on loopback. All of 127.0.0.0/8 is
 * local, so any number of addresses can listen, refuse, or swallow packets.
 */
#ifndef RP_T_UNIT_RACEHELP_H
#define RP_T_UNIT_RACEHELP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/multiconnect.h"
#include "unit.h"

#define MANY 240

struct race {
	struct event_base *loop;
	struct multiconnect *mc;
	struct addr addrs[MANY];
	size_t n;
	int listeners[2 * MANY];
	size_t n_listeners;
	/* what done said last */
	int calls, err, fd;
	size_t entry;
	int open_in_done;	/* descriptors open when done was called */
	size_t most_racing;
	/* what a test's prover holds: by entry, -1: nothing */
	int proving[MANY];
	int dropped;
};

static inline int
count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static inline void
on_done(int err, int fd, size_t entry, void *arg)
{
	struct race *r = arg;

	r->calls++;
	r->err = err;
	r->fd = fd;
	r->entry = entry;
	r->open_in_done = count_open();
	event_base_loopbreak(r->loop);
}

static inline void
setup(struct race *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = -1;
	r->loop = event_base_new();
	ck_assert_ptr_nonnull(r->loop);
}

static inline void
teardown(struct race *r)
{
	size_t i;

	multiconnect_free(r->mc);
	for (i = 0; i < r->n_listeners; i++)
		close(r->listeners[i]);
	if (r->fd >= 0)
		close(r->fd);
	event_base_free(r->loop);
}

/* A socket bound to 127.1.x.y of its own, where backlog < 0 not listening. */
static inline struct addr *
add(struct race *r, int backlog)
{
	struct addr *a = &r->addrs[r->n];
	char text[ADDR_TEXT];
	socklen_t len;
	int fd;

	snprintf(text, sizeof(text), "127.1.%zu.%zu", r->n / 200,
	    r->n % 200 + 1);
	ck_assert_int_eq(addr_parse(a, text, 0), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(fd, 0);
	len = addr_len(a);
	ck_assert_int_eq(bind(fd, &a->sa, len), 0);
	if (backlog >= 0)
		ck_assert_int_eq(listen(fd, backlog), 0);
	ck_assert_int_eq(getsockname(fd, &a->sa, &len), 0);
	r->listeners[r->n_listeners++] = fd;
	r->n++;
	return a;
}

static inline void
add_live(struct race *r)
{
	add(r, 64);
}

static inline void
add_refusing(struct race *r)
{
	add(r, -1);
}

/* A full backlog: the kernel drops every further SYN. */
static inline void
add_black_hole(struct race *r)
{
	struct addr *a = add(r, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, &a->sa, addr_len(a)), 0);
	r->listeners[r->n_listeners++] = fd;
}

static inline void
add_text(struct race *r, const char *text)
{
	ck_assert_int_eq(addr_parse(&r->addrs[r->n++], text, 9), 0);
}

static inline void
run(struct race *r, uint32_t deadline_ms)
{
	struct multiconnect_options options = { deadline_ms };

	ck_assert_int_eq(multiconnect_start(&r->mc, r->loop, r->addrs, r->n,
	    &options, on_done, r), 0);
	ck_assert_int_eq(r->calls, 0);
	event_base_dispatch(r->loop);
	ck_assert_int_eq(r->calls, 1);
}

static inline void
run_again(struct race *r)
{
	int calls = r->calls;

	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	multiconnect_strike(r->mc, r->entry, -EPROTO, "no ServerHello");
	ck_assert_int_eq(r->calls, calls);
	event_base_dispatch(r->loop);
	ck_assert_int_eq(r->calls, calls + 1);
}

static inline const struct multiconnect_entry *
entry(const struct race *r, size_t i)
{
	size_t n;
	const struct multiconnect_entry *entries =
	    multiconnect_entries(r->mc, &n);

	ck_assert_uint_lt(i, n);
	return &entries[i];
}

static inline void
check_text(const struct race *r, size_t i, const char *want)
{
	char text[MULTICONNECT_TEXT];

	ck_assert_str_eq(multiconnect_outcome_text(entry(r, i), text), want);
}

static inline void
turn(struct race *r)
{
	event_base_loop(r->loop, EVLOOP_NONBLOCK);
}

/* Turn the loop until the address has that outcome. */
static inline void
run_to(struct race *r, size_t i, enum multiconnect_outcome outcome)
{
	while (entry(r, i)->outcome != outcome)
		turn(r);
}

#endif
