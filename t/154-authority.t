#!/bin/sh
# What rp-regionprobe writes is what the zone's own servers say on behalf of the
# region's networks. What a resolver has in its cache, what DNS64 has translated,
# what is private, and what networks in no region get, is told, and is in no
# change. Where no server of the zone answers, no change is printed and the exit
# status is not 0. A removal needs no region of the switch's own network.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
own_network "$0" "$@"
command -v knotd >/dev/null || skip_all "no knotd"
[ -e /usr/lib/*/knot/modules*/geoip.so ] || skip_all "no knot-module-geoip"

name=switch.rp.test
# Servers stand at port 53 of this network's own loopback.
ns=127.0.0.2
cat >"$T/regions" <<'END'
regions = (
  { name = "ireland"; aws = "eu-west-1"; addresses = [ "5.3.1.1", "5.3.3.1" ];
    nets = [ "5.1.0.0/16", "5.3.0.0/16" ]; },
  { name = "virginia"; aws = "us-east-1"; addresses = [ "5.8.1.1" ];
    nets = [ "5.8.0.0/16" ]; }
);
END
# Networks in no region get one of Ireland's and one of their own.
cat >"$T/rp.zone" <<END
\$ORIGIN rp.test.
\$TTL 60
@	SOA ns1 hostmaster 1 3600 600 86400 60
@	NS ns1
@	NS ns6
ns1	A $ns
ns6	A $ns
ns6	AAAA 2a05:53::1
switch	A 5.3.1.1
switch	A 5.9.9.9
odd	CNAME a\\;b
one	0 A 5.3.1.1
_rp-region.one	TXT "region=" "ireland"
*	TXT "v=spf1 -all"
_rp-region.spf	TXT "region=virginia"
_rp-region.spf	TXT "a=1"
_rp-region.spf	TXT "v=spf1 -all"
_rp-region.spf	TXT "z=1"
spf	A 5.8.1.1
_rp-region.two	TXT "region=virginia"
_rp-region.two	TXT "region=ireland"
two	A 5.8.1.1
_rp-region.evil	TXT "region=a; \\010 update add evil"
evil	A 5.8.1.1
END

# What a resolver that translates is asked to find its prefix (RFC 7050).
cat >"$T/arpa.zone" <<'END'
$ORIGIN ipv4only.arpa.
$TTL 60
@	SOA ns h 1 1 1 1 1
@	NS ns
@	A 192.0.0.170
@	A 192.0.0.171
END

# geo IRELAND VIRGINIA: what Knot answers to the networks of the two.
geo() {
	printf '%s:\n' "$name"
	printf '  - net: 5.1.0.0/16\n    A: [ %s ]\n' "$1"
	printf '  - net: 5.3.0.0/16\n    A: [ %s ]\n' "$1"
	printf '  - net: 5.8.0.0/16\n    A: [ %s ]\n' "$2"
}
# knot NAME ADDRESS: another server of the zone, by the file $T/NAME.geo.
knot() {
	printf 'mod-geoip:\n  - id: rp\n    config-file: "%s"\n' \
	    "$T/$1.geo" >"$T/$1.extra"
	printf '    ttl: 60\n    mode: subnet\n' >>"$T/$1.extra"
	echo '    module: mod-geoip/rp' >"$T/$1.rp.test.extra"
	start_knot "$1" "$2@53" rp.test "$T/rp.zone" ipv4only.arpa \
	    "$T/arpa.zone"
}
# apply NAME IRELAND VIRGINIA: its new answers.
apply() {
	geo "$2" "$3" >"$T/$1.geo"
	knotc -s "$T/$1.knot/knot.sock" reload >/dev/null
}
# probe ARGUMENT...: nobody lives at these addresses.
probe() {
	rp-regionprobe "$name" --no-connect --whoami none --rounds 1 \
	    --regions "$T/regions" "$@"
}
# status ARGUMENT...: its exit status; the output is in $T/out and $T/err.
status() {
	probe "$@" >"$T/out" 2>"$T/err"
	echo $?
}
# resolver ADDRESS LINE...: one that knows what these lines say. Prints nothing.
resolver() {
	resolver_at=$1
	shift
	printf '%s\n' "rp.test NS ns1.rp.test" "ns1.rp.test A $ns" \
	    "rp.test SOA" "$@" >"$T/$resolver_at.table"
	start "$resolver_at" perl "$RP_SRC/t/tools/resolver.pl" \
	    "$resolver_at:53" "$T/$resolver_at.table"
	wait_for 5 grep -q ready "$T/$resolver_at.out" ||
	    give_up "a resolver starts" "$T/$resolver_at.err"
}

geo "5.3.1.1, 5.3.3.1" "5.8.1.1, 5.8.3.1" >"$T/ns.geo"
knot ns $ns

# A cache still has what the zone has not, as within the TTL of a removal.
cached=127.0.0.3
resolver $cached "$name A 5.3.1.1" "$name A 5.3.3.1" "$name A 5.3.2.1"
is "$(status --resolver $cached --add 5.1.7.1 --format knot)" 0 \
    "a resolver has an address that the zone has removed"
like "$(cat "$T/out")" 'A: \[ 5.1.7.1, 5.3.1.1, 5.3.3.1 \]' \
    "it is in no printed file"
like "$(cat "$T/err")" "resolver $cached answers 5.3.2.1, which none of the" \
    "which is said"
like "$(cat "$T/out")" 'A: \[ 5.8.1.1, 5.8.3.1 \]' \
    "what the zone has for the other region, and the file has not, is kept"
probe --resolver $cached --add 5.1.7.1 --format json >"$T/json"
is "$(jq -c '.regions[0].known[] | [.address, .file, (.servers | length),
    (.resolvers | length), .counts]' "$T/json" | xargs)" \
    "[5.3.1.1,true,1,1,true] [5.3.2.1,false,0,1,false]\
 [5.3.3.1,true,1,1,true] [5.9.9.9,false,1,0,false]" \
    "JSON says from whom each address is known"
is "$(jq -c '.regions[1].known[1] | [.address, .file, .servers]' "$T/json")" \
    '["5.8.3.1",false,["127.0.0.2"]]' "by the servers' addresses"
is "$(probe --resolver $cached --region virginia --add 5.1.7.1 \
    --format route53 2>"$T/err" | jq -c \
    '[.Changes[].ResourceRecordSet.ResourceRecords[].Value]')" \
    '["5.1.7.1","5.8.1.1","5.8.3.1"]' "Route 53: the same for its set"
if command -v unbound >/dev/null; then
	cat >"$T/unbound.conf" <<END
server:
    interface: 127.0.0.4
    do-daemonize: no
    use-syslog: no
    chroot: ""
    username: ""
    directory: "$T"
    pidfile: ""
    do-not-query-localhost: no
    local-zone: "test." nodefault
    module-config: "dns64 iterator"
    dns64-prefix: 2a05:64::/96
stub-zone:
    name: "rp.test"
    stub-addr: $ns
stub-zone:
    name: "ipv4only.arpa"
    stub-addr: $ns
END
	start unbound unbound -c "$T/unbound.conf"
	check "unbound starts" wait_for 10 \
	    sh -c "kdig @127.0.0.4 +short $name A | grep -q 5.3.1.1"
	apply ns "5.3.1.1" "5.8.1.1"
	is "$(status --resolver 127.0.0.4 --add 5.1.7.1 --format json)" 0 \
	    "unbound caches and translates (DNS64)"
	is "$(jq '.asked[0].translated' "$T/out")" 2 "the translations are told"
	is "$(jq -c '.regions[].after' "$T/out" | xargs)" \
	    "[5.1.7.1,5.3.1.1,5.3.3.1] [5.8.1.1]" "and in no change"
	apply ns "5.3.1.1, 5.3.3.1" "5.8.1.1, 5.8.3.1"
else
	skip "unbound caches and translates (DNS64)" "no unbound"
fi

# An answer that no caller can use, and the one for networks in no region.
apply ns "5.3.1.1, 5.3.3.1, 10.0.0.7" "5.8.1.1"
is "$(status --add 5.1.7.1 --format knot --server $ns)" 0 \
    "a server of the zone has a private address"
is "$(grep -c 10.0.0.7 "$T/out"), $(grep -c 'ireland: .* answers 10.0.0.7, wh' \
    "$T/err")" "0, 1" "it is told, and in no change"
apply ns "5.3.1.1" "5.8.1.1"
is "$(status --server $ns --region ireland --add 5.77.1.1 --format route53)" 0 \
    "a network in no region, put into one by --region"
is "$(jq -c '[.Changes[].ResourceRecordSet.ResourceRecords[].Value]' \
    "$T/out")" '["5.3.1.1","5.3.3.1","5.77.1.1"]' \
    "the default answer's own address is not written there"
like "$(cat "$T/err")" "answers 5.9.9.9, which is the answer for networks in" \
    "which is said"
is "$(status --server $ns --add 5.77.1.1)" 3 "by itself it belongs to no region"
like "$(cat "$T/out")" "this is the default answer" "but gets the default answer"
is "$(grep -c "client subnet is ignored" "$T/out")" 0 \
    "and its scope 0 is not called ignored where other scopes are not 0"

# A removal.
is "$(status --server $ns --remove 5.8.1.1 --format route53)" 0 \
    "--remove of an address whose network is in its region"
sed -i 's/"5.8.1.1"/"5.8.1.1", "5.77.1.1"/' "$T/regions"
is "$(status --server $ns --remove 5.77.1.1 --format knot)" 0 \
    "--remove of an address whose network is in none"
like "$(cat "$T/out")" 'A: \[ 5.8.1.1 \]' "prints the right file"
is "$(status --server $ns --remove 5.77.1.1)" 0 "and as text"
like "$(cat "$T/out")" "5.77.1.1 is to be removed from virginia" "says where"
is "$(grep -c "network is in no region" "$T/out")" 0 \
    "and not where its network is"
is "$(probe --server $ns --remove 5.77.1.1 --format json |
    jq -r '.status + ", " + (.regions[1].after | join(" "))')" \
    "removal, 5.8.1.1" "and as JSON"
sed -i 's/, "5.77.1.1"//' "$T/regions"

# One set per family: a TTL of 0 is a TTL.
is "$(rp-regionprobe one.rp.test --no-connect --whoami none --server $ns \
    --regions "$T/regions" --region ireland --remove 5.3.1.1 --format route53 \
    2>"$T/err" | jq -c '.Changes[0].ResourceRecordSet.TTL')" 0 \
    "a set that stays keeps the TTL that DNS has"
sed 's/, "5.3.3.1"//' "$T/regions" >"$T/alone"
is "$(rp-regionprobe one.rp.test --no-connect --whoami none --server $ns \
    --regions "$T/alone" --region ireland --remove 5.3.1.1 --format route53 \
    2>"$T/err" | jq -c '.Changes[] | [.Action, .ResourceRecordSet.TTL]')" \
    '["DELETE",0]' "a set with a TTL of 0 is deleted by that"

# TXT records beside the name.
bare() {
	bare_name=$1.rp.test
	shift
	rp-regionprobe "$bare_name" --no-connect --whoami none --rounds 1 \
	    --server $ns --resolver $ns "$@" 2>&1
}
like "$(bare one)" "region ireland .told by its TXT record" \
    "the strings of a TXT record are joined"
like "$(bare spf)" "region virginia .told by its TXT record" \
    "other TXT records do not hide it"
like "$(bare two)" 'two TXT records name a region, "(virgin|ire).*neither co' \
    "two regions are none, and that is said"
like "$(bare two)" "^with-5.8.1.1, the region" "so its addresses name it"
like "$(bare evil)" 'says "region=a; . update add evil", which is not a regi' \
    "what cannot be a region's name is refused"
is "$(bare evil --add 5.8.1.9 --format nsupdate | grep -c '^ *update')" 0 \
    "and in no change"
like "$(bare odd)" 'an alias of .*, which is not a host name' \
    "an alias that is no host name is refused"
sed 's/"5.8.1.1"/"5.8.1.1", "5.8.2.1", "5.8.9.1"/' "$T/regions" >"$T/most"
apply ns "5.3.1.1" "5.8.1.1, 5.8.2.1"
like "$(rp-regionprobe "$name" --no-connect --whoami none --server $ns \
    --resolver $ns --regions "$T/most" --add 5.8.7.1)" \
    "region virginia .told by most of its addresses" \
    "the verdict says so in English"

# nsupdate: the geographic name itself is the default answer's.
is "$(status --server $ns --add 5.8.7.1 --format nsupdate)" 1 \
    "nsupdate: a region without a name of its own"
like "$(cat "$T/out" "$T/err")" "region virginia has no name of its own in DNS" \
    "is refused, with what to write"
is "$(grep -c update "$T/out")" 0 "and no update is printed"
like "$(bare spf --add 5.8.7.1 --region virginia --format nsupdate)" \
    "update add spf.rp.test. 60 A 5.8.7.1" \
    "a name that everybody gets alike is updated"

# The zone's servers are found though a resolver hides the way to them.
stripped=127.0.0.5
resolver $stripped "$name A 5.3.1.1" "$name SOA !bare 1"
is "$(status --resolver $stripped --add 5.1.7.1)" 0 \
    "a resolver without the authority section"
like "$(cat "$T/out")" "^authority ns1.rp.test" "one label higher it is found"
refusing=127.0.0.6
resolver $refusing "$name A 5.3.1.1" "$name A 5.3.3.1" "$name SOA !rcode 5" \
    "rp.test SOA !rcode 5"
is "$(status --resolver $refusing --add 5.1.7.1)" 0 "one that refuses SOA"
like "$(cat "$T/out")" "^authority ns1.rp.test" "by NS it is found"
blind=127.0.0.7
resolver $blind "$name A 5.3.1.1" "$name A 5.3.3.1" "$name SOA !rcode 5" \
    "rp.test SOA !rcode 5" "rp.test NS !rcode 5"
is "$(status --resolver $blind)" 2 "one that refuses both: exit 2"
like "$(cat "$T/out")" "the zone's own servers are not known: only resolvers \
were asked; name them with --server" "which is said"
like "$(cat "$T/out")" "is in region ireland by a resolver alone" \
    "a resolver judges, and that is said"
is "$(status --resolver $blind --add 5.1.7.1 --format knot)" 2 \
    "no change is printed then"
is "$(cat "$T/out")" "" "not a word of it"
is "$(status --resolver $blind --region with-5.4.4.4 --add 5.1.7.1)" 1 \
    "a region that nobody knows"
is "$(status --resolver $blind --region ireland --add 5.1.7.1 \
    --format knot)" 0 "--region prints it from the file"
like "$(cat "$T/err")" "the change is from the file alone" "which is said"
losing=127.0.0.9
resolver $losing "$name A 5.3.1.1" "$name A !lose 1" "$name AAAA !lose 1"
is "$(status --resolver $losing --add 5.1.7.1)" 0 "one that loses packets"
is "$(grep -c "no answer" "$T/out")" 0 "is asked once more"
is "$(status --resolver $blind,$stripped --add 5.1.7.1)" 0 \
    "a second resolver finds what the first hides"
is "$(status --resolver $blind --server $cached)" 2 \
    "a resolver in place of a server of the zone"
like "$(cat "$T/out")" "authority $cached does not hold the zone" "is told"

# A family without a route, once and not for each server.
is "$(status --resolver $ns --add 5.1.7.1)" 0 "a server with an IPv6 address"
is "$(grep -c "no IPv6 here: 1 of the 3 addresses" "$T/out")" 1 \
    "no IPv6 here is said once"
is "$(grep -c "no answer" "$T/out")" 0 "and not that it does not answer"

# Servers that do not agree.
geo "5.3.1.1, 5.3.2.1" "5.8.1.1" >"$T/stale.geo"
knot stale 127.0.0.8
is "$(status --server $ns,127.0.0.8 --add 5.1.7.1 --format knot)" 3 \
    "a server of the zone that is behind: no change"
like "$(cat "$T/err")" "do not agree on region ireland: 127.0.0.8 .*5.3.2.1" \
    "it is named, with the address"
is "$(status --server $ns,127.0.0.8 --remove 5.3.2.1 --format knot)" 0 \
    "but the address that is removed may be on one alone"

# stub MODE ADDRESS...: a name server without EDNS, or a silent one. It prints
# who was asked, in that order.
stub() {
	# shellcheck disable=SC2016
	start "$1" perl -MIO::Socket::INET -MIO::Select -e '$| = 1;
		my ($mode, @at) = @ARGV;
		my $all = IO::Select->new(map { IO::Socket::INET->new(
		    Proto => "udp", LocalAddr => $_, LocalPort => 53) or die }
		    @at);
		print "ready\n";
		while (1) { for my $u ($all->can_read) {
			my $from = recv($u, my $q, 1500, 0) or next;
			print $u->sockhost, "\n";
			next if $mode eq "silent";
			my ($id, $end) = (substr($q, 0, 2), 12);
			$end += 1 + unpack "x${end}C", $q
			    while unpack "x${end}C", $q;
			my $asked = substr $q, 12, $end - 7;
			my $edns = unpack("x10n", $q);
			my %code = (formerr => 1, bare => 1, notimp => 4,
			    servfail => 2);
			if ($edns && $mode eq "bare") {
				send $u, $id . pack("n5", 0x8001, 0, 0, 0, 0),
				    0, $from;
				next;
			}
			if ($edns) {
				send $u, $id . pack("n5", 0x8000 |
				    $code{$mode}, 1, 0, 0, 0) . $asked, 0,
				    $from;
				next;
			}
			my $n = unpack("n", substr $q, $end + 1, 2) == 1;
			send $u, $id . pack("n5", 0x8580, 1, $n, 0, 0) .
			    $asked . ($n ? pack("nnnNnC4", 0xc00c, 1, 1, 60, 4,
			    5, 3, 1, 1) : ""), 0, $from;
		} }' "$@"
	wait_for 5 grep -q ready "$T/$1.out" ||
	    give_up "the stub starts" "$T/$1.err"
}
for mode in formerr bare notimp servfail; do
	case $mode in
	formerr) at=127.0.0.11 ;;
	bare) at=127.0.0.12 ;;
	notimp) at=127.0.0.13 ;;
	servfail) at=127.0.0.14 ;;
	esac
	stub $mode $at
	is "$(status --server $at --resolver $at)" 0 \
	    "a server without EDNS ($mode) is asked without it"
	like "$(cat "$T/out")" "authority $at: .* the client subnet is not poss" \
	    "and what follows is said ($mode)"
done

# Silent servers are asked at once, and not one after another.
stub silent 127.0.0.21 127.0.0.22 127.0.0.23 127.0.0.24
is "$(status --add 5.1.7.1 --resolver $ns \
    --server 127.0.0.21,127.0.0.22,$ns,127.0.0.23,127.0.0.24)" 0 \
    "four silent servers beside a good one"
is "$(sed 1d "$T/silent.out" | head -n 4 | sort -u | wc -l)" 4 \
    "each is asked before any is asked again"
is "$(grep -c '^warning: authority 127.0.0.2[1-4]: no answer' "$T/out")" 4 \
    "each is named"
finish
