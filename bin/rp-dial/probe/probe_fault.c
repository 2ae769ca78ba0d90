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
	    "secret, or the relay this user with this password",
	    OUTCOME_UNAUTHORISED },
	[PROBE_FAULT_CLOCK] = { "clock", "set both clocks by NTP",
	    OUTCOME_UNAUTHORISED },
	[PROBE_FAULT_FULL] = { "full",
	    "raise the relay's limits, or try again later", OUTCOME_RELAY },
	[PROBE_FAULT_FORBIDDEN] = { "forbidden",
	    "does the relay allow this client's address?", OUTCOME_RELAY },
	[PROBE_FAULT_TAKEN] = { "taken",
	    "does a NAT or a balancer give all clients one port? or wait ten "
	    "minutes", OUTCOME_RELAY },
	[PROBE_FAULT_FAMILY] = { "family",
	    "give the relay an address of IPv4 to relay from, which clients "
	    "get unless they ask for IPv6", OUTCOME_RELAY },
	[PROBE_FAULT_TRANSPORT] = { "transport",
	    "let the relay relay UDP, which media needs", OUTCOME_RELAY },
	[PROBE_FAULT_MOVED] = { "moved",
	    "try that server, and name it in the clients", OUTCOME_RELAY },
	[PROBE_FAULT_OPEN] = { "open",
	    "let it demand credentials, or strangers will use it",
	    OUTCOME_RELAY },
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
	    "correct the relay's external address", OUTCOME_RELAY },
	[PROBE_FAULT_LATE] = { "late",
	    "mend the ways before it, or try fewer at a time", OUTCOME_RELAY }
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

/* The error codes of RFC 8489 and 8656 that Allocate may get. */
static const struct {
	unsigned code;
	enum probe_fault fault;
	const char *text;
} refusals[] = {
	{ 300, PROBE_FAULT_MOVED, "try alternate" },
	{ 400, PROBE_FAULT_REFUSED, "bad request" },
	{ 401, PROBE_FAULT_SECRET, "wrong credentials" },
	{ 403, PROBE_FAULT_FORBIDDEN, "forbidden" },
	{ 420, PROBE_FAULT_REFUSED, "unknown attribute" },
	{ 437, PROBE_FAULT_TAKEN, "allocation mismatch" },
	{ 438, PROBE_FAULT_REFUSED, "stale nonce, again and again" },
	{ 440, PROBE_FAULT_FAMILY, "no relayed address of IPv4" },
	{ 441, PROBE_FAULT_SECRET, "wrong credentials" },
	{ 442, PROBE_FAULT_TRANSPORT, "unsupported transport" },
	{ 486, PROBE_FAULT_FULL, "this user's quota is reached" },
	{ 500, PROBE_FAULT_REFUSED, "server error" },
	{ 508, PROBE_FAULT_FULL, "no address or port is free" }
};

const char *
probe_fault_refusal(unsigned code)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].code == code)
			return refusals[i].text;
	return "";
}

static enum probe_fault
fault_of_refusal(unsigned code)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].code == code)
			return refusals[i].fault;
	return PROBE_FAULT_REFUSED;
}

enum probe_fault
probe_fault_of(int err, unsigned refusal)
{
	if (refusal != 0)
		return fault_of_refusal(refusal);
	switch (err) {
	case -ECONNREFUSED:
		return PROBE_FAULT_CLOSED;
	case -ETIMEDOUT:
		return PROBE_FAULT_SILENT;
	case -ENOKEY:
		return PROBE_FAULT_OPEN;
	case -EKEYREJECTED:
		return PROBE_FAULT_CERTIFICATE;
	case -ECONNRESET:
	case -EPROTO:
		return PROBE_FAULT_BROKEN;
	default:
		return PROBE_FAULT_UNREACHABLE;
	}
}
