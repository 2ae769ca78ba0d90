#!/bin/sh
# The small world that other scenarios live in is what it says: hosts reach each
# other, as late as their distance tells; loss and delays change while it runs;
# a NAT maps each destination to another port; a link goes down without a word.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/world/world.sh"
world_need

world_host cape capetown
world_host dub dublin
world_host dns -
world_nat bob johannesburg
world_set "rtt dub dns 30"
world_start

echo_udp='use Socket qw(:all); use IO::Socket::IP; $| = 1;
	my $s = IO::Socket::IP->new(Proto => "udp", LocalHost => $ARGV[0],
	    LocalPort => 7) or die "$!";
	print "ready\n";
	while (my $from = recv($s, my $data, 100, 0)) {
		my ($err, $host, $port) = getnameinfo($from, 3);
		send($s, "$host $port", 0, $from);
	}'
# round_trips HOST TO N: milliseconds of N echoes, the median and the losses.
ask_udp='use IO::Socket::IP; use Time::HiRes "time";
	my $s = IO::Socket::IP->new(Proto => "udp", PeerHost => $ARGV[0],
	    PeerPort => 7) or die "$!";
	my ($lost, $answer, @ms) = (0, "");
	for (1..$ARGV[1]) {
		my $t = time; send($s, "x", 0);
		my $r = ""; vec($r, fileno($s), 1) = 1;
		if (select($r, undef, undef, 0.3) > 0) {
			recv($s, $answer, 100, 0);
			push @ms, 1000 * (time - $t);
		} else { $lost++ }
	}
	@ms = sort { $a <=> $b } @ms;
	printf "%.2f %d %s\n", @ms ? $ms[@ms / 2] : -1, $lost, $answer;'
round_trips() {
	world_exec "$1" perl -e "$ask_udp" "$2" "$3"
}
# between TEXT LOW HIGH NAME: its first word
between() {
	if printf '%s\n' "$1" | awk -v l="$2" -v h="$3" \
	    '{ exit !($1 >= l && $1 <= h) }'; then
		pass "$4 ($1)"
	else
		fail "$4" "$1 is not from $2 to $3"
	fi
}

for host in cape dub dns; do
	# shellcheck disable=SC2046
	start "echo-$host" $(world_in $host) perl -e "$echo_udp" \
	    "$(world_addr $host)"
	wait_for 5 test -s "$T/echo-$host.out"
done
# shellcheck disable=SC2046
start echo6 $(world_in dub) perl -e "$echo_udp" "$(world_addr6 dub)"
wait_for 5 test -s "$T/echo6.out"

# 9,975 km at 0.015 ms each, and half a millisecond.
between "$(round_trips cape "$(world_addr dub)" 9)" 146 156 \
    "Cape Town to Dublin and back"
between "$(round_trips cape "$(world_addr6 dub)" 9)" 146 156 \
    "the same over IPv6"
between "$(round_trips cape "$(world_addr dns)" 9)" 2 4 \
    "an anycast host is near everybody"
between "$(round_trips dub "$(world_addr dns)" 9)" 30 32.5 \
    "unless the plan says otherwise"

world_set "rtt dub dns 1" "loss 30"
lost=$(round_trips dub "$(world_addr dns)" 24 | awk '{ print $2 }')
between "$lost" 4 20 "with 30% lost each way half of 24 echoes are lost"
world_set "loss 0" "jitter 4"
between "$(round_trips dub "$(world_addr dns)" 31)" 2 8 "jitter adds its share"
world_set "jitter 0"

port_to() {
	round_trips bob "$(world_addr "$1")" 1 | awk '{ print $3, $4 }'
}
mapped=$(port_to dub)
is "${mapped% *}" "$(world_addr bob-nat)" "the NAT shows its own address"
ask_both='use IO::Socket::IP; my @p;
	my $s = IO::Socket::IP->new(Proto => "udp", LocalHost => "10.50.0.2",
	    LocalPort => 0) or die;
	for my $to (@ARGV) {
		my ($e, @a) = Socket::getaddrinfo($to, 7,
		    { flags => Socket::AI_NUMERICHOST });
		send($s, "x", 0, $a[0]{addr});
		recv($s, my $answer, 100, 0);
		push @p, (split " ", $answer)[1];
	}
	print $p[0] == $p[1] ? "same" : "another", "\n"'
is "$(world_exec bob perl -e "$ask_both" "$(world_addr dub)" \
    "$(world_addr cape)")" another "and another port to another destination"

world_link cape down
like "$(round_trips dub "$(world_addr cape)" 1)" "^-1.00 1" \
    "a host whose link is down is a black hole"
world_link cape up
between "$(round_trips dub "$(world_addr cape)" 3)" 146 156 "and comes back"

world_dns cape "$(world_addr dns)"
is "$(world_exec cape sed -n 's/^nameserver //p' /etc/resolv.conf)" \
    "$(world_addr dns)" "a host has its own resolv.conf"
finish
