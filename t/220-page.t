#!/bin/sh
# A page in a browser calls. Headless Chromium and Firefox run the modules that
# rp-signal(7) quotes. The page asks a switch for the region's others and races
# them, one of which is closed. It calls rp-dial, which echoes the audio, and
# then another page. When rp-dial loses its path in mid-call, it makes another
# offer, which the page answers. A page of another origin is refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"
browser_ca=$T/switch.d/ca.pem

# Two switches with one directory. The second's push command keeps what it is
# told, which is how this page's callee is woken.
make_subscribers
write_conf "exec $T/pusher $T" 'web = { origins = "http://127.0.0.1"; };'
sed -e 's|^relay = .*|relay = { listen = "10.77.0.2:0"; };|' \
    -e 's|/control|/control2|' "$T/switch.conf" >"$T/second.conf"
start second rp-switchd -c "$T/second.conf" --ready-file "$T/second.ready"
check "the second switch is ready" wait_for 20 test -s "$T/second.ready"
second=$(ready "$T/second.ready" call)
sed -e 's|exec .*/pusher [^"]*|rp-pushsend --dev|' -e 's|/control2|/control|' \
    "$T/second.conf" >"$T/switch.conf"
echo "switches = ( \"$second\" );" >>"$T/switch.conf"
start_configured
first=$(address call)

# page NAME SWITCHES QUERY: alice's; its result in $T/NAME.json.
page() {
	browse signal.html "switches=$2&number=alice&token=$(token alice)&$3" \
	    >"$T/$1.json"
}
result() {
	jq -r "$2" "$T/$1.json"
}
# The call port of a switch closes, and opens again.
close_port() {
	rp-drain --socket "$T/switch.d/$1" --timeout 30
}
open_port() {
	rp-drain --socket "$T/switch.d/$1" --undrain
}

# device NAME [OPTION...]: a device of bob's, by the first switch.
device() {
	rp_device=$1
	shift
	start "$rp_device" rp-dial --account "$T/switch.d/$rp_device.conf" \
	    --answer --echo --ready-file "$T/$rp_device.ready" "$@"
	wait_for 10 test -s "$T/$rp_device.ready"
}

sed -i "s|^switch = .*|switch = \"$first\";|" "$T/switch.d/bob.conf"
device bob
check "the second switch is closed" close_port control2
check "a page calls rp-dial, twice, by the switch that is open" \
    page dial "$second,$first" "callee=bob&calls=2"
is "$(result dial .url)" "wss://$first/signal" "which won the race"
is "$(result dial '.switches | join(",")')" "$first,$second" \
    "it was told of both"
is "$(result dial .refused)" 2 "a page names no other to itself"
is "$(result dial '.heard | join(",")')" "ringing,talking,over hung-up" \
    "it rang, was answered, and was hung up"
is "$(result dial '.received | .packetsReceived > 100 and
    .bytesReceived > 2000 and .totalAudioEnergy > 0.001')" true \
    "and the page heard itself: $(result dial '.received.packetsReceived') packets"
is "$(grep -c '^[^#]' "$T/switch.d/bob.known_peers")" 1 \
    "the page was the same to bob in both calls"

# A page whose device has a key: its proof is for one connection, one switch and
# now.
key_is_there() {
	rm -f "$T/key" "$T/keyed"
	wait_for 20 test -s "$T/key" && rp-users --db "sqlite:$T/switch.d/rp.db" \
	    add alice --key "$(cat "$T/key")" && : >"$T/keyed"
}
rm "$T/switch.d/bob.known_peers"
key_is_there >"$T/keyed.out" 2>&1 &
adds=$!
check "a page with a key calls" page keyed "$first" "callee=bob&keyed=1"
wait $adds || fail "its key is added" "$(cat "$T/keyed.out")"
is "$(result keyed '.proofs | join(" ")')" "200 401 401 401 401" \
    "a proof counts once, at its time and for its switch"
is "$(result keyed .readable)" false "and no script can read its key"

# cut NAME: nothing more goes through the sockets that it has, as where a NAT
# forgets. It has to make others.
cut() {
	rp_ports=$(ss -unaHp | grep "pid=$(cat "$T/$1.pid")," |
	    awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u | paste -sd ,)
	nft -f - <<-END
		table ip cut {
			chain out {
				type filter hook output priority 0;
				udp sport { $rp_ports } drop
				udp dport { $rp_ports } drop
			}
		}
	END
}
# page_moves NAME: as page, and bob's path is cut in mid-call.
page_moves() {
	rm -f "$T/talking" "$T/moved" "$T/switch.d/bob.known_peers"
	page "$1" "$first" "callee=bob&moves=1" &
	rp_page=$!
	wait_for 20 test -e "$T/talking" && cut bob && : >"$T/moved"
	wait $rp_page
	rp_status=$?
	nft delete table ip cut
	return $rp_status
}
# by BROWSER COMMAND...
by() {
	browser_runs=$1
	shift
	"$@"
	rp_status=$?
	browser_runs=chromium
	return $rp_status
}
browsers=chromium
if browser_has_firefox; then
	browsers="chromium firefox"
else
	skip "calls by Firefox" "$browser_missing"
fi
if command -v nft >/dev/null; then
	for browser in $browsers; do
		check "$browser calls rp-dial, whose path is cut" \
		    by "$browser" page_moves "$browser"
		is "$(result "$browser" '.received | .packetsReceived > 200 and
		    .totalAudioEnergy > 0.001')" true \
		    "and hears it by another: $(result "$browser" \
		    .received.packetsReceived) packets"
		is "$(result "$browser" '.heard | join(",")')" \
		    "ringing,talking,over hung-up" "in one call"
	done
else
	skip "a path is cut in mid-call" "needs nft"
fi
stop bob
rm "$T/switch.d/bob.known_peers"

# Two devices ring. The page has the first one's description when the second
# is picked up.
ring='rp_requests_total{method="RING"}'
rp-users --db "sqlite:$T/switch.d/rp.db" add bob --token-file "$T/other.token"
sed -e "s|^token = .*|token = \"$(cat "$T/other.token")\";|" \
    -e 's|^identity = .*|identity = "other.identity.pem";|' \
    "$T/switch.d/bob.conf" >"$T/switch.d/other.conf"
device bob --once --ring 60
device other --once --ring 0.5
kill -STOP "$(cat "$T/other.pid")"
rings=$(metric "$ring")
page devices "$first" callee=bob &
page=$!
# Two RINGs, the last with its description.
check "one device rings" wait_for 20 metric_is "$ring" $((rings + 2))
kill -CONT "$(cat "$T/other.pid")"
wait $page
is "$?" 0 "a call with the device that is picked up: $(cat "$T/devices.json")"
join other
is "$?" 0 "which is content"
join bob
is "$?" 11 "the other was too late"

# The page has kept the list. Now the first is closed.
check "the second opens" open_port control2
check "the first closes" close_port control
ask_port=answer
wakeable bob
for browser in $browsers; do
	: >"$T/pushes"
	check "$browser: a page calls a page by the other switch" \
	    by "$browser" page pages "$(result dial '.switches | join(",")')" \
	    "callee=bob&callee_token=$(token bob)"
	is "$(result pages .url)" "wss://$second/signal" "which won the race"
	is "$(result pages '.heard | join(",")')" \
	    "ringing,talking,over hung-up" "the caller saw all of it"
	is "$(result pages '.away | join(",")')" "talking,over hung-up" \
	    "and so did the callee"
	is "$(result pages '[.received, .away_received] |
	    map(.packetsReceived > 100 and .totalAudioEnergy > 0.001) | all')" \
	    true "each heard the other"
done

BROWSER_HOST=localhost page stranger "$second" callee= 2>/dev/null
is "$?" 1 "a page of another origin does not get in"
like "$(result stranger .why)" '^AggregateError' "no switch opened"
check "where a page of ours does" page ours "$second" callee=
finish
