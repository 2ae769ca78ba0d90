/*
 * probe_fault: a fault of a path to a relay, with its word, its remedy and its
 * exit status. Pure.
 */
#ifndef RP_DIAL_PROBE_FAULT_H
#define RP_DIAL_PROBE_FAULT_H

#include "call/outcome.h"

enum probe_fault {
	PROBE_FAULT_NONE,
	PROBE_FAULT_NAME,	/* DNS does not know the name */
	PROBE_FAULT_CLOSED,	/* nothing listens: refused */
	PROBE_FAULT_SILENT,	/* dropped on the way */
	PROBE_FAULT_UNREACHABLE,	/* no route to the host */
	PROBE_FAULT_MUTE,	/* accepts the connection, then is silent */
	PROBE_FAULT_CERTIFICATE,
	PROBE_FAULT_SECRET,	/* the password is wrong */
	PROBE_FAULT_CLOCK,	/* the password is right at another time */
	PROBE_FAULT_FULL,
	PROBE_FAULT_FORBIDDEN,	/* to this client */
	PROBE_FAULT_TAKEN,	/* it still has an allocation for our port */
	PROBE_FAULT_FAMILY,	/* no relayed address of the usual family */
	PROBE_FAULT_TRANSPORT,	/* it does not relay UDP */
	PROBE_FAULT_MOVED,	/* it sends its clients elsewhere */
	PROBE_FAULT_OPEN,	/* it asks nobody for credentials */
	PROBE_FAULT_REFUSED,	/* with another error */
	PROBE_FAULT_BROKEN,	/* its answers are not TURN, or it hung up */
	PROBE_FAULT_PERMISSION,
	PROBE_FAULT_CHANNEL,
	PROBE_FAULT_ECHO,	/* no packet comes through */
	PROBE_FAULT_LOSS,	/* packets were lost */
	PROBE_FAULT_ADDRESS,	/* its external address is wrong */
	PROBE_FAULT_LATE,	/* the time for all was over */
	PROBE_FAULT_N		/* how many there are */
};

/* Return the word: "closed", "certificate", ...; "" for none. */
const char *probe_fault_text(enum probe_fault fault);

/* Return the remedy, a question for the most part. */
const char *probe_fault_hint(enum probe_fault fault);

enum outcome probe_fault_outcome(enum probe_fault fault);

/*
 * Return the fault for turn_client's failure `err` to allocate. `refusal` is
 * the relay's error code, or 0.
 */
enum probe_fault probe_fault_of(int err, unsigned refusal);

/* Return in words what a TURN error code means; "" for others. */
const char *probe_fault_refusal(unsigned code);

#endif
