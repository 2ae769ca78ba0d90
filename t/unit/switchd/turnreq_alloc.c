/* Allocate and Refresh, with each error of RFC 8656. */
#include "turnreqhelp.h"

START_TEST(allocates)
{
	struct world w;
	struct client c;
	struct addr relayed, again, mapped;
	uint32_t lifetime_s;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert(addr_equal_ip(&relayed, &c.local));
	ck_assert(!addr_equal(&relayed, &c.local));
	ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME,
	    &lifetime_s), 0);
	ck_assert_uint_eq(lifetime_s, 600);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), 0);
	ck_assert(addr_equal(&mapped, &c.addr));
	/* Sent again, as when the answer was lost: the same answer. */
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &again), 0);
	ck_assert(addr_equal(&relayed, &again));
	/* Another request: there is one already. */
	ck_assert_int_eq(allocate(&c, &again), 437);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	raze(&w);
}
END_TEST

/* Between two clients of ours there is nothing that could fragment. */
START_TEST(dont_fragment)
{
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_DONT_FRAGMENT, NULL, 0);
	ck_assert_int_eq(send_signed(&c), 0);
	raze(&w);
}
END_TEST

START_TEST(lifetimes)
{
	static const struct {
		uint32_t asked, got;
	} cases[] = {
		{ 1, 600 }, { 600, 600 }, { 777, 777 }, { 3600, 3600 },
		{ 3601, 3600 }, { UINT32_MAX, 3600 }
	};
	struct world w;
	struct client c;
	struct addr relayed;
	uint32_t got;
	size_t i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(refresh(&c, cases[i].asked), 0);
		ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME,
		    &got), 0);
		ck_assert_uint_eq(got, cases[i].got);
	}
	/* Without LIFETIME the default; with a bad one an error. */
	begin(&c, STUN_REFRESH);
	ck_assert_int_eq(send_signed(&c), 0);
	begin(&c, STUN_REFRESH);
	stun_add(&c.b, STUN_ATTR_LIFETIME, "12", 2);
	ck_assert_int_eq(send_signed(&c), 400);
	/* To the second. */
	w.now += 600 * S - 1;
	ck_assert_int_eq(refresh(&c, 600), 0);
	w.now += 600 * S;
	ck_assert_int_eq(refresh(&c, 600), 437);
	raze(&w);
}
END_TEST

START_TEST(refreshes_away)
{
	struct world w;
	struct client c;
	struct addr relayed;
	uint32_t got;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(refresh(&c, 0), 0);
	ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME, &got), 0);
	ck_assert_uint_eq(got, 0);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	ck_assert_int_eq(refresh(&c, 0), 0);	/* sent again */
	ck_assert_int_eq(refresh(&c, 600), 437);
	ck_assert_int_eq(permit(&c, &relayed), 437);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed), 437);
	raze(&w);
}
END_TEST

START_TEST(bad_allocates)
{
	struct world w;
	struct client c;
	struct stun_attr attr;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_signed(&c), 400);		/* no transport */
	begin(&c, STUN_ALLOCATE);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_TRANSPORT, 6);
	ck_assert_int_eq(send_signed(&c), 442);
	begin_allocate(&c);
	stun_add(&c.b, 0x7ffe, "abc", 3);
	stun_add(&c.b, 0x7ffd, NULL, 0);
	stun_add(&c.b, 0x7ffe, NULL, 0);
	stun_add(&c.b, 0xfffe, NULL, 0);	/* may be ignored */
	ck_assert_int_eq(send_signed(&c), 420);
	ck_assert_int_eq(stun_find(&c.msg, STUN_ATTR_UNKNOWN_ATTRIBUTES,
	    &attr), 0);
	ck_assert_uint_eq(attr.len, 4);
	ck_assert_mem_eq(attr.value, "\x7f\xfe\x7f\xfd", 4);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, 3);
	ck_assert_int_eq(send_signed(&c), 440);
	begin_allocate(&c);
	stun_add_u8(&c.b, STUN_ATTR_EVEN_PORT, 0);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_eq(send_signed(&c), 508);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV4);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_ne(send_signed(&c), 0);
	/* No method of ours: RFC 6062's Connect, ConnectionBind; so no 446. */
	begin(&c, 0x00a);
	ck_assert_int_eq(send_plain(&c), 400);
	begin(&c, 0x00b);
	ck_assert_int_eq(send_plain(&c), 400);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

/* An attribute of another length than its RFC's is refused. */
START_TEST(lengths)
{
	static const struct {
		uint16_t type;
		uint8_t value[4], len;
		int code;
	} cases[] = {
		{ STUN_ATTR_REQUESTED_ADDRESS_FAMILY, { 1 }, 1, 400 },
		{ STUN_ATTR_REQUESTED_ADDRESS_FAMILY, { 1 }, 4, 0 },
		{ STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, { 2 }, 1, 400 },
		{ STUN_ATTR_EVEN_PORT, { 0 }, 1, 0 },
		{ STUN_ATTR_EVEN_PORT, { 0 }, 4, 0 },
		{ STUN_ATTR_EVEN_PORT, { 0 }, 2, 400 },
	};
	struct world w;
	struct client c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		build(&w);
		arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
		begin_allocate(&c);
		stun_add(&c.b, cases[i].type, cases[i].value, cases[i].len);
		ck_assert_msg(send_signed(&c) == cases[i].code, "case %zu", i);
		raze(&w);
	}
	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	stun_add(&c.b, STUN_ATTR_REQUESTED_TRANSPORT, "\x11", 1);
	ck_assert_int_eq(send_signed(&c), 400);
	raze(&w);
}
END_TEST

/* The relay is full: 508, where a party that has enough gets 486. */
START_TEST(full)
{
	static const struct alloc_limits limits = { .per_call = 2, .total = 3 };
	struct world w;
	struct client c;
	struct addr relayed;

	build(&w);
	alloc_table_free(w.table);
	ck_assert_int_eq(alloc_table_new(&w.table, &limits), 0);
	w.server.table = w.table;
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&c, &w, "198.51.100.1:1001", "c:b", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&c, &w, "198.51.100.1:1002", "c:c", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 486);
	arrive(&c, &w, "198.51.100.1:1003", "d:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&c, &w, "198.51.100.1:1004", "e:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 508);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_486], 1);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_508], 1);
	ck_assert_uint_eq(alloc_count(w.table), 3);
	raze(&w);
}
END_TEST

START_TEST(quota_and_ended)
{
	struct world w;
	struct client c[4];
	struct addr relayed;

	build(&w);
	arrive(&c[0], &w, "198.51.100.1:1000", "c:a", 600);
	arrive(&c[1], &w, "198.51.100.1:1001", "c:a", 600);
	arrive(&c[2], &w, "198.51.100.1:1002", "c:a", 600);
	arrive(&c[3], &w, "198.51.100.1:1003", "c:b", 600);
	ck_assert_int_eq(allocate(&c[0], &relayed), 0);
	ck_assert_int_eq(allocate(&c[1], &relayed), 0);
	ck_assert_int_eq(allocate(&c[2], &relayed), 486);
	ck_assert_int_eq(allocate(&c[3], &relayed), 0);
	ck_assert_int_eq(refresh(&c[0], 0), 0);
	ck_assert_int_eq(allocate(&c[2], &relayed), 0);
	alloc_end_call(w.table, "c");
	ck_assert_int_eq(refresh(&c[1], 600), 437);
	ck_assert_int_eq(allocate(&c[1], &relayed), 403);
	raze(&w);
}
END_TEST

static int
allocate_with(struct client *c, int even, uint64_t token)
{
	begin_allocate(c);
	if (even >= 0)
		stun_add_u8(&c->b, STUN_ATTR_EVEN_PORT, (uint8_t)even);
	if (token != 0)
		stun_add_u64(&c->b, STUN_ATTR_RESERVATION_TOKEN, token);
	return send_signed(c);
}

static uint16_t
relayed_port(const struct client *c)
{
	struct addr relayed;

	ck_assert_int_eq(stun_get_xor_addr(&c->msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), 0);
	return addr_port(&relayed);
}

/* An even port for RTP, and the next for RTCP by whoever has the token. */
START_TEST(even_ports)
{
	struct world w;
	struct client rtp, rtcp, other;
	uint64_t token, again;
	uint16_t port;

	build(&w);
	arrive(&rtp, &w, "198.51.100.1:1000", "c:a", 600);
	arrive(&rtcp, &w, "198.51.100.1:1001", "c:b", 600);
	arrive(&other, &w, "198.51.100.1:1002", "d:b", 600);
	ck_assert_int_eq(allocate_with(&rtp, 0, 0), 0);
	ck_assert_uint_eq(relayed_port(&rtp) % 2, 0);
	ck_assert(!stun_has(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN));
	ck_assert_int_eq(refresh(&rtp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtp, 0x80, 0), 0);
	port = relayed_port(&rtp);
	ck_assert_uint_eq(port % 2, 0);
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &token), 0);
	ck_assert_int_eq(send_plain(&rtp), 0);	/* sent again: the same */
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &again), 0);
	ck_assert(token == again);
	ck_assert_int_eq(allocate_with(&other, -1, token), 508);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token + 1), 508);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 0);
	ck_assert_uint_eq(relayed_port(&rtcp), port + 1);
	ck_assert_int_eq(refresh(&rtcp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 508);	/* used */
	/* Kept for thirty seconds. */
	ck_assert_int_eq(refresh(&rtp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtcp, -1, 0), 0);
	ck_assert_int_eq(allocate_with(&rtp, 0x80, 0), 0);
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &token), 0);
	ck_assert_int_eq(refresh(&rtcp, 0), 0);
	w.now += 30 * S;
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 508);
	raze(&w);
}
END_TEST

START_TEST(families)
{
	struct world w;
	struct client four, six;
	struct addr relayed, peer;

	build(&w);
	arrive(&six, &w, "[2001:db8::9]:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&six, &relayed), 0);
	ck_assert(addr_is_v4(&relayed));	/* unless asked otherwise */
	peer = at("[2001:db8::1]:50000");
	ck_assert_int_eq(permit(&six, &peer), 443);
	ck_assert_int_eq(bind_channel(&six, 0x4000, &peer), 443);
	peer = at("192.0.2.1:50000");
	ck_assert_int_eq(permit(&six, &peer), 0);
	begin(&six, STUN_REFRESH);
	stun_add_first(&six.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(send_signed(&six), 443);
	begin(&six, STUN_REFRESH);
	stun_add_first(&six.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV4);
	ck_assert_int_eq(send_signed(&six), 0);

	arrive(&four, &w, "198.51.100.1:1000", "c:b", 600);
	begin_allocate(&four);
	stun_add_first(&four.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    STUN_IPV6);
	ck_assert_int_eq(send_signed(&four), 0);
	ck_assert_int_eq(stun_get_xor_addr(&four.msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), 0);
	peer = at("[2001:db8::1]:1");
	ck_assert(addr_equal_ip(&relayed, &peer));
	begin(&four, STUN_REFRESH);
	stun_add_first(&four.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    STUN_IPV6);
	ck_assert_int_eq(send_signed(&four), 0);
	raze(&w);
}
END_TEST

static void
begin_both(struct client *c)
{
	begin_allocate(c);
	stun_add_first(&c->b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
}

static int
refresh_family(struct client *c, uint8_t family, uint32_t lifetime_s)
{
	begin(c, STUN_REFRESH);
	stun_add_u32(&c->b, STUN_ATTR_LIFETIME, lifetime_s);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, family);
	return send_signed(c);
}

/* The relayed addresses in an answer, by the order in which they stand. */
static size_t
relayed_addrs(const struct client *c, struct addr out[static 2])
{
	struct stun_attr attr = { 0 };
	size_t n = 0;

	while (stun_next(&c->msg, &attr))
		if (attr.type == STUN_ATTR_XOR_RELAYED_ADDRESS && n < 2)
			ck_assert_int_eq(stun_attr_xor_addr(&c->msg, &attr,
			    &out[n++]), 0);
	return n;
}

START_TEST(both_families)
{
	struct world w;
	struct client c;
	struct addr relayed[2], again[2];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_both(&c);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_uint_eq(relayed_addrs(&c, relayed), 2);
	ck_assert(addr_is_v4(&relayed[0]) && addr_is_v6(&relayed[1]));
	ck_assert(!stun_has(&c.msg, STUN_ATTR_ADDRESS_ERROR_CODE));
	ck_assert_uint_ge(addr_port(&relayed[0]), 49152);
	ck_assert_uint_ge(addr_port(&relayed[1]), 49152);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	ck_assert_int_eq(send_plain(&c), 0);	/* sent again: the same */
	ck_assert_uint_eq(relayed_addrs(&c, again), 2);
	ck_assert(addr_equal(&relayed[0], &again[0]));
	ck_assert(addr_equal(&relayed[1], &again[1]));
	ck_assert_int_eq(permit(&c, &relayed[0]), 0);
	ck_assert_int_eq(permit(&c, &relayed[1]), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed[0]), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4001, &relayed[1]), 0);
	/* For an IPv6 client as well, and again they are the two. */
	arrive(&c, &w, "[2001:db8::9]:1000", "c:b", 600);
	begin_both(&c);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_uint_eq(relayed_addrs(&c, again), 2);
	ck_assert(addr_equal_ip(&relayed[0], &again[0]));
	ck_assert(addr_equal_ip(&relayed[1], &again[1]));
	raze(&w);
}
END_TEST

/* Each of two families lives and ends by itself. */
START_TEST(one_of_both)
{
	struct world w;
	struct client c;
	struct addr four = at("192.0.2.1:1"), six = at("[2001:db8::1]:1");
	struct addr relayed[2];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_both(&c);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_int_eq(refresh_family(&c, STUN_IPV6, 700), 0);
	w.now += 600 * S - 1;
	ck_assert_int_eq(permit(&c, &four), 0);
	w.now++;
	ck_assert_int_eq(permit(&c, &four), 443);
	ck_assert_int_eq(refresh_family(&c, STUN_IPV4, 600), 437);
	ck_assert_int_eq(permit(&c, &six), 0);
	/* What is over stays so, whoever else is refreshed. */
	ck_assert_int_eq(refresh(&c, 600), 0);
	ck_assert_int_eq(permit(&c, &four), 443);
	ck_assert_int_eq(permit(&c, &six), 0);
	w.now += 600 * S;
	ck_assert_int_eq(permit(&c, &six), 437);

	begin_both(&c);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_uint_eq(relayed_addrs(&c, relayed), 2);
	ck_assert_int_eq(refresh_family(&c, STUN_IPV4, 0), 0);
	ck_assert_int_eq(refresh_family(&c, STUN_IPV4, 0), 0);	/* again */
	ck_assert_int_eq(bind_channel(&c, 0x4000, &four), 443);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &six), 0);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	ck_assert_int_eq(refresh_family(&c, STUN_IPV6, 0), 0);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	ck_assert_int_eq(refresh(&c, 600), 437);
	raze(&w);
}
END_TEST

/* Of two families that are asked for one may be had, and why not the other. */
START_TEST(one_for_both)
{
	struct addr listen = at("192.0.2.1:3478");
	struct world w;
	struct client c;
	struct addr relayed[2];
	unsigned code;
	uint8_t family;

	build(&w);
	ck_assert_int_eq(local_addrs_init(&w.local_addrs, &listen, 1, NULL), 0);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_both(&c);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_uint_eq(relayed_addrs(&c, relayed), 1);
	ck_assert(addr_is_v4(&relayed[0]));
	ck_assert_int_eq(stun_get_address_error(&c.msg, &family, &code), 0);
	ck_assert_uint_eq(family, STUN_IPV6);
	ck_assert_uint_eq(code, 440);
	/* One that asks for no other is refused. */
	c.addr = at("198.51.100.1:1001");
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	c.nonce[0] = '\0';
	ck_assert_int_eq(send_signed(&c), 440);
	raze(&w);
}
END_TEST

START_TEST(bad_additional_families)
{
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV4);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, "\2\0", 2);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_both(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_both(&c);
	stun_add_u8(&c.b, STUN_ATTR_EVEN_PORT, 0x80);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_both(&c);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_eq(send_signed(&c), 400);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

UNIT_SUITE(turnreq_alloc, allocates, dont_fragment, lifetimes,
    refreshes_away, bad_allocates, lengths, full, quota_and_ended, even_ports,
    families, both_families, one_of_both, one_for_both,
    bad_additional_families)
