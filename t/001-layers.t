#!/usr/bin/perl
# Which folder may include which. Each row of the table is a folder and the
# folders that its files may include besides their own. A program's root, with
# its main.c, is a row too. A folder that is in no row fails, and so does an
# #include that the table does not allow, a row that allows what nobody uses,
# and a cycle. No file in lib includes a program's header, and no program
# includes another's. Within a folder, the functions of its files must not call
# each other in a circle. Every file is in the archive of a release.
use strict;
use warnings;
use File::Basename;
use Test::More;

my $source = $ENV{RP_SRC} // dirname(dirname(__FILE__));
chdir $source or die "$source: $!";

# The rows of a program name its own folders, and each may include lib.
my %table = (
	'lib' => {
		'wire' => '',
		'base' => 'wire',
		'net' => 'base wire',
		'control_client' => 'net wire',
		'directory' => 'base net wire',
		'signal_client' => 'base net wire',
		'turn_client' => 'base net wire',
	},
	'bin/rp-switchd' => {
		'.' => 'calls conf dev kernel ops push signal turn web',
		'conf' => '',
		'ops' => 'conf',
		'table' => '',
		'kernel' => 'table',
		'dev' => 'conf',
		'push' => 'conf ops',
		'calls' => 'conf ops push table',
		'signal' => 'calls conf ops push',
		'relay' => 'table',
		'web' => 'conf ops',
		'turn' => 'kernel ops relay table',
	},
	'bin/rp-dial' => {
		'.' => 'callee caller conf load media/audio probe who',
		'conf' => '',
		'who' => '',
		'media/rtp' => '',
		'media/audio' => 'media/rtp',
		'media/path' => 'media/rtp who',
		'media' => 'media/audio media/path media/rtp who',
		'call' => 'conf media media/audio who',
		'caller' => 'call conf',
		'callee' => 'call conf who',
		'load' => 'call conf who',
		'probe' => 'call conf media who',
	},
	'bin/rp-pushsend' => {
		'.' => 'conf http io providers queue',
		'conf' => '',
		'io' => '',
		'http' => '',
		'providers' => 'conf http',
		'queue' => 'conf providers',
	},
	'bin/rp-regionprobe' => {
		'.' => 'conf format verdict zonefile',
		'conf' => '',
		'survey' => 'conf',
		'verdict' => 'conf survey',
		'format' => 'conf survey verdict',
		'zonefile' => 'conf verdict',
	},
	'bin/rp-drain' => { '.' => '' },
	'bin/rp-users' => { '.' => '' },
);

# Below a folder's root: these headers and no others, for modules that must
# stay pure: no loop, no socket, no file.
my %pure = (
	'lib/wire' => 'all',
	'lib/directory' => 'redis_url',
	'bin/rp-switchd/calls' => 'callfsm callhist',
	'bin/rp-switchd/relay' => 'coalesce',
	'bin/rp-switchd/table' => 'rtpstats tombstones tuple wheel',
	'bin/rp-dial/call' => 'outcome presence restart verify',
	'bin/rp-dial/load' => 'load_stats',
	'bin/rp-dial/conf' => 'threshold',
	'bin/rp-dial/probe' => 'probe_fault probe_nagios probe_row
	    probe_textfile',
	'bin/rp-dial/media/path' => 'dtls ice ice_check icemsg',
	'bin/rp-dial/media/rtp' => 'red_receiver red_sender rtp_session',
	'bin/rp-dial/media/audio' => 'arrivals audibility emodel fresh jitter
	    mixdown packets quality redundancy sound splice tempo timeline',
);

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!";
	local $/;
	return <$in>;
}

sub includes {
	my ($file) = @_;
	return slurp($file) =~ /^#include ["<]([^">]+)[">]/mg;
}

my @files = grep { -f } split /\n/, `find lib bin -name '*.[ch]' | sort`;

# owner FILE: the tree that it is in, and its folder there.
sub owner {
	my ($file) = @_;
	for my $tree (sort keys %table) {
		return ($tree, $1) if $file =~ m{^\Q$tree\E/(.+)/[^/]+$};
		return ($tree, '.') if $file =~ m{^\Q$tree\E/[^/]+$};
	}
	return;
}

my @lost = grep {
	my ($tree, $folder) = owner($_);
	!defined $tree || !defined $table{$tree}{$folder}
} @files;
is("@lost", '', 'every file is in a folder of the table');

my (%used, @wrong, @unknown);
for my $file (@files) {
	my ($tree, $folder) = owner($file) or next;
	my %may = map { $_ => 1 } split ' ', $table{$tree}{$folder} // '';
	for my $include (includes($file)) {
		next if $include eq 'config.h' || $include !~ /\.h$/;
		my $target = -f "$tree/$include" ? $tree : -f "lib/$include" ?
		    'lib' : next;
		my (undef, $other) = owner("$target/$include");
		next if $target ne $tree || $other eq $folder;
		$used{$tree}{$folder}{$other} = 1;
		push @wrong, "$file includes $include" unless $may{$other};
	}
	push @unknown, grep { /^\.\.\/|^(?:bin|lib)\// } includes($file);
}
is(join("\n", @wrong), '', 'no include that the table does not allow');
is("@unknown", '', 'no include by a path from elsewhere');

my @idle;
for my $tree (sort keys %table) {
	for my $folder (sort keys %{ $table{$tree} }) {
		push @idle, map { "$tree/$folder: $_" }
		    grep { !$used{$tree}{$folder}{$_} }
		    split ' ', $table{$tree}{$folder};
	}
}
is(join("\n", @idle), '', 'no row allows what nobody uses');

# reaches TREE FOLDER: all folders that it includes, directly or not.
sub reaches {
	my ($tree, $folder, $seen) = @_;
	for my $next (split ' ', $table{$tree}{$folder}) {
		next if $seen->{$next}++;
		reaches($tree, $next, $seen);
	}
	return $seen;
}
my @cycles = map { my $tree = $_; map { "$tree/$_" }
    grep { reaches($tree, $_, {})->{$_} } sort keys %{ $table{$tree} } }
    sort keys %table;
is("@cycles", '', 'the table has no cycle');

# code FILE: its text without comments and strings.
sub code {
	my ($file) = @_;
	return slurp($file) =~ s{/\*.*?\*/}{}sgr =~ s{"(?:\\.|[^"\\\n])*"}{}gr;
}

# exports CODE: the functions that a .c file defines and others can call.
sub exports {
	my ($code) = @_;
	my %types = reverse $code =~ /^(.+)\n(\w+)\([^;{}]*\)\n\{/mg;
	return grep { $types{$_} !~ /^static/ } keys %types;
}

# calls FILES: for each .c file, the others whose functions it calls or hands
# on. A tag or a member of that name is neither.
sub calls {
	my %code = map { $_ => code($_) } @_;
	my (%home, %calls);
	for my $file (keys %code) {
		$home{$_} = $file for exports($code{$file});
	}
	for my $file (keys %code) {
		$calls{$file} = { map { $home{$_} => 1 }
		    grep { exists $home{$_} && $home{$_} ne $file }
		    $code{$file} =~
		    /(?<!struct )(?<!enum )(?<![.>])\b(\w+)\b/g };
	}
	return \%calls;
}

# called CALLS FILE: all files whose functions it calls, directly or not.
sub called {
	my ($calls, $file, $seen) = @_;
	for my $next (sort keys %{ $calls->{$file} }) {
		next if $seen->{$next}++;
		called($calls, $next, $seen);
	}
	return $seen;
}

# These folders are exempt: there, files that share one struct call each other,
# or a table's back-ends call its owner.
my %circular = map { $_ => 1 } qw(bin/rp-regionprobe/format
    bin/rp-switchd/conf bin/rp-switchd/signal bin/rp-switchd/table
    lib/directory lib/net lib/signal_client);

my %sources;
push @{ $sources{ dirname($_) } }, $_ for grep { /\.c$/ } @files;
my @circles;
for my $folder (grep { !$circular{$_} } sort keys %sources) {
	my $calls = calls(@{ $sources{$folder} });
	push @circles, grep { called($calls, $_, {})->{$_} }
	    sort keys %$calls;
}
is("@circles", '', 'no files of a folder call each other in a circle');

my @impure;
for my $folder (sort keys %pure) {
	my %names = map { $_ => 1 } split ' ', $pure{$folder};
	for my $file (grep { dirname($_) eq $folder } @files) {
		my $module = basename($file) =~ s/\.[ch]$//r;
		next unless $names{all} || $names{$module};
		push @impure, map { "$file includes $_" }
		    grep { m{^event2/|^netdb\.h|^time\.h|^net/} ||
		    $_ eq 'sys/socket.h' && $file =~ /\.c$/ }
		    includes($file);
	}
}
is(join("\n", @impure), '', 'what is given the time has no loop and no socket');

my @seam = map { my $file = $_; map { "$file includes $_" }
    grep { m{^event2/} } includes($file) }
    grep { !m{^lib/(?:net|base)/} } @files;
is(join("\n", @seam), '', 'only lib/net and lib/base know the event library');

# An include without its folder would escape the table.
my @bare = map { my $file = $_; map { "$file includes $_" }
    grep { !m{/} && -e dirname($file) . "/$_" &&
    dirname($file) !~ m{^(?:bin/[^/]+|t/.*)$} } includes($file) } @files;
is(join("\n", @bare), '', 'an include names its folder');

my %base;
push @{ $base{ basename($_) } }, $_ for grep { !m{/main\.c$} } @files;
is(join("\n", map { "@{ $base{$_} }" } grep { @{ $base{$_} } > 1 }
    sort keys %base), '', 'no two files have one name');

# What the libraries of the programs export; tests link several at once.
SKIP: {
	my $build = $ENV{RP_BUILD};
	skip 'needs a build', 1 unless $build && -e "$build/libcommon.a";
	my %defined;
	for my $library (glob "$build/lib*.a") {
		for (`nm --defined-only -g "$library" 2>/dev/null`) {
			$defined{$1}{ basename($library) } = 1
			    if /^[0-9a-f]+ [TDRBC] (\w+)$/ && $1 !~ /^__/;
		}
	}
	is(join("\n", map { "$_: " . join(' ', sort keys %{ $defined{$_} }) }
	    grep { keys %{ $defined{$_} } > 1 } sort keys %defined), '',
	    'exported names are unique over all programs');
}

# A static function's lone verb says nothing in a backtrace or to grep, once
# many files have one of that name.
my %verbs;
for my $file (grep { /\.c$/ } @files) {
	push @{ $verbs{$_} }, $file
	    for slurp($file) =~ /^static [^\n;]*\n([a-z]+)\(/mg;
}
is(join("\n", map { "$_: @{ $verbs{$_} }" } grep { @{ $verbs{$_} } > 4 }
    sort keys %verbs), '', 'no lone verb names functions of five files');

# A .c file says at its top what it is.
my @silent = grep { /\.c$/ && slurp($_) !~ m{\A/\*} } @files;
is(join("\n", @silent), '', 'every .c file says at its top what it is');

# Each folder's README names each of its modules, and no other; it repeats the
# row of the table.
my @readmes;
for my $tree (sort keys %table) {
	for my $folder (sort keys %{ $table{$tree} }) {
		my $path = $folder eq '.' ? $tree : "$tree/$folder";
		push @readmes, faults_of_readme($path, $tree, $folder);
	}
}
is(join("\n", @readmes), '', 'every folder has a README that is true');

sub faults_of_readme {
	my ($path, $tree, $folder) = @_;
	my %modules = map { basename($_) =~ s/\.[ch]$//r => 1 }
	    grep { dirname($_) eq $path } @files;
	return "$path: no README" unless -f "$path/README";
	my $text = slurp("$path/README");
	my %named = map { $_ => 1 } $text =~ /^\t(\w+) /mg;
	my @faults = ((map { "$path/README: not named: $_" }
	    grep { !$named{$_} } sort keys %modules),
	    (map { "$path/README: no such module: $_" }
	    grep { !$modules{$_} } sort keys %named));
	for my $below ($text =~ m{^\t([\w/]+)/ }mg) {
		push @faults, "$path/README: no such folder: $below"
		    unless -d "$path/$below";
	}
	my $may = $table{$tree}{$folder} || 'nobody';
	push @faults, "$path/README: May include: $may"
	    unless $tree =~ /rp-(?:drain|users)$/ ||
	    $text =~ /^May include: \Q$may\E \(/m;
	return @faults;
}

# What git knows is in a list of what `make dist` packs, by itself or with its
# folder.
SKIP: {
	chomp(my @known = `git ls-files 2>/dev/null`);
	skip 'needs a git checkout', 1 if !@known;
	my %listed = map { $_ => 1 } map { split ' ', slurp($_) }
	    grep { m{(?:^Makefile\.am|\.mk)$} } @known;
	# Automake packs its own input by itself.
	$listed{$_} = 1 for qw(Makefile.am configure.ac config.h.in);
	my @left = grep {
		my $path = $_;
		!/^\./ && !$listed{$path} && !grep { $listed{$_} }
		    map { substr $path, 0, $_ }
		    grep { substr($path, $_, 1) eq '/' } 1 .. length($path) - 1;
	} @known;
	is(join("\n", @left), '', 'every file is packed by make dist');
}
done_testing();
