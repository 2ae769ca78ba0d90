/*
 * Telephone numbers: the canonical form is short, and it is its own canonical
 * form. The first byte chooses the rules.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/telnumber.h"

static const struct telnumber_rules rules[] = {
	{ "", "0", "00" }, { "27", "0", "00" }, { "1", "1", "011" },
	{ "45", "", "00" },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char one[TELNUMBER_TEXT], two[TELNUMBER_TEXT], why[WHY_TEXT];
	const struct telnumber_rules *chosen;
	char *text;
	int err;

	if (len == 0)
		return 0;
	chosen = &rules[data[0] % 4];
	text = malloc(len);
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	err = telnumber_canonical(one, text, chosen, why);
	if (err == 0 && (!telnumber_is_number(text) || one[0] != '+' ||
	    strlen(one) <= TELNUMBER_DIGITS_MIN || one[1] == '0' ||
	    telnumber_canonical(two, one, chosen, why) < 0 ||
	    strcmp(one, two) != 0))
		abort();
	free(text);
	return 0;
}
