/*
 * survey_asked: the items of a survey, and what each of them is. See survey.h.
 */
#include "survey/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct survey_asked *
survey_new_asked(struct survey *s, enum survey_kind kind,
    const struct addr *server, const char *server_name)
{
	struct survey_asked *more = realloc(s->item,
	    (s->n + 1) * sizeof(*more));

	if (more == NULL)
		return NULL;
	s->item = more;
	more = &s->item[s->n++];
	memset(more, 0, sizeof(*more));
	more->kind = kind;
	more->server = *server;
	snprintf(more->server_name, sizeof(more->server_name), "%s",
	    server_name);
	return more;
}

struct survey_asked *
survey_first(const struct survey *s, enum survey_kind kind)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].kind == kind && s->item[i].err == 0)
			return &s->item[i];
	return NULL;
}

/* Write it with that name for the server. */
static const char *
who(const struct survey_asked *a, const char *name,
    char text[static SURVEY_WHO])
{
	char net[ADDR_TEXT];

	switch (a->kind) {
	case SURVEY_RESOLVER:
		snprintf(text, SURVEY_WHO, "resolver %s", name);
		return text;
	case SURVEY_AUTHORITY:
		snprintf(text, SURVEY_WHO, "authority %s", name);
		return text;
	case SURVEY_SUBNET:
	case SURVEY_FOR:
	case SURVEY_REGION:
		snprintf(text, SURVEY_WHO, "  %s for %s/%u", name,
		    addr_format_ip(&a->subnet.addr, net), a->subnet.bits);
		return text;
	case SURVEY_NOWHERE:
		break;
	}
	snprintf(text, SURVEY_WHO, "  %s for unknown networks", name);
	return text;
}

const char *
survey_who(const struct survey_asked *a, char text[static SURVEY_WHO])
{
	char ip[ADDR_TEXT];

	return who(a, a->server_name[0] != '\0' ? a->server_name :
	    addr_format_ip(&a->server, ip), text);
}

const char *
survey_who_where(const struct survey_asked *a, char text[static SURVEY_WHO])
{
	char name[ASK_NAME + ADDR_TEXT + 4], ip[ADDR_TEXT];

	addr_format_ip(&a->server, ip);
	if (a->server_name[0] == '\0')
		snprintf(name, sizeof(name), "%s", ip);
	else
		snprintf(name, sizeof(name), "%s (%s)", a->server_name, ip);
	who(a, name, text);
	/* In a table it is indented. */
	memmove(text, text + strspn(text, " "), strlen(text) + 1 -
	    strspn(text, " "));
	return text;
}

bool
survey_on_behalf(const struct survey_asked *a)
{
	return a->kind != SURVEY_RESOLVER && a->kind != SURVEY_AUTHORITY;
}

bool
survey_is_authority(const struct survey_asked *a)
{
	return a->kind != SURVEY_RESOLVER && a->err == 0 && !a->cached &&
	    a->addrs.n > 0;
}

bool
survey_any_authority(const struct survey *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (survey_is_authority(&s->item[i]))
			return true;
	return false;
}

bool
survey_knows_subnets(const struct survey *s, const struct addr *server)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (survey_on_behalf(&s->item[i]) && s->item[i].err == 0 &&
		    s->item[i].scope > 0 &&
		    addr_equal(&s->item[i].server, server))
			return true;
	return false;
}

void
survey_clear(struct survey *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		set_clear(&s->item[i].addrs);
	free(s->item);
	s->item = NULL;
	s->n = 0;
}
