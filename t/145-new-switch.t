#!/bin/sh
# A new switch finds its region with one command. The script that
# rp-regionprobe(8) quotes runs unchanged in a network with a real name server.
# Calls from the switch's city then arrive there, and no other calls do. The
# test also covers what rp-regionprobe finds when it connects: certificates,
# hosts that are down, and a region that is nearer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need

service_open
world_host ann johannesburg
world_host pat london
world_host joe newyork
world_host cpt1 capetown
world_host dub1 dublin
world_host iad1 ashburn
world_host ns -
service_switch dub1
service_switch iad1
service_switch cpt1 -
world_start
service_dns ns
service_user ann
for switch in dub1 iad1 cpt1; do
	service_start $switch
done
new=$(world_addr cpt1)
mkdir -p "$T/config/rp"
cp "$T/ann.conf" "$T/config/rp/account.conf"
cp "$T/ca.pem" "$T/config/rp"
XDG_CONFIG_HOME=$T/config
export XDG_CONFIG_HOME

# winner HOST: the switch that its dials choose.
winner() {
	world_exec "$1" rp-dial --probe --json - |
	    jq -r '.switch.address | sub(":[0-9]+$"; "") | gsub("[][]"; "")' |
	    while read -r ip; do
		for switch in dub1 iad1 cpt1; do
			[ "$ip" != "$(world_addr $switch)" ] &&
			    [ "$ip" != "$(world_addr6 $switch)" ] ||
			    echo $switch
		done
	    done
}

# The page quotes the script.
mandoc -T ascii "$RP_SRC/man/rp-regionprobe.8" | col -bx |
    sed -n '/name=\$1/,/rp-dial --probe/s/^ *//p' >"$T/quoted"
sed -n '/^name=\$1/,$s/^ *//p' "$RP_SRC/contrib/gslb/new-switch" \
    >"$T/script"
is "$(cat "$T/quoted")" "$(cat "$T/script")" \
    "rp-regionprobe(8) quotes the script as it is"

# Region ireland's own switches are far from here; one of "tokyo" is near.
sed "s/\(name = \"tokyo\"; addresses = \[\)/\1 \"$new\"/" "$T/regions" \
    >"$T/nearer"
like "$(world_exec ann rp-regionprobe "$service_name" --ca "$T/ca.pem" \
    --regions "$T/nearer")" \
    "region tokyo is nearer \([0-9.]+ ms\) than ireland" \
    "a region that is nearer is told, with what to do"

is "$(winner ann) $(winner pat) $(winner joe)" "dub1 dub1 iad1" "before"
check "the script runs on the new switch" world_exec cpt1 \
    "$RP_SRC/contrib/gslb/new-switch" "$service_name" "$new" "$T/regions" \
    "$T/geo" "knotc -s $T/ns.knot/knot.sock reload" \
    --ca "$T/ca.pem" --own-name cpt1.rp.test
cp "$T/check.out" "$T/story"
like "$(cat "$T/story")" "^authority ns1.rp.test. +ireland" \
    "it finds the zone's server by itself"
like "$(cat "$T/story")" "^$new belongs to region ireland" "and the region"
# 190 ms away, or more by what the machine adds.
ms='(19[0-9]|[2-9][0-9]{2}|[0-9]{4})\.[0-9] ms'
like "$(cat "$T/story")" "$(world_addr iad1) +$ms +certificate good" \
    "it measures every switch"
like "$(cat "$T/story")" "^\* (5.1.4.1|.2a05:1:4::1.):31337" \
    "and wins the race at once"
is "$(grep -A 1 '^to be added' "$T/story" |
    grep -cE "^  $new +[0-9.]+ ms  certificate good")" 1 \
    "the new one itself too, whose port and certificate are looked at"
like "$(cat "$T/story")" "^Write it into $T/regions:[0-9]+ as well" \
    "it says where else to write it"
like "$(cat "$T/story")" "resolvers may give the old answer for 60 s more" \
    "and for how long the old answer lives"
is "$(grep -c '^warning' "$T/story")" 0 "nothing is wrong" ||
    grep '^warning' "$T/story"
is "$(winner ann) $(winner pat) $(winner joe)" "cpt1 dub1 iad1" \
    "after: calls from its city arrive, and no others"
is "$(world_exec joe kdig +short "$service_name" | grep -c "$new")" 0 \
    "America is not even told of it"

# What a person sees of a race: who won, who was closed when, who failed how.
world_exec ann script -qefc "rp-dial --probe" "$T/race.tty" </dev/null \
    >"$T/race.out" 2>&1
tr -d '\r' <"$T/race.tty" | grep -v '^Script' >"$T/race"
is "$(grep -cE '^\* '"$new"':31337 +[0-9.]+ ms  won$' "$T/race")" 1 \
    "a race on a terminal: who won, and when" || cat "$T/race"
is "$(grep -cE '^  .*:31337 +[0-9.]+ ms  lost$' "$T/race")" 2 \
    "who was closed, and when" || cat "$T/race"
is "$(grep -cE '^  #+$' "$T/race")" 3 "with a bar for each" || cat "$T/race"
is "$(grep -E 'won$|lost$' "$T/race" | awk '{ print index($0, " ms  ") }' |
    uniq | wc -l)" 1 "one below the other"

probe() {
	world_exec cpt1 rp-regionprobe "$service_name" --regions "$T/regions" \
	    --ca "$T/ca.pem" "$@"
}
like "$(probe --format json | jq -r '.switches[] |
    select(.name == "dub1.rp.test" and .certificate.for_own_name and
    .certificate.trusted and .certificate.for_name) |
    .certificate.days_left' | head -n 1)" "(89|90)" \
    "certificates for both names, with the days left"

# Its other address takes another run, and the first is not lost. The name
# server's file may be reached by a link, and others than root may read it.
ln -s geo "$T/geo-link"
chmod 640 "$T/geo"
check "the script runs for its IPv6 address" world_exec cpt1 \
    "$RP_SRC/contrib/gslb/new-switch" "$service_name" \
    "$(world_addr6 cpt1)" "$T/regions" "$T/geo-link" \
    "knotc -s $T/ns.knot/knot.sock reload" --ca "$T/ca.pem"
is "$(for type in A AAAA; do
	world_exec ann kdig +short "$service_name" $type
    done | grep -cFx -e "$new" -e "$(world_addr6 cpt1)")" 2 "both are answered then"
is "$(stat -c %F "$T/geo-link"), $(stat -c %a "$T/geo")" "symbolic link, 640" \
    "a link to the file stays, and so does its mode"
is "$("$RP_SRC/contrib/gslb/new-switch" "$service_name" "$new" "$T/regions" \
    "$T" true 2>&1)" "new-switch: $T: not a regular file" "a folder is refused"

# The name server dies: the last good answer is raced, after two seconds and not
# the five of a dial that has none.
kill -STOP "$(cat "$T/ns.pid")"
world_exec ann rp-dial --probe --json "$T/down.json" 2>"$T/down.err"
is $? 0 "a dial while DNS is silent"
like "$(cat "$T/down.err")" "using the last good answer, 0 minutes old" \
    "says that it uses the last good answer, and its age"
is "$(jq '.timing_ms | .dns > 1900 and .dns < 5000' "$T/down.json")" true \
    "after two seconds" || cat "$T/down.json"
kill -CONT "$(cat "$T/ns.pid")"

# What may be wrong with a switch.
service_cert dub1 10
stop dub1
service_start dub1
like "$(probe)" "$(world_addr dub1): its certificate has (9|10) days left" \
    "a certificate that is about to expire"
printf 'subjectAltName = DNS:other.rp.test\n' >"$T/iad1.ext"
openssl_quiet x509 -req -in "$T/iad1.csr" -CA "$T/ca.pem" \
    -CAkey "$T/ca.key" -CAcreateserial -days 30 -extfile "$T/iad1.ext" \
    -out "$T/iad1.pem"
stop iad1
service_start iad1
like "$(probe)" "$(world_addr iad1): its certificate is not for $service_name" \
    "one for another name"
like "$(probe)" "$(world_addr iad1): .* not for its own name iad1.rp.test" \
    "nor for its own"
openssl_quiet x509 -req -in "$T/iad1.csr" -CA "$T/ca.pem" \
    -CAkey "$T/ca.key" -CAcreateserial -days 30 -out "$T/iad1.pem"
stop iad1
# Another server in its place, because a switch does not start with that.
# shellcheck disable=SC2046
start iad1 $(world_in iad1) openssl s_server -accept 31337 -quiet \
    -cert "$T/iad1.pem" -key "$T/iad1.key"
iad1_listens() {
	world_exec iad1 ss -Htln 'sport = 31337' | grep -q .
}
check "another server is in its place" wait_for 10 iad1_listens
like "$(probe)" "$(world_addr iad1): its certificate has no subject alter" \
    "one with a common name alone"
like "$(probe)" "$(world_addr iad1): .* not for its own name iad1.rp.test" \
    "which is for no name, though it holds its own"
like "$(world_exec cpt1 rp-regionprobe "$service_name")" \
    "$(world_addr dub1): its certificate is not trusted" "one not trusted"
stop dub1
like "$(probe)" "$(world_addr dub1) cannot be reached on port 31337: refused" \
    "a switch that is down"
world_exec pat rp-dial --probe >"$T/race"
is "$(grep -cE "^  $(world_addr dub1):31337 +[0-9.]+ ms  refused\$" \
    "$T/race")" 1 "in a race: who failed how" || cat "$T/race"
is "$(world_exec pat rp-dial --probe --json - | jq -c '[.multiconnect[] |
    select(.ms > 0) | .outcome] | sort')" '["lost","refused","refused","won"]' \
    "and the same as JSON"
world_link iad1 down
like "$(probe)" "$(world_addr iad1) cannot be reached on port 31337: timeout" \
    "a host that is silent"
finish
