#!/bin/sh
# The unit tests of every module pass. Each suite is one point, and check's
# report is shown for a suite that fails. Many suites wait for timers of their
# own, so four run at a time.
. "$(dirname "$0")/lib.sh"
export CK_TIMEOUT_MULTIPLIER="$RP_PATIENCE"

units=${RP_UNITS:-$(cd "$RP_BUILD" && ls t/unit/*/units)}
for unit in $units; do
	"$RP_BUILD/$unit" --list >"$T/list" || : >"$T/list"
	check "${unit%/units} has suites" test -s "$T/list"
	sed "s|^|$unit |" "$T/list" >>"$T/suites"
done
# "$T/LIBRARY.SUITE.said" is what it said, and ".status" its exit status.
# shellcheck disable=SC2016
xargs -P 4 -L 1 sh -c 'name=$(basename "$(dirname "$3")").$4
    "$1/$3" "$4" >"$2/$name.said" 2>&1; echo $? >"$2/$name.status"' \
    unit "$RP_BUILD" "$T" <"$T/suites"
while read -r unit suite; do
	library=$(basename "${unit%/units}")
	said=$T/$library.$suite
	if [ "$(cat "$said.status")" = 0 ]; then
		pass "t/unit/$library/$suite"
	else
		fail "t/unit/$library/$suite" "$(tail -n 20 "$said.said")"
	fi
done <"$T/suites"
finish
