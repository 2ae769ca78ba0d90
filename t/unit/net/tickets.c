/*
 * The stored sessions for resumption. They are found by name, address and
 * trust, replaced, and dropped when oldest. They are read back from a file that
 * only its owner can read and that may hold anything. Also the ClientHellos,
 * each of which is accepted once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/tickets.h"
#include "net/tls_replay.h"
#include "unit.h"

static char file[] = "/tmp/rp-unit-tickets-XXXXXX";

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

/* The session of that server as text; "" if there is none. */
static const char *
found(const struct tickets *tickets, const char *name, const char *addr,
    const char *trust)
{
	static char text[TICKETS_BYTES];
	const struct addr where = at(addr);
	size_t bytes;
	const void *session = tickets_find(tickets, name, &where, trust,
	    &bytes);

	if (session == NULL)
		return "";
	memcpy(text, session, bytes);
	text[bytes] = '\0';
	return text;
}

static void
keep(struct tickets *tickets, const char *name, const char *addr,
    const char *session)
{
	const struct addr where = at(addr);

	ck_assert_int_eq(tickets_keep(tickets, name, &where, "ca", session,
	    strlen(session)), 0);
}

static struct tickets *
begin(void)
{
	struct tickets *tickets;
	int fd;

	strcpy(file, "/tmp/rp-unit-tickets-XXXXXX");
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(file);
	ck_assert_int_eq(tickets_new(&tickets, file), 0);
	return tickets;
}

START_TEST(finds_by_all_three)
{
	struct tickets *tickets = begin();
	struct stat st;

	keep(tickets, "sw.test", "192.0.2.1:31337", "one");
	keep(tickets, "sw.test", "192.0.2.2:31337", "two");
	keep(tickets, "sw.test", "192.0.2.1:31337", "three");
	ck_assert_int_eq(tickets_save(tickets), 0);
	tickets_free(tickets);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(tickets_new(&tickets, file), 0);
	ck_assert_str_eq(found(tickets, "SW.test", "192.0.2.1:31337", "ca"),
	    "three");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.2:31337", "ca"),
	    "two");
	ck_assert_str_eq(found(tickets, "s2.test", "192.0.2.2:31337", "ca"),
	    "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.2:31338", "ca"),
	    "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.2:31337", "other"),
	    "");
	/* Nothing is new: nothing is written. */
	unlink(file);
	ck_assert_int_eq(tickets_save(tickets), 0);
	ck_assert_int_eq(access(file, F_OK), -1);
	tickets_free(tickets);
}
END_TEST

/* Where the file is made a link to another lies, or a file that others read. */
START_TEST(writes_over_nothing)
{
	struct tickets *tickets = begin();
	char temporary[64], other[64];
	struct stat st;
	FILE *out;

	snprintf(temporary, sizeof(temporary), "%s.new.%ld", file,
	    (long)getpid());
	snprintf(other, sizeof(other), "%s.other", file);
	out = fopen(other, "w");
	ck_assert_ptr_nonnull(out);
	fclose(out);
	ck_assert_int_eq(symlink(other, temporary), 0);
	keep(tickets, "sw.test", "192.0.2.1:31337", "one");
	ck_assert_int_eq(tickets_save(tickets), 0);
	ck_assert_int_eq(lstat(file, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(other, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	unlink(other);
	unlink(file);
	tickets_free(tickets);
}
END_TEST

START_TEST(keeps_the_latest)
{
	struct tickets *tickets = begin();
	char big[TICKETS_BYTES + 1] = "", addr[32];
	const struct addr where = at("192.0.2.1:1");
	int i;

	for (i = 0; i < TICKETS_MAX + 2; i++) {
		snprintf(addr, sizeof(addr), "192.0.2.%d:31337", i);
		keep(tickets, "sw.test", addr, "x");
	}
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.1:31337", "ca"),
	    "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.2:31337", "ca"),
	    "x");
	ck_assert_int_eq(tickets_keep(tickets, "sw.test", &where, "ca", big,
	    sizeof(big)), -EMSGSIZE);
	tickets_free(tickets);
}
END_TEST

START_TEST(passes_over_what_it_cannot_use)
{
	struct tickets *tickets = begin();
	long long now = (long long)clock_wall_s();
	FILE *out = fopen(file, "w");

	ck_assert_ptr_nonnull(out);
	fprintf(out, "\n \nsw.test\nsw.test 192.0.2.1:1 ca x eA==\n"
	    "sw.test 192.0.2.1:1 ca %lld !!\n"
	    "sw.test 192.0.2.1:1 ca %lld eA==\n"
	    "sw.test 192.0.2.2:1 ca %lld eA==\n"
	    "sw.test 192.0.2.4:1 ca -9223372036854775808 eA==\n"
	    "sw.test 192.0.2.3:1 ca %lld eA==\n", now + 60, now - 1,
	    now + TICKETS_S + 60, now + 60);
	fclose(out);
	tickets_free(tickets);
	ck_assert_int_eq(tickets_new(&tickets, file), 0);
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.1:1", "ca"), "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.2:1", "ca"), "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.4:1", "ca"), "");
	ck_assert_str_eq(found(tickets, "sw.test", "192.0.2.3:1", "ca"), "x");
	tickets_free(tickets);
	unlink(file);
}
END_TEST

START_TEST(takes_a_hello_once)
{
	static struct tls_replay replay;
	uint32_t i;

	ck_assert(tls_replay_is_new(&replay, "a", 1, 100, 110));
	ck_assert(!tls_replay_is_new(&replay, "a", 1, 105, 115));
	ck_assert(tls_replay_is_new(&replay, "b", 1, 105, 115));
	ck_assert_uint_eq(replay.refused, 1);
	/* Forgotten, when GnuTLS would not take it for its age. */
	ck_assert(tls_replay_is_new(&replay, "a", 1, 111, 121));
	ck_assert(!tls_replay_is_new(&replay, "b", 1, 111, 121));
	/* A full table does not accept one that may have come. */
	for (i = 0; i < TLS_REPLAY_MAX - 2; i++)
		ck_assert(tls_replay_is_new(&replay, &i, sizeof(i), 111, 121));
	ck_assert(!tls_replay_is_new(&replay, "c", 1, 111, 121));
	ck_assert(tls_replay_is_new(&replay, "c", 1, 122, 132));
}
END_TEST

UNIT_SUITE(tickets, finds_by_all_three, writes_over_nothing, keeps_the_latest,
    passes_over_what_it_cannot_use, takes_a_hello_once)
