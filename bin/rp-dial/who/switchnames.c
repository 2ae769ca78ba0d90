/*
 * switchnames: compare names of switches, and remember those that our switch
 * lists. Pure. See switchnames.h.
 */
#include "who/switchnames.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "wire/addr.h"

static void
take_name(char out[static HOSTPORT_NAME], const char *name)
{
	snprintf(out, HOSTPORT_NAME, "%s", name);
	hostport_undot(out);
}

void
switchnames_init(struct switchnames *names, const char *account_switch,
    const char *asked)
{
	struct hostport own;

	memset(names, 0, sizeof(*names));
	if (account_switch == NULL || hostport_parse(&own, account_switch,
	    1) < 0) {
		take_name(names->own, asked);
		return;
	}
	take_name(names->own, own.name);
	take_name(names->also, asked);
}

int
switchnames_take(struct switchnames *names, const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(root, "switches"), *item;
	struct hostport one;
	size_t i;

	if (!json_is_array(list)) {
		json_decref(root);
		return -EBADMSG;
	}
	names->n_listed = 0;
	json_array_foreach(list, i, item) {
		if (names->n_listed == SWITCHNAMES_LISTED)
			break;
		if (json_is_string(item) && hostport_parse(&one,
		    json_string_value(item), 1) == 0)
			take_name(names->listed[names->n_listed++], one.name);
	}
	json_decref(root);
	return 0;
}

/* An address equals itself in each spelling, and has nothing below it. */
static bool
is_same_or_below(const char *name, const char *own)
{
	size_t len = strlen(name), own_len = strlen(own);
	struct addr a, b;

	if (own_len == 0 || *name == '.')
		return false;
	if (addr_parse(&b, own, 0) == 0)
		return addr_parse(&a, name, 0) == 0 && addr_equal(&a, &b);
	if (strcasecmp(name, own) == 0)
		return true;
	return len > own_len + 1 && name[len - own_len - 1] == '.' &&
	    strcasecmp(name + len - own_len, own) == 0;
}

static bool
is_listed(const struct switchnames *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n_listed; i++)
		if (strcasecmp(name, names->listed[i]) == 0)
			return true;
	return false;
}

bool
switchnames_has(const struct switchnames *names, const char *name)
{
	char plain[HOSTPORT_NAME];

	take_name(plain, name);
	return is_same_or_below(plain, names->own) ||
	    is_same_or_below(plain, names->also) || is_listed(names, plain);
}

const char *
switchnames_certified(const struct switchnames *names, const char *name)
{
	return switchnames_has(names, name) ? name : names->own;
}
