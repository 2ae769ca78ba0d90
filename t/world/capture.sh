# Sourced after world.sh by scenarios that capture packets.

capture_need() {
	command -v tcpdump >/dev/null || skip_all "no tcpdump"
}

# capture HOST [BYTES]: what passes its wan0, so much of each packet, until
# capture_stop.
capture() {
	# shellcheck disable=SC2046
	start "tap-$1" $(world_in "$1") tcpdump -i wan0 -U --immediate-mode -B 16384 \
	    -s "${2:-256}" -w "$T/$1.pcap" "tcp or udp"
	wait_for 5 grep -q listening "$T/tap-$1.err"
}

# capture_read HOST: its IPv4 and IPv6 packets so far (without extension headers)
# are then in $T/HOST.packets, a line each: "SECONDS tcp|udp FROM PORT TO PORT
# FLAGS BYTES FIRST-BYTES" (of the payload, hexadecimal).
capture_read() {
	perl -MSocket -e 'open my $f, "<:raw", $ARGV[0] or die; read $f, my $h, 24;
		while (read($f, $h, 16) == 16) {
			my ($s, $us, $len) = unpack "VVV", $h;
			last if read($f, my $p, $len) != $len;
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

# capture_stop HOST: the end of it, and all of it in $T/HOST.packets.
capture_stop() {
	stop "tap-$1"
	capture_read "$1"
}

# The switch's first packet of a push to the device at $2, in what $1 saw: what
# it sends there from no port of signalling, a SYN or a POST on a connection
# that stands. For awk; s is the switch's address, b the device's.
# shellcheck disable=SC2016
capture_push='$2 == "tcp" && $3 == s && $5 == b && $4 != 31337 &&
	$4 != 31338 && ($7 == 2 || ($8 > 0 && $9 ~ /^504f5354/))'

# capture_flights SW CALLER CALLEE: how many flights came from CALLER to the call
# port of the switch SW before the push for CALLEE left. A flight is what is
# sent (a SYN or data) without hearing from the switch in between, so that each
# but the first costs a round trip.
capture_flights() {
	awk -v a="$(world_addr "$2")" -v s="$(world_addr "$1")" \
	    -v b="$(world_addr "$3")" "$capture_push"' {
			print n + 0; found = 1; exit
		}
		$2 != "tcp" || ($8 == 0 && $7 % 4 < 2) { next }
		$3 == a && $5 == s && $6 == 31337 { n += !mine; mine = 1 }
		$3 == s && $5 == a && $4 == 31337 { mine = 0 }
		END { if (!found) print "no push" }' "$T/$1.packets"
}

# capture_rtp HOST FROM TO: when HOST saw the first RTP between these hosts, in
# ChannelData, and no RTCP.
capture_rtp() {
	awk -v from="$(world_addr "$2")" -v to="$(world_addr "$3")" '
		$2 == "udp" && $3 == from && $5 == to && $9 ~ /^4...../ &&
		substr($9, 9, 1) == "8" && substr($9, 11, 2) !~ /^c[0-9a-f]$/ {
			print $1; exit
		}' "$T/$1.packets"
}
