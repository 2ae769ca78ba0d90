#!/bin/sh
# What strangers' applications may take of the relay has limits: a user, a
# network, a service and the whole. At each limit the answer is the right one,
# with a reason in the log and a count in the metrics. Other users lose nothing,
# and neither do calls of our own signalling. An allocation's life, permissions
# and channels are bounded too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/signal.sh"

TURN_SECRET=north-by-north-west
# relay KEYS: a switch with these keys of the relay.
relay() {
	write_conf "" 'drain_ms = 0;' 'log = { level = "debug"; };'
	sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; \
peers = \"clients\"; secret = \"$TURN_SECRET\"; $1 };|" "$T/switch.conf"
	start_configured
}
# client NAME USER FROM [SECRET]: a line that opens it. A user of our own calls is
# CALL:PARTY.
client() {
	rp_name=$(($(date +%s) + 600)):$2
	echo "open $1 $(address turn) $rp_name $(password "$rp_name") $3"
}
# turnask NAME: its clients do what standard input says; the answers are in
# $T/NAME.out.
turnask() {
	"$RP_BUILD/t/tools/turnask" >"$T/$1.out" 2>"$T/$1.err" || cat "$T/$1.err"
}
# codes NAME: what the requests were answered, in order.
codes() {
	awk '$2 == "allocate" || $2 == "permit" || $2 == "bind" { print $3 }' \
	    "$T/$1.out" | xargs
}
limited() {
	metric "rp_relay_allocations_limited_total{why=\"$1\"}"
}
dropped() {
	metric "rp_relay_dropped_total{reason=\"$1\"}"
}
# heard NAME CLIENT: so many datagrams.
heard() {
	awk -v client="$2" '$1 == client && $2 == "hear" { print $3 }' \
	    "$T/$1.out"
}
# excess NAME REASON LEAST: $over of what a1 has sent to a2 was dropped for it.
# $excess has both together, whether a2 heard the least, which is what a second may
# have, and whether any was dropped.
excess() {
	rp_heard=$(heard "$1" a2)
	over=$(dropped "$2")
	excess="$((rp_heard + over)) $((rp_heard >= $3)) $((over > 0))"
}
# refused CODE WHY: the log says so.
refused() {
	grep -q "event=turn_refused code=$1 .*why=\"$2\"" "$T/switch.err"
}
make_subscribers
ours=0123456789abcdef0123456789abcdef

# Allocations. Users of the first network come to their own limit and to its.
relay 'allocations_per_user = 3; allocations_per_prefix = 5; allocations = 9;'
{
	for n in 1 2 3 4; do
		client "a$n" alice 127.0.1.1
		echo "a$n allocate"
	done
} | turnask alice
is "$(codes alice)" "0 0 0 486" "a user holds so many: 486"
is "$(limited user)" 1 "which is counted"
check "with a reason in the log" wait_for 5 refused 486 \
    "the user has or makes too many"
{
	for n in 1 2; do
		client "b$n" bob 127.0.1.2
		echo "b$n allocate"
	done
	client c1 carol 127.0.1.3
	echo c1 allocate
	client c2 carol 127.0.2.1
	echo c2 allocate
	client o1 "$ours:a" 127.0.1.4
	echo o1 allocate
} | turnask others
is "$(codes others | cut -d ' ' -f 1,2)" "0 0" "another user has its own"
is "$(codes others | cut -d ' ' -f 3)" 508 "a network holds so many: 508"
is "$(codes others | cut -d ' ' -f 4)" 0 "and a user elsewhere gets one"
is "$(codes others | cut -d ' ' -f 5)" 0 "a call of ours is not its users'"
is "$(limited prefix)" 1 "that is counted"
check "with a reason in the log" wait_for 5 refused 508 \
    "the client's network has too many"
{
	for n in 1 2; do
		client "d$n" dave 127.0.3.1
		echo "d$n allocate"
	done
} | turnask dave
is "$(codes dave)" "0 508" "the relay holds so many: 508"
is "$(limited total)" 1 "which is counted"
check "with a reason in the log" wait_for 5 refused 508 \
    "the relay has too many, or not that port"
is "$(metric 'rp_relay_service_allocations{service="relay"}') \
$(metric 'rp_relay_service_limited_total{service="relay",limit="user"}')" "7 1" \
    "the service has its users', and what they were refused"
is "$(metric rp_relay_allocations)" 8 "and the relay one call's more"
{
	client o2 "$ours:b1" 127.0.3.2
	echo o2 allocate
} | turnask callee
is "$(codes callee)" 0 "the last place is kept for a call of ours"
stop switch

# How many a user makes in ten seconds, whatever it gives back.
relay 'allocations_per_user = 3; allocates = 4;'
{
	for n in 1 2 3 4 5 6 7 8; do
		client "a$n" alice 127.0.1.1
		printf 'a%s allocate\na%s refresh 0\n' $n $n
	done
	client b1 bob 127.0.1.1
	echo b1 allocate
} | turnask pace
# One comes back each 2.5 seconds, so that a busy machine may see a fifth.
like "$(codes pace)" "^0 0 0 0 (0 )*486( 0| 486)* 0$" \
    "a user makes so many in ten seconds: 486, and another one its own"
is "$(limited user_paced)" "$(codes pace | tr ' ' '\n' | grep -c 486)" \
    "which is counted"

# An allocation that nobody renews, and what it may hold.
{
	client e1 erin 127.0.1.1
	echo e1 allocate
	client e2 erin 127.0.1.1
	echo e2 allocate 4000000000
	echo e2 refresh 4000000000
	echo e1 permits 127.0.0.1 1
	i=0
	while [ $i -lt 33 ]; do
		printf 'e1 bind %d 127.0.0.1:%d\n' $((0x4000 + i)) $((2000 + i))
		i=$((i + 1))
	done
} | turnask erin
is "$(awk '$2 == "allocate" { print $5 }' "$T/erin.out" | xargs)" "600 3600" \
    "an allocation lives ten minutes, and an hour if asked for ever"
is "$(awk '$2 == "bind" { print $3 }' "$T/erin.out" | sort | uniq -c | xargs)" \
    "32 0 1 508" "it has 32 channels at most"
stop switch

# Rates: alice floods, bob does not.
# pair A B USER: two clients of a user, where A reaches B by channel 0x4000.
pair() {
	client "$1" "$3" 127.0.1.1
	client "$2" "$3" 127.0.1.1
	printf '%s allocate\n' "$1" "$2"
	echo "$2 permit $1"
	echo "$1 bind 0x4000 $2"
}
relay 'kbps_per_user = 100; kbps = 0;'
{
	pair a1 a2 alice
	pair b1 b2 bob
	echo a1 data 0x4000 1000 60
	echo b1 data 0x4000 1000 10
	echo b2 hear 10
	echo a2 hear 60
} | turnask rates
is "$(codes rates)" "0 0 0 0 0 0 0 0" "two users reach themselves"
excess rates over_user_rate 12
is "$excess" "60 1 1" \
    "a user's rate: a second's worth, and then the excess is dropped"
is "$(heard rates b2)" 10 \
    "another user loses nothing"
is "$(metric 'rp_relay_service_dropped_total{service="relay",rate="user"}')" \
    "$over" "the service counts it as well"
is "$(dropped over_rate) $(dropped over_service_rate) $(dropped over_total_rate)" \
    "0 0 0" "and no other limit was met"
stop switch

relay 'kbps_per_user = 0; kbps = 100;'
{
	pair a1 a2 alice
	pair b1 b2 bob
	pair o1 o2 "$ours:a"
	echo a1 data 0x4000 1000 60
	echo b1 data 0x4000 1000 4
	echo b2 hear 4
	echo o1 data 0x4000 1000 10
	echo o2 hear 10
	echo a2 hear 60
} | turnask whole
excess whole over_total_rate 6
is "$excess" "60 1 1" \
    "the rate of the whole: users' excess is dropped"
is "$(heard whole b2)" 4 \
    "a user within an even share loses nothing to another"
is "$(heard whole o2)" 10 \
    "a call of ours goes on"
stop switch

# A service with limits of its own beside the relay's.
cat >"$T/chat.conf" <<EOT
name = "chat";
realm = "rp";
secret = "another-secret-for-chat";
allocations = 3;
kbps = 100;
EOT
chmod 600 "$T/chat.conf"
relay 'services = [ "chat.conf" ]; allocations_per_user = 2; kbps_per_user = 0;'
# chat: as client, for a user of the service, which its secret tells.
chat() {
	TURN_SECRET=another-secret-for-chat
	client "$@"
	TURN_SECRET=north-by-north-west
}
of_chat() {
	metric "rp_relay_service_$1{service=\"chat\"${2:-}}"
}
{
	for n in 1 2 3; do
		chat "a$n" alice 127.0.1.1
		echo "a$n allocate"
	done
	chat b1 bob 127.0.1.1
	echo b1 allocate
	chat b2 bob 127.0.1.1
	echo b2 allocate
	client c1 alice 127.0.1.1
	client c2 alice 127.0.1.1
	printf '%s allocate\n' c1 c2
	printf '%s\n' 'a2 permit a1' 'a1 bind 0x4000 a2' 'c2 permit c1' \
	    'c1 bind 0x4000 c2'
	echo a1 data 0x4000 1000 60
	echo c1 data 0x4000 1000 30
	echo c2 hear 30
	echo a2 hear 60
} | turnask chat
is "$(codes chat)" "0 0 486 0 508 0 0 0 0 0 0" \
    "a service holds so many: 508, and its user as many as the relay's: 486"
is "$(of_chat allocations) $(of_chat limited_total ',limit="user"') \
$(of_chat limited_total ',limit="service"') $(limited service)" "3 1 1 1" \
    "which is counted"
check "with a reason in the log" wait_for 5 refused 508 \
    "the service has too many"
# With an even share of two it has half at once.
excess chat over_service_rate 6
is "$excess" "60 1 1" \
    "the rate of a service: its excess is dropped"
is "$(of_chat dropped_total ',rate="service"')" "$over" "and counted as its own"
is "$(heard chat c2)" 30 \
    "users of another service lose nothing"
# A reload changes the limits.
sed -i 's/^allocations = 3/allocations = 4/' "$T/chat.conf"
sed -i 's/allocations_per_user = 2/allocations_per_user = 3/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "a reload is taken" wait_for 10 metric_is \
    'rp_reloads_total{result="ok"}' 1
{
	chat b2 bob 127.0.1.1
	echo b2 allocate
	chat b3 bob 127.0.1.1
	echo b3 allocate
	client c3 alice 127.0.1.1
	echo c3 allocate
} | turnask reloaded
is "$(codes reloaded)" "0 508 0" "and raises limits of services and users"
stop switch
finish
