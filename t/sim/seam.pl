#!/usr/bin/perl
# The seam has no hole: every function outside the product that its linked
# modules call is simulated, or stands in posix/passes with those that may be the
# real ones. seam.pl LIST ARCHIVE...: the list names the simulation's objects, as
# build.sh leaves it.
# With --list, print what is called and neither. A module of the product that is
# replaced in part only is told, too.
use strict;
use warnings;
use File::Basename;

my $list = @ARGV && $ARGV[0] eq '--list' && shift;
my ($objects, @archives) = @ARGV;
die "usage: seam.pl [--list] LIST ARCHIVE...\n" unless @archives;
my $posix = dirname($0) . '/posix';

# What each object defines for others, and what it wants.
sub objects {
	my %of;
	open my $nm, '-|', 'nm', '-A', @_ or die "nm: $!\n";
	while (<$nm>) {
		my ($file, $type, $name) =
		    /^(.*?):(?:[0-9a-f]+)?\s+(\w) (\S+)$/ or next;
		my $way = $type =~ /[Uwv]/ ? 'wants' :
		    $type =~ /[A-Z]/ ? 'has' : next;
		push @{$of{$file}{$way}}, $name;
	}
	return %of;
}

sub names {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	return map { chomp; [split /\s+/] } grep { !/^(#|$)/ } <$in>;
}

my %wrapped = map { $_->[0] => 1 } names("$posix/names");
my %passes = map { $_->[0] => 1 } names("$posix/passes");
my %ours = objects(map { @$_ } names($objects));
my %theirs = objects(@archives);
my (%has, %member, %taken, %called, @load, $wrong);
for my $object (sort keys %ours) {
	$has{$_} = $object for @{$ours{$object}{has} // []};
}
for my $object (sort keys %theirs) {
	$member{$_} //= $object for @{$theirs{$object}{has} // []};
}

sub want {
	my ($name, $by) = @_;
	$name = "__wrap_$name" if $wrapped{$name};
	return if $has{$name} || $name =~ /^__real_/;
	my $from = $member{$name};
	if (!defined $from) {
		$called{$name}{$by} = 1 if $theirs{$by};
	} elsif (!$taken{$from}++) {
		push @load, $from;
	}
}

for my $object (sort keys %ours) {
	want($_, $object) for @{$ours{$object}{wants} // []};
}
while (defined(my $object = shift @load)) {
	for my $name (@{$theirs{$object}{has} // []}) {
		if ($has{$name}) {
			print "$object: $name is replaced, but not all of it\n";
			$wrong = 1;
		}
		$has{$name} = $object;
	}
	want($_, $object) for @{$theirs{$object}{wants} // []};
}
for my $name (sort keys %called) {
	next if $passes{$name};
	my @by = map { basename($_) } sort keys %{$called{$name}};
	print $list ? "$name\n" : "$name is not simulated: @by\n";
	$wrong = 1;
}
exit($wrong && !$list ? 1 : 0);
