/*
 * found: what a look-up found, as the engines write it and callers read it. See
 * directory.h and directory_engine.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "directory/directory_engine.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

#define GUEST_BYTES 6		/* of a hash: links are told apart */

static const char nothing[] = "";	/* a text that nobody frees */

static void
clear_text(const char **text)
{
	if (*text != nothing)
		free((char *)*text);
	*text = nothing;
}

void
directory_found_clear(struct directory_request *request)
{
	struct directory_subscriber *to;
	size_t i;

	request->n_links = 0;
	while (request->n_found > 0) {
		to = &request->found[--request->n_found];
		clear_text(&to->refused);
		for (i = 0; i < to->n_devices; i++) {
			clear_text(&to->devices[i].push);
			clear_text(&to->devices[i].result);
		}
	}
}

struct directory_subscriber *
directory_found_next(struct directory_request *request, const char *number)
{
	struct directory_subscriber *to;

	if (request->n_found == request->max_found ||
	    strlen(number) >= sizeof(to->number))
		return NULL;
	to = &request->found[request->n_found++];
	strcpy(to->number, number);
	to->blocked_s = 0;
	to->refused = nothing;
	to->n_devices = 0;
	return to;
}

void
directory_found_drop(struct directory_request *request)
{
	clear_text(&request->found[--request->n_found].refused);
}

bool
directory_found_link(struct directory_request *request, const char *number,
    const uint8_t hash[static CRYPTO_SHA256], int64_t expires_s,
    const char *note)
{
	struct directory_link *to;

	if (request->n_links == request->max_links)
		return false;
	if (strlen(number) >= sizeof(to->number) ||
	    strlen(note) >= sizeof(to->note))
		return true;
	to = &request->links[request->n_links++];
	strcpy(to->number, number);
	memcpy(to->hash, hash, CRYPTO_SHA256);
	to->expires_s = expires_s;
	strcpy(to->note, note);
	return true;
}

struct directory_device *
directory_found_device(struct directory_subscriber *found,
    const uint8_t token_hash[static CRYPTO_SHA256])
{
	struct directory_device *device;

	if (found->n_devices == DIRECTORY_DEVICES)
		return NULL;
	device = &found->devices[found->n_devices++];
	memset(device, 0, sizeof(*device));
	memcpy(device->token_hash, token_hash, CRYPTO_SHA256);
	device->push = device->result = nothing;
	return device;
}

int
directory_text(const char **text, const char *from, size_t len)
{
	char *copy;

	if (len == 0)
		return 0;
	copy = strndup(from, len);
	if (copy == NULL)
		return -ENOMEM;
	*text = copy;
	return 0;
}

/* Return where in the list that caller stands, or would stand. */
static size_t
place_of(const char *refused, const char *caller)
{
	const char *at = refused;
	char word[SIGMSG_NUMBER];
	size_t n;

	while (*at != '\0') {
		n = strcspn(at, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, at);
		if (strcmp(word, caller) >= 0)
			break;
		at += n + (at[n] == ' ');
	}
	return (size_t)(at - refused);
}

int
directory_found_refuses(struct directory_subscriber *found, const char *caller)
{
	size_t at = place_of(found->refused, caller);
	size_t size = strlen(found->refused) + 1 + strlen(caller) + 1;
	char *all = malloc(size);

	if (all == NULL)
		return -ENOMEM;
	/* Words before it end in a space, except at the end of the list. */
	snprintf(all, size, "%.*s%s%s%s%s", (int)at, found->refused,
	    at > 0 && found->refused[at] == '\0' ? " " : "", caller,
	    found->refused[at] != '\0' ? " " : "", found->refused + at);
	clear_text(&found->refused);
	found->refused = all;
	return 0;
}

bool
directory_refuses(const struct directory_subscriber *subscriber,
    const char *caller)
{
	const char *at = subscriber->refused;
	size_t len = strlen(caller), n;

	while (*at != '\0') {
		n = strcspn(at, " ");
		if (n == len && memcmp(at, caller, len) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static int
by_hash(const void *a, const void *b)
{
	return memcmp(((const struct directory_device *)a)->token_hash,
	    ((const struct directory_device *)b)->token_hash, CRYPTO_SHA256);
}

void
directory_found_sort(struct directory_subscriber *found)
{
	qsort(found->devices, found->n_devices, sizeof(found->devices[0]),
	    by_hash);
}

void
directory_hash(uint8_t token_hash[static CRYPTO_SHA256], const char *token)
{
	crypto_sha256(token_hash, token, strlen(token));
}

void
directory_guest(char number[static SIGMSG_NUMBER],
    const uint8_t link_hash[static CRYPTO_SHA256])
{
	char hash[HEX_TEXT(GUEST_BYTES)];

	hex_encode(hash, link_hash, GUEST_BYTES);
	snprintf(number, SIGMSG_NUMBER, "%s%s", DIRECTORY_GUEST_NUMBER, hash);
}

int
directory_device_by_hash(const struct directory_subscriber *subscriber,
    const uint8_t token_hash[static CRYPTO_SHA256])
{
	int found = -1;
	size_t i;

	/* The time that this takes does not depend on where it is. */
	for (i = 0; i < subscriber->n_devices; i++)
		if (crypto_equal(token_hash, subscriber->devices[i].token_hash,
		    CRYPTO_SHA256))
			found = (int)i;
	return found;
}

int64_t
directory_blocked_since(const struct directory_subscriber *subscriber)
{
	int64_t since_s = subscriber->blocked_s;

	return since_s < 0 ? -since_s : since_s;
}

bool
directory_is_revoked(const struct directory_device *device)
{
	return strcmp(device->push, DIRECTORY_REVOKED) == 0;
}
