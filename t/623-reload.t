#!/bin/sh
# SIGHUP and rp-drain --reload bring a new certificate, new relay secrets, the
# list of the region's switches and another directory to a switch without
# disturbing a call. Keys that need a restart are named. Secrets rotate. A
# connection that arrives in the very moment of a drain is served or refused,
# never left hanging.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

old=the-old-secret-of-ours
new=the-new-secret-of-ours
make_subscribers
write_conf "rp-pushsend --dev"
secrets() {
	sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; secret = [ $1 ]; };|" \
	    "$T/switch.conf"
}
secrets "\"$old\""
start_configured
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/$who.conf"
done
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
reload() {
	rp-drain --socket "$T/switch.d/control" --reload
}

# opens SECRET: does it open an allocation?
opens() {
	"$RP_BUILD/t/bench/relayload" -c 1 -d 1 -s "$1" "$(address turn)"
}
# signs SECRET: are credentials handed out under it?
signs() {
	ask alice INITIATE /session/bob --data offer >/dev/null
	user=$(jq -r '.iceServers[0].username' "$T/body")
	[ "$(jq -r '.iceServers[0].credential' "$T/body")" = \
	    "$(printf %s "$user" | openssl dgst -sha1 -hmac "$1" -binary |
	    base64)" ]
}
serial() {
	echo | openssl s_client -connect "$(address call)" 2>/dev/null |
	    openssl x509 -noout -serial
}

check "the secret that is configured signs" signs $old
check "and opens" opens $old
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 8 \
    --json "$T/alice.json" bob
check "a call runs" wait_for 10 grep -q . "$T/switch.d/alice.known_peers"

is "$(ask alice GET /switches) $(jq -c .switches "$T/body")" \
    "200 [\"$(address call)\"]" "a switch lists itself"
printf 'switches = ( "ZA2.example", "%s", "[2001:db8::1]:7" );\n' \
    "$(address call)" >>"$T/switch.conf"
check "a reload" reload
is "$(ask alice GET /switches) $(jq -c .switches "$T/body")" \
    "200 [\"$(address call)\",\"ZA2.example:31337\",\"[2001:db8::1]:7\"]" \
    "and the others of its region, each once"

before=$(serial)
# Another certificate of the same authority: --dev makes one at each start.
start remake rp-switchd --dev "$T/switch.d" --listen 127.0.0.1:0 \
    --ready-file "$T/remake.ready"
wait_for 10 grep -q 'control: Address already in use' "$T/remake.err"
join remake
is $? 1 "a second switch on the same socket: exit 1"
secrets "\"$new\", \"$old\""
check "a reload" reload
check "the new secret signs" signs $new
check "it opens" opens $new
check "the old one does still" opens $old
secrets "\"$new\""
kill -HUP "$(cat "$T/switch.pid")"
check "another, without the old one" wait_for 5 metric_is \
    'rp_reloads_total{result="ok"}' 3
opens $old >/dev/null 2>&1
is $? 1 "which opens nothing any more"
like "$(serial)" '^serial=' "the port answers"
is "$(test "$(serial)" != "$before" && echo another)" another \
    "with another certificate"
sed -i '/^relay = /d' "$T/switch.conf"
check "a reload without a secret" reload
check "keeps the one there is" signs $new
cp "$T/switch.d/ca.pem" "$T/switch.d/key.pem"
reload 2>"$T/err"
is $? 1 "a key that is none: rp-drain --reload exits 1"
like "$(cat "$T/err")" "^rp-drain: .*:4: tls.certificate: " "and says why"
is "$(test -n "$(serial)" && echo served)" served "nothing has changed"

# Another directory, with carol in it.
db=$T/switch.d/new.db
status() {
	rp-drain --socket "$T/switch.d/control" --status
}
echo 'relay = { listen = "127.0.0.1:0"; };' >>"$T/switch.conf"
cp "$T/switch.conf" "$T/switch.kept"
start remake rp-switchd --dev "$T/switch.d" --listen 127.0.0.1:0 \
    --ready-file "$T/remake.ready"
join remake
check "the key is good again" reload
sed -i 's|^directory = .*|directory = "mysql://x";|' "$T/switch.conf"
reload 2>"$T/err"
is $? 1 "a directory that means nothing: exit 1"
like "$(cat "$T/err")" "^rp-drain: .*: directory: wants sqlite:" "and says why"
is "$(ask alice GET /keepalive)" 200 "the old one stays"
sed -i 's|^directory = .*|directory = "sqlite:switch.d/new.db";|' \
    "$T/switch.conf"
check "one that is not there yet: a reload" reload
like "$(status)" "^directory: the new one cannot be read.*No such file" \
    "it is waited for"
is "$(ask alice GET /keepalive)" 200 "and the old one serves"
rp-users --db "sqlite:$db" add carol --token-file "$T/switch.d/carol.token"
moved() {
	[ "$(ask carol GET /keepalive)" = 200 ]
}
check "it is there, and takes over" wait_for 5 moved
is "$(ask alice GET /keepalive)" 401 "the old one is left"
is "$(status | grep -c -e '^directory' -e no-directory)" 0 "nothing is wrong"
is "$(metric 'rp_gate_closings_total{reason="no-directory"}')" 0 \
    "and no call was refused meanwhile"
rp-users --db "sqlite:$db" add dave --token-file "$T/switch.d/dave.token"
is "$(ask carol PUT /push --data '{"type":"fcm","to":{"token":"x"}}') $(ask dave \
    INITIATE /session/carol --data offer)" "204 200" "carol is called"
has_result() {
	rp-users --db "sqlite:$db" devices carol | grep "failed fcm: not conf"
}
check "the new directory has the result of her push" wait_for 9 has_result
# Her push fails, so that no answer of hers ends the call before its result.
first=$T/switch.d/rp.db
rp-users --db "sqlite:$first" add erin --token-file "$T/switch.d/erin.token"
sed -i 's|^directory = .*|directory = "sqlite:switch.d/rp.db";|' \
    "$T/switch.conf"
check "back to the first" reload
is "$(ask alice GET /keepalive)" 200 "which serves at once"
is "$(ask erin PUT /push --data '{"type":"fcm","to":{"token":"x"}}')" 204 \
    "erin can be called"
sqlite3 "$first" "CREATE TRIGGER full BEFORE UPDATE OF result ON device
    BEGIN SELECT RAISE(FAIL, 'disk full'); END"
ring_erin() {
	ask alice INITIATE /session/erin --data offer >/dev/null
}
ring_erin
check "a push's result that cannot be written is counted" wait_for 9 \
    metric_least rp_push_results_not_kept_total 1
sqlite3 "$first" "DROP TRIGGER full"
# The file is opened anew after a fault, which takes a moment. What was believed to
# stand there would be written again only after a minute, when no call rings.
rings=0
kept() {
	rp-users --db "sqlite:$first" devices erin |
	    grep "failed fcm: not conf" && return
	rings=$((rings + 1))
	[ $rings -gt 15 ] || ring_erin
	return 1
}
check "a later one is kept there" wait_for 9 kept
printf 'registration = { enabled = true; };\nlog = { syslog = true; };\n' \
    >>"$T/switch.conf"
reload 2>"$T/err"
is $? 0 "keys that need a restart: exit 0"
like "$(cat "$T/err")" \
    'changed, but wants a restart: registration.enabled log.syslog$' \
    "and they are named"
like "$(cat "$T/switch.err")" \
    'event=reload ok=1 restart_needed="registration.enabled log.syslog"' \
    "in the log too"
cp "$T/switch.kept" "$T/switch.conf"
join alice
is $? 0 "the call completes"
is "$(jq '.media.loss_pct <= 0.5' "$T/alice.json")" true "and lost nothing"

# Connections without a pause while the port closes and opens.
# keepalive [COMMAND...]: by curl, or by COMMAND from curl's.
keepalive() {
	"$@" curl -sS -o /dev/null -w '%{http_code} ' \
	    --cacert "$T/switch.d/ca.pem" --max-time 5 \
	    -u "alice:$(token alice)" "https://$(address call)/keepalive" \
	    2>>"$T/storm.err"
}
storm() {
	seq 400 | keepalive xargs -P 8 -I N
}
storm >"$T/storm.out" &
storm_pid=$!
rounds=0
while kill -0 $storm_pid 2>/dev/null; do
	rp-drain --socket "$T/switch.d/control" --timeout 0 >/dev/null 2>&1
	rp-drain --socket "$T/switch.d/control" --undrain
	# The storm may find it closed each time; we know that it is open.
	keepalive >>"$T/between.out"
	rounds=$((rounds + 1))
done
wait $storm_pid
echo "# $rounds drains; $(tr ' ' '\n' <"$T/storm.out" | sort | uniq -c | xargs)"
is "$(test $rounds -gt 5 && echo many)" many "many drains in a storm"
is "$(tr ' ' '\n' <"$T/storm.out" | grep -vxE '|000|200|503')" "" \
    "who got in was served or told 503"
is "$(grep -c '(28)' "$T/storm.err")" 0 "nobody was left hanging"
is "$(tr ' ' '\n' <"$T/between.out" | sort -u | xargs)" 200 \
    "and whoever comes between two drains is"
finish
