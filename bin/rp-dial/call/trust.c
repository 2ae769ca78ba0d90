/*
 * trust: compare the peer's certificate with the known one, and make the words.
 * See trust.h.
 */
#include "call/trust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "wire/why.h"

int
trust_init(struct trust *trust, bool caller, const struct identity *own,
    const struct account *account, struct report *report)
{
	memset(trust, 0, sizeof(*trust));
	trust->own = own;
	trust->account = account;
	trust->report = report;
	return verify_init(&trust->verify, caller);
}

void
trust_clear(struct trust *trust)
{
	crypto_wipe(&trust->verify, sizeof(trust->verify));
}

void
trust_forget(struct trust *trust)
{
	verify_forget(&trust->verify);
	trust->proven = false;
	trust->report->confirmed = false;
	trust->report->has_peer = false;
}

static int
check_fingerprint(struct trust *trust, const char *peer,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static WHY_TEXT])
{
	const char *file = trust->account->known_peers;
	struct report *report = trust->report;
	int err;

	err = identity_check(&report->known, file, peer, fingerprint, why);
	if (err < 0)
		return err;
	memcpy(report->peer_fingerprint, fingerprint, CRYPTO_SHA256);
	if (report->known != IDENTITY_CHANGED)
		return 0;
	report->has_peer = true;
	why_set(why, "not the one of earlier calls: ask them in "
	    "another way; if it is theirs, remove their line from %.300s",
	    file);
	return -EACCES;
}

int
trust_described(struct trust *trust, const char *peer,
    const struct sdp *remote, char why[static WHY_TEXT])
{
	verify_remote(&trust->verify, remote);
	if (!remote->has_fingerprint)
		return 0;
	return check_fingerprint(trust, peer, remote->fingerprint, why);
}

static void
make_words(struct trust *trust)
{
	const uint8_t *own = trust->own->fingerprint;
	const uint8_t *peer = trust->report->peer_fingerprint;
	bool caller = trust->verify.caller;

	if (!trust->verify.complete || !trust->proven)
		return;
	verify_bytes(&trust->verify, trust->report->words,
	    caller ? own : peer, caller ? peer : own);
	trust->report->has_words = true;
}

int
trust_proven(struct trust *trust, const char *peer,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static WHY_TEXT])
{
	int err = check_fingerprint(trust, peer, fingerprint, why);

	if (err < 0)
		return err;
	trust->report->has_peer = true;
	trust->proven = true;
	trust->report->confirmed = identity_confirmed(
	    trust->account->known_peers, peer, fingerprint);
	return 0;
}

void
trust_talking(struct trust *trust, const char *peer)
{
	char why[WHY_TEXT];

	make_words(trust);
	if (trust->report->known == IDENTITY_NEW &&
	    identity_pin(trust->account->known_peers, peer,
	    trust->report->peer_fingerprint, why) < 0)
		log_warn("peer_not_remembered", "error=\"%s\"", why);
}

int
trust_confirm(struct trust *trust, const char *peer, char why[static WHY_TEXT])
{
	struct report *report = trust->report;
	int err;

	if (!trust->proven || !report->has_words) {
		why_set(why, "there are none yet");
		return -EAGAIN;
	}
	if (report->confirmed)
		return 0;
	err = identity_confirm(trust->account->known_peers, peer,
	    report->peer_fingerprint, why);
	report->confirmed = err == 0;
	return err;
}

int
trust_revealed(struct trust *trust, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	int err = verify_revealed(&trust->verify, text, len);

	if (err == -EACCES || err == -EBADMSG) {
		why_set(why, "the caller revealed another nonce "
		    "than it had committed to: somebody may be in the middle");
		return -EACCES;
	}
	if (err == 0)
		make_words(trust);
	return 0;
}
