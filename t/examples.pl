#!/usr/bin/perl
# examples PAGE FOLDER: write each example of a man page that has "$ " prompts
# as FOLDER/N.sh, and the output that the page shows for it, if any, as
# FOLDER/N.want. A command continues after a | || && or \ and in a
# here-document.
use strict;
use warnings;

my ($page, $folder) = @ARGV;
my ($in, $n, @script, @want, $more, $end) = (0, 0);

sub flush_block {
	return unless @script;
	$n++;
	open my $sh, '>', "$folder/$n.sh" or die "$folder: $!\n";
	print $sh map { "$_\n" } @script;
	if (@want) {
		open my $want, '>', "$folder/$n.want" or die "$folder: $!\n";
		print $want map { "$_\n" } @want;
	}
}

open my $text, '<', $page or die "$page: $!\n";
while (<$text>) {
	chomp;
	if (/^\.Bd -literal/) {
		($in, $more, $end, @script, @want) = (1, 0);
		@script = @want = ();
	} elsif (/^\.Ed/) {
		flush_block() if $in;
		$in = 0;
	} elsif ($in) {
		s/\\e/\\/g;
		s/\\&//g;
		if (defined $end) {
			push @script, $_;
			undef $end if $_ eq $end;
		} elsif (s/^\$ // || $more) {
			push @script, $_;
			$end = $1 if /<<-?'?(\w+)/;
			$more = /(\||&&|\\|\bdo)$/ || ($more && !/\bdone\b/ && /^\s/ && $script[-2] =~ /(\bdo|;)$/);
		} else {
			push @want, $_ if @script;
		}
	}
}
