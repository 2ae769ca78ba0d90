/* Templates: a value that is filled in cannot break out of its place. */
#include <stdlib.h>
#include <string.h>

#include "providers/template.h"
#include "unit.h"

static const char *
lookup(const char *name, char *room, void *arg)
{
	if (strcmp(name, "value") == 0)
		return arg;
	if (strcmp(name, "room") == 0)
		return strcpy(room, "roomy");
	return NULL;
}

static void
is(const char *text, enum template_escape escape, const char *value,
    const char *wanted)
{
	char why[WHY_TEXT] = "", *got;

	got = template_fill(text, escape, lookup, (void *)value, why);
	ck_assert_msg(got != NULL, "%s: %s", text, why);
	ck_assert_str_eq(got, wanted);
	free(got);
}

static void
fails(const char *text, enum template_escape escape, const char *value,
    const char *wanted)
{
	char why[WHY_TEXT] = "";

	ck_assert(template_fill(text, escape, lookup, (void *)value, why) ==
	    NULL);
	ck_assert_msg(strstr(why, wanted) != NULL, "%s", why);
}

START_TEST(fills)
{
	is("", TEMPLATE_PLAIN, "x", "");
	is("a", TEMPLATE_PLAIN, "x", "a");
	is("${value}", TEMPLATE_PLAIN, "x", "x");
	is("a${value}b${value}${room}", TEMPLATE_PLAIN, "x", "axbxroomy");
	is("$ {value} $value {}$", TEMPLATE_PLAIN, "x", "$ {value} $value {}$");
	is("${value}", TEMPLATE_PLAIN, "${value}", "${value}");
}
END_TEST

START_TEST(escapes)
{
	is("To=${value}&x", TEMPLATE_FORM, "+2 7&x=%\n",
	    "To=%2B2%207%26x%3D%25%0A&x");
	is("${value}", TEMPLATE_FORM, "aZ09-._~", "aZ09-._~");
	is("${value}", TEMPLATE_FORM, "\xc3\xa9", "%C3%A9");
	is("{\"a\":\"${value}\"}", TEMPLATE_JSON, "\"},{\\\n\x01",
	    "{\"a\":\"\\\"},{\\\\\\n\\u0001\"}");
}
END_TEST

START_TEST(refuses)
{
	char *large = malloc(TEMPLATE_MAX + 1);

	fails("${nobody}", TEMPLATE_PLAIN, "x", "${nobody}: no such value");
	fails("${value", TEMPLATE_PLAIN, "x", "${ without }");
	fails("${0123456789012345678901234567890123456789012345678901234567"
	    "890123456789}", TEMPLATE_PLAIN, "x", "${ without }");
	fails("${value}", TEMPLATE_JSON, "\xff", "${value}: ");
	memset(large, 'a', TEMPLATE_MAX);
	large[TEMPLATE_MAX] = '\0';
	fails(large, TEMPLATE_PLAIN, "x", "too long");
	fails("${value}", TEMPLATE_PLAIN, large, "too long");
	large[TEMPLATE_MAX - 1] = '\0';
	is("${value}", TEMPLATE_PLAIN, large, large);
	free(large);
}
END_TEST

UNIT_SUITE(template, fills, escapes, refuses)
