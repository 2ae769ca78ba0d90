#!/usr/bin/perl
# trips: which flights waited for which while a call was set up, in what three
# hosts captured.
#
#	trips.pl [-a] FOLDER CALLER CALLEE SWITCH
#
# Each host is NAME=IPV4. FOLDER has NAME.pcap (of wan0, whole packets) and
# NAME.tls (of `tlsopen -t`) of each. It prints the steps of the call, a line for
# each:
#
#	STEP TRIPS MILLISECONDS
#
# With -a it prints the first packet of each kind at each host instead, in the
# order of time:
#
#	MILLISECONDS TRIPS HOST in|out OTHER KIND
#
# A host's first packets are of flight 0. A packet that comes is one later than
# the latest that its sender had received. So it counts as waiting for all that
# came before it, and the count is no less than what the protocol needs, however
# slow the machine is. Half of a round trip is one flight. All begins with the
# caller's first SYN.
use strict;
use warnings;

my $all = @ARGV && $ARGV[0] eq "-a" && shift;
my ($folder, @hosts) = @ARGV;
die "usage: trips.pl [-a] FOLDER CALLER CALLEE SWITCH\n" if @hosts != 3;
my (%name_of, @names);
for (@hosts) {
	my ($name, $ip) = split /=/;
	push @names, $name;
	$name_of{$ip} = $name;
}
my ($caller, $callee, $switch) = @names;

# A step is the first packet that goes out of a host, or comes in, of a kind.
my @steps = (
	[ "connected", "$caller in SYN-ACK" ],
	[ "secured", "$caller out INITIATE" ],
	[ "initiated", "$switch in INITIATE" ],
	[ "pushed", "$callee in push POST" ],
	[ "allocated", "$switch in Allocate", $caller ],
	[ "permitted", "$switch in CreatePermission", $caller ],
	[ "woken", "$callee out (Allocate|SYN)" ],
	[ "reached", "$callee in SYN-ACK" ],
	[ "rung", "$switch in RING( with a body)?", $callee ],
	[ "early", "$switch in DTLS ClientHello", $callee ],
	[ "hello", "$caller in DTLS ClientHello" ],
	[ "serverhello", "$callee in DTLS ServerHello" ],
	[ "offered", "$caller in RING with a body" ],
	[ "answered", "$caller in ANSWER" ],
	[ "audio", "$caller in RTP" ],
	[ "back", "$callee in RTP" ],
);

# The kind of a datagram between peers.
sub inner {
	my ($p) = @_;
	my ($first, $second) = unpack "CC", $p;
	return "check" if $p =~ /^\0\x01..\x21\x12\xa4\x42/s;
	return "check answered" if $p =~ /^\x01\x01..\x21\x12\xa4\x42/s;
	return $second >= 192 && $second < 224 ? "RTCP" : "RTP"
	    if $first >> 6 == 2;
	return "unknown" if $first < 20 || $first > 63;
	my $epoch = unpack "x3 n", $p;
	return "DTLS encrypted" if $epoch;
	return "DTLS $first" if $first != 22;
	my %messages = (1 => "ClientHello", 2 => "ServerHello");
	return "DTLS " . ($messages{unpack "x13 C", $p} // "handshake");
}

# The kind of a datagram to or from the relay (RFC 8656).
sub datagram {
	my ($p) = @_;
	return "empty" if length $p < 20;
	my ($type) = unpack "n", $p;
	return inner(substr $p, 4) if $type >= 0x4000 && $type < 0x8000;
	if ($type == 0x16 || $type == 0x17) {
		for (my $at = 20; $at + 4 <= length $p;) {
			my ($attribute, $len) = unpack "nn", substr $p, $at, 4;
			return inner(substr $p, $at + 4, $len)
			    if $attribute == 0x13 && $len >= 2;
			$at += 4 + ($len + 3 & ~3);
		}
		return "indication";
	}
	my %methods = (1 => "Binding", 3 => "Allocate", 4 => "Refresh",
	    8 => "CreatePermission", 9 => "ChannelBind");
	my $class = $type & 0x110;
	return ($methods{$type & 0xf} // "unknown") .
	    ($class == 0x100 ? " answered" : $class == 0x110 ? " refused" : "");
}

# Take the text out of the WebSocket frames (RFC 6455) that have come whole.
sub unframe {
	my ($frames) = @_;
	my $text = "";
	while (length $$frames >= 2) {
		my ($first, $len) = unpack "CC", $$frames;
		my $at = 2;
		my $masked = $len & 128;
		if (($len &= 127) == 126) {
			last if length $$frames < 4;
			$len = unpack "x2 n", $$frames;
			$at = 4;
		}
		last if length $$frames < $at + ($masked ? 4 : 0) + $len;
		my $mask = $masked ? substr($$frames, $at, 4) : "\0" x 4;
		$at += 4 if $masked;
		$text .= substr($$frames, $at, $len) ^ substr $mask x
		    ($len / 4 + 1), 0, $len if ($first & 15) == 1;
		substr $$frames, 0, $at + $len, "";
	}
	return $text;
}

# The messages of signalling that became whole with a packet. Its key is the
# host, the time and the ends.
sub messages {
	my ($host) = @_;
	my (%at, %rest, %frames);
	open my $f, "<", "$folder/$host.tls" or die "$host.tls: $!\n";
	while (my $record = <$f>) {
		my ($time, $ends, $hex) = $record =~
		    /^(\S+) (\S+ \d+ \S+ \d+) (\S*)/ or next;
		my $rest = \($rest{$ends} //= "");
		my $bytes = pack "H*", $hex;
		if (defined $frames{$ends}) {
			$frames{$ends} .= $bytes;
			$bytes = unframe(\$frames{$ends});
		}
		$$rest .= $bytes;
		while ($$rest =~ /^(.*?\r\n\r\n)/s) {
			my ($head, $len) = ($1, length $1);
			my ($body) = $head =~ /^Content-Length: *(\d+)/mi;
			$len += $body // 0;
			last if length $$rest < $len;
			substr $$rest, 0, $len, "";
			$frames{$ends} = "" if $head =~ /^Upgrade: websocket/mi;
			my ($line) = $head =~ m{^(HTTP/1.1 \d+|[A-Z]+)};
			push @{$at{"$host $time $ends"}}, ($line // "unknown") .
			    ($body && $line !~ /HTTP/ ? " with a body" : "");
		}
	}
	return %at;
}

# What a host captured, of what goes between the three.
sub packets {
	my ($host) = @_;
	my @packets;
	open my $f, "<:raw", "$folder/$host.pcap" or die "$host.pcap: $!\n";
	read $f, my $head, 24;
	while (read($f, $head, 16) == 16) {
		my ($s, $us, $len) = unpack "VVV", $head;
		last if read($f, my $p, $len) != $len || $len < 28;
		my ($version, $total, $proto, @ip) =
		    unpack "C x1 n x5 C x2 C8", $p;
		next if $version >> 4 != 4 || $proto != 6 && $proto != 17;
		my $off = 4 * ($version & 15);
		my ($from, $to) = (join(".", @ip[0 .. 3]), join ".", @ip[4 .. 7]);
		next unless $name_of{$from} && $name_of{$to};
		my ($sp, $dp) = unpack "nn", substr $p, $off, 4;
		my ($words, $flags) = $proto == 6 ?
		    unpack("x12 CC", substr $p, $off) : (2 << 4, 0);
		push @packets, { host => $host, time => $s + $us / 1e6,
		    stamp => sprintf("%d.%06d", $s, $us), bytes => $p,
		    in => $name_of{$to} eq $host, from => $name_of{$from},
		    to => $name_of{$to}, tcp => $proto == 6,
		    signal => !!grep({ $_ == 31337 || $_ == 31338 } $sp, $dp),
		    flags => $flags, ends => "$from $sp $to $dp",
		    data => substr $p, $off + 4 * ($words >> 4) };
	}
	return @packets;
}

my %said = map { messages($_) } @names;

sub kinds {
	my ($p) = @_;
	return datagram($p->{data}) unless $p->{tcp};
	my $what = $p->{signal} ? "" : "push ";
	return $what . ($p->{flags} & 16 ? "SYN-ACK" : "SYN")
	    if $p->{flags} & 2;
	return $what . "FIN" if $p->{flags} & 1;
	return $what . "RST" if $p->{flags} & 4;
	return $what . "ACK" if $p->{data} eq "";
	return $p->{data} =~ m{^(POST|HTTP/1\.1 \d+)} ? "push $1" : "push data"
	    unless $p->{signal};
	my @kinds = @{$said{"$p->{host} $p->{stamp} $p->{ends}"} // []};
	my ($type, $hello) = unpack "C x4 C", $p->{data} . "\0" x 6;
	unshift @kinds, "TLS " . ($hello == 1 ? "ClientHello" :
	    $hello == 2 ? "ServerHello" : "handshake") if $type == 22;
	return @kinds ? @kinds : "TLS data";
}

# At one instant what comes is before what goes.
my @packets = sort { $a->{time} <=> $b->{time} || $b->{in} <=> $a->{in} }
    map { packets($_) } @names;
my (%flight, %sent, %seen, %found, $began);
for my $p (@packets) {
	my $host = $p->{host};
	if (!defined $began) {
		next unless $host eq $caller && !$p->{in} && $p->{signal} &&
		    $p->{flags} == 2;
		$began = $p->{time};
		%flight = map { $_ => 0 } @names;
	}
	if ($p->{in}) {
		my $of = shift @{$sent{$p->{bytes}} // []};
		next unless defined $of;	# it left before the beginning
		$flight{$host} = $of + 1 if $flight{$host} < $of + 1;
		$p->{flight} = $of + 1;
	} else {
		$p->{flight} = $flight{$host};
		push @{$sent{$p->{bytes}}}, $flight{$host};
	}
	my $way = $p->{in} ? "in" : "out";
	my $other = $p->{in} ? $p->{from} : $p->{to};
	my $ms = 1000 * ($p->{time} - $began);
	for my $kind (kinds($p)) {
		for my $step (grep { !$found{$_->[0]} } @steps) {
			my ($name, $wanted, $who) = @$step;
			next if "$host $way $kind" !~ /^$wanted( with a body)?$/;
			next if $who && $who ne $other;
			$found{$name} = sprintf "%s %.1f %.1f", $name,
			    $p->{flight} / 2, $ms;
		}
		next if !$all || $seen{"$host $way $other $kind"}++;
		printf "%8.1f %4.1f %s %s %s %s\n", $ms, $p->{flight} / 2,
		    $host, $way, $other, $kind;
	}
}
exit if $all;
print map { ($found{$_->[0]} // "$_->[0] - -") . "\n" } @steps;
