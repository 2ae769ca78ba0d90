/* pin: known_peers with its comments, read and added to. See pin.h. */
#include "config.h"
#include "who/pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/tool.h"
#include "who/identity_proof.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

#define FILE_MAX (1024 * 1024)
#define DAY_S (24L * 3600)
/* A later end is not worth a line: browsers give a year, rp-dial thirty. */
#define ENDS_SOON_S (800 * DAY_S)
#define DATE_TEXT 11		/* "2027-11-29" and a NUL */

#define KEY_LINE "# key %s %s "
#define UNTIL_LINE "# until %s %s "
#define HEAD_TEXT (sizeof(UNTIL_LINE) + SIGMSG_NUMBER + \
	HEX_TEXT(CRYPTO_SHA256))
#define VALUE_TEXT BASE64_TEXT(SDP_KEY)

void
pin_claim(struct pin_claim *claim, const char *number,
    const struct sdp *described)
{
	memset(claim, 0, sizeof(*claim));
	claim->number = number;
	memcpy(claim->fingerprint, described->fingerprint, CRYPTO_SHA256);
	claim->has_key = identity_proof_ok(described, number);
	if (claim->has_key)
		memcpy(claim->key, described->identity_key, SDP_KEY);
}

/*
 * Write how a line begins. Its format is one of the two above.
 */
static void
write_head(char head[static HEAD_TEXT], bool is_key, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256])
{
	char hex[HEX_TEXT(CRYPTO_SHA256)];

	hex_encode(hex, fingerprint, CRYPTO_SHA256);
	if (is_key)
		snprintf(head, HEAD_TEXT, KEY_LINE, number, hex);
	else
		snprintf(head, HEAD_TEXT, UNTIL_LINE, number, hex);
}

/* Copy the rest of the first line that begins so. Return false if none does. */
static bool
find_value(char value[static VALUE_TEXT], const char *text, const char *head)
{
	size_t len = strlen(head);
	const char *line, *end;

	for (line = text; *line != '\0'; line = end + (*end != '\0')) {
		end = strchrnul(line, '\n');
		if (strncmp(line, head, len) != 0 ||
		    (size_t)(end - line) - len >= VALUE_TEXT)
			continue;
		snprintf(value, VALUE_TEXT, "%.*s", (int)(end - line - (int)len),
		    line + len);
		return true;
	}
	return false;
}

static bool
find_key(uint8_t key[static SDP_KEY], const char *text, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256])
{
	char head[HEAD_TEXT], value[VALUE_TEXT];
	size_t n = SDP_KEY;

	write_head(head, true, number, fingerprint);
	return find_value(value, text, head) && base64_decode(key, &n, value,
	    strlen(value)) == 0 && n == SDP_KEY;
}

static int64_t
find_until(const char *text, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256])
{
	char head[HEAD_TEXT], value[VALUE_TEXT], *end;
	struct tm day = { 0 };

	write_head(head, false, number, fingerprint);
	if (!find_value(value, text, head))
		return 0;
	end = strptime(value, "%Y-%m-%d", &day);
	return end != NULL && *end == '\0' ? (int64_t)timegm(&day) : 0;
}

/* Judge another fingerprint than the pinned one. */
static enum identity_known
judge_other(const char *text, const struct pin_claim *claim, bool had_key,
    const uint8_t pinned_key[static SDP_KEY])
{
	uint8_t key[SDP_KEY];
	bool is_its_key = claim->has_key &&
	    memcmp(claim->key, pinned_key, SDP_KEY) == 0;

	if (!had_key || (claim->has_key && !is_its_key))
		return IDENTITY_CHANGED;
	if (find_key(key, text, claim->number, claim->fingerprint) &&
	    memcmp(key, pinned_key, SDP_KEY) == 0)
		return IDENTITY_SAME;
	return is_its_key ? IDENTITY_ROLLED : IDENTITY_CHANGED;
}

static void
judge(struct pin_found *out, const char *text, const struct pin_claim *claim,
    const uint8_t pinned[static CRYPTO_SHA256])
{
	uint8_t key[SDP_KEY] = { 0 };
	bool had_key = find_key(key, text, claim->number, pinned);

	out->until_s = find_until(text, claim->number, pinned);
	if (!crypto_equal(pinned, claim->fingerprint, CRYPTO_SHA256))
		out->known = judge_other(text, claim, had_key, key);
	else if (had_key && claim->has_key &&
	    memcmp(key, claim->key, SDP_KEY) != 0)
		out->known = IDENTITY_CHANGED;
	else
		out->known = IDENTITY_SAME;
	out->unsigned_now = out->known == IDENTITY_SAME && had_key &&
	    !claim->has_key;
	if (out->known == IDENTITY_CHANGED && out->until_s != 0 &&
	    out->until_s + DAY_S < (int64_t)time(NULL))
		out->known = IDENTITY_EXPIRED;
}

int
pin_check(struct pin_found *out, const char *file,
    const struct pin_claim *claim, char why[static WHY_TEXT])
{
	uint8_t pinned[CRYPTO_SHA256];
	char *text;
	int err;

	memset(out, 0, sizeof(*out));
	err = identity_find(pinned, file, claim->number, why);
	if (err == -ENOENT) {
		out->known = IDENTITY_NEW;
		return 0;
	}
	if (err < 0)
		return err;
	err = tool_read_file(&text, file, FILE_MAX);
	if (err < 0) {
		why_set(why, "%.180s: %s", file, tool_read_text(err));
		return err;
	}
	judge(out, text, claim, pinned);
	free(text);
	return 0;
}

static int
add_line(const char *file, const char *line, char why[static WHY_TEXT])
{
	int err = identity_append(file, line);

	if (err < 0)
		why_set(why, "%.180s: %s", file, strerror(-err));
	return err;
}

static int
add_key(const char *file, const struct pin_claim *claim,
    char why[static WHY_TEXT])
{
	char head[HEAD_TEXT], key[BASE64_TEXT(SDP_KEY)];
	char line[sizeof(head) + sizeof(key) + 3];

	write_head(head, true, claim->number, claim->fingerprint);
	base64_encode_url(key, claim->key, SDP_KEY);
	snprintf(line, sizeof(line), "\n%s%s\n", head, key);
	return add_line(file, line, why);
}

static int
add_until(const char *file, const struct pin_claim *claim,
    char why[static WHY_TEXT])
{
	char head[HEAD_TEXT], date[DATE_TEXT];
	char line[sizeof(head) + sizeof(date) + 3];
	time_t until = (time_t)claim->until_s;
	struct tm day;

	if (until <= 0 || until > time(NULL) + ENDS_SOON_S ||
	    gmtime_r(&until, &day) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%d", &day) == 0)
		return 0;
	write_head(head, false, claim->number, claim->fingerprint);
	snprintf(line, sizeof(line), "\n%s%s\n", head, date);
	return add_line(file, line, why);
}

/* Is the key of this certificate in the file already? */
static bool
has_key(const char *file, const struct pin_claim *claim)
{
	uint8_t key[SDP_KEY];
	char *text;
	bool found;

	if (tool_read_file(&text, file, FILE_MAX) < 0)
		return false;
	found = find_key(key, text, claim->number, claim->fingerprint);
	free(text);
	return found;
}

int
pin_add(const char *file, const struct pin_claim *claim,
    enum identity_known known, char why[static WHY_TEXT])
{
	int err = 0;

	if (known == IDENTITY_CHANGED || known == IDENTITY_EXPIRED)
		return 0;
	if (known == IDENTITY_NEW)
		err = identity_pin(file, claim->number, claim->fingerprint, why);
	if (err == 0 && claim->has_key && !has_key(file, claim))
		err = add_key(file, claim, why);
	if (err == 0 && known == IDENTITY_NEW)
		err = add_until(file, claim, why);
	return err;
}
