/* changes: make, remove and block. See changes.h. */
#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/deviceproof.h"
#include "base/tool.h"
#include "deviceid.h"
#include "directory/directory.h"
#include "now.h"
#include "record.h"
#include "users.h"
#include "wire/base64.h"

#define TOKEN_BYTES 32

struct token {
	char text[BASE64_TEXT(TOKEN_BYTES)];
	uint8_t hash[CRYPTO_SHA256];
};

static int
make_token(struct token *token)
{
	uint8_t random[TOKEN_BYTES];

	if (crypto_random(random, sizeof(random)) < 0) {
		tool_warn("token", "no random bytes");
		return COMMAND_USAGE;
	}
	base64_encode_url(token->text, random, sizeof(random));
	directory_hash(token->hash, token->text);
	return COMMAND_DONE;
}

/*
 * Save the token before the device is added, because an unused token does no
 * harm.
 */
static int
keep_token(const char *file, const struct token *token)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool written;

	if (fd < 0) {
		tool_warn(file, "%s", strerror(errno));
		return COMMAND_USAGE;
	}
	written = dprintf(fd, "%s\n", token->text) > 0;
	if (close(fd) == 0 && written)
		return COMMAND_DONE;
	tool_warn(file, "%s", strerror(errno));
	unlink(file);
	return COMMAND_USAGE;
}

static int
add_to_file(struct users *users, const char *number, const char *file,
    const struct token *token)
{
	int status = keep_token(file, token);

	if (status != COMMAND_DONE)
		return status;
	status = users_write(users, directory_add(users->directory, number,
	    token->hash, false, users_on_done, users), number);
	if (status != COMMAND_DONE)
		unlink(file);
	return status;
}

/*
 * Print the token of a device that was added. A device whose token nobody has
 * is of no use, so it is removed if the token cannot be printed.
 */
static int
add_and_print(struct users *users, const char *number,
    const struct token *token)
{
	int status = users_write(users, directory_add(users->directory, number,
	    token->hash, false, users_on_done, users), number);
	int err;

	if (status != COMMAND_DONE)
		return status;
	if (printf("%s\n", token->text) > 0 && fflush(stdout) == 0)
		return COMMAND_DONE;
	err = errno;
	clearerr(stdout);
	status = users_write(users, directory_revoke(users->directory, number,
	    token->hash, users_on_done, users), number);
	tool_warn("standard output", "cannot be written: %s; %s",
	    strerror(err), status == COMMAND_DONE ? "nothing is added" :
	    "a device is added, and nobody has its token");
	return COMMAND_USAGE;
}

/* Add a device whose key has this public half. There is nothing to print. */
static int
add_with_key(struct users *users, const char *number, const char *key)
{
	uint8_t public[P256_POINT], hash[CRYPTO_SHA256];

	if (deviceproof_key(public, key) < 0) {
		tool_warn("--key", "wants a P-256 point, 65 bytes in "
		    "base64url");
		return COMMAND_USAGE;
	}
	deviceproof_id(hash, public);
	return users_write(users, directory_add(users->directory, number, hash,
	    false, users_on_done, users), number);
}

static void
on_known(int err, const struct directory_subscriber *found, void *arg)
{
	(void)found;
	users_answered(arg, err);
}

/* Is it somebody's already, whatever it is? */
static bool
is_subscriber(struct users *users, const char *number)
{
	return users_wait(users, directory_lookup(users->directory, number,
	    NULL, on_known, users)) == 0;
}

int
changes_add(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];
	const char *wrong = record_new_number(number);
	struct token token;
	int status;

	(void)where;
	if (wrong != NULL && !is_subscriber(users, number)) {
		tool_warn(number, "%s", wrong);
		return COMMAND_USAGE;
	}
	if (line->key != NULL)
		return add_with_key(users, number, line->key);
	status = make_token(&token);
	if (status != COMMAND_DONE)
		return status;
	return line->token_file != NULL ?
	    add_to_file(users, number, line->token_file, &token) :
	    add_and_print(users, number, &token);
}

int
changes_init(struct users *users, const struct where *where,
    const struct command_line *line)
{
	static const uint8_t none[CRYPTO_SHA256];
	int err;

	(void)where;
	(void)line;
	/*
	 * Opening it has made it. This write changes nothing, and tells whether
	 * it is there where it is written, which a look-up does not.
	 */
	err = users_wait(users, directory_drop_push(users->directory, "-",
	    none, 0, users_on_done, users));
	return err == -ENOENT ? COMMAND_DONE :
	    users_status(users, err, "init", true);
}

int
changes_remove(struct users *users, const struct where *where,
    const struct command_line *line)
{
	int status = COMMAND_DONE;

	(void)where;
	if (line->now)
		status = now_end_calls(users, line->operand[0], NULL, line);
	if (status != COMMAND_DONE)
		return status;
	return users_write(users, directory_remove(users->directory,
	    line->operand[0], users_on_done, users), line->operand[0]);
}

/* A device or a block that is looked for. */
struct finding {
	struct users *users;
	const char *id;
	uint8_t hash[CRYPTO_SHA256];
	int64_t blocked_s;
	int err;		/* of deviceid_find */
};

static void
on_found(int err, const struct directory_subscriber *found, void *arg)
{
	struct finding *f = arg;
	size_t index = 0;

	users_answered(f->users, err);
	if (found == NULL)
		return;
	f->blocked_s = found->blocked_s;
	f->err = f->id != NULL ? deviceid_find(&index, found, f->id) : 0;
	if (f->id != NULL && f->err == 0)
		memcpy(f->hash, found->devices[index].token_hash,
		    sizeof(f->hash));
}

int
changes_revoke(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];
	struct finding f = { .users = users, .id = line->operand[1] };
	int status;

	(void)where;
	status = users_status(users, users_wait(users, directory_show(
	    users->directory, number, on_found, &f)), number, false);
	if (status != COMMAND_DONE)
		return status;
	if (f.err < 0)
		return deviceid_complain(number, f.id, f.err);
	if (line->now)
		status = now_end_calls(users, number, f.hash, line);
	if (status != COMMAND_DONE)
		return status;
	return users_write(users, directory_revoke(users->directory, number,
	    f.hash, users_on_done, users), number);
}

/*
 * Block a number, which keeps the date of an earlier block. A date below 0 ends
 * its running calls.
 */
int
changes_block(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];
	struct finding f = { .users = users };
	int64_t since_s;
	int err;

	(void)where;
	if (line->operand[1] != NULL)
		return users_write(users, directory_refuse(users->directory,
		    number, line->operand[1], clock_wall_s(), users_on_done,
		    users), number);
	err = users_wait(users, directory_show(users->directory, number,
	    on_found, &f));
	if (err < 0 && err != -ENOENT)
		return users_status(users, err, number, false);
	if (f.blocked_s < 0 || (f.blocked_s > 0 && !line->now))
		return COMMAND_DONE;
	since_s = f.blocked_s != 0 ? f.blocked_s : clock_wall_s();
	return users_write(users, directory_block(users->directory, number,
	    line->now ? -since_s : since_s, users_on_done, users), number);
}

int
changes_unblock(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];
	const char *caller = line->operand[1];
	int err = users_wait(users, caller != NULL ?
	    directory_refuse(users->directory, number, caller, 0,
	    users_on_done, users) : directory_block(users->directory, number,
	    0, users_on_done, users));

	(void)where;
	if (err != -ENOENT)
		return users_status(users, err, number, true);
	tool_warn(caller != NULL ? caller : number, "is not blocked");
	return COMMAND_UNKNOWN;
}
