/*
 * revoked: the calls of a client who may not go on, because its device was
 * removed or its number was blocked. Rings end at once. A call that was
 * answered goes on to its end, unless it was asked to end as well.
 */
#ifndef RP_SWITCHD_REVOKED_H
#define RP_SWITCHD_REVOKED_H

#include <stdbool.h>

struct calls;
struct calls_who;
struct outbox_link;

/*
 * End what the client of this connection has: its rings and, with `running`,
 * its calls that were answered.
 */
void revoked_end(struct outbox_link *link, bool running);

/* Is the client in a call that was answered, on this connection? */
bool revoked_is_in_call(struct outbox_link *link);

/* Is the client, with this very device, in this session, which may be over? */
bool revoked_is_device_of(const struct calls *calls, const char *session,
    const struct calls_who *who);

/* Is the client in this session, which was answered, with this very device? */
bool revoked_is_party(const struct calls *calls, const char *session,
    const struct calls_who *who);

/* Does a call ring or run on this connection, with this client in it? */
bool revoked_has_call(struct outbox_link *link);

/* Is the client, with this very device, in this session, and is it not over? */
bool revoked_is_of_call(const struct calls *calls, const char *session,
    const struct calls_who *who);

/* End this session, if the client is in it with this very device. */
void revoked_end_session(const struct calls *calls, const char *session,
    const struct calls_who *who);

#endif
