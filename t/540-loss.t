#!/bin/sh
# A bad network. Each outgoing packet is lost with a probability of one in
# twenty, so that about one in ten does not reach the other end. A call is still
# set up and the reports state the loss. Redundant audio recovers some of it, and
# speech is understood. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v nft >/dev/null || skip_all "needs nftables"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
own_network "$0" "$@"
nft add table inet bad && nft add chain inet bad out \
    '{ type filter hook output priority 0; }' &&
    nft add rule inet bad out meta l4proto udp \
    numgen random mod 20 0 counter drop || skip_all "needs nftables' numgen"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

espeak-ng -v en -w a.wav "The quick brown fox jumps over the lazy dog, and
twenty stars are counted by seven wise men."
start_turnd relay -l 127.0.0.1:0 -q 16
check "a call in a bad network" mediapair --server "$(ready relay.ready turn)" \
    --secret "$TURN_SECRET" --report pair.out --ring-ms 4000 --seconds 7 \
    --in-a a.wav --out-b heard.wav
is "$(jq '[.a.secure, .b.secure] | map(. > 0 and . < 4000) | all' pair.out)" \
    true "is set up while it rings: $(cat pair.out)"
is "$(jq '[.a, .b] | map(.loss_pct > 3 and .loss_pct < 18) | all' pair.out)" \
    true "about a tenth is lost"
is "$(jq '[.a, .b] | map(.red_sent > 0 and
    .red_recovered > 0 and .red_recovered <= .lost) | all' pair.out)" true \
    "and some of it recovered, sooner or later"
is "$(jq '[.a, .b] | map(.mos > 2 and .mos < 4.5) | all' pair.out)" true \
    "the score says so"
# What is lost is a matter of chance: 0.9 as a rule, and once 0.797.
check "and b understands a" correlate --min 0.7 a.wav heard.wav
finish
