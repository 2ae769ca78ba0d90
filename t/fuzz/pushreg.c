/*
 * Push registrations and the URLs in them: what is accepted has the form of its
 * type, and is its own registration.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz.h"
#include "wire/pushform.h"
#include "wire/pushreg.h"
#include "wire/pushurl.h"

#define ROOM 8192

static const struct pushreg_options options;

static void
check_form(const char *text)
{
	json_t *registration = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	char why[WHY_TEXT];

	if (registration == NULL || pushform_check(json_string_value(
	    json_object_get(registration, "type")), json_object_get(
	    registration, "to"), why) < 0)
		abort();
	json_decref(registration);
}

static void
check_url(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), origin[PUSHURL_ORIGIN], why[WHY_TEXT];
	struct pushurl url, again;

	if (text == NULL)
		return;
	memcpy(text, data, len);
	text[len] = '\0';
	if (pushurl_parse(&url, text, why) == 0 && (url.host[0] == '\0' ||
	    url.port == 0 ||
	    pushurl_parse(&again, pushurl_origin(&url, origin), why) < 0 ||
	    strcmp(again.host, url.host) != 0 || again.port != url.port))
		abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char one[ROOM], two[ROOM], why[WHY_TEXT];

	check_url(data, len);
	if (pushreg_parse(one, sizeof(one), (const char *)data, len, &options,
	    why) < 0)
		return 0;
	check_form(one);
	if (pushreg_parse(two, sizeof(two), one, strlen(one), &options,
	    why) < 0 || strcmp(one, two) != 0)
		abort();
	return 0;
}
