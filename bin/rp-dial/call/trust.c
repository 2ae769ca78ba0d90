/*
 * trust: compare the peer's certificate with the known one, and make the words.
 * See trust.h.
 */
#include "call/trust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "who/words_known.h"
#include "wire/why.h"

/*
 * How long words may take after the call is on. A callee sends its nonce with
 * ANSWER, and the caller's comes a round trip later.
 */
#define CALLER_WAITS_MS 500
#define CALLEE_WAITS_MS 2000

static void
warn_nameless(const char *file)
{
	unsigned line = identity_nameless(file);

	if (line != 0)
		log_warn("known_peer_without_number", "file=\"%s\" line=%u "
		    "action=ignored", file, line);
}

int
trust_init(struct trust *trust, bool caller, const struct identity *own,
    const struct account *account, struct report *report)
{
	warn_nameless(account->known_peers);
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
	memset(&trust->claim, 0, sizeof(trust->claim));
	trust->proven = false;
	trust->report->confirmed = false;
	trust->report->has_peer = false;
}

/* Say what to do about a certificate that is neither known nor signed. */
static void
explain(const struct pin_found *found, const char *file,
    char why[static WHY_TEXT])
{
	char date[sizeof("2027-11-29")] = "";
	time_t until = (time_t)found->until_s;
	struct tm day;

	if (found->known == IDENTITY_EXPIRED && gmtime_r(&until, &day) != NULL)
		strftime(date, sizeof(date), "%Y-%m-%d", &day);
	why_set(why, "not the one of earlier calls%s%s%s: ask them in "
	    "another way; if it is theirs, remove their line from %.300s",
	    *date != '\0' ? ", which was good until " : "", date,
	    *date != '\0' ? " and has no successor that it knows" : "", file);
}

static int
check_claim(struct trust *trust, char why[static WHY_TEXT])
{
	const char *file = trust->account->known_peers;
	struct report *report = trust->report;
	struct pin_found found;
	int err;

	err = pin_check(&found, file, &trust->claim, why);
	if (err < 0)
		return err;
	report->known = found.known;
	report->unsigned_now = found.unsigned_now;
	memcpy(report->peer_fingerprint, trust->claim.fingerprint,
	    CRYPTO_SHA256);
	if (found.known != IDENTITY_CHANGED && found.known != IDENTITY_EXPIRED)
		return 0;
	report->has_peer = true;
	explain(&found, file, why);
	return -EACCES;
}

int
trust_described(struct trust *trust, const char *peer,
    const struct sdp *remote, char why[static WHY_TEXT])
{
	verify_remote(&trust->verify, remote);
	if (!remote->has_fingerprint)
		return 0;
	pin_claim(&trust->claim, peer, remote);
	return check_claim(trust, why);
}

/* Only now are they proven: both nonces came, and DTLS has shown both keys. */
static void
remember_words(struct trust *trust, const char *peer)
{
	char why[WHY_TEXT];

	if (*peer != '\0' && !words_known_has(trust->account->known_peers,
	    peer) && words_known_add(trust->account->known_peers, peer,
	    why) < 0)
		log_warn("words_not_remembered", "error=\"%s\"", why);
}

static void
make_words(struct trust *trust, const char *peer)
{
	const uint8_t *own = trust->own->fingerprint;
	const uint8_t *other = trust->report->peer_fingerprint;
	bool caller = trust->verify.caller;

	if (trust->report->has_words || !trust->verify.complete ||
	    !trust->proven)
		return;
	verify_bytes(&trust->verify, trust->report->words,
	    caller ? own : other, caller ? other : own);
	trust->report->has_words = true;
	remember_words(trust, peer);
}

int
trust_proven(struct trust *trust, const char *peer,
    const uint8_t fingerprint[static CRYPTO_SHA256], int64_t until_s,
    char why[static WHY_TEXT])
{
	struct pin_claim *claim = &trust->claim;
	int err;

	/* The signature is of another certificate. */
	if (!crypto_equal(claim->fingerprint, fingerprint, CRYPTO_SHA256))
		claim->has_key = false;
	claim->number = peer;
	memcpy(claim->fingerprint, fingerprint, CRYPTO_SHA256);
	claim->until_s = until_s;
	err = check_claim(trust, why);
	if (err < 0)
		return err;
	trust->report->has_peer = true;
	trust->report->anonymous = *peer == '\0';
	trust->proven = true;
	trust->report->confirmed = identity_confirmed(
	    trust->account->known_peers, peer, fingerprint);
	return 0;
}

/* Remember the peer, whose certificate is proven. */
static void
remember_peer(struct trust *trust)
{
	char why[WHY_TEXT];

	if (trust->report->known == IDENTITY_ROLLED)
		log_info("peer_has_another_certificate", "signed_by=known_key");
	if (trust->report->unsigned_now)
		log_warn("peer_key_missing", "meaning=\"an earlier call had its "
		    "signature; somebody may have taken it away\"");
	if (pin_add(trust->account->known_peers, &trust->claim,
	    trust->report->known, why) < 0)
		log_warn("peer_not_remembered", "error=\"%s\"", why);
}

void
trust_talking(struct trust *trust, const char *peer)
{
	trust->had_words = *peer != '\0' &&
	    words_known_has(trust->account->known_peers, peer);
	make_words(trust, peer);
	if (*peer != '\0')
		remember_peer(trust);
}

/* Return whether words can come no more, however long we wait. */
static bool
is_certain(const struct verify *verify)
{
	return verify->caller ? verify->early : !verify->peer_spoke;
}

enum report_no_words
trust_no_words(const struct trust *trust, uint64_t talked_ms)
{
	const struct verify *verify = &trust->verify;
	uint64_t wait_ms = verify->caller ? CALLER_WAITS_MS : CALLEE_WAITS_MS;

	if (trust->report->has_words ||
	    (!is_certain(verify) && talked_ms < wait_ms))
		return REPORT_WORDS_FINE;
	if (trust->had_words)
		return REPORT_WORDS_LOST;
	if (verify->early)
		return REPORT_WORDS_EARLY;
	return !verify->caller && verify->peer_spoke ?
	    REPORT_WORDS_UNREVEALED : REPORT_WORDS_FINE;
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
	if (report->anonymous) {
		why_set(why, "the caller gave no number");
		return -EINVAL;
	}
	if (report->confirmed)
		return 0;
	err = identity_confirm(trust->account->known_peers, peer,
	    report->peer_fingerprint, why);
	report->confirmed = err == 0;
	return err;
}

int
trust_revealed(struct trust *trust, const char *peer, const char *text,
    size_t len, char why[static WHY_TEXT])
{
	int err = verify_revealed(&trust->verify, text, len);

	if (!trust->verify.caller && (err == -EACCES || err == -EBADMSG)) {
		why_set(why, "the caller revealed another nonce "
		    "than it had committed to: somebody may be in the middle");
		return -EACCES;
	}
	if (err == 0)
		make_words(trust, peer);
	return 0;
}
