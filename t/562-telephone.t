#!/bin/sh
# Two people talk at two terminals with a microphone and a speaker each: nobody
# names a file or a device. Each hears the other's words, once the callee pressed
# Enter. Both read the same four words, one of them on 40 columns, and confirm
# them. A muted one is not heard. When a sound system dies in mid-call, both are
# told, and the call goes on. PulseAudio's null sinks are the devices: a microphone
# is what is played into one of them, and what a speaker plays is recorded from
# another.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/heard.sh"
. "$(dirname "$0")/terminal.sh"

for program in pulseaudio pactl paplay parec espeak-ng; do
	command -v $program >/dev/null || skip_all "$program is missing"
done
rp-dial --mic list >/dev/null 2>&1 || skip_all "built without devices"

# A sound system of our own.
export HOME="$T" XDG_RUNTIME_DIR="$T" XDG_CONFIG_HOME="$T/config"
export PULSE_RUNTIME_PATH="$T/pulse" PULSE_SERVER="unix:$T/pulse.socket"
export SDL_AUDIODRIVER=pulseaudio
# libpulse loses some blocks of its own when its server dies.
echo "leak:libpulse" >"$T/lsan"
export LSAN_OPTIONS="suppressions=$T/lsan:print_suppressions=0"
unset DISPLAY DBUS_SESSION_BUS_ADDRESS
sinks=
for sink in alice_mic alice_ear bob_mic bob_ear; do
	sinks="$sinks -L 'module-null-sink sink_name=$sink rate=48000'"
done
start pulse sh -c "exec pulseaudio -n --daemonize=no --exit-idle-time=-1 \
    --use-pid-file=no --disable-shm=yes --high-priority=no --realtime=no \
    -L 'module-native-protocol-unix socket=$T/pulse.socket auth-anonymous=1' \
    $sinks"
wait_for 5 pactl info || skip_all "PulseAudio does not start here"

start_switch switch
d=$T/switch.d
espeak-ng -w "$T/alice.wav" "The quick brown fox jumps over the lazy dog."
espeak-ng -w "$T/bob.wav" "And seven wizards quickly box the foreign jumps."

# at_terminal NAME COLUMNS ARGUMENT...: there, with devices of one's own; keys come
# from $T/NAME.keys.
at_terminal() {
	rp_who=$1
	rp_columns=$2
	shift 2
	mkfifo "$T/$rp_who.keys"
	start "$rp_who" env PULSE_SOURCE="${rp_who}_mic.monitor" \
	    PULSE_SINK="${rp_who}_ear" sh -c "exec $rp_onpty $rp_columns $T/$rp_who.tty \
	    rp-dial --account $d/$rp_who.conf --json $T/$rp_who.json $* \
	    <$T/$rp_who.keys"
}

records() {
	start "$1.ear" parec -d "$1_ear.monitor" --rate=48000 --channels=1 \
	    --latency-msec=20 --file-format=wav "$T/$1.heard.wav"
}

# loud NAME [LEVEL]: how many samples of what that speaker played are louder.
loud() {
	od -An -t d2 -v -w2 -j 44 "$T/$1.heard.wav" |
	    awk -v level="${2:-1000}" '$1 > level { n++ } END { print n + 0 }'
}

# rang NAME: was there a tone at that speaker?
rang() {
	[ "$(loud "$1")" -ge 4000 ]
}

at_terminal bob 40 --answer --once --ready-file "$T/bob.ready"
exec 4>"$T/bob.keys"
wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
records alice
records bob
at_terminal alice 80 bob
exec 5>"$T/alice.keys"
check "bob is asked" wait_for 10 grep -q "alice is calling" "$T/bob.tty"
check "it rings at bob's speaker" wait_for 10 rang bob
check "and alice hears that it does" wait_for 10 rang alice
stop alice.ear
stop bob.ear
is "$(loud alice 5000) $([ "$(loud bob 5000)" -gt 0 ] && echo rings)" "0 rings" \
    "by another tone, which is softer"
printf '\n' >&4
check "Enter answers" wait_for 10 media_is '.rtp_packets > 25'

# said SPEAKER LISTENER: the one speaks, and the other's speaker is recorded.
said() {
	records "$2"
	paplay -d "$1_mic" "$T/$1.wav"
	rp_spoke=$?
	media_mark
	wait_for 5 media_grows 50
	stop "$2.ear"
	return $rp_spoke
}
# Other words fit by 0.4 at most. A busy machine tears some of them.
check "alice speaks" until_heard "$T/alice.wav $T/bob.heard.wav 0.6" \
    said alice bob
check "and bob hears her words" fits "$T/alice.wav" "$T/bob.heard.wav" 0.6
check "bob speaks" until_heard "$T/bob.wav $T/alice.heard.wav 0.6" said bob alice
check "and alice hears his" fits "$T/bob.wav" "$T/alice.heard.wav" 0.6

# Words, and whether they are the same on the other side.
for who in alice bob; do
	is "$(read_words $who)" "$(read_words alice)" \
	    "$who reads the four words"
	check "on lines that $who's terminal can hold" \
	    no_wider $who "$([ $who = bob ] && echo 40 || echo 80)"
done
printf c >&4
printf c >&5
check "bob confirms them" \
    wait_for 10 grep -q "alice is confirmed" "$T/bob.tty"
check "and alice does" wait_for 10 grep -q "bob is confirmed" "$T/alice.tty"

printf m >&5
check "alice mutes herself" wait_for 10 grep -q "bob  muted" "$T/alice.tty"
said alice bob
is "$(loud bob)" 0 "and bob hears nothing of her"
printf m >&5

stop pulse
for who in alice bob; do
	check "$who is told that the devices have gone" wait_for 10 \
	    grep -q "the microphone has gone" "$T/$who.tty"
done
media_mark
check "and the call goes on" wait_for 10 media_grows 50
printf q >&5
join alice
is $? 0 "q hangs up"
join bob
is "$? $(jq -r .end_reason "$T/bob.json" "$T/alice.json" | xargs)" \
    "0 completed completed" "and all is well at both ends"
is "$(jq -r '.security | [.confirmed, .words[]] | join(" ")' "$T/bob.json" \
    "$T/alice.json")" "true $(read_words alice)
true $(read_words bob)" "both reports have the words, confirmed"
is "$(cat "$T/alice.tty.modes" "$T/bob.tty.modes" | xargs)" \
    "icanon echo icanon echo" "both terminals have their modes back"
finish
