#!/bin/sh
# The page's port has the certificates of calls, chosen by SNI, and a reload brings
# new ones. It stays open in a drain, while the call port refuses, and a call that
# runs does not notice it. A page that the switch serves may connect, under each
# name that the switch has a certificate for, and no other page may.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/page.sh"
command -v certtool >/dev/null || skip_all "needs certtool"
. "$(dirname "$0")/certs.sh"

region=region.example
make_subscribers
make_page
make_server region $region
make_server own za1.example tls_www_server "ip_address = 127.0.0.1"
# shellcheck disable=SC2034
web='connect = "*.far.example";'
write_page_conf 'switches = ( "za2.example", "[2001:db8::1]:7" );'
sed -i 's|^tls = .*|tls: { certificate = ("tls/own.crt", "tls/region.crt"); key = ("tls/own.key", "tls/region.key"); };|
	s|^relay = .*|relay: { listen = "127.0.0.1:0"; kbps_per_allocation = 1000; };|' \
    "$T/switch.conf"
start_configured
web_port=$(port "$(address web)")

# of NAME: whose certificate a client of the page gets who asks for that name.
of() {
	echo | timeout 20 openssl s_client -servername "$1" \
	    -connect "127.0.0.1:$web_port" 2>/dev/null |
	    openssl x509 -noout -subject -serial 2>/dev/null | xargs
}
# at NAME PATH: as a browser asks that name.
at() {
	curl -sS --max-time 20 --cacert "$T/tls/root.pem" -D "$T/head" \
	    -o "$T/body" -w '%{http_code}' \
	    --resolve "$1:$web_port:127.0.0.1" \
	    "https://$1:$web_port$2" 2>"$T/curl.err"
}
like "$(of $region)" 'CN = region ' "the region's name has its certificate"
like "$(of za1.example)" 'CN = own ' "the switch's has its own"
like "$(of other.example)" 'CN = own ' "and others have the first"
is "$(at $region /)" 200 "the page is there under the region's name"
policy=$(header Content-Security-Policy)
for host in "$region" "*.$region" za1.example za2.example '[2001:db8::1]' \
    '*.far.example'; do
	case "$policy " in
	*" wss://$host:* "*) pass "it may connect to $host" ;;
	*) fail "it may connect to $host" "$policy" ;;
	esac
done
call=$(address call)
is "$(at $region /rp.json) $(jq -c '[.switches, .video]' "$T/body")" \
    "200 [[\"$region:$(port "$call")\",\"$call\",\"za2.example:31337\",\"[2001:db8::1]:7\"],true]" \
    "rp.json has the region first, and video where there is room for it"

# opens ORIGIN: what a page from there is answered that opens a WebSocket.
opens() {
	curl -sS --max-time 2 --cacert "$T/tls/root.pem" -o "$T/opens" \
	    -w '%{http_code}' -H 'Connection: Upgrade' \
	    -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
	    -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
	    -H "Origin: $1" "https://$call/signal" 2>"$T/curl.err"
}
is "$(opens "https://$region:$web_port")" 101 "the switch's page may connect"
is "$(opens "https://za1.example:$web_port")" 101 "by each of its names"
is "$(opens "https://$region")" 101 "also if its port is forwarded"
is "$(opens "https://$region:1")" 403 "another port's may not"
is "$(opens "http://$region:$web_port")" 403 "nor one without TLS"
is "$(opens "https://evil.example:$web_port")" 403 "nor another host's"
is "$(opens null)" 403 "nor one without an origin of its own"

# A certificate that is reloaded, and one that is bad.
old=$(of $region)
make_server region $region
check "a reload" reload
like "$(of $region)" 'CN = region ' "has a certificate for the same name"
check "which is new" test "$(of $region)" != "$old"
old=$(of $region)
printf 'bad' >"$T/tls/region.crt"
check "a bad one is refused" fails reload
is "$(of $region)" "$old" "and the good one stays"

# A drain, with a call.
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$call\";|
	    s|^ca = .*|ca = \"$T/tls/root.pem\";|" "$T/switch.d/$who.conf"
done
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" bob
check "a call runs" wait_for 20 media_is '.rtp_packets > 5'
start drain rp-drain --socket "$T/switch.d/control"
check "a drain" wait_for 10 reason draining
is "$(at $region /)" 200 "the page is there"
is "$(curl -sS -o "$T/opens" --max-time 5 "https://$call/" 2>&1 |
    grep -ci 'connect')" 1 "while the call port refuses"
media_mark
check "and the call goes on" wait_for 10 media_grows 50
stop alice INT
join bob
join drain
is "$(at $region /)" 200 "after the last call, too"
stop switch
is "$?" 0 "a stop"
is "$(at $region /)" 000 "closes it"
finish
