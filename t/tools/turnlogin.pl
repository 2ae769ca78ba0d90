#!/usr/bin/perl
# turnlogin: one login at a TURN server, and what it is answered. It needs no
# code of ours, so that both ends do not share a mistake.
#
#	turnlogin.pl [OPTION...] ADDRESS:PORT USERNAME PASSWORD
#	--via udp|tcp|tls	by default udp
#	--name NAME		the server's name that TLS is asked for
#	--realm REALM		named in place of the challenge's
#	--sha256		the password algorithm SHA-256 of RFC 8489
#	--hold SECONDS		stay connected for so long after the answer
#
# It prints "CODE REALM RELAYED": 0 or the error of the signed Allocate, the
# challenge's realm, and the port of the relayed address.
use strict;
use warnings;
use Digest::MD5 'md5';
use Digest::SHA qw(hmac_sha1 sha256);
# A password may begin with a plus.
use Getopt::Long ':config', 'prefix_pattern=--';
use IO::Select;
use IO::Socket::INET;
use IPC::Open2;

my @again = ($^X, $0, @ARGV);
my %o = (via => 'udp');
GetOptions(\%o, 'via=s', 'name=s', 'realm=s', 'sha256', 'hold=i') && @ARGV == 3
    or die "usage: turnlogin.pl [OPTION...] ADDRESS:PORT USERNAME PASSWORD\n";
my ($server, $user, $password) = @ARGV;
my $COOKIE = 0x2112A442;
my ($ALGORITHM, $ALGORITHMS) = (0x001D, 0x8002);
my ($in, $out);

if ($o{via} eq 'tls') {
	my @name = defined $o{name} ? ('-servername', $o{name}) :
	    ('-noservername');
	open STDERR, '>', '/dev/null';
	open2($in, $out, 'openssl', 's_client', '-quiet', @name,
	    '-connect', $server);
} else {
	$in = $out = IO::Socket::INET->new(PeerAddr => $server,
	    Proto => $o{via}) or die "$server: $!\n";
}

sub attribute {
	my ($type, $value) = @_;

	return pack('nna*', $type, length $value, $value) .
	    "\0" x (-length($value) % 4);
}

sub message {
	my ($id, $attributes, $more) = @_;

	return pack('nnN', 3, length($attributes) + $more, $COOKIE) . $id .
	    $attributes;
}

# Send a request; return the attributes of its answer by type, and its class.
sub ask {
	my ($text) = @_;
	my ($got, $head, %found) = ('');

	syswrite $out, $text;
	while (1) {
		IO::Select->new($in)->can_read(10) or die "no answer\n";
		sysread $in, $got, 4096, length $got or die "it hung up\n";
		last if length $got >= 20 &&
		    length $got >= 20 + unpack('x2n', $got);
	}
	for (my $at = 20; $at < length $got;) {
		my ($type, $len) = unpack "x$at nn", $got;

		$found{$type} //= substr $got, $at + 4, $len;
		$at += 4 + $len + (-$len % 4);
	}
	return (\%found, unpack 'n', $got);
}

$ENV{TURNLOGIN_TRIES} //= 0;
my $n = 0;
my $id = sub { pack 'a8N', "turn$$", $n++ };
my $transport = attribute(0x0019, "\x11\0\0\0");
my ($challenge) = ask(message($id->(), $transport, 0));
my $realm = $o{realm} // $challenge->{0x0014};
my $attributes = $transport . attribute(0x0006, $user) .
    attribute(0x0014, $realm) . attribute(0x0015, $challenge->{0x0015});
my $key = "$user:$realm:$password";
if ($o{sha256}) {
	$attributes .= attribute($ALGORITHMS, $challenge->{$ALGORITHMS}) .
	    attribute($ALGORITHM, pack('nn', 2, 0));
	$key = sha256($key);
} else {
	$key = md5($key);
}
my $text = message($id->(), $attributes, 24);
my ($answer, $type) = ask($text .
    attribute(0x0008, hmac_sha1($text, $key)));
my $code = 0;
if ($type & 0x0010) {
	my ($class, $number) = unpack 'x2CC', $answer->{0x0009};
	$code = $class * 100 + $number;
}
# An earlier login had the same port of ours, which happens: take another one
# (RFC 8656 6.4).
exec @again if $code == 437 && $ENV{TURNLOGIN_TRIES}++ < 9;
my $port = defined $answer->{0x0016} ?
    unpack('x2n', $answer->{0x0016}) ^ ($COOKIE >> 16) : '-';
$| = 1;
print "$code $challenge->{0x0014} $port\n";
sleep $o{hold} if $o{hold};
# For openssl to end.
close $out;
