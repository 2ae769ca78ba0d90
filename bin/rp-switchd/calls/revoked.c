/*
 * revoked: end the rings of a client who may not go on, and find the calls that
 * it may finish. See revoked.h.
 */
#include "calls/revoked.h"

#include <stddef.h>

#include "calls/call_record.h"
#include "calls/calls.h"
#include "calls/outbox.h"

/* Is the party one of the two that talk? */
static bool
is_talking(const struct party *party)
{
	const struct callfsm *call = &party->record->call;

	return call->state == CALL_ANSWERED &&
	    (party->index == CALL_CALLER || party->index == call->winner);
}

/* Does the party's call ring or run? */
static bool
is_live(const struct party *party)
{
	return party->record->call.state != CALL_ENDED;
}

static void
end_one(struct outbox *box, void *arg)
{
	struct party *party = MAP_ENTRY(box, struct party, box);
	const bool *running = arg;

	if (*running || !is_talking(party))
		call_record_note(party->record, CALL_ON_REVOKED, party->index);
}

void
revoked_end(struct outbox_link *link, bool running)
{
	outbox_link_each(link, end_one, &running);
}

static void
look_at(struct outbox *box, void *arg)
{
	bool *talking = arg;

	*talking |= is_talking(MAP_ENTRY(box, struct party, box));
}

bool
revoked_is_in_call(struct outbox_link *link)
{
	bool talking = false;

	outbox_link_each(link, look_at, &talking);
	return talking;
}

/* Return the party that this very device is in the session, or NULL. */
static struct party *
find_party(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	struct party *party = calls_party(calls, session, who);

	return party != NULL && crypto_equal(party->token_hash,
	    who->token_hash, CRYPTO_SHA256) ? party : NULL;
}

bool
revoked_is_device_of(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	return find_party(calls, session, who) != NULL;
}

bool
revoked_is_party(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	const struct party *party = find_party(calls, session, who);

	return party != NULL && is_talking(party);
}

static void
look_for_call(struct outbox *box, void *arg)
{
	bool *has_call = arg;

	*has_call |= is_live(MAP_ENTRY(box, struct party, box));
}

bool
revoked_has_call(struct outbox_link *link)
{
	bool has_call = false;

	outbox_link_each(link, look_for_call, &has_call);
	return has_call;
}

bool
revoked_is_of_call(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	const struct party *party = find_party(calls, session, who);

	return party != NULL && is_live(party);
}

void
revoked_end_session(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	struct party *party = find_party(calls, session, who);

	if (party != NULL)
		call_record_note(party->record, CALL_ON_REVOKED, party->index);
}
