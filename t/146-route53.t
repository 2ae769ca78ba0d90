#!/bin/sh
# The change that rp-regionprobe prints for Route 53 goes through Amazon's own
# client, whose model of the service checks it. All addresses of the region are
# in one latency set, other sets are untouched, and an emptied set is deleted by
# its exact content. A change that Route 53 cannot hold is refused before, with
# the line of the regions file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/route53.sh"
command -v aws >/dev/null || skip_all "no aws (package awscli)"
command -v knotd >/dev/null || skip_all "no knotd"
[ -e /usr/lib/*/knot/modules*/geoip.so ] || skip_all "no knot-module-geoip"

name=switch.rp.test
cat >"$T/regions" <<'END'
regions = (
  { name = "ireland"; aws = "eu-west-1";
    addresses = [ "5.3.1.1", "5.3.2.1", "2a05:3:1::1" ];
    nets = [ "5.1.0.0/16", "5.3.0.0/16", "2a05:1::/32" ]; },
  { name = "virginia"; aws = "us-east-1";
    addresses = [ "5.8.1.1", "2a05:8:1::1" ];
    nets = [ "5.8.0.0/16", "2a05:8::/32" ]; },
  { name = "us-west-1"; addresses = [ ]; nets = [ "5.11.0.0/16" ]; }
);
END
cat >"$T/rp.zone" <<'END'
$ORIGIN rp.test.
$TTL 60
@	SOA ns1 hostmaster 1 3600 600 86400 60
@	NS ns1
ns1	A 127.0.0.1
switch	A 5.8.1.1
END

# DNS answers as Route 53 would, which tells its time to live: 300 seconds.
probe() {
	rp-regionprobe "$name" --no-connect --resolver "127.0.0.1:$p" \
	    --server "127.0.0.1:$p" --whoami none --rounds 1 \
	    --regions "$T/regions" "$@"
}
p=$(dns_port)
printf 'mod-geoip:\n  - id: rp\n    config-file: "%s"\n' "$T/geo" \
    >"$T/ns.extra"
printf '    ttl: 300\n    mode: subnet\n' >>"$T/ns.extra"
echo '    module: mod-geoip/rp' >"$T/ns.rp.test.extra"
# Nobody listens on port 1, so all is from the file.
rp-regionprobe "$name" --no-connect --server 127.0.0.1:1 --whoami none \
    --resolver 127.0.0.1:1 --rounds 1 --regions "$T/regions" --region ireland \
    --add 5.3.1.1 --format knot >"$T/geo" 2>"$T/err"
start_knot ns "127.0.0.1@$p" rp.test "$T/rp.zone"

start_route53
# change ARGUMENT...: what is printed is applied.
change() {
	probe --format route53 "$@" >"$T/batch" 2>"$T/err" && apply "$T/batch"
}
sets() {
	sed "s/$name. //" "$T/sets"
}

# What stands there before, as an operator made it.
jq -nR '{ Changes: [inputs | split(" ") | { Action: "CREATE",
    ResourceRecordSet: { Name: .[0], Type: .[1], SetIdentifier: .[2],
    Region: .[3], TTL: 300, ResourceRecords: [.[4:][] | { Value: . }] } }] }' \
    >"$T/begin" <<END
$name. A ireland eu-west-1 5.3.1.1 5.3.2.1
$name. AAAA ireland eu-west-1 2a05:3:1::1
$name. A virginia us-east-1 5.8.1.1
$name. AAAA virginia us-east-1 2a05:8:1::1
END
check "four sets stand there" apply "$T/begin"
is "$(sets | wc -l)" 4 "which are in the stand-in"

check "the client takes the printed batch" change --add 5.1.7.1
is "$(sets)" "A ireland eu-west-1 300 5.1.7.1,5.3.1.1,5.3.2.1
A virginia us-east-1 300 5.8.1.1
AAAA ireland eu-west-1 300 2a05:3:1::1
AAAA virginia us-east-1 300 2a05:8:1::1" \
    "all addresses of the region are in it, with the time to live that DNS tells"
like "$(cat "$T/err")" "warning: region ireland: the set .* is replaced whole" \
    "a warning says that a set is replaced which nobody has read"
is "$(probe --add 5.1.7.1 --format json | jq -r '.regions[] |
    select(.name == "ireland").after[] | select(contains(":") | not)' |
    sort | tr '\n' ' ')" \
    "$(grep -o '<Value>[^<]*' "$T/sets.xml" | cut -c 8- | sort | tr '\n' ' ')" \
    "the request names just what the report tells"
check "IPv6 as well" change --add 2a05:1::7
like "$(sets)" "^AAAA ireland eu-west-1 300 2a05:1::7,2a05:3:1::1\$" \
    "is in its own set"
check "a region of its own, with its first switch" change \
    --region us-west-1 --add 5.11.1.1
like "$(sets)" "^A us-west-1 us-west-1 60 5.11.1.1\$" \
    "Amazon's name of it may be the name itself"

# Route 53 deletes a set only by what it holds: it told its time to live.
check "the last address of a set" change --remove 2a05:8:1::1
is "$(sets | grep -c '^AAAA virginia')" 0 "takes the set with it"
like "$(cat "$T/batch")" '"TTL": 300' "by the time to live that DNS answers"
is "$(sets | grep -c '^A virginia us-east-1 300 5.8.1.1$')" 1 \
    "the other family stays"
check "an address in two regions" change --region ireland,virginia \
    --add 5.1.9.1
is "$(sets | grep -c '^A .*5.1.9.1')" 2 "stands in both sets"

# The file may be ahead of DNS: what it lists is still to be put there.
sed -i 's/"5.3.2.1"/"5.3.2.1", "5.1.7.2"/' "$T/regions"
check "an address that only the file has" change --add 5.1.7.2
like "$(sets)" "^A ireland [^ ]+ 300 .*5.1.7.2" "is put there"

# What the file tells goes before what DNS tells.
sed 's/aws = "eu-west-1";/& set = "Dublin switches"; health_check = "hc-1";/
    1s/^/ttl = 90; /' "$T/regions" >"$T/told"
probe --format route53 --add 5.1.7.3 --regions "$T/told" >"$T/batch" 2>"$T/err"
is "$(jq -r '.Changes[].ResourceRecordSet |
    [.SetIdentifier, .HealthCheckId, .TTL] | join(", ")' "$T/batch")" \
    "Dublin switches, hc-1, 90" \
    "the file may tell identifier, health check and time to live"

# What Route 53 would refuse.
refused() {
	probe --format route53 "$@" 2>&1 >"$T/batch"
	echo "exit $?, $(wc -c <"$T/batch") bytes"
}
like "$(refused --add 5.3.1.1 | tr '\n' ' ')" \
    "nothing to change.*exit 1, 0 bytes" "an empty batch is not printed"
sed -i 's/aws = "eu-west-1"; *//' "$T/regions"
like "$(refused --add 5.1.7.9 | tr '\n' ' ')" \
    "region ireland needs Amazon's name.*exit 1, 0 bytes" \
    "nor a region that Amazon does not have"
sed -i 's/name = "ireland";/& aws = "us-east-1";/' "$T/regions"
like "$(refused --add 5.1.7.9 | tr '\n' ' ')" \
    "line 2 and line 5: regions ireland and virginia are both us-east-1.*exit 1" \
    "nor two sets for one region of Amazon's"
finish
