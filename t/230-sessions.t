#!/bin/sh
# The operator sees calls while they run, with rp-drain --sessions, and in the
# log and the metrics when they end. The figures are true: one in eleven of the
# RTP packets to the relay is dropped on the way and counted there, and the
# switch reports the same number. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v nft >/dev/null || skip_all "needs nftables"
own_network "$0" "$@"

start_switch switch
turn=$(port "$(address turn)")
# ChannelData whose payload begins as RTP does, of Opus or of its redundant form.
nft add table inet bad && nft add chain inet bad in \
    '{ type filter hook input priority 0; }' &&
    nft add rule inet bad in udp dport "$turn" @th,64,8 0x40-0x7f \
    @th,96,8 0x80 @th,104,8 { 63, 111 } \
    numgen inc mod 11 0 counter drop ||
    skip_all "needs nftables' numgen"
sessions() {
	rp-drain --socket "$T/switch.d/control" --sessions "$@"
}
dropped() {
	nft list chain inet bad in | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}

# call NAME SECONDS: alice calls bob, who says back what he hears. A call that is
# looked at is ended by hang_up, however long the looking takes.
call() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready" --json "$T/bob.json"
	wait_for 10 test -s "$T/bob.ready"
	start alice rp-dial --account "$T/switch.d/alice.conf" \
	    --duration "$2" --json "$T/$1.json" bob
}
hang_up() {
	stop alice INT
	join bob
}
# runs FILTER: is there a session of which that holds?
runs() {
	sessions --json | jq -es "any(.[]; $1)"
}

is "$(sessions --json)" "" "no call, no session"
call lossy 600
check "a call shows with its media" wait_for 10 runs \
    '.state == "answered" and (.parties | length) == 2 and
    all(.parties[]; .rtp_packets > 200)'
sessions --json >"$T/running"
sessions >"$T/table"
is "$(jq -c '.parties | map([.party, .connected, .allocations, .transport,
    .family])' "$T/running")" \
    '[["a",true,1,"udp","ipv4"],["b0",true,1,"udp","ipv4"]]' "who is there"
# One in eleven of both together: the two take turns, so that at one moment one
# has lost more than the other.
is "$(jq '.parties | (map(.rtp_lost) | add) as $lost |
    $lost / ($lost + (map(.rtp_packets) | add)) | . > 0.07 and . < 0.11' \
    "$T/running")" true "one in eleven is lost of both"
is "$(jq -c '.parties | map(.rtp_lost > 5 and .packets >= .rtp_packets and
    (.loss_pct - 100 * .rtp_lost / (.rtp_lost + .rtp_packets) | fabs) < 0.2 and
    .bytes > 60 * .rtp_packets and .jitter_ms > 0 and .jitter_ms < 100 and
    .silent_ms < 1000)' "$T/running")" '[true,true]' \
    "the loss of each is told: $(cat "$T/running")"
is "$(jq '.answered_ms <= .age_ms' "$T/running")" true "and its age"
is "$(grep -ciE 'alice|bob|127\.0\.0' "$T/running" "$T/table" |
    cut -d: -f2 | tr '\n' ' ')" "0 0 " "who calls whom is not told"
is "$(wc -l <"$T/table")" 3 "for a person: a head, and a line a party"
like "$(sed -n 2p "$T/table")" \
    '^[0-9a-f]{8}  answered +[0-9]+s +a +yes +udp/ipv4 +[0-9]+ +[0-9]+ +[0-9]+\.' \
    "with the same columns"
check "and the same numbers, but for what came since" awk \
    -v loss="$(jq '.parties[0].loss_pct' "$T/running")" 'NR == 2 {
	exit !($9 - loss < 3 && loss - $9 < 3) }' "$T/table"
is "$(metric 'rp_calls{state="answered"}')" 1 "and in the metrics by state"

hang_up
check "the switch has seen the end" wait_for 5 grep -q event=call_ended \
    "$T/switch.err"
line=$(grep event=call_ended "$T/switch.err")
# field NAME: of the line.
field() {
	printf '%s\n' "$line" | tr ' ' '\n' | sed -n "s/^$1=//p"
}
like "$line" 'reason=hung-up ms=[0-9]+ answered_ms=[0-9]+ ' \
    "the log says how it ended, and after how long"
is "$(jq --argjson ms "$(field answered_ms)" --argjson all "$(field ms)" \
    '.answered_ms <= $ms and $ms <= $all' "$T/running")" true \
    "which is longer than when we looked"
is "$(printf '%s\n' "$line" | grep -ciE 'alice|bob|127\.0\.0')" 0 \
    "and not of whom"
is "$(field a_via) $(field b_via)" "udp/ipv4 udp/ipv4" "how media came"
# A gap at the very end shows nowhere.
lost=$(($(field a_lost) + $(field b_lost)))
dropped=$(dropped)
is "$((dropped - lost >= 0 && dropped - lost <= 2 && lost > 40))" 1 \
    "what is missing is what was dropped: $lost of $dropped"
is "$(($(metric rp_relay_rtp_expected_total) -
    $(metric rp_relay_rtp_packets_total)))" "$lost" "so say the metrics"
# Nothing is lost behind the switch: who hears finds the other's loss.
is "$(jq --argjson pct "$(field b_loss_pct)" \
    '.media.loss_pct - $pct | fabs < 0.5' "$T/lossy.json")" true \
    "and so does alice of bob's: $(field b_loss_pct)"
is "$(metric 'rp_call_loss_ratio_bucket{le="0.05"}') \
$(metric 'rp_call_loss_ratio_bucket{le="0.2"}')" "0 2" "and the histogram"
is "$(metric rp_call_seconds_count)" 1 "of one call"

# A network that delivers twice what the switch sends: who hears says so.
nft flush chain inet bad in
if nft add table ip twice && nft add chain ip twice out \
    '{ type filter hook output priority 0; }' &&
    nft add rule ip twice out udp sport "$turn" dup to 127.0.0.1; then
	call twice 2
	join alice
	join bob
	is "$(jq '.media | .packets_received > 50 and
	    .packets_bad.replayed >= .packets_received - 2 and
	    .packets_bad.forged == 0 and .loss_pct == 0' "$T/twice.json")" \
	    true "packets that come twice are told apart: $(jq -c .media \
	    "$T/twice.json")"
	nft delete table ip twice
else
	skip "packets that come twice" "needs nftables' dup"
fi

# Over TCP: the connection, and the allocation with it, is gone before the
# call is; its numbers are not.
nft add rule inet bad in meta l4proto udp counter drop
calls=$(grep -c event=call_ended "$T/switch.err")
call tcp 600
check "over TCP" wait_for 10 runs \
    'all(.parties[]; .transport == "tcp" and .rtp_packets > 20)'
hang_up
# ended N: so many calls are over.
ended() {
	[ "$(grep -c event=call_ended "$T/switch.err")" = "$1" ]
}
wait_for 5 ended "$((calls + 1))"
line=$(grep event=call_ended "$T/switch.err" | tail -n 1)
is "$(field a_via) $(field a_lost) $(field b_lost)" "tcp/ipv4 0 0" \
    "the log says so: $line"
is "$(jq --argjson n "$(field a_rtp)" \
    '.media.packets_sent - $n | . >= 0 and . <= 3' "$T/tcp.json")" true \
    "with all of it: $(field a_rtp) of $(jq .media.packets_sent "$T/tcp.json")"

# More calls than an answer holds: pages, in order, and no call twice. They ring
# for an hour, and bob is woken once: however slow the machine, the first is still
# there when the last has come.
stop switch
write_conf "exec $T/pusher $T"
sed -i -e 's/^call = {/call = { ring_ms = 3600000; push_ms = 3600000;/' \
    -e 's/repeat_ms = [0-9]*/repeat_ms = 60000/' "$T/switch.conf"
start_configured
wakeable bob
# eight_calls NUMBER: to bob, one after the other over one connection; the status
# of each to $T/asked, and what else is answered, in order, to $T/answers.
eight_calls() {
	rp_number=$1
	set --
	while [ $# -lt 24 ]; do
		set -- "$@" -o "$T/answer.$(($# / 3))" \
		    "https://$(address call)/session/bob"
	done
	curl -sS --max-time 120 --cacert "$T/switch.d/ca.pem" \
	    -u "$rp_number:$(token "$rp_number")" -X INITIATE --data offer \
	    -w '%{http_code}\n' "$@" >>"$T/asked"
	cat "$T"/answer.[0-7] >>"$T/answers"
}
caller=0
while [ $caller -lt 15 ]; do
	number=+9900$caller
	rp-users --db "sqlite:$T/switch.d/rp.db" add "$number" \
	    >"$T/switch.d/$number.token"
	eight_calls "$number"
	caller=$((caller + 1))
done
is "$(sort "$T/asked" | uniq -c | sed 's/^ *//')" "120 200" "120 calls ring"
sessions --json >"$T/many"
is "$(wc -l <"$T/many") $(jq -r .session "$T/many" | sort -u | wc -l)" \
    "120 120" "120 calls are told once each"
# Not by their ages, which are those of when each page was asked for.
is "$(jq -r .session "$T/many")" \
    "$(jq -r .sessionId "$T/answers")" "the oldest first"
is "$(sessions | grep -c ' pushed ')" 120 "for a person as well"
is "$(jq -c '.parties[0] | [.transport, .packets, .silent_ms]' "$T/many" |
    sort -u)" '[null,0,null]' "and have no media"
finish
