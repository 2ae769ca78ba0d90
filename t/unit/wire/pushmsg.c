/* The push lines, written and read back, and each refusal with its reason. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/pushmsg.h"

#define HEAD "{\"id\":\"c1\",\"type\":\"webpush\",\"to\":{},\"payload\":{}"

static int
parse(struct pushmsg_request *out, const char *line,
    char why[static WHY_TEXT])
{
	return pushmsg_request_parse(out, line, strlen(line), why);
}

START_TEST(request_there_and_back)
{
	const char *line = "{\"id\":\"c1\",\"type\":\"webpush\","
	    "\"to\":{\"endpoint\":\"https://p.example/1\"},"
	    "\"payload\":{\"kind\":\"ring\"},\"ttl\":20,"
	    "\"deadline_ms\":15000,\"topic\":\"A-_z09\","
	    "\"urgency\":\"very-low\","
	    "\"key\":\"BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW"
	    "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\","
	    "\"registered\":1700000000}\n";
	struct pushmsg_request r;
	char why[WHY_TEXT], *again;

	ck_assert_int_eq(pushmsg_request_parse(&r, line, strlen(line) - 1,
	    why), 0);
	ck_assert_str_eq(r.id, "c1");
	ck_assert_str_eq(r.type, "webpush");
	ck_assert_str_eq(json_string_value(json_object_get(r.to, "endpoint")),
	    "https://p.example/1");
	ck_assert_int_eq(r.ttl_s, 20);
	ck_assert_int_eq(r.deadline_ms, 15000);
	ck_assert_str_eq(r.topic, "A-_z09");
	ck_assert_int_eq(r.urgency, PUSHMSG_VERY_LOW);
	ck_assert_int_eq(r.registered_s, 1700000000);
	again = pushmsg_request_line(&r);
	ck_assert_str_eq(again, line);
	free(again);
	pushmsg_request_clear(&r);
	pushmsg_request_clear(&r);	/* twice does no harm */
}
END_TEST

START_TEST(request_defaults)
{
	struct pushmsg_request r;
	char why[WHY_TEXT];

	ck_assert_int_eq(parse(&r, HEAD ",\"later\":[1]}", why), 0);
	ck_assert_int_eq(r.ttl_s, 30);
	ck_assert_int_eq(r.deadline_ms, 30000);
	ck_assert_str_eq(r.topic, "");
	ck_assert_int_eq(r.urgency, PUSHMSG_HIGH);
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&r, HEAD ",\"ttl\":5}", why), 0);
	ck_assert_int_eq(r.deadline_ms, 5000);
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&r, HEAD ",\"ttl\":0}", why), 0);
	ck_assert_int_eq(r.deadline_ms, 30000);
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&r, HEAD ",\"ttl\":2419200}", why), 0);
	ck_assert_int_eq(r.deadline_ms, 86400000);
	pushmsg_request_clear(&r);
}
END_TEST

START_TEST(request_refusals)
{
	static const struct {
		const char *line, *id, *why;
	} bad[] = {
		{ HEAD ",\"key\":\"AAAA\"}", "c1",
		    "key: wants a VAPID public key in base64url" },
		{ HEAD ",\"key\":1}", "c1",
		    "key: wants a VAPID public key in base64url" },
		{ "", "", "not JSON" },
		{ "hello", "", "not JSON" },
		{ "{\"id\":\"c1\"", "", "not JSON" },
		{ "{\"id\":\"c1\",\"id\":\"c2\"}", "", "not JSON" },
		{ "{\"id\":\"\\u0000\"}", "", "not JSON" },
		{ "{\"id\":\"\xff\"}", "", "not JSON" },
		{ "[]", "", "not a JSON object" },
		{ "{}", "", "id: " },
		{ "{\"id\":7}", "", "id: " },
		{ "{\"id\":\"\"}", "", "id: " },
		{ "{\"id\":\"0123456789012345678901234567890123456789"
		    "0123456789012345678901234\"}", "", "id: " },
		{ "{\"id\":\"c1\"}", "c1", "type: " },
		{ "{\"id\":\"c1\",\"type\":\"0123456789012345\"}", "c1",
		    "type: " },
		{ "{\"id\":\"c1\",\"type\":\"fcm\"}", "c1", "to: " },
		{ "{\"id\":\"c1\",\"type\":\"fcm\",\"to\":\"x\"}", "c1",
		    "to: " },
		{ "{\"id\":\"c1\",\"type\":\"fcm\",\"to\":{}}", "c1",
		    "payload: " },
		{ "{\"id\":\"c1\",\"type\":\"fcm\",\"to\":{},"
		    "\"payload\":[]}", "c1", "payload: " },
		{ HEAD ",\"ttl\":-1}", "c1", "ttl: " },
		{ HEAD ",\"ttl\":2419201}", "c1", "ttl: " },
		{ HEAD ",\"ttl\":1.5}", "c1", "ttl: " },
		{ HEAD ",\"ttl\":99999999999999999999}", "", "not JSON" },
		{ HEAD ",\"deadline_ms\":0}", "c1", "deadline_ms: " },
		{ HEAD ",\"deadline_ms\":\"1\"}", "c1", "deadline_ms: " },
		{ HEAD ",\"topic\":\"\"}", "c1", "topic: " },
		{ HEAD ",\"topic\":\"a b\"}", "c1", "topic: " },
		{ HEAD ",\"topic\":\"a\\r\\nX: y\"}", "c1", "topic: " },
		{ HEAD ",\"topic\":\"012345678901234567890123456789012\"}",
		    "c1", "topic: " },
		{ HEAD ",\"urgency\":\"urgent\"}", "c1", "urgency: " },
		{ HEAD ",\"urgency\":3}", "c1", "urgency: " },
		{ HEAD ",\"registered\":\"now\"}", "c1", "registered: " },
	};
	struct pushmsg_request r;
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse(&r, bad[i].line, why) == -EBADMSG,
		    "%s", bad[i].line);
		ck_assert_str_eq(r.id, bad[i].id);
		ck_assert_msg(strncmp(why, bad[i].why, strlen(bad[i].why)) ==
		    0, "%s: %s", bad[i].line, why);
	}
}
END_TEST

START_TEST(request_too_long)
{
	static char line[PUSHMSG_LINE_MAX + 1];
	struct pushmsg_request r;
	char why[WHY_TEXT];

	memset(line, ' ', PUSHMSG_LINE_MAX);
	memcpy(line, HEAD "}", sizeof(HEAD "}") - 1);
	ck_assert_int_eq(pushmsg_request_parse(&r, line, PUSHMSG_LINE_MAX,
	    why), -EMSGSIZE);
	ck_assert_int_eq(pushmsg_request_parse(&r, line, PUSHMSG_LINE_MAX - 1,
	    why), 0);
	pushmsg_request_clear(&r);
}
END_TEST

/* What has its default is not said; and without memory nothing is. */
START_TEST(request_lines)
{
	struct pushmsg_request r, full;
	char why[WHY_TEXT], *line;
	unsigned n, lines = 0;

	ck_assert_int_eq(parse(&r, HEAD ",\"ttl\":20}", why), 0);
	line = pushmsg_request_line(&r);
	ck_assert_str_eq(line, "{\"id\":\"c1\",\"type\":\"webpush\","
	    "\"to\":{},\"payload\":{},\"ttl\":20,"
	    "\"deadline_ms\":20000}\n");
	free(line);
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&r, HEAD ",\"session\":\"0a\"}", why), 0);
	line = pushmsg_request_line(&r);
	ck_assert_ptr_nonnull(strstr(line, ",\"session\":\"0a\"}\n"));
	free(line);
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&r, HEAD ",\"session\":\"a b\"}", why), 0);
	ck_assert_str_eq(r.session, "");
	pushmsg_request_clear(&r);
	ck_assert_int_eq(parse(&full, HEAD ",\"topic\":\"t\","
	    "\"urgency\":\"low\",\"registered\":5}", why), 0);
	for (n = 0; n < 100; n++) {
		failjson_after(n);
		line = pushmsg_request_line(&full);
		lines += line != NULL;
		if (line != NULL)
			ck_assert_ptr_nonnull(strstr(line,
			    "\"registered\":5}\n"));
		free(line);
	}
	ck_assert_uint_gt(lines, 0);
	ck_assert_uint_lt(lines, 100);
	failjson_after(FAILJSON_NEVER);
	pushmsg_request_clear(&full);
}
END_TEST

START_TEST(result_there_and_back)
{
	static const char *const names[] = {
		"sent", "gone", "retry", "failed", "busy"
	};
	struct pushmsg_result in = { .id = "c\"1", .attempts = 2, .ms = 31 };
	struct pushmsg_result out;
	char *line;
	int i;

	strcpy(in.session, "00112233445566778899aabbccddeeff");

	for (i = PUSHMSG_SENT; i <= PUSHMSG_BUSY; i++) {
		in.status = (enum pushmsg_status)i;
		strcpy(in.reason, i == PUSHMSG_SENT ? "" : "503 busy");
		line = pushmsg_result_line(&in);
		ck_assert_ptr_nonnull(strstr(line, names[i]));
		ck_assert_int_eq(line[strlen(line) - 1], '\n');
		ck_assert_int_eq(pushmsg_result_parse(&out, line,
		    strlen(line)), 0);
		ck_assert_str_eq(out.id, in.id);
		ck_assert_str_eq(out.session, in.session);
		ck_assert_int_eq(out.status, i);
		ck_assert_str_eq(out.reason, in.reason);
		ck_assert_uint_eq(out.attempts, 2);
		ck_assert_uint_eq(out.ms, 31);
		free(line);
	}
}
END_TEST

START_TEST(result_is_always_a_line)
{
	struct pushmsg_result in = { .status = PUSHMSG_FAILED };
	struct pushmsg_result out;
	char *line;

	memset(in.reason, '\xc3', sizeof(in.reason));	/* no NUL, no UTF-8 */
	line = pushmsg_result_line(&in);
	ck_assert_int_eq(pushmsg_result_parse(&out, line, strlen(line)), 0);
	ck_assert_str_eq(out.id, "");
	ck_assert_uint_eq(strlen(out.reason), PUSHMSG_REASON - 1);
	ck_assert_int_eq(out.reason[0], '?');
	free(line);
}
END_TEST

START_TEST(result_without_memory)
{
	struct pushmsg_result in = { .id = "a", .reason = "why" }, out;
	unsigned n, lines = 0;
	char *line;

	for (n = 0; n < 100; n++) {
		failjson_after(n);
		line = pushmsg_result_line(&in);
		failjson_after(FAILJSON_NEVER);
		if (line == NULL)
			continue;
		lines++;
		ck_assert_int_eq(pushmsg_result_parse(&out, line,
		    strlen(line)), 0);
		free(line);
	}
	ck_assert_uint_gt(lines, 0);
}
END_TEST

START_TEST(result_too_long)
{
	static char line[PUSHMSG_LINE_MAX + 1];
	static const char good[] = "{\"id\":\"a\",\"status\":\"sent\"}";
	struct pushmsg_result out;

	memset(line, ' ', PUSHMSG_LINE_MAX);
	memcpy(line, good, sizeof(good) - 1);
	ck_assert_int_eq(pushmsg_result_parse(&out, line,
	    PUSHMSG_LINE_MAX - 1), 0);
	ck_assert_int_lt(pushmsg_result_parse(&out, line, PUSHMSG_LINE_MAX),
	    0);
}
END_TEST

START_TEST(result_refusals)
{
	static const char *const bad[] = {
		"", "x", "[]", "{}", "{\"id\":\"a\"}",
		"{\"status\":\"sent\"}",
		"{\"id\":\"a\",\"status\":\"fine\"}",
		"{\"id\":1,\"status\":\"sent\"}",
		"{\"id\":\"a\",\"status\":\"sent\",\"reason\":1}",
		"{\"id\":\"a\",\"status\":\"sent\",\"ms\":-1}",
		"{\"id\":\"a\",\"status\":\"sent\",\"attempts\":\"1\"}",
	};
	struct pushmsg_result out;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(pushmsg_result_parse(&out, bad[i],
		    strlen(bad[i])) == -EBADMSG, "%s", bad[i]);
}
END_TEST

UNIT_SUITE(pushmsg, request_there_and_back, request_defaults,
    request_refusals, request_too_long, request_lines,
    result_there_and_back, result_is_always_a_line, result_without_memory,
    result_too_long, result_refusals)
