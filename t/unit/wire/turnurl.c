/* URIs of TURN servers, well and ill formed. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/turnurl.h"

START_TEST(reads)
{
	static const struct {
		const char *text, *host;
		enum turnurl_transport transport;
		uint16_t port;
	} good[] = {
		{ "turn:192.0.2.1", "192.0.2.1", TURNURL_UDP, 3478 },
		{ "turn:192.0.2.1:80?transport=udp", "192.0.2.1", TURNURL_UDP,
		    80 },
		{ "turn:a.example?transport=tcp", "a.example", TURNURL_TCP,
		    3478 },
		{ "turn:[2001:db8::1]:81", "2001:db8::1", TURNURL_UDP, 81 },
		{ "turns:a.example", "a.example", TURNURL_TLS, 5349 },
		{ "turns:a.example:443?transport=tcp", "a.example",
		    TURNURL_TLS, 443 },
	};
	struct turnurl url;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(turnurl_parse(&url, good[i].text), 0);
		ck_assert_int_eq(url.transport, good[i].transport);
		ck_assert_str_eq(url.at.name, good[i].host);
		ck_assert_uint_eq(url.at.port, good[i].port);
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", "turn", "turn:", "stun:a.example", "TURN:a.example",
		"turn:a.example:0", "turn:a.example:65536", "turn:a b",
		"turn:a.example?transport=sctp", "turn:a.example?",
		"turns:a.example?transport=udp", "turn://a.example",
		"turn:a.example?transport=tcp&x=y", "turns:?transport=tcp",
	};
	char text[HOSTPORT_TEXT + 32];
	struct turnurl url;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(turnurl_parse(&url, bad[i]) == -EINVAL, "%s",
		    bad[i]);
	strcpy(text, "turn:");
	memset(text + 5, 'a', sizeof(text) - 6);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(turnurl_parse(&url, text), -EINVAL);
}
END_TEST

UNIT_SUITE(turnurl, reads, refuses)
