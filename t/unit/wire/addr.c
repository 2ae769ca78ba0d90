/* The text forms of addresses, and which of them are public. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/addr.h"

START_TEST(parses_and_formats)
{
	static const struct {
		const char *text, *formatted;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1:7" },
		{ "192.0.2.1:80", "192.0.2.1:80" },
		{ "192.0.2.1:0", "192.0.2.1:0" },
		{ "2001:db8::1", "[2001:db8::1]:7" },
		{ "[2001:db8::1]", "[2001:db8::1]:7" },
		{ "[2001:db8::1]:65535", "[2001:db8::1]:65535" },
		{ "::", "[::]:7" },
	};
	char text[ADDR_TEXT];
	struct addr a, b;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, cases[i].text, 7), 0);
		ck_assert_str_eq(addr_format(&a, text), cases[i].formatted);
		ck_assert_int_eq(addr_parse(&b, text, 0), 0);
		ck_assert(addr_equal(&a, &b));
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", ":", "192.0.2", "192.0.2.1:", "192.0.2.1:65536",
		"192.0.2.1:-1", "192.0.2.1:8a", "[::1", "[::1]x", "[::1]:",
		"example.org", "[192.0.2.1", "1.2.3.4:5:6",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(addr_parse(&a, bad[i], 1) == -EINVAL, "%s",
		    bad[i]);
}
END_TEST

START_TEST(knows_public)
{
	static const char *const closed[] = {
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
		"fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
		"::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1",
		"64:ff9b:1::1", "2002:0a00:0001::1", "2001::1", "3fff::1",
		"100::1", "4000::1", "::ffff:0:10.0.0.1",
		"2002:a9fe:a9fe::1", "192.0.0.8", "192.88.99.1",
		"172.16.255.255", "fec0::1", "2001:1ff::1"
	};
	static const char *const open[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
		"100.128.0.0", "172.15.0.1", "172.32.0.1", "192.167.1.1",
		"223.255.255.255", "2606:4700::1", "::ffff:8.8.8.8",
		"64:ff9b::8.8.8.8", "2002:0808:0808::1", "2a00::1",
		"2001:200::1", "2003::1", "3ffe::1"
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, closed[i], 1), 0);
		ck_assert_msg(!addr_is_public(&a), "%s", closed[i]);
	}
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, open[i], 1), 0);
		ck_assert_msg(addr_is_public(&a), "%s", open[i]);
	}
}
END_TEST

START_TEST(unmaps)
{
	char text[ADDR_TEXT];
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, "[::ffff:192.0.2.7]:9", 0), 0);
	addr_unmap(&a);
	ck_assert_str_eq(addr_format(&a, text), "192.0.2.7:9");
	ck_assert(!addr_is_loopback(&a));
	ck_assert_int_eq(addr_parse(&a, "::ffff:127.0.0.1", 0), 0);
	ck_assert(addr_is_loopback(&a));
	addr_unmap(&a);
	ck_assert_str_eq(addr_format_ip(&a, text), "127.0.0.1");
	addr_unmap(&a);			/* nothing is left to do */
	ck_assert_str_eq(addr_format_ip(&a, text), "127.0.0.1");
	ck_assert_int_eq(addr_parse(&a, "::fffe:127.0.0.1", 0), 0);
	addr_unmap(&a);
	ck_assert(addr_is_v6(&a));
	ck_assert_int_eq(addr_parse(&a, "0:0:1::ffff:7f00:1", 0), 0);
	addr_unmap(&a);
	ck_assert(addr_is_v6(&a));
	ck_assert_int_eq(addr_parse(&a, "1::ffff:127.0.0.1", 0), 0);
	addr_unmap(&a);
	ck_assert(addr_is_v6(&a));
}
END_TEST

START_TEST(knows_loopback_and_any)
{
	static const struct {
		const char *text;
		bool loopback, any;
	} cases[] = {
		{ "127.0.0.1", true, false }, { "127.255.0.9", true, false },
		{ "128.0.0.1", false, false }, { "0.0.0.0", false, true },
		{ "::1", true, false }, { "::", false, true },
		{ "::2", false, false }, { "::1:0:1", false, false },
		{ "0:0:1::1", false, false }, { "1::1", false, false },
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, cases[i].text, 1), 0);
		ck_assert_msg(addr_is_loopback(&a) == cases[i].loopback &&
		    addr_is_any(&a) == cases[i].any, "%s", cases[i].text);
	}
}
END_TEST

/* Where an address leads that a translator or a tunnel has made. */
START_TEST(finds_what_is_embedded)
{
	static const struct {
		const char *text, *v4;	/* NULL: none */
	} cases[] = {
		{ "[64:ff9b::192.0.2.7]:9", "192.0.2.7:9" },
		{ "[2002:c000:207::1]:9", "192.0.2.7:9" },
		{ "[64:ff9b:1::192.0.2.7]:9", NULL },
		{ "[2001:db8::1]:9", NULL }, { "[20ff::1]:9", NULL },
		{ "192.0.2.7:9", NULL },
	};
	char text[ADDR_TEXT];
	struct addr a, v4;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, cases[i].text, 1), 0);
		ck_assert_msg(addr_embedded_v4(&a, &v4) ==
		    (cases[i].v4 != NULL), "%s", cases[i].text);
		if (cases[i].v4 != NULL)
			ck_assert_str_eq(addr_format(&v4, text), cases[i].v4);
	}
}
END_TEST

START_TEST(from_the_system)
{
	struct addr a, b, none = { 0 };
	char text[ADDR_TEXT];
	struct sockaddr_storage path = { .ss_family = AF_UNIX };
	uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

	ck_assert_int_eq(addr_parse(&a, "192.0.2.1:80", 0), 0);
	ck_assert_uint_eq(addr_len(&a), sizeof(struct sockaddr_in));
	ck_assert_int_eq(addr_from_sockaddr(&b, &a.sa, addr_len(&a)), 0);
	ck_assert(addr_equal(&a, &b));
	ck_assert_int_eq(addr_from_sockaddr(&b, &a.sa, addr_len(&a) - 1),
	    -EAFNOSUPPORT);
	addr_set_port(&b, 81);
	ck_assert(addr_equal_ip(&a, &b) && !addr_equal(&a, &b));
	ck_assert_int_eq(addr_from_bytes(&b, ip, 16, 80), 0);
	ck_assert_str_eq(addr_format(&b, text), "[2001:db8::1]:80");
	ck_assert(!addr_equal_ip(&a, &b));
	ck_assert_uint_eq(addr_len(&b), sizeof(struct sockaddr_in6));
	ck_assert_int_eq(addr_from_sockaddr(&a, &b.sa, addr_len(&b)), 0);
	ck_assert(addr_equal(&a, &b));
	ck_assert_int_eq(addr_from_sockaddr(&a, &b.sa, addr_len(&b) - 1),
	    -EAFNOSUPPORT);
	ck_assert_int_eq(addr_from_sockaddr(&a, (struct sockaddr *)&path,
	    sizeof(path)), -EAFNOSUPPORT);
	ck_assert_int_eq(addr_from_bytes(&a, ip, 5, 80), -EAFNOSUPPORT);
	/* No address: it has a text, and is nobody's. */
	ck_assert_str_eq(addr_format(&none, text), "-:0");
	ck_assert(!addr_is_public(&none) && !addr_is_v4(&none));
}
END_TEST

START_TEST(knows_unicast)
{
	static const char *const hosts[] = {
		"192.0.2.1", "127.0.0.1", "10.0.0.1", "223.255.255.255",
		"::1", "2001:db8::1", "fd00::1", "::ffff:192.0.2.1",
	};
	static const char *const others[] = {
		"0.0.0.0", "224.0.0.1", "239.255.255.250", "240.0.0.1",
		"255.255.255.255", "::", "ff02::1", "fe80::1",
		"::ffff:224.0.0.1", "::ffff:0.0.0.0",
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, hosts[i], 1), 0);
		ck_assert_msg(addr_is_unicast(&a), "%s", hosts[i]);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ck_assert_int_eq(addr_parse(&a, others[i], 1), 0);
		ck_assert_msg(!addr_is_unicast(&a), "%s", others[i]);
	}
}
END_TEST

UNIT_SUITE(addr, parses_and_formats, refuses, knows_public, unmaps,
    knows_loopback_and_any, finds_what_is_embedded, from_the_system, knows_unicast)
