#!/usr/bin/perl
# Does the simulation find mistakes? Link each program with one mistake of
# mutants/list at a time, and run it until a run fails or the time is over. A
# table is printed: which mistake, found by what, after how many runs and how
# much time of a processor. The exit status is 1 if any was not found.
#
#   judge.pl [-t SECONDS] [-j JOBS] [-m MOST] BUILD FOLDER [MUTANT[+MUTANT]...]
#
# Two that are joined by + are made at once.
# mutants/finders has the commands. FOLDER is for programs and worlds, and has
# the certificates of fixture.sh if it was used before. A time is the processor's
# (600 s). With -m there are no more than so many runs for each mistake. First
# the product is judged as it is, for a tenth of the time: if a mistake is found
# in that, those of the others say nothing, and the exit status is 2. What a run
# that should not have failed said last, its seed and what repeats it, comes last.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename;
use File::Path qw(make_path remove_tree);
use Getopt::Std;
use POSIX ();

$| = 1;
my %option = (t => 600, j => 1, m => 1_000_000);
getopts('t:j:m:', \%option);
die "usage: judge.pl [-t SECONDS] [-j JOBS] [-m MOST] BUILD FOLDER " .
    "[MUTANT[+MUTANT]...]\n" unless @ARGV >= 2;
my $sim = dirname(abs_path($0));
my $src = abs_path("$sim/../..");
my $build = abs_path(shift);
my $folder = shift;
make_path($folder);
$folder = abs_path($folder);

sub lines {
	my ($file) = @_;
	open my $in, '<', $file or die "judge.pl: $file: $!\n";
	return grep { !/^(#|$)/ } map { chomp; $_ } <$in>;
}

my @mutants = map { [split /\t/] } lines("$sim/mutants/list");
my %known = map { $_->[0] => $_ } @mutants;
my @finders = map { [split /\t/] } lines("$sim/mutants/finders");
my @names = @ARGV ? @ARGV : map { $_->[0] } @mutants;
for my $name (map { split /\+/ } @names) {
	$known{$name} or die "judge.pl: $name: not in mutants/list\n";
}

sub run {
	my ($out, @command) = @_;
	my $pid = fork // die "judge.pl: fork: $!\n";
	if ($pid == 0) {
		open STDOUT, '>', $out;
		open STDERR, '>&', \*STDOUT;
		exec @command;
		exit 127;
	}
	waitpid $pid, 0;
	return $?;
}

# The time of the processor that ended children took.
sub spent {
	my (undef, undef, $user, $system) = times;
	return $user + $system;
}

sub sources {
	my ($text) = @_;
	return map { glob "$sim/$_" } split ' ', $text;
}

# Link a program.
sub link_one {
	my ($mutant, $name, $text, $work) = @_;
	my $out = "$work/$name";
	return $out if -x $out;
	my @command = $mutant eq 'none' ?
	    ("$sim/build.sh", $build, $out, sources($text)) :
	    ("$sim/mutate.sh", $build, $out, $mutant, sources($text));
	run("$work/link.log", @command) == 0 or
	    die "judge.pl: $mutant: not linked: see $work/link.log\n";
	return $out;
}

# One command for each run: "{program}", "{certificates}", "{seed}", "{file}".
sub commands {
	my ($finder, $program) = @_;
	my (undef, undef, $command, $seeds, $files) = @$finder;
	my ($from, $to) = $seeds =~ /^(\d+)-(\d+)$/ or
	    die "judge.pl: $seeds: seeds are FROM-TO\n";
	my @runs;
	for my $seed ($from .. $to) {
		for my $file ($files ? sources($files) : '') {
			my $text = $command;
			$text =~ s/\{program\}/$program/g;
			$text =~ s/\{certificates\}/certificates/g;
			$text =~ s/\{seed\}/$seed/g;
			$text =~ s/\{file\}/$file/g;
			my $what = $file ? basename($file) : $finder->[0];
			push @runs, [$text, @$finder > 4 && $from == $to ?
			    $what : "$what seed $seed"];
		}
	}
	return @runs;
}

# What a failed run says of itself: a line of a story, or what is broken. If it
# has to say something, it is nothing otherwise.
sub reason {
	my ($file, $says) = @_;
	open my $in, '<', $file or return '';
	while (<$in>) {
		next unless /^broken: (.*)/ || /\.story:\d+: (.*)/;
		my $why = $1;
		return substr($why, 0, 60) if $why =~ ($says // '.');
	}
	return defined $says ? '' : 'it does not end well';
}

# How the program of a finder is made, and what its run said last.
sub tell_last {
	my ($finder, $command, $file) = @_;
	open my $in, '<', $file or return;
	my @said = <$in>;
	print for @said > 2 ? @said[-2, -1] : @said;
	$command =~ s/^\S+/.\/$finder->[0]/;
	print "by: t/sim/build.sh BUILD $finder->[0] t/sim/$finder->[1]; " .
	    "$command\n";
}

sub judge {
	my ($mutant, $most) = @_;
	my $work = "$folder/$mutant";
	remove_tree($work);
	make_path($work);
	chdir $work or die "judge.pl: $work: $!\n";
	run('/dev/null', 'cp', '-R', "$folder/certificates", $work);
	my ($runs, $seconds) = (0, 0);
	my (undef, undef, undef, undef, $only, $says) =
	    @{$known{$mutant} // []};
	finder: for my $finder (@finders) {
		next if defined $only && $finder->[0] ne $only;
		my $program = link_one($mutant, $finder->[0], $finder->[1],
		    $work);
		for my $run (commands($finder, $program)) {
			my $before = spent();
			my $left = int($most - $seconds) + 1;
			my $status = run("$work/out", '/bin/sh', '-c',
			    "ulimit -t $left; exec $run->[0]");
			$seconds += spent() - $before;
			$runs++;
			last finder if $seconds >= $most;
			my $why = $status == 0 ? '' :
			    reason("$work/out", $says);
			return [$run->[1], $runs, $seconds, $why, $finder,
			    $run->[0]] if $why ne '';
			last finder if $runs >= $option{m};
		}
	}
	return ['', $runs, $seconds, ''];
}

sub show {
	my ($name, $by, $runs, $seconds, $why) = @_;
	printf "%-20s %-26s %4d runs %7.2f s  %s\n", $name,
	    $by || 'nothing', $runs, $seconds, $why;
}

# A process for each mutant, $option{j} at once; a file has its result.
unless (-d "$folder/certificates") {
	run('/dev/null', "$sim/fixture.sh", "$folder/certificates",
	    qw(a:east b:east c:east sw1:east:rp sw2:east:rp sw3:east:rp
	    sw4:west:rp sw5:west:rp)) == 0 or die "judge.pl: no certificates\n";
}
# What all programs share is compiled first.
make_path("$folder/first");
link_one('none', $_->[0], $_->[1], "$folder/first") for @finders;
my $as_is = judge('none', $option{t} / 10);
show('none', @$as_is);
if ($as_is->[0] ne '') {
	tell_last(@$as_is[4, 5], "$folder/none/out");
	exit 2;
}

my ($missed, %running) = (0);
sub reap {
	my $pid = wait;
	my $name = delete $running{$pid} // return;
	my ($line) = -e "$folder/$name.result" ?
	    lines("$folder/$name.result") : ();
	my ($by, $runs, $seconds, $why) = split /\t/,
	    $line // "\t0\t0\tnot judged";
	show($name, $by, $runs, $seconds, $why // '');
	$missed++ if $by eq '';
}
for my $name (@names) {
	reap() while keys %running >= $option{j};
	unlink "$folder/$name.result";
	my $pid = fork // die "judge.pl: fork: $!\n";
	if ($pid == 0) {
		my $result = judge($name, $option{t});
		open my $out, '>', "$folder/$name.result" or
		    die "judge.pl: $folder/$name.result: $!\n";
		print $out join("\t", @$result[0 .. 3]), "\n";
		close $out;
		POSIX::_exit(0);
	}
	$running{$pid} = $name;
}
reap() while keys %running;
exit($missed > 0);
