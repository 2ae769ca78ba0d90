#!/bin/sh
# The three steps of README.md to a heard word, as they are written there: a switch,
# bob in a terminal, and the link that the switch prints, in a browser. What is
# said there comes back from bob.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"
web_open_sound
# Beside the page are the ears of t/tools/hook.js.
cp -R "$RP_SRC/contrib/web" "$RP_SRC/t/tools/recorder.js" "$T"
mv "$T/recorder.js" "$T/web"
export RP_WEB_ROOT="$T/web"
cd "$T" || exit 1

# The commands of the list that begins after the first sentence.
awk '/^A browser does as well/ { on = 1 } /^## / { on = 0 }
    on && /^   [a-z]/ && f { print $0 } on && /```/ { f = !f }' \
    "$RP_SRC/README.md" | sed 's/^ *//' >steps
is "$(grep -c . steps)" 2 "README.md has two commands for it"
# Other tests run switches, too: only the port is another.
sed -i '1s/$/ --listen 127.0.0.1:0/' steps

start switch sh -c "exec $(sed -n 1p steps) --ready-file ready"
wait_for 20 test -s ready || give_up "the switch is ready" switch.err
link() {
	grep -oE 'http://[0-9.:]+/#join=[^ ]*number=alice$' switch.err
}
wait_for 5 link
like "$(link)" '^http://127.0.0.1:[0-9]+/#join=[A-Za-z0-9_-]{20,}&' \
    "1. $(sed -n 1p steps): it prints a link for alice"
start bob sh -c "exec $(sed -n 2p steps) --ready-file bob.ready"
check "2. $(sed -n 2p steps)" wait_for 20 test -s bob.ready

# The link is good once. Another browser gets another of its kind.
link_for() {
	[ "$1" = "${web_browsers%% *}" ] && link && return
	rp-users --db sqlite:d/rp.db link alice --url "$(ready ready web)/" |
	    grep -o 'http:[^ ]*' | head -n 1
}
for browser in $web_browsers; do
	rm -f d/bob.known_peers
	speech "$browser" "This is the word that is heard."
	web_start "$browser" "$browser"
	check "3. $browser opens the link" web "$browser" open \
	    "$(link_for "$browser")"
	check "alice signs in" web "$browser" click join
	check "and is in" web_in "$browser" idle
	check "enters bob" web "$browser" type "#number" bob
	check "calls" web "$browser" click dial
	check "talks" web_in "$browser" talking
	check "and hears her own word" hears "$browser" "$browser"
	check "she hangs up" web "$browser" click hang-up
	check "which is the end" web_in "$browser" over
	web_stop "$browser"
done
finish
