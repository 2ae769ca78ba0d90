/*
 * Lines for nsupdate(1), for a geographic DNS that points at one plain name a
 * region ("record" in the regions file).
 */
#include <string.h>

#include "format.h"

static const char *
dot_after(const char *name)
{
	return name[strlen(name) - 1] == '.' ? "" : ".";
}

static void
print_lines(const struct report *r, const struct change_region *c, FILE *out)
{
	const char *record = c->region->record != NULL ? c->region->record :
	    r->options->name;
	const char *type = addr_is_v6(&r->options->addr) ? "AAAA" : "A";
	char ip[ADDR_TEXT];

	addr_format_ip(&r->options->addr, ip);
	if (r->options->add)
		fprintf(out, "update add %s%s %ld %s %s\n", record,
		    dot_after(record), r->regions.ttl_s, type, ip);
	else
		fprintf(out, "update delete %s%s %s %s\n", record,
		    dot_after(record), type, ip);
}

int
format_nsupdate(const struct report *r, FILE *out,
    char why[static FORMAT_WHY])
{
	size_t i;

	(void)why;
	if (r->survey.zone[0] != '\0')
		fprintf(out, "zone %s\n", r->survey.zone);
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].changes)
			print_lines(r, &r->change.item[i], out);
	fputs("send\n", out);
	return 0;
}
