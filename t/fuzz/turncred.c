/*
 * Usernames of any application, lines of static users, and both looked for in
 * the services of a relay. The first byte chooses. Whatever is read lies within
 * the input, and reads again as it was written.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "turn/turnkeys.h"
#include "wire/turncred.h"
#include "wire/turnuser.h"

#define REALM "rp"

static void
read_names(const char *text, size_t len)
{
	char username[TURNCRED_USERNAME];
	struct turncred cred, again;

	if (turncred_parse(&cred, text, len) == 0 &&
	    (turncred_username(username, &cred) < 0 ||
	    turncred_parse(&again, username, strlen(username)) < 0 ||
	    memcmp(&cred, &again, sizeof(cred)) != 0))
		abort();
	if (turncred_parse_any(&cred, text, len) < 0)
		return;
	if (cred.user_len == 0 || len >= TURNCRED_ANY ||
	    (size_t)cred.user_at + cred.user_len > len ||
	    cred.ours != (cred.call[0] != '\0') || cred.expiry_s < 0)
		abort();
	turncred_set_user(&cred, "service", text + cred.user_at,
	    cred.user_len);
	if (strlen(cred.call) != TURNCRED_CALL - 1 || cred.ours)
		abort();
}

static void
read_line(const char *text, size_t len)
{
	char line[TURNUSER_LINE];
	struct turnuser user, again;

	if (turnuser_parse(&user, text, len) < 0)
		return;
	turnuser_format(line, &user);
	if (strlen(line) != len ||
	    turnuser_parse(&again, line, strlen(line)) < 0 ||
	    strcmp(user.name, again.name) != 0 ||
	    strcmp(user.realm, again.realm) != 0 ||
	    memcmp(user.md5, again.md5, sizeof(user.md5)) != 0 ||
	    user.has_sha256 != again.has_sha256)
		abort();
}

static struct turnkeys *
make_keys(void)
{
	static char *items[] = { (char *)"north", (char *)"south" };
	static const struct conf_strings secrets = { items, 2 };
	struct turn_service services[] = {
		{ .name = "", .realm = REALM, .secrets = &secrets },
		{ .number = 1, .name = "a", .realm = REALM,
		    .secrets = &secrets }
	};
	struct turnkeys *keys;
	struct turnuser user;

	services[0].users = turnusers_new();
	if (services[0].users == NULL ||
	    turnuser_make(&user, "alice", REALM, "pass") < 0 ||
	    turnusers_add(services[0].users, &user) < 0 ||
	    turnkeys_new(&keys, services, 2) < 0)
		abort();
	turnusers_free(services[0].users);
	return keys;
}

/* A request that is signed with nobody's key. */
static void
look_up(const char *text, size_t len, bool any)
{
	static struct turnkeys *keys;
	const struct stun_attr realm = { STUN_ATTR_REALM, 2,
		(const uint8_t *)REALM };
	uint8_t data[64], transaction[STUN_TRANSACTION] = { 0 };
	char username[TURNCRED_ANY];
	struct stunauth_key key;
	struct stun_builder b;
	struct turncred cred;
	struct stun_msg msg;
	unsigned tried;

	if (len >= sizeof(username) || memchr(text, '\0', len) != NULL)
		return;
	memcpy(username, text, len);
	username[len] = '\0';
	if (keys == NULL)
		keys = make_keys();
	stun_begin(&b, data, sizeof(data), STUN_ALLOCATE, transaction);
	stunauth_add(&b, data, 16);
	if (stun_end(&b) < 0 || stun_parse(&msg, data, b.len) < 0)
		abort();
	if (turnkeys_find(keys, &(struct turnkeys_asked){
		.msg = &msg, .username = username, .realm = &realm,
		.algorithm = STUNAUTH_ALGORITHM_MD5, .any_names = any
	    }, &cred, &key, &tried) == 0 || tried == 0 || tried > 5)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text;

	if (len == 0)
		return 0;
	text = malloc(len);	/* as long as it is, for a sanitizer */
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, len - 1);
	switch (data[0] % 4) {
	case 0:
		read_names(text, len - 1);
		break;
	case 1:
		read_line(text, len - 1);
		break;
	default:
		look_up(text, len - 1, data[0] % 4 == 2);
	}
	free(text);
	return 0;
}
