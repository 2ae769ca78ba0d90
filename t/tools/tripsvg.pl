#!/usr/bin/perl
# tripsvg: draw a call's set-up as it was captured.
#
#	trips.pl -a ... | tripsvg.pl CALLER CALLEE SWITCH RTT >FILE.svg
#
# RTT is the round trip between a party and the switch, in milliseconds. Time goes
# down. Each arrow is a first packet of its kind, from when it left to when it
# came. What a party sends or gets at about one time is one label beside it.
use strict;
use warnings;

my ($caller, $callee, $switch, $rtt) = @ARGV;
die "usage: tripsvg.pl CALLER CALLEE SWITCH RTT\n" unless defined $rtt;

# What is drawn: its colour, and its words if it has some.
my %drawn = (
	"SYN" => [ "signal", "SYN" ],
	"SYN-ACK" => [ "signal" ],
	"TLS ClientHello" => [ "signal", "TLS ClientHello" ],
	"TLS ServerHello" => [ "signal" ],
	"INITIATE with a body" => [ "signal", "INITIATE" ],
	"HTTP/1.1 200" => [ "signal" ],
	"push POST" => [ "push", "push" ],
	"RING" => [ "signal", "RING" ],
	"RING with a body" => [ "signal", "RING with the answer" ],
	"ANSWER" => [ "signal", "ANSWER" ],
	"Allocate" => [ "media", "Allocate" ],
	"DTLS ClientHello" => [ "media", "DTLS ClientHello" ],
	"DTLS ServerHello" => [ "media", "DTLS ServerHello" ],
	"RTP" => [ "media", "audio" ],
);
my %x = ($caller => 330, $switch => 500, $callee => 670);
my ($top, $scale) = (96, 0.9);		# pixels, and pixels per ms
my ($near, $line) = (24, 17);		# of labels

my (%out, @arrows, %labels, $end);
while (<STDIN>) {
	my ($ms, $trips, $host, $way, $other, $kind) =
	    /^ *(\S+) +(\S+) (\S+) (in|out) (\S+) (.+)$/ or next;
	my $drawn = $drawn{$kind} or next;
	# Audio ends the story; what is later is the same again.
	next if defined $end && $ms > $end + 1;
	if ($host ne $switch && $drawn->[1]) {
		my $list = $labels{$host} //= [];
		push @$list, { ms => $ms, words => [] } if !@$list ||
		    $ms - $list->[-1]{ms} > $near / $scale;
		push @{$list->[-1]{words}}, [ $drawn->[1], $drawn->[0] ];
	}
	if ($way eq "out") {
		$out{"$host $other $kind"} = $ms;
		next;
	}
	my $left = $out{"$other $host $kind"} // next;
	push @arrows, [ $drawn->[0], $other, $left, $host, $ms ];
	$end = $ms if $host eq $caller && $kind eq "RTP";
}
die "tripsvg: no audio came\n" unless defined $end;

my $height = int($top + $end * $scale + 60);
sub at {
	return sprintf "%.1f", $top + $_[0] * $scale;
}
print <<"SVG";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 $height" role="img" aria-labelledby="t d">
<title id="t">How a call is set up, in round trips</title>
<desc id="d">Drawn by t/bench/roundtrips from a capture, with $rtt ms between each party and the switch. Time goes down, with a line for each round trip.</desc>
<style>
svg {
	--paper: #fbf7ef; --ink: #23303d; --soft: #6b7683; --line: #d9d1c1;
	--signal: #0f6e78; --media: #c2412c; --push: #7a5a0b;
	font-family: "Avenir Next", "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
	font-size: 14px;
}
\@media (prefers-color-scheme: dark) {
	svg {
		--paper: #161b22; --ink: #e8e2d6; --soft: #98a2ad; --line: #39424d;
		--signal: #63c3c7; --media: #ff8a6b; --push: #e0b64f;
	}
}
.paper { fill: var(--paper); }
.life { stroke: var(--ink); stroke-width: 1.6; }
.rule { stroke: var(--line); stroke-width: 1.2; }
text { fill: var(--ink); }
.soft { fill: var(--soft); font-size: 12.5px; }
.name { font-size: 17px; font-weight: 600; text-anchor: middle; }
.end { text-anchor: end; }
line.signal, line.push, line.media { stroke-width: 1.8; stroke-linecap: round; }
line.signal { stroke: var(--signal); } line.push { stroke: var(--push); } line.media { stroke: var(--media); }
tspan.signal, path.signal { fill: var(--signal); } tspan.push, path.push { fill: var(--push); } tspan.media, path.media { fill: var(--media); }
</style>
<defs>
	<marker id="signal" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto"><path class="signal" d="M0 0l7 3-7 3z"/></marker>
	<marker id="push" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto"><path class="push" d="M0 0l7 3-7 3z"/></marker>
	<marker id="media" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto"><path class="media" d="M0 0l7 3-7 3z"/></marker>
</defs>
<rect class="paper" width="1000" height="$height" rx="14"/>
<text class="soft" x="24" y="36">round trips</text>
SVG
for my $trip (0 .. int($end / $rtt)) {
	printf "<line class=\"rule\" x1=\"52\" y1=\"%s\" x2=\"976\" y2=\"%s\"/>" .
	    "<text class=\"soft\" x=\"24\" y=\"%s\">%d</text>\n",
	    at($trip * $rtt), at($trip * $rtt), at($trip * $rtt + 6), $trip;
}
my %title = ($caller => "caller", $switch => "switch", $callee => "callee");
for my $host ($caller, $switch, $callee) {
	printf "<text class=\"name\" x=\"%d\" y=\"60\">%s</text>" .
	    "<line class=\"life\" x1=\"%d\" y1=\"74\" x2=\"%d\" y2=\"%d\"/>\n",
	    $x{$host}, $title{$host}, $x{$host}, $x{$host}, $height - 24;
}
for (@arrows) {
	my ($class, $from, $left, $to, $came) = @$_;
	# Those that go together are seen beside each other.
	my $shift = $class eq "media" ? 2 : 0;
	printf "<line class=\"%s\" x1=\"%d\" y1=\"%s\" x2=\"%d\" y2=\"%s\" " .
	    "marker-end=\"url(#%s)\"/>\n", $class, $x{$from},
	    at($left + $shift), $x{$to}, at($came + $shift), $class;
}
for my $host ($caller, $callee) {
	my $is_left = $host eq $caller;
	my $free = 0;		# of the words above
	for my $label (@{$labels{$host} // []}) {
		my (%said, @words);
		push @words, "<tspan class=\"$_->[1]\">$_->[0]</tspan>" for
		    grep { !$said{$_->[0]}++ } @{$label->{words}};
		my $y = at($label->{ms} + 6);
		while (my @line = splice @words, 0, 2) {
			$y = $free if $y < $free;
			printf "<text%s x=\"%d\" y=\"%.1f\">%s</text>\n",
			    $is_left ? ' class="end"' : "",
			    $x{$host} + ($is_left ? -14 : 14), $y,
			    join ", ", @line;
			$free = $y + $line;
		}
	}
}
print "</svg>\n";
