/*
 * number_rules: the keys about telephone numbers: how they are dialled here,
 * and which may register.
 */
#ifndef RP_SWITCHD_NUMBER_RULES_H
#define RP_SWITCHD_NUMBER_RULES_H

#include <stdbool.h>

#include "wire/telnumber.h"
#include "wire/why.h"

struct settings;

/* Return the rules. They point into the settings. */
struct telnumber_rules number_rules_of(const struct settings *settings);

/* May this number, in the canonical form, register here? */
bool number_rules_serve(const struct settings *settings, const char *number);

/* Check the keys. Return -EINVAL with file and line in `why`. */
int number_rules_check(const struct settings *settings,
    char why[static WHY_TEXT]);

#endif
