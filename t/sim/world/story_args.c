/* story_args: words of a line, and what they stand for. See story_reader.h. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "world/story_reader.h"

#define TIME_MAX (1000 * 24 * 3600 * SIM_S)

int
story_bad(struct story_reader *r, const char *format, ...)
{
	int n = snprintf(r->why, STORY_WHY, "%s:%u: ", r->story->file, r->line);
	va_list ap;

	if (n < 0 || n >= STORY_WHY)
		return -EINVAL;
	va_start(ap, format);
	vsnprintf(r->why + n, (size_t)(STORY_WHY - n), format, ap);
	va_end(ap);
	return -EINVAL;
}

bool
story_next_is(struct story_reader *r, const char *word)
{
	if (r->at >= r->n || strcmp(r->tokens[r->at], word) != 0)
		return false;
	r->at++;
	return true;
}

int
story_phone_find(const struct story *story, const char *name)
{
	size_t i;

	for (i = 0; i < story->n_phones; i++)
		if (strcmp(story->phones[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
story_switch_find(const struct story *story, const char *name)
{
	size_t i;

	for (i = 0; i < story->n_switches; i++)
		if (strcmp(story->switches[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
story_number_find(const struct story *story, const char *name)
{
	size_t i;

	for (i = 0; i < story->n_phones; i++)
		if (strcmp(story->phones[i].number, name) == 0)
			return (int)i;
	return -1;
}

const struct story_vary *
story_vary_find(const struct story *story, const char *name)
{
	size_t i;

	for (i = 0; i < story->n_varies; i++)
		if (strcmp(story->varies[i].name, name) == 0)
			return &story->varies[i];
	return NULL;
}

/* A number with at most three digits behind its point, in thousandths. */
static int
parse_milli(uint64_t *out, const char **text)
{
	const char *p = *text;
	uint64_t n = 0;
	int digits = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > 1000000000)
			return -EINVAL;
	}
	n *= 1000;
	if (*p == '.') {
		uint64_t unit = 100;

		for (p++; isdigit((unsigned char)*p); p++, unit /= 10) {
			if (++digits > 3)
				return -EINVAL;
			n += (uint64_t)(*p - '0') * unit;
		}
		if (digits == 0)
			return -EINVAL;
	}
	*out = n;
	*text = p;
	return 0;
}

/* "10ms", "5s", "2min", "1h"; 0 alone. */
static int
parse_time(uint64_t *out, const char *text)
{
	static const struct { const char *unit; uint64_t ns; } units[] = {
		{ "ms", SIM_MS }, { "s", SIM_S }, { "min", 60 * SIM_S },
		{ "h", 3600 * SIM_S }
	};
	uint64_t n;
	size_t i;

	if (parse_milli(&n, &text) < 0)
		return -EINVAL;
	if (n == 0 && *text == '\0') {
		*out = 0;
		return 0;
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text, units[i].unit) == 0) {
			if (n > TIME_MAX / (units[i].ns / 1000))
				return -EINVAL;
			*out = n * (units[i].ns / 1000);
			return 0;
		}
	return -EINVAL;
}

/* A time, a name that varies, or "5s+name". */
static bool
fits_time(const struct story *story, struct story_arg *arg, const char *text)
{
	char first[STORY_NAME];
	const char *plus = strchr(text, '+');

	arg->plus = story_vary_find(story, plus == NULL ? text : plus + 1);
	if (plus == NULL)
		return arg->plus != NULL || parse_time(&arg->n, text) == 0;
	if (arg->plus == NULL || (size_t)(plus - text) >= sizeof(first))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)(plus - text), text);
	return parse_time(&arg->n, first) == 0;
}

uint64_t
story_time(const struct story_arg *arg)
{
	return arg->n + (arg->plus == NULL ? 0 : arg->plus->now);
}

static bool
fits_count(struct story_arg *arg, const char *text)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 9)
		return false;
	arg->n = strtoull(text, &end, 10);
	return *end == '\0';
}

static bool
fits_share(struct story_arg *arg, const char *text)
{
	uint64_t n;

	if (parse_milli(&n, &text) < 0 || strcmp(text, "%") != 0 || n > 100000)
		return false;
	arg->n = n * 10;
	return true;
}

static bool
fits_index(struct story_arg *arg, int index)
{
	if (index < 0)
		return false;
	arg->index = (size_t)index;
	return true;
}

bool
story_fits(const struct story *story, struct story_arg *arg, char letter,
    const char *text)
{
	memset(arg, 0, sizeof(*arg));
	arg->letter = letter;
	arg->text = text;
	switch (letter) {
	case 'P':
		return fits_index(arg, story_phone_find(story, text));
	case 'N':
		return fits_index(arg, story_number_find(story, text));
	case 'S':
		return fits_index(arg, story_switch_find(story, text));
	case 'M':
		arg->letter = 'P';
		if (fits_index(arg, story_phone_find(story, text)))
			return true;
		arg->letter = 'S';
		return fits_index(arg, story_switch_find(story, text));
	case 'T':
		return fits_time(story, arg, text);
	case 'C':
		return fits_count(arg, text);
	case 'R':
		return fits_share(arg, text);
	default:
		return true;
	}
}

const char *
story_letter_name(char letter)
{
	switch (letter) {
	case 'P': return "a phone";
	case 'N': return "a number";
	case 'S': return "a switch";
	case 'M': return "a phone or a switch";
	case 'T': return "a time, such as 10ms";
	case 'C': return "a count";
	case 'R': return "a share, such as 5%";
	default: return "a text";
	}
}

bool
story_match(struct story_reader *r, const char *form,
    struct story_arg args[STORY_ARGS], struct story_agreement *far)
{
	size_t i = 0, n = 0, len;
	const char *token;

	for (; *form != '\0'; i++, form += len + (form[len] == ' ')) {
		bool letter, ok;

		len = strcspn(form, " ");
		letter = len == 1 && isupper((unsigned char)*form);
		token = r->at + i < r->n ? r->tokens[r->at + i] : NULL;
		if (token != NULL && strcmp(token, ";") == 0)
			token = NULL;
		ok = token != NULL && (letter ?
		    story_fits(r->story, &args[n], *form, token) :
		    strlen(token) == len && strncmp(token, form, len) == 0);
		if (!ok && i >= far->words) {
			far->words = i;
			snprintf(far->wants, sizeof(far->wants), "%.*s",
			    letter ? 99 : (int)len,
			    letter ? story_letter_name(*form) : form);
		}
		if (!ok)
			return false;
		n += letter;
	}
	r->at += i;
	return true;
}

int
story_none_fits(struct story_reader *r, const struct story_agreement *far,
    const char *kind)
{
	size_t at = r->at + far->words;
	const char *token = at < r->n && strcmp(r->tokens[at], ";") != 0 ?
	    r->tokens[at] : NULL;

	if (token == NULL)
		return story_bad(r, "unfinished %s", kind);
	if (far->words == 0 || (far->words == 1 && r->at + 1 < r->n))
		return story_bad(r, "unknown %s: %s%s%s", kind, r->tokens[r->at],
		    r->at + 1 < r->n ? " " : "",
		    r->at + 1 < r->n ? r->tokens[r->at + 1] : "");
	return story_bad(r, "%s instead of %s", token, far->wants);
}

int
story_read_time(struct story_reader *r, struct story_arg *arg)
{
	if (r->at >= r->n)
		return story_bad(r, "a time is missing");
	if (!story_fits(r->story, arg, 'T', r->tokens[r->at]))
		return story_bad(r, "invalid time: %s", r->tokens[r->at]);
	r->at++;
	return 0;
}
