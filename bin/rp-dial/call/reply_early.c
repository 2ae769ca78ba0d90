/* reply_early: what a push says of its call beforehand. See reply_early.h. */
#include "call/reply_early.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call/reply_reach.h"
#include "net/netwatch.h"
#include "wire/addr.h"
#include "wire/why.h"

/* Parse ADDRESS:PORT without a name in it. */
static int
take_addr(struct addr *out, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL || strlen(text) != json_string_length(value) ||
	    addr_parse(out, text, 0) < 0 || addr_port(out) == 0 ||
	    !addr_is_unicast(out))
		return -EBADMSG;
	return 0;
}

/* Those beyond our limit are skipped: one is enough. */
static int
take_addresses(struct reply_early *early, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (early->n_addresses == REPLY_ADDRESSES)
			break;
		if (take_addr(&early->addresses[early->n_addresses++],
		    item) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int
take_early(struct reply_early *early, const json_t *object)
{
	const json_t *relayed = json_object_get(object, "relayed");
	char why[WHY_TEXT];
	int err = reply_parse_object(&early->reply, object, why);

	if (err < 0)
		return err;
	if (early->reply.n_servers == 0)
		return -EBADMSG;
	early->has_relayed = relayed != NULL;
	if (early->has_relayed && take_addr(&early->relayed, relayed) < 0)
		return -EBADMSG;
	return take_addresses(early, json_object_get(object, "addresses"));
}

struct reply_early *
reply_early_new(const json_t *object)
{
	struct reply_early *early;

	if (!json_is_object(object))
		return NULL;
	early = calloc(1, sizeof(*early));
	if (early == NULL || take_early(early, object) == 0)
		return early;
	reply_early_free(early);
	return NULL;
}

static void
drop_nearer(struct reply_early *early, const struct addr *home)
{
	size_t i, n = 0;

	for (i = 0; i < early->n_addresses; i++)
		if (reply_reach_is_beyond(&early->addresses[i], home))
			early->addresses[n++] = early->addresses[i];
	early->n_addresses = n;
}

/*
 * Choose where we shall reach the switch: where there is a route, and by the
 * family of its relay if possible.
 */
static const struct addr *
choose_reached(const struct reply_early *early)
{
	const struct media_ice_server *relay = &early->reply.servers[0];
	const struct addr *first = NULL;
	struct addr source;
	size_t i;

	for (i = 0; i < early->n_addresses; i++) {
		const struct addr *addr = &early->addresses[i];

		if (netwatch_source(&source, addr) < 0)
			continue;
		if (!relay->literal ||
		    addr_is_v4(addr) == addr_is_v4(&relay->addr))
			return addr;
		if (first == NULL)
			first = addr;
	}
	return first;
}

bool
reply_early_place(struct reply_early *early, const struct addr *home)
{
	struct reply_place place = { .known = early->addresses };

	drop_nearer(early, home);
	place.n_known = early->n_addresses;
	place.reached = choose_reached(early);
	if (place.reached == NULL)
		return false;
	reply_reach(&early->reply, &place);
	return !early->reply.has_refused;
}

/* Skip CR before LF. */
static const char *
to_end_of_line(const char *text)
{
	return text[0] == '\r' && text[1] == '\n' ? text + 1 : text;
}

bool
reply_early_is_offer(const struct reply_early *early, const char *offer)
{
	const char *pushed = early->reply.offer;

	if (pushed == NULL)
		return false;
	for (;;) {
		pushed = to_end_of_line(pushed);
		offer = to_end_of_line(offer);
		if (*pushed != *offer)
			return false;
		if (*pushed == '\0')
			return true;
		pushed++;
		offer++;
	}
}

void
reply_early_free(struct reply_early *early)
{
	if (early == NULL)
		return;
	reply_clear(&early->reply);
	free(early);
}
