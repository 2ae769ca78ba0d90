#!/bin/sh
# relay.services: applications that share a relay and nothing else. Each has a
# file with its realm, secrets, users, names and limits. A client is challenged
# with the realm of the name that it came to by TLS, verified by the services of
# the realm that it names, and meets nobody of another. All of it is reloaded, or
# nothing if there is a mistake, which is told with its file and line.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/signal.sh"
command -v openssl >/dev/null || skip_all "needs openssl"

ours=secret-of-the-relay
talk=secret-of-the-talkers
jitsi=secret-of-the-meetings
later=$(($(date +%s) + 600))

# login SECRET [OPTION...]: "CODE REALM" of an Allocate for alice by UDP.
login() {
	TURN_SECRET=$1
	shift
	perl "$RP_SRC/t/tools/turnlogin.pl" "$@" "$(address turn)" \
	    "$later:alice" "$(password "$later:alice")" 2>&1 |
	    cut -d ' ' -f 1,2
}
# by_tls SECRET NAME: likewise by TLS, to that name.
by_tls() {
	TURN_SECRET=$1
	perl "$RP_SRC/t/tools/turnlogin.pl" --via tls ${2:+--name "$2"} \
	    "$(address turn_tls)" "$later:alice" \
	    "$(password "$later:alice")" 2>&1 | cut -d ' ' -f 1,2
}
held() {
	metric "rp_relay_service_allocations{service=\"$1\"}"
}

make_subscribers
write_conf "" 'drain_ms = 0;' 'log = { level = "debug"; };'
sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; \
tls_listen = \"127.0.0.1:0\"; peers = \"clients\"; realm = \"home\"; \
secret = \"$ours\"; services = [ \"talk.conf\", \"meet.conf\" ]; };|" \
    "$T/switch.conf"
cat >"$T/talk.conf" <<EOT
# Two secrets, for a rotation.
name = "talk";
realm = "talk.example.org";
secret = [ "$talk", "older-$talk" ];
tls_names = [ "turn.talk.example.org", "turn2.talk.example.org" ];
users = "talkers";
allocations_per_user = 2;
EOT
cat >"$T/meet.conf" <<EOT
name = "meet";
realm = "home";
secret_file = "meet.secret";
EOT
echo "$jitsi" >"$T/meet.secret"
echo word | rp-users relay-user --realm talk.example.org walter >"$T/talkers"
chmod 600 "$T/talk.conf" "$T/meet.secret" "$T/talkers"
checked
is $? 0 "-t is content"
chmod 644 "$T/talk.conf"
checked
like "$(cat "$T/t.out")" "talk.conf: others can read it" \
    "a file with secrets that others can read is warned of"
chmod 600 "$T/talk.conf"
is "$(grep -cE 'challenged|no user' "$T/t.out")" 0 "and of nothing else"
mv "$T/talkers" "$T/kept"
echo word | rp-users relay-user walter >"$T/talkers"
chmod 600 "$T/talkers"
sed -i.kept 's/^tls_names/# &/' "$T/talk.conf"
checked
is $? 0 "-t takes a realm that nobody meets"
like "$(cat "$T/t.out")" "relay.services: .*/talk.conf: no client is \
challenged with its realm" "but warns of it"
like "$(cat "$T/t.out")" "relay.services: .*/talkers: has no user of the \
realm talk.example.org" "and of a file that lets nobody in"
mv "$T/talk.conf.kept" "$T/talk.conf"
mv "$T/kept" "$T/talkers"
start_configured

# Whose secret it is, by the realm that is named.
is "$(login "$ours")" "0 home" "the relay's own secret"
is "$(login "$jitsi")" "0 home" "a service of the same realm"
is "$(login "$talk")" "401 home" "a secret of another realm is wrong there"
is "$(login "$talk" --realm talk.example.org)" "0 home" \
    "and right in its own"
is "$(login "older-$talk" --realm talk.example.org)" "0 home" \
    "and so is the older one"
is "$(login "$ours" --realm talk.example.org)" "401 home" \
    "where the relay's own is wrong"
is "$(held relay) $(held meet) $(held talk)" "1 1 2" \
    "allocations are counted by service"
is "$(perl "$RP_SRC/t/tools/turnlogin.pl" --realm talk.example.org \
    "$(address turn)" walter word | cut -d ' ' -f 1)" 0 "a service has users"
is "$(login "$talk" --realm talk.example.org)" "486 home" \
    "and a limit for each of them"
is "$(login "$ours")" "0 home" "that is nobody else's"

# The name that was asked for by TLS.
is "$(by_tls "$ours" "")" "0 home" "without a name it is the relay's realm"
is "$(by_tls "$ours" other.example.org)" "0 home" "and with any other"
is "$(by_tls wrong turn.talk.example.org)" "401 talk.example.org" \
    "a service is challenged with its own"
is "$(by_tls "$ours" TURN2.talk.example.org)" "401 talk.example.org" \
    "by each of its names, and verified there"

# Reloads.
sed -i 's/^allocations_per_user = .*/allocations_per_user = 9;/' \
    "$T/talk.conf"
reload
is $? 0 "a reload takes the files"
is "$(login "$talk" --realm talk.example.org)" "0 home" "with new limits"
is "$(by_tls "$talk" turn.talk.example.org)" "0 talk.example.org" \
    "and by TLS"
sed -i 's/^secret = .*/secret = "another-one-for-talkers";/' "$T/talk.conf"
reload
is "$(login "$talk" --realm talk.example.org)" "401 home" \
    "a secret that is gone verifies nobody"
is "$(login another-one-for-talkers --realm talk.example.org)" "0 home" \
    "and its successor does"
echo 'realms = 1;' >>"$T/talk.conf"
check "a mistake in a file is refused" fails reload
like "$(cat "$T/reload.out")" "talk.conf:8: realms: " "with file and line"
is "$(login another-one-for-talkers --realm talk.example.org)" "0 home" \
    "and the services stay as they were"
check "-t refuses it too" fails checked
sed -i '/realms/d' "$T/talk.conf"
sed -i 's/services = .*\]/services = [ "meet.conf" ]/' "$T/switch.conf"
reload
is $? 0 "a service is taken away"
is "$(login another-one-for-talkers --realm talk.example.org)" "401 home" \
    "and nobody logs in there"
is "$(login "$jitsi")" "0 home" "the other one stays"
is "$(held meet)" 2 "under its number"

# A switch that renames services for years: numbers return once their allocations
# have ended. talk's allocations are still there, and meet's.
sed -i 's/services = .*\]/services = [ "meet.conf", "talk.conf" ]/' \
    "$T/switch.conf"
talkers=$(held talk)
i=0
refused=
while [ $i -lt 66 ] && [ -z "$refused" ]; do
	sed -i "s/^name = .*/name = \"name-$i\";/" "$T/talk.conf"
	reload || refused=$(cat "$T/reload.out")
	i=$((i + 1))
done
is "$refused" "" "66 names one after the other are served"
is "$(login another-one-for-talkers --realm talk.example.org) $(held name-65)" \
    "0 home 1" "the last one too"
is "$(held meet) $(held talk)" "2 $talkers" "and those with allocations keep theirs"
is "$(held name-1)" "" "a name whose number is another's is gone"
stop switch

# A file that is to be true after a restart changes nothing before.
sed -i 's/peers = "clients"/peers = "calls"/; s/services = .*\]; };/};/' \
    "$T/switch.conf"
start_configured
sed -i 's|peers = "calls";|peers = "clients"; services = "meet.conf";|' \
    "$T/switch.conf"
reload
is $? 0 "services with other peers are taken"
like "$(cat "$T/reload.out")" "relay.peers" "but want a restart"
is "$(login "$jitsi")" "401 home" "and log nobody in before"
stop switch
finish
