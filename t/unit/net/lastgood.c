/*
 * The file of last good answers: its lines of each version, how long they are
 * believed, and that the two kinds of lines leave each other alone.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/lastgood.h"
#include "unit.h"

static char file[] = "/tmp/rp-lastgood-XXXXXX";

static void
make_file(void)
{
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

/* Append a line of that age. */
static void
add_line(const char *name, int64_t age_s, const char *rest)
{
	FILE *out = fopen(file, "a");

	ck_assert_ptr_nonnull(out);
	fprintf(out, "%s %" PRId64 " %s\n", name, clock_wall_s() - age_s,
	    rest);
	ck_assert_int_eq(fclose(out), 0);
}

static size_t
count_addrs(const char *name)
{
	struct addr addrs[LASTGOOD_ADDRS];
	int64_t at_s;
	size_t n;

	return lastgood_load(file, name, 1, addrs, &n, &at_s) == 0 ? n : 0;
}

/* When the first line came, in seconds since 1970. */
static int64_t
first_s(void)
{
	FILE *in = fopen(file, "r");
	int64_t at_s;

	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fscanf(in, "%*s %" SCNd64, &at_s), 1);
	fclose(in);
	return at_s;
}

START_TEST(counts_races)
{
	unsigned races;

	make_file();
	add_line("a.example", 1, "192.0.2.1 192.0.2.2");
	for (races = 0; races <= 3; races++) {
		ck_assert_int_eq(lastgood_set_proxy(file, "a.example", races),
		    0);
		ck_assert_uint_eq(lastgood_proxy(file, "A.example"),
		    races < 2 ? races : 2);
		ck_assert_uint_eq(lastgood_proxy(file, "b.example"), 0);
		ck_assert_uint_eq(count_addrs("a.example"), 2);
	}
	ck_assert_int_eq(lastgood_set_proxy(file, "a.example", 0), 0);
	ck_assert_uint_eq(lastgood_proxy(file, "a.example"), 0);
	ck_assert_int_eq(lastgood_set_proxy(file, "a b", 1), -EINVAL);
	unlink(file);
}
END_TEST

/* Version 0.1.0 knew "proxy" alone, which still means what it meant. */
START_TEST(reads_old_lines)
{
	make_file();
	add_line("a.example", 60, "proxy");
	add_line("a.example", 60, "192.0.2.1 2001:db8::1");
	add_line("b.example", 60, "proxy?");
	add_line("b.example", 60, "192.0.2.1");
	add_line("c.example", 60, "of a later version");
	add_line("c.example", 60, "192.0.2.1");
	ck_assert_uint_eq(lastgood_proxy(file, "a.example"), 2);
	ck_assert_uint_eq(lastgood_proxy(file, "b.example"), 1);
	ck_assert_uint_eq(lastgood_proxy(file, "c.example"), 0);
	ck_assert_uint_eq(count_addrs("a.example"), 2);
	ck_assert_uint_eq(count_addrs("b.example"), 1);
	ck_assert_uint_eq(count_addrs("c.example"), 1);
	unlink(file);
}
END_TEST

/* A suspicion lasts minutes, from when it began; an answer lasts a month. */
START_TEST(forgets_in_time)
{
	make_file();
	add_line("a.example", 590, "proxy");
	add_line("b.example", 610, "proxy");
	add_line("b.example", 86400, "192.0.2.1");
	ck_assert_uint_eq(lastgood_proxy(file, "a.example"), 2);
	ck_assert_uint_eq(lastgood_proxy(file, "b.example"), 0);
	ck_assert_uint_eq(count_addrs("b.example"), 1);
	ck_assert_int_eq(lastgood_set_proxy(file, "a.example", 2), 0);
	ck_assert_int_le(first_s(), clock_wall_s() - 590);
	unlink(file);
}
END_TEST

UNIT_SUITE(lastgood, counts_races, reads_old_lines, forgets_in_time)
