/* Credentials and nonces, with each error of RFC 8489. */
#include <unistd.h>

#include "turnreqhelp.h"
#include "wire/base64.h"

START_TEST(credentials)
{
	struct world w;
	struct client c;
	struct addr relayed;
	char username[TURNCRED_ANY];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", -1);
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* expired */
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(username, sizeof(username), "%s", c.username);
	credential(&c, username, "east");
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* forged */
	credential(&c, "nobody", SECRET);
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* no form */
	memset(username, '1', sizeof(username) - 1);
	username[sizeof(username) - 1] = '\0';
	credential(&c, username, SECRET);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_USERNAME, username, sizeof(username) - 1);
	ck_assert_int_eq(send_signed(&c), 401);			/* too long */
	/* An older secret verifies as well as the newest. */
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(username, sizeof(username), "%s", c.username);
	credential(&c, username, "south");
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	raze(&w);
}
END_TEST

/* Whose credentials they are: those that made the allocation, or none. */
START_TEST(another_calls_credentials)
{
	struct world w;
	struct client c;
	struct addr relayed;
	char mine[TURNCRED_ANY], other[TURNCRED_ANY];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "d:a", 600);
	snprintf(other, sizeof(other), "%s", c.username);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(mine, sizeof(mine), "%s", c.username);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	credential(&c, other, SECRET);
	ck_assert_int_eq(refresh(&c, 600), 441);
	ck_assert_int_eq(permit(&c, &relayed), 441);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed), 441);
	ck_assert_int_eq(refresh(&c, 0), 441);
	ck_assert_int_eq(allocate(&c, &relayed), 437);
	/* The right name and a wrong key. */
	credential(&c, mine, "east");
	ck_assert_int_eq(refresh(&c, 0), 401);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_441], 4);
	raze(&w);
}
END_TEST

/* A Refresh in good standing never fails: not after the credential's end. */
START_TEST(outlives_its_credential)
{
	struct world w;
	struct client c;
	struct addr relayed;
	int64_t end_s = clock_wall_s() + 2;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 2);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	/* That credential's clock is the world's. */
	while (clock_wall_s() <= end_s)
		usleep(10000);
	ck_assert_int_eq(refresh(&c, 600), 0);
	ck_assert_int_eq(permit(&c, &relayed), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed), 0);
	w.now += TURNAUTH_NONCE_S / 10 * S;
	ck_assert_int_eq(refresh(&c, 3600), 0);
	/* But nothing new is had for it. */
	c.addr = at("198.51.100.1:2000");
	c.nonce[0] = '\0';
	ck_assert_int_eq(allocate(&c, &relayed), 401);
	raze(&w);
}
END_TEST

START_TEST(nonces)
{
	struct world w;
	struct client c, d;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	/* Another 5-tuple's is not good here: a replay gets nothing. */
	arrive(&d, &w, "198.51.100.1:1001", "c:b", 600);
	memcpy(d.nonce, c.nonce, sizeof(d.nonce));
	ck_assert_int_eq(allocate(&d, &relayed), 438);
	ck_assert_str_ne(d.nonce, c.nonce);
	ck_assert_int_eq(allocate(&d, &relayed), 0);	/* with the new one */
	/* Nor an old one. */
	ck_assert_int_eq(refresh(&c, 3600), 0);
	w.now += (TURNAUTH_NONCE_S - 1) * S;
	ck_assert_int_eq(refresh(&c, 3600), 0);
	w.now += S;
	ck_assert_int_eq(refresh(&c, 3600), 438);
	ck_assert_int_eq(refresh(&c, 3600), 0);
	/* Nor one that we never made. */
	c.nonce[20] = c.nonce[20] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(refresh(&c, 3600), 438);
	strcpy(c.nonce, "x");
	ck_assert_int_eq(refresh(&c, 3600), 438);
	memset(c.nonce, '!', TURNCRED_NONCE - 1);
	ck_assert_int_eq(refresh(&c, 3600), 438);
	raze(&w);
}
END_TEST

/* A username's own, handed out with it: for any address, but not for long. */
START_TEST(early_nonces)
{
	struct world w;
	struct client c, d;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	turnauth_early_nonce(w.auth, c.username, w.now / S, c.nonce);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	w.now += (TURNAUTH_EARLY_S - 1) * S;
	ck_assert_int_eq(refresh(&c, 600), 0);
	/* Another username's is not good. */
	arrive(&d, &w, "198.51.100.1:1001", "c:b", 600);
	memcpy(d.nonce, c.nonce, sizeof(d.nonce));
	ck_assert_int_eq(allocate(&d, &relayed), 438);
	w.now += S;
	ck_assert_int_eq(refresh(&c, 600), 438);
	ck_assert_int_eq(refresh(&c, 600), 0);
	raze(&w);
}
END_TEST

/* An eavesdropper cannot use an early nonce. */
START_TEST(repeated_from_elsewhere)
{
	struct world w;
	struct client c, thief;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	turnauth_early_nonce(w.auth, c.username, w.now / S, c.nonce);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	thief = c;
	thief.addr = at("203.0.113.9:1000");
	ck_assert_int_eq(send_plain(&thief), 438);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_438], 1);
	ck_assert_int_eq(send_plain(&c), 0);	/* but again from the same */
	/* Nor are its other requests: nothing is allocated there. */
	ck_assert_int_eq(permit(&c, &relayed), 0);
	memcpy(thief.out, c.out, sizeof(c.out));
	thief.b = c.b;
	ck_assert_int_eq(send_plain(&thief), 437);
	raze(&w);
}
END_TEST

START_TEST(incomplete_authentication)
{
	static const uint16_t names[] = {
		STUN_ATTR_USERNAME, STUN_ATTR_REALM, STUN_ATTR_NONCE
	};
	struct world w;
	struct client c;
	size_t left_out, i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	for (left_out = 0; left_out < 3; left_out++) {
		begin_allocate(&c);
		for (i = 0; i < 3; i++)
			if (i != left_out)
				stun_add(&c.b, names[i], "abc", 3);
		stunauth_add(&c.b, c.key.bytes, c.key.len);
		ck_assert_int_eq(send_plain(&c), 400);
	}
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

/* Both kinds of integrity with both kinds of key. */
START_TEST(password_algorithms)
{
	struct world w;
	struct client c;
	struct stun_attr list;
	struct addr relayed;
	char name[TURNCRED_ANY];
	uint16_t algorithm, i;

	build(&w);
	for (i = 0; i < 4; i++) {
		algorithm = 1 + i % 2;
		arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
		addr_set_port(&c.addr, (uint16_t)(1000 + i));
		snprintf(c.username + strlen(c.username), 2, "%u", i);
		snprintf(name, sizeof(name), "%s", c.username);
		c.algorithm = algorithm;
		c.sha256 = i >= 2;
		credential(&c, name, SECRET);
		begin(&c, STUN_ALLOCATE);
		ck_assert_int_eq(send_plain(&c), 401);
		ck_assert_int_eq(stun_find(&c.msg,
		    STUN_ATTR_PASSWORD_ALGORITHMS, &list), 0);
		ck_assert_mem_eq(list.value, offered, sizeof(offered));
		ck_assert_int_eq(strncmp(c.nonce, "obMatJos2gAAA", 13), 0);
		ck_assert_int_eq(allocate(&c, &relayed), 0);
		ck_assert_int_eq(refresh(&c, 700), 0);
		/* The allocation's key is of the algorithm that made it. */
		c.algorithm = 3 - algorithm;
		ck_assert_int_eq(refresh(&c, 700), 401);
		credential(&c, name, SECRET);
		ck_assert_int_eq(refresh(&c, 700), 401);
	}
	raze(&w);
}
END_TEST

/* Who took SHA-256 off our list would have the client use MD5. */
START_TEST(bid_down)
{
	static const uint8_t md5_only[] = { 0, 1, 0, 0 };
	static const uint8_t unknown[] = { 0, 3, 0, 0 };
	static const uint8_t turned[] = { 0, 1, 0, 0, 0, 2, 0, 0 };
	static const struct {
		const uint8_t *list;
		size_t list_len;
		const uint8_t *one;
		size_t one_len;
	} cases[] = {
		{ md5_only, 4, md5_only, 4 }, { turned, 8, md5_only, 4 },
		{ offered, 8, NULL, 0 },
		{ NULL, 0, md5_only, 4 }, { offered, 8, unknown, 4 },
		{ offered, 8, md5_only, 3 }
	};
	struct world w;
	struct client c;
	size_t i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&c), 401);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin_allocate(&c);
		if (cases[i].list != NULL)
			stun_add(&c.b, STUN_ATTR_PASSWORD_ALGORITHMS,
			    cases[i].list, cases[i].list_len);
		if (cases[i].one != NULL)
			stun_add(&c.b, STUN_ATTR_PASSWORD_ALGORITHM,
			    cases[i].one, cases[i].one_len);
		ck_assert_msg(send_signed(&c) == 400, "case %zu", i);
	}
	/* And he cannot say that we have no such feature: it is our nonce. */
	c.nonce[9] = 'A';
	ck_assert_int_eq(refresh(&c, 600), 438);
	raze(&w);
}
END_TEST

/*
 * USERHASH is not offered, because nobody knows a time-limited name before its
 * use: the nonce says so, and a hash, even the right one, is nobody's.
 */
START_TEST(userhash)
{
	uint8_t hash[STUNAUTH_SHA256], features[3];
	size_t len = sizeof(features);
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&c), 401);
	/* Bit 0 is password algorithms, bit 1 username anonymity. */
	ck_assert_int_eq(base64_decode(features, &len, c.nonce + 9, 4), 0);
	ck_assert_uint_eq(features[0] & 0xc0, 0x80);
	stunauth_userhash(hash, c.username, strlen(c.username), REALM);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_USERHASH, hash, sizeof(hash));
	stun_add(&c.b, STUN_ATTR_REALM, REALM, strlen(REALM));
	stun_add(&c.b, STUN_ATTR_NONCE, c.nonce, strlen(c.nonce));
	ck_assert_int_eq(send_and_check(&c), 401);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

/*
 * What other applications send, in their modes only: the expiry at either side,
 * and names as long as RFC 8489 allows. Two users have a call each.
 */
START_TEST(names_of_applications)
{
	static const char *const forms[] = {
		"%lld", "%lld:alice", "%lld:@a:example.org:8448",
		"alice:%lld", "@a:example.org:8448:%lld"
	};
	struct alloc *first, *a;
	char name[TURNCRED_ANY];
	struct world w;
	struct client c;
	struct addr relayed;
	struct tuple tuple;
	size_t i;

	build(&w);
	for (i = 0; i < 2 * sizeof(forms) / sizeof(forms[0]); i++) {
		if (i == sizeof(forms) / sizeof(forms[0]))
			turnauth_take_any_names(w.auth);
		arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
		addr_set_port(&c.addr, (uint16_t)(1000 + i));
		snprintf(name, sizeof(name),
		    forms[i % (sizeof(forms) / sizeof(forms[0]))],
		    (long long)clock_wall_s() + 600);
		credential(&c, name, SECRET);
		/* The second has the form of a call, and is one. */
		ck_assert_msg(allocate(&c, &relayed) == (i == 0 || i == 2 ||
		    i == 3 || i == 4 ? 401 : 0), "%zu: %s", i, name);
	}
	arrive(&c, &w, "198.51.100.2:1000", "c:a", 600);
	memset(name, 'u', sizeof(name) - 1);
	snprintf(name, sizeof(name), "%lld:", (long long)clock_wall_s() + 600);
	name[strlen(name)] = 'u';
	name[sizeof(name) - 1] = '\0';
	ck_assert_uint_eq(strlen(name), 508);
	credential(&c, name, SECRET);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(refresh(&c, 700), 0);
	tuple_make(&tuple, &c.addr, &c.local, TUPLE_UDP);
	first = alloc_find(w.table, &tuple, w.now);
	ck_assert_str_eq(first->username, name);
	/* Another user, by the last byte. */
	arrive(&c, &w, "198.51.100.2:1001", "c:a", 600);
	name[507] = 'v';
	credential(&c, name, SECRET);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	tuple_make(&tuple, &c.addr, &c.local, TUPLE_UDP);
	a = alloc_find(w.table, &tuple, w.now);
	ck_assert(a->call != first->call);
	raze(&w);
}
END_TEST

UNIT_SUITE(turnreq_login, credentials, names_of_applications,
    another_calls_credentials, outlives_its_credential, nonces, early_nonces,
    repeated_from_elsewhere, incomplete_authentication, password_algorithms,
    bid_down, userhash)
