/*
 * The control socket's lines, written and read back, and those that are
 * refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/ctlmsg.h"

static struct ctlmsg_request request;
static char why[WHY_TEXT];

static int
parse(const char *line)
{
	why[0] = '\0';
	return ctlmsg_request_parse(&request, line, strlen(line), why);
}

START_TEST(reads_requests)
{
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"status\"}"), 0);
	ck_assert_int_eq(request.command, CTLMSG_STATUS);
	ck_assert_int_eq(request.id, 0);
	ck_assert_int_eq(parse("{\"v\":1,\"id\":7,\"do\":\"drain\","
	    "\"force_after_ms\":0,\"stop\":true}"), 0);
	ck_assert_int_eq(request.command, CTLMSG_DRAIN);
	ck_assert_int_eq(request.id, 7);
	ck_assert_int_eq(request.force_after_ms, 0);
	ck_assert(request.stop);
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"drain\"}"), 0);
	ck_assert_int_eq(request.force_after_ms, -1);
	ck_assert(!request.stop);
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"drain\",\"stop\":false}"),
	    0);
	ck_assert(!request.stop);
	ck_assert(!request.final);
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"drain\",\"final\":true}"),
	    0);
	ck_assert(request.final);
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"sessions\"}"), 0);
	ck_assert_int_eq(request.command, CTLMSG_SESSIONS);
	ck_assert_int_eq(request.after, 0);
	ck_assert_int_eq(parse("{\"v\":1,\"do\":\"sessions\","
	    "\"after\":9223372036854775807}"), 0);
	ck_assert_int_eq(request.after, INT64_MAX);
}
END_TEST

START_TEST(refuses_requests)
{
	static const struct {
		const char *line;
		int err;
		long id;
	} cases[] = {
		{ "", -EBADMSG, 0 },
		{ "drain", -EBADMSG, 0 },
		{ "[1]", -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"status\"} x", -EBADMSG, 0 },
		{ "{\"v\":1,\"v\":1,\"do\":\"status\"}", -EBADMSG, 0 },
		{ "{\"do\":\"status\",\"id\":3}", -EBADMSG, 3 },
		{ "{\"v\":\"1\",\"do\":\"status\"}", -EBADMSG, 0 },
		{ "{\"v\":2,\"do\":\"status\",\"id\":4}", -EPROTONOSUPPORT,
		    4 },
		{ "{\"v\":1,\"id\":5}", -EBADMSG, 5 },
		{ "{\"v\":1,\"id\":5,\"do\":1}", -EBADMSG, 5 },
		{ "{\"v\":1,\"id\":6,\"do\":\"dance\"}", -EOPNOTSUPP, 6 },
		{ "{\"v\":1,\"id\":-1,\"do\":\"status\"}", -EBADMSG, 0 },
		{ "{\"v\":1,\"id\":99999999999,\"do\":\"status\"}", -EBADMSG,
		    0 },
		{ "{\"v\":1,\"do\":\"status\",\"stop\":true}", -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"drain\",\"stop\":1}", -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"drain\",\"final\":1}", -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"undrain\",\"final\":true}", -EBADMSG,
		    0 },
		{ "{\"v\":1,\"do\":\"drain\",\"force_after_ms\":1.5}",
		    -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"drain\",\"when\":1}", -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"sessions\",\"stop\":true}", -EBADMSG,
		    0 },
		{ "{\"v\":1,\"do\":\"sessions\",\"after\":-1}", -EBADMSG,
		    0 },
		{ "{\"v\":1,\"do\":\"sessions\",\"after\":\"x\"}",
		    -EBADMSG, 0 },
		{ "{\"v\":1,\"do\":\"calls\",\"after\":1}", -EBADMSG, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(parse(cases[i].line) == cases[i].err, "%s",
		    cases[i].line);
		ck_assert_int_eq(request.id, cases[i].id);
		ck_assert_uint_gt(strlen(why), 0);
	}
}
END_TEST

START_TEST(writes_requests)
{
	struct ctlmsg_request out = {
		CTLMSG_DRAIN, 9, 1500, true, 0, true
	};
	char *line = ctlmsg_request_line(&out);
	int i;

	ck_assert_str_eq(line, "{\"v\":1,\"id\":9,\"do\":\"drain\","
	    "\"force_after_ms\":1500,\"stop\":true,\"final\":true}\n");
	free(line);
	out.force_after_ms = -1;
	out.stop = out.final = false;
	for (i = CTLMSG_STATUS; i <= CTLMSG_RELOAD; i++) {
		out.command = (enum ctlmsg_command)i;
		line = ctlmsg_request_line(&out);
		ck_assert_int_eq(ctlmsg_request_parse(&request, line,
		    strlen(line) - 1, why), 0);
		ck_assert_int_eq(request.command, i);
		free(line);
	}
	out.command = CTLMSG_SESSIONS;
	out.after = 1LL << 40;
	line = ctlmsg_request_line(&out);
	ck_assert_int_eq(ctlmsg_request_parse(&request, line,
	    strlen(line) - 1, why), 0);
	ck_assert_int_eq(request.after, 1LL << 40);
	free(line);
}
END_TEST

static const struct ctlmsg_answer example = {
	.id = 3, .has_status = true,
	.status = {
		.name = "fra3", .version = "0.1.0",
		.build = "01abff", .pid = 12,
		.uptime_ms = 34, .open = false,
		.reasons = { "draining", "full" }, .n_reasons = 2,
		.draining_ms = 56, .calls = 7, .oldest_ms = 8,
		.connections = 9, .push = "up",
		.relay_kernel = "eth0 tc; 5 packets relayed, 1 passed up",
		.directory = "cannot be read: empty",
	},
};

START_TEST(carries_answers)
{
	struct ctlmsg_answer in, out = example;
	char *line;

	out.calls = json_pack("[{ss}]", "session", "ab");
	out.sessions = json_pack("[{sf}]", "loss_pct", 0.07);
	out.next = 1LL << 40;
	line = ctlmsg_answer_line(&out);
	ck_assert_int_eq(ctlmsg_answer_parse(&in, line, strlen(line)), 0);
	ck_assert_int_eq(in.id, 3);
	ck_assert(in.has_status);
	ck_assert_int_eq(memcmp(&in.status, &out.status, sizeof(in.status)),
	    0);
	ck_assert(json_equal(in.calls, out.calls));
	ck_assert(json_equal(in.sessions, out.sessions));
	ck_assert_int_eq(in.next, 1LL << 40);
	ck_assert_ptr_nonnull(strstr(line, "\"loss_pct\":0.07}"));
	free(line);
	ctlmsg_answer_clear(&in);
	ctlmsg_answer_clear(&out);

	out.status.draining_ms = -1;
	/* As of an older switch. */
	out.status.push[0] = '\0';
	out.status.build[0] = '\0';
	out.status.relay_kernel[0] = '\0';
	strcpy(out.why, "what else there is to know");
	out.status.directory[0] = '\0';
	out.next = 0;
	strcpy(out.event, "gate");
	line = ctlmsg_answer_line(&out);
	ck_assert_int_eq(ctlmsg_answer_parse(&in, line, strlen(line)), 0);
	ck_assert_str_eq(in.event, "gate");
	ck_assert_int_eq(in.id, 0);
	ck_assert_int_eq(in.status.draining_ms, -1);
	ck_assert_str_eq(in.status.push, "");
	ck_assert_ptr_null(strstr(line, "\"push\""));
	ck_assert_str_eq(in.status.build, "");
	ck_assert_ptr_null(strstr(line, "\"build\""));
	ck_assert_str_eq(in.status.relay_kernel, "");
	ck_assert_ptr_null(strstr(line, "\"relay_kernel\""));
	ck_assert_str_eq(in.error, "");
	ck_assert_str_eq(in.why, "what else there is to know");
	ck_assert_str_eq(in.status.directory, "");
	ck_assert_ptr_null(in.calls);
	ck_assert_ptr_null(in.sessions);
	ck_assert_int_eq(in.next, 0);
	free(line);
}
END_TEST

/* A status with one field of another type is invalid. */
START_TEST(refuses_a_status)
{
	static const struct {
		const char *name, *value;
	} cases[] = {
		{ "name", "1" }, { "version", "null" }, { "pid", "\"1\"" },
		{ "open", "1" }, { "reasons", "{}" }, { "reasons", "[1]" },
		{ "reasons", "[\"a reason that is not a single word\"]" },
		{ "reasons", "[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
		    "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
		    "\"a\",\"a\",\"a\",\"a\"]" },
		{ "directory", "1" }, { "push", "1" }, { "push", NULL },
		{ "build", "1" }, { "build", NULL },
		{ "relay_kernel", "1" },
		{ "draining_ms", "\"1\"" }, { "draining_ms", "-1" },
		{ "name", NULL }, { "version", NULL },
	};
	struct ctlmsg_answer in;
	json_t *answer, *status, *value;
	char *line = ctlmsg_answer_line(&example);
	char long_text[400];
	size_t i;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer = json_loads(line, 0, NULL);
		status = json_object_get(answer, "status");
		value = cases[i].value != NULL ? json_loads(cases[i].value,
		    JSON_DECODE_ANY, NULL) : json_string(long_text);
		ck_assert_ptr_nonnull(value);
		json_object_set_new(status, cases[i].name, value);
		char *text = json_dumps(answer, 0);
		ck_assert_msg(ctlmsg_answer_parse(&in, text, strlen(text)) ==
		    -EBADMSG, "%s", text);
		free(text);
		json_decref(answer);
	}
	free(line);
}
END_TEST

START_TEST(carries_errors)
{
	struct ctlmsg_answer in, out = {
		.id = 5, .error = "unknown", .why = "no such command"
	};
	char *line = ctlmsg_answer_line(&out);

	ck_assert_int_eq(ctlmsg_answer_parse(&in, line, strlen(line)), 0);
	ck_assert_int_eq(in.id, 5);
	ck_assert(!in.has_status);
	ck_assert_str_eq(in.error, "unknown");
	ck_assert_str_eq(in.why, "no such command");
	free(line);
	ctlmsg_answer_clear(&in);
}
END_TEST

/* Without memory there is no line, or one that can be read; and no leak. */
START_TEST(without_memory)
{
	struct ctlmsg_request out = {
		CTLMSG_DRAIN, 9, 1500, true, 0, true
	};
	struct ctlmsg_answer in;
	unsigned n, lines = 0;
	char *line;

	for (n = 0; n < 500; n++) {
		failjson_after(n);
		line = ctlmsg_answer_line(&example);
		failjson_after(FAILJSON_NEVER);
		if (line == NULL)
			continue;
		lines++;
		if (ctlmsg_answer_parse(&in, line, strlen(line)) == 0)
			ctlmsg_answer_clear(&in);
		failjson_after(n);
		if (ctlmsg_answer_parse(&in, line, strlen(line)) == 0)
			ctlmsg_answer_clear(&in);
		free(line);
	}
	ck_assert_uint_gt(lines, 0);
	for (n = 0; n < 100; n++) {
		failjson_after(n);
		line = ctlmsg_request_line(&out);
		if (line != NULL)
			ck_assert_int_eq(line[strlen(line) - 1], '\n');
		free(line);
	}
	failjson_after(FAILJSON_NEVER);
}
END_TEST

START_TEST(refuses_answers)
{
	static const char *const cases[] = {
		"", "HTTP/1.1 400 Bad Request", "{}", "{\"v\":1,\"status\":1}",
		"{\"v\":1,\"id\":\"x\"}", "{\"v\":1,\"calls\":{}}",
		"{\"v\":1,\"sessions\":{}}", "{\"v\":1,\"next\":-1}",
		"{\"v\":1,\"event\":\"a word that is far too long for it\"}",
		"{\"v\":1,\"status\":{\"name\":\"x\"}}",
		"{\"v\":1,\"event\":1}", "{\"v\":1,\"error\":1}",
		"{\"v\":1,\"why\":1}", "{\"v\":\"1\"}",
	};
	struct ctlmsg_answer in;
	char *line = ctlmsg_answer_line(&example);
	size_t i, len = strlen(line) - 1;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(ctlmsg_answer_parse(&in, cases[i],
		    strlen(cases[i])), -EBADMSG);
	ck_assert_int_eq(ctlmsg_answer_parse(&in, "{\"v\":2}", 7),
	    -EPROTONOSUPPORT);
	/* Any one byte wrong: refused or not, never more than that. */
	for (i = 0; i < len; i++) {
		line[i] ^= 0x15;
		if (ctlmsg_answer_parse(&in, line, len) == 0)
			ctlmsg_answer_clear(&in);
		ctlmsg_request_parse(&request, line, len, why);
		ck_assert(ctlmsg_answer_parse(&in, line, i) < 0);
		line[i] ^= 0x15;
	}
	free(line);
}
END_TEST

UNIT_SUITE(ctlmsg, reads_requests, refuses_requests, writes_requests,
    carries_answers, carries_errors, refuses_answers, refuses_a_status,
    without_memory)
