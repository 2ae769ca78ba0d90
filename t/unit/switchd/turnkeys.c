/*
 * Services of a relay: which one a request is verified by, by its realm, and
 * with which realm a client is challenged.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "turnreqhelp.h"

#define OTHER "other.example"
#define PASSWORD "a long password"

static struct turnusers *users;
static struct turn_service services[4];
static char *secret_items[] = { (char *)SECRET, (char *)"first of a",
	(char *)"second of a", (char *)"of b", (char *)"of c" };
static const struct conf_strings secret_lists[] = {
	{ secret_items, 1 }, { secret_items + 1, 2 }, { secret_items + 3, 1 },
	{ secret_items + 4, 1 }
};
static char *name_items[] = { (char *)"turn.example.org" };
static const struct conf_strings names = { name_items, 1 };

static void
add_user(const char *name, const char *realm)
{
	struct turnuser user;

	ck_assert_int_eq(turnuser_make(&user, name, realm, PASSWORD), 0);
	ck_assert_int_eq(turnusers_add(users, &user), 0);
}

/* Ours with two users; a and b, which share a realm; and c with one user. */
static void
open_world(struct world *w)
{
	build(w);
	turnauth_take_any_names(w->auth);
	users = turnusers_new();
	add_user("alice", REALM);
	add_user("1:2", REALM);
	add_user("alice", OTHER);
	add_user("carol", "c.example");
	services[0] = (struct turn_service){
		.number = 0, .name = "", .realm = REALM,
		.secrets = &secret_lists[0], .users = users
	};
	services[1] = (struct turn_service){
		.number = 1, .name = "a", .realm = OTHER,
		.secrets = &secret_lists[1], .tls_names = &names
	};
	services[2] = (struct turn_service){
		.number = 7, .name = "b", .realm = OTHER,
		.secrets = &secret_lists[2]
	};
	services[3] = (struct turn_service){
		.number = 3, .name = "c", .realm = "c.example",
		.secrets = &secret_lists[3], .users = users
	};
	ck_assert_int_eq(turnauth_set_services(w->auth, services, 4), 0);
}

static void
close_world(struct world *w)
{
	raze(w);
	turnusers_free(users);
}

/* An Allocate, which names this realm and is signed with this password. */
struct try {
	struct turncred cred;
	unsigned tried;
	int err;
};

static struct try
attempt(struct world *w, const char *username, const char *realm,
    const char *password, uint16_t algorithm)
{
	struct stun_attr named;
	struct stunauth_key key, found;
	struct try try = { .tried = 0 };
	struct client c = { .world = w, .addr = at("198.51.100.1:1000") };
	struct turnkeys_asked asked = {
		.msg = &c.msg, .username = username, .realm = &named,
		.algorithm = algorithm
	};

	begin(&c, STUN_ALLOCATE);
	stun_add(&c.b, STUN_ATTR_REALM, realm, strlen(realm));
	ck_assert_int_eq(stunauth_key(&key, algorithm, username,
	    strlen(username), realm, password), 0);
	stunauth_add(&c.b, key.bytes, key.len);
	ck_assert_int_gt(stun_end(&c.b), 0);
	ck_assert_int_eq(stun_parse(&c.msg, c.out, c.b.len), 0);
	ck_assert_int_eq(stun_find(&c.msg, STUN_ATTR_REALM, &named), 0);
	try.err = turnauth_check(w->auth, &asked, &try.cred, &found,
	    &try.tried);
	if (try.err == 0)
		ck_assert_mem_eq(found.bytes, key.bytes, key.len);
	return try;
}

static struct try
attempt_secret(struct world *w, const char *username, const char *realm,
    const char *secret)
{
	char password[TURNCRED_PASSWORD];

	turncred_password(password, username, secret);
	return attempt(w, username, realm, password, 1);
}

START_TEST(static_users)
{
	struct world w;
	struct try try, other;

	open_world(&w);
	try = attempt(&w, "alice", REALM, PASSWORD, STUNAUTH_ALGORITHM_MD5);
	ck_assert_int_eq(try.err, 0);
	ck_assert_uint_eq(try.cred.service, 0);
	ck_assert(!try.cred.ours);
	ck_assert_uint_eq(strlen(try.cred.call), 64);
	ck_assert_str_eq(try.cred.party, "");
	ck_assert_uint_eq(try.tried, 1);
	other = attempt(&w, "alice", REALM, PASSWORD,
	    STUNAUTH_ALGORITHM_SHA256);
	ck_assert_int_eq(other.err, 0);
	ck_assert_str_eq(try.cred.call, other.cred.call);
	/* The same name elsewhere is nobody, or somebody else. */
	ck_assert_int_eq(attempt(&w, "alice", "c.example", PASSWORD, 1).err,
	    -EINVAL);
	other = attempt(&w, "carol", "c.example", PASSWORD, 1);
	ck_assert_int_eq(other.err, 0);
	ck_assert_uint_eq(other.cred.service, 3);
	/* Of a realm whose service has no users. */
	ck_assert_int_eq(attempt(&w, "alice", OTHER, PASSWORD, 1).err,
	    -EINVAL);
	ck_assert_int_eq(attempt(&w, "alice", REALM, "wrong", 1).err, -EACCES);
	/* Somebody unknown costs a key too. */
	try = attempt(&w, "bob", REALM, PASSWORD, 1);
	ck_assert_int_eq(try.err, -EINVAL);
	ck_assert_uint_eq(try.tried, 1);
	/* A name that looks like an expired one is a static user's first. */
	ck_assert_int_eq(attempt(&w, "1:2", REALM, PASSWORD, 1).err, 0);
	ck_assert_int_eq(attempt(&w, "1:3", REALM, PASSWORD, 1).err,
	    -ETIMEDOUT);
	close_world(&w);
}
END_TEST

START_TEST(secrets_by_realm)
{
	static const struct {
		const char *realm, *secret;
		int err;
		unsigned service, tried;
	} tries[] = {
		{ REALM, SECRET, 0, 0, 1 },
		{ OTHER, "first of a", 0, 1, 1 },
		{ OTHER, "second of a", 0, 1, 2 },
		{ OTHER, "of b", 0, 7, 3 },
		{ "c.example", "of c", 0, 3, 1 },
		/* Each realm has its own secrets. */
		{ OTHER, SECRET, -EACCES, 0, 3 },
		{ REALM, "of b", -EACCES, 0, 1 },
		{ "c.example", SECRET, -EACCES, 0, 1 }
	};
	struct try try[2];
	struct world w;
	char name[64];
	size_t i;

	open_world(&w);
	snprintf(name, sizeof(name), "%lld:alice",
	    (long long)clock_wall_s() + 60);
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		try[0] = attempt_secret(&w, name, tries[i].realm,
		    tries[i].secret);
		ck_assert_msg(try[0].err == tries[i].err, "%zu: %d", i,
		    try[0].err);
		ck_assert_uint_eq(try[0].tried, tries[i].tried);
		if (tries[i].err == 0)
			ck_assert_uint_eq(try[0].cred.service,
			    tries[i].service);
	}
	/* The same user of two services is two. */
	try[0] = attempt_secret(&w, name, OTHER, "first of a");
	try[1] = attempt_secret(&w, name, OTHER, "of b");
	ck_assert_str_ne(try[0].cred.call, try[1].cred.call);
	ck_assert_int_eq(attempt_secret(&w, "1:alice", OTHER, "of b").err,
	    -ETIMEDOUT);
	close_world(&w);
}
END_TEST

/* Only our own secret makes a call of ours. */
START_TEST(calls_are_ours)
{
	struct world w;
	struct try try, other;
	char name[96];

	open_world(&w);
	snprintf(name, sizeof(name), "%lld:"
	    "0123456789abcdef0123456789abcdef:a",
	    (long long)clock_wall_s() + 60);
	try = attempt_secret(&w, name, REALM, SECRET);
	ck_assert_int_eq(try.err, 0);
	ck_assert(try.cred.ours);
	ck_assert_str_eq(try.cred.party, "a");
	ck_assert_uint_eq(strlen(try.cred.call), 32);
	try = attempt_secret(&w, name, OTHER, "of b");
	ck_assert_int_eq(try.err, 0);
	ck_assert(!try.cred.ours);
	ck_assert_str_eq(try.cred.party, "");
	ck_assert_uint_eq(strlen(try.cred.call), 64);
	/* Elsewhere such names are users, each one of its own. */
	strcpy(strchr(name, ':') + 1, "fedcba9876543210fedcba9876543210");
	other = attempt_secret(&w, name, OTHER, "of b");
	ck_assert_int_eq(other.err, 0);
	ck_assert_str_ne(try.cred.call, other.cred.call);
	turncred_set_user(&try.cred, "b", strchr(name, ':') + 1, 32);
	ck_assert_str_eq(try.cred.call, other.cred.call);
	close_world(&w);
}
END_TEST

static void
challenged(struct world *w, const char *named, const char *server_name,
    const char *realm)
{
	const struct stun_attr attr = {
		STUN_ATTR_REALM, named != NULL ? (uint16_t)strlen(named) : 0,
		(const uint8_t *)named
	};
	char got[TURNUSER_REALM];

	turnauth_realm(w->auth, named != NULL ? &attr : NULL, server_name,
	    got);
	ck_assert_str_eq(got, realm);
}

START_TEST(realms)
{
	struct world w;

	open_world(&w);
	challenged(&w, NULL, NULL, REALM);
	challenged(&w, NULL, "turn.example.org", OTHER);
	challenged(&w, NULL, "TURN.example.ORG", OTHER);
	challenged(&w, NULL, "turn.example.com", REALM);
	challenged(&w, "c.example", "turn.example.org", "c.example");
	challenged(&w, "c.exampl", "turn.example.org", OTHER);
	challenged(&w, "unknown", NULL, REALM);
	/* A service that is gone verifies nobody. */
	ck_assert_int_eq(turnauth_set_services(w.auth, services, 1), 0);
	challenged(&w, "c.example", "turn.example.org", REALM);
	ck_assert_int_eq(attempt(&w, "carol", "c.example", PASSWORD, 1).err,
	    -EINVAL);
	close_world(&w);
}
END_TEST

#define GUESSERS 16

struct flood {
	struct world *world;
	int over;		/* atomic */
	unsigned guesses;	/* atomic */
};

/* Guess at a secret until it is over. */
static void *
guess(void *arg)
{
	struct flood *flood = arg;
	char name[64];

	snprintf(name, sizeof(name), "%lld:alice",
	    (long long)clock_wall_s() + 3600);
	while (!__atomic_load_n(&flood->over, __ATOMIC_RELAXED)) {
		ck_assert_int_eq(attempt_secret(flood->world, name, OTHER,
		    "wrong").err, -EACCES);
		__atomic_add_fetch(&flood->guesses, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Reload. Return how many guesses were answered meanwhile. */
static unsigned
guessed_meanwhile(struct flood *flood)
{
	unsigned before = __atomic_load_n(&flood->guesses, __ATOMIC_RELAXED);

	ck_assert_int_eq(turnauth_set_services(flood->world->auth, services,
	    4), 0);
	return __atomic_load_n(&flood->guesses, __ATOMIC_RELAXED) - before;
}

/*
 * A flood of wrong logins on many threads does not hold a reload up: whoever
 * comes after it waits for it, unless this thread has to wait for the machine.
 */
START_TEST(reloads_under_load)
{
	char *many[512];
	struct conf_strings secrets = { many, 512 };
	pthread_t threads[GUESSERS];
	struct flood flood = { .over = 0 };
	struct world w;
	unsigned i, late = 0;

	open_world(&w);
	flood.world = &w;
	for (i = 0; i < secrets.n; i++)
		many[i] = (char *)"no secret of anybody";
	services[2].secrets = &secrets;
	ck_assert_int_eq(turnauth_set_services(w.auth, services, 4), 0);
	for (i = 0; i < GUESSERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, guess,
		    &flood), 0);
	while (__atomic_load_n(&flood.guesses, __ATOMIC_RELAXED) < GUESSERS)
		usleep(1000);
	for (i = 0; i < 100; i++)
		late += guessed_meanwhile(&flood) > 2 * GUESSERS;
	ck_assert_uint_lt(late, 20);
	__atomic_store_n(&flood.over, 1, __ATOMIC_RELAXED);
	for (i = 0; i < GUESSERS; i++)
		pthread_join(threads[i], NULL);
	services[2].secrets = &secret_lists[2];
	close_world(&w);
}
END_TEST

UNIT_SUITE(turnkeys, static_users, secrets_by_realm, calls_are_ours, realms,
    reloads_under_load)
