/* story_read: the lines of a story. See story.h, and story_reader.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world/story_reader.h"

#define LINES_MAX 400
#define FILE_MAX 65536

/* Split a line in place: words, "texts", and `;` and `:` by themselves. */
static int
split(struct story_reader *r, char *p)
{
	r->n = r->at = 0;
	for (;;) {
		while (*p == ' ' || *p == '\t')
			*p++ = '\0';
		if (*p == '\0' || *p == '#') {
			*p = '\0';
			return 0;
		}
		if (r->n == STORY_TOKENS)
			return story_bad(r, "too many words");
		if (*p == ';') {
			static char semicolon[] = ";";

			r->tokens[r->n++] = semicolon;
			*p++ = '\0';
			continue;
		}
		if (*p == '"') {
			r->tokens[r->n++] = ++p;
			p = strchr(p, '"');
			if (p == NULL)
				return story_bad(r, "a text without its end");
			*p++ = '\0';
			continue;
		}
		r->tokens[r->n++] = p;
		while (*p != '\0' && *p != ' ' && *p != '\t' && *p != ';')
			p++;
		if (p[-1] == ':' && p - 1 > r->tokens[r->n - 1]) {
			static char colon[] = ":";

			if (r->n == STORY_TOKENS)
				return story_bad(r, "too many words");
			p[-1] = '\0';
			r->tokens[r->n++] = colon;
		}
	}
}

static char *
text_of(const struct story_reader *r, size_t from, size_t to)
{
	char *text = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	for (i = from; i < to; i++)
		fprintf(out, "%s%s", i == from ? "" : " ", r->tokens[i]);
	fclose(out);
	return text;
}

static int
read_step(struct story_reader *r, struct story_step *step)
{
	const struct story_action *action;
	struct story_agreement far = { 0 };
	size_t from = r->at;

	for (action = story_actions; action->form != NULL; action++)
		if (story_match(r, action->form, step->args, &far))
			break;
	if (action->form == NULL)
		return story_none_fits(r, &far, "action");
	step->action = action;
	step->text = text_of(r, from, r->at);
	if (story_next_is(r, "after"))
		return story_read_time(r, &step->after);
	return 0;
}

/* ACTION [after T] [; ACTION [after T] ...] to the line's end. */
static int
read_steps(struct story_reader *r, struct story_line *line)
{
	int err;

	if (r->at >= r->n)
		return story_bad(r, "an action is missing");
	do {
		line->steps = realloc(line->steps,
		    (line->n_steps + 1) * sizeof(*line->steps));
		if (line->steps == NULL)
			abort();
		memset(&line->steps[line->n_steps], 0, sizeof(*line->steps));
		err = read_step(r, &line->steps[line->n_steps++]);
		if (err < 0)
			return err;
	} while (story_next_is(r, ";"));
	if (r->at < r->n)
		return story_bad(r, "too much: %s", r->tokens[r->at]);
	return 0;
}

static struct story_line *
line_new(struct story_reader *r, enum story_line_kind kind)
{
	struct story *s = r->story;
	struct story_line *line;

	s->lines = realloc(s->lines, (s->n_lines + 1) * sizeof(*s->lines));
	if (s->lines == NULL)
		abort();
	line = &s->lines[s->n_lines++];
	memset(line, 0, sizeof(*line));
	line->number = r->line;
	line->kind = kind;
	return line;
}

/* at T: ACTION... The colon is there for the eye, and may be missing. */
static int
read_at(struct story_reader *r)
{
	struct story_line *line = line_new(r, STORY_AT);
	int err = story_read_time(r, &line->time);

	if (err < 0)
		return err;
	story_next_is(r, ":");
	return read_steps(r, line);
}

/* when EVENT [time C | each time]: ACTION... */
static int
read_when(struct story_reader *r)
{
	struct story_line *line = line_new(r, STORY_WHEN);
	const struct story_event_form *event;
	struct story_agreement far = { 0 };
	struct story_arg nth;

	for (event = story_events; event->form != NULL; event++)
		if (story_match(r, event->form, line->event_args, &far))
			break;
	if (event->form == NULL)
		return story_none_fits(r, &far, "event");
	line->event = event;
	line->nth = 1;
	if (story_next_is(r, "each"))
		line->nth = 0;
	else if (story_next_is(r, "time")) {
		if (r->at >= r->n || !story_fits(r->story, &nth, 'C',
		    r->tokens[r->at]) || nth.n == 0)
			return story_bad(r, "which time?");
		line->nth = nth.n;
		r->at++;
	}
	if (!story_next_is(r, ":"))
		return story_bad(r, "a colon is missing");
	return read_steps(r, line);
}

/* expect [by T | at T | always] CONDITION [; CONDITION ...] */
static int
read_expect(struct story_reader *r)
{
	enum story_check check = STORY_CHECK_END;
	struct story_arg time = { 0 };
	int err = 0;

	if (story_next_is(r, "always"))
		check = STORY_CHECK_ALWAYS;
	else if (story_next_is(r, "by"))
		check = STORY_CHECK_BY;
	else if (story_next_is(r, "at"))
		check = STORY_CHECK_AT;
	if (check == STORY_CHECK_BY || check == STORY_CHECK_AT)
		err = story_read_time(r, &time);
	if (err < 0)
		return err;
	story_next_is(r, ":");
	if (r->at >= r->n)
		return story_bad(r, "a condition is missing");
	do {
		struct story_line *line = line_new(r, STORY_EXPECT);
		const struct story_condition *condition;
		struct story_agreement far = { 0 };
		size_t from = r->at;

		line->check = check;
		line->time = time;
		for (condition = story_conditions; condition->form != NULL;
		    condition++)
			if (story_match(r, condition->form, line->args, &far))
				break;
		if (condition->form == NULL)
			return story_none_fits(r, &far, "condition");
		line->condition = condition;
		line->text = text_of(r, from, r->at);
	} while (story_next_is(r, ";"));
	if (r->at < r->n)
		return story_bad(r, "too much: %s", r->tokens[r->at]);
	return 0;
}

static int
read_line(struct story_reader *r)
{
	static const struct {
		const char *word;
		int (*read)(struct story_reader *r);
	} words[] = {
		{ "switches", story_read_switches }, { "phones", story_read_phones },
		{ "set", story_read_set }, { "seeds", story_read_seeds },
		{ "vary", story_read_vary }, { "until", story_read_until },
		{ "at", read_at }, { "when", read_when },
		{ "expect", read_expect }
	};
	size_t i;

	if (r->n == 0)
		return 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (story_next_is(r, words[i].word))
			return words[i].read(r);
	return story_bad(r, "unknown word: %s", r->tokens[0]);
}

/* What is wrong with it as a whole. */
static int
check_whole(struct story_reader *r)
{
	const struct story *s = r->story;
	size_t i;

	if (s->n_switches == 0)
		return story_bad(r, "no switch");
	if (s->n_phones == 0)
		return story_bad(r, "no phone");
	for (i = 0; i < s->n_lines && s->lines[i].kind != STORY_EXPECT; i++)
		;
	if (i == s->n_lines)
		return story_bad(r, "nothing is expected");
	for (i = 0; i < s->n_lines; i++)
		if (s->lines[i].check != STORY_CHECK_ALWAYS &&
		    story_time(&s->lines[i].time) > s->until) {
			r->line = s->lines[i].number;
			return story_bad(r, "after the end of the story");
		}
	return 0;
}

static int
read_file(struct story *s, char why[static STORY_WHY])
{
	FILE *in = fopen(s->file, "r");
	int err = in == NULL ? -errno : 0;
	size_t n = 0;

	s->text = calloc(1, FILE_MAX + 1);
	if (s->text == NULL)
		abort();
	if (err == 0) {
		n = fread(s->text, 1, FILE_MAX, in);
		err = ferror(in) ? -errno : 0;
		fclose(in);
	}
	if (err == 0 && n == FILE_MAX)
		err = -EFBIG;
	if (err < 0) {
		snprintf(why, STORY_WHY, "%s: %s", s->file, strerror(-err));
		return err;
	}
	if (memchr(s->text, '\0', n) == NULL)
		return 0;
	snprintf(why, STORY_WHY, "%s: it has a NUL", s->file);
	return -EINVAL;
}

int
story_read(struct story **out, const char *file, char why[static STORY_WHY])
{
	struct story *s = calloc(1, sizeof(*s));
	struct story_reader r = { .story = s, .why = why };
	char *line, *next;
	int err;

	if (s == NULL)
		abort();
	s->file = strdup(file);
	s->seeds = s->first_seed = 1;
	s->until = 120 * SIM_S;
	err = read_file(s, why);
	for (line = err < 0 ? NULL : s->text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		r.line++;
		if (r.line > LINES_MAX)
			err = story_bad(&r, "more than %d lines", LINES_MAX);
		else
			err = split(&r, line);
		if (err == 0)
			err = read_line(&r);
		if (err < 0)
			break;
	}
	if (err == 0)
		err = check_whole(&r);
	if (err < 0) {
		story_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void
story_free(struct story *story)
{
	size_t i, j;

	if (story == NULL)
		return;
	for (i = 0; i < story->n_lines; i++) {
		for (j = 0; j < story->lines[i].n_steps; j++)
			free(story->lines[i].steps[j].text);
		free(story->lines[i].steps);
		free(story->lines[i].text);
	}
	free(story->lines);
	free(story->text);
	free(story->file);
	free(story);
}
