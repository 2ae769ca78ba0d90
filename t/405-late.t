#!/bin/sh
# A callee that does not come, or comes too late. The caller is told "no
# answer". A phone that comes when the call is over shows a missed call and
# never rings. A phone in another call answers that it is busy, and that call is
# not disturbed.
. "$(dirname "$0")/lib.sh"

# A switch with little patience, with what --dev has made.
start_switch first
stop first
d=$T/first.d
cat >"$T/switch.conf" <<-C
	name = "localhost";
	directory = "sqlite:$d/rp.db";
	control = "$d/control";
	tls: { certificate = "$d/cert.pem"; key = "$d/key.pem"; };
	call: { listen = "127.0.0.1:0"; push_ms = 4000; ring_ms = 4000; };
	answer: { listen = "127.0.0.1:0"; };
	relay: { listen = "127.0.0.1:0"; secret = "$(cat "$d/relay.secret")"; };
	push: { command = "exec '$(command -v rp-pushsend)' --dev"; };
C
start switch rp-switchd -c "$T/switch.conf" --ready-file "$T/switch.ready"
wait_for 10 test -s "$T/switch.ready" ||
    give_up "rp-switchd starts" "$T/switch.err"
call=localhost:$(port "$(ready "$T/switch.ready" call)")
for number in alice bob; do
	sed -i "s/^switch = .*/switch = \"$call\";/" "$d/$number.conf"
done

bob_waits() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$d/bob.conf" --answer --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready" "$@"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
}

alice_calls() {
	rp-dial --account "$d/alice.conf" --json "$T/alice.json" "$@" bob \
	    2>"$T/alice.err"
}

# It rings and nobody picks up.
bob_waits --ring 60
alice_calls
is $? 4 "nobody picks up: exit 4"
like "$(cat "$T/alice.err")" "^rp-dial: bob: no answer.*try again later$" \
    "with a line"
join bob
is $? 4 "at the callee too"

# Stopped, bob gets his push only when the call has expired.
bob_waits --echo
kill -STOP "$(cat "$T/bob.pid")"
alice_calls
is $? 4 "nobody comes: exit 4"
is "$(jq -r '.end_reason, .timing_ms.ring' "$T/alice.json" | xargs)" \
    "no_answer null" "without a ring"
kill -CONT "$(cat "$T/bob.pid")"
join bob
is $? 11 "over before bob came: exit 11"
like "$(cat "$T/bob.err")" "^rp-dial: alice: the call was over before it could \
be answered.*call back$" "a missed call"
is "$(jq -r '.end_reason, .timing_ms.ring' "$T/bob.json" 2>/dev/null |
    xargs)" "over null" "that never rang"

# Another call meanwhile: three parties.
rp-users --db "sqlite:$d/rp.db" add carol --token-file "$T/carol.token"
cat >"$d/carol.conf" <<-C
	number = "carol";
	token = "$(cat "$T/carol.token")";
	switch = "$call";
	ca = "ca.pem";
C
bob_waits --echo
start alice rp-dial --account "$d/alice.conf" --duration 3 \
    --json "$T/alice.json" bob
wait_for 10 grep -q alice "$d/bob.known_peers" || fail "alice's call"
rp-dial --account "$d/carol.conf" bob 2>"$T/carol.err"
is $? 5 "carol finds bob busy: exit 5"
like "$(cat "$T/carol.err")" "^rp-dial: bob: busy: try again later$" \
    "with a line"
join alice
is $? 0 "alice's call goes on"
is "$(jq ".media | $flowed and .loss_pct < 2" "$T/alice.json")" true \
    "undisturbed"
join bob
is $? 0 "and is the one that bob answered"

rp-dial --account "$d/alice.conf" alice 2>"$T/alice.err"
is $? 1 "calling oneself: exit 1"
like "$(cat "$T/alice.err")" "^rp-dial: alice: .*own-number" "with a line"
finish
