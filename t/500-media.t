#!/bin/sh
# Two of rp-dial's media engines talk through our relay, without signalling.
# Speech at one end is heard at the other, both ways at once. An observer at the
# relay hears nothing of it and learns nothing from the lengths of packets.
# Networks change in mid-call. A foreign certificate ends the call.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/heard.sh"
PATH=$RP_BUILD/t/tools:$PATH

command -v espeak-ng >/dev/null || skip_all "no espeak-ng"
cd "$T" || exit 1

# say FILE VOICE TEXT
say() {
	espeak-ng -v "$2" -w "$1" "$3"
}
say a.wav en "The quick brown fox jumps over the lazy dog."
say b.wav de "Zwei Leute wollen jetzt miteinander reden."

start_turnd relay -l 127.0.0.1:0
relay=$(ready relay.ready turn)

# pair ARGUMENT...: a call between a and b; its report in pair.out.
pair() {
	mediapair --server "$relay" --secret "$TURN_SECRET" \
	    --report pair.out "$@" 2>pair.err
}

capture=
if tcpdump -D >/dev/null 2>&1; then
	start tcpdump tcpdump -i lo -U -w call.pcap udp port "$(port "$relay")"
	wait_for 10 grep -q "listening on" tcpdump.err && capture=yes
fi

check "a call runs to its end" until_heard \
    "a.wav heard-b.wav 0.9 b.wav heard-a.wav 0.9" pair --ring-ms 1500 \
    --in-a a.wav --out-a heard-a.wav --in-b b.wav --out-b heard-b.wav
check "what a speaks b hears" fits a.wav heard-b.wav 0.9
check "what b speaks a hears" fits b.wav heard-a.wav 0.9
check "a does not hear itself" correlate --max 0.5 a.wav heard-a.wav
is "$(jq -r '[.a, .b] | map(.lost == 0 and .red_sent == 0 and .mos > 1) |
    all' pair.out)" true "nothing is lost, nothing is said twice, and the score is one: $(jq -c '[.a.mos, .b.mos]' pair.out)"
is "$(jq -r '[.a, .b] | map(.secure > 0 and .secure < 1500 and
    .audio_after_unmute > 0) | all' pair.out)" true \
    "ICE and DTLS are done while it rings, so that audio need not wait"

if [ -n "$capture" ]; then
	stop tcpdump INT
	lines=$(rtpdecode --port "$(port "$relay")" call.pcap relay.wav)
	like "$lines" 'packets=[0-9]{2,4} changes=0 lengths=1$' \
	    "the relay sees packets of one length only"
	check "what the relay sees decodes to nothing of it" \
	    correlate --max 0.3 a.wav relay.wav
	rtpdecode --make a.wav plain.pcap
	rtpdecode plain.pcap plain.wav >/dev/null
	check "(it would be heard, were it not encrypted)" \
	    correlate --min 0.9 a.wav plain.wav
else
	skip "what the relay sees" "no capture here"
fi

check "a call with an echo" until_heard "a.wav echo.wav 0.9" \
    pair --in-a a.wav --out-a echo.wav --echo-b
check "what a speaks comes back" fits a.wav echo.wav 0.9

# Pipes: a WAV whose length is wrong, raw samples, and both ways out.
espeak-ng --stdout -v en "This comes through a pipe, and leaves by a pipe." \
    >c.wav
piped() {
	cat c.wav | pair --in-a - --out-b - >heard.raw
}
raw() {
	pair --in-a - --out-b again.wav <heard.raw
}
until_heard "c.wav heard.raw 0.9" piped
is "$?" 0 "a WAV from a pipe is sent, to a pipe"
check "it is what was spoken" fits c.wav heard.raw 0.9
until_heard "heard.raw again.wav 0.9" raw
is "$?" 0 "raw samples from a pipe are sent"
check "they are what went in" fits heard.raw again.wav 0.9

# ICE restarts in mid-call, as after a change of network: at either end, at
# both at once (glare), on the same allocation, twice before the answers to both
# come, of which the last counts, and at b when a's offer was lost.
for who in a b both a-same a-twice a-lost; do
	check "restart of $who: the call goes on" until_heard \
	    "a.wav heard-b.wav 0.8" pair --debug --restart $who \
	    --in-a a.wav --out-b heard-b.wav --in-b b.wav --out-a heard-a.wav
	is "$(grep -c event=media_moved pair.err)" 2 \
	    "restart of $who: both ends move, once"
	is "$(jq -r '.a.lost + .b.lost' pair.out)" 0 \
	    "restart of $who: nothing is lost"
	check "restart of $who: b hears all of it" \
	    fits a.wav heard-b.wav 0.8
done

# An end that is killed and comes back has another DTLS association, with the same
# certificate. Its side of what it said is heard from the start.
for who in a b; do
	other=$([ $who = a ] && echo b || echo a)
	check "$who is killed and comes back: it is heard" until_heard \
	    "$who.wav heard-$other.wav 0.8" pair --debug --restart $who-anew \
	    --seconds 7 --in-$who $who.wav --out-$other heard-$other.wav
	is "$(grep -c event=dtls_renewed pair.err)" 1 \
	    "$who is killed and comes back: one association more"
	is "$(jq ".$who.received > 100" pair.out)" true \
	    "$who is killed and comes back: it hears the other"
done

# A hold: what b does not receive is not sent, and the call is none the worse.
for direction in inactive sendonly; do
	pair --seconds 1.5 --hold $direction
	is "$? $(jq -c '[.after_hold, .a.sent > 20, .b.mos > 1]' pair.out)" \
	    "0 [0,true,true]" "$direction: a sends nothing from then on"
done
for direction in recvonly; do
	pair --seconds 1.5 --hold $direction
	is "$? $(jq -c '.after_hold > 10' pair.out)" "0 true" \
	    "$direction: a goes on"
done

pair --in-a a.wav --swap-fingerprint
is "$?" 7 "a certificate that is not the described one ends it"
like "$(cat pair.err)" "certificate is not that of its description" \
    "and the reason is said"

pair --secret wrong
is "$?" 9 "wrong credentials at the relay end it"
like "$(cat pair.err)" "the relay refuses \(401\)" "and the reason is said"

pair --in-a missing.wav
is "$?" 1 "a missing input is an error"
like "$(cat pair.err)" "missing.wav: No such file" "with its name"
pair --out-a out.xyz
like "$(cat pair.err)" "out.xyz: wants .wav" "a kind of file nobody writes is"
stop relay
finish
