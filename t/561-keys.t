#!/bin/sh
# A telephone has keys, and they work while standard input is sound: Enter
# answers, m mutes, c confirms the words, q declines or hangs up. Nothing is
# confirmed before it is proved. The terminal gets its modes back whenever the
# call ends or stops. A device that cannot be opened is an error before anybody
# is rung.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/terminal.sh"
export SDL_AUDIODRIVER=dummy

start_switch switch
d=$T/switch.d
known=$d/bob.known_peers

cat >"$T/bob.sh" <<-S
	sh -c 'echo \$PPID >$T/command.pid'
	exec rp-dial --account $d/bob.conf --answer --once --in - \
	    --json $T/bob.json --ready-file $T/bob.ready </dev/zero
S

# rings: alice calls bob, whom a terminal asks; what is typed comes from $T/keys.
rings() {
	rm -f "$T/bob.ready" "$T/keys" "$T/bob.tty"
	mkfifo "$T/keys"
	start bob sh -c "exec $rp_onpty 80 $T/bob.tty sh $T/bob.sh <$T/keys"
	exec 4>"$T/keys"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
	start alice rp-dial --account "$d/alice.conf" --duration 100 \
	    --json "$T/alice.json" bob
	check "$1: a person is asked, though standard input is sound" \
	    wait_for 10 grep -q "alice is calling: Enter answers, q declines" \
	    "$T/bob.tty"
}

ended() {	# STATUS NAME
	join alice
	is $? "$1" "$2"
	exec 4>&-
	join bob
	is "$? $(cat "$T/bob.tty.modes")" "$1 icanon echo" \
	    "at both ends, and the terminal has its modes back"
}

# The keys can only come when onpty's child has its terminal.
rings "answer"
check "keys come one by one" wait_for 10 modes_are bob raw
printf c >&4
check "nothing is confirmed before there are words" \
    wait_for 10 grep -q "not confirmed" "$T/bob.tty"
check "and nothing is remembered" \
    sh -c "! grep -q confirmed '$known'"
printf '\n' >&4
check "Enter answers" wait_for 10 media_is '.rtp_packets > 10'
check "the words are there" wait_for 10 grep -q "words:" "$T/bob.tty"
printf m >&4
check "m mutes" wait_for 10 grep -q "alice  muted" "$T/bob.tty"
printf m >&4
printf c >&4
check "c confirms the words" \
    wait_for 10 grep -q "alice is confirmed" "$T/bob.tty"
check "which is remembered" grep -q "^# confirmed alice " "$known"
kill -TSTP "$(cat "$T/command.pid")"
check "Ctrl-Z gives the terminal back" wait_for 10 modes_are bob "icanon echo"
kill -CONT "$(cat "$T/command.pid")"
check "and fg takes it again" wait_for 10 modes_are bob raw
printf q >&4
ended 0 "q hangs up"
is "$(jq -c .security.confirmed "$T/bob.json" "$T/alice.json" | xargs)" \
    "true false" "the report tells what was confirmed, at the end that did"

rings "decline"
printf q >&4
ended 5 "q declines"

rings "end"
printf '\n' >&4
wait_for 10 media_is '.rtp_packets > 10' || fail "nobody talks"
kill -TERM "$(cat "$T/command.pid")"
ended 0 "SIGTERM hangs up"

# A peer whose certificate is another one is not the confirmed one.
sed -i 's/^# confirmed alice ../# confirmed alice 00/' "$known"
rings "another"
printf '\n' >&4
wait_for 10 media_is '.rtp_packets > 10' || fail "nobody talks"
printf q >&4
ended 0 "a call of another certificate"
is "$(jq -c .security.confirmed "$T/bob.json")" false "it is not confirmed"

# Devices.
if rp-dial --mic list >"$T/list.out" 2>"$T/list.err"; then
	is "$(wc -l <"$T/list.out") $(wc -l <"$T/list.err")" "1 0" \
	    "a microphone is listed"
	# ALSA without a sound card.
	if SDL_AUDIODRIVER=alsa ALSA_CONFIG_PATH=/dev/null rp-dial \
	    --mic list --speaker list >"$T/none.out" 2>"$T/none.err"; then
		is "$(xargs -d '\n' <"$T/none.err")" "rp-dial: --mic: the sound $(
		    )system has none rp-dial: --speaker: the sound system $(
		    )has none" "where there is none, that is said"
	else
		skip "where there is none, that is said" "SDL without ALSA"
	fi
	mkdir "$T/broken"
	: >"$T/broken/libSDL2-2.0.so.0"
	LD_LIBRARY_PATH=$T/broken rp-dial --mic list >"$T/broken.out" 2>&1
	is "$? $(grep -c "^rp-dial: --mic: .*libSDL2" "$T/broken.out")" "1 1" \
	    "a library that cannot be loaded is an error"
	check "for devices only" env LD_LIBRARY_PATH="$T/broken" rp-dial --version
	rp-dial --account "$d/alice.conf" --mic nosuch bob >"$T/mic.out" 2>&1
	is $? 1 "a microphone that is not there is an error"
	like "$(cat "$T/mic.out")" "^rp-dial: devices: --mic nosuch: .+" \
	    "in one line"
	is "$(wc -l <"$T/mic.out")" 1 "and no other"
	is "$(rp-drain --status --json --socket "$d/control" |
	    jq '.sessions | length')" 0 "nobody was rung"
else
	like "$(cat "$T/list.err")" "built without devices" \
	    "a build without devices says so"
fi
rp-dial --account "$d/alice.conf" --mic default --in - bob 2>"$T/both.err"
is $? 1 "two sources are a mistake"
finish
