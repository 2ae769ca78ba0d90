/*
 * Paths joined by a relay that delays, loses and counts flights. A callee that
 * was told the offer and the caller's relayed address by a push begins at once,
 * and the caller goes along before it has the answer. Until the answer names the
 * fingerprint nothing is secure and nothing is played, and neither strangers nor
 * another device of the callee disturb that. A caller who does not say that it
 * keeps devices apart gets no ClientHello before it knows the device.
 */
#include "media/path/path.h"

#include "../pathrelay.h"
#include "media/rtp/badrtp.h"
#include "who/identity.h"

#define PATIENCE (20 * CLOCK_S)

enum { CALLER, CALLEE, OTHER, PARTIES };

struct party {
	struct world *world;
	struct path *path;
	struct identity *identity;
	const char *name;
	size_t client;			/* of the relay's */
	bool talks;			/* as soon as it is secure */
	uint16_t sequence;
	bool allocated, secure;
	unsigned secure_flight;
	unsigned packets;		/* of sound that came in the clear */
	bool heard[PARTIES];
	int failed;
};

struct world {
	struct event_base *loop;
	struct relay relay;
	struct party parties[PARTIES];
	bool plain;			/* checks carry no handshake */
	bool old;			/* the offer does not say a=rp-early */
};

static const char *const names[PARTIES] = { "caller", "callee", "other" };
/* They are costly, and any number of calls may use them. */
static struct identity identities[PARTIES];

static void
load_identities(void)
{
	char path[] = "/tmp/rp-unit-path-XXXXXX", why[WHY_TEXT];
	int i, fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	for (i = 0; i < PARTIES; i++) {
		unlink(path);
		ck_assert_msg(identity_load(&identities[i], path, why) == 0,
		    "%s", why);
	}
	unlink(path);
}

static void
clear_identities(void)
{
	int i;

	for (i = 0; i < PARTIES; i++)
		identity_clear(&identities[i]);
}

static void
say(struct party *p)
{
	struct rtp rtp = {
		.payload_type = 111, .ssrc = (uint32_t)(p - p->world->parties),
		.sequence = p->sequence++
	};
	uint8_t packet[RTP_HEADER + 4] = { 0 };

	rtp_write(packet, &rtp);
	ck_assert_int_eq(path_send(p->path, packet, sizeof(packet)), 0);
}

static void
on_allocated(void *arg)
{
	((struct party *)arg)->allocated = true;
}

static void
on_connected(void *arg)
{
	(void)arg;
}

static void
on_secure(void *arg)
{
	struct party *p = arg;

	ck_assert(!p->secure);
	p->secure = true;
	p->secure_flight = p->world->relay.clients[p->client].flight;
	if (p->talks)
		say(p);
}

static void
on_packet(const uint8_t *data, size_t len, void *arg)
{
	struct party *p = arg;
	struct rtp rtp;

	ck_assert_uint_eq(len, RTP_HEADER + 4);
	ck_assert_int_eq(rtp_parse(&rtp, data, len), 0);
	ck_assert_uint_lt(rtp.ssrc, PARTIES);
	ck_assert(p->secure);
	p->packets++;
	p->heard[rtp.ssrc] = true;
}

static void
on_failed(int err, const char *why, void *arg)
{
	ck_assert_uint_gt(strlen(why), 0);
	((struct party *)arg)->failed = err;
}

static void
open_path(struct world *w, int i)
{
	static const struct path_handlers handlers = {
		on_allocated, on_connected, on_secure, on_packet, on_failed
	};
	struct party *p = &w->parties[i];
	struct path_options options = { i == CALLER, &identities[i] };

	p->world = w;
	p->name = names[i];
	p->identity = &identities[i];
	p->client = (size_t)i;
	p->talks = i != CALLER;
	ck_assert_int_eq(path_new(&p->path, w->loop, &options, &handlers, p),
	    0);
}

static void
open_world(struct world *w)
{
	int i;

	memset(w, 0, sizeof(*w));
	w->loop = loop_new();
	relay_open(&w->relay, w->loop);
	for (i = 0; i < PARTIES; i++)
		open_path(w, i);
}

static void
close_world(struct world *w)
{
	int i;

	for (i = 0; i < PARTIES; i++)
		path_free(w->parties[i].path);
	relay_close(&w->relay);
	loop_free(w->loop);
}

#define UNTIL(w, condition) do {					\
	uint64_t end_ns = clock_ns() + PATIENCE;			\
									\
	while (!(condition) && clock_ns() < end_ns) {			\
		loop_stop_in((w)->loop, 1);				\
		loop_run_idle((w)->loop);				\
	}								\
	ck_assert(condition);						\
} while (0)

/* Let as much time pass as a flight of `n` takes, and some more. */
static void
pass(struct world *w, unsigned n)
{
	loop_stop_in(w->loop, n * RELAY_ONE_WAY / CLOCK_MS + 20);
	loop_run_idle(w->loop);
}

static void
allocate(struct world *w, int i)
{
	struct media_ice_server server;
	const struct allocation_servers servers = { &server, 1, NULL };

	relay_server(&w->relay, names[i], &server);
	ck_assert_int_eq(path_server(w->parties[i].path, &servers), 0);
}

/* Write how a party describes itself. */
static struct sdp
description(const struct party *p, bool answers)
{
	struct sdp sdp = { .has_fingerprint = true };

	strcpy(sdp.ufrag, path_ufrag(p->path));
	strcpy(sdp.password, path_password(p->path));
	memcpy(sdp.fingerprint, p->identity->fingerprint, SDP_FINGERPRINT);
	sdp.setup = answers ? SDP_ACTIVE : SDP_ACTPASS;
	sdp.sped = !p->world->plain;
	sdp.early = !answers && !p->world->old;
	return sdp;
}

/* The address that the relay will give to the client that comes first, ... */
static struct addr
relayed(const struct world *w, int i)
{
	struct addr addr = w->relay.addr;

	addr_set_port(&addr, (uint16_t)(RELAY_PORT + i));
	return addr;
}

/* A push has come: with the offer and the caller's relayed address. */
static void
pushed(struct world *w, int i, const struct addr *where)
{
	struct sdp offer = description(&w->parties[CALLER], false);
	struct path *path = w->parties[i].path;

	ck_assert_int_eq(path_expect(path, where), -ENOENT);
	ck_assert_int_eq(path_remote(path, &offer, true), 0);
	ck_assert_int_eq(path_expect(path, where), 0);
	allocate(w, i);
}

static void
begin(struct world *w)
{
	struct addr caller = relayed(w, CALLER);

	allocate(w, CALLER);
	pushed(w, CALLEE, &caller);
}

static int
answered(struct world *w, int by)
{
	struct sdp answer = description(&w->parties[by], true);

	return path_remote(w->parties[CALLER].path, &answer, false);
}

static void
talks_to(struct world *w, int by)
{
	struct party *caller = &w->parties[CALLER], *p = &w->parties[by];
	uint64_t until_ns = clock_ns() + PATIENCE;

	UNTIL(w, caller->secure && p->secure);
	caller->heard[by] = p->heard[CALLER] = false;
	while ((!caller->heard[by] || !p->heard[CALLER]) &&
	    clock_ns() < until_ns) {
		say(caller);
		say(p);
		pass(w, 4);
	}
	ck_assert(caller->heard[by] && p->heard[CALLER]);
	ck_assert_int_eq(caller->failed, 0);
	ck_assert_int_eq(p->failed, 0);
}

START_TEST(sound_comes_on_the_sixth_flight)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER], *callee = &w.parties[CALLEE];
	struct relay_client *at_caller = &w.relay.clients[CALLER];
	struct relay_client *at_callee = &w.relay.clients[CALLEE];

	open_world(&w);
	begin(&w);
	UNTIL(&w, at_caller->first[RELAY_SOUND] != 0);
	/* All of the first burst passes: a flight to the relay and one on. */
	ck_assert_uint_eq(at_caller->first[RELAY_CHECK], 2);
	ck_assert_uint_eq(at_caller->first[RELAY_CLIENT_HELLO], 2);
	ck_assert_uint_eq(at_callee->first[RELAY_SERVER_HELLO], 4);
	ck_assert_uint_eq(callee->secure_flight, 4);
	ck_assert_uint_eq(at_caller->first[RELAY_SOUND], 6);
	/* The answer comes later than all that, and nothing counts before. */
	pass(&w, 8);
	ck_assert(!caller->secure);
	ck_assert_uint_eq(caller->packets, 0);
	ck_assert_int_eq(path_send(caller->path, (const uint8_t *)"", 0),
	    -ENOTCONN);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	ck_assert(caller->secure);
	ck_assert_uint_eq(caller->packets, 1);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* It comes while the handshake is on its way, wherever that has got to. */
START_TEST(answer_at_any_time)
{
	static struct world w;
	unsigned flight;

	for (flight = 0; flight <= 6; flight++) {
		open_world(&w);
		w.plain = flight % 2 == 0;
		begin(&w);
		UNTIL(&w, w.relay.clients[CALLER].flight >= flight);
		ck_assert_int_eq(answered(&w, CALLEE), 0);
		talks_to(&w, CALLEE);
		close_world(&w);
	}
}
END_TEST

/* No ClientHello arrives but in checks, which is as soon. */
START_TEST(hello_is_in_the_check)
{
	static struct world w;

	open_world(&w);
	w.relay.no_hello = true;
	begin(&w);
	UNTIL(&w, w.relay.clients[CALLER].first[RELAY_SOUND] != 0);
	ck_assert(w.relay.check_carries);
	ck_assert_uint_eq(w.relay.clients[CALLER].first[RELAY_CHECK], 2);
	ck_assert_uint_eq(w.relay.clients[CALLEE].first[RELAY_SERVER_HELLO],
	    4);
	ck_assert_uint_eq(w.relay.clients[CALLER].first[RELAY_SOUND], 6);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* The caller speaks at once, before a check of its own was answered. */
START_TEST(caller_need_not_wait)
{
	static struct world w;

	open_world(&w);
	begin(&w);
	UNTIL(&w, w.relay.clients[CALLER].flight >= 6);
	w.parties[CALLER].talks = true;
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	UNTIL(&w, w.parties[CALLEE].packets == 1);
	ck_assert_uint_eq(w.relay.clients[CALLEE].first[RELAY_SOUND], 8);
	close_world(&w);
}
END_TEST

/* More than is kept came before there were keys: the oldest are not heard. */
START_TEST(sound_waits_bounded)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER];
	int i;

	open_world(&w);
	begin(&w);
	UNTIL(&w, w.parties[CALLEE].secure);
	for (i = 1; i < 40; i++)
		say(&w.parties[CALLEE]);
	UNTIL(&w, path_bad(caller->path)->n[BADRTP_EARLY] == 40 - 4);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	ck_assert_uint_eq(caller->packets, 4);
	close_world(&w);
}
END_TEST

START_TEST(wrong_fingerprint)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER];
	struct sdp answer;
	int done;

	/* Before the certificate has come, and when all is done but for this. */
	for (done = 0; done < 2; done++) {
		open_world(&w);
		begin(&w);
		UNTIL(&w, w.relay.clients[CALLER].flight >= (done ? 6 : 2));
		if (done)
			pass(&w, 4);
		answer = description(&w.parties[CALLEE], true);
		answer.fingerprint[7] ^= 1;
		ck_assert_int_eq(path_remote(caller->path, &answer, false), 0);
		UNTIL(&w, caller->failed == -EACCES);
		pass(&w, 4);
		ck_assert(!caller->secure);
		ck_assert_uint_eq(caller->packets, 0);
		ck_assert_int_eq(path_send(caller->path, (const uint8_t *)"",
		    0), -ENOTCONN);
		close_world(&w);
	}
}
END_TEST

static void
begin_twice(struct world *w)
{
	struct addr caller = relayed(w, CALLER);

	begin(w);
	pushed(w, OTHER, &caller);
	UNTIL(w, w->parties[CALLEE].secure && w->relay.clients[CALLER]
	    .first[RELAY_SOUND] != 0);
	pass(w, 8);
}

/* The first one answers: the other has never been let in. */
START_TEST(another_device)
{
	static struct world w;

	open_world(&w);
	begin_twice(&w);
	ck_assert(!w.parties[OTHER].secure);
	ck_assert_uint_gt(w.relay.clients[OTHER].sent[RELAY_CLIENT_HELLO], 1);
	ck_assert_uint_eq(w.relay.n_greeted, 1);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	ck_assert_uint_eq(w.parties[CALLER].packets, 1);
	talks_to(&w, CALLEE);
	pass(&w, 20);
	ck_assert(!w.parties[OTHER].secure);
	close_world(&w);
}
END_TEST

static void
tell_candidate(struct world *w, int by)
{
	struct sdp_candidate candidate;

	ck_assert(path_candidate(w->parties[by].path, &candidate));
	ck_assert_int_eq(path_remote_candidate(w->parties[CALLER].path,
	    path_ufrag(w->parties[by].path), &candidate), 0);
}

/* The other one is described: all starts over, with what it repeats. */
START_TEST(another_device_answers)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER];

	open_world(&w);
	begin_twice(&w);
	ck_assert_int_eq(answered(&w, OTHER), 0);
	tell_candidate(&w, OTHER);
	talks_to(&w, OTHER);
	ck_assert(!caller->heard[CALLEE]);
	/* It answers after all, and its handshake was done long ago. */
	ck_assert_int_eq(path_again(caller->path), 0);
	caller->secure = false;
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	tell_candidate(&w, CALLEE);
	ck_assert(caller->secure);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

static unsigned
hellos(const struct world *w, int by)
{
	return w->relay.clients[by].sent[RELAY_CLIENT_HELLO];
}

/*
 * The caller has one handshake for all devices, as that of 0.1.0: a device begins
 * when the caller knows it, and no other one does.
 */
START_TEST(waits_to_be_known)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER];
	struct addr where;
	int plain;

	for (plain = 0; plain < 2; plain++) {
		open_world(&w);
		w.old = true;
		w.plain = plain != 0;
		where = relayed(&w, CALLER);
		begin(&w);
		pushed(&w, OTHER, &where);
		UNTIL(&w, w.parties[CALLEE].allocated &&
		    w.parties[OTHER].allocated);
		pass(&w, 20);
		ck_assert_uint_gt(w.relay.clients[OTHER].sent[RELAY_CHECK], 0);
		ck_assert_uint_eq(hellos(&w, CALLEE) + hellos(&w, OTHER), 0);
		ck_assert(!w.relay.check_carries);
		ck_assert_int_eq(answered(&w, OTHER), 0);
		tell_candidate(&w, OTHER);
		talks_to(&w, OTHER);
		ck_assert_uint_gt(hellos(&w, OTHER), 0);
		ck_assert_uint_eq(hellos(&w, CALLEE), 0);
		/* The first one answers, a long time after it was pushed. */
		ck_assert_int_eq(path_again(caller->path), 0);
		caller->secure = false;
		ck_assert_int_eq(answered(&w, CALLEE), 0);
		tell_candidate(&w, CALLEE);
		talks_to(&w, CALLEE);
		close_world(&w);
	}
}
END_TEST

/* The answer to the check that was awaited has the ClientHello. */
START_TEST(hello_is_in_the_answer)
{
	static struct world w;
	struct relay_client *callee = &w.relay.clients[CALLEE];

	open_world(&w);
	w.old = true;
	w.relay.no_hello = true;
	begin(&w);
	UNTIL(&w, w.parties[CALLEE].allocated);
	pass(&w, 20);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	tell_candidate(&w, CALLEE);
	talks_to(&w, CALLEE);
	/* There and back. */
	ck_assert_uint_eq(callee->first[RELAY_SERVER_HELLO],
	    callee->first[RELAY_CHECK] + 4);
	close_world(&w);
}
END_TEST

/* Nor does that of another peer, after one whose handshake is done. */
START_TEST(hello_is_in_the_next_check)
{
	static struct world w;
	struct party *caller = &w.parties[CALLER], *other = &w.parties[OTHER];
	struct addr where;

	open_world(&w);
	begin(&w);
	UNTIL(&w, w.parties[CALLEE].secure);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	talks_to(&w, CALLEE);
	w.relay.no_hello = true;
	where = relayed(&w, CALLER);
	pushed(&w, OTHER, &where);
	UNTIL(&w, other->allocated);
	ck_assert_int_eq(path_again(caller->path), 0);
	caller->secure = false;
	ck_assert_int_eq(answered(&w, OTHER), 0);
	tell_candidate(&w, OTHER);
	talks_to(&w, OTHER);
	close_world(&w);
}
END_TEST

/* A check as somebody would send it. */
static size_t
check_by(uint8_t out[static RELAY_DATAGRAM], const struct path *to,
    const char *ufrag, const char *password)
{
	static const uint8_t id[STUN_TRANSACTION] = { 1 };
	char username[64];
	struct stun_builder b;

	snprintf(username, sizeof(username), "%s:%s", path_ufrag(to), ufrag);
	stun_begin(&b, out, RELAY_DATAGRAM, STUN_REQUEST | STUN_BINDING, id);
	stun_add(&b, STUN_ATTR_USERNAME, username, strlen(username));
	stun_add_u32(&b, STUN_ATTR_PRIORITY, 1);
	stun_add_u64(&b, STUN_ATTR_ICE_CONTROLLED, 1);
	stunauth_add(&b, password, strlen(password));
	stunauth_add_fingerprint(&b);
	ck_assert_int_gt(stun_end(&b), 0);
	return (size_t)stun_end(&b);
}

/* Have a ClientHello that somebody could send: that of a callee. */
static void
get_hello(struct world *w)
{
	struct addr nowhere = relayed(w, 9);

	allocate(w, CALLER);
	UNTIL(w, w->parties[CALLER].allocated);
	pushed(w, OTHER, &nowhere);
	UNTIL(w, w->relay.hello_len > 0);
}

/* Checks with a wrong password open nothing for what comes behind them. */
START_TEST(strangers)
{
	static struct world w;
	struct path *path;
	uint8_t data[RELAY_DATAGRAM];
	struct addr from, caller;
	size_t len, i;

	open_world(&w);
	get_hello(&w);
	path = w.parties[CALLER].path;
	from = relayed(&w, 20);
	for (i = 0; i < 100; i++) {
		addr_set_port(&from, (uint16_t)(RELAY_PORT + 20 + i));
		len = check_by(data, path, "anybody", "not-the-password");
		relay_deliver(&w.relay, CALLER, &from, 0, data, len);
		relay_deliver(&w.relay, CALLER, &from, 0, w.relay.hello,
		    w.relay.hello_len);
		len = 1 + i % 60;
		ck_assert_int_eq(crypto_random(data, len), 0);
		relay_deliver(&w.relay, CALLER, &from, 0, data, len);
	}
	pass(&w, 4);
	ck_assert_uint_eq(w.relay.clients[CALLER].sent[RELAY_SERVER_HELLO], 0);
	ck_assert_int_eq(w.parties[CALLER].failed, 0);
	/* The callee is none the worse for it. */
	caller = relayed(&w, CALLER);
	w.parties[CALLEE].client = 2;
	pushed(&w, CALLEE, &caller);
	UNTIL(&w, w.parties[CALLEE].secure);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* Hundreds of sources with the password: one of them gets a handshake. */
START_TEST(flood)
{
	static struct world w;
	struct path *path;
	uint8_t data[RELAY_DATAGRAM];
	char ufrag[16];
	struct addr from, caller;
	size_t len, i;

	open_world(&w);
	get_hello(&w);
	path = w.parties[CALLER].path;
	from = relayed(&w, 20);
	for (i = 0; i < 500; i++) {
		addr_set_port(&from, (uint16_t)(RELAY_PORT + 20 + i));
		snprintf(ufrag, sizeof(ufrag), "peer%zu", i / 100);
		len = check_by(data, path, ufrag, path_password(path));
		relay_deliver(&w.relay, CALLER, &from, 0, data, len);
		relay_deliver(&w.relay, CALLER, &from, 0, w.relay.hello,
		    w.relay.hello_len);
		if (i % 20 == 0)
			pass(&w, 2);
	}
	pass(&w, 4);
	ck_assert_uint_eq(w.relay.n_greeted, 1);
	caller = relayed(&w, CALLER);
	w.parties[CALLEE].client = 2;
	pushed(&w, CALLEE, &caller);
	UNTIL(&w, w.parties[CALLEE].allocated);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	tell_candidate(&w, CALLEE);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/*
 * A peer whose handshakes fail begins a few times, and is let alone then. The
 * call goes on.
 */
START_TEST(failing_peer)
{
	static struct world w;
	struct path *path;
	uint8_t data[RELAY_DATAGRAM];
	struct addr from, caller;
	size_t len;
	int i;

	open_world(&w);
	get_hello(&w);
	path = w.parties[CALLER].path;
	from = relayed(&w, 20);
	len = check_by(data, path, "anybody", path_password(path));
	relay_deliver(&w.relay, CALLER, &from, 0, data, len);
	pass(&w, 2);
	w.relay.hello[26] = 0xff;	/* DTLS 1.0, which we do not speak */
	for (i = 0; i < 20; i++)
		relay_deliver(&w.relay, CALLER, &from, 0, w.relay.hello,
		    w.relay.hello_len);
	pass(&w, 4);
	ck_assert_uint_eq(w.relay.clients[CALLER].sent[RELAY_SERVER_HELLO], 0);
	ck_assert_uint_le(w.relay.clients[CALLER].sent[RELAY_OTHER_DTLS], 4);
	ck_assert_int_eq(w.parties[CALLER].failed, 0);
	caller = relayed(&w, CALLER);
	w.parties[CALLEE].client = 2;
	pushed(&w, CALLEE, &caller);
	UNTIL(&w, w.parties[CALLEE].allocated);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	tell_candidate(&w, CALLEE);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* Nobody is where the push said: the call goes on as one without it. */
START_TEST(expected_in_vain)
{
	static struct world w;
	struct addr nowhere;
	struct sdp_candidate candidate;

	open_world(&w);
	nowhere = relayed(&w, 9);
	allocate(&w, CALLER);
	pushed(&w, CALLEE, &nowhere);
	UNTIL(&w, w.parties[CALLER].allocated && w.parties[CALLEE].allocated);
	ck_assert(path_candidate(w.parties[CALLER].path, &candidate));
	ck_assert_int_eq(path_remote_candidate(w.parties[CALLEE].path, "",
	    &candidate), 0);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	tell_candidate(&w, CALLEE);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* The caller allocates after the burst: the burst is repeated. */
START_TEST(callee_is_first)
{
	static struct world w;
	struct addr caller;

	open_world(&w);
	w.parties[CALLER].client = 1;
	w.parties[CALLEE].client = 0;
	caller = relayed(&w, 1);
	pushed(&w, CALLEE, &caller);
	UNTIL(&w, w.relay.clients[0].allocated);
	pass(&w, 2);
	ck_assert_uint_ge(w.relay.clients[0].sent[RELAY_CLIENT_HELLO], 1);
	allocate(&w, CALLER);
	UNTIL(&w, w.parties[CALLEE].secure);
	ck_assert_int_eq(answered(&w, CALLEE), 0);
	talks_to(&w, CALLEE);
	close_world(&w);
}
END_TEST

/* Each of the first datagrams is lost, alone. */
START_TEST(one_is_lost)
{
	static struct world w;
	unsigned i;

	for (i = 0; i < 36; i++) {
		open_world(&w);
		w.relay.drop_mask = (uint64_t)1 << i;
		begin(&w);
		UNTIL(&w, w.parties[CALLEE].secure);
		ck_assert_int_eq(answered(&w, CALLEE), 0);
		talks_to(&w, CALLEE);
		close_world(&w);
	}
}
END_TEST

static int
by_time(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/*
 * Of each flight 5% are lost on each of its two ways. All calls come about.
 * RP_UNIT_CALLS makes more of them and shows how long they take.
 */
START_TEST(many_are_lost)
{
	static struct world w;
	static uint64_t took_ns[1000];
	const char *more = getenv("RP_UNIT_CALLS");
	unsigned i, n = more == NULL ? 12 : (unsigned)atoi(more);

	ck_assert_uint_le(n, 1000);
	for (i = 0; i < n; i++) {
		uint64_t start_ns;

		open_world(&w);
		w.relay.random = i;
		w.relay.lose_percent = 5;
		start_ns = clock_ns();
		begin(&w);
		UNTIL(&w, w.relay.clients[CALLER].flight >= 4);
		ck_assert_int_eq(answered(&w, CALLEE), 0);
		UNTIL(&w, w.parties[CALLER].secure);
		took_ns[i] = clock_ns() - start_ns;
		UNTIL(&w, w.parties[CALLEE].secure);
		close_world(&w);
	}
	qsort(took_ns, n, sizeof(took_ns[0]), by_time);
	if (more != NULL)
		printf("# secure after %.1f ms, p90 %.1f, p99 %.1f\n",
		    (double)took_ns[n / 2] / CLOCK_MS,
		    (double)took_ns[n * 9 / 10] / CLOCK_MS,
		    (double)took_ns[n * 99 / 100] / CLOCK_MS);
}
END_TEST

UNIT_SUITE_WITH(path, load_identities, clear_identities,
    sound_comes_on_the_sixth_flight, answer_at_any_time,
    hello_is_in_the_check, hello_is_in_the_next_check, caller_need_not_wait,
    sound_waits_bounded, wrong_fingerprint,
    another_device, another_device_answers, waits_to_be_known,
    hello_is_in_the_answer, strangers, flood, failing_peer,
    expected_in_vain, callee_is_first, one_is_lost, many_are_lost)
