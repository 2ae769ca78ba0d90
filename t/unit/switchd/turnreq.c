/*
 * Incoming TURN requests: those that are dropped, those that anybody may send,
 * and the limit on answers to strangers. Time is an argument here, and nothing
 * is sent.
 */
#include "relay/inbox.h"
#include "turnreqhelp.h"

START_TEST(binding)
{
	struct world w;
	struct client c;
	struct addr mapped;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_BINDING);
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), 0);
	ck_assert(addr_equal(&mapped, &c.addr));
	ck_assert(!stun_has(&c.msg, STUN_ATTR_FINGERPRINT));
	/* With FINGERPRINT as asked. */
	begin(&c, STUN_BINDING);
	stunauth_add_fingerprint(&c.b);
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&c.msg), 0);
	/* CHANGE-REQUEST (RFC 5780) is not ours; it may not be ignored. */
	begin(&c, STUN_BINDING);
	stun_add_u32(&c.b, 0x0003, 0);
	ck_assert_int_eq(send_plain(&c), 420);
	ck_assert(stun_has(&c.msg, STUN_ATTR_UNKNOWN_ATTRIBUTES));
	ck_assert_uint_eq(w.counts.ok[TURNREQ_BINDING], 2);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_420], 1);
	raze(&w);
}
END_TEST

START_TEST(drops)
{
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE | STUN_SUCCESS);
	ck_assert_int_eq(send_plain(&c), -1);
	begin(&c, STUN_BINDING | STUN_INDICATION);
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.unexpected, 2);
	begin(&c, STUN_BINDING);
	stun_add_u32(&c.b, STUN_ATTR_FINGERPRINT, 7);
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.fingerprint, 1);
	begin(&c, STUN_BINDING);
	c.out[3] = 4;
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.malformed, 1);
	raze(&w);
}
END_TEST

/* Strangers are rationed, and nobody who is known. */
START_TEST(rations)
{
	struct world w;
	struct client c, d;
	struct addr relayed;
	unsigned i;

	build(&w);
	ck_assert_int_eq(ratelimit_new(&w.strangers, 5), 0);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&d, &w, "198.51.100.2:1000", "c:b", 600);
	for (i = 0; i < 4; i++) {
		begin(&d, STUN_ALLOCATE);
		ck_assert_int_eq(send_plain(&d), 401);
	}
	begin(&d, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&d), -1);
	begin(&d, STUN_BINDING);
	ck_assert_int_eq(send_plain(&d), -1);
	ck_assert_uint_eq(w.counts.rationed, 2);
	for (i = 0; i < 50; i++)
		ck_assert_int_eq(refresh(&c, 600), 0);
	ck_assert_int_eq(allocate(&d, &relayed), 0);	/* has its nonce */
	ratelimit_free(w.strangers);
	raze(&w);
}
END_TEST

/*
 * Nobody makes us try more keys than so many a second. Clients of the network are
 * then not heard, unless they have an allocation, and those of others are.
 */
START_TEST(rations_keys)
{
	char *many[40];
	struct conf_strings secrets = { many, 40 };
	struct turn_service service = {
		.name = "", .realm = REALM, .secrets = &secrets
	};
	struct client c, d, e;
	struct addr relayed;
	struct world w;
	unsigned i;

	build(&w);
	for (i = 0; i < secrets.n; i++)
		many[i] = (char *)(i < 39 ? "south" : SECRET);
	ck_assert_int_eq(turnauth_set_services(w.auth, &service, 1), 0);
	ck_assert_int_eq(ratelimit_new(&w.strangers, 10), 0);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&d, &w, "198.51.100.2:1000", "c:b", 600);
	d.key.bytes[0] ^= 1;
	/* 10 answers, one of them the challenge; and 160 keys. */
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(allocate(&d, &relayed), i < 4 ? 401 : -1);
	ck_assert_uint_eq(w.counts.keys_tried, 40 * 5);
	ck_assert_uint_eq(w.counts.rationed, 16);
	ck_assert_int_eq(refresh(&c, 600), 0);
	arrive(&e, &w, "203.0.113.1:1000", "c:b", 600);
	ck_assert_int_eq(allocate(&e, &relayed), 0);
	/* A second later they have returned. */
	w.now += CLOCK_S;
	d.key.bytes[0] ^= 1;
	ck_assert_int_eq(allocate(&d, &relayed), 0);
	ratelimit_free(w.strangers);
	raze(&w);
}
END_TEST

/*
 * Over a stream only the number of answers counts, not their length. A client
 * with an allocation is not a stranger, whatever it asks.
 */
START_TEST(rations_streams)
{
	struct world w;
	struct client c, d;
	struct addr relayed;
	struct inbox *inbox;
	unsigned i;

	build(&w);
	ck_assert_int_eq(inbox_new(&inbox, 1), 0);
	ck_assert_int_eq(ratelimit_new(&w.strangers, 1000), 0);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	arrive(&d, &w, "198.51.100.2:1000", "c:b", 600);
	c.inbox = d.inbox = inbox;
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	for (i = 0; i < 999; i++) {
		begin(&d, STUN_ALLOCATE);
		ck_assert_int_eq(send_plain(&d), 401);
	}
	begin(&d, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&d), -1);
	ck_assert_uint_eq(w.counts.rationed, 1);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&c), 401);
	begin(&c, STUN_BINDING);
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(refresh(&c, 600), 0);
	w.now += CLOCK_S;
	begin(&d, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&d), 401);
	ratelimit_free(w.strangers);
	inbox_free(inbox);
	raze(&w);
}
END_TEST

UNIT_SUITE(turnreq, binding, drops, rations, rations_keys,
    rations_streams)
