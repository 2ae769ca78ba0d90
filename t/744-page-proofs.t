#!/bin/sh
# A page proves itself by the time, and each such proof is remembered for two
# minutes. A device whose proofs have filled its share has to wait, and is told so:
# its key is as good as before, and 401 would end its account in a page.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf ""
openssl ecparam -name prime256v1 -genkey -noout -out "$T/key.pem"
rp-users --db "sqlite:$T/switch.d/rp.db" add carol --key "$(openssl ec \
    -in "$T/key.pem" -pubout -outform DER 2>/dev/null | tail -c 65 |
    base64 -w 0 | tr '+/' '-_' | tr -d =)" || give_up "carol has a key"
start_configured

# logs_in N: so many pages of that device ask, each on a connection of its own;
# their answers, counted.
talk_with="-w -k $T/key.pem"
: >"$T/switch.d/carol.token"
logs_in() {
	for i in $(seq "$1"); do
		talk page carol
		say page "GET /keepalive"
		heard page '^response'
		grep '^response' "$T/page.out"
		bye page
	done
}
is "$(logs_in 64 | sort | uniq -c | xargs | cut -d ' ' -f 1-3)" "64 response 200" \
    "64 pages of a device log in"
logs_in 1 >"$T/last"
like "$(cat "$T/last")" '^response 429 too-many-proofs ' "the next one has to wait"
wait_s=$(cut -d ' ' -f 4 "$T/last")
check "for less than two minutes and a second: $wait_s" \
    test "$wait_s" -gt 0 -a "$wait_s" -le 122
is "$(metric 'rp_responses_total{class="4xx",code="401"}')" 0 "nobody was told 401"
is "$(ask alice GET /keepalive)" 200 "others log in"
finish
