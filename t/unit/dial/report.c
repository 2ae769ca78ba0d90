/* The report's JSON has every key of DESIGN, null where nothing is known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "call/report.h"
#include "unit.h"

static json_t *
load(char *text)
{
	json_t *root;

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	root = json_loads(text, 0, NULL);
	ck_assert(json_is_object(root));
	free(text);
	return root;
}

static double
real(const json_t *root, const char *object, const char *key)
{
	const json_t *value = json_object_get(json_object_get(root, object),
	    key);

	ck_assert_msg(json_is_number(value), "%s.%s", object, key);
	return json_number_value(value);
}

START_TEST(says_what_is_known)
{
	struct multiconnect_entry race[2] = {
		{ .outcome = MULTICONNECT_WON, .ms = 1.2345678 },
		{ .outcome = MULTICONNECT_LOST, .ms = 1.5 }
	};
	const json_t *value;
	struct report report;
	json_t *root;

	report_init(&report);
	strcpy(report.callee, "bob");
	strcpy(report.session, "00112233445566778899aabbccddeeff");
	strcpy(report.switch_address, "192.0.2.1:31337");
	strcpy(report.switch_name, "s1.example.org");
	ck_assert_int_eq(addr_parse(&race[0].addr, "192.0.2.1", 31337), 0);
	ck_assert_int_eq(addr_parse(&race[1].addr, "192.0.2.2", 31337), 0);
	ck_assert_int_eq(report_race(&report, race, 2), 0);
	report.step_ns[REPORT_RING] = report.start_ns + 25 * CLOCK_MS;
	report.has_media = report.has_peer = report.has_words = true;
	report.known = IDENTITY_SAME;
	report.media = (struct media_stats){
		.packets_sent = 50, .packets_received = 49, .packets_lost = 1,
		.loss_pct = 2, .jitter_ms = 0.5, .rtt_ms = 10, .mos = 4.3,
		.silent_ms = 1500, .bad.n[BADRTP_FORGED] = 3
	};
	root = load(report_json(&report));
	ck_assert_str_eq(json_string_value(json_object_get(root, "callee")),
	    "bob");
	ck_assert_ptr_null(json_object_get(root, "caller"));
	ck_assert_str_eq(json_string_value(json_object_get(root, "session")),
	    "00112233445566778899aabbccddeeff");
	ck_assert_str_eq(json_string_value(json_object_get(root,
	    "end_reason")), "completed");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(
	    root, "switch"), "address")), "192.0.2.1:31337");
	value = json_array_get(json_object_get(root, "multiconnect"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(value, "outcome")),
	    "won");
	ck_assert_double_eq_tol(json_number_value(json_object_get(value,
	    "ms")), 1.235, 1e-9);
	ck_assert_double_eq_tol(real(root, "timing_ms", "ring"), 25, 1e-9);
	ck_assert(json_is_null(json_object_get(json_object_get(root,
	    "timing_ms"), "answer")));
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(
	    root, "media"), "codec")), "opus");
	ck_assert_double_eq_tol(real(root, "media", "packets_received"), 49,
	    1e-9);
	ck_assert_double_eq_tol(real(root, "media", "mos"), 4.3, 1e-9);
	ck_assert_double_eq_tol(real(root, "media", "silent_ms"), 1500, 1e-9);
	ck_assert(json_is_null(json_object_get(json_object_get(root, "media"),
	    "remote")));
	value = json_object_get(json_object_get(root, "media"), "course");
	ck_assert_uint_eq(json_object_size(value), 4);
	ck_assert(json_is_null(json_object_get(value, "mos")));
	value = json_object_get(json_object_get(root, "media"), "packets_bad");
	ck_assert_uint_eq(json_object_size(value), BADRTP_REASONS);
	ck_assert_int_eq(json_integer_value(json_object_get(value, "forged")),
	    3);
	value = json_object_get(root, "security");
	ck_assert(json_is_true(json_object_get(value, "known")));
	ck_assert_str_eq(json_string_value(json_object_get(value, "identity")),
	    "same");
	ck_assert_uint_eq(json_array_size(json_object_get(value, "words")), 4);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(
	    value, "words"), 0)), "adroitness");
	ck_assert(json_is_null(json_object_get(value, "no_words")));
	json_decref(root);
	report_clear(&report);
}
END_TEST

START_TEST(says_what_is_not_known)
{
	static const char *const keys[] = {
		"session", "switch", "media", "security"
	};
	struct report report;
	json_t *root;
	size_t i;

	report_init(&report);
	report.outcome = OUTCOME_UNREACHABLE;
	strcpy(report.caller, "alice");
	root = load(report_json(&report));
	for (i = 0; i < 4; i++)
		ck_assert(json_is_null(json_object_get(root, keys[i])));
	ck_assert_uint_eq(json_array_size(json_object_get(root,
	    "multiconnect")), 0);
	ck_assert_uint_eq(json_object_size(json_object_get(root,
	    "timing_ms")), 7);
	ck_assert_str_eq(json_string_value(json_object_get(root, "caller")),
	    "alice");
	json_decref(root);
	report.has_media = true;
	report.media.rtt_ms = NAN;
	root = load(report_json(&report));
	ck_assert(json_is_null(json_object_get(json_object_get(root, "media"),
	    "rtt_ms")));
	json_decref(root);
	report_clear(&report);
}
END_TEST

START_TEST(a_step_is_reached_once)
{
	struct report report;
	uint64_t first;

	report_init(&report);
	report_step(&report, REPORT_RING);
	first = report.step_ns[REPORT_RING];
	ck_assert(first >= report.start_ns);
	report_step(&report, REPORT_RING);
	ck_assert_uint_eq(first, report.step_ns[REPORT_RING]);
	report_clear(&report);
}
END_TEST

START_TEST(exits_as_documented)
{
	static const int exits[] = {
		[OUTCOME_COMPLETED] = 0, [OUTCOME_ERROR] = 1,
		[OUTCOME_UNREACHABLE] = 2, [OUTCOME_REFUSED] = 2,
		[OUTCOME_NOT_FOUND] = 3,
		[OUTCOME_NO_ANSWER] = 4, [OUTCOME_CANCELLED] = 4,
		[OUTCOME_BUSY] = 5, [OUTCOME_DECLINED] = 5,
		[OUTCOME_UNAUTHORISED] = 6, [OUTCOME_IDENTITY] = 7,
		[OUTCOME_UNVERIFIED] = 7, [OUTCOME_QUALITY] = 8,
		[OUTCOME_DROPPED] = 9, [OUTCOME_MOVED] = 9,
		[OUTCOME_INCOMPATIBLE] = 9,
		[OUTCOME_UNTRUSTED] = 10,
		[OUTCOME_OVER] = 11
	};
	size_t i;

	for (i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		ck_assert_int_eq(outcome_exit((enum outcome)i), exits[i]);
}
END_TEST

START_TEST(knows_what_ends_mean)
{
	static const struct {
		bool busy;
		enum outcome_stage stage;
		const char *reason;
		enum outcome outcome;
	} ends[] = {
		{ true, OUTCOME_RANG, "busy", OUTCOME_BUSY },
		{ true, OUTCOME_RANG, "", OUTCOME_BUSY },
		{ false, OUTCOME_RANG, "", OUTCOME_NO_ANSWER },
		{ false, OUTCOME_RANG, "expired", OUTCOME_NO_ANSWER },
		{ false, OUTCOME_RANG, "unreachable", OUTCOME_NO_ANSWER },
		{ false, OUTCOME_RANG, "declined", OUTCOME_DECLINED },
		{ false, OUTCOME_RANG, "cancelled", OUTCOME_CANCELLED },
		{ false, OUTCOME_RANG, "answered-elsewhere", OUTCOME_OVER },
		{ false, OUTCOME_ANSWERED, "hung-up", OUTCOME_COMPLETED },
		{ false, OUTCOME_ANSWERED, "", OUTCOME_COMPLETED },
		{ false, OUTCOME_ANSWERED, "dropped", OUTCOME_DROPPED },
		{ false, OUTCOME_ANSWERED, "failed", OUTCOME_DROPPED },
		{ false, OUTCOME_ANSWERED, "moved", OUTCOME_MOVED },
		{ false, OUTCOME_TALKED, "hung-up", OUTCOME_COMPLETED },
		{ false, OUTCOME_TALKED, "dropped", OUTCOME_DROPPED },
		{ false, OUTCOME_TALKED, "failed", OUTCOME_MOVED },
	};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		ck_assert_int_eq(outcome_of_end(ends[i].busy, ends[i].reason,
		    ends[i].stage), ends[i].outcome);
	ck_assert_int_eq(outcome_of_status(401, ""), OUTCOME_UNAUTHORISED);
	ck_assert_int_eq(outcome_of_status(404, ""), OUTCOME_NOT_FOUND);
	ck_assert_int_eq(outcome_of_status(409, "glare"), OUTCOME_BUSY);
	ck_assert_int_eq(outcome_of_status(409, "own-number"), OUTCOME_ERROR);
	ck_assert_int_eq(outcome_of_status(410, ""), OUTCOME_OVER);
	ck_assert_int_eq(outcome_of_status(480, ""), OUTCOME_NO_ANSWER);
	ck_assert_int_eq(outcome_of_status(429, ""), OUTCOME_REFUSED);
	ck_assert_int_eq(outcome_of_status(500, ""), OUTCOME_ERROR);
}
END_TEST

/* A person hears of a silence, and only if there was one. */
START_TEST(prints_silence)
{
	struct report report;
	char *text;
	size_t len;
	FILE *out;
	int i;

	report_init(&report);
	report.has_media = true;
	for (i = 0; i < 2; i++) {
		out = open_memstream(&text, &len);
		report.media.silent_ms = i * 3500;
		report_print(&report, out);
		fclose(out);
		ck_assert_int_eq(strstr(text,
		    "  silence   3.5 s in which nothing came\n") != NULL, i);
		free(text);
	}
	report_clear(&report);
}
END_TEST

UNIT_SUITE(report, prints_silence, says_what_is_known, says_what_is_not_known,
    a_step_is_reached_once, exits_as_documented,
    knows_what_ends_mean)
