#!/bin/sh
# Redundant audio between rp-dial's media engine and Chromium, while a tenth of
# the sound is lost both ways. Each hears the other. Runs in a network namespace
# of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/browser.sh"
command -v nft >/dev/null || skip_all "needs nftables"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
browser_need "$0" "$@"
# Sound, by the length of UDP: on the way to the relay, and from there.
nft add table inet bad && nft add chain inet bad out \
    '{ type filter hook output priority 0; }' &&
    nft add rule inet bad out udp length 94-400 \
    numgen random mod 20 0 counter drop || skip_all "needs nftables' numgen"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

# Chromium reports every few seconds, so that we begin with a silence.
espeak-ng -v en -m -w a.wav "Well, <break time='6s'/> the quick brown fox jumps
over the lazy dog."
espeak-ng -v de -w b.wav "Zwei Leute wollen jetzt miteinander reden."
start_turnd relay -l 10.77.0.2:0 -q 16
turn=$(ready relay.ready turn)

start engine mediaend --server "$turn" --secret "$TURN_SECRET" --call red \
    --in a.wav --out a-heard.wav --mine a.sdp --theirs b.sdp --seconds 12
user=$(username red b)
browse talk.html "urls=turn:$turn&user=$user$(
    )&pass=$(encoded "$(password "$user")")&offer=1&mine=b.sdp&theirs=a.sdp$(
    )&speech=b.wav&heard=b-heard.raw&seconds=11&red=1" >page.json
is "$?" 0 "a call with Chromium: $(cat page.json)"
join engine
is "$(grep -E '^(m=audio|a=(rtpmap|fmtp):63)' a.sdp | tr -d '\r' |
    sed 's/ UDP.* 111/ 111/')" "m=audio 9 111 63
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111" "we answer the redundant audio that it offers, after Opus"
is "$(jq '.red_recovered > .lost * 0.4 and .red_recovered <= .lost' \
    engine.out)" true "we recover what it repeats: $(cat engine.out)"
is "$(jq '.red_sent > .sent / 4' engine.out)" true \
    "we repeat what we say, because it reports loss"
is "$(jq '.lost > 20 and .concealed_s < .lost * 0.02 * 0.7' page.json)" true \
    "it recovers what we repeat"
check "we hear it" correlate --segment 100 --min 0.8 b.wav a-heard.wav
check "it hears us" correlate --segment 100 --min 0.8 a.wav b-heard.raw
stop relay
finish
