/* listing: print subscribers and their devices. See listing.h. */
#include "listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/tool.h"
#include "datetime.h"
#include "deviceid.h"
#include "directory/directory.h"
#include "record.h"
#include "users.h"
#include "wire/base64.h"

struct listing {
	struct users *users;
	const char *prefix;
};

/* Print a subscriber as a line of JSON, with all that is known. */
static void
print_json(const struct directory_subscriber *s)
{
	json_t *root = json_pack("{s:s}", "number", s->number);
	json_t *devices = json_array();
	char text[DEVICEID_TEXT], when[DATETIME_TEXT];
	size_t i;

	if (s->blocked_s != 0)
		json_object_set_new(root, "blocked",
		    json_string(datetime_format(when,
		    directory_blocked_since(s))));
	for (i = 0; i < s->n_devices; i++) {
		json_t *device = json_pack("{s:s}", "id",
		    deviceid_format(text, s, i));

		if (record_add_device(device, &s->devices[i], true) < 0)
			tool_warn(s->number, "device %s: holds what is not "
			    "UTF-8", text);
		json_array_append_new(devices, device);
	}
	json_object_set_new(root, "devices", devices);
	json_dumpf(root, stdout, 0);
	json_decref(root);
	putchar('\n');
}

static void
print_subscriber(const struct directory_subscriber *s)
{
	char type[RECORD_TYPE];
	size_t i;

	printf("%s\t%zu", s->number, s->n_devices);
	for (i = 0; i < s->n_devices; i++) {
		record_push_type(&s->devices[i], type);
		printf("%c%s", i == 0 ? '\t' : ',', type);
	}
	if (s->blocked_s != 0)
		printf("%s\tblocked", s->n_devices == 0 ? "\t" : "");
	putchar('\n');
}

static bool
is_listed(const struct listing *l, const struct directory_subscriber *s)
{
	return l->prefix == NULL || strncmp(s->number, l->prefix,
	    strlen(l->prefix)) == 0;
}

static void
on_each(int err, const struct directory_subscriber *found, void *arg)
{
	(void)err;
	if (is_listed(arg, found))
		print_subscriber(found);
}

static void
on_each_json(int err, const struct directory_subscriber *found, void *arg)
{
	(void)err;
	if (is_listed(arg, found))
		print_json(found);
}

static void
on_each_blocked(int err, const struct directory_subscriber *found, void *arg)
{
	char when[DATETIME_TEXT];

	(void)err;
	(void)arg;
	if (found->blocked_s != 0)
		printf("%s\t%s\n", found->number,
		    datetime_format(when,
		    directory_blocked_since(found)));
}

static void
on_listed(int err, void *arg)
{
	struct listing *l = arg;

	users_answered(l->users, err);
}

static int
list_with(struct users *users, directory_lookup_handler *each,
    const char *prefix)
{
	struct listing l = { users, prefix };

	return users_status(users, users_wait(users, directory_list(
	    users->directory, each, on_listed, &l)), "list", false);
}

int
listing_all(struct users *users, const struct where *where,
    const struct command_line *line)
{
	(void)where;
	return list_with(users, line->json ? on_each_json : on_each,
	    line->operand[0]);
}

/* Print the callers that one subscriber blocks. */
static void
on_blocking(int err, const struct directory_subscriber *found, void *arg)
{
	struct users *users = arg;
	const char *at = found != NULL ? found->refused : "";
	size_t n;

	users_answered(users, err);
	for (; *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		printf("%.*s\n", (int)n, at);
	}
}

int
listing_blocked(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *number = line->operand[0];

	(void)where;
	if (number != NULL)
		return users_status(users, users_wait(users,
		    directory_lookup(users->directory, number, NULL,
		    on_blocking, users)), number, false);
	return list_with(users, on_each_blocked, NULL);
}

static void
on_shown(int err, const struct directory_subscriber *found, void *arg)
{
	char hash[HEX_TEXT(CRYPTO_SHA256)], type[RECORD_TYPE];
	char when[DATETIME_TEXT];
	size_t i;

	users_answered(arg, err);
	for (i = 0; found != NULL && i < found->n_devices; i++) {
		const struct directory_device *d = &found->devices[i];

		hex_encode(hash, d->token_hash, CRYPTO_SHA256);
		record_push_type(d, type);
		printf("%s\t%s\t%s\t%s\n", found->number, hash, type,
		    datetime_format(when, d->push_s));
	}
}

/* Print a result. No push service's words move a terminal's cursor. */
static void
print_printable(const char *text)
{
	for (; *text != '\0'; text++)
		putchar(*text >= ' ' && *text <= '~' ? *text : '?');
}

static void
on_devices(int err, const struct directory_subscriber *found, void *arg)
{
	char id[DEVICEID_TEXT], type[RECORD_TYPE], when[DATETIME_TEXT];
	size_t i;

	users_answered(arg, err);
	for (i = 0; found != NULL && i < found->n_devices; i++) {
		const struct directory_device *d = &found->devices[i];

		record_push_type(d, type);
		printf("%s\t%s\t", deviceid_format(id, found, i),
		    datetime_format(when, d->added_s));
		printf("%s\t%s\t", datetime_format_day(when, d->seen_s), type);
		print_printable(d->result[0] != '\0' ? d->result : "-");
		printf("\t%s\n", datetime_format(when, d->result_s));
	}
}

static void
on_json(int err, const struct directory_subscriber *found, void *arg)
{
	users_answered(arg, err);
	if (found != NULL)
		print_json(found);
}

static int
show_with(struct users *users, directory_lookup_handler *handler,
    const char *number)
{
	return users_status(users, users_wait(users, directory_show(
	    users->directory, number, handler, users)), number, false);
}

int
listing_show(struct users *users, const struct where *where,
    const struct command_line *line)
{
	(void)where;
	return show_with(users, on_shown, line->operand[0]);
}

int
listing_devices(struct users *users, const struct where *where,
    const struct command_line *line)
{
	(void)where;
	return show_with(users, line->json ? on_json : on_devices,
	    line->operand[0]);
}
