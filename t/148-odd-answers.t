#!/bin/sh
# rp-regionprobe with faulty or hostile DNS servers. They fail, stay silent,
# disagree or ignore client subnets. They answer another question or send
# rubbish. They repeat an address, or give addresses that no switch can have.
. "$(dirname "$0")/lib.sh"

# stub NAME MODE: a name server of that kind; "$T/NAME.out" is its port.
stub() {
	# shellcheck disable=SC2016
	start "$1" perl -MIO::Socket::INET -e '$| = 1;
		my ($mode) = @ARGV;
		my $u = IO::Socket::INET->new(Proto => "udp",
		    LocalAddr => "127.0.0.1", LocalPort => 0) or die;
		print $u->sockport, "\n";
		my %of = (good => [[5, 3, 1, 1]], other => [[5, 8, 1, 1]],
		    twice => [([5, 3, 1, 1]) x 3],
		    hostile => [[0, 0, 0, 0], [127, 0, 0, 1]]);
		while (my $from = recv($u, my $q, 1500, 0)) {
			my ($id, $end) = (substr($q, 0, 2), 12);
			next if $mode eq "silent";
			$end += 1 + unpack "x${end}C", $q
			    while unpack "x${end}C", $q;
			my $asked = substr $q, 12, $end - 7;
			my $type = unpack "n", substr $q, $end + 1, 2;
			my @a = $type == 1 ? @{$of{$mode} || []} : ();
			my $flags = $mode eq "servfail" ? 0x8182 : 0x8580;
			if ($mode eq "rubbish") {
				send $u, $id . "\x85\x80" . "\xff" x 60, 0,
				    $from;
				next;
			}
			if ($mode eq "root") {	# a CNAME for ".", and addresses
				send $u, $id . pack("n5", $flags, 1, 2, 0, 0) .
				    $asked . pack("nnnNnC", 0xc00c, 5, 1, 60, 1,
				    0) . pack("CnnNnC4", 0, 1, 1, 60, 4, 5, 3,
				    1, 1), 0, $from;
				next;
			}
			$asked = "\x05wrong\0\0\1\0\1", @a = [5, 3, 1, 1]
			    if $mode eq "wrong";
			send $u, $id . pack("n5", $flags, 1, scalar @a, 0, 0) .
			    $asked . join("", map { pack "nnnNnC4", 0xc00c, 1,
			    1, 60, 4, @$_ } @a), 0, $from;
		}' "$2"
	wait_for 5 test -s "$T/$1.out"
}
for mode in good other twice hostile servfail silent rubbish wrong root; do
	stub $mode $mode
done
cat >"$T/regions" <<'END'
regions = (
  { name = "ireland"; addresses = [ "5.3.1.1" ]; },
  { name = "virginia"; addresses = [ "5.8.1.1" ]; }
);
END
at() {
	echo "127.0.0.1:$(cat "$T/$1.out")"
}
# probe SERVERS [ARGUMENT...]
probe() {
	probe_servers=$1
	shift
	rp-regionprobe switch.test --no-connect --whoami none --rounds 1 \
	    --resolver "$(at good)" --server "$probe_servers" \
	    --regions "$T/regions" "$@" \
	    >"$T/out" 2>&1
}

probe "$(at good),$(at other)"
is $? 0 "servers that do not agree: the first decides"
like "$(cat "$T/out")" \
    "authority 127.0.0.1 answers with region .* instead: .* do not agree" \
    "and it is said"

probe "$(at servfail),$(at good)"
is $? 0 "SERVFAIL: another server decides"
like "$(cat "$T/out")" "^warning: authority 127.0.0.1: SERVFAIL" \
    "the one that fails is named"
probe "$(at silent),$(at good)"
is $? 0 "a silent server costs some seconds"
like "$(cat "$T/out")" "^warning: authority 127.0.0.1: no answer" \
    "and is named"
probe "$(at servfail)" --resolver "$(at servfail)" --add 5.3.1.9
is $? 2 "all fail: DNS failed"

probe "$(at good)" --add 5.3.1.9
is $? 3 "a server that ignores client subnets decides for nobody"
like "$(cat "$T/out")" \
    "the client subnet is ignored .scope 0.: all clients of" \
    "which is said, with what follows from it"

probe "$(at twice)"
is $? 0 "the same address three times"
like "$(cat "$T/out")" "authority 127.0.0.1 +ireland +1 A, 0 AAAA" \
    "is one address"

for mode in rubbish wrong; do
	probe "$(at $mode)" --resolver "$(at $mode)"
	is $? 2 "an answer of $mode is none"
	is "$(grep -c "127.0.0.1 .*ireland" "$T/out")" 0 "and leaves nothing behind ($mode)"
done

probe "$(at hostile)" --add 5.3.1.9 --region with-0.0.0.0
like "$(cat "$T/out")" "warning: 0.0.0.0 is not a public address" \
    "0.0.0.0 is warned of"
like "$(cat "$T/out")" "warning: 127.0.0.1 is not a public address" \
    "loopback as well"

probe "$(at root)" --resolver "$(at root)"
is "$(sed -n '/^switch/{p;q;}' "$T/out")" switch.test "an alias of the root is none" ||
    cat "$T/out"
finish
