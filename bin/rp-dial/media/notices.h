/*
 * notices: what media has to tell its owner, kept until the loop comes by, so
 * that no handler runs within a media_ function and each may free the media.
 */
#ifndef RP_DIAL_NOTICES_H
#define RP_DIAL_NOTICES_H

#include <stdbool.h>

#include "media/media.h"

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
	/* The text of our candidate's fragment; its length, or negative. */
	ssize_t (*fragment)(char *text, size_t text_max, void *owner);
	void *owner;
	struct loop_event *event;
	bool *freed;
	enum media_state state, told;
	bool raised[NOTICES];
	int err;
	char why[MEDIA_WHY];
};

int notices_init(struct notices *notices, struct event_base *loop);

/* Nothing is told from now on; allowed within a handler. */
void notices_clear(struct notices *notices);

/* Tell of the state, and of those before it that were not told yet. */
void notices_reach(struct notices *notices, enum media_state state);

/* States past this one will be told anew. */
void notices_fall_back(struct notices *notices, enum media_state state);

void notices_raise(struct notices *notices, enum notice notice);

/* Tell of this failure, and of nothing else any more. */
void notices_fail(struct notices *notices, int err, const char *why);

#endif
