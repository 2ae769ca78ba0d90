/* Which requests may make a connection a WebSocket. */
#include <string.h>

#include "signal/ws_upgrade.h"
#include "unit.h"

static int
status_of(const char *origin, unsigned version, const char *key)
{
	static char *items[] = {
		"https://call.example", "http://127.0.0.1:8000"
	};
	struct conf_strings origins = { items, 2 };
	struct sigmsg msg = {
		.method = SIGMSG_GET, .upgrades = version > 0,
		.websocket_version = version
	}, answer;

	strcpy(msg.origin, origin);
	strcpy(msg.websocket_key, key);
	ws_upgrade_answer(&answer, &msg, &origins, false);
	return answer.status;
}

START_TEST(answers)
{
	static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
	static const struct {
		const char *origin;
		unsigned version;
		const char *key;
		int status;
	} cases[] = {
		{ "", 13, key, 101 },
		{ "https://call.example", 13, key, 101 },
		{ "https://call.example:8443", 13, key, 101 },
		{ "http://127.0.0.1:8000", 13, key, 101 },
		{ "http://127.0.0.1:8001", 13, key, 403 },
		{ "http://call.example", 13, key, 403 },
		{ "https://call.example.org", 13, key, 403 },
		{ "https://call.example:80.evil.org", 13, key, 403 },
		{ "https://call.example:", 13, key, 403 },
		{ "https://call", 13, key, 403 },
		{ "null", 13, key, 403 },
		{ "", 0, key, 426 },
		{ "", 8, key, 426 },
		{ "", 13, "", 400 },
		{ "", 13, "c2hvcnQ=", 400 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(status_of(cases[i].origin, cases[i].version,
		    cases[i].key) == cases[i].status, "%zu", i);
}
END_TEST

START_TEST(welcomes_all)
{
	static char *items[] = { "*" };
	struct conf_strings origins = { items, 1 };
	struct sigmsg msg = {
		.upgrades = true, .websocket_version = 13,
		.websocket_key = "dGhlIHNhbXBsZSBub25jZQ==",
		.origin = "http://anybody.example"
	}, answer;

	ws_upgrade_answer(&answer, &msg, &origins, false);
	ck_assert_int_eq(answer.status, 101);
	ck_assert_str_eq(answer.websocket_accept,
	    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	origins.n = 0;
	ws_upgrade_answer(&answer, &msg, &origins, false);
	ck_assert_int_eq(answer.status, 403);
	ws_upgrade_answer(&answer, &msg, &origins, true);
	ck_assert_int_eq(answer.status, 101);
}
END_TEST

UNIT_SUITE(ws_upgrade, answers, welcomes_all)
