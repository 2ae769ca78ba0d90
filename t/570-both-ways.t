#!/bin/sh
# A call's report knows both directions. Of what alice sends, 5 to 40% is lost on
# the way to the relay, and nothing of what she hears. The other side's RTCP
# says so: her report has it, and --min-mos fails by it. A call whose program
# was stopped for seconds does not score as if all had been heard. --stats
# writes a line of figures each second. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
command -v nft >/dev/null || skip_all "needs nftables"
command -v setpriv >/dev/null || skip_all "needs setpriv"
own_network "$0" "$@"
setpriv --regid 4205 --clear-groups true 2>/dev/null ||
    skip_all "needs to run programs as another group"
cd "$T" || exit 1

# What a process of group 42NN sends by UDP is lost at NN percent, evenly. The
# first packets pass, or the call might choose a relay by TCP.
nft add table inet bad && nft add chain inet bad out \
    '{ type filter hook output priority 0; }' || skip_all "needs nftables"
# They are a seventh or more of what the last report counts: of a busy machine's
# 5% it once had 3.9%.
loses() {	# PERCENT EVERY LOST
	nft add rule inet bad out meta skgid "42$1" meta l4proto udp \
	    numgen inc mod 100000 "<" 50 accept &&
	    nft add rule inet bad out meta skgid "42$1" meta l4proto udp \
	    numgen inc mod "$2" "<" "$3" counter drop
}
# all_lose: from now on, with first packets that pass.
all_lose() {
	nft flush chain inet bad out && loses 05 20 1 && loses 10 10 1 &&
	    loses 20 5 1 && loses 40 5 2
}
all_lose || skip_all "needs nftables' numgen and skgid"

losses="05 10 20 40"
# call PERCENT [ARGUMENT...]: alice calls bob at the switch of that loss.
call() {
	rm -f "bob$1.ready" "alice$1.json"
	start "bob$1" rp-dial --account "s$1.d/bob.conf" --answer --once \
	    --echo --json "bob$1.json" --ready-file "bob$1.ready"
	wait_for 10 test -s "bob$1.ready" || give_up "bob waits" "bob$1.err"
	call_n=$1
	shift
	start "alice$call_n" setpriv --regid "42$call_n" --clear-groups \
	    rp-dial --account "s$call_n.d/alice.conf" --json \
	    "alice$call_n.json" "$@" bob
}
for n in $losses 00; do
	start_switch "s$n"
done
for n in $losses; do
	call "$n" --duration 8 --min-mos 4.2
done
call 00 --duration 9 --stats
wait_for 20 grep -q . alice00.out || fail "alice and bob talk" "$(cat alice00.err)"
kill -STOP "$(cat alice00.pid)"
sleep 4
kill -CONT "$(cat alice00.pid)"

# both_ways PERCENT: the report has what was lost, and that nothing was lost or
# late on the way back.
both_ways() {
	jq -e --argjson n "${1#0}" '.media | .loss_pct < 2 and .mos > .remote.mos and
	    (.remote | .loss_pct > $n * 0.6 and .loss_pct < $n * 1.5 and
	    .mos < 4.2 and .reports > 1)' "alice$1.json" >/dev/null
}
# ended PERCENT: the call has ended; sets $status. A busy machine makes the way
# back a bad one, too: then there is another call, alone.
ended() {
	for try in 1 2 3; do
		join "alice$1"
		status=$?
		join "bob$1"
		! both_ways "$1" || return 0
		[ $try -lt 3 ] || return 0
		all_lose
		call "$1" --duration 8 --min-mos 4.2
	done
}
for n in $losses; do
	ended "$n"
	is "$status" 8 "$n% lost on the way out: --min-mos 4.2 fails"
	like "$(cat "alice$n.err")" \
	    "quality: MOS [1-4]\.[0-9]+ at the other side is below 4\.20" \
	    "and says where"
	check "both directions: $(jq -c .media "alice$n.json")" both_ways "$n"
done
is "$(jq -s 'map(.media.remote.mos) | . == (sort | reverse)' alice05.json \
    alice10.json alice20.json alice40.json)" true "more loss scores less"
is "$(jq '.media.remote.course | [.loss_pct, .jitter_ms, .rtt_ms, .mos] |
    map(.min <= .avg and .avg <= .max) | all' alice10.json)" true \
    "with the least, mean and most of each figure"

join alice00
is "$?" 0 "a call goes on after its program was stopped for 4 s"
is "$(jq '.media | .mos < 3 and .course.mos.min < 2' alice00.json)" true \
    "and its score knows: $(jq -c .media alice00.json)"
is "$(jq -s 'length > 2 and all(.[]; has("remote") and .callee == "bob" and
    .packets_sent > 0)' alice00.out)" true \
    "--stats: lines of figures: $(head -n 1 alice00.out)"
is "$(jq -s 'map(.time_ms) | . == sort and .[-1] - .[0] > 4000' alice00.out)" \
    true "over the whole call"
join bob00
finish
