#!/usr/bin/perl
# A resolver that knows what its table says and nothing else: it follows CNAMEs
# through all zones, as the resolvers of this world do and name servers do not.
#
#	resolver.pl ADDRESS:PORT TABLE
#
# A line of the table is "NAME TYPE DATA": A, CNAME, NS, or SOA (DATA unused), of
# names without their last dots. A question for a SOA that is not there is told
# the next one above.
use strict;
use warnings;
use IO::Socket::INET;
use Socket;

my ($at, $file) = @ARGV;
my %types = (A => 1, NS => 2, CNAME => 5, SOA => 6);
my %table;
open my $in, "<", $file or die "$file: $!\n";
for (<$in>) {
	my ($name, $type, $data) = split;
	push @{$table{lc "$name $type"}}, $data;
}
my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $at) or die;

sub wire_name {
	return join("", map { pack "C/a*", $_ } split /\./, $_[0]) . "\0";
}

sub record {
	my ($name, $type, $data) = @_;
	my $rdata = $type eq "A" ? inet_aton($data) :
	    $type eq "SOA" ? wire_name("ns") . wire_name("h") .
	    pack("N5", 1, 1, 1, 1, 1) : wire_name($data);

	return wire_name($name) . pack("nnN n/a*", $types{$type}, 1, 60,
	    $rdata);
}

while (my $from = $socket->recv(my $query, 1500)) {
	my ($at, $name, @answers, @above) = (12, "");
	while (my $len = unpack "x${at}C", $query) {
		$name .= ($name ne "" && ".") . substr $query, $at + 1, $len;
		$at += 1 + $len;
	}
	my $number = unpack "n", substr $query, $at + 1, 2;
	my $question = substr $query, 12, $at + 5 - 12;
	my ($type) = grep { $types{$_} == $number } keys %types;
	$name = lc $name;
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
	$socket->send(substr($query, 0, 2) . pack("n5", 0x8180, 1,
	    scalar @answers, scalar @above, 0) .
	    join("", $question, @answers, @above), 0, $from);
}
