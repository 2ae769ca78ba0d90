#!/bin/sh
# A page that is killed in a call with rp-dial finds the call again. Its connection
# is another, with the certificate that the browser has kept. So its offer has
# another origin, and rp-dial begins a new DTLS association with it. The call has
# sound in both directions again. It does not matter which side called, or that
# rp-dial itself has offered another way meanwhile, because it heard nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"
browser_ca=$T/switch.d/ca.pem

make_subscribers
write_conf "exec $T/divide $T rp-pushsend --dev" 'web = { origins = "http://127.0.0.1"; };'
sed -i -e 's|^relay = .*|relay = { listen = "10.77.0.2:0"; };|' \
    -e 's|^call = {|call = { per_pair_per_minute = 0;|' "$T/switch.conf"
start_configured
d=$T/switch.d
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/alice.conf" \
    "$d/bob.conf"

# A minute of a tone.
perl -e '$n = 60 * 8000; print "RIFF", pack("V", 36 + 2 * $n), "WAVEfmt ",
    pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16), "data", pack("V", 2 * $n),
    map { pack "v", 0xffff & int(8000 * sin($_ / 3)) } 1 .. $n' >"$T/tone.wav"

infos='rp_requests_total{method="INFO"}'
more_infos() {
	[ "$(metric "$infos")" -gt "$1" ]
}

# page WHO CALLEE: its end of a call, in which it is killed once.
page() {
	rm -f "$T/gone" "$T/back" "$T/waiting" "$T"/switch.d/*.known_peers
	: >"$T/pushes"
	BROWSER_SECONDS=60 browse killed.html "switch=$(address call)&number=$1$(
	    )&token=$(token "$1")&callee=$2" >"$T/page.json" 2>"$T/page.err" &
	page=$!
}
# It comes back once rp-dial has offered another way, because it hears nothing.
comes_back() {
	wait_for 30 test -e "$T/gone" || return
	before=$(metric "$infos")
	wait_for 20 more_infos "$before" || return
	: >"$T/back"
}
# ended NAME: both are content.
ended() {
	wait $page
	rp_status=$?
	[ $rp_status = 0 ] || stop "$1"
	join "$1"
	is "$rp_status $?" "0 0" "$by: the call went on: $(
	    jq -r .why "$T/page.json"; tail -n 3 "$T/$1.err")"
	is "$(jq -r .state "$T/page.json")" connected "$by: the page has it again"
	is "$(jq '.last | .packetsReceived > 100 and .totalAudioEnergy > 0.001' \
	    "$T/page.json")" true "$by: and hears what is said"
	is "$(grep -c 'event=dtls_renewed' "$T/$1.err")" 1 \
	    "$by: by one association more"
	is "$(jq -r .end_reason "$T/$1.json")" completed "$by: in one call"
}

browsers=chromium
if browser_has_firefox; then
	browsers="chromium firefox"
else
	skip "a page in Firefox" "$browser_missing"
fi
for browser in $browsers; do
	browser_runs=$browser
	by="$browser calls"
	rm -f "$T/bob.ready"
	RP_LOG=debug start bob rp-dial --account "$d/bob.conf" --answer --once \
	    --echo --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
	page alice bob
	check "$by: the page is killed" comes_back
	ended bob

	by="$browser is called"
	ask bob PUT /push --data '{"type":"command","to":{}}' >/dev/null
	page bob ""
	wait_for 20 test -e "$T/waiting" || fail "$by: the page waits"
	RP_LOG=debug start alice rp-dial --account "$d/alice.conf" \
	    --in "$T/tone.wav" --json "$T/alice.json" bob
	check "$by: the page is killed" comes_back
	ended alice
done
finish
