#!/usr/bin/perl
# Hold a zone file to what octoDNS documents and demands of one, and say what a
# provider then answers.
#
#	octodns.pl FILE ZONE [PLACE...]
#
# It prints a line for each fault, and then a line per PLACE, as "NA-US-CA": the
# pool of the first rule that holds it, and the addresses behind the pool. PLACE
# is in octoDNS's own words. The exit status is 1 if there are faults.
#
# What it demands: keys in natural order, wherever they stand; a type and a TTL;
# no alias at the top of the zone or beside other data; pools that are all used,
# each in one rule with places; no place twice, and none after a larger one; a
# last rule without places.
use strict;
use warnings;
use CPAN::Meta::YAML;

my ($file, $zone, @places) = @ARGV;
my @faults;

# Natural order: runs of digits by their number.
sub natural {
	my ($text) = @_;

	return join "", map { /^[0-9]/ ? sprintf("\1%020d", $_) : $_ }
	    $text =~ /([0-9]+|[^0-9]+)/g;
}

# The order of keys is lost in a hash, so it is read from the text.
sub check_order {
	my ($line, @last) = (0);

	for (@_) {
		$line++;
		next if !/^( *)((?:- )*)(?:'([^']*)'|([^ ':]+)):/;
		my ($depth, $key) = (length($1) + length($2), $3 // $4);

		$last[$depth] = undef if $2 ne "";	# another group begins
		push @faults, "line $line: key $key after $last[$depth]"
		    if defined $last[$depth] &&
		    natural($key) lt natural($last[$depth]);
		$last[$depth] = $key;
		$#last = $depth;
	}
}

# octoDNS knows the subdivisions of these two.
my %parts = (
	"NA-US" => qr/^(?:CA|KY|NY|TX|WA)$/, "NA-CA" => qr/^(?:BC|ON|QC)$/,
);

sub check_place {
	my ($geo, $number) = @_;

	push @faults, "rule $number: unknown place $geo"
	    if $geo !~ /^(AF|AN|AS|EU|NA|OC|SA)(?:-([A-Z]{2})(?:-([A-Z]{2}))?)?$/ ||
	    defined $3 && $3 !~ ($parts{"$1-$2"} // qr/^$/);
}

sub check_rules {
	my ($pools, $rules) = @_;
	my (%seen, %used);
	my $number = 0;

	for my $rule (@$rules) {
		my $pool = $rule->{pool} // "";

		$number++;
		push @faults, "rule $number: no pool $pool" if !$pools->{$pool};
		push @faults, "rule $number: pool $pool again"
		    if $used{$pool}++ && $rule->{geos};
		for my $geo (sort @{$rule->{geos} // []}) {
			check_place($geo, $number);
			for (sort keys %seen) {
				push @faults, "rule $number: $geo after $_"
				    if index($geo, $_) == 0;
			}
			$seen{$geo} = 1;
		}
	}
	push @faults, "the last rule has places" if $rules->[-1]{geos};
	push @faults, map { "pool $_ is not used" }
	    grep { !$used{$_} } sort keys %$pools;
}

sub check_record {
	my ($name, $record) = @_;
	my $type = $record->{type} // "";

	push @faults, "$name: no ttl" if ($record->{ttl} // "") !~ /^[0-9]+$/;
	push @faults, "$name: type $type"
	    if $type !~ /^(?:A|AAAA|CNAME|TXT)$/;
	if ($type ne "CNAME") {
		push @faults, "$name: no values" if !@{$record->{values} // []};
		return;
	}
	push @faults, "root CNAME not allowed" if $name eq "";
	push @faults, "$name: value without its last dot"
	    if ($record->{value} // "") !~ /\.$/;
	return if !$record->{dynamic};
	my ($pools, $rules) = @{$record->{dynamic}}{qw(pools rules)};
	for (sort keys %$pools) {
		my @values = map { $_->{value} } @{$pools->{$_}{values}};

		# Of several values a provider answers one.
		push @faults, "pool $_: not one value with its last dot"
		    if @values != 1 || $values[0] !~ /\.$/;
	}
	check_rules($pools, $rules);
}

open my $in, "<", $file or die "$file: $!\n";
my @lines = <$in>;
check_order(@lines);
my $records = CPAN::Meta::YAML->read_string(join "", @lines)->[0];
my $dynamic;
my %addresses;
for my $name (sort keys %$records) {
	my @records = @{$records->{$name}};

	push @faults, "$name: an alias beside other data"
	    if @records > 1 && grep { $_->{type} eq "CNAME" } @records;
	for (@records) {
		check_record($name, $_);
		$dynamic = $_->{dynamic} if $_->{dynamic};
		push @{$addresses{"$name.$zone"}}, @{$_->{values}}
		    if $_->{type} =~ /^A/;
	}
}
print "$_\n" for @faults;
for my $place (@places) {
	my ($rule) = grep { my $geos = $_->{geos};
	    !$geos || grep { $place =~ /^\Q$_\E(?:-|$)/ } @$geos }
	    @{$dynamic->{rules}};
	my ($value) = @{$dynamic->{pools}{$rule->{pool}}{values}};

	print "$place $rule->{pool} ",
	    join(" ", @{$addresses{$value->{value}} // ["nothing"]}), "\n";
}
exit(@faults > 0);
