# Sourced after world.sh: what other people's networks do to a call.
#
#	weather 2 5		2% of the packets are lost each way, and up to
#				5 ms of jitter are added
#	weather_four ann	her network has no IPv6
#	weather_six bob		his has no IPv4
#	weather_lose sw1 'tcp dport 31337 meta length > 200'
#	weather_lost sw1	that lost one packet; from now on it loses none

# weather LOSS JITTER: in percent and ms, everywhere, at once if the world runs.
weather() {
	world_set "loss $1" "jitter $2"
}

# weather_four HOST: it has an IPv4 address and route, and only those. Addresses
# of the other family are without a route, as at most people's homes.
weather_four() {
	ip -n "$(world_ns "$1")" -6 route del default
	ip -n "$(world_ns "$1")" -6 addr flush dev wan0
}

# weather_six HOST: likewise IPv6. Its name server is reached by that.
weather_six() {
	ip -n "$(world_ns "$1")" -4 route del default
	ip -n "$(world_ns "$1")" -4 addr flush dev wan0
}

# weather_lose HOST MATCH: lose one packet that comes in at the host and that
# nftables' MATCH fits, so that the same packet is lost in each run.
weather_lose() {
	world_exec "$1" nft -f - <<-END
		table inet weather {
			chain in {
				type filter hook input priority 0;
				$2 limit rate 1/day burst 1 packets counter drop
			}
		}
	END
}

# weather_lost HOST: print how many packets were lost, and lose no more.
weather_lost() {
	world_exec "$1" nft list table inet weather |
	    sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
	world_exec "$1" nft delete table inet weather
}
