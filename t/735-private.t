#!/bin/sh
# What a call leaves behind is for its user alone: recordings, reports and the
# figures of each second are new files that nobody else can read. The memory of
# a switch, which holds keys and tokens, cannot be read by another process of
# its user.
. "$(dirname "$0")/lib.sh"
umask 022

start_switch switch
d=$T/switch.d
start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
    --json "$T/bob.json" --out "$T/bob.wav" --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
check "a call" rp-dial --account "$d/alice.conf" --duration 1 \
    --json "$T/alice.json" --out "$T/alice.wav" bob
join bob
is "$(stat -c %a "$T"/alice.wav "$T"/bob.wav "$T"/alice.json "$T"/bob.json |
    xargs)" "600 600 600 600" "whose recordings and reports are its users' own"

# An offer that no client's JSON can hold.
. "$(dirname "$0")/signal.sh"
talk alice alice
say alice 'INITIATE /session/bob sdp=v=0\r\n\0\r\n'
check "an offer with a NUL is refused" heard alice '^response 400'
stop alice
stop alice.hold
stop switch

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir "$T/home"
	chown nobody "$T" "$T/home"
	start other setpriv --reuid nobody --clear-groups rp-switchd \
	    --dev "$T/home/d" --listen 127.0.0.1:0 \
	    --ready-file "$T/home/ready"
	check "a switch of another user" wait_for 20 test -s "$T/home/ready"
	is "$(stat -c %u "/proc/$(cat "$T/other.pid")/environ")" 0 \
	    "whose memory is not that user's to read"
	if setpriv --reuid nobody --clear-groups \
	    cat "/proc/$(cat "$T/other.pid")/maps" >/dev/null 2>&1; then
		fail "not even where it is"
	else
		pass "not even where it is"
	fi
	stop other
else
	skip "the memory of a switch" "needs root and setpriv"
fi
finish
