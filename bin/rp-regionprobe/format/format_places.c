/*
 * format_places: list the places of all regions. See format_places.h.
 */
#include "format/format_places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
compare_places(const void *a, const void *b)
{
	const struct geography *x = &((const struct format_place *)a)->place;
	const struct geography *y = &((const struct format_place *)b)->place;
	int order = strcmp(x->continent, y->continent);

	if (order == 0)
		order = strcmp(x->country, y->country);
	return order != 0 ? order : strcmp(x->part, y->part);
}

int
format_places_list(const struct region_report *r, struct format_place **out,
    size_t *n)
{
	struct format_place *list;
	size_t i, k, most = 0;

	for (i = 0; i < r->change.n; i++)
		most += r->change.item[i].region->n_places;
	list = calloc(most + 1, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	*n = 0;
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		for (k = 0; k < c->region->n_places && c->after.n > 0; k++) {
			list[*n].place = c->region->places[k];
			list[(*n)++].change = c;
		}
	}
	qsort(list, *n, sizeof(*list), compare_places);
	*out = list;
	return 0;
}
