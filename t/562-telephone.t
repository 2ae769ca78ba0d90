#!/bin/sh
# Two people talk at two terminals with a microphone and a speaker each: nobody
# names a file or a device. Each hears the other's words, once the callee pressed
# Enter. When a sound system dies in mid-call, both are told, and the call goes
# on. PulseAudio's null sinks are the devices: a microphone is what is played
# into one of them, and what a speaker plays is recorded from another.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/heard.sh"

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
onpty=$RP_BUILD/t/tools/onpty
espeak-ng -w "$T/alice.wav" "The quick brown fox jumps over the lazy dog."
espeak-ng -w "$T/bob.wav" "And seven wizards quickly box the foreign jumps."

# at_terminal NAME ARGUMENT...: there, with devices of one's own; keys come from
# $T/NAME.keys.
at_terminal() {
	rp_who=$1
	shift
	mkfifo "$T/$rp_who.keys"
	start "$rp_who" env PULSE_SOURCE="${rp_who}_mic.monitor" \
	    PULSE_SINK="${rp_who}_ear" sh -c "exec $onpty 80 $T/$rp_who.tty \
	    rp-dial --account $d/$rp_who.conf --json $T/$rp_who.json $* \
	    <$T/$rp_who.keys"
}

records() {
	start "$1.ear" parec -d "$1_ear.monitor" --rate=48000 --channels=1 \
	    --latency-msec=20 --file-format=wav "$T/$1.heard.wav"
}

# rang NAME: was there a tone at that speaker?
rang() {
	od -An -t d2 -v -w2 -j 44 "$T/$1.heard.wav" |
	    awk '$1 > 1000 { n++ } END { exit n < 4000 }'
}

at_terminal bob --answer --once --ready-file "$T/bob.ready"
exec 4>"$T/bob.keys"
wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
records alice
records bob
at_terminal alice bob
exec 5>"$T/alice.keys"
check "bob is asked" wait_for 10 grep -q "alice is calling" "$T/bob.tty"
check "it rings at bob's speaker" wait_for 10 rang bob
check "and alice hears that it does" wait_for 10 rang alice
stop alice.ear
stop bob.ear
printf '\n' >&4
check "Enter answers" wait_for 10 media_is '.rtp_packets > 25'

both_speak() {
	records alice
	records bob
	paplay -d alice_mic "$T/alice.wav" && paplay -d bob_mic "$T/bob.wav"
	rp_spoke=$?
	media_mark
	wait_for 5 media_grows 50
	stop alice.ear
	stop bob.ear
	return $rp_spoke
}
check "both speak" until_heard "$T/alice.wav $T/bob.heard.wav 0.85
    $T/bob.wav $T/alice.heard.wav 0.85" both_speak
check "bob hears alice's words" fits "$T/alice.wav" "$T/bob.heard.wav" 0.85
check "alice hears bob's words" fits "$T/bob.wav" "$T/alice.heard.wav" 0.85
check "the four words are told to both" \
    grep -q "words:" "$T/alice.tty" "$T/bob.tty"

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
finish
