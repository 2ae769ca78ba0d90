/*
 * pushearly: fit what a callee may begin with into the payload of a push. Pure.
 * See pushearly.h.
 */
#include "wire/pushearly.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Ends each line in CRLF? Then LF alone says as much. */
static bool
ends_in_crlf(const char *offer, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (offer[i] == '\r' && i + 1 < len && offer[i + 1] == '\n')
			i++;
		else if (offer[i] == '\r' || offer[i] == '\n')
			return false;
	return len > 0 && offer[len - 1] == '\n';
}

/* Make the offer's string, with LF for CRLF. In JSON that saves two bytes each. */
static json_t *
short_offer(const struct pushearly *early)
{
	char *text = malloc(early->offer_len);
	json_t *string;
	size_t i, n = 0;

	if (text == NULL)
		return NULL;
	for (i = 0; i < early->offer_len; i++)
		if (early->offer[i] != '\r')
			text[n++] = early->offer[i];
	string = json_stringn(text, n);
	free(text);
	return string;
}

/* Make the member without what is missing. NULL if out of memory. */
static json_t *
make(const struct pushearly *early, json_t *offer, unsigned missing)
{
	bool has_addresses = (missing & PUSHEARLY_ADDRESSES) == 0;
	bool has_offer = (missing & (PUSHEARLY_OFFER | PUSHEARLY_LINES)) == 0;
	json_t *left = NULL;

	if (missing != 0) {
		left = json_pack("[s*, s*]", has_addresses ? NULL :
		    "addresses", has_offer ? NULL : "offer");
		if (left == NULL)
			return NULL;
	}
	return json_pack("{s:O*, s:O, s:s*, s:O*, s:o*}",
	    "offer", has_offer ? offer : NULL,
	    "iceServers", early->ice_servers,
	    "relayed", early->relayed[0] != '\0' ? early->relayed : NULL,
	    "addresses", has_addresses ? early->addresses : NULL,
	    "leftOut", left);
}

/* Add the member without what is missing. -EMSGSIZE: it does not fit. */
static int
add(json_t *payload, const struct pushearly *early, json_t *offer,
    unsigned missing, size_t room)
{
	json_t *member = make(early, offer, missing);

	if (member == NULL || json_object_set_new(payload, "early",
	    member) < 0)
		return -ENOMEM;
	if (json_dumpb(payload, NULL, 0, JSON_COMPACT) <= room)
		return 0;
	json_object_del(payload, "early");
	return -EMSGSIZE;
}

int
pushearly_add(json_t *payload, const struct pushearly *early, size_t room,
    unsigned *missing)
{
	/* The first that fits. */
	static const unsigned choices[] = {
		0, PUSHEARLY_ADDRESSES, PUSHEARLY_OFFER,
		PUSHEARLY_ADDRESSES | PUSHEARLY_OFFER
	};
	unsigned lines = ends_in_crlf(early->offer, early->offer_len) ? 0 :
	    PUSHEARLY_LINES;
	json_t *offer = lines != 0 ? NULL : short_offer(early);
	int err = lines != 0 || offer != NULL ? -EMSGSIZE : -ENOMEM;
	size_t i;

	*missing = PUSHEARLY_ALL;
	for (i = 0; err == -EMSGSIZE && i < sizeof(choices) /
	    sizeof(choices[0]); i++) {
		if (lines != 0 && (choices[i] & PUSHEARLY_OFFER) != 0)
			continue;
		err = add(payload, early, offer, choices[i] | lines, room);
		if (err == 0)
			*missing = choices[i] | lines;
	}
	json_decref(offer);
	return err == -EMSGSIZE ? 0 : err;
}

void
pushearly_clear(struct pushearly *early)
{
	json_decref(early->ice_servers);
	json_decref(early->addresses);
	early->ice_servers = early->addresses = NULL;
}
