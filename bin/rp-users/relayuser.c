/* relayuser: print a line for the file of relay.users. See relayuser.h. */
#include "relayuser.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/secretfile.h"
#include "base/tool.h"
#include "wire/base64.h"
#include "wire/turnuser.h"
#include "wire/why.h"

#define REALM "rp"		/* relay.realm, if it is not configured */
#define PASSWORD_MAX 1024	/* a line's; a hash gains nothing by more */
#define MADE_BYTES 18		/* of a password: 24 characters of base64 */

/* Ask for the password at the terminal, which does not show it. */
static int
ask_password(char **out)
{
	char *typed = getpass("password: ");
	size_t len = typed != NULL ? strlen(typed) : 0;

	if (len > 0 && len <= PASSWORD_MAX)
		*out = strdup(typed);
	if (typed != NULL)
		crypto_wipe(typed, len);
	if (*out != NULL)
		return COMMAND_DONE;
	tool_warn("password", "wants 1 to %d characters", PASSWORD_MAX);
	return COMMAND_USAGE;
}

/* Read the password of the file, or of standard input. */
static int
read_password(char **out, const char *file)
{
	static const struct secretfile_options options = {
		1, PASSWORD_MAX, 1, false
	};
	char why[WHY_TEXT];

	if (file == NULL && isatty(STDIN_FILENO))
		return ask_password(out);
	if (secretfile_read_one(out, file != NULL ? file : "/dev/stdin",
	    &options, why) == 0)
		return COMMAND_DONE;
	tool_warn("password", "%s", why);
	return COMMAND_USAGE;
}

/* Make a password up, and write it to that new file for us alone. */
static int
make_password(char **out, const char *file)
{
	char text[BASE64_TEXT(MADE_BYTES) + 1];
	uint8_t bytes[MADE_BYTES];
	/* One that is there may be the only copy of another user's. */
	int err = access(file, F_OK) == 0 ? -EEXIST :
	    crypto_random(bytes, sizeof(bytes));

	if (err == 0) {
		base64_encode_url(text, bytes, sizeof(bytes));
		*out = strdup(text);
		strcat(text, "\n");
		err = *out != NULL ? tool_write_secret(file, text) : -ENOMEM;
		crypto_wipe(text, sizeof(text));
	}
	if (err == 0)
		return COMMAND_DONE;
	tool_warn(file, "%s", strerror(-err));
	return COMMAND_USAGE;
}

static int
check(const char *name, const char *realm)
{
	if (!turnuser_name_ok(name))
		tool_warn("relay-user", "a user has 1 to %d bytes, no control "
		    "characters, and no # at the beginning", TURNCRED_ANY - 1);
	else if (!turnuser_realm_ok(realm))
		tool_warn("--realm", "wants 1 to %d bytes without colons, "
		    "quotes and control characters", TURNUSER_REALM - 1);
	else
		return COMMAND_DONE;
	return COMMAND_USAGE;
}

int
relayuser_run(struct users *users, const struct where *where,
    const struct command_line *command)
{
	const char *name = command->operand[0], *realm =
	    command->realm != NULL ? command->realm : REALM;
	char *password = NULL, line[TURNUSER_LINE];
	struct turnuser user;
	int status = check(name, realm);

	(void)users;
	(void)where;
	if (status == COMMAND_DONE)
		status = command->make_password != NULL ?
		    make_password(&password, command->make_password) :
		    read_password(&password, command->password_file);
	if (status == COMMAND_DONE &&
	    turnuser_make(&user, name, realm, password) == 0) {
		turnuser_format(line, &user);
		puts(line);
	}
	if (password != NULL)
		crypto_wipe(password, strlen(password));
	free(password);
	return status;
}
