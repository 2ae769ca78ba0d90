#!/bin/sh
# A log whose reader stops under a call and a flood. The call goes on, the relay
# answers, and so do control, metrics and new calls. When the reader goes on it
# is told how much is missing, and the metric says the same. Of lines that
# strangers cause there are few, and the rest is told, too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "rp-pushsend --dev" 'log = { level = "debug"; };'
sed -i 's/^relay = {/& strangers_per_prefix = 0;/' "$T/switch.conf"
cp "$T/switch.conf" "$T/good.conf"
cp "$T/good.conf" "$T/bad.conf"
printf '%s = 1;\n' "$(head -c 250 /dev/zero | tr '\0' k)" >>"$T/bad.conf"
mkfifo "$T/log"
# The reader takes what is there at first, and stops at the word.
start reader sh -c 'exec cat <"$0"' "$T/log"
start switch sh -c 'exec "$@" 2>"$0"' "$T/log" rp-switchd \
    -c "$T/switch.conf" --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" ||
    give_up "rp-switchd starts" "$T/reader.out"
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/$who.conf"
done
control() {
	timeout 20 rp-drain --socket "$T/switch.d/control" "$@"
}
# call NAME SECONDS: alice calls bob.
call() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready"
	start "$1" rp-dial --account "$T/switch.d/alice.conf" --duration "$2" \
	    --json "$T/$1.json" bob
}
# refusals ADDRESS N CODE: STUN that the relay refuses by 438 or 400; prints how
# many were answered.
cat >"$T/refusals" <<'EOF2'
use IO::Socket::INET;
use IO::Select;
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], Proto => "udp") or die;
my $select = IO::Select->new($s);
my $attr = sub { my ($type, $value) = @_;
	pack("nna*", $type, length $value, $value) .
	    "\0" x (-length($value) % 4) };
my $body = $attr->(6, "user") . ($ARGV[2] eq "438" ?
    $attr->(0x14, "realm") . $attr->(0x15, "nonce") : "") .
    $attr->(8, "x" x 20);
my $answers = 0;
for (1 .. $ARGV[1]) {
	send $s, pack("nnNa12a*", 3, length $body, 0x2112a442,
	    sprintf("%012d", $_), $body), 0;
	recv($s, my $answer, 2048, 0), $answers++ if $select->can_read(5);
}
print "$answers\n";
EOF2
lost() {
	metric rp_log_lost_total
}

call first 600
check "a call runs" wait_for 20 media_is ".rtp_packets > 25"
kill -STOP "$(cat "$T/reader.pid")"
is "$(lost)" 0 "nothing is lost while the log is read"

cp "$T/bad.conf" "$T/switch.conf"
fill() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		printf '{"v":1,"do":"reload"}\n%.0s' 1 2 3 4 5 6 7 8 9 10
	done >"$T/reloads"
	perl -e 'use IO::Socket::UNIX; alarm 60;
	    my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die;
	    while (my $line = <STDIN>) { print $s $line; $s->flush; <$s> }' \
	    "$T/switch.d/control" <"$T/reloads"
	[ "$(lost)" -gt 0 ]
}
check "lines are lost when its reader stalls" wait_for 60 fill
cp "$T/good.conf" "$T/switch.conf"
media_mark
check "packets flow" wait_for 20 media_grows 50
is "$(perl "$T/refusals" "$(address turn)" 60 438)" 60 \
    "the relay answers each request"
check "control answers" control --status
stop first INT
join bob
call second 1
join second
is $? 0 "a new call completes"
join bob

kill -CONT "$(cat "$T/reader.pid")"
check "once the reader goes on, the loss is told" \
    wait_for 20 grep -q event=log_lost "$T/reader.out"
check "the log goes on" control --reload
told() {
	sed '1,/event=log_lost/d' "$T/reader.out" |
	    grep -q 'event=reload ok=1'
}
check "behind it" wait_for 20 told
is "$(sed -n 's/.* event=log_lost lost=\([0-9]*\)$/\1/p' "$T/reader.out" |
    awk '{ n += $1 } END { print n + 0 }')" "$(lost)" \
    "and the metric says the same"

# Now it is read, and strangers are many.
is "$(perl "$T/refusals" "$(address turn)" 200 400)" 200 "a flood of refusals"
check "leaves lines" wait_for 20 grep -q 'event=turn_refused code=400 .*why=' \
    "$T/reader.out"
stop switch
join reader
lines=$(grep -c 'event=turn_refused code=400' "$T/reader.out")
left=$(sed -n 's/.*event=left_out kind="turn_refused 400" lines=//p' \
    "$T/reader.out" | awk '{ n += $1 } END { print n + 0 }')
is "$((lines + left))" 200 "each is logged or told ($lines and $left)"
is "$(test "$lines" -lt 100 && echo few)" few "and few are logged"
finish
