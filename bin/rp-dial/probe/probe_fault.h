/*
 * probe_fault: what is wrong with a way to a relay: the word for it, what to
 * do about it, and the exit status. Pure.
 */
#ifndef RP_DIAL_PROBE_FAULT_H
#define RP_DIAL_PROBE_FAULT_H

#include "call/outcome.h"

enum probe_fault {
	PROBE_FAULT_NONE,
	PROBE_FAULT_NAME,	/* DNS does not know it */
	PROBE_FAULT_CLOSED,	/* nobody listens: refused */
	PROBE_FAULT_SILENT,	/* dropped on the way */
	PROBE_FAULT_UNREACHABLE,	/* no way there */
	PROBE_FAULT_MUTE,	/* takes the connection, says nothing */
	PROBE_FAULT_CERTIFICATE,
	PROBE_FAULT_SECRET,	/* the password is wrong */
	PROBE_FAULT_CLOCK,	/* it would be right at another time */
	PROBE_FAULT_FULL,
	PROBE_FAULT_REFUSED,	/* with another error */
	PROBE_FAULT_BROKEN,	/* what it says is not TURN, or it hung up */
	PROBE_FAULT_PERMISSION,
	PROBE_FAULT_CHANNEL,
	PROBE_FAULT_ECHO,	/* nothing comes through */
	PROBE_FAULT_LOSS,	/* not all that should */
	PROBE_FAULT_ADDRESS	/* its external address is wrong */
};

/* "closed", "certificate", ...; "" for none. */
const char *probe_fault_text(enum probe_fault fault);

/* What to do about it, a question for the most part. */
const char *probe_fault_hint(enum probe_fault fault);

enum outcome probe_fault_outcome(enum probe_fault fault);

/*
 * What it means that turn_client failed to allocate with err, where the relay
 * answered with the error code refusal, or 0.
 */
enum probe_fault probe_fault_of(int err, unsigned refusal);

#endif
