/* recent: a table with one place per hash of a number. See recent.h. */
#include "directory/recent.h"

#include <stdlib.h>
#include <string.h>

#include "wire/sigmsg.h"

/* 2,000 writes in RECENT_MS lose one in ten of their places to each other. */
#define PLACES 8192

struct recent {
	struct {
		char number[SIGMSG_NUMBER];
		uint64_t until_ms;
	} place[PLACES];
};

struct recent *
recent_new(void)
{
	return calloc(1, sizeof(struct recent));
}

void
recent_free(struct recent *recent)
{
	free(recent);
}

/* FNV-1a. */
static size_t
place_of(const char *number)
{
	uint32_t hash = 2166136261;

	for (; *number != '\0'; number++)
		hash = (hash ^ (uint8_t)*number) * 16777619;
	return (hash ^ hash >> 16) % PLACES;
}

void
recent_add(struct recent *recent, const char *number, uint64_t now_ms)
{
	size_t i = place_of(number);

	if (strlen(number) >= sizeof(recent->place[i].number))
		return;
	strcpy(recent->place[i].number, number);
	recent->place[i].until_ms = now_ms + RECENT_MS;
}

bool
recent_has(const struct recent *recent, const char *number, uint64_t now_ms)
{
	size_t i = place_of(number);

	return now_ms < recent->place[i].until_ms &&
	    strcmp(recent->place[i].number, number) == 0;
}
