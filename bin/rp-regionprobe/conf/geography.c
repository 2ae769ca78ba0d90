/*
 * geography: the codes of continents, countries and subdivisions, and which
 * place is in which. See geography.h.
 */
#include "conf/geography.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/regions.h"

/*
 * The countries of ISO 3166-1 by GeoIP2's continent. XK is Kosovo's code there,
 * which ISO 3166 leaves to its users.
 */
static const struct {
	char continent[3];
	const char *countries;
} world[GEOGRAPHY_CONTINENTS] = {
	{ "AF", "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM "
	    "GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC "
	    "SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW" },
	{ "AN", "AQ BV GS HM TF" },
	{ "AS", "AE AF AM AZ BD BH BN BT CC CN GE HK ID IL IN IO IQ IR JO JP "
	    "KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA "
	    "SG SY TH TJ TM TR TW UZ VN YE" },
	{ "EU", "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG "
	    "GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL "
	    "PT RO RS RU SE SI SJ SK SM UA VA XK" },
	{ "NA", "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN "
	    "HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI" },
	{ "OC", "AS AU CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB "
	    "TK TL TO TV UM VU WF WS" },
	{ "SA", "AR BO BR CL CO EC FK GF GY PE PY SR UY VE" },
};

static const char states[] =	/* of the United States */
    "AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME "
    "MI MN MO MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX "
    "UM UT VA VI VT WA WI WV WY";
static const char provinces[] =	/* of Canada */
    "AB BC MB NB NL NS NT NU ON PE QC SK YT";

/* Where octoDNS puts a country otherwise; "": it has no place for it. */
static const struct {
	char country[3];
	const char *continent;
} octodns[] = {
	{ "CX", "AS" }, { "CY", "AS" }, { "GS", "SA" }, { "TL", "AS" },
	{ "XK", "" },
};

/* Return whether the list of codes of two letters holds this one. */
static bool
list_has(const char *list, const char *code)
{
	for (; *list != '\0'; list += list[2] == ' ' ? 3 : 2)
		if (strncmp(list, code, 2) == 0)
			return true;
	return false;
}

static bool
is_part(const char *country, const char *part)
{
	static const char form[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strlen(part);

	if (len < 1 || len > 3 || strspn(part, form) != len)
		return false;
	if (strcmp(country, "US") == 0)
		return len == 2 && list_has(states, part);
	if (strcmp(country, "CA") == 0)
		return len == 2 && list_has(provinces, part);
	return true;
}

int
geography_continent(struct geography *out, const char *code)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < GEOGRAPHY_CONTINENTS; i++)
		if (strcmp(world[i].continent, code) == 0) {
			memcpy(out->continent, world[i].continent,
			    sizeof(out->continent));
			return 0;
		}
	return -EINVAL;
}

int
geography_country(struct geography *out, const char *code)
{
	size_t i, len = strcspn(code, "-");

	memset(out, 0, sizeof(*out));
	out->level = code[len] == '-' ? GEOGRAPHY_PART : GEOGRAPHY_COUNTRY;
	if (len != 2)
		return -EINVAL;
	memcpy(out->country, code, 2);
	for (i = 0; i < GEOGRAPHY_CONTINENTS; i++)
		if (list_has(world[i].countries, out->country))
			memcpy(out->continent, world[i].continent,
			    sizeof(out->continent));
	if (out->continent[0] == '\0')
		return -EINVAL;
	if (out->level == GEOGRAPHY_COUNTRY)
		return 0;
	if (!is_part(out->country, code + 3))
		return -EINVAL;
	snprintf(out->part, sizeof(out->part), "%s", code + 3);
	return 0;
}

int
geography_add(struct geography **list, size_t *n, enum geography_level level,
    const char *code)
{
	struct geography place, *more;
	int err = level == GEOGRAPHY_CONTINENT ?
	    geography_continent(&place, code) :
	    geography_country(&place, code);

	if (err < 0)
		return err;
	more = realloc(*list, (*n + 1) * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	more[(*n)++] = place;
	*list = more;
	return 0;
}

bool
geography_equal(const struct geography *a, const struct geography *b)
{
	return strcmp(a->continent, b->continent) == 0 &&
	    strcmp(a->country, b->country) == 0 &&
	    strcmp(a->part, b->part) == 0;
}

const char *
geography_code(size_t continent)
{
	return world[continent].continent;
}

const char *
geography_path(char out[static GEOGRAPHY_TEXT], const struct geography *place,
    char separator)
{
	if (place->level == GEOGRAPHY_CONTINENT)
		snprintf(out, GEOGRAPHY_TEXT, "%s", place->continent);
	else if (place->level == GEOGRAPHY_COUNTRY)
		snprintf(out, GEOGRAPHY_TEXT, "%s%c%s", place->continent,
		    separator, place->country);
	else
		snprintf(out, GEOGRAPHY_TEXT, "%s%c%s%c%s", place->continent,
		    separator, place->country, separator, place->part);
	return out;
}

const char *
geography_text(char out[static GEOGRAPHY_TEXT], const struct geography *place)
{
	if (place->level == GEOGRAPHY_CONTINENT)
		return geography_path(out, place, '-');
	geography_path(out, place, '-');
	memmove(out, out + 3, strlen(out + 3) + 1);
	return out;
}

const char *
geography_octodns(const struct geography *place)
{
	size_t i;

	for (i = 0; i < sizeof(octodns) / sizeof(octodns[0]); i++)
		if (strcmp(octodns[i].country, place->country) == 0)
			return octodns[i].continent[0] != '\0' &&
			    place->level == GEOGRAPHY_COUNTRY ?
			    octodns[i].continent : NULL;
	if (place->level == GEOGRAPHY_PART &&
	    strcmp(place->country, "US") != 0 &&
	    strcmp(place->country, "CA") != 0)
		return NULL;
	return place->continent;
}

/* Return the region up to `at` that holds the place before it, or NULL. */
static const struct region *
find_before(const struct regions *regions, size_t at, size_t place)
{
	const struct geography *wanted = &regions->item[at]->places[place];
	size_t i, k;

	for (i = 0; i <= at; i++) {
		const struct region *region = regions->item[i];

		for (k = 0; k < (i < at ? region->n_places : place); k++)
			if (geography_equal(&region->places[k], wanted))
				return region;
	}
	return NULL;
}

int
geography_check(const struct regions *regions, char why[static WHY_TEXT])
{
	char text[GEOGRAPHY_TEXT], place[REGIONS_PLACE];
	const struct region *first, *region;
	size_t i, k;

	for (i = 0; i < regions->n; i++) {
		region = regions->item[i];
		for (k = 0; k < region->n_places; k++) {
			first = find_before(regions, i, k);
			if (first == NULL)
				continue;
			why_set(why, "%.150s:%d: region %s holds %s, which "
			    "region %s in %s holds already", region->file,
			    region->line, region->name, geography_text(text,
			    &region->places[k]), first->name,
			    regions_place(place, region, first));
			return -EINVAL;
		}
	}
	return 0;
}
