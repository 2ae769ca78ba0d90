#!/bin/sh
# The simulated network that other scenarios use behaves as promised. Hosts
# reach each other never earlier than their distance allows, and at least once
# in time. Loss and delays change while it runs. A NAT maps each destination to
# another port. A link goes down without any notice to its ends.
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
		send($s, "$host $port $data", 0, $from);
	}'
# echoes HOST TO N [LATEST]: N echoes, or as many as it takes until one comes in
# LATEST ms or less, but ten times N at most. Prints the least and the median in
# ms, and the last answer. A busy machine may be late, but not each time, and it
# is never early.
ask_udp='use IO::Socket::IP; use Time::HiRes "time";
	my $s = IO::Socket::IP->new(Proto => "udp", PeerHost => $ARGV[0],
	    PeerPort => 7) or die "$!";
	my ($to, $n, $latest) = @ARGV;
	my ($answer, @ms) = ("");
	for my $i (1..10 * $n) {
		my $t = time; send($s, $i, 0);
		my $r = ""; vec($r, fileno($s), 1) = 1;
		# An echo that was given up may come later: not this one.
		while (select($r, undef, undef, 1) > 0) {
			recv($s, my $got, 100, 0);
			vec($r, fileno($s), 1) = 1;
			next unless $got =~ s/ $i$//;
			$answer = $got;
			push @ms, 1000 * (time - $t);
			last;
		}
		@ms = sort { $a <=> $b } @ms;
		last if $i >= $n && (!$latest || @ms && $ms[0] <= $latest);
	}
	printf "%.2f %.2f %s\n", @ms ? @ms[0, @ms / 2] : (-1, -1), $answer;'
echoes() {
	host=$1
	shift
	world_exec "$host" perl -e "$ask_udp" "$@"
}
# on_time HOST TO N LOW HIGH NAME: none of N is earlier, and one is not later.
on_time() {
	said=$(echoes "$1" "$2" "$3" "$5")
	if printf '%s\n' "$said" | awk -v l="$4" -v h="$5" \
	    '{ exit !($1 >= l && $1 <= h) }'; then
		pass "$6 (${said%% *})"
	else
		fail "$6" "$said: the first is not from $4 to $5"
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
on_time cape "$(world_addr dub)" 9 146 156 "Cape Town to Dublin and back"
on_time cape "$(world_addr6 dub)" 9 146 156 "the same over IPv6"
on_time cape "$(world_addr dns)" 9 2 4 "an anycast host is near everybody"
on_time dub "$(world_addr dns)" 9 30 32.5 "unless the plan says otherwise"

# lost_of N: how many of N echoes, asked for at once, are lost.
lost_of() {
	world_exec dub perl -MIO::Socket::IP -e '
		my $s = IO::Socket::IP->new(Proto => "udp",
		    PeerHost => $ARGV[0], PeerPort => 7) or die "$!";
		my $left = $ARGV[1];
		send($s, $_, 0) for 1..$left;
		my $r = ""; vec($r, fileno($s), 1) = 1;
		while ($left && select($r, undef, undef, 1) > 0) {
			recv($s, my $got, 100, 0);
			vec($r, fileno($s), 1) = 1;
			$left--;
		}
		print "$left\n"' "$(world_addr dns)" "$1"
}
world_set "rtt dub dns 1" "loss 30"
lost=$(lost_of 24)
check "with 30% lost each way half of 24 echoes are lost ($lost)" \
    test "$lost" -ge 4 -a "$lost" -le 20
world_set "loss 0" "jitter 4"
spread=$(echoes dub "$(world_addr dns)" 31 | awk '{ print ($2 >= 2) }')
is "$spread $(lost_of 24)" "1 0" "jitter adds its share, and loses nothing"
world_set "jitter 0"

mapped=$(echoes bob "$(world_addr dub)" 1 | awk '{ print $3 }')
is "$mapped" "$(world_addr bob-nat)" "the NAT shows its own address"
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
like "$(echoes dub "$(world_addr cape)" 1)" "^-1.00 -1.00" \
    "a host whose link is down is a black hole"
world_link cape up
on_time dub "$(world_addr cape)" 3 146 156 "and comes back"

world_dns cape "$(world_addr dns)"
is "$(world_exec cape sed -n 's/^nameserver //p' /etc/resolv.conf)" \
    "$(world_addr dns)" "a host has its own resolv.conf"
finish
