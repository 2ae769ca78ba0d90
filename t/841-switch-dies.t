#!/bin/sh
# The switch of a call is killed while a page talks. The page calls again by the
# other switch, which was closed before, the callee takes it, and both hear each
# other. So they do once that one is killed, too, and is begun again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open_tls
# Another, with the same directory.
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
# Their addresses stay from now on, and each names the other.
sed -i -e "/^call = /s|listen = [^;]*|listen = \"$second\"|" "$T/second.conf"
echo "switches = ( \"$(address call)\" );" >>"$T/second.conf"
sed -i -e "/^call = /s|listen = [^;]*|listen = \"$(address call)\"|" \
    -e "s|^web = { listen = [^;]*|web = { listen = \"${site#https://}\"|" \
    "$T/switch.conf"
echo "switches = ( \"$second\" );" >>"$T/switch.conf"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/bob.conf"
speech bob "The quick brown fox jumps."
terminal bob

has_another() {
	web "$1" until "phone.call.id && phone.call.id !== '$id' &&
	    phone.call.state === 'talking'" 40
}

for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" alice
	rp-drain --socket "$d/control2" --timeout 30 >"$T/drain.out" ||
	    fail "the other closes"
	check "$browser calls bob" dials "$browser" bob
	check "they talk" web_in "$browser" talking
	id=$(web "$browser" eval phone.call.id)
	check "the other switch opens" \
	    rp-drain --socket "$d/control2" --undrain
	stop switch KILL
	check "$browser has another call" has_another "$browser"
	both_hear "$browser" bob "$browser, by the other switch"
	id=$(web "$browser" eval phone.call.id)
	stop second KILL
	start_second
	check "$browser has a third" has_another "$browser"
	both_hear "$browser" bob "$browser, by the switch that came again"
	check "$browser hangs up" web "$browser" click hang-up
	web_in "$browser" over || fail "it is over"
	web_stop "$browser"
	start_configured
done
finish
