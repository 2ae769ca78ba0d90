#!/bin/sh
# Certificates by ACME, from a real server: the region's name by DNS-01 with lego,
# the switch's own by HTTP-01 with certbot. contrib/acme/deploy installs both. They
# are renewed while a call runs, and all ports serve the new ones without a
# restart. What the switch refuses is taken back, with an exit status.
. "$(dirname "$0")/lib.sh"
for tool in pebble pebble-challtestsrv certbot lego certtool; do
	command -v $tool >/dev/null || skip_all "needs $tool"
done
own_network "$0" "$@"
if [ -z "${RP_MOUNTS:-}" ]; then
	unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
	rm -rf "$T"
	RP_MOUNTS=1 exec unshare -m "$0" "$@"
fi
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/certs.sh"

region=call.test
own=za1.call.test
printf '127.0.0.1 localhost %s %s\n' $region $own >"$T/hosts"
mount --bind "$T/hosts" /etc/hosts
group=$(id -gn)
deploy="$RP_SRC/contrib/acme/deploy -c $T/switch.conf -d $T/tls \
-g $group -s $T/switch.d/control"

# The ACME server, its DNS, and whom it is trusted by. Nothing else is in this
# network, so the ports are free.
make_server pebble localhost
cat >"$T/pebble.json" <<EOT
{"pebble": {"listenAddress": "127.0.0.1:14000",
"managementListenAddress": "127.0.0.1:15000",
"certificate": "$T/tls/pebble.crt", "privateKey": "$T/tls/pebble.key",
"httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "",
"externalAccountBindingRequired": false}}
EOT
start dns pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 "" \
    -dns01 127.0.0.1:8053 -management 127.0.0.1:8055 -http01 "" -https01 "" \
    -tlsalpn01 ""
start pebble env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 \
    pebble -config "$T/pebble.json" -dnsserver 127.0.0.1:8053
acme() {
	curl -sS --max-time 10 --cacert "$T/tls/root.pem" "$@"
}
wait_for 10 acme https://localhost:14000/dir ||
    give_up "pebble starts" "$T/pebble.err"
acme https://localhost:15000/roots/0 >"$T/acme.pem"
wait_for 10 acme http://localhost:8055/ -o /dev/null

# lego's provider "exec": the proof into the DNS, and out of it.
cat >"$T/prove" <<'EOT'
#!/bin/sh
case $1 in
present) body="{\"host\":\"$2\",\"value\":\"$3\"}"; way=set-txt ;;
*) body="{\"host\":\"$2\"}"; way=clear-txt ;;
esac
curl -sS --max-time 10 -d "$body" http://localhost:8055/$way
EOT
chmod +x "$T/prove"
by_lego() {
	LEGO_CA_CERTIFICATES=$T/tls/root.pem EXEC_PATH=$T/prove timeout 120 \
	    lego --server https://localhost:14000/dir --path "$T/lego" \
	    --email ops@call.test --accept-tos --domains $region --dns exec \
	    --dns.disable-cp --dns.resolvers 127.0.0.1:8053 "$@"
}
by_certbot() {
	REQUESTS_CA_BUNDLE=$T/tls/root.pem timeout 120 certbot \
	    --config-dir "$T/certbot/etc" --work-dir "$T/certbot/lib" \
	    --logs-dir "$T/certbot/log" --non-interactive "$@" 2>&1
}
first_by_certbot() {
	by_certbot certonly --server https://localhost:14000/dir \
	    --agree-tos --email ops@call.test --no-eff-email \
	    --standalone --http-01-port 5002 --http-01-address 127.0.0.1 \
	    -d $own --deploy-hook "$deploy"
}

make_subscribers
write_conf "rp-pushsend --dev"
sed -i "s|^name = .*|name = \"$own\";|
    s|^tls = .*|tls = { certificate = [ \"tls/$region/cert.pem\", \"tls/$own/cert.pem\" ]; key = [ \"tls/$region/key.pem\", \"tls/$own/key.pem\" ]; };|
    s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; tls_listen = \"127.0.0.1:0\"; };|" \
    "$T/switch.conf"

by_lego run --run-hook "$deploy" >"$T/lego.out" 2>&1
like "$(cat "$T/lego.out")" "deploy: refused: .*/$own/cert.pem: No such file" \
    "the first by lego: the switch's other one lacks"
check "it is installed" test -s "$T/tls/$region/cert.pem"
first_by_certbot >"$T/certbot.out"
is "$?" 0 "the second by certbot"
like "$(cat "$T/certbot.out")" "deploy: no switch runs" \
    "which is taken, for a switch to come"
is "$(stat -L -c %a:%G "$T/tls/$own" "$T/tls/$own/cert.pem" \
    "$T/tls/$own/key.pem" | xargs)" "750:$group 640:$group 640:$group" \
    "a group may read, and nobody else"

start_configured
is "$(grep -c event=certificate "$T/switch.err")" 0 "the switch likes both"
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$region:$(port "$(address call)")\";|
	    s|^ca = .*|ca = \"$T/acme.pem\";|" "$T/switch.d/$who.conf"
done
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 120 \
    --json "$T/alice.json" bob
check "a call runs over both names" wait_for 10 \
    grep -q . "$T/switch.d/alice.known_peers"

serials() {
	for rp_port in call answer turn_tls; do
		echo | openssl s_client -servername "$1" -connect \
		    "$(address $rp_port)" -verify_return_error \
		    -CAfile "$T/acme.pem" 2>/dev/null |
		    openssl x509 -noout -serial
	done
}
all_three() {
	openssl x509 -noout -serial -in "$T/tls/$1/cert.pem" |
	    awk '{ print; print; print }'
}
region_before=$(serials $region)
own_before=$(serials $own)
is "$region_before $own_before" "$(all_three $region) $(all_three $own)" \
    "all ports serve what is installed"
by_lego renew --days 10000 --no-random-sleep --renew-hook "$deploy" >"$T/lego.out" 2>&1
is $? 0 "lego renews"
by_certbot renew --force-renewal --no-random-sleep-on-renew >"$T/certbot.out"
is $? 0 "certbot renews"
is "$(serials $region) $(serials $own)" \
    "$(all_three $region) $(all_three $own)" "all ports serve the new ones"
check "of one" test "$(serials $region)" != "$region_before"
check "and of the other" test "$(serials $own)" != "$own_before"
is "$(metric 'rp_reloads_total{result="ok"}')" 2 "by a reload each"

# By hand: what the switch has is no news, and what it refuses does not stay.
by_hand() {
	$deploy -n $own "$@" 2>&1
}
now=$(readlink "$T/tls/$own")
live=$T/certbot/etc/live/$own
is "$(by_hand "$live/fullchain.pem" "$live/privkey.pem")" "" "once more"
is "$(readlink "$T/tls/$own")" "$now" "changes nothing"
make_server other $own
why=$(by_hand "$T/tls/other.crt" "$T/tls/pebble.key")
like "$? $why" "^1 deploy: refused: .*the key is not the certificate's; " \
    "another's key"
is "$(readlink "$T/tls/$own")" "$now" "is taken back"
mv "$T/switch.conf" "$T/switch.kept"
sed '/^relay/d; $s/$/\nrelay = { secret = "short"; };/' "$T/switch.kept" \
    >"$T/switch.conf"
why=$(by_hand "$T/tls/other.crt" "$T/tls/other.key")
like "$? $why" "^1 deploy: refused: .*relay.secret" "a bad configuration"
mv "$T/switch.kept" "$T/switch.conf"
is "$(readlink "$T/tls/$own")" "$now" "likewise"
why=$(by_hand "$T/none" "$T/none")
like "$? $why" "^1 deploy: $T/none: cannot be read" "no file"
$deploy >"$T/out" 2>&1
is "$?" 1 "no certificate at all"
is "$(find "$T/tls" -maxdepth 1 -name ".$own.*" | wc -l)" 2 \
    "there are the pair in use and the one before"
is "$(serials $own)" "$(all_three $own)" "the switch serves the same"
check "the call still runs" running alice
kill -INT "$(cat "$T/alice.pid")"
join alice
is "$? $(jq '.media.loss_pct <= 0.5' "$T/alice.json")" "0 true" \
    "it has completed, and lost nothing"
finish
