#!/bin/sh
# A switch that has to stop ends its last call. The caller dials again by itself
# and reaches the successor, for the time that is left. The callee takes it as
# the same call. Where there is no successor, the call is reported as lost,
# once.
. "$(dirname "$0")/lib.sh"
# Switches leave their port, and come back to it.
own_network "$0" "$@"

start_switch switch
d=$T/switch.d
call=$(ready "$T/switch.ready" call)

begin() {	# DURATION [ONCE]: a call of bob's and alice's
	rm -f "$T"/*.json "$T/bob.ready" "$d"/*.known_peers
	start bob rp-dial --account "$d/bob.conf" --answer --echo \
	    ${2---once} --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
	start alice rp-dial --account "$d/alice.conf" --duration "$1" \
	    --json "$T/alice.json" bob
	wait_for 10 grep -qs . "$d/alice.known_peers" || fail "the call"
	wait_for 10 media_is ".rtp_packets > 50" || fail "they talk"
}

begin 8
check "the switch sends its call away and stops" \
    rp-drain --socket "$d/control" --force-after 1 --stop
join switch
rm -f "$T/switch.ready"
start switch rp-switchd --dev "$d" --listen "$call" \
    --ready-file "$T/switch.ready"
join alice
is $? 0 "alice's call is completed by the successor"
join bob
is $? 0 "and bob's"
is "$(jq -r .end_reason "$T/alice.json" "$T/bob.json" | xargs)" \
    "completed completed" "as both reports say"
is "$(cat "$T/bob.err")" \
    "rp-dial: alice: the call was cut short: they may dial again" \
    "bob is told whose turn it is"
# A second of the eight was talked before, and another while the drain waited.
is "$(jq ".media | $flowed and .packets_received < 340" "$T/alice.json")" \
    true "for the time that was left" || jq .media "$T/alice.json"
is "$(jq -r .security.known "$T/alice.json")" true "with the same bob"

begin 60
rp-drain --socket "$d/control" --force-after 1 --stop >"$T/drain.out" 2>&1
join switch
join alice
is $? 9 "without a successor: exit 9"
is "$(cat "$T/alice.err")" "rp-dial: bob: the switch stopped in mid-call, and \
there was no other: call again" "with one line"
is "$(jq -r .end_reason "$T/alice.json")" moved "moved, says the report"
running bob
is $? 0 "bob still waits for her"
stop bob

# Bob is found busy by the redial, as one who has not heard yet that his call is
# over; here he has another, for a moment.
rm -f "$T/switch.ready"
start switch rp-switchd --dev "$d" --listen "$call" \
    --ready-file "$T/switch.ready"
wait_for 10 test -s "$T/switch.ready"
begin 120 ""
kill -STOP "$(cat "$T/alice.pid")"
rp-drain --socket "$d/control" --force-after 0 --stop >"$T/drain.out" 2>&1
join switch
rp-users --db "sqlite:$d/rp.db" add carol --token-file "$T/token" \
    >"$T/users.out"
sed "s/alice/carol/; s/^token = .*/token = \"$(cat "$T/token")\";/" \
    "$d/alice.conf" >"$d/carol.conf"
rm -f "$T/switch.ready"
start switch rp-switchd --dev "$d" --listen "$call" \
    --ready-file "$T/switch.ready"
wait_for 10 test -s "$T/switch.ready"
start carol rp-dial --account "$d/carol.conf" --duration 1 bob
wait_for 10 grep -qs . "$d/carol.known_peers" || fail "carol's call"
kill -CONT "$(cat "$T/alice.pid")"
join carol
is $? 0 "bob has another call"
wait_for 20 media_is ".rtp_packets > 20" || fail "alice has him again"
stop alice INT
is $? 0 "alice finds him busy, tries again, and has him"
stop bob
rp-drain --socket "$d/control" --force-after 0 --stop >"$T/drain.out" 2>&1
join switch

# Bob's call is silent, and its caller dials from another device: he goes there.
# The device that he left is told, and does not dial after him.
rm -f "$T/switch.ready"
start switch rp-switchd --dev "$d" --listen "$call" \
    --ready-file "$T/switch.ready"
wait_for 10 test -s "$T/switch.ready"
begin 60
kill -STOP "$(cat "$T/alice.pid")"
# For more than the two seconds of which he is patient.
silent() {
	rp-drain --sessions --json --socket "$d/control" |
	    jq -es 'any(.[].parties[]; .silent_ms > 3000)'
}
wait_for 10 silent || fail "alice is silent"
start second rp-dial --account "$d/alice.conf" --duration 4 \
    --json "$T/second.json" bob
check "bob leaves the silent one" wait_for 10 test -s "$T/bob.json"
kill -CONT "$(cat "$T/alice.pid")"
join alice
is $? 9 "the silent device's call was dropped"
is "$(jq -r .end_reason "$T/alice.json")" dropped "and that is all" ||
    cat "$T/alice.err"
join second
is $? 0 "the other's is completed"
join bob
is $? 0 "and bob's"
finish
