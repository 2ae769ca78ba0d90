/* link: a link by which a device joins. See link.h. */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "directory/directory.h"
#include "qr.h"
#include "users.h"
#include "wire/base64.h"
#include "where.h"

#define SECRET_BYTES 16
#define MINUTES 15		/* by default: to be carried to another room */
#define MINUTES_MAX (24 * 60)

long
link_number(const char *option, const char *text, long least, long most,
    long otherwise)
{
	long value;
	char *end;

	if (text == NULL)
		return otherwise;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && value >= least &&
	    value <= most)
		return value;
	tool_fail(COMMAND_USAGE, option, "wants %ld to %ld", least, most);
}

/* Is it an address that a link can be made of? */
static bool
is_page(const char *url)
{
	const char *at;

	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return false;
	for (at = url; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || *at == '#')
			return false;
	return at - url < LINK_URL;
}

int
link_page(char page[static LINK_URL], const struct where *where,
    const struct command_line *line)
{
	if (line->qr && !qr_can_draw()) {
		tool_warn("--qr", "built without libqrencode");
		return COMMAND_USAGE;
	}
	if (line->url == NULL && where->name == NULL) {
		tool_warn("--url", "wants the address of the page, such as "
		    "https://calls.example.org/");
		return COMMAND_USAGE;
	}
	if (line->url == NULL) {
		snprintf(page, LINK_URL, "https://%s/", where->name);
		return COMMAND_DONE;
	}
	if (!is_page(line->url)) {
		tool_warn("--url", "wants http:// or https://, without #, and "
		    "at most %d characters", LINK_URL - 1);
		return COMMAND_USAGE;
	}
	strcpy(page, line->url);
	return COMMAND_DONE;
}

const char *
link_word(char word[static LINK_WORD], const char *number)
{
	char *to = word;

	for (; *number != '\0'; number++)
		if (*number == '+') {
			memcpy(to, "%2B", 3);
			to += 3;
		} else {
			*to++ = *number;
		}
	*to = '\0';
	return word;
}

int
link_secret(char secret[static LINK_SECRET], uint8_t *hash)
{
	uint8_t random[SECRET_BYTES];

	if (crypto_random(random, sizeof(random)) < 0) {
		tool_warn("link", "no random bytes");
		return COMMAND_USAGE;
	}
	base64_encode_url(secret, random, sizeof(random));
	directory_hash(hash, secret);
	return COMMAND_DONE;
}

static void
on_subscriber(int err, const struct directory_subscriber *found, void *arg)
{
	users_answered(arg, err == 0 && found->blocked_s != 0 ? -EPERM : err);
}

int
link_keep(struct users *users, const struct directory_link *link)
{
	int err = users_wait(users, directory_lookup(users->directory,
	    link->number, NULL, on_subscriber, users));

	if (err < 0)
		return users_status(users, err, link->number, false);
	err = users_wait(users, directory_put_link(users->directory, link,
	    users_on_done, users));
	if (err != -ENOSPC)
		return users_status(users, err, link->number, true);
	tool_warn(link->number, "has %d links, the most there can be",
	    DIRECTORY_LINKS);
	return COMMAND_REFUSED;
}

/* Draw it. It is printed anyway, so a failure is only worth a warning. */
static void
draw(const struct command_line *line, const char *text)
{
	bool terminal = isatty(STDOUT_FILENO) == 1;

	if ((line->qr || terminal) && qr_can_draw() &&
	    qr_draw(stdout, text, terminal) < 0)
		tool_warn("--qr", "the link is too long");
}

int
link_show(struct users *users, const struct command_line *line,
    const struct directory_link *link, const char *text)
{
	int err;

	if (printf("%s\n", text) > 0) {
		draw(line, text);
		if (fflush(stdout) == 0)
			return COMMAND_DONE;
	}
	err = errno;
	clearerr(stdout);
	users_write(users, directory_drop_link(users->directory, link->number,
	    link->hash, users_on_done, users), link->number);
	tool_warn("standard output", "cannot be written: %s; there is no link",
	    strerror(err));
	return COMMAND_USAGE;
}

int
link_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	long minutes = link_number("--minutes", line->minutes, 1, MINUTES_MAX,
	    MINUTES);
	struct directory_link link = {
		.expires_s = clock_wall_s() + 60 * minutes,
		.note = DIRECTORY_JOIN
	};
	char secret[LINK_SECRET], page[LINK_URL], text[LINK_TEXT];
	char number[LINK_WORD];
	int status = link_page(page, where, line);

	if (status == COMMAND_DONE)
		status = link_secret(secret, link.hash);
	if (status != COMMAND_DONE)
		return status;
	strcpy(link.number, line->operand[0]);
	status = link_keep(users, &link);
	if (status != COMMAND_DONE)
		return status;
	snprintf(text, sizeof(text), "%s#join=%s&number=%s", page, secret,
	    link_word(number, link.number));
	return link_show(users, line, &link, text);
}
