#!/usr/bin/perl
# The prose keeps STYLE's section "Language". This test reads strings and
# comments of the programs and libraries, man pages, README.md and DESIGN. It
# finds a bare article where "per" is meant, a "since" that gives a cause, an
# "is no X", and a "who" or "what" without the noun that it stands for. In
# README.md and DESIGN no sentence has two colons. Neither there nor in the man
# pages does one have more than 45 words. Each fault is listed with its line.
use strict;
use warnings;
use File::Basename;
use File::Find;
use Test::More;

my $source = $ENV{RP_SRC} // dirname(dirname(__FILE__));
chdir $source or die "$source: $!";

my $most_words = 45;

my $time = qr/(?:second|minute|hour|day|week|month|year)/;
my $thing = qr/(?:call|caller|packet|batch|line|device|party|thread|region
    |connection|request|server|switch|folder|row)/x;
my $number = qr/(?:\d[\d,.]*|one|two|three|four|five|ten|hundred|thousand)/;

# The patterns that tire, and samples of each that must be found.
my %patterns = (
	'"a" for "per"' => {
		find => qr/\b(?:once|twice|times|$number(?:\ \w+)?|(?:packets
		    |calls|bits|kilobits|bytes|requests|answers|dials|codes
		    |messages|tries|lines))\ an?\ $time\b
		    |\b$number(?:\ (?:us|ms|bytes|octets|lines?|sockets?))?
		    \ an?\ $thing\b/xi,
		samples => ['It relays 50 packets a second.',
		    'It costs 2 us a packet.', 'It prints one a line.']
	},
	'"since" for a cause' => {
		find => qr/,\ since\ (?!\d|zero|then|the\ (?:last|latest)\b)
		    |(?<!seconds\ )\bsince\ (?:it|they|we|nobody|nothing|there
		    |this|that|both|all)\b
		    |\bsince\ (?:the|a|an|its|our|their)\ [\w-]+(?:\ [\w-]+)?
		    \ (?:is|are|has|have|had|does|do|did|can|may|must)\b/xi,
		samples => ['Dropped since the queue is full.',
		    'It waits, since nobody asks.']
	},
	'"is no X"' => {
		find => qr/(?<![Tt]here\ )\b(?:is|are|was|were)\ no
		    \ (?!(?:longer|more|less|later|nearer|fewer|better|worse
		    |older|newer|sooner|matter)\b)[a-z]+
		    |\bthat\ (?:is|are)\ none\b/x,
		samples => ['This is no number.', 'is no address',
		    'Result lines that are none.']
	},
	'"who" or "what" without a noun' => {
		find => qr/(?:^|[.:;]\ )(?:Who|Whoever|What)\ [^.?]*[.]
		    |\b(?:for|of|to|by|with|from|at|against)\ who\b
		    |\bwhat\ is\ no\b/x,
		samples => ['Who asks twice is refused.',
		    'It answers to who asks.',
		    'The switch sent what is no message.']
	},
);

# What is right although a pattern finds it: part of a file's name, part of the
# text, and why.
my @exceptions = (
	['DESIGN', 'trusted with who calls whom', 'an indirect question'],
	['DESIGN', 'with who the far end is', 'likewise'],
);

sub slurp {
	open(my $in, '<', $_[0]) or die "$_[0]: $!\n";
	local $/;
	return <$in>;
}

sub squeeze {
	my ($text) = @_;

	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

# The texts of a C source, each with its line: comments by paragraph, and
# strings as the compiler joins them.
my $token = qr{(/\*.*?\*/)|"((?:[^"\\\n]|\\.)*)"|'(?:[^'\\]|\\.)*'
    |(\n)|(\s)|.}sx;

sub texts_of_c {
	my ($file) = @_;
	my $all = slurp($file) =~ s/^[ \t]*#[ \t]*include.*$//gmr;
	my ($n, $joins, @texts) = (1, 0);

	while ($all =~ m{\G(?:$token|[^"'/\s]+)}g) {
		my ($comment, $string, $newline, $space) = ($1, $2, $3, $4);

		if (defined $string) {
			push @texts, [$n, ''] if !$joins;
			$texts[-1][1] .= $string =~ s/\\n/ /gr;
			$joins = 1;
		} elsif (defined $comment) {
			$comment =~ s{^/\*|\*/$}{}g;
			for my $paragraph (split /(?<=\n)[ *]*\n/, $comment) {
				my $lines = 1 + ($paragraph =~ tr/\n//);

				$paragraph =~ s/^[ \t]*\*//gm;
				push @texts, [$n, $paragraph];
				$n += $lines;
			}
			$n--;
		} elsif (defined $newline) {
			$n++;
		} elsif (!defined $space) {
			$joins = 0;
		}
	}
	return grep { $_->[1] =~ / / } @texts;
}

# The paragraphs of a man page, each with its line, without displays and tables.
sub texts_of_man {
	my ($file) = @_;
	my (@texts, $skips, $synopsis);
	my ($n, $fresh) = (0, 1);

	for my $line (split /\n/, slurp($file)) {
		$n++;
		$skips = 1 if $line =~ /^\.(?:Bd|TS)\b|^\.Bl -column/;
		if ($line =~ /^\.(?:Ed|TE|El)\b/) {
			$skips = 0;
			$fresh = 1;
			next;
		}
		$synopsis = $line =~ /SYNOPSIS/ if $line =~ /^\.Sh /;
		next if $skips || $synopsis || $line =~ /^\.\\"/;
		if ($line =~ /^\.(?:Pp|Sh|Ss|Bl|Dl|Dd|Dt|Os|It|D1)\b/) {
			$fresh = 1;
			next;
		}
		$line =~ s/^\.(?:[A-Z][a-z] )?//;
		$line =~ s/\b(?:Ns|No|Ql|Ar|Fl|Cm|Ic|Pa|Em|Xr|Sq|Dq)\b ?//g;
		$line =~ s/ ([.,:;)])(?= |$)/$1/g;
		push @texts, [$n, ''] if $fresh;
		$texts[-1][1] .= "$line\n";
		$fresh = 0;
	}
	return @texts;
}

# The paragraphs of a text, each with its line, without code and tables.
sub texts_of_text {
	my ($file) = @_;
	my (@texts, $fenced);
	my ($n, $fresh) = (0, 1);

	for my $line (split /\n/, slurp($file)) {
		$n++;
		$fenced = !$fenced if $line =~ /^\s*```/;
		if ($fenced || $line =~ /^\s*(?:```|\||#|$)|^\t/) {
			$fresh = 1;
			next;
		}
		$fresh = 1 if $line =~ s/^\s*(?:[-*]|\d+\.) //;
		push @texts, [$n, ''] if $fresh;
		$texts[-1][1] .= "$line\n";
		$fresh = 0;
	}
	return @texts;
}

# The sentences of a text that begins in this line, each with its own line.
sub sentences {
	my ($line, $text) = @_;
	my @sentences;

	while ($text =~ /\G(\s*)(.+?)(?:(?<=[.?!])(?=\s+[A-Z0-9"`*(])|\z)/gs) {
		my ($space, $sentence) = ($1, $2);

		$line += $space =~ tr/\n//;
		push @sentences, [$line, squeeze($sentence)];
		$line += $sentence =~ tr/\n//;
	}
	return @sentences;
}

sub excepted {
	my ($file, $text) = @_;

	return grep { $file =~ /$_->[0]/ && index($text, $_->[1]) >= 0 }
	    @exceptions;
}

# The places of these texts at which `wrong` finds a sentence wrong.
sub faults {
	my ($texts, $wrong) = @_;
	my @faults;

	for my $file (sort keys %$texts) {
		for my $text (@{$texts->{$file}}) {
			push @faults, map { "$file:$_->[0]: $_->[1]" }
			    grep { $wrong->($_->[1]) &&
				!excepted($file, $_->[1]) } sentences(@$text);
		}
	}
	return join("\n", @faults);
}

# Texts by file.
sub read_all {
	my ($texts_of, @files) = @_;

	return { map { $_ => [$texts_of->($_)] } @files };
}

my @c;
find(sub { push @c, $File::Find::name if /\.[ch]$/ }, 'bin', 'lib');
my $c = read_all(\&texts_of_c, @c);
my $man = read_all(\&texts_of_man, glob 'man/*.[1-8]');
my $documents = read_all(\&texts_of_text, 'README.md', 'DESIGN');
my @kinds = (['sources', $c, 5000], ['man pages', $man, 300],
    ['README.md and DESIGN', $documents, 60]);

for my $kind (@kinds) {
	my ($name, $texts, $least) = @$kind;

	cmp_ok(scalar(map { @$_ } values %$texts), '>', $least,
	    "the texts of $name are found");
}
for my $what (sort keys %patterns) {
	my ($find, $samples) = @{$patterns{$what}}{qw(find samples)};

	is(join("\n", grep { $_ !~ $find } @$samples), '',
	    "$what is found in each sample");
	for my $kind (@kinds) {
		my ($name, $texts) = @$kind;

		is(faults($texts, sub { $_[0] =~ $find }), '',
		    "$name have no $what");
	}
}
for my $kind (@kinds[1, 2]) {
	my ($name, $texts) = @$kind;

	is(faults($texts, sub { (() = $_[0] =~ /\S+/g) > $most_words }), '',
	    "$name have sentences of at most $most_words words");
}
is(faults($documents, sub { (() = $_[0] =~ /:(?=\s|$)/g) > 1 }), '',
    'README.md and DESIGN have at most one colon in a sentence');
done_testing();
