#!/usr/bin/perl
# A stand-in for the record sets of Google Cloud DNS, by the documentation of its
# API, version 1: resourceRecordSets create, patch and delete. A set that the
# documentation forbids is refused. So is an alias beside other data, and at the
# top of the zone.
#
#	google.pl STATE ZONE	listens on a free port of 127.0.0.1 and prints it
#
# STATE gets a line per set, sorted: "NAME TYPE TTL DATA,..." or, with a policy,
# "NAME TYPE TTL LOCATION=DATA,...". Google answers one of several addresses of
# a location at random, so a policy that holds some is refused here.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;

my ($state, $zone) = @ARGV;
my %sets;	# "NAME/TYPE" => the set
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1",
    LocalPort => 0) or die;
$| = 1;
print $listener->sockport, "\n";

# The first key that a hash has beside these, or undef.
sub other_key {
	my ($hash, @known) = @_;
	my %known = map { $_ => 1 } @known;

	return (grep { !$known{$_} } sort keys %$hash)[0];
}

sub strings {
	my ($list) = @_;

	return ref $list eq "ARRAY" && @$list && !grep { ref } @$list;
}

# Why the data of that type is refused, or "".
sub bad_data {
	my ($type, $data) = @_;
	my %form = (
		A => qr/^\d+(?:\.\d+){3}$/, AAAA => qr/^[0-9a-f:]+$/,
		TXT => qr/^".*"$/, CNAME => qr/^(?:[A-Za-z0-9_-]+\.)+$/,
	);

	return "unsupported type $type" if !$form{$type};
	for (@$data) {
		return "invalid value $_" if $_ !~ $form{$type};
	}
	return $type eq "CNAME" && @$data > 1 ? "an alias has one value" : "";
}

sub bad_policy {
	my ($type, $policy) = @_;
	my $geo = $policy->{geo};
	my %seen;

	return "routingPolicy has a key " . other_key($policy, "geo")
	    if other_key($policy, "geo");
	return "geo has no list of items"
	    if ref $geo ne "HASH" || ref $geo->{items} ne "ARRAY" ||
	    !@{$geo->{items}} || other_key($geo, qw(items enableFencing kind));
	for (@{$geo->{items}}) {
		my $location = $_->{location} // "";

		return "an item has a key " . other_key($_, qw(location rrdatas))
		    if other_key($_, qw(location rrdatas));
		return "invalid location $location"
		    if $location !~ /^[a-z]+-[a-z]+[0-9]{1,2}$/;
		return "location $location twice" if $seen{$location}++;
		return "an item without data" if !strings($_->{rrdatas});
		return "several addresses, of which one is answered"
		    if @{$_->{rrdatas}} > 1;
		my $bad = bad_data($type, $_->{rrdatas});
		return $bad if $bad;
	}
	return "";
}

# Why the set is refused, or "".
sub bad_set {
	my ($set) = @_;
	my @keys = qw(name type ttl rrdatas signatureRrdatas routingPolicy kind);
	my ($name, $type) = ($set->{name} // "", $set->{type} // "");

	return "unknown key " . other_key($set, @keys) if other_key($set, @keys);
	return "name $name is not in the zone"
	    if $name !~ /^(?:[A-Za-z0-9_-]+\.)*\Q$zone\E$/;
	return "an alias at the top of the zone"
	    if $type eq "CNAME" && $name eq $zone;
	return "invalid ttl" if ($set->{ttl} // "") !~ /^[0-9]+$/;
	for my $other (values %sets) {
		next if $other->{name} ne $name || $other->{type} eq $type;
		return "an alias beside other data"
		    if $type eq "CNAME" || $other->{type} eq "CNAME";
	}
	return "both or neither of rrdatas and routingPolicy"
	    if !exists $set->{rrdatas} == !exists $set->{routingPolicy};
	return bad_policy($type, $set->{routingPolicy})
	    if exists $set->{routingPolicy};
	return "no data" if !strings($set->{rrdatas});
	return bad_data($type, $set->{rrdatas});
}

sub save {
	open my $out, ">", "$state.new" or die "$state: $!\n";
	for (map { $sets{$_} } sort keys %sets) {
		my @data = $_->{routingPolicy} ?
		    map { "$_->{location}=@{$_->{rrdatas}}" }
		    @{$_->{routingPolicy}{geo}{items}} : @{$_->{rrdatas}};

		print $out "$_->{name} $_->{type} $_->{ttl} ",
		    join(",", sort @data), "\n";
	}
	close $out;
	rename "$state.new", $state;
}

# Carry out a request. Return the status, and the reason of a refusal.
sub answer {
	my ($method, $path, $body, $token) = @_;
	my $at = "/dns/v1/projects/p1/managedZones/z1/rrsets";
	my ($key) = $path =~ m{^\Q$at\E/([^/]+/[A-Z]+)$};
	my $set = $body eq "" ? {} : eval { decode_json($body) };

	return (401, "no token") if $token ne "Bearer secret";
	return (404, "no such path $path") if $path ne $at && !defined $key;
	return (404, "no such set") if defined $key && !$sets{$key};
	if ($method eq "DELETE") {
		delete $sets{$key};
		return (200, "");
	}
	return (400, "not JSON") if ref $set ne "HASH";
	if (defined $key) {
		return (405, $method) if $method ne "PATCH";
		$set = { %{$sets{$key}}, %$set };
	} else {
		return (405, $method) if $method ne "POST";
		$key = "$set->{name}/$set->{type}";
		return (409, "it exists") if $sets{$key};
	}
	my $bad = bad_set($set);
	return (400, $bad) if $bad;
	$sets{$key} = $set;
	return (200, "");
}

while (my $client = $listener->accept) {
	my $head = "";
	while (my $line = <$client>) {
		last if $line =~ /^\r?$/;
		$head .= $line;
	}
	my ($method, $path) = $head =~ /^(\S+) (\S+)/;
	my ($length) = $head =~ /^content-length: *(\d+)/mi;
	my ($token) = $head =~ /^authorization: *([^\r\n]*)/mi;
	my $body = "";
	read $client, $body, $length if $length;
	my ($status, $why) = answer($method, $path, $body, $token // "");
	save() if $status == 200;
	my $text = encode_json($status == 200 ? {} :
	    { error => { code => $status, message => $why } });
	print $client "HTTP/1.1 $status x\r\nContent-Type: application/json\r\n",
	    "Content-Length: ", length $text, "\r\nConnection: close\r\n\r\n",
	    $text;
	close $client;
}
