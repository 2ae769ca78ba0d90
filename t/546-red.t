#!/bin/sh
# Redundant audio in calls that lose a tenth of their sound. What was lost is
# heard, within half of the bandwidth that the relay allows by default. Lengths
# of packets tell only that packets get lost. The reports still state the loss.
# A peer that knows nothing of it, such as 0.1.0, is called as before. Runs in a
# network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v nft >/dev/null || skip_all "needs nftables"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
own_network "$0" "$@"
# RTP without and with redundancy, by the length of UDP; reports are not lost.
nft add table inet bad && nft add chain inet bad out \
    '{ type filter hook output priority 0; }' &&
    nft add rule inet bad out udp length { 94, 159 } \
    numgen random mod 20 0 counter drop || skip_all "needs nftables' numgen"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

# Speech, and a silence of two seconds in it.
espeak-ng -v en -w a.wav "Seven wise men counted them. <break time='2s'/> The
quick brown fox jumps over the lazy dog." -m
start_turnd relay -l 127.0.0.1:0 -q 16 -k 64 -m 127.0.0.1:0
relay=$(ready relay.ready turn)

# pair ARGUMENT...: a call; its report in pair.out, and heard.wav.
pair() {
	mediapair --server "$relay" --secret "$TURN_SECRET" \
	    --report pair.out --ring-ms 1000 --in-a a.wav \
	    --out-b heard.wav "$@"
}

capture=
if tcpdump -D >/dev/null 2>&1; then
	start tcpdump tcpdump -i lo -U -w call.pcap udp port "$(port "$relay")"
	wait_for 10 grep -q "listening on" tcpdump.err && capture=yes
fi
check "a call in a bad network" pair --seconds 8
is "$(jq '[.a, .b] | map(.red_sent > .sent / 2) | all' pair.out)" true \
    "both ends repeat what they say: $(cat pair.out)"
is "$(jq '[.a, .b] | map(.red_recovered > .lost * 0.4 and
    .red_recovered <= .lost) | all' pair.out)" true \
    "most of what was lost from then on is recovered"
is "$(jq '[.a, .b] | map(.loss_pct > 2 and .remote_loss_pct > 2) | all' \
    pair.out)" true "it is lost by both ends' account all the same"
check "b understands a" correlate --min 0.8 a.wav heard.wav
is "$(counter relay 'rp_relay_dropped_total{reason="over_rate"}')" 0 \
    "it takes less than 64 kbit/s"

if [ -n "$capture" ]; then
	stop tcpdump INT
	lines=$(rtpdecode --port "$(port "$relay")" call.pcap relay.wav)
	like "$lines" 'packets=[0-9]{2,4} changes=1 lengths=2$' \
	    "the length of packets changes once, as redundancy begins"
else
	skip "the length of packets" "no capture here"
fi

check "a call without redundancy" pair --no-red --seconds 4
is "$(jq -c '[.a, .b] | map([.red_sent, .red_recovered])' pair.out)" \
    "[[0,0],[0,0]]" "has none"
is "$(jq '.b | .lost > 0 and .mos > 1 and .mos < 4.2' pair.out)" true \
    "and sounds like it: $(cat pair.out)"
stop relay
finish
