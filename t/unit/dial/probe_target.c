/*
 * The URLs of a relay in the forms of RFC 7065, and the credentials that are
 * made with its secret: behind the time stands any name, a given one, or none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "probe/probe_target.h"
#include "unit.h"
#include "wire/turncred.h"

START_TEST(reads_urls)
{
	static const struct {
		const char *text, *name;
		uint16_t port;
		enum turnurl_transport transport;
	} cases[] = {
		{ "turn:relay.example", "relay.example", 3478, TURNURL_UDP },
		{ "turn:relay.example?transport=udp", "relay.example", 3478,
		    TURNURL_UDP },
		{ "turn:relay.example:80?transport=tcp", "relay.example", 80,
		    TURNURL_TCP },
		{ "turns:relay.example", "relay.example", 5349, TURNURL_TLS },
		{ "turns:192.0.2.1:443?transport=tcp", "192.0.2.1", 443,
		    TURNURL_TLS },
		{ "turn:[2001:db8::1]", "2001:db8::1", 3478, TURNURL_UDP },
		{ "turns:[2001:db8:0::1]:443", "2001:db8::1", 443,
		    TURNURL_TLS }
	};
	char why[WHY_TEXT];
	struct turnurl url;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(probe_target_url(&url, cases[i].text, why) == 0,
		    "%s", cases[i].text);
		ck_assert_str_eq(url.at.name, cases[i].name);
		ck_assert_uint_eq(url.at.port, cases[i].port);
		ck_assert_int_eq(url.transport, cases[i].transport);
	}
}
END_TEST

START_TEST(refuses_urls)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "wants turn:" }, { "turn:", "wants turn:" },
		{ "relay.example", "wants turn:" },
		{ "stun:relay.example", "wants turn:" },
		{ "turn://relay.example", "wants turn:" },
		{ "turn:user@relay.example", "wants turn:" },
		{ "turn:relay..example", "wants turn:" },
		{ "turn:192.0.2.999", "wants turn:" },
		{ "turn:relay.example:0", "wants turn:" },
		{ "turn:relay.example:65536", "wants turn:" },
		{ "turn:relay.example?transport=sctp", "wants turn:" },
		{ "turn:[2001:db8::1", "wants turn:" },
		{ "turn:2001:db8::1", "wants brackets" },
		{ "turn:2001:db8::1:3478", "wants brackets" },
		{ "turns:relay.example?transport=udp", "is for DTLS" }
	};
	char why[WHY_TEXT];
	struct turnurl url;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(probe_target_url(&url, cases[i].text, why) ==
		    -EINVAL, "%s", cases[i].text);
		ck_assert_msg(strncmp(why, cases[i].why,
		    strlen(cases[i].why)) == 0, "%s: %s", cases[i].text, why);
	}
}
END_TEST

/* Check that the time in the username is a minute from now. */
static void
ck_expiry(const char *username)
{
	long long late = strtoll(username, NULL, 10) - clock_wall_s();

	ck_assert_int_ge(late, 58);
	ck_assert_int_le(late, 60);
}

START_TEST(signs)
{
	static char secret[] = "north";
	struct probe_target target = { .secret = secret };
	struct probe_target_credentials c;
	char password[TURNCRED_PASSWORD], name[TURN_AUTH_USERNAME];

	ck_assert_int_eq(probe_target_sign(&target, 60, &c), 0);
	ck_expiry(c.username);
	ck_assert_uint_eq(strlen(strchr(c.username, ':')), 1 + 16);
	turncred_password(password, c.username, secret);
	ck_assert_str_eq(c.password, password);

	target.user = "@bob:example.org";
	ck_assert_int_eq(probe_target_sign(&target, 60, &c), 0);
	ck_expiry(c.username);
	ck_assert_str_eq(strchr(c.username, ':'), ":@bob:example.org");

	target.user = "";
	ck_assert_int_eq(probe_target_sign(&target, 60, &c), 0);
	ck_expiry(c.username);
	ck_assert_uint_eq(strspn(c.username, "0123456789"),
	    strlen(c.username));

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	target.user = name;
	ck_assert_int_eq(probe_target_sign(&target, 60, &c), -EMSGSIZE);
}
END_TEST

START_TEST(takes_a_user)
{
	static char password[] = "mine";
	struct probe_target target = { .user = "me", .password = password };
	struct probe_target_credentials c;

	ck_assert_int_eq(probe_target_sign(&target, 60, &c), 0);
	ck_assert_str_eq(c.username, "me");
	ck_assert_str_eq(c.password, "mine");
}
END_TEST

UNIT_SUITE(probe_target, reads_urls, refuses_urls, signs, takes_a_user)
