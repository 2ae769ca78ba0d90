#!/usr/bin/perl
# A server that is not PostgreSQL, or one that misbehaves.
#
#	notpostgres.pl PORT-FILE MODE
#
# MODE says what a connection gets: close, http, silent, a refusal that moves a
# terminal's cursor (escape); and after a login that
# succeeds: hang, or without end notices, notifications (notify), rows, results
# (complete) or ends of transactions (ready).
use strict;
use warnings;
use IO::Socket::INET;

my ($file, $mode) = @ARGV;
my $listener = IO::Socket::INET->new(Listen => 9, LocalAddr => '127.0.0.1')
    or die "listen: $!";
open my $out, '>', "$file.new" or die "$file: $!";
print $out $listener->sockport;
close $out;
rename "$file.new", $file or die "$file: $!";
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

# message TYPE BODY: one of PostgreSQL's protocol 3.
sub message {
	my ($type, $body) = @_;
	return $type . pack('N', 4 + length $body) . $body;
}

# packet SOCKET: the body of a packet without a type.
sub packet {
	my ($socket) = @_;
	sysread $socket, my $length, 4 or exit;
	sysread $socket, my $body, unpack('N', $length) - 4;
	return $body;
}

my %endless = (
	notices => message('N', "SNOTICE\0C00000\0Mhello\0\0"),
	notify => message('A', pack('N', 1) . "x\0y\0"),
	rows => message('D', pack('n', 1) . pack('N', 4) . 'abcd'),
	complete => message('C', "SELECT 1\0"),
	ready => message('Z', 'I'),
);

# log_in SOCKET: refuse encryption, and let anybody in.
sub log_in {
	my ($socket) = @_;
	my $body = packet($socket);
	if (length $body == 4) {
		syswrite $socket, 'N';
		packet($socket);
	}
	syswrite $socket, message('R', pack('N', 0)) .
	    message('S', "server_version\0" . "15.1\0") .
	    message('S', "default_transaction_read_only\0off\0") .
	    message('S', "in_hot_standby\0off\0") . message('Z', 'I');
}

while (my $socket = $listener->accept) {
	next if fork;
	exit if $mode eq 'close';
	if ($mode eq 'http') {
		syswrite $socket, "HTTP/1.1 400 Bad Request\r\n\r\n";
		sleep 1;
		exit;
	}
	if ($mode eq 'escape') {
		packet($socket);
		syswrite $socket, message('E', "SFATAL\0C28000\0" .
		    "Mno \e[2Jentry \xc2\x9b2J, caf\xc3\xa9\0\0");
		exit;
	}
	log_in($socket) if $mode ne 'silent';
	if (!$endless{$mode}) {
		1 while sysread $socket, my $ignored, 4096;
		exit;
	}
	1 while syswrite $socket, $endless{$mode} x 1000;
	exit;
}
