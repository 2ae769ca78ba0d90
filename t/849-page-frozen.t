#!/bin/sh
# A phone takes a page its time, or its microphone, in mid-call. Chromium's debugging
# protocol freezes the page, and the test fires what the system would. The other
# side, rp-dial, is told so before, and when the page is back. Then there is sound
# again, also where the page's WebSocket has died in between. The system's own
# controls hang up, and the page gives back the screen and the microphone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"
web_needs chromium
command -v nft >/dev/null || skip_all "needs nft"

d=$T/switch.d
cp -R "$RP_SRC/contrib/web" "$T/web"
cp "$RP_SRC/t/tools/recorder.js" "$T/web"
RP_WEB_ROOT=$T/web start_switch switch
site=$(address web)
RP_LOG=info start bob rp-dial --account "$d/bob.conf" --answer --echo \
    --once --json "$T/bob.json" --ready-file "$T/bob.ready"
wait_for 20 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"

# What bob was told last. He logs changes alone, so that each follows the other.
told() {
	grep -oE 'peer_(away|back)' "$T/bob.err" | tail -n 1
}
is_told() {
	[ "$(told)" = "$1" ]
}
hears() {
	check "$1" wait_for 20 is_told "$2"
}
page() {
	web page eval "$1"
}
becomes() {
	check "$2" web page until "$1"
}
# What the page hears of bob, who echoes, goes on from here.
sound() {
	page "rpSystem.mark()" >"$T/mark.out"
	becomes "rpSystem.grown()" "$1"
}

# The page stays in the background until the user comes back to it.
thaws() {
	web page freeze off
	(web_tab=other && web page open about:blank && web page front)
	web page front
}

link=$(rp-users --db "sqlite:$d/rp.db" link alice --url "$site/" |
    grep -o "$site/#join=[^ ]*" | head -n 1)
web_start page chromium
joins() {
	web page open "$link" && web_in page signed-out &&
	    web page click join && web_in page idle
}
check "the page is alice's" joins

# The system, of which the test has the strings.
page "$(cat "$RP_SRC/t/tools/system.js")" >"$T/system.out"

dials() {
	web page type "#number" bob && web page click dial && web_in page talking
}
check "it calls bob" dials
sound "and hears its echo"
becomes "rpSystem.locks === 1" "the screen stays on"
is "$(told)" "" "nobody is away"

web page freeze on
hears "a page that is frozen has told so first" peer_away
thaws
hears "and tells that it is back" peer_back
sound "there is sound"
becomes "phone.call.away === '' && phone.call.state === 'talking'" \
    "the page knows"

opened=$(page "rpSystem.opened")
page "rpSystem.mute(true)" >"$T/mute.out"
hears "the system takes the microphone" peer_away
is "$(page "phone.call.away")" us "the page says so to its user"
check "who can read it" web page until \
    "document.getElementById('away').textContent !== ''"
page "rpSystem.mute(false)" >"$T/mute.out"
hears "and gives it back" peer_back
becomes "rpSystem.opened > $opened &&
    phone.source.track === rpSystem.track" "it is opened anew"
sound "there is sound"

# Nobody tells a frozen page that its connection is dead.
resumes=$(metric 'rp_requests_total{method="RESUME"}')
resumed() {
	[ "$(metric 'rp_requests_total{method="RESUME"}')" -gt "$resumes" ]
}
# What goes by those that are there now is lost from here on.
cut() {
	ss -Htn state established "( sport = :$(port "$site") )" |
	    awk '{ sub(/.*:/, "", $NF); print $NF }' >"$T/ports" || return
	nft add table inet cut && nft add chain inet cut out \
	    '{ type filter hook output priority 0; }' || return
	while read -r rp_port; do
		nft add rule inet cut out tcp dport "$rp_port" drop &&
		    nft add rule inet cut out tcp sport "$rp_port" drop ||
		    return
	done <"$T/ports"
}
web page freeze on
hears "frozen once more" peer_away
check "its connections are cut meanwhile, without a word" cut
thaws
check "it resumes the call by another" wait_for 20 resumed
hears "and is back" peer_back
becomes "phone.call.state === 'talking'" "they talk"
sound "there is sound"

page "rpSystem.hangUp()" >"$T/hangup.out"
check "the system's control hangs up" web_in page over
becomes "rpSystem.track.readyState === 'ended'" "the microphone is closed"
becomes "rpSystem.locks === 0" "the screen may go dark"
is "$(page "rpSystem.actions.hangup")" null "the system's control is gone"
check "bob's call ends" wait_for 20 test -s "$T/bob.json"
is "$(jq -r .end_reason "$T/bob.json")" completed "as a call that was hung up"
finish
