#!/bin/sh
# Two people read the four words to each other while they talk, on any terminal:
# they stand on lines of their own, whole, also where it is narrow or knows no
# escape sequences. Who closes the terminal, or quits, says goodbye, and there is a
# report; nohup(1) keeps a call. However the command ends, the terminal that it had
# to itself gets its modes back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/terminal.sh"
export SDL_AUDIODRIVER=dummy

start_switch switch
d=$T/switch.d
cd "$T" || exit 1	# for nohup.out

# Alice's command leaves its process id, to which signals go.
cat >"$T/alice.sh" <<-S
	rm -f $T/alice.json
	echo \$\$ >$T/command.pid
	exec rp-dial --account $d/alice.conf --duration 100 \
	    --json $T/alice.json bob
S

# dial COLUMNS NAME [WRAPPER]: alice calls bob on a terminal of that width, whose
# output is in $T/NAME.tty. talk: and they talk.
dial() {
	rm -f "$T/bob.ready" "$T/bob.json"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
	start alice "$rp_onpty" "$1" "$T/$2.tty" ${3:-} sh "$T/alice.sh" \
	    </dev/null
}
talk() {
	dial "$@"
	wait_for 10 media_is '.rtp_packets > 25' || fail "$2: nobody talks"
}

# ends SIGNAL TERMINAL NAME: it ends alice's command, and both calls are completed.
ends() {
	check "$2: keys come one by one" wait_for 10 modes_are alice raw "$2"
	kill -"$1" "$(cat "$T/command.pid")"
	both_completed "$3"
	is "$(cat "$T/$2.tty.modes")" "icanon echo" \
	    "and the terminal has its modes back"
}

both_completed() {
	join alice
	rp_alice=$?
	join bob
	is "$rp_alice $(jq -r .end_reason "$T/bob.json")" \
	    "0 completed" "$1"
	is "$(jq -r .end_reason "$T/alice.json")" completed \
	    "and there is a report"
}

# No four words fit 30 columns beside each other.
for columns in 80 30; do
	talk "$columns" "at$columns"
	check "$columns columns: the words are told while they talk" \
	    wait_for 10 eval "shown at$columns | grep -q ^words:"
	check "and the status goes on below them" \
	    wait_for 10 grep -q "talking  0:0[1-9]" "$T/at$columns.tty"
	ends TERM "at$columns" "and the call is completed"
	is "$(read_words "at$columns")" \
	    "$(jq -r '.security.words | join(" ")' "$T/alice.json")" \
	    "they are the four words of the call, whole"
	check "no line is wider than the terminal" \
	    no_wider "at$columns" "$columns"
done

TERM=dumb talk 80 dumb
check "a terminal without escape sequences: the words are told" \
    wait_for 10 eval "shown dumb | grep -q ^words:"
ends INT dumb "Ctrl-C ends the call"
is "$(grep -c "$(printf '\033')" "$T/dumb.tty")" 0 "and it got none"

talk 80 quit
ends QUIT quit "SIGQUIT says goodbye"
talk 80 hup
ends HUP hup "SIGHUP says goodbye"

talk 80 closed
kill -HUP "$(cat "$T/alice.pid")"
both_completed "a closed terminal says goodbye"

talk 80 nohup nohup
kill -HUP "$(cat "$T/command.pid")"
media_mark
check "nohup keeps the call through SIGHUP" wait_for 10 media_grows 25
kill "$(cat "$T/command.pid")"
both_completed "until it is ended"

# Errors after the terminal was taken: nobody is there, and nothing can be written.
sed -i 's/bob$/nobody/' "$T/alice.sh"
"$rp_onpty" 80 "$T/nobody.tty" sh "$T/alice.sh" </dev/null
is "$? $(cat "$T/nobody.tty.modes")" "3 icanon echo" \
    "a call to nobody gives the terminal back"
sed -i 's/nobody$/--out \/dev\/full bob/' "$T/alice.sh"
dial 80 full
join alice
is "$? $(cat "$T/full.tty.modes")" "1 icanon echo" \
    "and so does a call that fails"
join bob
finish
