#!/bin/sh
# Janus, with the lines of contrib/turn-for/janus, asks a web application for
# credentials of its own (draft-uberti-behave-turn-rest-00), and makes an
# allocation at the relay. A page in a browser, which may use the relay and
# nothing else, calls Janus' echo test, and hears and sees itself: what it sends
# and gets back goes from its allocation to that of Janus. Janus has been told to
# use nothing but the relay, too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/turnfor.sh"
command -v janus >/dev/null || skip_all "needs janus"
browser_need "$0" "$@"

# What Janus has in that folder but for one, for `disable`.
janus_others() {
	(cd "$janus_folder/$1" && ls -- *.so) | grep -v "libjanus_$2.so" |
	    paste -sd ,
}
# asked NAME: what the application says.
asked() {
	curl -sS "http://127.0.0.1:8880/?service=turn&key=$key&username=$1"
}

turnfor_relay janus
key=northsouth
start rest node "$RP_SRC/t/tools/turnrest.js" 8880 "$TURNFOR_SECRET" $key \
    "turn:$TURNFOR_HOST:3478?transport=udp"
wait_for 20 turnfor_listens 8880 ||
    give_up "the application starts" "$T/rest.err"

# Debian's configuration, but for plugins and transports that are not needed.
janus_folder=$(dpkg -L janus | sed -n 's,/plugins/libjanus_echotest\.so.*,,p' |
    head -n 1)
cp -r /etc/janus "$T/janus"
{
	cat <<-END
		general: { configs_folder = "$T/janus"; }
		plugins: { disable = "$(janus_others plugins echotest)"; }
		transports: { disable = "$(janus_others transports http)"; }
	END
	turnfor_part janus /etc/janus/janus.jcfg | turnfor_here |
	    sed -e "s/KEY/$key/" -e 's/^nat: {/&\n\tallow_force_relay = true/'
} >"$T/janus/janus.jcfg"
sed -i '/^general:/a \	ip = "127.0.0.1"' "$T/janus/janus.transport.http.jcfg"
start janus janus -C "$T/janus/janus.jcfg" -F "$T/janus"
wait_for 20 turnfor_listens 8088 || give_up "Janus starts" "$T/janus.out"

# Another user than Janus, which asks in the name of the page's user.
asked browser | jq '[{urls: .uris, username, credential: .password}]' \
    >"$T/ice.json"
page() {
	browse janus.html "api=$(encoded http://127.0.0.1:8088/janus)&user=alice" \
	    >"$T/page.json"
}
check "a page hears and sees itself in Janus" page
result() {
	jq -r "$1" "$T/page.json"
}
like "$(cat "$T/rest.out")" "service=turn.*&key=$key.*&username=alice" \
    "Janus has asked for credentials, in the name of the page's user"
is "$(result '.offered | unique | join(", ")' | sed 's/ [0-9]* / /')" \
    "$TURNFOR_HOST typ relay" "Janus has nothing but its relayed address"
is "$(result .pair)" "relay $TURNFOR_HOST, relay $TURNFOR_HOST" \
    "and the page's path leads from relayed address to relayed address"
is "$(result '.packets > 50 and .frames > 30')" true \
    "sound and pictures have come back"
is "$(result '.kbps > 200')" true \
    "at more than what a voice may take: $(result .kbps) kbit/s"
is "$(result '.failures | length')" 0 "no candidate failed"
finish
