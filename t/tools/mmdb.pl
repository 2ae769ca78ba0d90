#!/usr/bin/perl
# Write a GeoIP2 City database of one's own, for name servers under test.
#
#	mmdb.pl FILE <PLACES
#
# A line of PLACES is "NETWORK CONTINENT [COUNTRY [SUBDIVISION]]", by the codes
# of GeoIP2.
use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my $file = shift or die "usage: mmdb.pl FILE\n";
my %types = (continent => "map", country => "map",
    subdivisions => ["array", "map"]);
my $tree = MaxMind::DB::Writer::Tree->new(
	ip_version => 6, record_size => 24, database_type => "GeoIP2-City",
	languages => ["en"], description => { en => "for a test" },
	map_key_type_callback => sub { $types{$_[0]} // "utf8_string" },
	remove_reserved_networks => 0,
);
while (<STDIN>) {
	my ($net, $continent, $country, $part) = split;
	my %place = (continent => { code => $continent });

	$place{country} = { iso_code => $country } if defined $country;
	$place{subdivisions} = [{ iso_code => $part }] if defined $part;
	$tree->insert_network($net, \%place);
}
open my $out, ">:raw", $file or die "$file: $!\n";
$tree->write_tree($out);
close $out or die "$file: $!\n";
