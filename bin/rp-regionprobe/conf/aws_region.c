/* aws_region: Amazon's name of a region. See aws_region.h. */
#include "conf/aws_region.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *
aws_region_of(const struct region *region)
{
	return region->aws != NULL ? region->aws : region->name;
}

/* Return whether the name is like "eu-west-1" or "us-gov-east-1". */
static bool
is_aws_region(const char *text)
{
	size_t letters = strcspn(text, "-");
	const char *last = strrchr(text, '-');

	return letters == 2 && last != NULL && last > text + letters &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz-") ==
	    (size_t)(last + 1 - text) && last[1] >= '1' && last[1] <= '9' &&
	    last[2] == '\0';
}

int
aws_region_check(const struct region *region, char why[static WHY_TEXT])
{
	if (is_aws_region(aws_region_of(region)))
		return 0;
	why_set(why, "region %s needs Amazon's name, as "
	    "aws = \"eu-west-1\"; in --regions FILE: latency records "
	    "know no other, and no default", region->name);
	return -EINVAL;
}
