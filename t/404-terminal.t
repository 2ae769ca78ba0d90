#!/bin/sh
# On a terminal a call shows a status line, and a short report at its end.
# --answer asks the user, who may pick up or decline. In a pipe only the
# requested output appears. script(1) provides the terminal.
. "$(dirname "$0")/lib.sh"
export SDL_AUDIODRIVER=dummy

command -v script >/dev/null || skip_all "script is missing"
start_switch switch
d=$T/switch.d

# on_terminal FILE COMMAND: run it there; its exit status.
on_terminal() {
	script -qefc "$2" "$1" </dev/null >/dev/null 2>&1
}

bob_waits() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
	    --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
}

bob_waits
on_terminal "$T/alice.tty" \
    "rp-dial --account $d/alice.conf --duration 2 bob"
is $? 0 "a call on a terminal"
join bob
line='bob  talking  0:01  loss 0\.0%  jitter [0-9.]+ ms  round trip [0-9]+ ms'
like "$(tr '\r' '\n' <"$T/alice.tty")" "$line  MOS [1-4]" "the line that tells"
text=$(tr -d '\r' <"$T/alice.tty")
like "$text" 'bob: completed$' "the report"
like "$text" '^  talked    [1-9]\.[0-9] s, first audio after [0-9]+ ms$' "how long"
like "$text" '^  quality   MOS [1-4]\.[0-9]+ of 5' "how good"
like "$text" '^  words     ([A-Za-z]+ ){3}[A-Za-z]+$' "the words"

# Asked: the keys come through a pipe into script's terminal.
cat >"$T/bob.sh" <<-S
	exec rp-dial --account $d/bob.conf --answer --once \
	    --ready-file $T/asked.ready
S
ask() {	# KEYS NAME
	rm -f "$T/asked.ready" "$T/keys" "$T/asked.tty"
	mkfifo "$T/keys"
	start asked sh -c "exec script -qefc 'sh $T/bob.sh' $T/asked.tty \
	    <$T/keys"
	exec 4>"$T/keys"
	wait_for 10 test -s "$T/asked.ready" || fail "bob is not asked"
	start alice rp-dial --account "$d/alice.conf" --duration 1 bob
	check "$2: asked" wait_for 10 grep -q \
	    "alice is calling: Enter answers, q declines" \
	    "$T/asked.tty"
	printf "$1" >&4
}

ask '\n' "Enter"
join alice
is $? 0 "Enter answers"
exec 4>&-
join asked
is $? 0 "and bob's end is completed"
ask 'q\n' "q"
join alice
is $? 5 "q declines"
exec 4>&-
join asked
is $? 5 "at both ends"

# A probe: a bar an address on a terminal, words in a pipe.
address=$(ready "$T/switch.ready" call)
on_terminal "$T/probe.tty" "rp-dial --account $d/alice.conf --probe"
is $? 0 "a probe on a terminal"
like "$(tr -d '\r' <"$T/probe.tty")" "^\* $address +[0-9.]+ ms  won\$" "who won"
like "$(tr -d '\r' <"$T/probe.tty")" "^  #+\$" "and a bar"
like "$(rp-dial --account "$d/alice.conf" --probe)" \
    "^\* $address +[0-9.]+ ms  won\$" "a probe in a pipe"
is "$(rp-dial --account "$d/alice.conf" --probe --json - |
    jq -r '.end_reason, .switch.address, .multiconnect[0].outcome,
    (.timing_ms | .dns <= .connect and .connect < .tls and .tls < .answer)' |
    xargs)" "completed $address won true" "a probe as JSON"

# In a pipe: nothing.
bob_waits
is "$(rp-dial --account "$d/alice.conf" --duration 1 bob 2>&1)" "" \
    "a call in a pipe says nothing"
join bob
finish
