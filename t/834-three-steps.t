#!/bin/sh
# The three steps of README.md to a heard word, as they are written there: a switch,
# bob in a terminal, and the link that the switch prints, in a browser. What is
# said there comes back from bob. Firefox has a first step of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"
web_open_sound
# Beside the page are the ears of t/tools/hook.js.
cp -R "$RP_SRC/contrib/web" "$RP_SRC/t/tools/recorder.js" "$T"
mv "$T/recorder.js" "$T/web"
export RP_WEB_ROOT="$T/web"

# The commands of the list that begins after the first sentence.
awk '/^A browser does as well/ { on = 1 } /^## / { on = 0 }
    on && /^   [a-z]/ && f { print $0 } on && /```/ { f = !f }' \
    "$RP_SRC/README.md" | sed 's/^ *//' >"$T/steps"
is "$(grep -c . "$T/steps")" 3 "README.md has three commands for it"

# step NAME NUMBER: run that command, and wait for what it has to open.
step() {
	rp_command=$(sed -n "$2p" "$T/steps")
	rm -f "$1.ready"
	start "$1" sh -c "exec $rp_command --ready-file $1.ready"
	wait_for 20 test -s "$1.ready" || give_up "$rp_command" "$T/$1.err"
	pass "$rp_command"
}

link() {
	grep -oE 'http://[0-9.:]+/#join=[^ ]*number=alice$' "$T/switch.err"
}

for browser in $web_browsers; do
	mkdir "$T/$browser"
	cd "$T/$browser" || exit 1
	if [ "$browser" = firefox ]; then step switch 2; else step switch 1; fi
	wait_for 5 link >/dev/null
	like "$(link)" '^http://127.0.0.1:[0-9]+/#join=[A-Za-z0-9_-]{20,}&' \
	    "it prints a link for alice"
	step bob 3
	speech "$browser" "This is the word that is heard."
	web_start "$browser" "$browser"
	check "$browser opens the link" web "$browser" open "$(link)"
	check "alice signs in" web "$browser" click join
	check "and is in" web_in "$browser" idle
	check "enters bob" web "$browser" type "#number" bob
	check "calls" web "$browser" click dial
	check "talks" web_in "$browser" talking
	check "and hears her own word" hears "$browser" "$browser"
	check "she hangs up" web "$browser" click hang-up
	check "which is the end" web_in "$browser" over
	web_stop "$browser"
	stop bob INT
	stop switch INT
done
finish
