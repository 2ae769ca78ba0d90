# firstload.pl FOLDER [-p]: the files of a page that a browser needs before the page
# can be used, one path per line: what index.html refers to, what its modules
# import, transitively and at once, one language, and rp.json. With -p, only the
# modules that index.html should preload: all but those that it runs itself.
use strict;
use warnings;

my ($folder, $preload) = @ARGV;
my (%needed, %run);

sub text {
	my $path = "$folder/$_[0]";
	open my $file, '<', $path or die "firstload: $path: $!\n";
	local $/;
	return <$file>;
}

# What it imports when it is loaded, and not later.
sub imports {
	return text($_[0]) =~
	    m{^(?:import|export)\b[^;'"]*["']\./([^"']+)["']}mg;
}

sub add {
	my ($path) = @_;
	return if $needed{$path}++;
	add("js/$_") for $path =~ m{^js/} ? imports($path) : ();
}

my $page = text("index.html");
while ($page =~ m{<(link|script)\b([^>]*)>}g) {
	my ($kind, $rest) = ($1, $2);
	# A home screen asks for its icon later, and elsewhere.
	next if $rest =~ /rel="(?:apple-touch-icon|modulepreload)"/;
	$rest =~ /(?:href|src)="([^"]+)"/ or next;
	$run{$1} = 1 if $kind eq 'script';
	add($1);
}
if ($preload) {
	print "$_\n" for sort grep { m{\.js$} && !$run{$_} } keys %needed;
	exit;
}
print "$_\n" for "", sort(keys %needed), "words/en.json", "rp.json";
