#!/usr/bin/perl
# Compare documents with the tree, for t/004-map.t. Run at the top of the tree;
# prints one line for each fault.
#
#	docs.pl links FILE...	targets of Markdown links, with their anchors
#	docs.pl paths FILE...	paths, file names and make targets in code
#	docs.pl map FILE	folders named in the map, a block with a lib/ line
#	docs.pl unmapped FILE	folders of lib and bin that the map does not name
#	docs.pl sentences FILE	sentences of more than 45 words or one colon
use strict;
use warnings;
use File::Basename;
use File::Find;

my $tops = qr/(?:bin|lib|t|man|docs|scripts|contrib|debian)/;
my %automake = map { $_ => 1 } qw(all clean dist distcheck install);

sub lines_of {
	open(my $in, '<', $_[0]) or die "$_[0]: $!\n";
	return <$in>;
}

# The line's code: all of it in a fenced block, else what backquotes enclose.
sub code_of {
	my ($line, $fenced) = @_;

	return $fenced ? ($line) : $line =~ /`([^`]+)`/g;
}

sub each_code {
	my ($file, $code) = @_;
	my ($fenced, $n) = (0, 0);

	for my $line (lines_of($file)) {
		$n++;
		if ($line =~ /^\s*```/) {
			$fenced = !$fenced;
			next;
		}
		$code->($_, "$file:$n") for code_of($line, $fenced);
	}
}

sub anchors_of {
	my ($file) = @_;
	my $fenced = 0;

	return map { lc(s/[^\w\- ]//gr) =~ s/ /-/gr }
	    map { /^#+ (.*\S)/ && !$fenced ? $1 : () }
	    map { $fenced = !$fenced if /^```/; $_ } lines_of($file);
}

sub check_link {
	my ($file, $target) = @_;
	my ($path, $anchor) = $target =~ /^([^#]*)#?(.*)$/;

	return if $target =~ /^[a-z]+:/;
	$path = $path eq '' ? $file : dirname($file) . "/$path";
	if (!-e $path) {
		print "$file: no $target\n";
	} elsif ($anchor ne '' && !grep { $_ eq $anchor } anchors_of($path)) {
		print "$file: no heading for $target\n";
	}
}

sub links {
	for my $file (@_) {
		my $text = join('', lines_of($file));

		$text =~ s/^```.*?^```//gms;
		$text =~ s/`[^`]+`//g;
		check_link($file, $1) while $text =~ /\]\(([^()\s]+)\)/g;
	}
}

my %basename;
sub known {
	my ($name) = @_;

	find({ no_chdir => 1, wanted => sub { $basename{basename($_)} = 1 } },
	    grep { -d } qw(bin lib t man docs scripts contrib)) unless %basename;
	return $basename{$name} || -e $name;
}

# A path may be a pattern, or a module without its suffix.
sub exists_path {
	my ($path) = @_;

	return scalar grep { -e } glob($path =~ s/\[ch\]/{c,h}/r), "$path.c",
	    "$path.h";
}

sub check_word {
	my ($word, $where) = @_;

	$word =~ s/^["'(]+|["'),;:.]+$//g;
	return if $word =~ /NNN|NAME|^foo\./;
	if ($word =~ m{^$tops/[\w.*/@\[\]-]*$}) {
		print "$where: no $word\n" unless exists_path($word);
	} elsif ($word =~ /^[\w-]+\.(?:[cht]|sh|pl|md|svg|am|ac)$/) {
		print "$where: no file $word\n" unless known($word);
	}
}

sub check_make {
	my ($code, $where) = @_;

	while ($code =~ /\bmake((?: -\S+(?: \S+(?= ))?)*) ([a-z][\w-]*)(?![\w=])/g) {
		my $target = $2;
		next if $automake{$target};
		print "$where: make has no target $target\n"
		    unless grep { /^\Q$target\E:/ } map { lines_of($_) }
		    'Makefile.am', glob('{lib,t,bin/*}/local.mk');
	}
}

sub paths {
	for my $file (@_) {
		each_code($file, sub {
			my ($code, $where) = @_;

			check_word($_, $where) for split ' ', $code;
			check_make($code, $where);
		});
	}
}

# The map's folders: a name is below the first folder of its line or, on an
# indented line, of the last line that is not.
sub map_of {
	my ($file) = @_;
	my ($base, %found) = ('');
	my ($block) = grep { m{^lib/}m }
	    join('', lines_of($file)) =~ /^```\n(.*?)^```/gms;

	for my $line (split /\n/, $block // '') {
		$base = $1 if $line =~ m{^(\S+)/(?=\s|$)};
		for my $name ($line =~ m{(?:^|(?<=[\s(]))([\w./-]+)/(?=[\s,;:)]|$)}g) {
			$found{$name =~ m{^$tops(?:/|$)} ? $name :
			    "$base/$name"} = 1;
		}
	}
	return \%found;
}

sub show_map {
	my $map = map_of($_[0]);

	print "$_[0]: it has no map\n" unless %$map;
	print map { "$_[0]: no $_/\n" } grep { !-d } sort keys %$map;
}

sub unmapped {
	my $map = map_of($_[0]);
	my %folders;

	find({ no_chdir => 1, wanted => sub {
		$folders{dirname($_)} = 1 if /\.[ch]$/;
	} }, 'lib', 'bin');
	print map { "$_[0] does not name $_/\n" }
	    grep { !$map->{$_} } sort keys %folders;
}

sub check_sentence {
	my ($file, $sentence) = @_;
	my $words = () = $sentence =~ /\S+/g;
	my $colons = () = $sentence =~ /[:;](?=\s|$)/g;

	print "$file: $words words, $colons colons: ",
	    substr($sentence, 0, 60), "...\n" if $words > 45 || $colons > 1;
}

# Paragraphs and items of lists; tables, headings and displays have none.
sub sentences {
	my ($file) = @_;
	my $text = join('', lines_of($file));

	$text =~ s/^```.*?^```//gms;
	$text =~ s/^(?:\||#).*$//gm;
	$text =~ s/^\s*(?:-|\d+\.) /\n\n/gm;
	for my $paragraph (split /\n\n+/, $text) {
		check_sentence($file, $_)
		    for split /(?<=[.?!])\s+(?=[A-Z0-9"`*(])/, $paragraph =~ s/\s+/ /gr;
	}
}

my %modes = (links => \&links, paths => \&paths, map => \&show_map,
    unmapped => \&unmapped, sentences => \&sentences);
my $mode = $modes{shift // ''} or die "usage: docs.pl MODE FILE...\n";
$mode->(@ARGV);
