#!/bin/sh
# The unit tests of every module pass. One point per suite; the report of check
# is shown for a suite that fails.
. "$(dirname "$0")/lib.sh"

units=${RP_UNITS:-$(cd "$RP_BUILD" && ls t/unit/*/units)}
for unit in $units; do
	for suite in $("$RP_BUILD/$unit" --list); do
		check "${unit%/units}/$suite" "$RP_BUILD/$unit" "$suite"
	done
done
finish
