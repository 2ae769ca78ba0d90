#!/bin/sh
# rp-regionprobe finds the region of a switch from a real geographic DNS, says
# what is wrong there, and prints changes that name servers accept. The changes
# for Knot DNS and gdnsd are applied, and the new switch is then answered in its
# region and nowhere else.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
command -v knotd >/dev/null || skip_all "no knotd"
[ -e /usr/lib/*/knot/modules*/geoip.so ] || skip_all "no knot-module-geoip"

name=switch.rp.test
cat >"$T/regions" <<'END'
# Three coarse regions; South Africa is in Ireland's.
ttl = 60;
regions = (
  { name = "ireland"; aws = "eu-west-1";
    addresses = [ "5.3.1.1 dub1.rp.test", "2a05:3:1::1" ];
    nets = [ "5.1.0.0/16", "5.3.0.0/16", "2a05:1::/32", "2a05:3::/32" ]; },
  { name = "virginia"; aws = "us-east-1"; record = "us.switch.rp.test";
    addresses = [ "5.8.1.1", "5.8.2.1" ];
    nets = [ "5.8.0.0/16", "2a05:8::/32" ]; },
  { name = "world"; default = true; addresses = [ "5.9.1.1" ]; }
);
END
cat >"$T/rp.zone" <<'END'
$ORIGIN rp.test.
$TTL 60
@	SOA ns1 hostmaster 1 3600 600 86400 60
@	NS ns1
ns1	A 127.0.0.1
switch	A 5.9.1.1
_rp-region.switch TXT "region=default"
plain	A 5.9.1.1
END
printf '$ORIGIN whoami.test.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\n' \
    >"$T/whoami.zone"

# probe ARGUMENT...: without connecting, because no host has these addresses.
probe() {
	rp-regionprobe "$name" --no-connect --resolver "127.0.0.1:$p" \
	    --server "127.0.0.1:$p" --whoami whoami.test \
	    --regions "$T/regions" "$@"
}
# status ARGUMENT...: its exit status; the output is in $T/out and $T/err.
status() {
	probe "$@" >"$T/out" 2>"$T/err"
	echo $?
}
# answers NET: what the name server says to that network, sorted.
answers() {
	for type in A AAAA; do
		kdig -p "$p" @127.0.0.1 +short +subnet="$1" "$name" $type
	done | sort | tr '\n' ' '
}

# The first geoip file is printed by the tool itself, from nothing but the
# regions file: remove an address that is nowhere.
p=$(dns_port)
cat >"$T/ns.extra" <<END
mod-geoip:
  - id: rp
    config-file: "$T/geo"
    ttl: 60
    mode: subnet
END
printf 'acl:\n  - id: here\n    address: 127.0.0.1\n    action: update\n' \
    >>"$T/ns.extra"
printf '    module: mod-geoip/rp\n    acl: here\n' >"$T/ns.rp.test.extra"
echo '    module: mod-whoami' >"$T/ns.whoami.test.extra"
: >"$T/geo"
probe --format knot --add 5.3.1.1 --region ireland >"$T/geo" 2>"$T/err"
check "a geoip file for Knot comes from the regions file alone" \
    grep -q "net: 5.1.0.0/16" "$T/geo"
start_knot ns "127.0.0.1@$p" rp.test "$T/rp.zone" whoami.test "$T/whoami.zone"
is "$(answers 5.1.9.0/24)" "2a05:3:1::1 5.3.1.1 " "Knot takes it"
is "$(answers 5.8.9.0/24)" "5.8.1.1 5.8.2.1 " "every region has its own answer"


# Naming.
is "$(status --add 5.1.7.1)" 0 "an address in South Africa"
like "$(cat "$T/out")" "5.1.7.1 belongs to region ireland .told by its addres" \
    "belongs to Ireland's region"
like "$(cat "$T/out")" "5.1.7.0/24 +ireland .*scope /16" \
    "asked for its network, with the scope that came back"
like "$(cat "$T/out")" "seen as 127.0.0.1" "the world's view of the resolver"
like "$(cat "$T/out")" "warning: resolver .* region world: callers" \
    "a resolver elsewhere is warned of"
is "$(status --add 2a05:8::7)" 0 "IPv6 is asked for as IPv6"
like "$(cat "$T/out")" "2a05:8::/56 +virginia" "with 56 bits"
is "$(status --add 5.77.1.1)" 3 "a network in no region"
like "$(cat "$T/out")" "in no region" "is said to be in none"
is "$(status)" 3 "this host itself is in no region either"
is "$(status --add 5.8.1.1)" 0 "an address that is there already is fine"
like "$(cat "$T/out")" "there already: no change" "and no change"
sed -i 's/"5.8.1.1", /"5.8.1.1", "5.1.7.1", /' "$T/regions"
is "$(status --add 5.1.7.1)" 4 "an address in the wrong region"
like "$(cat "$T/out")" "already stands in region virginia" "is told where"
sed -i 's/"5.1.7.1", //' "$T/regions"
is "$(status --add 5.1.7.1 --for 5.8.3.0/24,5.3.0.0/16,5.77.0.0/16)" 0 \
    "asked for users' networks"
is "$(grep -cE '5.8.3.0/24 +virginia|5.3.0.0/16 +ireland|5.77.0.0/16 +world' \
    "$T/out")" 3 "each is answered"
is "$(probe --add 5.1.7.1 --format json |
    jq -r '[.region, .status, (.asked | length), .regions[0].after[1]] | join(",")')" \
    "ireland,one region,6,5.3.1.1" "JSON says the same"

# The change, in five languages.
probe --add 5.1.7.1 --format route53 >"$T/batch" 2>"$T/err"
is "$(jq -c '.Changes[] | [.Action, (.ResourceRecordSet |
    .Name, .Type, .SetIdentifier, .Region, .TTL),
    [.ResourceRecordSet.ResourceRecords[].Value]]' "$T/batch")" \
    '["UPSERT","switch.rp.test.","A","ireland","eu-west-1",60,["5.1.7.1","5.3.1.1"]]' \
    "Route 53: one latency set, with all addresses of the region"
is "$(probe --remove 2a05:3:1::1 --format route53 2>"$T/err" | jq -c \
    '.Changes[] | [.Action, .ResourceRecordSet.ResourceRecords[].Value]')" \
    '["DELETE","2a05:3:1::1"]' "a set that is emptied is deleted"
is "$(probe --add 5.1.7.1 --region ireland,virginia --format route53 \
    2>"$T/err" | jq -c '[.Changes[].ResourceRecordSet.SetIdentifier]')" \
    '["ireland","virginia"]' "an address may stand in several regions"
is "$(probe --add 5.8.7.1 --format nsupdate 2>"$T/err" | tr '\n' ';')" \
    "zone rp.test.;update add us.switch.rp.test. 60 A 5.8.7.1;send;" "nsupdate"
{
	echo "server 127.0.0.1 $p"
	probe --add 5.8.7.1 --format nsupdate 2>"$T/err"
} | knsupdate
is "$(kdig -p "$p" @127.0.0.1 +short us.switch.rp.test A)" 5.8.7.1 \
    "Knot takes it as a dynamic update"
is "$(status --add 5.77.1.1 --format knot)" 3 \
    "no change is printed for an unknown region"
is "$(cat "$T/out")" "" "not a word of it"

# Applied to Knot: in its region and nowhere else.
probe --add 5.1.7.1 --format knot >"$T/geo.new" 2>"$T/err"
mv "$T/geo.new" "$T/geo"
knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
is "$(answers 5.1.9.0/24)" "2a05:3:1::1 5.1.7.1 5.3.1.1 " \
    "Knot, as printed: answered in South Africa"
is "$(answers 5.3.9.0/24)" "2a05:3:1::1 5.1.7.1 5.3.1.1 " \
    "and in the rest of its region"
is "$(answers 5.8.9.0/24)" "5.8.1.1 5.8.2.1 " "nowhere else"
is "$(answers 5.77.9.0/24)" "5.9.1.1 " "nor by default"
like "$(probe --add 5.1.8.1)" "ireland: DNS also answers 5.1.7.1" \
    "then the file is behind DNS"
probe --add 5.1.8.1 --format knot 2>"$T/err" | grep -q \
    'A: \[ 5.1.7.1, 5.1.8.1, 5.3.1.1 \]' && kept=yes
is "${kept:-no}" yes "but what DNS knows is kept"
probe --remove 5.1.7.1 --format knot >"$T/geo.new" 2>"$T/err"
mv "$T/geo.new" "$T/geo"
knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
is "$(answers 5.1.9.0/24)" "2a05:3:1::1 5.3.1.1 " "and taken out again"

# Without a file: the TXT record, then the addresses.
bare() {
	rp-regionprobe "$name" --no-connect --resolver "127.0.0.1:$p" \
	    --server "127.0.0.1:$p" --whoami none "$@"
}
like "$(bare --add 5.8.7.1)" "region virginia .told by its TXT record" \
    "without a file the TXT record names the region"
sed -i '/^_rp-region/,$d' "$T/geo"
sed -i '/^_rp-region/d; s/ 1 3600/ 2 3600/' "$T/rp.zone"
knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
like "$(bare --add 5.8.7.1)" "region with-5.8.1.1 .told by its addresses" \
    "without that the set of addresses is its own name"

# Two regions with the same addresses.
sed 's/"5.8.1.1", "5.8.2.1"/"5.3.1.1", "2a05:3:1::1"/' "$T/regions" \
    >"$T/twins"
rp-regionprobe "$name" --no-connect --resolver "127.0.0.1:$p" \
    --server "127.0.0.1:$p" --whoami none --regions "$T/twins" \
    --add 5.1.7.1 >"$T/out" 2>&1
is $? 3 "two regions with the same set cannot be told apart"
like "$(cat "$T/out")" "twins:7: region virginia holds the same addresses as region ireland in line 4" \
    "which is said with file and line"

# An answer that outgrows UDP, before and after.
{
	printf 'switch.rp.test:\n  - net: 5.1.0.0/16\n    A: [ 5.3.1.1'
	i=2
	while [ $i -le 29 ]; do printf ', 5.3.1.%d' $i; i=$((i + 1)); done
	printf ' ]\n'
} >"$T/geo"
knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
like "$(bare --add 5.1.7.1)" \
    "the A answer of 30 addresses will have 523 bytes: more than 512" \
    "a change that outgrows 512 bytes"
is "$(bare --add 2a05:1::7 --format json | jq '[.warnings[] |
    select(test("AAAA answer"))] | length')" 0 "A and AAAA apart"
like "$(bare --add 5.1.7.1)" "more than 24 switches" "too many for a region"
{
	printf 'switch.rp.test:\n  - net: 5.1.0.0/16\n    AAAA: [ 2a05:3::1'
	i=2
	while [ $i -le 90 ]; do printf ', 2a05:3::%x' $i; i=$((i + 1)); done
	printf ' ]\n'
} >"$T/geo"
knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
like "$(bare --add 5.1.7.1)" "AAAA answer of 90 addresses has 2563 bytes: more than 1,232" \
    "one that has outgrown 1,232 (and came over TCP)"

# A multivalue set as Route 53 answers it: 8 of 20, now these and now those.
start multi perl -MIO::Socket::INET -e '$| = 1; my $next = 0;
	my $u = IO::Socket::INET->new(Proto => "udp",
	    LocalAddr => "127.0.0.1", LocalPort => 0) or die;
	print $u->sockport, "\n";
	while (my $from = recv($u, my $q, 512, 0)) {
		my $end = 12;
		$end += 1 + unpack "x${end}C", $q while unpack "x${end}C", $q;
		my $type = unpack "n", substr $q, $end + 1, 2;
		my @n = $type == 1 ? map { 1 + ($next + $_) % 20 } 0..7 : ();
		$next += 3 if $type == 1;
		send $u, substr($q, 0, 2) . pack("n5", 0x8580, 1, scalar @n,
		    0, 0) . substr($q, 12, $end - 7) . join("", map {
			pack "nnnNnC4", 0xc00c, 1, 1, 60, 4, 5, 3, 1, $_ } @n),
		    0, $from;
	}'
wait_for 5 test -s "$T/multi.out"
m=127.0.0.1:$(cat "$T/multi.out")
rp-regionprobe multi.test --no-connect --whoami none --resolver "$m" \
    --server "$m" --rounds 2 >"$T/out" 2>&1
like "$(cat "$T/out")" \
    "[0-9]+ questions brought 8 to 8 addresses each, 20 in all: a weighted or multivalue set must not" \
    "a multivalue set must not carry the name"
is "$(rp-regionprobe multi.test --no-connect --whoami none --resolver "$m" \
    --server "$m" --add 5.3.1.99 >"$T/out"; echo $?)" 3 \
    "a server that ignores client subnets decides nothing for another address"

# Bad input.
is "$(status --add 127.0.0.1)" 3 "a private address"
like "$(cat "$T/out")" "127.0.0.1 is not a public address" "is warned of"
typo() {
	printf "$1" >"$T/typo"
	rp-regionprobe "$name" --regions "$T/typo" 2>&1
	echo "exit $?"
}
like "$(typo 'ttl = 60;\nregions = (\n  { name = "a"; adresses = [ ]; } );')" \
    "typo:3: adresses: no such key" "a typo in the regions file"
like "$(typo 'regions = (\n{ name = "a"; },\n{ name = "a"; } );')" \
    "typo:3: a: this region stands above" "a region twice"
like "$(typo 'regions = ( { name = "a";\naddresses = [ "5.3.1" ]; } );')" \
    "typo:2: 5.3.1: not an address" "no address"
like "$(typo 'regions = ( { name = "a";\nnets = [ "5.3.1.1/8" ]; } );')" \
    "typo:2: 5.3.1.1/8: not a network" "no network"
like "$(typo 'regions = ( { name = "a" }')" "typo:1: syntax error" \
    "no libconfig"
like "$(typo '')" "typo:1: holds no regions" "nothing"
like "$(typo '' | tail -n 1)" "exit 1" "exit 1"
like "$(probe --add 5.3 2>&1)" "rp-regionprobe: --add: 5.3: not an IP addr" \
    "a mistake on the command line"
is "$(rp-regionprobe none.rp.test --no-connect --whoami none --resolver \
    "127.0.0.1:$p" --server "127.0.0.1:$p" --add 5.1.1.1 >/dev/null; echo $?)" \
    2 "NXDOMAIN: DNS failed"
is "$(rp-regionprobe "$name" --no-connect --whoami none --resolver \
    "127.0.0.1:$(dns_port)" --add 5.1.1.1 >/dev/null; echo $?)" 2 \
    "nobody answers: DNS failed"
is "$(rp-regionprobe x.elsewhere.test --no-connect --whoami none --resolver \
    "127.0.0.1:$p" --server "127.0.0.1:$p" --add 5.1.1.1 | grep -c REFUSED)" \
    4 "REFUSED, of both, in the table and as a warning"
is "$(bare --add 5.1.7.1 --no-connect >/dev/full 2>&1; echo $?)" 1 \
    "nowhere to print"
finish
