/*
 * offers: tell an offer from other messages, and keep the requests that wait
 * for one. Called by calls and call_record. See offers.h.
 */
#include "calls/offers.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "calls/call_record.h"
#include "calls/calls.h"
#include "calls/outbox.h"

bool
offers_is_text(const struct sigmsg *msg)
{
	json_t *text;

	if (msg->body_len == 0)
		return true;
	/* A client's JSON may have no NUL, and SDP has none (RFC 8866 9). */
	if (memchr(msg->body, '\0', msg->body_len) != NULL)
		return false;
	text = json_stringn(msg->body, msg->body_len);
	json_decref(text);
	return text != NULL;
}

bool
offers_is_one(const struct sigmsg *msg)
{
	static const char type[] = "application/sdp";
	size_t len = strcspn(msg->content_type, "; \t");

	return msg->method == SIGMSG_INFO && len == strlen(type) &&
	    strncasecmp(msg->content_type, type, len) == 0;
}

bool
offers_is_missing(const struct party *party)
{
	return party->index != CALL_CALLER && !party->record->call.offered;
}

/* Is it the offer that came late, a second time? */
static bool
is_repeated(const struct call_record *record, const struct sigmsg *msg)
{
	const char *offer;
	size_t len;

	if (record->call.timing.offer_ms == 0 || record->offer == NULL ||
	    record->call.state >= CALL_ANSWERED)
		return false;
	offer = outbox_message_body(record->offer, &len);
	return msg->body_len == len && memcmp(msg->body, offer, len) == 0;
}

bool
offers_is_answered(const struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	const struct call_record *record = party->record;

	if (party->index != CALL_CALLER || !offers_is_one(msg) ||
	    record->call.state == CALL_ENDED)
		return false;
	if (is_repeated(record, msg)) {
		reply->status = 200;
		return true;
	}
	if (record->call.offered || (msg->body_len > 0 && offers_is_text(msg)))
		return false;
	reply->status = 400;
	strcpy(reply->reason, "no-offer");
	return true;
}

void
calls_await(struct calls_wait *wait, const struct calls_reply *reply,
    void (*done)(const struct calls_reply *reply, void *arg), void *arg)
{
	wait->party = reply->waits;
	wait->bare = reply->bare;
	wait->done = done;
	wait->arg = arg;
	LIST_INSERT_HEAD(&wait->party->record->waits, wait, of_call);
}

void
calls_await_cancel(struct calls_wait *wait)
{
	if (wait->party == NULL)
		return;
	LIST_REMOVE(wait, of_call);
	wait->party = NULL;
}

void
offers_settle(struct call_record *record,
    void (*fill)(const struct calls_wait *wait, struct calls_reply *reply))
{
	struct calls_wait *wait;
	struct calls_reply reply;
	int i;

	while ((wait = LIST_FIRST(&record->waits)) != NULL) {
		fill(wait, &reply);
		calls_await_cancel(wait);
		wait->done(&reply, wait->arg);
	}
	for (i = 0; i < record->n_devices; i++)
		outbox_release(&record->devices[i].box);
}
