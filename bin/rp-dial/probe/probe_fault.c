/*
 * probe_fault: the word, the hint and the exit status for each fault of a path.
 * Pure. See probe_fault.h.
 */
#include "probe/probe_fault.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	const char *text, *hint;
	enum outcome outcome;
} faults[] = {
	[PROBE_FAULT_NONE] = { "", "", OUTCOME_COMPLETED },
	[PROBE_FAULT_NAME] = { "name", "is the name right?", OUTCOME_RELAY },
	[PROBE_FAULT_CLOSED] = { "closed",
	    "is the relay up, and is this its port?", OUTCOME_RELAY },
	[PROBE_FAULT_SILENT] = { "silent",
	    "does a firewall drop this port?", OUTCOME_RELAY },
	[PROBE_FAULT_UNREACHABLE] = { "unreachable",
	    "is the address right, and is there a route to it?",
	    OUTCOME_RELAY },
	[PROBE_FAULT_MUTE] = { "mute",
	    "does something else listen at this port, or a proxy?",
	    OUTCOME_RELAY },
	[PROBE_FAULT_CERTIFICATE] = { "certificate",
	    "renew it, or have it issued for this name by an authority that "
	    "clients trust", OUTCOME_UNTRUSTED },
	[PROBE_FAULT_SECRET] = { "secret",
	    "give the relay and whoever hands out its credentials the same "
	    "secret", OUTCOME_UNAUTHORISED },
	[PROBE_FAULT_CLOCK] = { "clock", "set both clocks by NTP",
	    OUTCOME_UNAUTHORISED },
	[PROBE_FAULT_FULL] = { "full",
	    "raise the relay's limits, or try again later", OUTCOME_RELAY },
	[PROBE_FAULT_REFUSED] = { "refused", "the relay's log may say why",
	    OUTCOME_RELAY },
	[PROBE_FAULT_BROKEN] = { "broken",
	    "is it a TURN server that listens there, and for this transport?",
	    OUTCOME_RELAY },
	[PROBE_FAULT_PERMISSION] = { "permission",
	    "does the relay allow peers at its own address?", OUTCOME_RELAY },
	[PROBE_FAULT_CHANNEL] = { "channel", "the relay's log may say why",
	    OUTCOME_RELAY },
	[PROBE_FAULT_ECHO] = { "echo",
	    "does a firewall keep the relay from its own relayed addresses?",
	    OUTCOME_RELAY },
	[PROBE_FAULT_LOSS] = { "loss",
	    "is the path overloaded, or the relay's rate limit for an "
	    "allocation too low?", OUTCOME_RELAY },
	[PROBE_FAULT_ADDRESS] = { "address",
	    "correct the relay's external address", OUTCOME_RELAY }
};

const char *
probe_fault_text(enum probe_fault fault)
{
	return faults[fault].text;
}

const char *
probe_fault_hint(enum probe_fault fault)
{
	return faults[fault].hint;
}

enum outcome
probe_fault_outcome(enum probe_fault fault)
{
	return faults[fault].outcome;
}

enum probe_fault
probe_fault_of(int err, unsigned refusal)
{
	switch (refusal) {
	case 0:
		break;
	case 401:
	case 441:
		return PROBE_FAULT_SECRET;
	case 486:
	case 508:
		return PROBE_FAULT_FULL;
	default:
		return PROBE_FAULT_REFUSED;
	}
	switch (err) {
	case -ECONNREFUSED:
		return PROBE_FAULT_CLOSED;
	case -ETIMEDOUT:
		return PROBE_FAULT_SILENT;
	case -EKEYREJECTED:
		return PROBE_FAULT_CERTIFICATE;
	case -ECONNRESET:
	case -EPROTO:
		return PROBE_FAULT_BROKEN;
	default:
		return PROBE_FAULT_UNREACHABLE;
	}
}
