#!/bin/sh
# Every module's unit tests pass. One point a program; check's own report is
# shown where one fails.
. "$(dirname "$0")/lib.sh"

units=${RP_UNITS:-$(cd "$RP_BUILD" && find t/unit -maxdepth 1 -type f -perm -u+x)}
for unit in $units; do
	check "$unit" "$RP_BUILD/$unit"
done
finish
