#!/bin/sh
# rp-switchd --dev prints a link for each subscriber, by which a browser becomes
# it. Each start prints another one, and there are no more of them in the
# directory than there are subscribers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

# printed NUMBER: the code of the link that it printed last.
printed() {
	sed -n "s|^	open http://[^/]*/#join=\([A-Za-z0-9_-]*\)&number=$1\$|\1|p" \
	    "$T/switch.err" | tail -n 1
}
enter() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o /dev/null \
	    -w '%{http_code}' -X PUT --data "{\"code\":\"$1\",\"token\":\"$3\"}" \
	    "https://$(address call)/subscriber/$2"
}
links() {
	sqlite3 "$T/switch.d/rp.db" "SELECT count(*) FROM guest"
}
token=0123456789abcdef0123456789abcdef

start_switch switch
first=$(printed alice)
like "$first" '^[A-Za-z0-9_-]{22}$' "a link for alice"
like "$(grep '^	open' "$T/switch.err" | head -n 1)" \
    "^	open $(ready "$T/switch.ready" web | head -n 1)/#" \
    "at the page of the switch"
is "$(enter "$(printed bob)" bob "$token")" 201 "bob's gets a browser in"
is "$(stat -c %a "$T/switch.d/alice.join")" 600 "which is kept as a secret"
stop switch
rm "$T/switch.ready"
start_switch switch
isnt() {
	[ "$1" != "$2" ]
}
check "another one at the next start" isnt "$(printed alice)" "$first"
is "$(links)" 2 "in place of the first"
is "$(enter "$first" alice "$token")" 403 "which is void"
is "$(enter "$(printed alice)" alice "$token")" 201 "the new one is good"
finish
