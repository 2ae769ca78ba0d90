/* What is read of resolv.conf, and how a zone travels within an address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "net/dnsconf.h"
#include "net/dnszone.h"
#include "unit.h"

static void
parse(struct dnsconf *out, const char *text)
{
	char copy[2048];

	snprintf(copy, sizeof(copy), "%s", text);
	dnsconf_parse(out, copy);
}

/* The loopback's number is 1 in every network namespace. */
START_TEST(reads_servers)
{
	static const struct {
		const char *text, *servers, *csv;
		bool zones;
	} cases[] = {
		{ "", "", "", false },
		{ "nameserver 192.0.2.53\n", "192.0.2.53", "192.0.2.53",
		    false },
		{ "nameserver fe80::53%lo\n", "fe80::53%lo",
		    "fe80:0:1::53", true },
		{ "nameserver fe80::53%1", "fe80::53%1", "fe80:0:1::53",
		    true },
		{ "; text\n# nameserver 192.0.2.1\nnameserver\n"
		    "  nameserver\t192.0.2.2 # two\nnameserver ::1\r\n",
		    "192.0.2.2, ::1", "192.0.2.2,::1", false },
		{ "nameserver fe80::53%no-such\nnameserver 2001:db8::53\n",
		    "fe80::53%no-such, 2001:db8::53", "2001:db8::53", false },
		{ "nameserver 2001:db8::53%lo\nnameserver 1.2.3\n"
		    "nameserver fe80::1%0\nnameserver fe80::1%1x\n",
		    "2001:db8::53%lo, 1.2.3, fe80::1%0, fe80::1%1x",
		    "2001:db8::53", false },
	};
	struct dnsconf conf;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		parse(&conf, cases[i].text);
		ck_assert_str_eq(conf.servers, cases[i].servers);
		ck_assert_str_eq(conf.csv, cases[i].csv);
		ck_assert_int_eq(conf.zones, cases[i].zones);
		ck_assert_uint_eq(conf.ndots, 1);
	}
}
END_TEST

START_TEST(bounds_what_it_reads)
{
	char text[2048] = "";
	struct dnsconf conf;
	size_t i;

	for (i = 0; i < 60; i++)
		sprintf(text + strlen(text), "nameserver 192.0.2.%zu\n",
		    100 + i);
	parse(&conf, text);
	ck_assert_uint_lt(strlen(conf.csv), DNSCONF_TEXT);
	ck_assert_ptr_nonnull(strstr(conf.csv, ",192.0.2.102,"));
	memset(text, 'x', sizeof(text));
	memcpy(text, "nameserver ", strlen("nameserver "));
	text[sizeof(text) - 1] = '\0';
	dnsconf_parse(&conf, text);
	ck_assert_str_eq(conf.csv, "");
}
END_TEST

START_TEST(reads_ndots)
{
	static const struct {
		const char *text;
		unsigned ndots;
	} cases[] = {
		{ "options rotate ndots:2 edns0\n", 2 },
		{ "options ndots:0", 0 }, { "options ndots:99", 15 },
		{ "options timeout:1\nsearch ndots:3\n", 1 },
	};
	struct dnsconf conf;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		parse(&conf, cases[i].text);
		ck_assert_uint_eq(conf.ndots, cases[i].ndots);
	}
}
END_TEST

START_TEST(has_no_file)
{
	struct dnsconf conf;

	dnsconf_read(&conf, "/nonexistent/resolv.conf");
	ck_assert_str_eq(conf.csv, "");
	ck_assert_uint_eq(conf.ndots, 1);
}
END_TEST

START_TEST(carries_zones)
{
	struct in6_addr ip, was;

	ck_assert_int_eq(inet_pton(AF_INET6, "fe80::1:2:3:4", &ip), 1);
	was = ip;
	ck_assert(dnszone_embed(&ip, 0x12345678));
	ck_assert_uint_eq(dnszone_extract(&ip), 0x12345678);
	ck_assert_int_eq(memcmp(&ip, &was, sizeof(ip)), 0);
	ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8:5:6::1", &ip), 1);
	was = ip;
	ck_assert(!dnszone_embed(&ip, 7));
	ck_assert_uint_eq(dnszone_extract(&ip), 0);
	ck_assert_int_eq(memcmp(&ip, &was, sizeof(ip)), 0);
}
END_TEST

UNIT_SUITE(dnsconf, reads_servers, bounds_what_it_reads, reads_ndots,
    has_no_file, carries_zones)
