/*
 * Numbers and rules of any bytes.
 *
 * Sources: lib/wire/telnumber.c t/verify/eva/stand/why.c
 */
#include "eva.h"
#include "wire/telnumber.h"

int
main(void)
{
	char text[ROOM], country[8], national[8], international[8];
	char out[TELNUMBER_TEXT], why[WHY_TEXT];
	struct telnumber_rules rules = {
		make_text(country, sizeof(country)),
		make_text(national, sizeof(national)),
		make_text(international, sizeof(international))
	};
	const char *wrong;

	if (telnumber_check_rules(&rules, &wrong, why) == 0 &&
	    telnumber_canonical(out, make_text(text, sizeof(text)), &rules,
	    why) == 0)
		telnumber_country(out);
	return 0;
}
