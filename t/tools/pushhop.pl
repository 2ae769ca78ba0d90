#!/usr/bin/perl
# pushhop: a push service between a switch and one device, as far as time goes.
#
#	pushhop.pl ADDRESS:PORT DEVICE READY
#
# It takes requests of HTTP/1.1 at an address on connections that stay open, and
# writes "push=ADDRESS:PORT" to the file READY. It hands each request on to the
# address that the file DEVICE names in the same way, on a new connection of this
# host, as if it had come over the connection of a device to its push service.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($listen, $device, $ready) = @ARGV;
die "usage: pushhop.pl ADDRESS:PORT DEVICE READY\n" unless defined $ready;
my $server = IO::Socket::INET->new(LocalAddr => $listen, Listen => 16,
    ReuseAddr => 1) or die "pushhop: $listen: $!\n";
open my $f, ">", "$ready.new" or die "pushhop: $ready: $!\n";
print $f "push=", $server->sockhost, ":", $server->sockport, "\n";
close $f;
rename "$ready.new", $ready;

sub target {
	open my $f, "<", $device or return "";
	return join("", <$f>) =~ /^push=(.*)$/m ? $1 : "";
}

# Hand a whole request on; return the answer, without what ends a connection.
sub ask {
	my ($request) = @_;
	my $to = IO::Socket::INET->new(PeerAddr => target());
	return "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n" if !$to;
	syswrite $to, $request =~ s/\r\n\r\n/\r\nConnection: close\r\n\r\n/r;
	my $answer = "";
	1 while sysread $to, $answer, 65536, length $answer;
	return $answer =~ s/^Connection: close\r\n//mir;
}

my $watched = IO::Select->new($server);
my %had;
while (my @active = $watched->can_read) {
	for my $from (@active) {
		if ($from == $server) {
			$watched->add(scalar $server->accept);
			next;
		}
		my $in = \($had{$from} //= "");
		if (!sysread $from, $$in, 65536, length $$in) {
			$watched->remove($from);
			delete $had{$from};
			close $from;
			next;
		}
		while ($$in =~ /^(.*?\r\n\r\n)/s) {
			my $len = length $1;
			$len += $1 if substr($$in, 0, $len) =~
			    /^Content-Length: *(\d+)/mi;
			last if length $$in < $len;
			syswrite $from, ask(substr $$in, 0, $len, "");
		}
	}
}
