#!/usr/bin/perl
# operate PAGE FOLDER: write each command of rp-operate(7) as FOLDER/NNN.HOST,
# in the order of the page. HOST is what stands before the prompt: "admin",
# "fra1", and "each" for a # alone. A command goes on until the next prompt.
use strict;
use warnings;

my ($page, $folder) = @ARGV;
my ($in, $n, $file) = (0, 0);

open my $text, '<', $page or die "$page: $!\n";
while (<$text>) {
	if (/^\.Bd -literal/) {
		$in = 1;
		undef $file;
	} elsif (/^\.Ed/) {
		$in = 0;
	} elsif ($in) {
		s/\\e/\\/g;
		s/\\&//g;
		if (s/^([a-z0-9]*)[#\$] //) {
			my $name = sprintf '%s/%03d.%s', $folder, ++$n,
			    $1 || 'each';
			open $file, '>', $name or die "$name: $!\n";
		}
		print $file $_ if defined $file;
	}
}
