/* The line for a monitor, and its status. */
#include <string.h>

#include "probe/probe_nagios.h"
#include "unit.h"

static const struct threshold none;

static const struct probe_way_result good = {
	.allocate_ms = 2, .sent = 50, .received = 49, .rtt_ms = 1.5,
	.rtt_max_ms = 9
};
static const struct probe_way_result slow = {
	.allocate_ms = 1, .sent = 50, .received = 50, .rtt_ms = 20,
	.rtt_max_ms = 30
};
static const struct probe_way_result closed = {
	.fault = PROBE_FAULT_CLOSED, .why = "a|b\nc"
};

static struct probe_row
row(const struct probe_way_result *result)
{
	return (struct probe_row) {
		"relay.example:3478", "192.0.2.1:3478", "udp", "ipv4", result
	};
}

static void
ck_line(const struct probe_row *rows, size_t n, const char *warning,
    const char *critical, enum probe_nagios status, const char *wanted)
{
	struct threshold w = none, c = none;
	char line[PROBE_NAGIOS_TEXT];
	struct probe_row_sum sum;

	if (warning != NULL)
		ck_assert_int_eq(threshold_parse(&w, warning), 0);
	if (critical != NULL)
		ck_assert_int_eq(threshold_parse(&c, critical), 0);
	probe_row_add(&sum, rows, n);
	ck_assert_int_eq(probe_nagios_line(line, &sum, &w, &c), status);
	ck_assert_str_eq(line, wanted);
}

START_TEST(works)
{
	const struct probe_row rows[] = { row(&good), row(&slow) };

	ck_line(rows, 1, NULL, NULL, PROBE_NAGIOS_OK,
	    "RELAY OK - 1 way works, echo 1.50 ms (worst 9.00), 49 of 50 "
	    "packets | rtt=1.500ms;;;0 rtt_max=9.000ms;;;0 "
	    "allocate=2.000ms;;;0 loss=2.0%;;;0;100\n");
	ck_line(rows, 2, "20,5%", "100", PROBE_NAGIOS_OK,
	    "RELAY OK - 2 ways work, echo 20.00 ms (worst 30.00), 99 of 100 "
	    "packets | rtt=20.000ms;20;100;0 rtt_max=30.000ms;;;0 "
	    "allocate=2.000ms;;;0 loss=1.0%;5;;0;100\n");
}
END_TEST

START_TEST(is_slow)
{
	const struct probe_row rows[] = { row(&slow), row(&good) };

	ck_line(rows, 2, "19", "100", PROBE_NAGIOS_WARNING,
	    "RELAY WARNING - 2 ways work, echo 20.00 ms (worst 30.00), 99 of "
	    "100 packets | rtt=20.000ms;19;100;0 rtt_max=30.000ms;;;0 "
	    "allocate=2.000ms;;;0 loss=1.0%;;;0;100\n");
	ck_line(rows, 2, "1", "100,0.5%", PROBE_NAGIOS_CRITICAL,
	    "RELAY CRITICAL - 2 ways work, echo 20.00 ms (worst 30.00), 99 "
	    "of 100 packets | rtt=20.000ms;1;100;0 rtt_max=30.000ms;;;0 "
	    "allocate=2.000ms;;;0 loss=1.0%;;0.5;0;100\n");
}
END_TEST

/* Nothing in a reason begins the figures, or another line. */
START_TEST(fails)
{
	const struct probe_row rows[] = { row(&closed), row(&good) };
	char line[PROBE_NAGIOS_TEXT];

	ck_line(rows, 1, NULL, NULL, PROBE_NAGIOS_CRITICAL,
	    "RELAY CRITICAL - 1 of 1 ways fails: udp 192.0.2.1:3478: closed: "
	    "a/b c | rtt=U;;;0 rtt_max=U;;;0 allocate=U;;;0 loss=U;;;0;100\n");
	ck_line(rows, 2, "5", "9", PROBE_NAGIOS_CRITICAL,
	    "RELAY CRITICAL - 1 of 2 ways fails: udp 192.0.2.1:3478: closed: "
	    "a/b c | rtt=1.500ms;5;9;0 rtt_max=9.000ms;;;0 "
	    "allocate=2.000ms;;;0 loss=2.0%;;;0;100\n");
	probe_nagios_failed(line, PROBE_NAGIOS_UNKNOWN, "x|y\nz");
	ck_assert_str_eq(line, "RELAY UNKNOWN - x/y z\n");
}
END_TEST

UNIT_SUITE(probe_nagios, works, is_slow, fails)
