/* aws_region: Amazon's name of a region, as "eu-west-1". */
#ifndef RP_REGIONPROBE_AWS_REGION_H
#define RP_REGIONPROBE_AWS_REGION_H

#include "conf/regions.h"
#include "wire/why.h"

/* Return the region's `aws`, or else its name. */
const char *aws_region_of(const struct region *region);

/*
 * Check that Amazon may have such a region.
 *
 *  -EINVAL  it does not; `why` says what to write
 */
int aws_region_check(const struct region *region, char why[static WHY_TEXT]);

#endif
