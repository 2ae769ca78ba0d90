#!/bin/sh
# Bob refuses calls that began by their push, or loses them. He is busy, declines,
# goes while he connects, and is told by a second push that alice gave up while he
# connects. The other side hears each of these as ever.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch

# Of the addresses one takes connections and is silent; the name leads there, too.
cat >"$T/silent" <<'EOT'
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Listen => 9, LocalAddr => '127.0.0.1') or die;
open my $out, '>', $ARGV[0] or die;
print $out $socket->sockport, "\n";
close $out;
sleep 600;
EOT
start silent perl "$T/silent" "$T/silent.port"
wait_for 10 test -s "$T/silent.port"
port=$(cat "$T/silent.port")
hang=".payload.port = $port | .payload.early.addresses = [\"127.0.0.1:$port\"]"

# ended NAME: alice's report says how.
ended() {
	jq -r .end_reason "$T/$1.json"
}
call() {
	rp-dial --account "$T/switch.d/alice.conf" --duration "$2" \
	    --json "$T/$1.json" bob
}
ringing() {
	[ "$(wc -l <"$T/pushes")" -ge "$1" ] && begun 1
}

bob_waits --echo
start first rp-dial --account "$T/switch.d/alice.conf" --duration 3 \
    --json "$T/first.json" bob
wait_for 10 begun 1
call second 1 2>"$T/second.err"
is "$(ended second)" busy "a second caller is told that bob is busy"
join first
is "$(ended first)" completed "and the first call goes on"
stop bob

bob_waits --decline
call declined 1 2>"$T/declined.err"
is "$(ended declined)" declined "bob declines"
check "without having begun" begun 0
stop bob

# He hangs up while he connects: nobody has heard of him yet.
echo "$hang" >"$T/filter"
: >"$T/pushes"
bob_waits --echo
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 1 \
    --json "$T/alice.json" bob
check "bob begins, and the switch is silent" wait_for 10 ringing 1
stop bob INT
is "$(bobs 1 .end_reason)" declined "he declines meanwhile"
stop alice INT
is "$(ended alice)" cancelled "alice gives up"

# She gives up while he connects.
: >"$T/pushes"
bob_waits --echo
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 1 \
    --json "$T/alice.json" bob
check "bob begins again" wait_for 10 ringing 1
stop alice INT
is "$(ended alice)" cancelled "alice gives up"
is "$(bobs 1 .end_reason)" over "and bob is told so by a push"
echo . >"$T/filter"
check "then the next call completes" alice_calls
stop bob
finish
