/* A switch's answers and a push's contents, well and ill formed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "call/reply_push.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef"

static int
parse(struct reply *reply, const char *text)
{
	char why[WHY_TEXT];

	return reply_parse(reply, text, strlen(text), why);
}

START_TEST(reads_an_answer)
{
	struct reply reply;
	char text[ADDR_TEXT];

	ck_assert_int_eq(parse(&reply, "{\"sessionId\": \"" ID "\","
	    "\"serverName\": \"s1.example.org\", \"port\": 31338,"
	    "\"iceServers\": [{\"urls\": [\"turns:s1.example.org:443\","
	    "\"turn:192.0.2.7:3479?transport=tcp\","
	    "\"turn:192.0.2.7:3479?transport=udp\"],"
	    "\"username\": \"u\", \"credential\": \"c\","
	    "\"realm\": \"r\", \"nonce\": \"n\"}],"
	    "\"iceTransportPolicy\": \"relay\", \"later\": {}}"), 0);
	ck_assert_str_eq(reply.session, ID);
	ck_assert_str_eq(reply.server_name, "s1.example.org");
	ck_assert_int_eq(reply.port, 31338);
	ck_assert_uint_eq(reply.n_servers, 3);
	ck_assert_int_eq(reply.servers[0].via, TURN_CLIENT_UDP);
	ck_assert_str_eq(addr_format(&reply.servers[0].addr, text),
	    "192.0.2.7:3479");
	ck_assert_str_eq(reply.servers[0].username, "u");
	ck_assert_str_eq(reply.servers[0].credential, "c");
	ck_assert_str_eq(reply.servers[0].realm, "r");
	ck_assert_str_eq(reply.servers[0].nonce, "n");
	ck_assert_int_eq(reply.servers[1].via, TURN_CLIENT_TLS);
	ck_assert_str_eq(addr_format(&reply.servers[1].addr, text),
	    "192.0.2.7:443");
	ck_assert_str_eq(reply.servers[1].name, "s1.example.org");
	ck_assert_str_eq(reply.servers[1].credential, "c");
	ck_assert_int_eq(reply.servers[2].via, TURN_CLIENT_TCP);
	ck_assert_str_eq(addr_format(&reply.servers[2].addr, text),
	    "192.0.2.7:3479");
	ck_assert_ptr_null(reply.offer);
	reply_clear(&reply);
	ck_assert_int_eq(parse(&reply, "{\"caller\": \"+27\", \"offer\": "
	    "\"v=0\\r\\n\", \"iceServers\": [{\"urls\": \"stun:192.0.2.1\"},"
	    "{\"urls\": \"turn:[2001:db8::1]\"}]}"), 0);
	ck_assert_str_eq(reply.caller, "+27");
	ck_assert_uint_eq(reply.ttl_s, 0);
	ck_assert_str_eq(reply.offer, "v=0\r\n");
	ck_assert_str_eq(addr_format(&reply.servers[0].addr, text),
	    "[2001:db8::1]:3478");
	reply_clear(&reply);
	ck_assert_int_eq(parse(&reply, "{\"iceServers\": [{\"urls\": "
	    "\"turn:s1.example.org:5\"}]}"), 0);
	ck_assert_uint_eq(reply.n_servers, 1);
	ck_assert(!reply.servers[0].literal);
	ck_assert_int_eq(addr_port(&reply.servers[0].addr), 5);
	reply_clear(&reply);
	ck_assert_int_eq(parse(&reply, "{\"ttl\": 60}"), 0);
	ck_assert_uint_eq(reply.ttl_s, 60);
	reply_clear(&reply);
}
END_TEST

START_TEST(refuses_answers)
{
	static const char *const bad[] = {
		"", "[]", "1", "{", "{\"sessionId\": 1}",
		"{\"sessionId\": \"short\"}",
		"{\"sessionId\": \"0123456789ABCDEF0123456789ABCDEF\"}",
		"{\"serverName\": \"a b\"}", "{\"serverName\": \"\\u0000\"}",
		"{\"serverName\": \"a\\r\\nb\"}", "{\"port\": 0}",
		"{\"port\": 65536}", "{\"port\": \"1\"}", "{\"port\": 1.5}",
		"{\"offer\": 1}", "{\"offer\": \"v=0\\u0000\"}",
		"{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\\u0000\"}]}",
		"{\"iceServers\": []}",
		"{\"iceServers\": \"turn:192.0.2.1\"}",
		"{\"iceServers\": [1]}", "{\"iceServers\": [{}]}",
		"{\"iceServers\": [{\"urls\": \"turns:192.0.2.1\"}]}",
		("{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\","
		    "\"username\": 1}]}"),
		("{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\","
		    "\"username\": \"GET / HTTP/1.0\\r\\n\"}]}"),
		("{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\","
		    "\"credential\": \"\\u007f\"}]}"),
		("{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\","
		    "\"realm\": \"a\\nb\"}]}"),
		("{\"iceServers\": [{\"urls\": \"turn:192.0.2.1\","
		    "\"nonce\": \"\\u0000\"}]}"),
		"{\"iceServers\": [{\"urls\": \"turn:192.0.2.1:0\"}]}",
		"{\"iceServers\": [{\"urls\": \"turn:192.0.2.1:65536\"}]}",
		"{\"iceServers\": [{\"urls\": \"stun:192.0.2.1\"}]}",
		"{\"port\": 1, \"port\": 2}",
		"{\"ttl\": 0}", "{\"ttl\": \"60\"}",
		"{\"ttl\": 100000000000}",
	};
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&reply, bad[i]) == -EBADMSG, "%s", bad[i]);
}
END_TEST

START_TEST(bounds_what_it_keeps)
{
	char text[40000], why[WHY_TEXT];
	struct reply reply;
	size_t n;

	n = (size_t)sprintf(text, "{\"offer\": \"");
	memset(text + n, 'x', SDP_MAX + 1);
	strcpy(text + n + SDP_MAX + 1, "\"}");
	ck_assert_int_eq(parse(&reply, text), -EBADMSG);
	n = (size_t)sprintf(text, "{\"serverName\": \"");
	memset(text + n, 'x', REPLY_NAME);
	strcpy(text + n + REPLY_NAME, "\"}");
	ck_assert_int_eq(parse(&reply, text), -EBADMSG);
	memset(text, '[', sizeof(text));
	ck_assert_int_eq(reply_parse(&reply, text, sizeof(text), why),
	    -EBADMSG);
}
END_TEST

START_TEST(takes_an_odd_caller_as_anonymous)
{
	static const char *const odd[] = {
		"\"\"", "\" \"", "\"a b\"", "\"al\\nice\"", "\"\\u001b[2J\"",
		"\"bob\\u0000\"", "null", "7", "[\"alice\"]", "\"b\u00f6b\"",
		("\"0123456789012345678901234567890123456789"
		    "0123456789012345678901234567890123456789\"")
	};
	char text[400], why[WHY_TEXT];
	struct reply_push push;
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(text, sizeof(text), "{\"caller\": %s}", odd[i]);
		ck_assert_msg(parse(&reply, text) == 0, "%s", odd[i]);
		ck_assert(reply.has_caller);
		ck_assert_str_eq(reply.caller, "");
		reply_clear(&reply);
		snprintf(text, sizeof(text), "{\"kind\": \"call\", \"caller\": "
		    "%s, \"sessionId\": \"" ID "\", \"serverName\": \"s\", "
		    "\"port\": 1}", odd[i]);
		ck_assert_msg(reply_push_parse(&push, text, strlen(text),
		    why) == 0, "%s", odd[i]);
		ck_assert_str_eq(push.caller, "");
	}
	ck_assert_int_eq(parse(&reply, "{}"), 0);
	ck_assert(!reply.has_caller);
	reply_clear(&reply);
}
END_TEST

#define PUSH(kind, id, name, port) "{\"kind\": \"" kind "\", \"caller\": " \
	"\"alice\", \"sessionId\": \"" id "\", \"serverName\": \"" name \
	"\", \"port\": " port ", \"expiry\": 1}"

START_TEST(reads_pushes)
{
	static const char *const bad[] = {
		"{}", "x", PUSH("hello", ID, "s", "1"),
		PUSH("call", "short", "s", "1"), PUSH("call", ID, "", "1"),
		PUSH("call", ID, "s/t", "1"), PUSH("call", ID, "s", "0"),
		"{\"kind\": \"call\", \"sessionId\": \"" ID "\"}"
	};
	static const char call[] = PUSH("call", ID, "s.example.org", "31338");
	static const char cancel[] = PUSH("cancel", ID, "::1", "1");
	static const char test[] = "{\"kind\": \"test\"}";
	struct reply_push push;
	char why[WHY_TEXT];
	size_t i;

	ck_assert_int_eq(reply_push_parse(&push, call, strlen(call), why), 0);
	ck_assert_int_eq(push.kind, REPLY_PUSH_CALL);
	ck_assert_str_eq(push.caller, "alice");
	ck_assert_str_eq(push.session, ID);
	ck_assert_str_eq(push.server_name, "s.example.org");
	ck_assert_int_eq(push.port, 31338);
	ck_assert_int_eq(reply_push_parse(&push, cancel, strlen(cancel), why),
	    0);
	ck_assert_int_eq(push.kind, REPLY_PUSH_CANCEL);
	ck_assert_int_eq(reply_push_parse(&push, test, strlen(test), why), 0);
	ck_assert_int_eq(push.kind, REPLY_PUSH_TEST);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(reply_push_parse(&push, bad[i], strlen(bad[i]),
		    why) == -EBADMSG, "%s", bad[i]);
}
END_TEST

UNIT_SUITE(reply, reads_an_answer, refuses_answers, bounds_what_it_keeps,
    takes_an_odd_caller_as_anonymous, reads_pushes)
