#!/bin/sh
# Every way in which a call can fail has its own exit code and one line of
# advice.
. "$(dirname "$0")/lib.sh"

# A callee vanishes in the middle of a call. That takes half a minute to be sure
# of, so it is begun here and looked at in the end. The new call that follows
# finds no device at once. A push that nobody takes would be tried for as long.
start_switch gone
start vanishing rp-dial --account "$T/gone.d/bob.conf" --answer --once --echo \
    --ready-file "$T/vanishing.ready"
wait_for 10 test -s "$T/vanishing.ready"
start dropped rp-dial --account "$T/gone.d/alice.conf" --duration 120 bob
wait_for 10 grep -q . "$T/gone.d/alice.known_peers"
stop vanishing KILL
check "the callee vanishes, and its registration" curl -sSf --max-time 10 \
    -o "$T/out" --cacert "$T/gone.d/ca.pem" -X DELETE \
    -u "bob:$(sed -n 's/^token = "\(.*\)";/\1/p' "$T/gone.d/bob.conf")" \
    "https://$(ready "$T/gone.ready" call)/push"

start_switch switch
d=$T/switch.d
alice="rp-dial --account $d/alice.conf"
bob="rp-dial --account $d/bob.conf"

# fails STATUS REGEX NAME COMMAND...: exits so, with one line on stderr.
fails() {
	want=$1 regex=$2 name=$3
	shift 3
	"$@" >"$T/out" 2>"$T/err"
	is $? "$want" "$name: exit $want"
	is "$(wc -l <"$T/err")" 1 "$name: one line"
	like "$(cat "$T/err")" "^rp-dial: [^:]+: .*$regex" "$name: what to do"
}

# bob_waits [OPTION...]: start bob and wait until he can be woken.
bob_waits() {
	rm -f "$T/bob.ready"
	start bob $bob --answer --once --ready-file "$T/bob.ready" "$@"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
}

# account NAME KEY VALUE [KEY VALUE...]: alice's account with keys changed.
account() {
	name=$1
	shift
	cp "$d/alice.conf" "$d/$name.conf"
	while [ $# -gt 0 ]; do
		sed -i "/^$1 *=/d" "$d/$name.conf"
		echo "$1 = \"$2\";" >>"$d/$name.conf"
		shift 2
	done
}

fails 1 "no such option" "an unknown option" $alice --frobnicate bob
fails 1 "CALLEE is missing" "nobody" $alice
fails 1 "one callee" "two callees" $alice bob carol
fails 1 "wants a number" "a bad duration" $alice --duration soon bob
fails 1 "invalid number" "a bad number" $alice "bob the builder"
fails 1 "--account|No such file" "no account" \
    rp-dial --account "$T/missing.conf" bob
fails 1 "No such file" "no such input" $alice --in "$T/missing.wav" bob
fails 1 "--out" "two things to standard output" \
    $alice --out - --json - bob
fails 1 "does not go" "--echo without --answer" $alice --echo bob

fails 1 "does not go with --relay-url" "two kinds of relay" \
    rp-dial --probe --relay --relay-url turn:127.0.0.1:9 --relay-secret x

fails 2 "refused.*is it up" "no switch" $alice --switch 127.0.0.1:9 bob
fails 2 "is this its name" "no such name" $alice --switch no.invalid:1 bob
fails 3 "check the number" "no such callee" $alice carol

account wrong token 0000000000000000000000000000000000000000000000000000
fails 6 "check number and token in .*wrong.conf" "a wrong token" \
    rp-dial --account "$d/wrong.conf" bob
fails 6 "check number and token" "a wrong token at --answer" \
    rp-dial --account "$d/wrong.conf" --answer

start_switch other
account other ca "$T/other.d/ca.pem"
fails 10 "certificate is not trusted.*check ca in .*other.conf" \
    "another authority" rp-dial --account "$d/other.conf" bob
fails 10 "certificate is not trusted" "another authority at --answer" \
    rp-dial --account "$d/other.conf" --answer
stop other

fails 4 "try again later" "nobody to be woken" $alice bob

bob_waits --decline
fails 5 "declined" "declined" $alice bob
join bob
is $? 5 "bob's end of it"

bob_waits --echo
start talk $alice --duration 30 bob
wait_for 10 grep -q . "$d/alice.known_peers"
account alice2 identity "$d/alice2.identity.pem"
fails 5 "busy" "busy" $alice bob
stop talk
is $? 0 "a call that is stopped is a completed one"
join bob
is $? 0 "for the other end too"

bob_waits --echo
fails 8 "MOS [0-9.]+ is below 5" "--min-mos" \
    $alice --min-mos 5 --duration 1 bob
join bob

# A peer that falls silent: no sequence number is missing, yet nobody would
# call it a good call.
bob_waits --echo
start silent $alice --min-mos 3 --duration 120 --json "$T/silent.json" bob
# bob_has FILTER: of what the switch tells of his media, a packet each 20 ms.
bob_has() {
	rp-drain --sessions --json --socket "$d/control" |
	    jq -es "any(.[].parties[]; .party != \"a\" and ($1))"
}
check "they talk" wait_for 10 bob_has ".rtp_packets > 20"
kill -STOP "$(cat "$T/bob.pid")"
check "and he falls silent for three times as long" wait_for 20 bob_has \
    ".silent_ms > 3000 and .silent_ms > 60 * .rtp_packets"
stop silent INT
is $? 8 "which is --min-mos'"
kill -CONT "$(cat "$T/bob.pid")"
is "$(jq -c '.media | .loss_pct < 2 and .silent_ms > 2500 and .mos < 3' \
    "$T/silent.json")" true \
    "told apart from loss: $(jq -c .media "$T/silent.json")"
join bob

# Given up while it rings: the caller's own doing, and a missed call.
bob_waits --ring 30 --json "$T/bob.json"
start ring $alice --json "$T/alice.json" bob
wait_for 10 calls_are ringing || fail "it rings"
stop ring INT
is $? 4 "given up: exit 4"
is "$(jq -r .end_reason "$T/alice.json")" cancelled "given up: cancelled"
join bob
is $? 4 "bob sees that it was cancelled"
is "$(jq -r .end_reason "$T/bob.json")" cancelled "and says so"

# Another certificate under bob's number.
rm "$d/bob.identity.pem"
bob_waits --echo
fails 7 "identity changed.*remove their line from .*alice.known_peers" \
    "another identity" $alice bob
join bob
is "$(grep -c "our identity is not the one they know" "$T/bob.err")" 1 \
    "bob hears of it"

# What the first one came to.
wait_for 60 sh -c "! kill -0 $(cat "$T/dropped.pid")"
join dropped
is $? 9 "the callee vanishes: exit 9"
like "$(cat "$T/dropped.err")" \
    "^rp-dial: bob: call interrupted, .*the other side is gone: call again$" \
    "the callee vanishes: what to do"
finish
