#!/bin/sh
# The page's signalling connection breaks in mid-call: it comes back by RESUME. Its
# path is cut, and ICE is restarted.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/phone.sh"
browser_need "$0" "$@"
command -v nft >/dev/null || skip_all "needs nft"
phone_open

# cut: nothing more goes through the browser's sockets, as where a NAT forgets.
cut() {
	nft -f - <<-END
		table ip cut {
			chain out {
				type filter hook output priority 0;
				udp sport { $(phone_ports) } drop
				udp dport { $(phone_ports) } drop
			}
		}
	END
}

for browser in $(phone_browsers); do
	browser_runs=$browser
	rm -f "$T/talking" "$T/cut"
	phone_bob
	phone breaks do=breaks "number=$(phone_number)&callee=bob" &
	page=$!
	check "$browser: a call goes on without its connection" \
	    wait_for 60 test -e "$T/talking"
	check "$browser: its path is cut" cut
	: >"$T/cut"
	wait $page
	is "$?" 0 "$browser: and it finds another: $(result breaks .why)"
	nft delete table ip cut
	is "$(result breaks '.resumed | join(",")')" \
	    "calling,ringing,connecting,talking" \
	    "$browser: nobody sees that the connection broke"
	is "$(result breaks .same)" true "$browser: in one call"
	is "$(result breaks '[.states[] | select(. != "restoring")] |
	    unique | join(",")')" \
	    "calling,connecting,over hung-up,ringing,talking" \
	    "$browser: which was lost at no time"
	stop bob
done
finish
