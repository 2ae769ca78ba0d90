#!/usr/bin/perl
# A stand-in for ChangeResourceRecordSets, the one request of Amazon's Route 53
# that matters here. A change batch goes through the real client and is judged
# as Route 53 documents it. A batch is taken whole or not at all, an identifier
# and an Amazon region denote one set, and a set is deleted only by its exact
# content.
#
#	route53.pl STATE	listens on a free port of 127.0.0.1 and prints it
#
# STATE gets one line per set, sorted: "NAME TYPE IDENTIFIER REGION TTL
# VALUE,...". STATE.xml gets the latest request.
use strict;
use warnings;
use IO::Socket::INET;

my $state = shift or die "usage: route53.pl STATE\n";
my %sets;	# "NAME TYPE IDENTIFIER" => [REGION, TTL, VALUES]
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1",
    LocalPort => 0) or die;
$| = 1;
print $listener->sockport, "\n";

sub element {
	my ($xml, $name) = @_;

	return $xml =~ m{<$name>([^<]*)</$name>} ? $1 : "";
}

# One change of a batch: why it is refused, or "".
sub change {
	my ($new, $xml) = @_;
	my $action = element($xml, "Action");
	my ($name, $type, $id, $region, $ttl) = map { element($xml, $_) }
	    qw(Name Type SetIdentifier Region TTL);
	my $values = join ",", sort $xml =~ m{<Value>([^<]*)</Value>}g;
	my $key = "$name $type $id";
	my $set = [$region, $ttl, $values];

	return "Invalid request: a set needs values and a TTL"
	    if $values eq "" || $ttl eq "";
	return "Invalid XML: $region is no value of the enumeration"
	    if $region !~ /^[a-z]{2}(-[a-z]+)+-[1-9]$/;
	if ($action eq "DELETE") {
		return "Tried to delete resource record set $key but the " .
		    "values provided do not match the current values"
		    if !$new->{$key} || "@{$new->{$key}}" ne "@$set";
		delete $new->{$key};
		return "";
	}
	return "Tried to create resource record set $key but it already exists"
	    if $action eq "CREATE" && $new->{$key};
	for (keys %$new) {
		return "Tried to create resource record set $key but a set " .
		    "with the same region exists" if $_ ne $key &&
		    /^\Q$name $type\E / && $new->{$_}[0] eq $region;
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
	print $out "$_ @{$sets{$_}}\n" for sort keys %sets;
	close $out;
	rename "$state.new", $state;
	return "";
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
