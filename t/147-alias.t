#!/bin/sh
# The GSLB name is an alias of another name, as is common. rp-regionprobe then
# asks that name's servers, on behalf of the switch's network, and prints the
# change for it. In one case the alias is the same for all clients and its
# target is geographic. In the other the alias itself is geographic and leads to
# one plain name per region.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
world_need
command -v knotd >/dev/null || skip_all "no knotd"
[ -e /usr/lib/*/knot/modules*/geoip.so ] || skip_all "no knot-module-geoip"

for host in me res top geo; do
	world_host $host -
done
world_start
top=$(world_addr top)
geo=$(world_addr geo)

# zone ORIGIN LINE...: with a SOA and a server.
zone() {
	printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\n' "$1"
	shift
	printf '%s\n' "$@"
}
# "call" is the same alias for all, "dial" another one in each region.
zone top.test "ns A $top" "call CNAME mid" "mid CNAME switch.geo.test." \
    "dial CNAME virginia.geo.test." "lost CNAME nowhere.geo.test." >"$T/top.zone"
zone geo.test "ns A $geo" "switch A 5.8.1.1" "virginia A 5.8.1.1" \
    "ireland A 5.3.1.1" "ireland A 5.3.2.1" >"$T/geo.zone"
# what END: a geoip file, by the two networks.
nets() {
	printf '%s:\n  - net: 5.1.0.0/16\n    %s\n  - net: 5.8.0.0/16\n    %s\n' \
	    "$@"
}
nets dial.top.test "CNAME: ireland.geo.test." "CNAME: virginia.geo.test." \
    >"$T/geo.top"
{
	nets switch.geo.test "A: [ 5.3.1.1, 5.3.2.1 ]" "A: [ 5.8.1.1 ]"
	nets _rp-region.switch.geo.test 'TXT: [ "region=ireland" ]' \
	    'TXT: [ "region=virginia" ]'
} >"$T/geo.geo"
for server in top geo; do
	printf 'mod-geoip:\n  - id: rp\n    config-file: "%s"\n' \
	    "$T/geo.$server" >"$T/$server.extra"
	printf '    ttl: 60\n    mode: subnet\nacl:\n  - id: here\n' \
	    >>"$T/$server.extra"
	printf '    address: 5.0.0.0/16\n    action: update\n' \
	    >>"$T/$server.extra"
	printf '    module: mod-geoip/rp\n    acl: here\n' \
	    >"$T/$server.$server.test.extra"
	knot_in=$(world_in $server)
	start_knot $server "$(world_addr $server)@53" $server.test \
	    "$T/$server.zone"
done
cat >"$T/table" <<END
top.test SOA
top.test NS ns.top.test
ns.top.test A $top
call.top.test CNAME mid.top.test
mid.top.test CNAME switch.geo.test
dial.top.test CNAME virginia.geo.test
lost.top.test CNAME nowhere.geo.test
geo.test SOA
geo.test NS ns.geo.test
ns.geo.test A $geo
switch.geo.test A 5.8.1.1
virginia.geo.test A 5.8.1.1
END
# shellcheck disable=SC2046
start resolver $(world_in res) perl "$RP_SRC/t/tools/resolver.pl" \
    "$(world_addr res):53" "$T/table"
wait_for 5 grep -q ready "$T/resolver.out"
world_dns me "$(world_addr res)"

probe() {
	world_exec me rp-regionprobe "$@" --no-connect --whoami none --rounds 1
}
probe call.top.test --add 5.1.7.1 >"$T/out" 2>&1
is $? 0 "the same alias for all"
like "$(cat "$T/out")" "^call.top.test, an alias of switch.geo.test\$" \
    "it is said"
like "$(cat "$T/out")" "ns.top.test. for 5.1.7.0/24 +ireland +2 A.*scope /16" \
    "the servers of the other zone are asked for the switch's network"
like "$(cat "$T/out")" "5.1.7.1 belongs to region ireland .told by its TXT" \
    "and name the region, beside the other name"
is "$(probe call.top.test --add 5.1.7.1 --format json | jq -r '[.alias_of,
    (.asked[] | select(.kind == "subnet").alias_of)] | join(" ")')" \
    "switch.geo.test switch.geo.test." "JSON says the same"
cat >"$T/regions" <<'END'
regions = (
  { name = "ireland"; addresses = [ "5.3.1.1", "5.3.2.1" ];
    nets = [ "5.1.0.0/16" ]; },
  { name = "virginia"; addresses = [ "5.8.1.1" ]; nets = [ "5.8.0.0/16" ]; }
);
END
probe call.top.test --add 5.1.7.1 --regions "$T/regions" --format knot \
    >"$T/geo.new" 2>"$T/err"
like "$(head -n 1 "$T/geo.new")" "^switch.geo.test:\$" "the change is for that"
like "$(cat "$T/err")" "call.top.test is an alias of switch.geo.test: the ch" \
    "which is said as well"
mv "$T/geo.new" "$T/geo.geo"
knotc -s "$T/geo.knot/knot.sock" reload >/dev/null
is "$(world_exec me kdig "@$geo" +short +subnet=5.1.7.0/24 switch.geo.test |
    sort | xargs)" "5.1.7.1 5.3.1.1 5.3.2.1" "and its server takes it"

probe dial.top.test --add 5.1.7.1 --regions "$T/regions" >"$T/out" 2>&1
is $? 0 "an alias for each region"
like "$(cat "$T/out")" "ns.top.test. for 5.1.7.0/24 +ireland +2 A.*scope /16" \
    "the alias' scope is the answer's"
probe dial.top.test --add 5.1.7.1 --regions "$T/regions" --format nsupdate \
    >"$T/update" 2>"$T/err"
is "$(cat "$T/update")" "zone geo.test.
update add ireland.geo.test. 60 A 5.1.7.1
send" "the change is for the region's own name"
{
	echo "server $geo"
	cat "$T/update"
} | world_exec me knsupdate
is "$(world_exec me kdig "@$geo" +short ireland.geo.test | sort | xargs)" \
    "5.1.7.1 5.3.1.1 5.3.2.1" "which its server takes"

like "$(probe lost.top.test --add 5.1.7.1 2>&1)" \
    "no such name, it is an alias of nowhere.geo.test" \
    "an alias of nothing is told with what it leads to"
finish
