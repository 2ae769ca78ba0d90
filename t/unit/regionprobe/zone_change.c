/*
 * Files of name servers with odd but right texts, each before and after the
 * change, and texts that are refused, with their line.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "zonefile/zone_change.h"
#include "zonefile/zone_diff.h"

struct file_case {
	const char *format;
	const char *change;	/* "+" or "-", and an address */
	const char *before;
	const char *after;	/* or the reason, which begins with "file" */
};

static const struct file_case cases[] = {
	/* Knot: ends of lines, of the file, quotes, repeated addresses */
	{ "knot", "+5.1.7.1", "switch.rp.test.:\r\n- net: 5.1.0.0/16\r\n"
	    "  AAAA: 2a05::1\r\n", "switch.rp.test.:\r\n- net: 5.1.0.0/16\r\n"
	    "  AAAA: 2a05::1\r\n  A: [ 5.1.7.1 ]\r\n" },
	{ "knot", "+2a05::7", "\xef\xbb\xbf---\nSWITCH.rp.test:\n"
	    "  - net: 5.1.0.0/16\n    A: 5.3.1.1", "\xef\xbb\xbf---\n"
	    "SWITCH.rp.test:\n  - net: 5.1.0.0/16\n    A: 5.3.1.1\n"
	    "    AAAA: [ 2a05::7 ]" },
	{ "knot", "-5.3.1.1", "switch.rp.test:\n  - geo: \"EU;IE\"\n"
	    "    A: [ 5.3.1.1, 5.3.2.1, \"5.3.1.1\", 5.3.1.1 ] # x\n",
	    "switch.rp.test:\n  - geo: \"EU;IE\"\n    A: [ 5.3.2.1 ] # x\n" },
	{ "knot", "+5.1.7.1", "switch.rp.test:\n  - geo: \"EU\"\n"
	    "    A: [ 5.3.1.1, 5.3.2.1 ]\n", "switch.rp.test:\n"
	    "  - geo: \"EU\"\n    A: [ 5.3.1.1, 5.3.2.1, 5.1.7.1 ]\n" },
	{ "knot", "-5.3.1.1", "switch.rp.test:\n  - net: 5.1.0.0/16\n"
	    "    A: 5.3.1.1\n    TXT: \"kept\"\n", "switch.rp.test:\n"
	    "  - net: 5.1.0.0/16\n    TXT: \"kept\"\n" },
	{ "knot", "+2a05::7", "switch.rp.test:\n  - net: 5.1.0.0/16\n"
	    "    AAAA: 2A05:0::7\n", "switch.rp.test:\n  - net: 5.1.0.0/16\n"
	    "    AAAA: 2A05:0::7\n" },
	{ "knot", "+5.1.7.1", "switch.rp.test:\n  - net: 5.1.0.0/16\n"
	    "    CNAME: ie.rp.test.\n", "file:3: the region's answer is an "
	    "alias: change the name that it leads to" },
	{ "knot", "+5.1.7.1", "a:\n\t- net: 5.1.0.0/16\n",
	    "file:2: a tab before the first word" },
	{ "knot", "+5.1.7.1", "a: &x\n  - net: 5.1.0.0/16\n",
	    "file:1: this kind of value is not understood" },
	{ "knot", "+5.1.7.1", "switch.rp.test:\n  - net: 5.1.0.0/16\n"
	    "    A: [ 5.3.1.1, x ]\n", "file:3: not an address" },
	{ "knot", "+5.1.7.1", "switch.rp.test:\n  - nets: 5.1.0.0/16\n",
	    "file:2: an entry \"- net:\", \"- geo:\" or \"- weight:\" is "
	    "expected here" },
	{ "knot", "+5.1.7.1", "other.rp.test:\n  - net: 5.1.0.0/16\n",
	    "file: does not have switch.rp.test" },
	/* PowerDNS: names by geography, weights, a name that answers all */
	{ "pdns", "+5.1.7.1", "domains:\n- domain: rp.test\n  records:\n"
	    "    eu.sw.rp.test:\n    - a: 5.3.1.1\n    - a: 5.3.2.1\n"
	    "    dub1.rp.test:\n"
	    "    - a: 5.3.1.1\n  services:\n    switch.rp.test: "
	    "'%cn.sw.rp.test'\n", "domains:\n- domain: rp.test\n  records:\n"
	    "    eu.sw.rp.test:\n    - a: 5.3.1.1\n    - a: 5.3.2.1\n"
	    "    - a: 5.1.7.1\n"
	    "    dub1.rp.test:\n    - a: 5.3.1.1\n  services:\n"
	    "    switch.rp.test: '%cn.sw.rp.test'\n" },
	{ "pdns", "+5.1.7.1", "domains:\n- domain: rp.test\n  records:\n"
	    "    ireland.switch.rp.test:\n    - a:\n        weight: 5\n"
	    "        content: 5.3.1.1\n        ttl: 7 # s\n    - txt: x\n",
	    "domains:\n- domain: rp.test\n  records:\n"
	    "    ireland.switch.rp.test:\n    - a:\n        weight: 5\n"
	    "        content: 5.3.1.1\n        ttl: 7 # s\n    - a:\n"
	    "        weight: 5\n        content: 5.1.7.1\n        ttl: 7\n"
	    "    - txt: x\n" },
	{ "pdns", "+5.1.7.1", "domains:\n- domain: rp.test\n  records:\n"
	    "    switch.rp.test:\n    - a: 5.3.1.1\n    - a: 5.3.2.1\n",
	    "file:4: these records "
	    "answer everybody alike: the name is not a service" },
	{ "pdns", "-5.3.1.1", "domains:\n- domain: rp.test\n  records:\n"
	    "    ie.rp.test:\n    - a: 5.3.1.1\n    - txt: region=ireland\n"
	    "  services:\n    switch.rp.test:\n      default: ie.rp.test\n",
	    "file:9: the default answer would have no address" },
	{ "pdns", "+5.1.7.1", "domains:\n- domain: test.rp\n  records:\n",
	    "file: no domain with records holds switch.rp.test" },
	/* gdnsd: one value, keys with weights, the first datacenter, depth */
	{ "gdnsd", "+5.1.7.1", "geoip=>{resources=>{r=>{dcmap=>{"
	    "ireland=>5.3.1.1}}}}", "geoip=>{resources=>{r=>{dcmap=>{"
	    "ireland=>[ 5.3.1.1, 5.1.7.1 ]}}}}" },
	{ "gdnsd", "+5.1.7.1", "resources => { r => { dcmap => {\n"
	    "  dub => { a => [ 5.3.1.1, 10 ]; b => [ 5.3.2.1, 20 ]; }\n} } }",
	    "resources => { r => { dcmap => {\n  dub => { a => [ 5.3.1.1, 10 "
	    "]; b => [ 5.3.2.1, 20 ], 5-1-7-1 => [ 5.1.7.1, 20 ]; }\n} } }" },
	{ "gdnsd", "-5.3.1.1", "geoip => { maps => { m => { datacenters => "
	    "[ ireland, us ] } }\n resources => { r => { map => m, dcmap => "
	    "{ ireland => 5.3.1.1, us => 5.8.1.1 } } } }", "file:2: this "
	    "datacenter would have no address: take it out of the map by "
	    "hand" },
	{ "gdnsd", "+5.1.7.1", "resources => { r => { dcmap => { ireland => "
	    "%metafo!x } } }", "file:1: holds no addresses: change what it "
	    "leads to" },
	{ "gdnsd", "+5.1.7.1", "a => [ \"x\n", "file:2: a quote does not end" },
};

static struct addr
ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, 0), 0);
	return a;
}

static char *
run_case(const struct file_case *c)
{
	static char name[] = "ireland";
	struct region_options options = {
		.format = c->format, .add = *c->change == '+',
		.remove = *c->change == '-', .regions = { name },
		.n_regions = 1, .addr = ip(c->change + 1)
	};
	struct region_report report = { .options = &options };
	struct region *region = regions_add(&report.regions, name);
	struct region *around = regions_add(&report.regions, "around");
	struct zone_text text = { "file", strdup(c->before),
		strlen(c->before) };
	char why[WHY_TEXT], *out;
	struct addr one = ip("5.3.1.1"), two = ip("5.3.2.1");
	struct addr three = ip("5.8.3.1");
	size_t len;
	FILE *to = open_memstream(&out, &len);
	int err;

	strcpy(report.survey.owner, "switch.rp.test");
	ck_assert_int_eq(set_add(&region->listed, &one), 0);
	ck_assert_int_eq(set_add(&region->listed, &two), 0);
	/* A region with the same addresses and one more. */
	ck_assert_int_eq(set_add_all(&around->listed, &region->listed), 0);
	ck_assert_int_eq(set_add(&around->listed, &three), 0);
	region->nets = calloc(1, sizeof(*region->nets));
	ck_assert_int_eq(prefix_parse(region->nets, "5.1.0.0/16"), 0);
	region->n_nets = 1;
	err = zone_change_print(&report, &text, to, why);
	fclose(to);
	if (err < 0) {
		free(out);
		out = strdup(why);
	}
	zone_text_clear(&text);
	region_report_clear(&report);
	return out;
}

START_TEST(files)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *out = run_case(&cases[i]);

		ck_assert_msg(strcmp(out, cases[i].after) == 0,
		    "case %zu (%s %s):\n%s\nwanted:\n%s", i, cases[i].format,
		    cases[i].change, out, cases[i].after);
		free(out);
	}
}
END_TEST

START_TEST(difference)
{
	char *out;
	size_t len;
	FILE *to = open_memstream(&out, &len);

	ck_assert_int_eq(zone_diff_print("f", "a\nb\nc\nd\ne\nf\ng\nh\ni\nk",
	    "a\nc\nd\nX\ne\nf\ng\nh\ni\nK\n", to), 0);
	ck_assert_int_eq(zone_diff_print("f", "a\n", "a\n", to), 0);
	ck_assert_int_eq(zone_diff_print("f", "", "a\n", to), 0);
	fclose(to);
	ck_assert_str_eq(out, "--- f\n+++ f\n@@ -1,10 +1,10 @@\n a\n-b\n c\n d\n"
	    "+X\n e\n f\n g\n h\n i\n-k\n\\ No newline at end of file\n+K\n"
	    "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
	free(out);
}
END_TEST

UNIT_SUITE(zone_change, files, difference)
