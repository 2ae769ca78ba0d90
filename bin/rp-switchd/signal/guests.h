/*
 * guests: clients without a number, whose link lets them call one subscriber and
 * nothing else. rp-users(8) makes and revokes links; the directory has them. A
 * guest is "guest." and an ID, which is a number that no subscriber gets.
 */
#ifndef RP_SWITCHD_GUESTS_H
#define RP_SWITCHD_GUESTS_H

#include <stdbool.h>

#include "calls/calls.h"
#include "directory/directory.h"

struct request;

/* The terms of a link. */
struct guest_terms {
	char callee[SIGMSG_NUMBER];
	long per_hour, at_once;		/* 0: as the settings say */
};

/* Write who the holder of a link is. */
void guests_who(struct calls_who *who, const char *token);

/* Read the terms of a link. Return false if it is too old, or not a guest's. */
bool guests_read(struct guest_terms *out, const struct directory_link *link);

/*
 * May the client, a guest, make its request? If not, it is answered: 403 for
 * what guests may not do, and 429 for too many calls.
 */
bool guests_may(struct request *request);

/*
 * May the client have one more call now, if it is a guest? If not, it is answered
 * 429. It is asked again after the callee was looked up, because other holders of
 * the link may have begun meanwhile.
 */
bool guests_have_room(struct request *request);

/* Count an INITIATE by the link. If there were too many, it is answered 429. */
bool guests_count(struct request *request);

#endif
