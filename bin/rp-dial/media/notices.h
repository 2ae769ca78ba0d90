/*
 * notices: media's notices to its owner, kept until the loop runs. No handler
 * thus runs within a media_ function, and each of them may free the media.
 */
#ifndef RP_DIAL_NOTICES_H
#define RP_DIAL_NOTICES_H

#include <stdbool.h>

#include "media/media.h"
#include "wire/why.h"

struct loop_event;

enum notice {
	NOTICE_CANDIDATE,
	NOTICE_FIRST_AUDIO,
	NOTICE_IN_ENDED,
	NOTICES
};

/* Embedded in the media; zeroed before notices_init. */
struct notices {
	struct media_handlers handlers;
	void *arg;
	/*
	 * Write our candidate's fragment; return its length or a negative
	 * errno.
	 */
	ssize_t (*fragment)(char *text, size_t text_max, void *owner);
	void *owner;
	struct loop_event *event;
	bool *freed;
	enum media_state state, told;
	bool raised[NOTICES];
	int err;
	char why[WHY_TEXT];
};

int notices_init(struct notices *notices, struct event_base *loop);

/* Cancel all notices from now on. Allowed within a handler. */
void notices_clear(struct notices *notices);

/* Report the state, and the states before it that were not reported yet. */
void notices_reach(struct notices *notices, enum media_state state);

/* Report the states past this one again when they are reached. */
void notices_fall_back(struct notices *notices, enum media_state state);

void notices_raise(struct notices *notices, enum notice notice);

/* Report this failure, and nothing after it. */
void notices_fail(struct notices *notices, int err, const char *why);

#endif
