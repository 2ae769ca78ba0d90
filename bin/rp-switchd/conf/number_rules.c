/* number_rules: the keys about telephone numbers. See number_rules.h. */
#include "conf/number_rules.h"

#include <stdio.h>
#include <string.h>

#include "conf/settings.h"

struct telnumber_rules
number_rules_of(const struct settings *settings)
{
	return (struct telnumber_rules){
		settings->country_code, settings->national_prefix,
		settings->international_prefix
	};
}

bool
number_rules_serve(const struct settings *settings, const char *number)
{
	const struct conf_strings *prefixes = &settings->registration_prefixes;
	size_t i;

	for (i = 0; i < prefixes->n; i++)
		if (strncmp(number, prefixes->item[i],
		    strlen(prefixes->item[i])) == 0)
			return true;
	return prefixes->n == 0;
}

static bool
is_prefix(const char *text)
{
	size_t len = strlen(text);

	return *text == '+' && len > 1 && len < TELNUMBER_TEXT &&
	    strspn(text + 1, "0123456789") == len - 1;
}

int
number_rules_check(const struct settings *settings, char why[static WHY_TEXT])
{
	struct telnumber_rules rules = number_rules_of(settings);
	const struct conf_strings *prefixes = &settings->registration_prefixes;
	char path[64], wrong[WHY_TEXT];
	const char *name;
	size_t i;

	if (telnumber_check_rules(&rules, &name, wrong) < 0) {
		snprintf(path, sizeof(path), "numbers.%s", name);
		return settings_complain(settings, why, path, "%s", wrong);
	}
	for (i = 0; i < prefixes->n; i++)
		if (!is_prefix(prefixes->item[i]))
			return settings_complain(settings, why,
			    "registration.prefixes",
			    "wants prefixes such as +27");
	return 0;
}
