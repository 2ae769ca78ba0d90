#!/bin/sh
# Every module's unit tests pass. One point per program; check's own report is
# shown where one fails. Many of them wait for timers of their own, so four run
# at a time.
. "$(dirname "$0")/lib.sh"
# check kills a test that hangs, after four seconds of a quiet machine.
export CK_TIMEOUT_MULTIPLIER="$RP_PATIENCE"

units=${RP_UNITS:-$(cd "$RP_BUILD" && find t/unit -maxdepth 1 -type f -perm -u+x)}
# "$T/NAME.said" is what it said, "$T/NAME.status" its exit status.
printf '%s\n' $units | xargs -P 4 -I UNIT sh -c 'name=$(basename "$1")
    "$2/$1" >"$3/$name.said" 2>&1; echo $? >"$3/$name.status"' \
    unit UNIT "$RP_BUILD" "$T"
for unit in $units; do
	said=$T/$(basename "$unit")
	if [ "$(cat "$said.status")" = 0 ]; then
		pass "$unit"
	else
		fail "$unit" "$(tail -n 20 "$said.said")"
	fi
done
finish
