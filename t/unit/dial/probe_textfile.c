/* The metrics of a test of a relay. Prometheus' own tool reads them in t/535. */
#include <stdlib.h>
#include <string.h>

#include "probe/probe_textfile.h"
#include "unit.h"

static const struct probe_way_result good = {
	.allocate_ms = 2, .sent = 50, .received = 49, .rtt_ms = 1.5,
	.rtt_max_ms = 9
};
static const struct probe_way_result closed = {
	.fault = PROBE_FAULT_CLOSED, .why = "x"
};
static const struct probe_textfile_run run = {
	.success = false, .ended_s = 1769681700, .duration_s = 2.5
};

/* Count the lines that begin like that. */
static unsigned
count(const char *text, const char *begin)
{
	unsigned n = strncmp(text, begin, strlen(begin)) == 0;

	for (text = strchr(text, '\n'); text != NULL;
	    text = strchr(text + 1, '\n'))
		n += strncmp(text + 1, begin, strlen(begin)) == 0;
	return n;
}

START_TEST(writes)
{
	const struct probe_row rows[] = {
		{ "a:1", "192.0.2.1:1", "udp", "ipv4", &good },
		{ "a:1", "[2001:db8::1]:1", "udp", "ipv6", &closed },
		/* Its labels are those of the first. */
		{ "a:1", "192.0.2.2:1", "udp", "ipv4", &closed }
	};
	char *text = probe_textfile(&run, rows, 3);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(count(text, "rp_probe_success 0\n"), 1);
	ck_assert_uint_eq(count(text,
	    "rp_probe_last_run_timestamp_seconds 1769681700\n"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_duration_seconds 2.500\n"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way_success{"), 2);
	ck_assert_uint_eq(count(text, "rp_probe_way_success{server=\"a:1\","
	    "transport=\"udp\",family=\"ipv4\"} 1\n"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way_round_trip_seconds{"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way_round_trip_seconds{"
	    "server=\"a:1\",transport=\"udp\",family=\"ipv4\"} 0.0015\n"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way_packets_received{"), 2);
	ck_assert_uint_eq(count(text, "rp_probe_way_fault{"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way_fault{server=\"a:1\","
	    "transport=\"udp\",family=\"ipv6\",fault=\"closed\"} 1\n"), 1);
	ck_assert_uint_eq(count(text, "# HELP "), count(text, "# TYPE "));
	free(text);
}
END_TEST

START_TEST(writes_without_ways)
{
	char *text = probe_textfile(&run, NULL, 0);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(count(text, "rp_probe_success 0\n"), 1);
	ck_assert_uint_eq(count(text, "rp_probe_way"), 0);
	free(text);
}
END_TEST

/* Each fault has a word of its own, and says what to do. */
START_TEST(names_faults)
{
	enum probe_fault a, b;

	for (a = PROBE_FAULT_NONE + 1; a < PROBE_FAULT_N; a++) {
		ck_assert_uint_gt(strlen(probe_fault_text(a)), 0);
		ck_assert_uint_gt(strlen(probe_fault_hint(a)), 0);
		ck_assert_int_ne(probe_fault_outcome(a), OUTCOME_COMPLETED);
		for (b = PROBE_FAULT_NONE; b < a; b++)
			ck_assert_str_ne(probe_fault_text(a),
			    probe_fault_text(b));
	}
	ck_assert_int_eq(probe_fault_of(-1, 300), PROBE_FAULT_MOVED);
	ck_assert_int_eq(probe_fault_of(-1, 403), PROBE_FAULT_FORBIDDEN);
	ck_assert_int_eq(probe_fault_of(-1, 442), PROBE_FAULT_TRANSPORT);
	ck_assert_int_eq(probe_fault_of(-1, 508), PROBE_FAULT_FULL);
	ck_assert_int_eq(probe_fault_of(-1, 699), PROBE_FAULT_REFUSED);
	ck_assert_str_eq(probe_fault_refusal(699), "");
}
END_TEST

UNIT_SUITE(probe_textfile, writes, writes_without_ways, names_faults)
