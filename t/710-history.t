#!/bin/sh
# Calls that are over are remembered, but not without end. A subscriber who calls
# and hangs up all the time leaves ten times max_calls at most. The latest of
# them still answer 410 with their reason, and one connection that has made them
# all is a party of none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" "max_calls = 2;"
sed -i 's/^call = {/call = { per_caller_per_minute = 0; per_pair_per_minute = 0;/' "$T/switch.conf"
start_configured
wakeable bob

# has N REGEX: has alice heard N of them?
has() {
	[ "$(count alice "$2")" = "$1" ]
}
session() {
	sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out" |
	    sed -n "$1p"
}
calls() {
	for i in $(seq 24); do
		say alice "INITIATE /session/bob body=offer"
		wait_for 10 has "$i" '^response 200 - 0 \{' || return 1
		say alice "HANGUP /session/$(session "$i")"
		wait_for 10 has "$i" '^response 200 - 0 *$' || return 1
	done
}
talk alice alice
check "24 calls are cancelled" calls
check "twenty are remembered" wait_for 5 metric_is rp_calls_kept 20
is "$(ask alice RESUME "/session/$(session 24)")" "410 cancelled" \
    "of the last one the reason is known"
is "$(ask alice RESUME "/session/$(session 5)")" "410 cancelled" \
    "and of the twentieth before"
is "$(ask alice RESUME "/session/$(session 4)")" 404 "but not of earlier ones"
is "$(metric rp_calls_active)" 0 "none goes on"
bye alice
is "$(metric rp_calls_kept)" 20 "nor does the connection's end change anything"
stop switch
is $? 0 "the switch stops"
finish
