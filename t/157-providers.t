#!/bin/sh
# What rp-regionprobe prints for Google Cloud DNS and for octoDNS. Neither client
# can be had here, so their documentation stands in: a server that takes record
# sets as Google's API documents them, which contrib/gslb/google/apply talks to,
# and a checker of octoDNS's zone files that also says what a provider answers
# then. In both a region's addresses stand behind an alias, because a geographic
# record with several answers one of them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
tools=$RP_SRC/t/tools
name=switch.rp.test
p=$(dns_port)
# dns LINE...: the name server knows this and no more.
dns() {
	printf '%s\n' "$@" >"$T/table"
	[ ! -s "$T/dns.out" ] || stop dns
	start dns perl "$tools/resolver.pl" "127.0.0.1:$p" "$T/table"
	wait_for 5 test -s "$T/dns.out"
}
dns "rp.test SOA"
cat >"$T/regions" <<'END'
regions = (
  { name = "ireland"; google = "europe-west1";
    addresses = [ "5.1.1.1", "5.1.2.1", "2a05:1::1" ];
    continents = [ "EU", "AF" ]; countries = [ "US-NY", "TR" ]; },
  { name = "us-west1"; addresses = [ "5.7.1.1" ];
    continents = [ "NA" ]; countries = [ "CY" ]; },
  { name = "us-west10"; google = "us-west2"; addresses = [ "5.6.1.1" ];
    record = "california.rp.test"; countries = [ "US-CA", "NA" ]; },
  { name = "us-west9"; google = "us-west3"; addresses = [ "5.8.1.1" ];
    countries = [ "MX" ]; },
  { name = "world"; default = true; addresses = [ "5.9.1.1" ]; }
);
END
regions=$T/regions
probe() {
	rp-regionprobe "$name" --no-connect --whoami none --rounds 1 \
	    --resolver "127.0.0.1:$p" --server "127.0.0.1:$p" \
	    --regions "$regions" "$@"
}
# printed FORMAT ARGUMENT...: into $T/FORMAT.
printed() {
	format=$1
	shift
	probe --format "$format" "$@" >"$T/$format" 2>"$T/err"
}
# said FORMAT ARGUMENT...: what is said, and how much is printed.
said() {
	format=$1
	shift
	probe --format "$format" "$@" 2>&1 >"$T/out" | grep -v warning: |
	    tr '\n' ' '
	echo "$(wc -c <"$T/out") bytes"
}

# --- Google Cloud DNS.
if command -v curl >/dev/null && command -v jq >/dev/null; then
	start google perl "$tools/google.pl" "$T/sets" rp.test.
	wait_for 5 test -s "$T/google.out"
	API=http://127.0.0.1:$(cat "$T/google.out") TOKEN=secret no_proxy=127.0.0.1
	export API TOKEN no_proxy
	apply() {
		"$RP_SRC/contrib/gslb/google/apply" p1 z1 <"$T/google"
	}
	printed google --region ireland --add 5.1.1.1
	check "Google: the printed sets are taken" apply
	is "$(cat "$T/sets")" "_rp-region.california.rp.test. TXT 60 \"region=us-west10\"
_rp-region.ireland.$name. TXT 60 \"region=ireland\"
_rp-region.us-west1.$name. TXT 60 \"region=us-west1\"
_rp-region.us-west9.$name. TXT 60 \"region=us-west9\"
california.rp.test. A 60 5.6.1.1
ireland.$name. A 60 5.1.1.1,5.1.2.1
ireland.$name. AAAA 60 2a05:1::1
$name. CNAME 60 europe-west1=ireland.$name.,us-west1=us-west1.$name.,us-west2=california.rp.test.,us-west3=us-west9.$name.
us-west1.$name. A 60 5.7.1.1
us-west9.$name. A 60 5.8.1.1" \
	    "each location leads to a plain name, with all addresses of the region"
	printed google --region us-west1 --add 2a05:7::7
	check "a new switch" apply
	is "$(grep -c "^us-west1.$name. A 60 5.7.1.1\|^us-west1.$name. AAAA 60 2a05:7::7$" "$T/sets")" \
	    2 "is in its region's sets"
	sed -i 's/, "2a05:1::1"//' "$T/regions"
	dns "rp.test SOA" "$name CNAME ireland.$name" \
	    "ireland.$name A 5.1.1.1" "ireland.$name A 5.1.2.1" \
	    "ireland.$name AAAA 2a05:1::1"
	printed google --remove 2a05:1::1
	check "the last IPv6 address goes" apply
	is "$(grep -c "^ireland.*AAAA" "$T/sets")" 0 "with its set"
	check "a second run changes nothing" apply
	dns "rp.test SOA"
	sed 's/us-west3/us-west33x/' "$T/google" >"$T/wrong"
	cp "$T/wrong" "$T/google"
	is "$(apply 2>&1 | tail -n 1)" \
	    "apply: $name./CNAME: 400 invalid location us-west33x" \
	    "what Google refuses is told with its reason"
	apply >/dev/null 2>&1
	is $? 1 "and ends it"
	: >"$T/google"
	is "$(apply 2>&1; echo $?)" "apply: no sets to apply
1" "so does no input"
	cp "$T/wrong" "$T/google"
	TOKEN=wrong
	like "$(apply 2>&1)" "401 no token" "so is a bad token"
	sed 's/"us-west9"; google = "us-west3"/"mexico"/' "$T/regions" \
	    >"$T/nowhere"
	regions=$T/nowhere
	like "$(said google --region ireland --add 5.1.1.1)" \
	    "region mexico needs Google's location.* 0 bytes" \
	    "a region without a location is refused"
	sed 's/us-west3/us-west2/' "$T/regions" >"$T/nowhere"
	like "$(said google --region ireland --add 5.1.1.1)" \
	    "regions us-west10 and us-west9 are both us-west2 to Google.* 0 bytes" \
	    "and a location twice"
	regions=$T/regions
else
	skip "Google Cloud DNS" "no curl or jq"
fi

# --- octoDNS.
answers="AF-NA us-west10 5.6.1.1
AF-ZA ireland 5.1.1.1 5.1.2.1
AS-CY us-west1-countries 5.7.1.1
AS-JP world 5.9.1.1
AS-TR ireland-countries 5.1.1.1 5.1.2.1
EU-IE ireland 5.1.1.1 5.1.2.1
NA-CA-ON us-west1 5.7.1.1
NA-MX us-west9 5.8.1.1
NA-US-CA us-west10-parts 5.6.1.1
NA-US-NY ireland-parts 5.1.1.1 5.1.2.1
NA-US-TX us-west1 5.7.1.1
SA-BR world 5.9.1.1"
# shellcheck disable=SC2046
octodns() {
	perl "$tools/octodns.pl" "$T/octodns" rp.test. \
	    $(echo "$answers" | cut -d ' ' -f 1)
}
printed octodns --region ireland --add 5.1.1.1
is "$(octodns)" "$answers" "octoDNS: the file is in order, and answers by place" ||
    cat "$T/octodns" "$T/err"
like "$(cat "$T/octodns")" "port: 31337
 +protocol: TCP" "switches are watched on their own port"
printed octodns --region us-west9 --add 2a05:8::7
like "$(octodns)" "NA-MX us-west9 5.8.1.1 2a05:8::7" "a new switch"
# The checker itself: what octoDNS refuses does not pass.
sed '/- NA-MX/s/MX/US-CA/' "$T/octodns" >"$T/wrong"
cp "$T/wrong" "$T/octodns"
like "$(octodns)" "rule [0-9]: NA-US-CA after NA-US-CA" "a place twice"
# octodns_refuses SED PATTERN NAME
octodns_refuses() {
	sed "$1" "$T/regions" >"$T/other"
	regions=$T/other
	like "$(said octodns --region ireland --add 5.1.1.1)" \
	    "$2.* 0 bytes" "$3"
	regions=$T/regions
}
octodns_refuses 's/"MX"/"DE-BY"/' "other:[0-9]+: octoDNS does not know DE-BY" \
    "a subdivision that octoDNS does not know"
octodns_refuses 's/default = true; //' "world has no countries or continents" \
    "a region without a place"
octodns_refuses 's/default = true;/countries = [ "JP" ];/' "octoDNS needs a region with default = true" \
    "no default"
octodns_refuses 's/"us-west9"/"ireland-parts"/' \
    "region ireland-parts: octoDNS needs this name" "a pool's name"
octodns_refuses 's/california.rp.test/california.example.org/' \
    "name california.example.org. is not in zone rp.test" "another zone"
octodns_refuses 's/california.rp.test/ireland.switch.rp.test/' \
    "regions ireland and us-west10 have the same name" "one name for two"
name=rp.test
octodns_refuses '' "rp.test. is the top of its zone" "the top of a zone"
name=switch.rp.test
dns
octodns_refuses '' "the zone of switch.rp.test is not known" "no zone"
finish
