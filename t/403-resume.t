#!/bin/sh
# A broken signalling connection does not end a call. The audio goes on as it
# went, and both sides return to the same switch with RESUME. Messages sent
# meanwhile arrive, such as an ANSWER or a HANGUP. The kernel breaks the
# connections (ss -K), as a change of address would.
. "$(dirname "$0")/lib.sh"

command -v ss >/dev/null || skip_all "ss is missing"
[ "$(id -u)" = 0 ] || skip_all "wants to break connections: not root"
{ zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null |
    grep -qx CONFIG_INET_DIAG_DESTROY=y ||
    skip_all "this kernel does not let ss break connections"
export RP_LOG=debug

start_switch switch
d=$T/switch.d
call=$(port "$(ready "$T/switch.ready" call)")
answer=$(port "$(ready "$T/switch.ready" answer)")

bob_waits() {
	rm -f "$T/bob.ready" "$T/bob.json"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready" "$@"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
}

alice_dials() {
	rm -f "$T/alice.json"
	start alice rp-dial --account "$d/alice.conf" \
	    --json "$T/alice.json" "$@" bob
}

connected() {	# PORT: is there a connection to it?
	ss -tnH state established dst 127.0.0.1 dport = ":$1" | grep -q .
}

cut() {	# PORT: break the connections to it
	ss -K dst 127.0.0.1 dport = ":$1" >/dev/null 2>&1
}

resumed() {	# WHO
	grep -q signalling_resumed "$T/$1.err"
}

talking() {
	grep -q . "$d/alice.known_peers" && grep -q . "$d/bob.known_peers"
}

bob_waits
alice_dials --duration 4
wait_for 10 talking || fail "the call"
connected "$answer" || fail "bob is connected to the answer port"
cut "$answer"
check "bob comes back" wait_for 5 resumed bob
cut "$call"
check "alice comes back" wait_for 5 resumed alice
join alice
is $? 0 "the call completes for alice"
join bob
is $? 0 "and for bob"
is "$(jq ".media | $flowed and .loss_pct < 2" \
    "$T/alice.json" "$T/bob.json" | xargs)" "true true" \
    "with hardly a packet lost"
# A silence would be a reason, as on a machine that has no time.
stayed() {
	jq -es 'any(.[].media.silent_ms; . >= 1000)' "$T/alice.json" \
	    "$T/bob.json" >/dev/null ||
	    ! grep -q media_moved "$T/alice.err" "$T/bob.err"
}
check "and both kept the way of their audio" stayed

# Both break while it rings.
bob_waits --ring 4
alice_dials --duration 1
wait_for 10 calls_are ringing || fail "bob rings"
cut "$answer"
cut "$call"
check "bob comes back while it rings" wait_for 5 resumed bob
check "alice comes back while it rings" wait_for 5 resumed alice
join alice
is $? 0 "she hears of the ANSWER"
join bob
is $? 0 "and the call completes"

# Said while the other was away: bob is stopped, so that he cannot come back
# at once, and alice hangs up.
rm -f "$d/alice.known_peers" "$d/bob.known_peers"
bob_waits
alice_dials
wait_for 10 talking || fail "the call"
kill -STOP "$(cat "$T/bob.pid")"
cut "$answer"
stop alice INT
is $? 0 "alice hangs up while bob is away"
kill -CONT "$(cat "$T/bob.pid")"
join bob
is $? 0 "bob hears of it when he is back"
is "$(jq -r .end_reason "$T/bob.json")" completed "as an ordinary end"

# The switch itself dies: nobody to come back to, and no relay. That is noticed
# by its absence, and not by ICE's consent that runs out, which takes 30 s and
# would be called dropped.
rm -f "$d/alice.known_peers" "$d/bob.known_peers"
bob_waits
alice_dials --duration 120
wait_for 10 grep -q . "$d/alice.known_peers"
wait_for 10 media_is ".rtp_packets > 10" || fail "they talk"
stop switch KILL
check "the switch dies: alice ends" \
    wait_for 15 sh -c "! kill -0 $(cat "$T/alice.pid")"
join alice
is "$? $(jq -r .end_reason "$T/alice.json")" "9 moved" \
    "by the absence of the switch"
# He waits for her to dial again, for half a minute or until he is told.
check "and for bob" wait_for 15 test -s "$T/bob.json"
is "$(jq -r .end_reason "$T/bob.json")" moved "who could be called again"
stop bob
is $? 9 "and says how it ended"
finish
