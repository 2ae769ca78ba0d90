#!/bin/sh
# rp-dial has no video. What Chromium and Firefox offer beside their audio, video
# and data in any order, is declined by port 0 in its place, and the call has its
# sound. So is what they add in mid-call, and the call goes on: it can be restarted
# after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"
browser_ca=$T/switch.d/ca.pem

make_subscribers
write_conf "rp-pushsend --dev" 'web = { origins = "http://127.0.0.1"; };'
sed -i -e 's|^relay = .*|relay = { listen = "10.77.0.2:0"; };|' \
    -e 's|^call = {|call = { per_pair_per_minute = 0;|' "$T/switch.conf"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$T/switch.d/bob.conf"

# call BROWSER WHEN
call() {
	browser_runs=$1
	rm -f "$T/switch.d/bob.known_peers" "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --once \
	    --echo --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
	BROWSER_SECONDS=60 browse video.html "switch=$(address call)&number=alice&token=$(
	    )$(token alice)&callee=bob&when=$2" >"$T/video.json"
	rp_status=$?
	[ $rp_status = 0 ] || stop bob
	join bob
	return "$rp_status$?"
}
result() {
	jq -r "$1" "$T/video.json"
}

# sections WHEN: as they are offered.
sections() {
	case $1 in
	first)
		echo video:on video:on audio:on application:on
		;;
	*)
		echo audio:on video:on video:on application:on
		;;
	esac
}
# Firefox offers the port that it will have; Chromium's are 9 or, where a section
# shares a transport, 0 with a=bundle-only. Only the order is the same.
names() {
	sed 's/:[a-z]*//g'
}

browsers=chromium
if browser_has_firefox; then
	browsers="chromium firefox"
else
	skip "offers of Firefox" "$browser_missing"
fi
for browser in $browsers; do
	for when in first last later; do
		offered=$(sections $when)
		check "$browser: video and data, $when" call $browser $when
		is "$(result .offered | names)" "$(echo "$offered" | names)" \
		    "$browser: were offered so"
		declined=$(echo "$offered" |
		    sed 's/video:on/video:off/g; s/application:on/application:off/')
		is "$(result .answered)" "$declined" "$browser: were declined"
		is "$(result .restarted)" "$declined" \
		    "$browser: and again upon a restart"
		is "$(result '.directions | split(" ") |
		    map(select(. == "sendrecv")) | length')" 1 \
		    "$browser: only sound goes"
		is "$(result .state) $(jq -r .end_reason "$T/bob.json")" \
		    "connected completed" "$browser: in one call"
	done
done
finish
