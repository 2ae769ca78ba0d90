/*
 * head: read the few header lines that tell how long to wait, and why. See
 * head.h.
 */
#include "http/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

/* A number above this is a time since 1970 and not a duration (RFC 9110). */
#define EPOCH_MIN_S 1000000000

void
head_clear(struct head *head)
{
	memset(head, 0, sizeof(*head));
}

/* Copy a value without its blanks and its end of line. */
static void
take_text(char out[static HEAD_TEXT], const char *value, size_t len)
{
	while (len > 0 && isspace((unsigned char)*value)) {
		value++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)value[len - 1]))
		len--;
	if (len >= HEAD_TEXT)
		len = HEAD_TEXT - 1;
	memcpy(out, value, len);
	out[len] = '\0';
}

/*
 * Read a number in thousandths, so that "1.5" seconds are 1,500 milliseconds.
 * Return -1 unless the text is just a number. It is bounded.
 */
static int64_t
thousandths(const char *text)
{
	int64_t value = 0, unit = 1000;

	if (!isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text); text++)
		if (value < INT64_C(10000000000000))
			value = value * 10 + (*text - '0') * 1000;
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++) {
			unit /= 10;
			value += (*text - '0') * unit;
		}
	return *text == '\0' ? value : -1;
}

static void
keep_longer(int64_t *kept, int64_t value)
{
	if (value > *kept)
		*kept = value;
}

static void
take_retry_after(struct head *head, const char *value)
{
	int64_t ms = thousandths(value);

	if (ms >= 0)
		keep_longer(&head->wait_ms, ms);
	else
		keep_longer(&head->at_s, (int64_t)curl_getdate(value, NULL));
}

static void
take_ms(struct head *head, const char *value)
{
	int64_t ms = thousandths(value);

	if (ms >= 0)
		keep_longer(&head->wait_ms, ms / 1000);
}

static void
take_reset(struct head *head, const char *value)
{
	int64_t ms = thousandths(value);

	if (ms >= 0)
		keep_longer(&head->reset_s, (ms + 999) / 1000);
}

static void
take_date(struct head *head, const char *value)
{
	keep_longer(&head->date_s, (int64_t)curl_getdate(value, NULL));
}

static void
take_state(struct head *head, const char *value)
{
	memcpy(head->state, value, strlen(value) + 1);
}

static void
take_words(struct head *head, const char *value)
{
	memcpy(head->words, value, strlen(value) + 1);
}

static const struct {
	const char *name;
	void (*take)(struct head *head, const char *value);
} lines[] = {
	{ "retry-after", take_retry_after },
	{ "retry-after-ms", take_ms },
	{ "x-ms-retry-after-ms", take_ms },
	{ "ratelimit-reset", take_reset },
	{ "x-ratelimit-reset", take_reset },
	{ "x-rate-limit-reset", take_reset },
	{ "date", take_date },
	{ "x-wns-status", take_state },
	{ "x-wns-notificationstatus", take_state },
	{ "x-wns-error-description", take_words },
};

static void
take_status_line(struct head *head, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len), *phrase = NULL;

	head_clear(head);
	if (space != NULL)
		phrase = memchr(space + 1, ' ',
		    len - (size_t)(space + 1 - line));
	if (phrase != NULL)
		take_text(head->phrase, phrase, len - (size_t)(phrase - line));
}

void
head_take(struct head *head, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	char value[HEAD_TEXT];
	size_t i, name_len;

	if (len > 5 && strncmp(line, "HTTP/", 5) == 0) {
		take_status_line(head, line, len);
		return;
	}
	if (colon == NULL)
		return;
	name_len = (size_t)(colon - line);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strlen(lines[i].name) == name_len &&
		    strncasecmp(lines[i].name, line, name_len) == 0) {
			take_text(value, colon + 1, len - name_len - 1);
			lines[i].take(head, value);
			return;
		}
}

unsigned
head_wait_ms(const struct head *head, bool throttled, int64_t wall_s)
{
	int64_t now_s = head->date_s > 0 ? head->date_s : wall_s;
	int64_t wait_ms = head->wait_ms, reset_s = head->reset_s;

	if (head->at_s > now_s)
		keep_longer(&wait_ms, (head->at_s - now_s) * 1000);
	if (reset_s > EPOCH_MIN_S)
		reset_s = reset_s > now_s ? reset_s - now_s : 0;
	if (throttled && wait_ms == 0)
		wait_ms = reset_s * 1000;
	if (wait_ms > HEAD_WAIT_MAX_S * INT64_C(1000))
		wait_ms = HEAD_WAIT_MAX_S * INT64_C(1000);
	return (unsigned)wait_ms;
}
