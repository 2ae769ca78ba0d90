#!/bin/sh
# Two people read the four words to each other while they talk, on any terminal:
# they stand on lines of their own, whole, also where it is narrow or knows no
# escape sequences. Who closes the terminal, or quits, says goodbye, and there is a
# report; nohup(1) keeps a call.
. "$(dirname "$0")/lib.sh"
export SDL_AUDIODRIVER=dummy

start_switch switch
d=$T/switch.d
onpty=$RP_BUILD/t/tools/onpty
cd "$T" || exit 1	# for nohup.out

# Alice's command leaves its process id, to which signals go.
cat >"$T/alice.sh" <<-S
	rm -f $T/alice.json
	echo \$\$ >$T/command.pid
	exec rp-dial --account $d/alice.conf --duration 100 \
	    --json $T/alice.json bob
S

# talk COLUMNS NAME [WRAPPER]: alice talks to bob on a terminal of that width,
# whose output is in $T/NAME.tty.
talk() {
	rm -f "$T/bob.ready" "$T/bob.json"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
	start alice "$onpty" "$1" "$T/$2.tty" ${3:-} sh "$T/alice.sh" \
	    </dev/null
	wait_for 10 media_is '.rtp_packets > 25' || fail "$2: nobody talks"
}

# ends SIGNAL NAME: it ends alice's command, and both calls are completed.
ends() {
	kill -"$1" "$(cat "$T/command.pid")"
	both_completed "$2"
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

# shown NAME: what stays on the terminal, line by line.
shown() {
	sed 's/\x1b\[K//g; s/\r$//; s/.*\r//' "$T/$1.tty"
}

# no_wider NAME COLUMNS: was nothing that was shown wider than that?
no_wider() {
	sed -n '/completed/q; p' "$T/$1.tty" | tr '\r' '\n' |
	    sed 's/\x1b\[K//g' |
	    awk -v max="$2" 'length($0) > max { print; bad = 1 }
	    END { exit bad }'
}

# read_words NAME: those that stand above the status line.
read_words() {
	shown "$1" | awk '/^words:/ { on = 1; sub(/^words:/, ""); print; next }
	    !/^      / { on = 0 }
	    on' | xargs
}

for columns in 80 40; do
	talk "$columns" "at$columns"
	check "$columns columns: the words are told while they talk" \
	    wait_for 10 eval "shown at$columns | grep -q ^words:"
	check "and the status goes on below them" \
	    wait_for 10 grep -q "talking  0:0[1-9]" "$T/at$columns.tty"
	ends TERM "and the call is completed"
	is "$(read_words "at$columns")" \
	    "$(jq -r '.security.words | join(" ")' "$T/alice.json")" \
	    "they are the four words of the call, whole"
	check "no line is wider than the terminal" \
	    no_wider "at$columns" "$columns"
done

TERM=dumb talk 80 dumb
check "a terminal without escape sequences: the words are told" \
    wait_for 10 grep -q "^words: " "$T/dumb.tty"
ends INT "Ctrl-C ends the call"
is "$(grep -c "$(printf '\033')" "$T/dumb.tty")" 0 "and it got none"

talk 80 quit
ends QUIT "SIGQUIT says goodbye"
talk 80 hup
ends HUP "SIGHUP says goodbye"

talk 80 closed
kill -HUP "$(cat "$T/alice.pid")"
both_completed "a closed terminal says goodbye"

talk 80 nohup nohup
kill -HUP "$(cat "$T/command.pid")"
media_mark
check "nohup keeps the call through SIGHUP" wait_for 10 media_grows 25
ends TERM "until it is ended"
finish
