#!/usr/bin/perl
# A stand-in for the two requests of Amazon's Route 53 that matter here,
# ChangeResourceRecordSets and ListResourceRecordSets. A change batch goes through
# the real client and is judged as Route 53 documents it. A batch is taken whole
# or not at all, an identifier and an Amazon region denote one set, and a set is
# deleted only by its exact content.
#
#	route53.pl STATE	listens on a free port of 127.0.0.1 and prints it
#
# STATE gets one line per set, sorted: "NAME TYPE IDENTIFIER REGION TTL
# VALUE,...". STATE.xml gets the latest request.
use strict;
use warnings;
use IO::Socket::INET;

my $state = shift or die "usage: route53.pl STATE\n";
my %sets;	# "NAME TYPE IDENTIFIER" => [REGION, TTL, VALUES, XML]
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1",
    LocalPort => 0) or die;
$| = 1;
print $listener->sockport, "\n";

sub element {
	my ($xml, $name) = @_;

	return $xml =~ m{<$name>([^<]*)</$name>} ? $1 : "";
}

# All that a set holds, whatever the order of its elements and values.
sub whole {
	my ($xml) = @_;
	my ($set) = $xml =~ m{<ResourceRecordSet>(.*)</ResourceRecordSet>}s;
	my @values = sort $set =~ m{<Value>([^<]*)</Value>}g;

	$set =~ s{<ResourceRecords>.*</ResourceRecords>}{}s;
	my @elements;
	push @elements, $1 while $set =~ m{(<(\w+)>.*?</\2>)}sg;
	return join " ", sort(@elements), @values;
}

# One change of a batch: why it is refused, or "".
sub change {
	my ($new, $xml) = @_;
	my $action = element($xml, "Action");
	my ($name, $type, $id, $region, $ttl) = map { element($xml, $_) }
	    qw(Name Type SetIdentifier Region TTL);
	my $values = join ",", sort $xml =~ m{<Value>([^<]*)</Value>}g;
	my $alias = $xml =~ /<AliasTarget>/;
	# Route 53 writes "*" in octal.
	$name =~ s/\*/\\052/g;
	$xml =~ s{<Name>[^<]*</Name>}{<Name>$name</Name>};
	my $key = "$name $type $id";
	my $set = [$region, $ttl, $values, $xml];

	return "Invalid request: a set needs values and a TTL"
	    if !$alias && ($values eq "" || $ttl eq "");
	return "Invalid XML: $region is no value of the enumeration"
	    if $region ne "" && $region !~ /^[a-z]{2}(-[a-z]+)+-[1-9]$/;
	if ($action eq "DELETE") {
		return "Tried to delete resource record set $key but the " .
		    "values provided do not match the current values"
		    if !$new->{$key} || whole($new->{$key}[3]) ne whole($xml);
		delete $new->{$key};
		return "";
	}
	return "Tried to create resource record set $key but it already exists"
	    if $action eq "CREATE" && $new->{$key};
	for (keys %$new) {
		next if $_ eq $key || !/^\Q$name $type\E /;
		return "Tried to create resource record set $key but a set " .
		    "with the same region exists"
		    if $region ne "" && $new->{$_}[0] eq $region;
		return "Tried to create resource record set $key but a simple " .
		    "set and others cannot be together"
		    if ($id eq "") != (/ $/ ? 1 : "");
	}
	$new->{$key} = $set;
	return "";
}

sub batch {
	my ($xml) = @_;
	my %new = %sets;

	for ($xml =~ m{<Change>(.*?)</Change>}gs) {
		my $why = change(\%new, $_);
		return $why if $why ne "";
	}
	%sets = %new;
	open my $out, ">", "$state.new" or die;
	print $out "$_ @{$sets{$_}}[0..2]\n" for sort keys %sets;
	close $out;
	rename "$state.new", $state;
	return "";
}

# The sets as ListResourceRecordSets gives them.
sub list {
	return join "", map { $sets{$_}[3] =~
	    m{(<ResourceRecordSet>.*</ResourceRecordSet>)}s } sort keys %sets;
}

sub answer {
	my ($client, $status, $body) = @_;

	print $client "HTTP/1.1 $status\r\nContent-Type: text/xml\r\n" .
	    "Content-Length: " . length($body) .
	    "\r\nConnection: close\r\n\r\n$body";
}

while (my $client = $listener->accept) {
	my $xmlns = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
	my ($request, $len, $body) = (scalar <$client>, 0, "");

	while (defined(my $line = <$client>)) {
		last if $line =~ /^\r?\n$/;
		$len = $1 if $line =~ /^content-length:\s*(\d+)/i;
		print $client "HTTP/1.1 100 Continue\r\n\r\n"
		    if $line =~ /^expect: *100/i;
	}
	read $client, $body, $len;
	open my $xml, ">", "$state.xml" or die;
	print $xml $body;
	close $xml;
	if ($request =~ m{^GET /2013-04-01/hostedzone/\w+/rrset}) {
		answer($client, "200 OK", "<ListResourceRecordSetsResponse " .
		    "$xmlns><ResourceRecordSets>" . list() .
		    "</ResourceRecordSets><IsTruncated>false</IsTruncated>" .
		    "<MaxItems>300</MaxItems>" .
		    "</ListResourceRecordSetsResponse>");
		close $client;
		next;
	}
	my $why = $request =~ m{^POST /2013-04-01/hostedzone/\w+/rrset/? } ?
	    batch($body) : "not asked for here";
	if ($why ne "") {
		answer($client, "400 Bad Request", "<ErrorResponse $xmlns>" .
		    "<Error><Type>Sender</Type><Code>InvalidChangeBatch" .
		    "</Code><Message>$why</Message></Error></ErrorResponse>");
	} else {
		answer($client, "200 OK", "<ChangeResourceRecordSetsResponse " .
		    "$xmlns><ChangeInfo><Id>/change/C1</Id><Status>PENDING" .
		    "</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt>" .
		    "</ChangeInfo></ChangeResourceRecordSetsResponse>");
	}
	close $client;
}
