# prove's own formatter with another end: before its summary, which stays the
# last thing that is printed, come the points that failed, by name, and the ten
# scenarios that took longest.
#
#	perl -It/prove -S prove --formatter Ending ...
package Ending;
use strict;
use warnings;
use TAP::Formatter::Console;
use TAP::Formatter::File;

# As TAP::Harness chooses: a terminal sees progress, a file whole lines.
our @ISA = -t STDOUT && !$ENV{HARNESS_NOTTY} ? 'TAP::Formatter::Console' :
    'TAP::Formatter::File';

my $SLOWEST = 10;

sub open_test {
	my ($self, $test, $parser) = @_;
	my $failed = $self->{failed_points} ||= [];

	$parser->callback(test => sub {
		my ($point) = @_;
		push @$failed, "$test: " . $point->as_string
		    unless $point->is_ok;
	});
	return $self->SUPER::open_test($test, $parser);
}

sub seconds {
	my ($parser) = @_;

	return 0 unless $parser->start_time && $parser->end_time;
	return $parser->end_time - $parser->start_time;
}

sub summary {
	my ($self, $aggregate, $interrupted) = @_;
	my %took = map { $_ => seconds($aggregate->parsers($_)) }
	    $aggregate->descriptions;
	my @slow = sort { $took{$b} <=> $took{$a} || $a cmp $b } keys %took;
	my @failed = @{ $self->{failed_points} || [] };

	splice @slow, $SLOWEST if @slow > $SLOWEST;
	if (@slow > 1) {
		$self->_output("The slowest:\n");
		$self->_output(sprintf "%8.1f s  %s\n", $took{$_}, $_)
		    for @slow;
	}
	$self->_output("Failed:\n", map { "  $_\n" } @failed) if @failed;
	return $self->SUPER::summary($aggregate, $interrupted);
}

1;
