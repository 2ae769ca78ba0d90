#!/bin/sh
# Several certificates: a client gets the one for the name that it asks for, by
# wildcards too, with a key of a type that it can use, on the call port, the
# answer port and TURN over TLS. Without such a name it gets the first. A reload
# brings new ones by a symbolic link that is moved, a call goes on meanwhile,
# and sessions that are resumed with early data stay what they are.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v certtool >/dev/null || skip_all "needs certtool"
. "$(dirname "$0")/certs.sh"

# A pair for the region, with keys of two types, and for this switch.
region=region.example
own=za1.example
make_generation() {
	for rp_pair in region regionrsa own wild; do
		rm -f "$T/tls/$rp_pair.pem"
	done
	make_server region $region
	[ -s "$T/tls/regionrsa.key" ] ||
	    make_key regionrsa --key-type=rsa --bits=2048
	make_server regionrsa $region
	make_server own $own tls_www_server "ip_address = 127.0.0.1"
	make_server wild '*.wild.example'
	mkdir "$T/$1"
	for rp_pair in region regionrsa own wild; do
		cp "$T/tls/$rp_pair.crt" "$T/tls/$rp_pair.key" "$T/$1"
	done
}
make_generation one
ln -s one "$T/live"

make_subscribers
write_conf "rp-pushsend --dev" 'log = { level = "warn"; };'
list() {
	for rp_pair in own region regionrsa wild; do
		printf '"live/%s.%s", ' $rp_pair "$1"
	done
}
tls_line() {
	sed -i "s|^tls = .*|tls = { certificate = [ $(list crt) ]; key = [ $(list key) ]; };|; s|, *]| ]|g" \
	    "$T/switch.conf"
}
tls_line
sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; tls_listen = \"127.0.0.1:0\"; };|" \
    "$T/switch.conf"
start_configured
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|
	    s|^ca = .*|ca = \"$T/tls/root.pem\";|" "$T/switch.d/$who.conf"
done
reload() {
	rp-drain --socket "$T/switch.d/control" --reload
}

# of PORT [OPENSSL-ARGUMENT...]: whose certificate it is, as a client gets it.
of() {
	rp_port=$(address "$1")
	shift
	echo | timeout 20 openssl s_client -connect "$rp_port" \
	    -CAfile "$T/tls/root.pem" -verify_return_error "$@" 2>&1 |
	    sed -n 's/^subject=CN = //p'
}
serials() {
	for rp_port in call answer turn_tls; do
		for rp_name in $region $own; do
			echo | openssl s_client -servername $rp_name \
			    -connect "$(address $rp_port)" 2>/dev/null |
			    openssl x509 -noout -serial
		done
	done
}
files() {
	for rp_port in call answer turn_tls; do
		for rp_pair in region own; do
			openssl x509 -noout -serial -in "$T/$1/$rp_pair.crt"
		done
	done
}

for port in call answer turn_tls; do
	is "$(of $port -servername $region) $(of $port -servername $own)" \
	    "region own" "$port: each for its name"
done
is "$(of call -noservername)" own "without a name, the first"
is "$(of call -servername nobody.example)" own "nor for a name of nobody"
is "$(of call -servername a.wild.example)" wild "a wildcard"
is "$(of call -servername A.Wild.EXAMPLE)" wild "in any letters"
is "$(of call -servername a.b.wild.example) $(of call \
    -servername wild.example)" "own own" "for one label and not less"
is "$(of call -servername $region -sigalgs rsa_pss_rsae_sha256)" regionrsa \
    "with RSA for who knows no other"
is "$(of call -servername $region -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256 \
    )" regionrsa "by the cipher of TLS 1.2"
is "$(of call -servername $own -sigalgs rsa_pss_rsae_sha256)" "" \
    "but no other name's"
like "$(gnutls-cli --x509cafile "$T/tls/root.pem" --sni-hostname $region \
    --verify-hostname $region 127.0.0.1:"$(port "$(address call)")" </dev/null \
    2>&1)" "Status: The certificate is trusted" "GnuTLS' client trusts it"
is "$(serials)" "$(files one)" "these are the files'"

start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 30 \
    --json "$T/alice.json" bob
check "a call runs" wait_for 10 grep -q . "$T/switch.d/alice.known_peers"

# Resumption, by both names: the ticket is used.
resumed() {
	rm -f "$T/ticket"
	{ echo; sleep 0.3; } | openssl s_client -connect "$(address call)" \
	    -servername "$1" -sess_out "$T/ticket" >/dev/null 2>&1
	echo | openssl s_client -connect "$(address call)" -servername "$1" \
	    -sess_in "$T/ticket" 2>/dev/null | grep -c '^Reused'
}
is_resumed() {
	[ "$(resumed "$1")" = 1 ]
}
tries() {
	once_in 5 is_resumed "$1"
}
check "a session of one name is resumed" tries $region
check "and of the other" tries $own

make_generation two
ln -s two "$T/next"
is "$(serials)" "$(files one)" "new files change nothing yet"
mv -T "$T/next" "$T/live"
check "a reload" reload
is "$(serials)" "$(files two)" "brings them to every port"
check "the sessions of before do no harm" tries $region
cp "$T/two/own.key" "$T/two/wild.key"
reload 2>"$T/err"
like "$? $(sed "s|$T/||g" "$T/err")" \
    "^1 rp-drain: .*: tls.certificate: live/wild.crt, live/wild.key: the key is not" \
    "a bad fourth one is refused"
is "$(serials)" "$(files two)" "and nothing has changed"
is "$(metric 'rp_certificate_not_after_timestamp_seconds{certificate="4",name="*.wild.example"}')" \
    "$(date -d "$(openssl x509 -noout -enddate -in "$T/two/wild.crt" |
	cut -d = -f 2)" +%s)" "the metric tells of each"
check "the call still runs" running alice
kill -INT "$(cat "$T/alice.pid")"
join alice
is "$? $(jq '.media.loss_pct <= 0.5' "$T/alice.json")" "0 true" \
    "it has completed, and lost nothing"

# The second call resumes the session of the first, with early data, whatever
# pair that was.
cp "$T/tls/wild.key" "$T/two/wild.key"
check "a good one again" reload
early=$(metric rp_tls_early_total)
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob2.ready"
wait_for 10 test -s "$T/bob2.ready"
for i in 1 2; do
	check "call $i" rp-dial --account "$T/switch.d/alice.conf" \
	    --duration 1 bob
done
is "$(test "$(metric rp_tls_early_total)" -gt "$early" && echo early)" early \
    "a second call comes as early data"
stop bob
stop switch
is $? 0 "the switch ends"
is "$(grep -c -e level=error -e event=certificate "$T/switch.err")" 1 \
    "the log holds the one refusal"
finish
