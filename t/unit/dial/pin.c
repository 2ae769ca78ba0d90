/*
 * A key that outlives certificates: who has pinned it takes the next certificate
 * that it signs, and no other. Files of 0.1.0 are read, and what is added is
 * comments to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/jwt.h"
#include "base/tool.h"
#include "unit.h"
#include "who/identity_proof.h"
#include "who/pin.h"
#include "wire/base64.h"

#define DAY_S (24L * 3600)

static char dir[32], peers[64], why[WHY_TEXT];
static struct jwt_key *alices, *mallorys;

static struct jwt_key *
make_key(void)
{
	struct jwt_key *key;
	char *pem;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	free(pem);
	return key;
}

static void
begin(void)
{
	strcpy(dir, "/tmp/rp-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(peers, sizeof(peers), "%s/known_peers", dir);
	alices = make_key();
	mallorys = make_key();
}

static void
end(void)
{
	jwt_key_free(alices);
	jwt_key_free(mallorys);
	unlink(peers);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* A certificate's description, signed by `key` for `number` unless it is NULL. */
static struct sdp
describe(uint8_t certificate, const struct jwt_key *key, const char *number)
{
	struct sdp sdp = { .has_fingerprint = true };
	char text[IDENTITY_PROOF_TEXT];

	memset(sdp.fingerprint, certificate, CRYPTO_SHA256);
	if (key == NULL)
		return sdp;
	sdp.has_identity = true;
	ck_assert_int_eq(jwt_key_public(key, sdp.identity_key), 0);
	ck_assert_int_eq(jwt_sign_bytes(key, text, identity_proof_text(text,
	    number, sdp.fingerprint), sdp.identity_signature), 0);
	return sdp;
}

static struct pin_found
look(const struct sdp *sdp, struct pin_claim *claim)
{
	struct pin_found found;

	pin_claim(claim, "alice", sdp);
	ck_assert_int_eq(pin_check(&found, peers, claim, why), 0);
	return found;
}

static enum identity_known
known(struct sdp sdp)
{
	struct pin_claim claim;

	return look(&sdp, &claim).known;
}

/* A call with the one that is described, until `until_s`. */
static enum identity_known
call(struct sdp sdp, int64_t until_s)
{
	struct pin_claim claim;
	struct pin_found found = look(&sdp, &claim);

	claim.until_s = until_s;
	ck_assert_int_eq(pin_add(peers, &claim, found.known, why), 0);
	return found.known;
}

/* How often the file has that. */
static unsigned
count(const char *what)
{
	unsigned n = 0;
	char *text, *at;

	ck_assert_int_eq(tool_read_file(&text, peers, 4096), 0);
	for (at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	free(text);
	return n;
}

START_TEST(rolls_over)
{
	begin();
	ck_assert_int_eq(call(describe(1, alices, "alice"), 0), IDENTITY_NEW);
	ck_assert_int_eq(call(describe(1, alices, "alice"), 0), IDENTITY_SAME);
	ck_assert_int_eq(call(describe(2, alices, "alice"), 0),
	    IDENTITY_ROLLED);
	ck_assert_int_eq(call(describe(2, alices, "alice"), 0), IDENTITY_SAME);
	ck_assert_int_eq(known(describe(1, alices, "alice")), IDENTITY_SAME);
	ck_assert_int_eq(call(describe(3, alices, "alice"), 0),
	    IDENTITY_ROLLED);
	ck_assert_int_eq(known(describe(3, NULL, "")), IDENTITY_SAME);
	ck_assert_uint_eq(count("# until"), 0);
	end();
}
END_TEST

START_TEST(refuses_what_is_not_signed)
{
	struct sdp replayed;

	begin();
	replayed = describe(1, alices, "alice");
	ck_assert_int_eq(call(replayed, 0), IDENTITY_NEW);
	/* A line that was stripped, another's key, another number, a replay. */
	ck_assert_int_eq(call(describe(2, NULL, ""), 0), IDENTITY_CHANGED);
	ck_assert_int_eq(call(describe(2, mallorys, "alice"), 0),
	    IDENTITY_CHANGED);
	ck_assert_int_eq(call(describe(2, alices, "mallory"), 0),
	    IDENTITY_CHANGED);
	memset(replayed.fingerprint, 2, CRYPTO_SHA256);
	ck_assert_int_eq(call(replayed, 0), IDENTITY_CHANGED);
	ck_assert_uint_eq(count("# key"), 1);
	/* Nothing of that was remembered. */
	ck_assert_int_eq(known(describe(2, NULL, "")), IDENTITY_CHANGED);
	ck_assert_int_eq(known(describe(2, mallorys, "alice")),
	    IDENTITY_CHANGED);
	ck_assert_int_eq(known(describe(1, alices, "alice")), IDENTITY_SAME);
	end();
}
END_TEST

/* A switch may sign a certificate of others with a key of its own. */
START_TEST(tells_another_key)
{
	struct pin_claim claim;
	struct pin_found found;
	struct sdp sdp;

	begin();
	ck_assert_int_eq(call(describe(1, NULL, ""), 0), IDENTITY_NEW);
	sdp = describe(1, NULL, "");
	ck_assert(!look(&sdp, &claim).unsigned_now);
	ck_assert_int_eq(call(describe(1, alices, "alice"), 0), IDENTITY_SAME);
	ck_assert_int_eq(call(describe(1, mallorys, "alice"), 0),
	    IDENTITY_CHANGED);
	sdp = describe(1, NULL, "");
	found = look(&sdp, &claim);
	ck_assert_int_eq(found.known, IDENTITY_SAME);
	ck_assert(found.unsigned_now);
	sdp = describe(1, alices, "alice");
	found = look(&sdp, &claim);
	ck_assert(!found.unsigned_now);
	/* Beside a certificate that it has rolled to as well. */
	ck_assert_int_eq(call(describe(2, alices, "alice"), 0),
	    IDENTITY_ROLLED);
	ck_assert_int_eq(known(describe(2, mallorys, "alice")),
	    IDENTITY_CHANGED);
	end();
}
END_TEST

START_TEST(reads_files_of_others)
{
	char text[256], hex[HEX_TEXT(CRYPTO_SHA256)];
	uint8_t certificate[CRYPTO_SHA256], found[CRYPTO_SHA256];
	char *written, *line;

	begin();
	memset(certificate, 1, sizeof(certificate));
	hex_encode(hex, certificate, sizeof(certificate));
	snprintf(text, sizeof(text), "# mine\nalice %s", hex);
	ck_assert_int_eq(tool_write_file(peers, text), 0);
	/* The key that comes later is kept, once. */
	ck_assert_int_eq(call(describe(1, alices, "alice"), 0), IDENTITY_SAME);
	ck_assert_int_eq(call(describe(1, alices, "alice"), 0), IDENTITY_SAME);
	ck_assert_int_eq(call(describe(2, alices, "alice"), 0),
	    IDENTITY_ROLLED);
	ck_assert_int_eq(tool_read_file(&written, peers, 4096), 0);
	line = strchr(strchr(written, '\n') + 1, '\n') + 1;
	ck_assert_int_eq(strncmp(line, "# key alice 01", 14), 0);
	line = strchr(line, '\n') + 1;
	ck_assert_int_eq(strncmp(line, "# key alice 02", 14), 0);
	ck_assert_str_eq(strchr(line, '\n'), "\n");
	free(written);
	/* As 0.1.0 reads it. */
	ck_assert_int_eq(identity_find(found, peers, "alice", why), 0);
	ck_assert_mem_eq(found, certificate, sizeof(found));
	end();
}
END_TEST

/* The user removes the one line, and begins anew. */
START_TEST(forgets_with_the_line)
{
	char *text, *rest;

	begin();
	ck_assert_int_eq(call(describe(1, mallorys, "alice"), 0), IDENTITY_NEW);
	ck_assert_int_eq(tool_read_file(&text, peers, 4096), 0);
	rest = strchr(text, '\n') + 1;
	ck_assert_int_eq(tool_write_file(peers, rest), 0);
	free(text);
	ck_assert_int_eq(known(describe(1, mallorys, "alice")), IDENTITY_NEW);
	ck_assert_int_eq(call(describe(3, alices, "alice"), 0), IDENTITY_NEW);
	ck_assert_int_eq(known(describe(4, mallorys, "alice")),
	    IDENTITY_CHANGED);
	ck_assert_int_eq(known(describe(1, mallorys, "alice")),
	    IDENTITY_CHANGED);
	/* Its line was left, with a key that is nobody's now. */
	ck_assert_uint_eq(count("# key"), 2);
	ck_assert_int_eq(known(describe(1, NULL, "")), IDENTITY_CHANGED);
	ck_assert_int_eq(known(describe(4, alices, "alice")), IDENTITY_ROLLED);
	end();
}
END_TEST

START_TEST(knows_an_end)
{
	static const struct {
		long days;
		enum identity_known known;
		unsigned lines;
	} cases[] = {
		{ -2, IDENTITY_EXPIRED, 1 }, { 300, IDENTITY_CHANGED, 1 },
		{ 10950, IDENTITY_CHANGED, 0 }, { 0, IDENTITY_CHANGED, 1 }
	};
	int64_t now_s = (int64_t)time(NULL);
	struct pin_claim claim;
	struct sdp other;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		ck_assert_int_eq(call(describe(1, NULL, ""),
		    now_s + cases[i].days * DAY_S), IDENTITY_NEW);
		ck_assert_int_eq(call(describe(1, NULL, ""),
		    now_s + cases[i].days * DAY_S), IDENTITY_SAME);
		ck_assert_uint_eq(count("# until"), cases[i].lines);
		other = describe(2, NULL, "");
		ck_assert_int_eq(look(&other, &claim).known, cases[i].known);
		ck_assert_int_eq(known(describe(1, NULL, "")), IDENTITY_SAME);
		end();
	}
}
END_TEST

/* The right key is one only where nothing follows it. */
START_TEST(reads_whole_keys)
{
	char text[1024], hex[HEX_TEXT(CRYPTO_SHA256)];
	char key[BASE64_TEXT(SDP_KEY)];
	struct sdp first;
	int more;

	for (more = 0; more < 2; more++) {
		begin();
		first = describe(1, alices, "alice");
		hex_encode(hex, first.fingerprint, CRYPTO_SHA256);
		base64_encode(key, first.identity_key, SDP_KEY);
		snprintf(text, sizeof(text), "alice %s\n# key alice %s %s%s\n",
		    hex, hex, key, more ? "AAAA" : "");
		ck_assert_int_eq(tool_write_file(peers, text), 0);
		ck_assert_int_eq(known(describe(2, alices, "alice")),
		    more ? IDENTITY_CHANGED : IDENTITY_ROLLED);
		end();
	}
}
END_TEST

/* What somebody has written by hand, or power has cut off, is no key. */
START_TEST(reads_past_odd_lines)
{
	static const char *const values[] = {
		"", "x", "AAAA", "2026", "2026-13-45", "2026-01-01x",
		"99999999999999999999999999999999999999999999999999999999999999"
		    "99999999999999999999999999999999999999999999999999999999"
	};
	char text[1024], hex[HEX_TEXT(CRYPTO_SHA256)];
	uint8_t certificate[CRYPTO_SHA256];
	size_t i;

	memset(certificate, 1, sizeof(certificate));
	hex_encode(hex, certificate, sizeof(certificate));
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		begin();
		snprintf(text, sizeof(text), "alice %s\n# key alice %s %s\n"
		    "# until alice %s %s\n# key alice", hex, hex, values[i],
		    hex, values[i]);
		ck_assert_int_eq(tool_write_file(peers, text), 0);
		ck_assert_int_eq(known(describe(1, alices, "alice")),
		    IDENTITY_SAME);
		ck_assert_int_eq(known(describe(2, alices, "alice")),
		    IDENTITY_CHANGED);
		end();
	}
}
END_TEST

UNIT_SUITE(pin, rolls_over, refuses_what_is_not_signed, tells_another_key,
    reads_files_of_others, forgets_with_the_line, knows_an_end,
    reads_whole_keys, reads_past_odd_lines)
