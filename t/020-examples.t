#!/bin/sh
# Each example of the man pages runs as it is printed there. Only the port is
# replaced by a free one, and /tmp/rp by this test's folder. A new example must
# be listed here, or this test fails.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1

for page in "$RP_SRC"/man/*.[1-8]; do
	mkdir "$T/$(basename "$page")"
	perl "$RP_SRC/t/examples.pl" "$page" "$T/$(basename "$page")"
done
find . -name '*.sh' -exec sed -i -e 's|/tmp/rp|rp|g' \
    -e 's|rp-switchd --dev [a-z]*|& --listen 127.0.0.1:0|' {} +

# runs PAGE N: that example exits 0 and prints what the page says it does.
seen=
runs() {
	seen="$seen $1/$2.sh"
	sh "$1/$2.sh" >out 2>err
	is "$?" 0 "$1, example $2: $(head -n 1 "$1/$2.sh")"
	[ -e "$1/$2.want" ] || return 0
	is "$(cat out)" "$(cat "$1/$2.want")" "and prints what the page says"
}

# Those that go on until they are ended.
goes_on() {
	seen="$seen $2/$3.sh"
	start "$1" sh -c "exec $(cat "$2/$3.sh") $4"
	wait_for 10 test -s "$5"
	is "$?" 0 "$2, example $3: $(cat "$2/$3.sh")"
}

runs rp-pushsend.8 1
runs rp-pushsend.8 2
like "$(cat out)" '"status": *"sent"' "and delivers"
runs rp-push.7 1

runs rp-users.8 8
runs rp-users.8 9
is "$(cat out)" carol "and finds who cannot be woken"
runs rp-users.8 5
is "$(rp-users --db sqlite:new.db list | cut -f 1)" carol "and copies them"

goes_on switch rp.7 2 "--ready-file ready" ready
goes_on bob rp.7 3 "--ready-file bob.ready" bob.ready
runs rp.7 4
like "$(cat out)" '^[1-4]\.[0-9]+$' "and prints a score"
stop bob
rm bob.ready
goes_on bob rp-dial.1 1 "--ready-file bob.ready" bob.ready
runs rp-dial.1 2
check "and something was heard" test -s heard.wav
runs rp-dial.1 3
like "$(cat out)" '^[1-4]\.[0-9]+$' "and prints a score"
runs rp-dial.1 4
is "$(cat err)" "" "and has nothing to complain of"
runs rp-dial.1 5
runs rp-dial.1 6
runs rp-dial.1 7
is "$(grep -c ' works: .* 50 of 50 packets' out)" 3 \
    "the relay works by UDP, TCP and TLS"

# rp-signal's belong together, and the second gives the last its id.
ln -s rp d
printf 'v=0\r\n' >offer.sdp
cat rp-signal.7/1.sh rp-signal.7/2.sh >rp-signal.7/12.sh
for example in 1 2 3 4 5; do
	seen="$seen rp-signal.7/$example.sh"
done
cp rp-signal.7/5.sh hangup.sh
cat rp-signal.7/1.sh rp-signal.7/3.sh >rp-signal.7/3-whole.sh
cat rp-signal.7/1.sh rp-signal.7/4.sh >rp-signal.7/4-whole.sh
sh rp-signal.7/12.sh >out 2>err
like "$(cat out)" '"switches"' "rp-signal.7, examples 1 and 2: the switches"
sh rp-signal.7/3-whole.sh >out 2>err
is "$(jq -r '.iceServers[0].urls[0] | split(":")[0]' out) $(jq .ttl out)" \
    "turn 60" "rp-signal.7, example 3: credentials for the relay"
sh rp-signal.7/4-whole.sh >out 2>err
id=$(jq -r .sessionId out)
like "$id" '^[0-9a-f]{32}$' "rp-signal.7, example 4: a call by curl"
{ echo "id=$id"; cat rp-signal.7/1.sh hangup.sh; } >whole.sh
sh whole.sh >out 2>err
is "$?$(cat out)" 0 "rp-signal.7, example 5: and its end"

stop bob
runs rp-drain.8 1
runs rp-drain.8 2
is "$(cat out)" ready "it takes new calls"
runs rp-drain.8 3
is "$(cat out)" 0 "no call is left"
runs rp-drain.8 4
is "$(cat out)" "" "and none loses anything"
stop switch
rm -rf rp d ready

# rp-switchd's own: a line at a time, as one types them.
# The first is for a crash, of which t/652 has one.
seen="$seen rp-switchd.8/1.sh rp-switchd.8/2.sh rp-switchd.8/3.sh"
sed 's/ &$//' rp-switchd.8/2.sh >lines
start switch sh -c "exec $(sed -n 1p lines)"
wait_for 10 test -s ready
start bob sh -c "exec $(sed -n 2p lines) --ready-file bob2.ready"
wait_for 10 test -s bob2.ready
sh -c "$(sed -n 3p lines)" >out 2>err
is "$?" 0 "rp-switchd.8, example 2: $(sed -n 3p lines)"
stop bob
stop switch

# The configuration of its page is accepted, and serves in its pipe.
awk '/^\.Sh EXAMPLES/ { on = 1 } /^\.Bd -literal/ { f = on; next }
    /^\.Ed/ { f = 0 } f' "$RP_SRC/man/rp-switchd.conf.5" >page.conf
ln -s d/cert.pem cert.pem
ln -s d/key.pem key.pem
echo a-secret-of-many-characters >relay.secret
check "rp-switchd.conf.5: the example is accepted" \
    rp-switchd -t -c page.conf
sed -e 's|^relay: {|call: { listen = "127.0.0.1:0"; };\nanswer: { listen = "127.0.0.1:0"; };\n&|' \
    -e 's|listen = \[ "192.*|listen = "127.0.0.1:0";|' \
    -e 's|127.0.0.1:9469|127.0.0.1:0|' -e '/^push:/d' page.conf >rp-switchd.conf
echo 'command: { run = [ "/bin/cat" ]; };' >pushsend.conf
rm -f ready
start pipe sh -c "$(sed 's|rp-switchd.conf|& --ready-file ready|' rp-switchd.8/3.sh)"
check "rp-switchd.8, example 2: $(cat rp-switchd.8/3.sh)" \
    wait_for 10 test -s ready
rp-drain --socket control --stop >/dev/null 2>&1
join pipe

# rp-regionprobe's asks a name server on this host, which here has a free port.
. "$RP_SRC/t/dns.sh"
dns=$(dns_port)
printf 'example.org SOA\nswitch.example.org A 198.51.100.1\n' >table
start dns perl "$RP_SRC/t/tools/resolver.pl" "127.0.0.1:$dns" table
wait_for 5 test -s "$T/dns.out"
sed -i "s/ 127.0.0.1 / 127.0.0.1:$dns /g" rp-regionprobe.8/1.sh
runs rp-regionprobe.8 1

# What is run elsewhere: scripts/check runs scripts/quickstart, and t/604-backup.t
# the commands on a directory where the page has it.
seen="$seen rp.7/1.sh"
for example in 1 2 3 4 6 7; do
	seen="$seen rp-users.8/$example.sh"
done
is "$(for example in */[0-9].sh; do
	case "$seen " in *" $example "*) ;; *) echo "$example" ;; esac
done)" "" "there is no other example"
finish
