#!/bin/sh
# rp-dial --probe --relay uses each transport to the relay as a call would, and
# names the fault where there is one. Each fault is made for real. Runs in a
# network namespace of its own, whose filter drops the chosen packets.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/signal.sh"
command -v openssl >/dev/null || skip_all "needs openssl"
cd "$T" || exit 1

# certificate_of NAME SUBJECT [WRAPPER...]: NAME.pem and NAME.key.
certificate_of() {
	rp_pem=$1
	rp_subject=$2
	shift 2
	"$@" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	    -nodes -days 2 -subj /CN=relay.test -addext \
	    "subjectAltName=$rp_subject" -keyout "$rp_pem.key" \
	    -out "$rp_pem.pem" 2>/dev/null
}
certificate_of good IP:127.0.0.1
certificate_of other IP:127.0.0.1
certificate_of misnamed DNS:else.example
echo "$TURN_SECRET" >secret
echo south >wrong

# probe NAME ARGUMENT...: in the background; concluded waits for it.
probe() {
	rp_probe=$1
	shift
	start "$rp_probe" rp-dial --probe --json "$rp_probe.json" "$@"
}

# fault NAME: of its first way, and why.
fault() {
	jq -r '.relay.ways[0].fault | "\(.kind): \(.why)"' "$1.json"
}

# concluded NAME STATUS REGEX: it names that fault, on standard error too.
concluded() {
	join "$1"
	is "$?" "$2" "$1: exit status $2"
	like "$(fault "$1")" "$3" "$1: the fault is named"
	like "$(cat "$1.err")" "^rp-dial: (udp|tcp|tls) .*: $(jq -r \
	    '.relay.ways[0].fault.kind' "$1.json"): " "$1: in one line"
}

# With an account: nobody is rung, and all ways work.
make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's|^relay = .*|relay = { listen = "127.0.0.1:0"; tcp_listen = "127.0.0.1:0"; tls_listen = "127.0.0.1:0"; };|' switch.conf
start_configured
umask 077	# for accounts, which have tokens
sed "s|^switch = .*|switch = \"$(address call)\";|" switch.d/alice.conf >alice.conf
cp switch.d/ca.pem .
rp-dial --account alice.conf --probe --relay >out 2>err
is "$?$(cat err)" 0 "the relay of the account's switch works"
is "$(grep -cE '^\* (udp|tcp|tls) 127.0.0.1:[0-9]+ .* works: echo [0-9.]+ ms .*, 50 of 50 packets, relayed address 127.0.0.1:[0-9]+$' out)" \
    3 "a line for each way"
rp-dial --account alice.conf --probe --relay --json all.json
is "$(jq -c '[.end_reason, .relay.clock_ahead_s, (.relay.ways | length),
    (.relay.ways | map(.works and .fault == null and .packets_sent == 50 and
    .packets_received == 50 and .rtt_ms > 0 and .rtt_ms <= .rtt_max_ms and
    .allocate_ms > 0 and .permission_ms > 0 and .channel_ms > 0) | all)]' \
    all.json)" '["completed",0,3,true]' "and as JSON"
is "$(jq -c '[.relay.ways[].transport]' all.json)" '["udp","tcp","tls"]' \
    "UDP, TCP and TLS"
is "$(metric 'rp_relay_trials_total{result="begun"}')" 2 "each is counted"
is "$(metric rp_calls_started_total)$(cat pushes)" 0 "nobody is rung"
is "$(metric rp_relay_allocations)" 0 "and nothing stays allocated"

# What the switch gives, and to whom.
asked=$(date +%s)
is "$(ask alice GET /relay)" 200 "credentials for a trial"
expiry=$(jq -r '.iceServers[0].username | split(":")[0]' body)
check "last a minute" test "$expiry" -ge "$((asked + 59))" -a \
    "$expiry" -le "$(($(date +%s) + 60))"
is "$(jq -r '"\(.iceServers[0].username | split(":") | length) \(.ttl) \(.iceTransportPolicy)"' body)" \
    "2 60 relay" "for both parties"
sed 's/^token = .*/token = "mistaken";/' alice.conf >mistaken.conf
rp-dial --account mistaken.conf --probe --relay >out 2>err
is "$?" 6 "a wrong token: exit status 6"
like "$(cat err)" "alice is not authorised: check number and token in mistaken.conf" \
    "and what to do"
rp-dial --switch "$(address call)" --probe --relay --ca ca.pem >out 2>err
is "$?" 1 "no credentials without an account"
while [ "$(ask alice GET /relay)" = 200 ]; do :; done
is "$(ask alice GET /relay)" "429 too-many-trials" "eight at once"
is "$(metric 'rp_relay_trials_total{result="begun"}')" 8 "and no more"
rp-dial --account alice.conf --probe --relay >out 2>err
is "$?" 2 "the probe says so: exit status 2"
like "$(cat err)" "the relay was tried too often: again in [0-9]+ s" "and until when"
like "$(ask bob GET /relay)" 200 "another may"
rp-drain --socket switch.d/control --timeout 20 >drain.out 2>&1
ask_port=answer
is "$(ask bob GET /relay)" "503 draining" "a switch that drains gives none"
is "$(metric 'rp_relay_trials_total{result="closed"}')" 1 "counted as well"
ask_port=call
stop switch
# A switch of before there were trials.
mkfifo older.in
start older sh -c "exec openssl s_server -accept 127.0.0.1:0 -cert good.pem \
    -key good.key <older.in"
exec 7>older.in
printf 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' >&7
wait_for 10 grep -q "^ACCEPT" older.out
rp-dial --account alice.conf --ca good.pem --probe --relay --switch \
    "$(sed -n 's/^ACCEPT //p' older.out)" >out 2>err
is "$?" 2 "an older switch: exit status 2"
like "$(cat err)" "no credentials for its relay \(404\): is it of an older" "and why"
stop older
exec 7>&-

# Behind NAT, and wrong about the address that the world sees.
cat >switch.sed <<'END'
s|^relay = .*|relay = { listen = "127.0.0.1:0"; tcp_listen = "127.0.0.1:0"; external_address = "203.0.113.7"; };|
END
sed -i -f switch.sed switch.conf
start_configured
sed "s|^switch = .*|switch = \"$(address call)\";|" switch.d/alice.conf >alice.conf
probe nowhere --account alice.conf --relay
concluded nowhere 12 \
    "address: the switch says that its relay is at 203.0.113.7, .* it is at 127.0.0.1"
ip address add 203.0.113.7/32 dev lo
probe wrongaddress --account alice.conf --relay
concluded wrongaddress 12 \
    "address: the switch says that its relay is at 203.0.113.7, .* it is at 127.0.0.1"
ip address del 203.0.113.7/32 dev lo
stop switch

# Without an account: a TURN server by its URLs.
start_turnd relay -l 127.0.0.1:0 -T 127.0.0.1:0 -S 127.0.0.1:0 -C good.pem \
    -K good.key
udp=turn:$(ready relay.ready turn)
tcp="turn:$(ready relay.ready turn_tcp)?transport=tcp"
tls=turns:$(ready relay.ready turn_tls)
start_turnd misnamed -l 127.0.0.1:0 -S 127.0.0.1:0 -C misnamed.pem \
    -K misnamed.key
start_turnd one -l 127.0.0.1:0 -q 1
start_turnd slow -l 127.0.0.1:0 -k 8
start_turnd mute -l 127.0.0.1:0 -T 127.0.0.1:0
kill -STOP "$(cat mute.pid)"

probe works --relay-url "$udp" --relay-url "$tcp" --relay-url "$tls" \
    --relay-secret secret --ca good.pem
probe secret --relay-url "$udp" --relay-secret wrong
echo mistaken >password
probe password --relay-url "$tcp" --relay-user "$(username c a)" \
    --relay-password-file password
password "$(username c a -100)" >expired
probe expired --relay-url "$udp" --relay-user "$(username c a -100)" \
    --relay-password-file expired
probe closedudp --relay-url turn:127.0.0.1:9 --relay-secret secret
probe closedtcp --relay-url 'turn:127.0.0.1:9?transport=tcp' \
    --relay-secret secret
probe untrusted --relay-url "$tls" --relay-secret secret --ca other.pem
probe misname --relay-url "turns:$(ready misnamed.ready turn_tls)" \
    --relay-secret secret --ca misnamed.pem
probe full --relay-url "turn:$(ready one.ready turn)" --relay-secret secret
probe lossy --relay-url "turn:$(ready slow.ready turn)" --relay-secret secret
probe muteudp --relay-url "turn:$(ready mute.ready turn)" \
    --relay-secret secret
probe mutetcp --relay-url \
    "turn:$(ready mute.ready turn_tcp)?transport=tcp" --relay-secret secret
probe unreachable --relay-url turn:203.0.113.7 --relay-secret secret
probe nottls --relay-url "turns:${tcp#turn:}" --relay-secret secret
probe nottcp --relay-url "turn:${tls#turns:}?transport=tcp" \
    --relay-secret secret

join works
is "$?$(cat works.err)" 0 "a TURN server works by each way"
is "$(jq -c '[.switch, .relay.clock_ahead_s, (.relay.ways | map(.works))]' \
    works.json)" "[null,null,[true,true,true]]" "UDP, TCP and TLS, no switch"
concluded secret 6 "secret: .*credentials made with this secret"
concluded password 6 "secret: the relay does not take this user and password"
concluded expired 6 "clock: the credentials expired 1[0-9]{2} s ago"
concluded closedudp 12 "closed: .*Connection refused"
concluded closedtcp 12 "closed: .*Connection refused"
concluded untrusted 10 "certificate: .* is not from an authority that we trust"
concluded misname 10 "certificate: .* is for another name"
concluded full 12 "full: the relay refuses \(486\)"
concluded lossy 12 "loss: [0-9]+ of 50 packets are lost"
concluded muteudp 12 "silent: no answer in 6 s"
concluded mutetcp 12 "mute: the connection stands"
concluded unreachable 12 "unreachable: .*Network is unreachable"
concluded nottls 12 "broken: "
concluded nottcp 12 "broken: "

# The first that does not work decides, and the others are tried all the same.
probe mixed --relay-url turn:127.0.0.1:9 --relay-url "$tls" \
    --relay-url "$tcp" --relay-secret secret --ca other.pem
join mixed
is "$? $(jq -c '[.relay.ways[] | .fault.kind]' mixed.json)" \
    '12 ["closed","certificate",null]' "a fault each, and one that works"

if command -v nft >/dev/null && nft add table inet way 2>/dev/null; then
	nft add chain inet way out '{ type filter hook output priority 0; }'
	for transport in udp tcp; do
		nft add rule inet way out $transport dport \
		    "$(port "$(ready one.ready turn)")" counter drop
	done
	probe dropudp --relay-url "turn:$(ready one.ready turn)" \
	    --relay-secret secret
	probe droptcp --relay-url \
	    "turn:$(ready one.ready turn)?transport=tcp" --relay-secret secret
	concluded dropudp 12 "silent: no answer in 6 s"
	concluded droptcp 12 "silent: .*Connection timed out"
	nft flush chain inet way out
else
	skip "packets that a firewall drops" "needs nftables"
fi

# Clocks. A sanitizer must be the first library, and so must this.
if command -v faketime >/dev/null && [ "${RP_SANITIZERS:-no}" = no ]; then
	certificate_of old IP:127.0.0.1 faketime -f -10d
	certificate_of new IP:127.0.0.1 faketime -f +10d
	for which in old new; do
		start_turnd "relay$which" -l 127.0.0.1:0 -S 127.0.0.1:0 \
		    -C $which.pem -K $which.key
		probe "$which" --relay-url \
		    "turns:$(ready relay$which.ready turn_tls)" \
		    --relay-secret secret --ca $which.pem
	done
	concluded old 10 "certificate: its certificate has expired"
	concluded new 10 "certificate: its certificate is not valid yet"
	# behind NAME URL: this host's clock is two hours behind.
	behind() {
		start "$1" faketime -f -2h rp-dial --probe --json "$1.json" \
		    --relay-url "$2" --relay-secret secret --ca good.pem
	}
	behind behindudp "$udp"
	behind behindtcp "$tcp"
	for which in behindudp behindtcp; do
		concluded $which 6 "clock: .* 7(19|20)[0-9] s ahead"
	done
	sed -i 's|external_address = [^;]*;||' switch.conf
	start_configured
	sed "s|^switch = .*|switch = \"$(address call)\";|" \
	    switch.d/bob.conf >bob.conf
	faketime -f -2h rp-dial --account bob.conf --probe --relay \
	    --json clock.json
	like "$? $(jq .relay.clock_ahead_s clock.json)" \
	    '^[0-9]+ 7(19|20)[0-9]$' "how the switch's clock differs is said"
	stop switch
else
	skip "clocks that differ" "needs faketime, and no sanitizer"
fi

# coturn, which others run.
if command -v turnserver >/dev/null; then
	# coturn NAME OPTION...
	coturn() {
		rp_coturn=$1
		shift
		start "$rp_coturn" turnserver -n --realm=rp --no-cli \
		    --listening-ip 127.0.0.1 --relay-ip 127.0.0.1 \
		    --listening-port 3478 --tls-listening-port 5349 \
		    --cert good.pem --pkey good.key --no-dtls \
		    --min-port 61000 --max-port 62000 \
		    --log-file stdout --pidfile "$rp_coturn.pidfile" "$@"
		wait_for 10 grep -q "auth thread" "$rp_coturn.out"
	}
	all="--relay-url turn:127.0.0.1 --relay-url turns:127.0.0.1
	    --relay-url turn:127.0.0.1?transport=tcp"
	coturn secrets --use-auth-secret --static-auth-secret=north \
	    --allow-loopback-peers
	# shellcheck disable=SC2086
	probe coturn $all --relay-secret secret --ca good.pem
	join coturn
	is "$? $(jq -c '[.relay.ways[].works]' coturn.json)" \
	    "0 [true,true,true]" "coturn works, with a secret"
	probe coturnsecret --relay-url turn:127.0.0.1 --relay-secret wrong
	concluded coturnsecret 6 "secret: "
	if command -v faketime >/dev/null && [ "${RP_SANITIZERS:-no}" = no ]
	then
		behind coturnclock turn:127.0.0.1
		concluded coturnclock 6 "clock: .* 7(19|20)[0-9] s ahead"
	else
		skip "coturn's clock" "needs faketime, and no sanitizer"
	fi
	if command -v nft >/dev/null && nft list table inet way >/dev/null 2>&1
	then
		nft add rule inet way out udp sport 61000-62000 \
		    udp dport 61000-62000 counter drop
		probe echoless --relay-url turn:127.0.0.1 \
		    --relay-secret secret
		concluded echoless 12 "echo: nothing comes back"
		nft flush chain inet way out
	else
		skip "an echo that a firewall drops" "needs nftables"
	fi
	stop secrets
	coturn users --lt-cred-mech --user=me:mine
	echo mine >mine
	probe denied --relay-url turn:127.0.0.1 --relay-user me \
	    --relay-password-file mine
	concluded denied 12 "permission: .* is refused \(403\)"
	stop users
	coturn natted --lt-cred-mech --user=me:mine --allow-loopback-peers \
	    --external-ip 203.0.113.9
	probe outside --relay-url turn:127.0.0.1 --relay-user me \
	    --relay-password-file mine
	concluded outside 12 "address: .* 203.0.113.9, and .* 127.0.0.1"
	stop natted
else
	skip "coturn" "not installed"
fi

# The command line.
# usage NAME ARGUMENT...
usage() {
	rp_what=$1
	shift
	rp-dial --probe "$@" >out 2>err
	is "$?" 1 "$rp_what is a mistake"
}
usage "a URL without credentials" --relay-url "$udp"
usage "a user without a password" --relay-url "$udp" --relay-user me
usage "both" --relay-url "$udp" --relay-user me --relay-password-file mine \
    --relay-secret secret
usage "a secret without a URL" --relay-secret secret
usage "no URL of a relay" --relay-url stun:127.0.0.1 --relay-secret secret
usage "a file that is not there" --relay-url "$udp" --relay-secret nosuch
: >empty
usage "an empty one" --relay-url "$udp" --relay-secret empty
usage "a switch as well" --relay-url "$udp" --relay-secret secret --switch a
finish
