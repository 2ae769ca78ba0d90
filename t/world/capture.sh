# Sourced after world.sh by scenarios that look at the wire.

capture_need() {
	command -v tcpdump >/dev/null || skip_all "no tcpdump"
}

# capture HOST: what passes its wan0, until capture_stop.
capture() {
	# shellcheck disable=SC2046
	start "tap-$1" $(world_in "$1") tcpdump -i wan0 -U --immediate-mode -s 256 \
	    -w "$T/$1.pcap" "tcp or udp"
	wait_for 5 grep -q listening "$T/tap-$1.err"
}

# capture_stop HOST: its IPv4 and IPv6 packets (without extension headers), a
# line each, are then in $T/HOST.packets: "SECONDS tcp|udp FROM PORT TO PORT
# FLAGS BYTES FIRST-BYTES" (of the payload, hexadecimal).
capture_stop() {
	stop "tap-$1"
	perl -MSocket -e 'open my $f, "<:raw", $ARGV[0] or die; read $f, my $h, 24;
		while (read($f, $h, 16) == 16) {
			my ($s, $us, $len) = unpack "VVV", $h;
			read $f, my $p, $len;
			my ($proto, $off, $total, @ip);
			if (unpack("C", $p) >> 4 == 4) {
				$off = 4 * (unpack("C", $p) & 15);
				$total = unpack "x2n", $p;
				$proto = unpack "x9C", $p;
				@ip = map { Socket::inet_ntop(2,
				    substr $p, $_, 4) } 12, 16;
			} else {
				$off = 40;
				$total = 40 + unpack "x4n", $p;
				$proto = unpack "x6C", $p;
				@ip = map { Socket::inet_ntop(10,
				    substr $p, $_, 16) } 8, 24;
			}
			next if $proto != 6 && $proto != 17;
			my ($sp, $dp) = unpack "nn", substr $p, $off, 4;
			my $flags = $proto == 6 ?
			    unpack("x13C", substr $p, $off) : 0;
			my $data = $off + ($proto == 6 ?
			    4 * (unpack("x12C", substr $p, $off) >> 4) : 8);
			printf "%.6f %s %s %d %s %d %d %d %s\n", $s + $us / 1e6,
			    $proto == 6 ? "tcp" : "udp", $ip[0], $sp, $ip[1],
			    $dp, $flags, $total - $data,
			    unpack "H12", substr $p, $data;
		}' "$T/$1.pcap" >"$T/$1.packets"
}
