/* guest: links by which guests call. See guest.h. */
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/tool.h"
#include "datetime.h"
#include "directory/directory.h"
#include "guestline.h"
#include "link.h"
#include "users.h"

#define DAY_S 86400
#define DAYS 365
#define DAYS_MAX 3650

int
guest_add(struct users *users, const struct where *where,
    const struct command_line *line)
{
	long days = link_number("--days", line->days, 1, DAYS_MAX, DAYS);
	long per_hour = link_number("--calls-per-hour", line->calls_per_hour,
	    1, GUESTLINE_PER_HOUR, 0);
	long at_once = link_number("--at-once", line->at_once, 1,
	    GUESTLINE_AT_ONCE, 0);
	const char *name = line->name != NULL ? line->name : "";
	struct directory_link link = {
		.expires_s = clock_wall_s() + DAY_S * days
	};
	char secret[LINK_SECRET], page[LINK_URL], text[LINK_TEXT];
	char number[LINK_WORD];
	int status;

	if (!guestline_is_name(name)) {
		tool_warn("--name", "wants at most %d bytes of UTF-8, without "
		    "control characters", GUESTLINE_NAME);
		return COMMAND_USAGE;
	}
	status = link_page(page, where, line);
	if (status == COMMAND_DONE)
		status = link_secret(secret, link.hash);
	if (status != COMMAND_DONE)
		return status;
	strcpy(link.number, line->operand[0]);
	guestline_note(link.note, per_hour, at_once, name);
	status = link_keep(users, &link);
	if (status != COMMAND_DONE)
		return status;
	snprintf(text, sizeof(text), "%s#call=%s&guest=%s", page,
	    link_word(number, link.number), secret);
	return link_show(users, line, &link, text);
}

static void
print_limit(const char *limit, size_t len)
{
	if (len == 1 && *limit == '0')
		printf("\t-");
	else
		printf("\t%.*s", (int)len, limit);
}

static void
on_each(int err, const struct directory_link *link, void *arg)
{
	const char *at = link->note + strlen(DIRECTORY_GUEST " ");
	char guest[SIGMSG_NUMBER], when[DATETIME_TEXT];
	size_t i, n;

	(void)err;
	(void)arg;
	if (!guestline_is_link(link) || link->expires_s <= clock_wall_s())
		return;
	directory_guest(guest, link->hash);
	printf("%s\t%s\t%s", guest, link->number,
	    datetime_format(when, link->expires_s));
	for (i = 0; i < 2; i++) {
		n = strcspn(at, " ");
		print_limit(at, n);
		at += n + (at[n] == ' ');
	}
	printf("\t%s\n", *at != '\0' ? at : "-");
}

int
guest_list(struct users *users, const struct where *where,
    const struct command_line *line)
{
	(void)where;
	return users_status(users, users_wait(users, directory_list_links(
	    users->directory, line->operand[0], on_each, users_on_done,
	    users)), "guests", false);
}

/* A link that is looked for. */
struct finding {
	const char *id;
	struct directory_link link;
	bool found;
};

static void
look_at(int err, const struct directory_link *link, void *arg)
{
	struct finding *f = arg;
	char guest[SIGMSG_NUMBER];

	(void)err;
	directory_guest(guest, link->hash);
	if (!guestline_is_link(link) || strcmp(guest, f->id) != 0)
		return;
	f->link = *link;
	f->found = true;
}

struct search {
	struct finding finding;		/* first: it is the handler's arg */
	struct users *users;
};

static void
on_searched(int err, void *arg)
{
	struct search *s = arg;

	users_answered(s->users, err);
}

int
guest_revoke(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];
	struct search s = {
		.finding = { .id = line->operand[1] }, .users = users
	};
	int status = users_status(users, users_wait(users,
	    directory_list_links(users->directory, number, look_at,
	    on_searched, &s)), number, false);

	(void)where;
	if (status != COMMAND_DONE)
		return status;
	if (!s.finding.found) {
		tool_warn(number, "no such guest: %s", line->operand[1]);
		return COMMAND_UNKNOWN;
	}
	return users_write(users, directory_drop_link(users->directory,
	    number, s.finding.link.hash, users_on_done, users), number);
}
