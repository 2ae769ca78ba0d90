#!/bin/sh
# A lost or slow packet does not end a dial while the deadline is far. On a host
# without IPv6 whose resolver has the IPv6 addresses at once, caller and callee
# wait for the IPv4 ones. The only switch is waited for when its ClientHello is
# lost. The nearest of several still wins. A switch that hangs is overtaken, and
# stays in the race in case it recovers. Early data that was sent to an
# overtaken switch is cancelled there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need

service_open
world_host ann dublin
world_host bob dublin
world_host sw1 london
world_host sw2 london
world_host ns -
world_set "rtt ann sw1 60" "rtt ann sw2 300" "rtt bob sw1 30" "rtt bob sw2 30"
service_switch sw1
service_switch sw2
world_start
for host in ann bob sw1 sw2; do
	world_dns $host "$(world_addr ns)"
done
service_user ann bob carol
service_start sw1
service_start sw2
for host in ann bob; do
	ip -n "$(world_ns $host)" -6 route del default
done

# dns LINE...: what the resolver says from now on, besides the switches' names.
dns() {
	stop dns
	rm -f "$T/dns.out"
	for switch in sw1 sw2; do
		echo "$switch.rp.test A $(world_addr $switch)"
		echo "$switch.rp.test AAAA $(world_addr6 $switch)"
	done >"$T/table"
	printf '%s\n' "$@" >>"$T/table"
	# shellcheck disable=SC2046
	start dns $(world_in ns) perl "$RP_SRC/t/tools/resolver.pl" \
	    "$(world_addr ns):53" "$T/table"
	wait_for 5 test -s "$T/dns.out"
}
# both A...: all addresses of one family of the service's name.
of() {
	type=$1
	shift
	for switch; do
		if [ "$type" = A ]; then
			echo "$service_name A $(world_addr "$switch")"
		else
			echo "$service_name AAAA $(world_addr6 "$switch")"
		fi
	done
}
forget() {
	rm -f "$T/ann.addresses" "$T/ann.tickets"
}
probe() {
	world_exec ann rp-dial --probe --account "$T/ann.conf" --json \
	    "$T/probe.json" "$@" 2>"$T/err"
}
call() {
	world_exec ann rp-dial --account "$T/ann.conf" --duration 1 \
	    --json "$T/call.json" "$@" bob
}
# outcomes FILE: of the race, in the order of the switches, IPv4 only.
outcomes() {
	for switch in sw1 sw2; do
		jq -r --arg a "$(world_addr $switch):31337" '.multiconnect[] |
			select(.address == $a) | .outcome' "$T/$1.json"
	done | paste -sd ,
}
won() {
	jq -r .switch.address "$T/$1.json"
}
# lose_hello: the next ClientHello to the nearest is lost, on its way.
lose_hello() {
	world_exec sw1 nft -f - <<-'END'
		table inet weather {
			chain in {
				type filter hook input priority 0;
				tcp dport 31337 meta length > 200 limit rate 1/day burst 1 packets counter drop
			}
		}
	END
}
# lost: how many were.
lost() {
	world_exec sw1 nft list table inet weather |
	    sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
	world_exec sw1 nft delete table inet weather
}

# The resolver is far from the authority, or a packet of its is lost.
dns "$(of AAAA sw1 sw2)" "$(of A sw1 sw2)" "$service_name A !late 400"
probe
is $? 0 "IPv6 at once, which leads nowhere, and IPv4 later: a switch is found"
is "$(won probe)" "$(world_addr sw1):31337" "and it is the nearest"
is "$(jq -r '[.multiconnect[] | select(.outcome == "unreachable")] | length' \
    "$T/probe.json")" 2 "beside the two that were unreachable"
forget
dns "$(of AAAA sw1 sw2)" "$(of A sw1 sw2)" "$service_name A !lose 1"
check "and so it is if the question for IPv4 was lost" probe

dns "$(of AAAA sw1)" "$(of A sw1)" "$service_name A !late 400" \
    "sw1.rp.test A !late 400"
service_answer bob bob --echo
check "a call, to somebody whose look-up is as slow" call
is "$(won call)" "$(world_addr sw1):31337" "goes through that switch"
# shellcheck disable=SC2046
start talk $(world_in ann) rp-dial --account "$T/ann.conf" --out - bob
check "while they talk" wait_for 10 test -s "$T/talk.out"
world_exec ann rp-dial --account "$T/carol.conf" bob 2>"$T/err"
is $? 5 "another caller is told that bob is busy"
stop talk INT
printf 'switch = "%s"; ca = "ca.pem";\n' "$service_name" >"$T/new.conf"
world_exec ann rp-dial --account "$T/new.conf" --register +2721 2>"$T/err" \
    </dev/null
like "$(cat "$T/err")" "the switch says" "and a switch is found to register at"
forget

dns "$(of AAAA sw1)" "$service_name A !lose 99"
probe
is $? 2 "IPv4 addresses that never come end with the look-up"
like "$(cat "$T/err")" "unreach|No route.*IPv4 addresses: no answer from DNS" \
    "and what was missing is said"
dns "$(of AAAA sw1)"
probe
is $? 2 "that there are none"
is "$(grep -c DNS "$T/err")" 0 "is an answer"
forget

# One switch: the ClientHello is lost, once.
dns "$(of A sw1)"
lose_hello
probe
is $? 0 "the only switch is waited for when the ClientHello is lost"
is "$(lost) $(outcomes probe)" "1 won" "and wins"
is "$(grep -c proxy "$T/ann.addresses")" 0 "a lost packet is not a proxy"
lose_hello
check "a call likewise" call
is "$(lost) $(outcomes call)" "1 won" "wins"
lose_hello
check "and an address in place of the name" probe --switch sw1.rp.test
is "$(lost) $(outcomes probe)" "1 won" "wins"
forget

# Both at once, and with several.
dns "$(of AAAA sw1)" "$(of A sw1)" "$service_name A !lose 1"
lose_hello
check "a question to DNS and the ClientHello are lost" probe
is "$(lost) $(outcomes probe)" "1 won" "once each"
forget
dns "$(of A sw1 sw2)"
lose_hello
check "the nearest of two lost its ClientHello" probe
is "$(lost) $(outcomes probe)" "1 won,lost" "and is still before the other"

# The nearest hangs, and another works.
forget
kill -STOP "$(cat "$T/sw1.pid")"
check "the nearest hangs" probe
is "$(outcomes probe)" "struck: no ServerHello,won" "and is overtaken"
# Now both do. When the other is asked as well, the nearest comes to itself.
forget
kill -STOP "$(cat "$T/sw2.pid")"
asked() {
	world_exec sw2 ss -Htn state established sport = :31337 |
	    awk '$1 > 200 { found = 1 } END { exit !found }'
}
wait_for 5 eval '! asked'
# shellcheck disable=SC2046
start late $(world_in ann) rp-dial --probe --account "$T/ann.conf" \
    --json "$T/late.json"
check "when two hang, both are asked" wait_for 10 asked
kill -CONT "$(cat "$T/sw1.pid")"
join late
is $? 0 "the nearest comes to itself"
is "$(outcomes late)" "won,lost" "and wins, because it was never given up"
kill -CONT "$(cat "$T/sw2.pid")"

# Early data: INITIATE is with the nearest already, whose answer does not come. A
# busy machine may make a proxy suspected, and nothing goes early then.
forget
echo 'race = "tcp";' >>"$T/ann.conf"
early() {
	call && [ "$(jq -c '[.switch.name, .switch.early]' \
	    "$T/call.json")" = '["sw1.rp.test",true]' ]
}
check "a call leaves a ticket, and the next one uses it" wait_for 20 early
ended() {
	grep -c "event=call_ended" "$T/$1.err"
}
before1=$(ended sw1)
before2=$(ended sw2)
world_exec ann nft -f - <<-END
	table inet deaf {
		chain in {
			type filter hook input priority 0;
			ip saddr $(world_addr sw1) tcp sport 31337 tcp flags & psh == psh drop
		}
	}
END
check "nothing comes of the nearest that took it early" call
is "$(jq -c '[.switch.name, .switch.early]' "$T/call.json")" \
    '["sw2.rp.test",false]' "the other has it, and not early"
taken_back() {
	[ "$(ended sw1)" -gt "$before1" ]
}
check "the nearest takes it back" wait_for 5 taken_back
is "$(($(ended sw2) - before2))" 1 "one call was made"
finish
