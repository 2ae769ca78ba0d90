/* story_heads: the lines that say who there is, and in which worlds. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "world/story_reader.h"

static bool
is_name(const char *text)
{
	size_t i;

	if (!islower((unsigned char)text[0]))
		return false;
	for (i = 0; text[i] != '\0'; i++)
		if (!islower((unsigned char)text[i]) &&
		    !isdigit((unsigned char)text[i]))
			return false;
	return i < STORY_NAME;
}

/* Cut "=0.1.0" off a name. */
static int
version(struct story_reader *r, char *token, bool *old)
{
	char *at = strchr(token, '=');

	if (at == NULL)
		return 0;
	*at++ = '\0';
	if (strcmp(at, "0.1.0") != 0)
		return story_bad(r, "unknown version: %s", at);
	*old = true;
	return 0;
}

int
story_read_switches(struct story_reader *r)
{
	struct story *s = r->story;

	for (; r->at < r->n; r->at++) {
		struct story_switch *sw = &s->switches[s->n_switches];
		char *token = r->tokens[r->at];

		if (s->n_switches == 8)
			return story_bad(r, "more than 8 switches");
		if (version(r, token, &sw->old) < 0)
			return -EINVAL;
		if (!is_name(token))
			return story_bad(r, "invalid name: %s", token);
		if (story_switch_find(s, token) >= 0 ||
		    story_number_find(s, token) >= 0)
			return story_bad(r, "%s is there twice", token);
		snprintf(sw->name, sizeof(sw->name), "%s", token);
		s->n_switches++;
	}
	return 0;
}

int
story_read_phones(struct story_reader *r)
{
	struct story *s = r->story;

	for (; r->at < r->n; r->at++) {
		struct story_phone *phone = &s->phones[s->n_phones];
		char *token = r->tokens[r->at], *slash;

		if (s->n_phones == 16)
			return story_bad(r, "more than 16 phones");
		if (version(r, token, &phone->old) < 0)
			return -EINVAL;
		if (strlen(token) >= STORY_NAME)
			return story_bad(r, "invalid name: %s", token);
		strcpy(phone->name, token);
		strcpy(phone->number, token);
		slash = strchr(phone->number, '/');
		if (slash != NULL) {
			if (slash[1] < '1' || slash[1] > '9' || slash[2] != '\0')
				return story_bad(r, "invalid device: %s", token);
			*slash = '\0';
		}
		if (!is_name(phone->number))
			return story_bad(r, "invalid name: %s", token);
		if (story_phone_find(s, token) >= 0 ||
		    story_switch_find(s, token) >= 0)
			return story_bad(r, "%s is there twice", token);
		s->n_phones++;
	}
	return 0;
}

static uint64_t
vary_count(const struct story_vary *v)
{
	return (v->to - v->from) / v->by + 1;
}

/* vary NAME from T to T by T */
int
story_read_vary(struct story_reader *r)
{
	struct story *s = r->story;
	struct story_vary *v = &s->varies[s->n_varies];
	struct story_arg args[STORY_ARGS];
	struct story_agreement far = { 0 };

	if (s->n_varies == 2)
		return story_bad(r, "more than two values vary");
	if (r->at < r->n && story_vary_find(s, r->tokens[r->at]) != NULL)
		return story_bad(r, "%s is there twice", r->tokens[r->at]);
	if (!story_match(r, "Q from T to T by T", args, &far))
		return story_none_fits(r, &far, "variation");
	if (r->at < r->n)
		return story_bad(r, "too much: %s", r->tokens[r->at]);
	if (!is_name(args[0].text))
		return story_bad(r, "invalid name: %s", args[0].text);
	if (args[3].n == 0 || args[2].n < args[1].n)
		return story_bad(r, "%s has no values", args[0].text);
	snprintf(v->name, sizeof(v->name), "%s", args[0].text);
	v->from = args[1].n;
	v->to = args[2].n;
	v->by = args[3].n;
	s->n_varies++;
	if (story_worlds(s) > STORY_WORLDS_MAX)
		return story_bad(r, "more than %d worlds", STORY_WORLDS_MAX);
	return 0;
}

/* seeds C [from C] */
int
story_read_seeds(struct story_reader *r)
{
	struct story *s = r->story;
	struct story_arg args[STORY_ARGS];
	struct story_agreement far = { 0 };

	if (!story_match(r, "C", args, &far))
		return story_none_fits(r, &far, "number of seeds");
	s->seeds = args[0].n;
	if (story_next_is(r, "from")) {
		if (!story_match(r, "C", args, &far))
			return story_none_fits(r, &far, "seed");
		s->first_seed = args[0].n;
	}
	if (r->at < r->n)
		return story_bad(r, "too much: %s", r->tokens[r->at]);
	if (s->seeds == 0)
		return story_bad(r, "no seed");
	if (story_worlds(s) > STORY_WORLDS_MAX)
		return story_bad(r, "more than %d worlds", STORY_WORLDS_MAX);
	return 0;
}

int
story_read_until(struct story_reader *r)
{
	struct story_arg arg;
	int err = story_read_time(r, &arg);

	if (err < 0)
		return err;
	if (arg.plus != NULL || arg.n == 0)
		return story_bad(r, "invalid time: %s", arg.text);
	if (r->at < r->n)
		return story_bad(r, "too much: %s", r->tokens[r->at]);
	r->story->until = arg.n;
	return 0;
}

/* set KEY VALUE: of the switches' configuration */
int
story_read_set(struct story_reader *r)
{
	struct story *s = r->story;
	struct story_setting *set = &s->settings[s->n_settings];

	if (r->n - r->at != 2)
		return story_bad(r, "a setting is KEY VALUE");
	if (s->n_settings == 16)
		return story_bad(r, "more than 16 settings");
	set->line = r->line;
	set->key = r->tokens[r->at];
	set->value = r->tokens[r->at + 1];
	s->n_settings++;
	return 0;
}

void
story_vary(struct story *story, uint64_t seed, bool busy)
{
	story->first_seed += seed;
	story->busy = busy;
}

uint64_t
story_worlds(const struct story *story)
{
	uint64_t n = story->seeds;
	size_t i;

	for (i = 0; i < story->n_varies; i++)
		n *= vary_count(&story->varies[i]);
	return n;
}

void
story_world_name(const struct story *story, uint64_t world, char *out,
    size_t size)
{
	size_t i, n;

	n = (size_t)snprintf(out, size, "seed=%llu", (unsigned long long)
	    (story->first_seed + world % story->seeds));
	world /= story->seeds;
	for (i = 0; i < story->n_varies && n < size; i++) {
		const struct story_vary *v = &story->varies[i];

		n += (size_t)snprintf(out + n, size - n, " %s=%gms", v->name,
		    (double)(v->from + world % vary_count(v) * v->by) / SIM_MS);
		world /= vary_count(v);
	}
}
