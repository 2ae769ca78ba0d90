#!/usr/bin/perl
# A resolver that answers from a table and nothing else. It follows CNAMEs
# through all zones, as real resolvers do and name servers do not.
#
#	resolver.pl ADDRESS:PORT TABLE [EDNS]
#
# EDNS says what a question with an OPT record gets, as from a resolver of before
# RFC 6891: "silence", "headless" (FORMERR without the question) or the number of
# an rcode.
#
# A line of the table is "NAME TYPE DATA", with A, AAAA, CNAME, NS, or SOA (DATA
# unused) and names without their last dots. A question for a missing SOA gets
# the next one above.
#
# In place of DATA a line may say how a question is treated. "!late MS" delays
# the answer, "!lose N" drops the first N questions, and "!rcode N" answers with
# that code and nothing else. "!bare 1" answers without an authority section, as
# a resolver does that removes it. It prints "ready" when it is.
use strict;
use warnings;
use IO::Socket::IP;
use Socket;
use Time::HiRes "time";

my ($at, $file, $edns) = @ARGV;
my %types = (A => 1, NS => 2, CNAME => 5, SOA => 6, AAAA => 28);
my (%table, %treated);
open my $in, "<", $file or die "$file: $!\n";
for (<$in>) {
	my ($name, $type, $data, $number) = split;
	if (($data // "") =~ /^!(.*)/) {
		$treated{lc "$name $type"}{$1} = $number;
		next;
	}
	push @{$table{lc "$name $type"}}, $data;
}
# Apart, because the module's own way does not take a zone.
my ($host, $port) = $at =~ /^\[?([^\]]+?)\]?:(\d+)$/ or die "$at\n";
my $socket = IO::Socket::IP->new(Proto => "udp", LocalHost => $host,
    LocalPort => $port, GetAddrInfoFlags => 0) or die "$at: $@\n";
# For answers of more than 512 bytes, which no question allows over UDP here.
my $tcp = IO::Socket::IP->new(Proto => "tcp", LocalHost => $host, Listen => 16,
    LocalPort => $port, ReuseAddr => 1, GetAddrInfoFlags => 0) or
    die "$at: $@\n";
$| = 1;
print "ready\n";

sub wire_name {
	return join("", map { pack "C/a*", $_ } split /\./, $_[0]) . "\0";
}

sub record {
	my ($name, $type, $data) = @_;
	my $rdata = $type eq "A" ? inet_aton($data) :
	    $type eq "AAAA" ? Socket::inet_pton(AF_INET6, $data) :
	    $type eq "SOA" ? wire_name("ns") . wire_name("h") .
	    pack("N5", 1, 1, 1, 1, 1) : wire_name($data);

	return wire_name($name) . pack("nnN n/a*", $types{$type}, 1, 60,
	    $rdata);
}

# Answers that are late: when they are due, and all that send wants.
my @later;

# Send an answer: to an address over UDP, or on a connection.
sub reply {
	my ($answer, $to) = @_;

	if (ref $to) {
		print $to pack("n/a*", $answer);
		close $to;
		return;
	}
	# Truncated: the header and the question, with TC.
	substr($answer, 2, 1) |= "\x02", substr($answer, 6, 6) = "\0" x 6,
	    $answer = substr $answer, 0, 12 + index(substr($answer, 12), "\0") + 5
	    if length $answer > 512;
	$socket->send($answer, 0, $to);
}

# A question, or undef while there is nothing but late answers to send.
sub question {
	my ($ready, $soon) = ("", undef);

	@later = sort { $$a[0] <=> $$b[0] } @later;
	while (@later && $later[0][0] <= time) {
		my (undef, @send) = @{shift @later};
		reply(@send);
	}
	$soon = $later[0][0] - time if @later;
	$soon = 0 if defined $soon && $soon < 0;
	vec($ready, fileno $_, 1) = 1 for $socket, $tcp;
	return undef if select($ready, undef, undef, $soon) <= 0;
	if (vec $ready, fileno $tcp, 1) {
		my $client = $tcp->accept or return undef;
		read $client, my $bytes, 2 or return undef;
		read $client, my $query, unpack "n", $bytes;
		return ($query, $client);
	}
	my $from = $socket->recv(my $query, 1500);
	return ($query, $from);
}

while (1) {
	my ($query, $from) = question();
	next if !defined $query;
	my ($at, $name, @answers, @above) = (12, "");
	while (my $len = unpack "x${at}C", $query) {
		$name .= ($name ne "" && ".") . substr $query, $at + 1, $len;
		$at += 1 + $len;
	}
	my $number = unpack "n", substr $query, $at + 1, 2;
	my $question = substr $query, 12, $at + 5 - 12;
	my ($type) = grep { $types{$_} == $number } keys %types;
	$name = lc $name;
	my $how = $treated{"$name " . lc($type // "")};
	while (my $alias = $table{"$name cname"}) {
		push @answers, record($name, "CNAME", $$alias[0]);
		$name = $$alias[0];
	}
	push @answers, record($name, $type, $_)
	    for @{$table{lc "$name " . ($type // "")} || []};
	if (($type // "") eq "SOA" && !$table{"$name soa"}) {
		$name =~ s/^[^.]*\.?// until $name eq "" ||
		    $table{"$name soa"};
		@above = record($name, "SOA", "") if $name ne "";
	}
	if (defined $edns && unpack "x10n", $query) {
		next if $edns eq "silence";
		my ($rcode, $n) = $edns eq "headless" ? (1, 0) : ($edns, 1);
		reply(substr($query, 0, 2) . pack("n5",
		    0x8180 | $rcode, $n, 0, 0, 0) . ($n ? $question : ""),
		    $from);
		next;
	}
	$how //= $treated{"$name " . lc($type // "")} // {};
	next if $$how{lose} && $$how{lose}-- > 0;
	@answers = @above = () if $$how{rcode};
	@above = () if $$how{bare};
	my $answer = substr($query, 0, 2) . pack("n5",
	    0x8180 | ($$how{rcode} // 0), 1, scalar @answers, scalar @above,
	    0) . join("", $question, @answers, @above);
	push @later, [time + ($$how{late} // 0) / 1000, $answer, $from];
}
