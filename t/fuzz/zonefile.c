/*
 * The files of name servers: what was edited is understood again, and a second
 * edit finds nothing to do.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "zonefile/zone_change.h"

static const char *const formats[] = { "knot", "pdns", "gdnsd", "route53" };

/* Edit the text; return what comes, which the caller frees, or NULL. */
static char *
edit(struct region_report *report, char *bytes, size_t len)
{
	struct zone_text text = { "file", bytes, len };
	char why[WHY_TEXT], *out = NULL;
	size_t out_len;
	FILE *to = open_memstream(&out, &out_len);
	int err;

	if (to == NULL)
		abort();
	err = zone_change_print(report, &text, to, why);
	fclose(to);
	if (err == 0)
		return out;
	if (memchr(why, '\0', sizeof(why)) == NULL)
		abort();
	free(out);
	return NULL;
}

static void
edit_twice(struct region_report *report, const char *text)
{
	struct region_options *o = (struct region_options *)report->options;
	char *before = strdup(text), *once, *twice;
	size_t i;

	if (before == NULL)
		abort();
	once = edit(report, before, strlen(before));
	/* Route 53 gets a batch, which is not a list of sets. */
	if (once != NULL && strcmp(o->format, "route53") != 0) {
		twice = edit(report, once, strlen(once));
		if (twice == NULL ? o->add : strcmp(once, twice) != 0)
			abort();
		free(twice);
		o->diff = true;
		free(edit(report, before, strlen(before)));
		o->diff = false;
	}
	free(once);
	free(before);
	for (i = 0; i < report->n_warnings; i++)
		free(report->warnings[i]);
	free(report->warnings);
	report->warnings = NULL;
	report->n_warnings = 0;
}

/* The first byte tells the format, and whether to add or to remove. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct region_options options = { .n_regions = 1 };
	struct region_report report = { .options = &options };
	struct region *region;
	char *text, name[] = "ireland";
	struct addr a;

	if (len == 0 || memchr(data + 1, '\0', len - 1) != NULL)
		return 0;
	options.format = formats[data[0] % 4];
	options.add = (data[0] & 4) == 0;
	options.remove = !options.add;
	options.regions[0] = name;
	(void)addr_parse(&options.addr, (data[0] & 8) != 0 ? "2a05::7" :
	    options.add ? "5.1.7.1" : "5.3.1.1", 0);
	strcpy(report.survey.owner, "switch.rp.test");
	region = regions_add(&report.regions, name);
	text = malloc(len);
	if (region == NULL || text == NULL || addr_parse(&a, "5.3.1.1", 0) < 0 ||
	    set_add(&region->listed, &a) < 0)
		abort();
	region->nets = calloc(1, sizeof(*region->nets));
	if (region->nets != NULL &&
	    prefix_parse(region->nets, "5.1.0.0/16") == 0)
		region->n_nets = 1;
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	edit_twice(&report, text);
	free(text);
	regions_clear(&report.regions);
	return 0;
}
