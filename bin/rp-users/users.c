/*
 * users: one operation on the directory at a time, waited for by a loop of its
 * own. See users.h.
 */
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/crypto.h"
#include "base/tool.h"
#include "directory/directory.h"
#include "import.h"
#include "net/loop.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define TOKEN_BYTES 32
#define WAITING 1		/* no answer yet */

struct users {
	struct event_base *loop;
	struct directory *directory;
	int err;
	size_t at;		/* the refused entry */
};

int
users_open(struct users **out, const char *url, bool create)
{
	struct users *u = calloc(1, sizeof(*u));
	char why[WHY_TEXT];

	if (u == NULL || (u->loop = loop_new()) == NULL) {
		free(u);
		tool_warn("memory", "out of it");
		return USERS_USAGE;
	}
	if (directory_open(&u->directory, u->loop, url, create, why) < 0) {
		tool_warn("directory", "%s", why);
		users_close(u);
		return USERS_DIRECTORY;
	}
	*out = u;
	return USERS_DONE;
}

void
users_close(struct users *users)
{
	if (users == NULL)
		return;
	directory_free(users->directory);
	loop_free(users->loop);
	free(users);
}

static void
on_done(int err, void *arg)
{
	struct users *u = arg;

	u->err = err;
}

static void
on_import(int err, size_t at, void *arg)
{
	struct users *u = arg;

	u->at = at;
	u->err = err;
}

/* Print why the directory could not do it. */
static int
complain_directory(const struct users *u)
{
	const char *why = directory_why(u->directory, false);

	if (why[0] == '\0')
		why = directory_why(u->directory, true);
	tool_warn("directory", "%s", why[0] != '\0' ? why :
	    "does not answer");
	return USERS_DIRECTORY;
}

static int
answer(struct users *u, struct directory_request *request)
{
	u->err = request != NULL ? WAITING : -EIO;
	while (u->err == WAITING)
		loop_run_once(u->loop);
	return u->err;
}

/* Wait for the answer, and print the error for `number`. */
static int
wait_for(struct users *u, struct directory_request *request,
    const char *number)
{
	switch (answer(u, request)) {
	case 0:
		return USERS_DONE;
	case -ENOENT:
		tool_warn(number, "no such subscriber");
		return USERS_UNKNOWN;
	case -EEXIST:
		tool_warn(number, "has that device already");
		return USERS_REFUSED;
	case -ENOSPC:
		tool_warn(number, "has %d devices, the most there can be",
		    DIRECTORY_DEVICES);
		return USERS_REFUSED;
	case -EPERM:
		tool_warn(number, "is blocked");
		return USERS_REFUSED;
	default:
		return complain_directory(u);
	}
}

/*
 * Save the token before the device is added, because an unused token does no
 * harm.
 */
static int
keep_token(const char *file, const char *token)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool written;

	if (fd < 0) {
		tool_warn(file, "%s", strerror(errno));
		return USERS_USAGE;
	}
	written = dprintf(fd, "%s\n", token) > 0;
	if (close(fd) == 0 && written)
		return USERS_DONE;
	tool_warn(file, "%s", strerror(errno));
	unlink(file);
	return USERS_USAGE;
}

int
users_add(struct users *users, const char *number, const char *token_file)
{
	uint8_t random[TOKEN_BYTES], hash[CRYPTO_SHA256];
	char token[BASE64_TEXT(TOKEN_BYTES)];
	int status;

	if (crypto_random(random, sizeof(random)) < 0) {
		tool_warn("token", "no random bytes");
		return USERS_USAGE;
	}
	base64_encode_url(token, random, sizeof(random));
	directory_hash(hash, token);
	if (token_file != NULL) {
		status = keep_token(token_file, token);
		if (status != USERS_DONE)
			return status;
	}
	status = wait_for(users, directory_add(users->directory, number, hash,
	    false, on_done, users), number);
	if (status != USERS_DONE && token_file != NULL)
		unlink(token_file);
	if (status == USERS_DONE && token_file == NULL)
		printf("%s\n", token);
	return status;
}

/* Return the "type" of a push registration; "-" without one. */
static void
push_type(const struct directory_device *device, char type[static 16])
{
	json_t *push = json_loads(device->push, 0, NULL);
	const char *text = json_string_value(json_object_get(push, "type"));

	snprintf(type, 16, "%s", text != NULL ? text : "-");
	json_decref(push);
}

static void
on_each(int err, const struct directory_subscriber *found, void *arg)
{
	char type[16];
	size_t i;

	(void)err;
	(void)arg;
	printf("%s\t%zu", found->number, found->n_devices);
	for (i = 0; i < found->n_devices; i++) {
		push_type(&found->devices[i], type);
		printf("%c%s", i == 0 ? '\t' : ',', type);
	}
	putchar('\n');
}

int
users_list(struct users *users)
{
	return wait_for(users, directory_list(users->directory, on_each,
	    on_done, users), "list");
}

static void
on_shown(int err, const struct directory_subscriber *found, void *arg)
{
	struct users *u = arg;
	size_t i;

	u->err = err;
	for (i = 0; found != NULL && i < found->n_devices; i++) {
		const struct directory_device *d = &found->devices[i];
		char hash[HEX_TEXT(CRYPTO_SHA256)], type[16], since[32] = "-";
		time_t then = (time_t)d->push_s;
		struct tm utc;

		hex_encode(hash, d->token_hash, CRYPTO_SHA256);
		push_type(d, type);
		if (then != 0 && gmtime_r(&then, &utc) != NULL)
			strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ",
			    &utc);
		printf("%s\t%s\t%s\t%s\n", found->number, hash, type, since);
	}
}

int
users_show(struct users *users, const char *number)
{
	return wait_for(users, directory_show(users->directory, number,
	    on_shown, users), number);
}

int
users_remove(struct users *users, const char *number)
{
	return wait_for(users, directory_remove(users->directory, number,
	    on_done, users), number);
}

static int
import_all(struct users *u, const struct import *import)
{
	const char *why;
	char place[IMPORT_PLACE];
	int err;

	if (import->n == 0)
		return USERS_DONE;
	err = answer(u, directory_import(u->directory, import->entries,
	    import->n, false, on_import, u));
	if (err == 0)
		return USERS_DONE;
	if (err != -EEXIST && err != -ENOSPC)
		return complain_directory(u);
	why = err == -EEXIST ? "has that device already" :
	    "would have too many devices";
	import_place(import, u->at, place);
	tool_warn(place, "%s %s; nothing imported",
	    import->entries[u->at].number, why);
	return USERS_REFUSED;
}

int
users_import(struct users *users, const char *file)
{
	struct import import;
	int status = USERS_USAGE;

	if (import_read(&import, file) == 0)
		status = import_all(users, &import);
	import_clear(&import);
	return status;
}
