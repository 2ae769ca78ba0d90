#!/bin/sh
# The switch of a call is killed while a page talks. The page calls again by the
# other switch, the callee takes it, and both hear each other. In the second browser
# it is the same switch, which has been started again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open_tls
# Another, with the same directory, at addresses that stay.
sed -e 's|/control|/control2|' -e 's|^metrics = .*||' -e 's|^web = .*||' \
    "$T/switch.conf" >"$T/second.conf"
start_second() {
	rm -f "$T/second.ready"
	start second rp-switchd -c "$T/second.conf" \
	    --ready-file "$T/second.ready"
	wait_for 20 test -s "$T/second.ready" ||
	    give_up "the second switch starts" "$T/second.err"
}
echo "web = { origins = ( \"$site\" ); };" >>"$T/second.conf"
start_second
second=$(ready "$T/second.ready" call)
stop switch
# The first has an address that stays, too, and names the second.
sed -i -e "s|^call = { listen = [^;]*|call = { listen = \"$(address call)\"|" \
    -e "s|^web = { listen = [^;]*|web = { listen = \"${site#https://}\"|" \
    "$T/switch.conf"
echo "switches = ( \"$second\" );" >>"$T/switch.conf"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/bob.conf"
speech bob "The quick brown fox jumps."
terminal bob

for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" alice
	check "$browser calls bob" dials "$browser" bob
	check "they talk" web_in "$browser" talking
	both_hear "$browser" bob "$browser, before"
	id=$(web "$browser" eval phone.call.id)
	calls_are talking || stop second KILL
	check "its switch is killed" calls_are talking
	stop switch KILL
	check "$browser has another call" web "$browser" until \
	    "phone.call.id && phone.call.id !== '$id' &&
	    phone.call.state === 'talking'" 40
	both_hear "$browser" bob "$browser, after"
	check "$browser hangs up" web "$browser" click hang-up
	web_in "$browser" over || fail "it is over"
	web_stop "$browser"
	start_configured
done
finish
