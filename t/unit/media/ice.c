/*
 * Two ICE agents with a queue as their network and a simulated clock. They
 * connect despite losses, colliding roles and candidates that only one side
 * knows. Each notices when the other is gone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "media/path/ice.h"
#include "media/path/icemsg.h"
#include "media/path/sped.h"
#include "unit.h"
#include "wire/stunauth.h"

#define ONE_WAY (20 * CLOCK_MS)
#define PACKETS 256
#define START (1000 * CLOCK_S)

struct end {
	struct net *net;
	struct ice *ice;
	struct addr addr;
	struct addr selected;
	bool has_selected, nominated;
	uint64_t nominated_ns;
	int failed;
	uint64_t failed_ns;
	unsigned sent, dropped;
	unsigned drop;		/* that many of what it sends */
};

struct packet {
	struct end *from, *to;
	uint64_t due_ns;
	size_t len;
	uint8_t data[ICEMSG_MAX];
};

struct net {
	uint64_t now_ns;
	struct end ends[2];
	struct packet packets[PACKETS];
	size_t first, n;
	bool cut;
	bool refuses;		/* the relay has no peers elsewhere */
};

static int
on_send(const struct addr *to, const uint8_t *data, size_t len, void *arg)
{
	struct end *from = arg;
	struct net *net = from->net;
	struct end *other = from == &net->ends[0] ? &net->ends[1] :
	    &net->ends[0];
	struct packet *p;

	from->sent++;
	if (net->refuses && !addr_equal_ip(to, &other->addr))
		return -EACCES;
	if (from->drop > 0) {
		from->drop--;
		return 0;
	}
	if (net->cut || !addr_equal(to, &other->addr))
		return 0;
	ck_assert_uint_lt(net->n, PACKETS);
	p = &net->packets[(net->first + net->n++) % PACKETS];
	p->from = from;
	p->to = other;
	p->due_ns = net->now_ns + ONE_WAY;
	p->len = len;
	memcpy(p->data, data, len);
	return 0;
}

static void
on_selected(const struct addr *to, bool nominated, void *arg)
{
	struct end *end = arg;

	end->selected = *to;
	end->has_selected = true;
	if (nominated && !end->nominated)
		end->nominated_ns = end->net->now_ns;
	end->nominated = nominated;
}

static void
on_failed(int err, void *arg)
{
	struct end *end = arg;

	end->failed = err;
	end->failed_ns = end->net->now_ns;
}

static void
net_open(struct net *net, bool a_controls, bool b_controls)
{
	static const struct ice_handlers handlers = {
		on_send, on_selected, on_failed
	};
	int i;

	memset(net, 0, sizeof(*net));
	net->now_ns = START;
	for (i = 0; i < 2; i++) {
		struct end *end = &net->ends[i];

		end->net = net;
		ck_assert_int_eq(addr_parse(&end->addr, i == 0 ?
		    "192.0.2.1:50000" : "192.0.2.1:50001", 0), 0);
		ck_assert_int_eq(ice_new(&end->ice, i == 0 ? a_controls :
		    b_controls, &handlers, end), 0);
	}
}

static void
net_close(struct net *net)
{
	ice_free(net->ends[0].ice);
	ice_free(net->ends[1].ice);
}

/* What end learns of the other by signalling. */
static void
describe(struct net *net, int i, bool candidate)
{
	const struct end *other = &net->ends[1 - i];
	struct sdp_candidate c;

	ck_assert_int_eq(ice_remote(net->ends[i].ice, ice_ufrag(other->ice),
	    ice_password(other->ice), net->now_ns), 0);
	ice_candidate(&c, &other->addr);
	if (candidate)
		ck_assert_int_eq(ice_remote_candidate(net->ends[i].ice, &c,
		    net->now_ns), 0);
}

static void
start(struct net *net, int i)
{
	ice_start(net->ends[i].ice, &net->ends[i].addr, net->now_ns);
}

static void
begin(struct net *net)
{
	start(net, 0);
	start(net, 1);
	describe(net, 0, true);
	describe(net, 1, true);
}

static uint64_t
next_due(const struct net *net)
{
	uint64_t due_ns = ICE_NEVER;
	int i;

	if (net->n > 0)
		due_ns = net->packets[net->first].due_ns;
	for (i = 0; i < 2; i++)
		if (ice_due_ns(net->ends[i].ice) < due_ns)
			due_ns = ice_due_ns(net->ends[i].ice);
	return due_ns;
}

static void
step(struct net *net)
{
	while (net->n > 0 && net->packets[net->first].due_ns <= net->now_ns) {
		struct packet *p = &net->packets[net->first];

		net->first = (net->first + 1) % PACKETS;
		net->n--;
		ice_receive(p->to->ice, &p->from->addr, p->data, p->len,
		    net->now_ns);
	}
	ice_run(net->ends[0].ice, net->now_ns);
	ice_run(net->ends[1].ice, net->now_ns);
}

static void
run_until(struct net *net, uint64_t end_ns)
{
	uint64_t due_ns;

	while ((due_ns = next_due(net)) <= end_ns) {
		ck_assert_uint_ge(due_ns, 0);
		if (due_ns > net->now_ns)
			net->now_ns = due_ns;
		step(net);
	}
	net->now_ns = end_ns;
}

static void
run_ms(struct net *net, uint64_t ms)
{
	run_until(net, net->now_ns + ms * CLOCK_MS);
}

static void
both_nominated(struct net *net)
{
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert(net->ends[i].nominated);
		ck_assert_int_eq(net->ends[i].failed, 0);
		ck_assert(addr_equal(&net->ends[i].selected,
		    &net->ends[1 - i].addr));
	}
	ck_assert(ice_controlling(net->ends[0].ice) !=
	    ice_controlling(net->ends[1].ice));
}

START_TEST(connects)
{
	static struct net net;

	net_open(&net, true, false);
	begin(&net);
	run_ms(&net, 500);
	both_nominated(&net);
	/* A check and the nomination: two round trips at A, less at B. */
	ck_assert_uint_eq(net.ends[0].nominated_ns, START + 4 * ONE_WAY);
	ck_assert_uint_eq(net.ends[1].nominated_ns, START + 3 * ONE_WAY);
	ck_assert_uint_eq(ice_rtt_ns(net.ends[0].ice), 2 * ONE_WAY);
	net_close(&net);
}
END_TEST

/* The first checks die for want of a permission; each side in turn. */
START_TEST(survives_loss)
{
	static struct net net;
	unsigned a, b;

	for (a = 0; a < 4; a++)
		for (b = 0; b < 4; b++) {
			net_open(&net, true, false);
			net.ends[0].drop = a;
			net.ends[1].drop = b;
			begin(&net);
			run_ms(&net, 3000);
			both_nominated(&net);
			net_close(&net);
		}
}
END_TEST

/* Only B is told of A; A finds B by its check, before B's credentials. */
START_TEST(peer_reflexive)
{
	static struct net net;

	net_open(&net, true, false);
	start(&net, 0);
	start(&net, 1);
	describe(&net, 1, true);
	run_ms(&net, 300);
	ck_assert(ice_knows(net.ends[0].ice, &net.ends[1].addr));
	ck_assert(!net.ends[0].has_selected);
	/* Data may flow from B already: its check was answered. */
	ck_assert(net.ends[1].has_selected && !net.ends[1].nominated);
	describe(&net, 0, false);
	run_ms(&net, 500);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

/* Before a pair is valid, and only at the relay: where the peer is said to be. */
START_TEST(early)
{
	static struct net net;
	struct addr elsewhere;

	net_open(&net, true, false);
	ck_assert_int_eq(addr_parse(&elsewhere, "192.0.2.2", 0), 0);
	start(&net, 0);
	start(&net, 1);
	describe(&net, 0, false);
	ck_assert_ptr_null(ice_early(net.ends[0].ice, &net.ends[0].addr));
	ck_assert_ptr_null(ice_early(net.ends[1].ice, &net.ends[1].addr));
	describe(&net, 1, true);
	ck_assert(addr_equal(ice_early(net.ends[1].ice, &net.ends[1].addr),
	    &net.ends[0].addr));
	ck_assert_ptr_null(ice_early(net.ends[1].ice, &elsewhere));
	/* B's check has come to A, and nothing has come back to either. */
	run_until(&net, START + ONE_WAY);
	ck_assert(addr_equal(ice_early(net.ends[0].ice, &net.ends[0].addr),
	    &net.ends[1].addr));
	ck_assert_ptr_null(ice_early(net.ends[0].ice, &elsewhere));
	ck_assert(!net.ends[0].has_selected && !net.ends[1].has_selected);
	net_close(&net);
}
END_TEST

START_TEST(late_candidate_is_the_same_pair)
{
	static struct net net;
	unsigned sent;

	net_open(&net, true, false);
	start(&net, 0);
	start(&net, 1);
	describe(&net, 1, true);
	describe(&net, 0, false);
	run_ms(&net, 500);
	both_nominated(&net);
	sent = net.ends[0].sent;
	describe(&net, 0, true);
	run_ms(&net, 500);
	ck_assert_uint_eq(net.ends[0].sent, sent);
	net_close(&net);
}
END_TEST

START_TEST(role_conflict)
{
	static struct net net;
	int control, round;

	for (control = 0; control < 2; control++)
		for (round = 0; round < 8; round++) {
			net_open(&net, control, control);
			begin(&net);
			run_ms(&net, 2000);
			both_nominated(&net);
			net_close(&net);
		}
}
END_TEST

START_TEST(wrong_password_fails)
{
	static struct net net;

	net_open(&net, true, false);
	start(&net, 0);
	start(&net, 1);
	describe(&net, 0, true);
	describe(&net, 1, true);
	ice_remote(net.ends[0].ice, ice_ufrag(net.ends[1].ice),
	    "not-the-password-of-the-peer", net.now_ns);
	run_ms(&net, 60000);
	ck_assert(!net.ends[0].has_selected);
	ck_assert_int_eq(net.ends[0].failed, -ETIMEDOUT);
	/* 30 s, and what lies between two retransmissions. */
	ck_assert_uint_le(net.ends[0].failed_ns, START + 32 * CLOCK_S);
	/* Some twenty of its own, and as many answers. */
	ck_assert_uint_lt(net.ends[0].sent, 60);
	net_close(&net);
}
END_TEST

START_TEST(nothing_to_check_is_no_failure)
{
	static struct net net;

	net_open(&net, true, false);
	start(&net, 0);
	describe(&net, 0, false);
	ck_assert_uint_eq(ice_due_ns(net.ends[0].ice), ICE_NEVER);
	run_ms(&net, 60000);
	ck_assert_int_eq(net.ends[0].failed, 0);
	net_close(&net);
}
END_TEST

/* RFC 7675: every 4 to 6 s; none for 30 s, and it is over. */
START_TEST(consent)
{
	static struct net net;
	unsigned sent;
	uint64_t cut_ns;

	net_open(&net, true, false);
	ck_assert_uint_eq(ice_consented_ns(net.ends[0].ice), 0);
	begin(&net);
	run_ms(&net, 1000);
	sent = net.ends[0].sent;
	run_ms(&net, 120000);
	both_nominated(&net);
	ck_assert_uint_gt(ice_consented_ns(net.ends[0].ice), net.now_ns -
	    7 * CLOCK_S);
	/* Its own checks and its answers to the other's: 20 to 30 of each. */
	ck_assert_uint_ge(net.ends[0].sent - sent, 39);
	ck_assert_uint_le(net.ends[0].sent - sent, 61);
	net.cut = true;
	cut_ns = net.now_ns;
	run_ms(&net, 23000);
	ck_assert_uint_le(ice_consented_ns(net.ends[0].ice), cut_ns);
	ck_assert_int_eq(net.ends[0].failed, 0);
	run_ms(&net, 10000);
	ck_assert_int_eq(net.ends[0].failed, -ETIMEDOUT);
	ck_assert_int_eq(net.ends[1].failed, -ETIMEDOUT);
	ck_assert_uint_le(net.ends[0].failed_ns, cut_ns + 30 * CLOCK_S);
	sent = net.ends[0].sent;
	run_ms(&net, 60000);
	ck_assert_uint_eq(net.ends[0].sent, sent);
	net_close(&net);
}
END_TEST

/* A request as the peer would send it, changed by change. */
static int
request(struct net *net, void (*change)(struct icemsg_check *))
{
	static const uint8_t id[STUN_TRANSACTION] = { 1 };
	struct end *a = &net->ends[0], *b = &net->ends[1];
	struct icemsg_check check = {
		.id = id,
		.ufrag = ice_ufrag(b->ice),
		.remote_ufrag = ice_ufrag(a->ice),
		.remote_password = ice_password(a->ice),
		.priority = 1,
	};
	uint8_t data[ICEMSG_MAX];
	ssize_t len;

	change(&check);
	len = icemsg_check(data, &check);
	ck_assert_int_gt(len, 0);
	return ice_receive(a->ice, &b->addr, data, (size_t)len, net->now_ns);
}

static void
no_change(struct icemsg_check *check)
{
	(void)check;
}

static void
other_ufrag(struct icemsg_check *check)
{
	check->remote_ufrag = "someoneelse";
}

static void
other_password(struct icemsg_check *check)
{
	check->remote_password = "a-password-that-is-not-ours";
}

START_TEST(believes_only_what_is_signed)
{
	static struct net net;
	uint8_t data[ICEMSG_MAX];
	struct stun_builder b;
	static const uint8_t id[STUN_TRANSACTION];
	size_t i;

	net_open(&net, true, false);
	ck_assert_int_eq(request(&net, other_ufrag), -ENOENT);
	ck_assert_int_eq(request(&net, other_password), -EACCES);
	ck_assert(!ice_knows(net.ends[0].ice, &net.ends[1].addr));
	/* An answer to nothing, and one without a fingerprint. */
	stun_begin(&b, data, sizeof(data), STUN_SUCCESS | STUN_BINDING, id);
	ck_assert_int_eq(ice_receive(net.ends[0].ice, &net.ends[1].addr, data,
	    (size_t)stun_end(&b), net.now_ns), -EACCES);
	stunauth_add_fingerprint(&b);
	ck_assert_int_eq(ice_receive(net.ends[0].ice, &net.ends[1].addr, data,
	    (size_t)stun_end(&b), net.now_ns), -ENOENT);
	for (i = 0; i < sizeof(data); i++)
		ice_receive(net.ends[0].ice, &net.ends[1].addr, data, i,
		    net.now_ns);
	ck_assert_uint_eq(net.ends[0].sent, 0);
	ck_assert_int_eq(request(&net, no_change), 0);
	ck_assert(ice_knows(net.ends[0].ice, &net.ends[1].addr));
	ck_assert_uint_eq(net.ends[0].sent, 1);
	net_close(&net);
}
END_TEST

static void
other_sender(struct icemsg_check *check)
{
	check->ufrag = "another";
}

/*
 * Checks come before the description. The first peer that is heard is known;
 * another device, which knows the password as well, is answered and no more.
 */
START_TEST(first_heard)
{
	static struct net net;
	struct end *a = &net.ends[0], *b = &net.ends[1];
	struct addr first;

	net_open(&net, true, false);
	first = b->addr;
	start(&net, 0);
	ck_assert_str_eq(ice_heard(a->ice), "");
	ck_assert_int_eq(request(&net, no_change), 0);
	ck_assert_str_eq(ice_heard(a->ice), ice_ufrag(b->ice));
	ck_assert(!ice_is_checked(a->ice));
	ck_assert_uint_eq(a->sent, 1);
	addr_set_port(&b->addr, 2000);
	ck_assert_int_eq(request(&net, other_sender), 0);
	ck_assert_uint_eq(a->sent, 2);
	ck_assert(!ice_knows(a->ice, &b->addr));
	ck_assert_str_eq(ice_heard(a->ice), ice_ufrag(b->ice));
	b->addr = first;
	/* The first one is described, and checked at once. */
	describe(&net, 0, false);
	ck_assert(ice_knows(a->ice, &first));
	ck_assert_uint_eq(a->sent, 3);
	/* And still the other is not the peer. */
	addr_set_port(&b->addr, 2000);
	ck_assert_int_eq(request(&net, other_sender), 0);
	ck_assert(!ice_knows(a->ice, &b->addr));
	net_close(&net);
}
END_TEST

/* Another than the first one is described: what was heard is forgotten. */
/* Only a check of the described peer, and for us, says that it knows us. */
START_TEST(checked)
{
	static struct net net;
	struct ice *a;

	net_open(&net, false, true);
	a = net.ends[0].ice;
	start(&net, 0);
	describe(&net, 0, true);
	ck_assert(!ice_is_checked(a));
	ck_assert_int_eq(request(&net, other_sender), 0);
	ck_assert_int_eq(request(&net, other_ufrag), -ENOENT);
	ck_assert_int_eq(request(&net, other_password), -EACCES);
	ck_assert(!ice_is_checked(a));
	ck_assert_int_eq(request(&net, no_change), 0);
	ck_assert(ice_is_checked(a));
	net_close(&net);
}
END_TEST

START_TEST(first_heard_in_vain)
{
	static struct net net;
	struct end *a = &net.ends[0], *b = &net.ends[1];
	struct addr first;

	net_open(&net, true, false);
	first = b->addr;
	start(&net, 0);
	addr_set_port(&b->addr, 2000);
	ck_assert_int_eq(request(&net, other_sender), 0);
	ck_assert(ice_knows(a->ice, &b->addr));
	describe(&net, 0, false);
	ck_assert(!ice_knows(a->ice, &b->addr));
	b->addr = first;
	start(&net, 1);
	describe(&net, 1, true);
	run_ms(&net, 500);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

/* The peer may not be there yet: 15 ms, and twice that up to 100 ms. */
START_TEST(expected)
{
	static struct net net;
	struct end *a = &net.ends[0], *b = &net.ends[1];
	struct sdp_candidate c;
	struct addr where;

	net_open(&net, true, false);
	where = b->addr;
	addr_set_port(&where, 2000);
	start(&net, 1);
	describe(&net, 1, false);
	ck_assert_int_eq(ice_expect(b->ice, &where, net.now_ns), 0);
	ck_assert_uint_eq(b->sent, 1);
	ck_assert(addr_equal(ice_early(b->ice, &b->addr), &where));
	run_ms(&net, 14);
	ck_assert_uint_eq(b->sent, 1);
	run_ms(&net, 100);
	ck_assert_uint_eq(b->sent, 4);
	/* 3 s long, and then as others. */
	run_ms(&net, 2886);
	ck_assert_uint_eq(b->sent, 32);
	run_ms(&net, 3000);
	ck_assert_uint_le(b->sent, 37);
	/* It is elsewhere, by its own word: that counts more. */
	ice_candidate(&c, &a->addr);
	ck_assert_int_eq(ice_remote_candidate(b->ice, &c, net.now_ns), 0);
	run_ms(&net, 1);
	ck_assert(addr_equal(ice_early(b->ice, &b->addr), &a->addr));
	start(&net, 0);
	describe(&net, 0, true);
	run_ms(&net, 1000);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

/* The peer announces its address number i elsewhere. */
static int
announce(struct net *net, const char *type, int i)
{
	struct sdp_candidate c;
	struct addr addr;
	char text[ADDR_TEXT];

	snprintf(text, sizeof(text), "198.51.%d.%d", 100 + i / 200, i % 200);
	ck_assert_int_eq(addr_parse(&addr, text, 1000), 0);
	ice_candidate(&c, &addr);
	strcpy(c.type, type);
	return ice_remote_candidate(net->ends[0].ice, &c, net->now_ns);
}

START_TEST(bounds_its_pairs)
{
	static struct net net;
	int i, taken = 0;

	net_open(&net, true, false);
	for (i = 0; i < 100; i++)
		taken += announce(&net, "host", i) == 0;
	ck_assert_int_eq(taken, 24);
	/* Known ones take no room again. */
	ck_assert_int_eq(announce(&net, "host", 3), 0);
	ck_assert_int_eq(announce(&net, "host", 30), -ENOSPC);
	/* Paced: 20 ms between the first checks of two pairs. */
	start(&net, 0);
	describe(&net, 0, false);
	run_ms(&net, 90);
	ck_assert_uint_eq(net.ends[0].sent, 5);
	net_close(&net);
}
END_TEST

/*
 * Candidates of no use come first, before or after the checks begin. The one at
 * our relay is taken, and is checked before them.
 */
START_TEST(prefers_our_relay)
{
	static struct net net;
	int late, i;

	for (late = 0; late < 2; late++) {
		net_open(&net, true, false);
		if (late)
			start(&net, 0);
		for (i = 0; i < 50; i++)
			announce(&net, "host", i);
		for (i = 50; i < 80; i++)
			announce(&net, "relay", i);
		begin(&net);
		run_ms(&net, 500);
		both_nominated(&net);
		/* At most one check of another goes before its own. */
		ck_assert_uint_le(net.ends[0].nominated_ns,
		    START + 4 * ONE_WAY + 20 * CLOCK_MS);
		net_close(&net);
	}
}
END_TEST

/* A relayed candidate elsewhere makes room for itself, but not for another. */
START_TEST(prefers_relayed)
{
	static struct net net;
	int i, taken = 0;

	net_open(&net, true, false);
	start(&net, 0);
	for (i = 0; i < 24; i++)
		announce(&net, "host", i);
	for (i = 24; i < 64; i++)
		taken += announce(&net, "relay", i) == 0;
	ck_assert_int_eq(taken, 24);
	ck_assert_int_eq(announce(&net, "srflx", 99), -ENOSPC);
	net_close(&net);
}
END_TEST

/* The peer is found by its check alone, though there is no room. */
START_TEST(prefers_who_is_heard)
{
	static struct net net;
	int i;

	net_open(&net, true, false);
	start(&net, 0);
	start(&net, 1);
	for (i = 0; i < 24; i++)
		announce(&net, "relay", i);
	describe(&net, 0, false);
	describe(&net, 1, true);
	run_ms(&net, 500);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

/* What the relay refuses is not tried again, makes room, and ends nothing. */
START_TEST(forgets_the_refused)
{
	static struct net net;
	unsigned sent;
	int i;

	net_open(&net, true, false);
	net.refuses = true;
	start(&net, 0);
	for (i = 0; i < 24; i++)
		ck_assert_int_eq(announce(&net, "relay", i), 0);
	describe(&net, 0, false);
	run_ms(&net, 600);
	ck_assert_uint_eq(net.ends[0].sent, 24);
	ck_assert_int_eq(announce(&net, "host", 24), 0);
	run_ms(&net, 20000);
	sent = net.ends[0].sent;
	ck_assert_uint_eq(sent, 25);
	ck_assert_int_eq(net.ends[0].failed, 0);
	/* The peer's own comes late. */
	start(&net, 1);
	describe(&net, 1, true);
	describe(&net, 0, true);
	run_ms(&net, 500);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

/* A peer that moves and moves is followed, and what carries data stays. */
START_TEST(follows_a_peer)
{
	static struct net net;
	struct end *b = &net.ends[1];
	struct addr first;
	int i;

	net_open(&net, true, false);
	begin(&net);
	run_ms(&net, 500);
	both_nominated(&net);
	first = b->addr;
	for (i = 0; i < 60; i++) {
		addr_set_port(&b->addr, (uint16_t)(2000 + i));
		net.now_ns += CLOCK_MS;
		ck_assert_int_eq(request(&net, no_change), 0);
		ck_assert(ice_knows(net.ends[0].ice, &b->addr));
		ck_assert(ice_knows(net.ends[0].ice, &first));
	}
	b->addr = first;
	run_ms(&net, 500);
	both_nominated(&net);
	net_close(&net);
}
END_TEST

struct carrier {
	struct sped sped;
	const char *hello;	/* what our first check carries */
	const char *reply;	/* what answers the peer's */
	char heard[16];
	unsigned n;
};

static void
carrier_wanted(void *arg)
{
	struct carrier *carrier = arg;

	if (carrier->hello != NULL)
		sped_sent(&carrier->sped, (const uint8_t *)carrier->hello,
		    strlen(carrier->hello));
	carrier->hello = NULL;
}

static void
carrier_received(const struct addr *from, const uint8_t *data, size_t len,
    void *arg)
{
	struct carrier *carrier = arg;

	(void)from;
	if (!sped_heard(&carrier->sped, data, len))
		return;
	carrier->n++;
	ck_assert_uint_lt(len, sizeof(carrier->heard));
	memcpy(carrier->heard, data, len);
	if (carrier->reply == NULL)
		return;
	sped_flight(&carrier->sped);
	sped_sent(&carrier->sped, (const uint8_t *)carrier->reply,
	    strlen(carrier->reply));
}

static void
carrier_open(struct carrier *carrier, struct ice *ice, bool speaks)
{
	static const struct sped_handlers handlers = {
		carrier_wanted, carrier_received
	};

	memset(carrier, 0, sizeof(*carrier));
	sped_init(&carrier->sped, &handlers, carrier);
	sped_peer(&carrier->sped, speaks);
	ice_sped(ice, &carrier->sped);
}

/* A handshake is over with the first check and its answer. */
START_TEST(carries_a_handshake)
{
	static struct net net;
	struct carrier a, b;

	net_open(&net, true, false);
	carrier_open(&a, net.ends[0].ice, true);
	carrier_open(&b, net.ends[1].ice, true);
	a.hello = "\x16hello";
	b.reply = "\x16reply";
	start(&net, 0);
	describe(&net, 1, false);
	describe(&net, 0, true);
	run_ms(&net, 45);
	/* 20 ms each way: one check, and its answer. */
	ck_assert_str_eq(b.heard, "\x16hello");
	ck_assert_str_eq(a.heard, "\x16reply");
	run_ms(&net, 500);
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(b.n, 1);
	net_close(&net);
}
END_TEST

static void
third_device(struct icemsg_check *check)
{
	static struct carrier carrier;
	static const struct sped_handlers handlers = {
		carrier_wanted, carrier_received
	};

	carrier.hello = "\x16other";
	sped_init(&carrier.sped, &handlers, &carrier);
	sped_peer(&carrier.sped, true);
	check->ufrag = "third";
	check->sped = &carrier.sped;
}

/* What another device's check carries is not the peer's. */
START_TEST(carries_nothing_of_others)
{
	static struct net net;
	struct carrier a;
	struct stun_msg answer;
	const struct packet *p;

	net_open(&net, true, false);
	carrier_open(&a, net.ends[0].ice, true);
	start(&net, 0);
	describe(&net, 0, true);
	ck_assert_int_eq(request(&net, third_device), 0);
	ck_assert_uint_eq(a.n, 0);
	p = &net.packets[(net.first + net.n - 1) % PACKETS];
	ck_assert_int_eq(stun_parse(&answer, p->data, p->len), 0);
	ck_assert_uint_eq(stun_class(answer.type), STUN_SUCCESS);
	ck_assert(!stun_has(&answer, STUN_ATTR_META_DTLS_IN_STUN_ACK));
	net_close(&net);
}
END_TEST

UNIT_SUITE(ice, carries_a_handshake, carries_nothing_of_others, connects,
    survives_loss, peer_reflexive, early,
    late_candidate_is_the_same_pair, role_conflict, wrong_password_fails,
    nothing_to_check_is_no_failure, consent, believes_only_what_is_signed,
    first_heard, checked, first_heard_in_vain, expected,
    bounds_its_pairs, prefers_our_relay, prefers_relayed,
    prefers_who_is_heard, forgets_the_refused, follows_a_peer)
