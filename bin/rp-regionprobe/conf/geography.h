/*
 * geography: continents, countries and their subdivisions, by which geographic
 * name servers tell callers apart. Continents have the codes of GeoIP2 databases,
 * countries those of ISO 3166-1 and subdivisions those of ISO 3166-2. AF, AS, NA
 * and SA are codes of both, so a continent and a country are never in one list.
 */
#ifndef RP_REGIONPROBE_GEOGRAPHY_H
#define RP_REGIONPROBE_GEOGRAPHY_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/why.h"

struct regions;

#define GEOGRAPHY_CONTINENTS 7

enum geography_level {
	GEOGRAPHY_CONTINENT,
	GEOGRAPHY_COUNTRY,
	GEOGRAPHY_PART		/* a subdivision of a country */
};

struct geography {
	enum geography_level level;
	/* As GeoIP2 databases have it, which take it from GeoNames. */
	char continent[3];
	char country[3];	/* "": a whole continent */
	char part[4];		/* "": a whole country */
};

/*
 * Parse "EU".
 *
 *  -EINVAL  an unknown continent
 */
int geography_continent(struct geography *out, const char *code);

/*
 * Parse "IE", or "US-CA" for a subdivision. Subdivisions of the United States
 * and of Canada are checked by name, others by their form.
 *
 *  -EINVAL  an unknown country or subdivision
 */
int geography_country(struct geography *out, const char *code);

/*
 * Parse a continent, or a country or subdivision, and append it to the list of
 * `*n`, which the caller frees.
 *
 *  -EINVAL  as above
 *  -ENOMEM  out of memory
 */
int geography_add(struct geography **list, size_t *n,
    enum geography_level level, const char *code);

bool geography_equal(const struct geography *a, const struct geography *b);

/* Return the code of a continent by its number, below GEOGRAPHY_CONTINENTS. */
const char *geography_code(size_t continent);

#define GEOGRAPHY_TEXT 12

/*
 * Write the place with its continent, as "EU", "EU;IE" or "NA;US;CA", with that
 * separator. Return `out`.
 */
const char *geography_path(char out[static GEOGRAPHY_TEXT],
    const struct geography *place, char separator);

/* Write the place as the regions file has it: "EU", "IE", "US-CA". */
const char *geography_text(char out[static GEOGRAPHY_TEXT],
    const struct geography *place);

/*
 * Return the continent in which octoDNS has the country, or NULL if it does not
 * know the place. It differs from GeoIP2's for Cyprus and some islands, and
 * octoDNS knows subdivisions of the United States and Canada only.
 */
const char *geography_octodns(const struct geography *place);

/*
 * Check that no two regions hold the same place.
 *
 *  -EINVAL  they do; `why` says which, with file and line
 */
int geography_check(const struct regions *regions, char why[static WHY_TEXT]);

#endif
