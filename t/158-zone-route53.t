#!/bin/sh
# A change for Route 53 begins with what is there: the sets are listed by Amazon's
# own client, the printed batch goes back through it, and a list after it shows
# that only the region's addresses are others. Identifiers with blanks, health
# checks, TTL, policies, escaped names and all other records stand as before. A
# set that goes is deleted with all that it holds. What cannot be changed so is
# refused with a word.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/route53.sh"
command -v aws >/dev/null || skip_all "no aws (package awscli)"
aws route53 change-resource-record-sets --generate-cli-skeleton input \
    2>/dev/null | grep -q GeoProximityLocation ||
    skip_all "this aws knows no geoproximity sets"

cat >"$T/regions" <<'END2'
regions = (
  { name = "ireland"; aws = "eu-west-1"; addresses = [ "5.3.1.1", "5.3.2.1" ]; },
  { name = "virginia"; aws = "us-east-1"; addresses = [ "5.8.1.1" ];
    record = "us.rp.test"; },
  { name = "oregon"; aws = "us-west-2"; set = "West 2"; health_check = "hc-9";
    addresses = [ ]; }
);
END2
for name in switch '*' geo near cidr weight names plain eight; do
	echo "$name.rp.test A 5.8.1.1"
done >"$T/table"
p=$(dns_port)
start resolver perl "$RP_SRC/t/tools/resolver.pl" "127.0.0.1:$p" "$T/table"
start_route53

list() {
	aws route53 list-resource-record-sets --hosted-zone-id Z1 \
	    --endpoint-url "$endpoint" --output json
}
# probe NAME ARGUMENT...: DNS has one answer for all, so --region decides.
probe() {
	rp-regionprobe "$@" --no-connect --whoami none --rounds 1 \
	    --resolver "127.0.0.1:$p" --server "127.0.0.1:$p" \
	    --regions "$T/regions" --format route53 --zone "$T/before"
}
# lines FILE: what a difference tells, without blanks, quotes and brackets.
lines() {
	sed -n '/^[-+][-+][-+]/d; s/^\([-+]\) */\1/p' "$1" |
	    grep -vE '^[-+][]{}[],*$' | tr -d ' ",' | sort
}
# change NAME ARGUMENT...: print it, note it for later, and say what differs.
change() {
	n=$((n + 1))
	probe "$@" >"$T/batch.$n" 2>"$T/err"
	probe "$@" --diff >"$T/diff.$n" 2>"$T/err"
	[ -s "$T/batch.$n" ] || cat "$T/err"
	lines "$T/diff.$n" >"$T/lines.$n"
	changed=$(tr '\n' ' ' <"$T/lines.$n" | sed 's/ $//')
}
# refused NAME ARGUMENT...: its one line, and its exit status.
refused() {
	probe "$@" 2>&1 >"$T/batch" | grep -v warning
	probe "$@" >/dev/null 2>&1
	echo "exit $?, $(wc -c <"$T/batch") bytes"
}

cat >"$T/begin" <<'END2'
{ "Changes": [
{ "Name": "switch.rp.test.", "Type": "A", "SetIdentifier": "Dublin switches",
  "Region": "eu-west-1", "TTL": 300, "HealthCheckId": "hc-1",
  "ResourceRecords": [ { "Value": "5.3.2.1" }, { "Value": "5.3.1.1" } ] },
{ "Name": "switch.rp.test.", "Type": "A", "SetIdentifier": "va",
  "Region": "us-east-1", "TTL": 120, "HealthCheckId": "hc-2",
  "ResourceRecords": [ { "Value": "5.8.1.1" } ] },
{ "Name": "switch.rp.test.", "Type": "TXT", "TTL": 30,
  "ResourceRecords": [ { "Value": "\"5.3.1.1\"" } ] },
{ "Name": "*.rp.test.", "Type": "A", "TTL": 30, "SetIdentifier": "star ireland",
  "Region": "eu-west-1", "ResourceRecords": [ { "Value": "5.3.1.1" } ] },
{ "Name": "geo.rp.test.", "Type": "A", "SetIdentifier": "Europe", "TTL": 30,
  "GeoLocation": { "ContinentCode": "EU" },
  "ResourceRecords": [ { "Value": "5.3.1.1" }, { "Value": "5.3.2.1" } ] },
{ "Name": "geo.rp.test.", "Type": "A", "SetIdentifier": "rest", "TTL": 30,
  "GeoLocation": { "CountryCode": "*" },
  "ResourceRecords": [ { "Value": "5.8.1.1" } ] },
{ "Name": "near.rp.test.", "Type": "A", "SetIdentifier": "d", "TTL": 30,
  "GeoProximityLocation": { "AWSRegion": "eu-west-1", "Bias": 10 },
  "ResourceRecords": [ { "Value": "5.3.1.1" } ] },
{ "Name": "cidr.rp.test.", "Type": "A", "SetIdentifier": "ireland", "TTL": 30,
  "CidrRoutingConfig": {
  "CollectionId": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106",
  "LocationName": "eu" }, "ResourceRecords": [ { "Value": "5.3.1.1" } ] },
{ "Name": "weight.rp.test.", "Type": "A", "SetIdentifier": "a", "TTL": 30,
  "Weight": 70, "ResourceRecords": [ { "Value": "5.3.1.1" } ] },
{ "Name": "weight.rp.test.", "Type": "A", "SetIdentifier": "b", "TTL": 30,
  "Weight": 30, "ResourceRecords": [ { "Value": "5.8.1.1" } ] },
{ "Name": "names.rp.test.", "Type": "A", "SetIdentifier": "us",
  "Region": "us-east-1", "AliasTarget": { "HostedZoneId": "Z1",
  "DNSName": "us.rp.test.", "EvaluateTargetHealth": true } },
{ "Name": "names.rp.test.", "Type": "A", "SetIdentifier": "ie",
  "Region": "eu-west-1", "AliasTarget": { "HostedZoneId": "Z1",
  "DNSName": "ie.rp.test.", "EvaluateTargetHealth": true } },
{ "Name": "us.rp.test.", "Type": "A", "TTL": 77,
  "ResourceRecords": [ { "Value": "5.8.1.1" } ] },
{ "Name": "plain.rp.test.", "Type": "A", "TTL": 77,
  "ResourceRecords": [ { "Value": "5.3.1.1" } ] },
{ "Name": "eight.rp.test.", "Type": "A", "SetIdentifier": "ireland", "TTL": 30,
  "MultiValueAnswer": true, "ResourceRecords": [ { "Value": "5.3.1.1" } ] }
] }
END2
jq '.Changes |= map({ Action: "CREATE", ResourceRecordSet: . })' "$T/begin" \
    >"$T/first"
check "an operator's sets stand there" apply "$T/first"
list >"$T/before"

n=0
change switch.rp.test --region ireland --add 5.1.7.1
is "$changed" "+Value:5.1.7.1" \
    "one line is new: identifier, health check, TTL and order stand"
is "$(jq -c '.Changes[] | [.Action, .ResourceRecordSet.SetIdentifier,
    .ResourceRecordSet.HealthCheckId]' "$T/batch.1")" \
    '["UPSERT","Dublin switches","hc-1"]' "the batch has them"
change switch.rp.test --region virginia --remove 5.8.1.1
is "$changed" "-HealthCheckId:hc-2 -Name:switch.rp.test. -Region:us-east-1 -ResourceRecords:[ -SetIdentifier:va -TTL:120 -Type:A -Value:5.8.1.1" \
    "a set that is emptied is deleted, with its health check"
is "$(jq -r '.Changes[].Action' "$T/batch.$n")" DELETE "by a DELETE"
change '*.rp.test' --region ireland --add 5.1.7.1
is "$changed" "+Value:5.1.7.1" "a name that Route 53 writes in octal"
change geo.rp.test --region ireland --remove 5.3.2.1
is "$changed" "-Value:5.3.2.1" "a geolocation set, found by its addresses"
change near.rp.test --region ireland --add 5.1.7.1
is "$changed" "+Value:5.1.7.1" "a geoproximity set keeps its bias"
change cidr.rp.test --region ireland --add 5.1.7.1
is "$changed" "+Value:5.1.7.1" "a CIDR set"
change weight.rp.test --region ireland --add 5.1.7.1
is "$changed" "+Value:5.1.7.1" "a weighted set"
change names.rp.test --region virginia --add 5.8.7.1
is "$changed" "+Value:5.8.7.1" "an alias: the region's own name has the set"
change switch.rp.test --region ireland --add 2a05:1::7
is "$changed" \
    "+Name:switch.rp.test. +Region:eu-west-1 +ResourceRecords:[ +SetIdentifier:Dublinswitches +TTL:300 +Type:AAAA +Value:2a05:1::7" \
    "the first IPv6 address makes a set like that for IPv4"
change switch.rp.test --region oregon --add 5.9.1.1
is "$changed" \
    "+HealthCheckId:hc-9 +Name:switch.rp.test. +Region:us-west-2 +ResourceRecords:[ +SetIdentifier:West2 +TTL:60 +Type:A +Value:5.9.1.1" \
    "a region's first set is by the regions file"

# All of it goes through the client, and nothing else is different then.
jq -s '{ Changes: (map(.Changes) | add) }' "$T"/batch.* >"$T/all"
check "the client takes what is printed" apply "$T/all"
list >"$T/after"
cp "$T/before" "$T/patched"
for i in $(seq "$n"); do
	patch -s "$T/patched" "$T/diff.$i" || break
done >"$T/out" 2>&1
jq -S '.ResourceRecordSets | sort_by([.Name, .Type, .SetIdentifier])' \
    "$T/patched" >"$T/patched.sorted"
is "$(jq -S '.ResourceRecordSets | sort_by([.Name, .Type, .SetIdentifier])' \
    "$T/after" | cmp - "$T/patched.sorted" 2>&1)" "" \
    "all sets are as the differences have shown, and no other is changed" || cat "$T/out"

cp "$T/after" "$T/before"
like "$(refused switch.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
    "before: there is nothing to change, and .* exit 1, 0 bytes" \
    "nothing to change"
is "$(probe switch.rp.test --region ireland --add 5.1.7.1 --diff 2>/dev/null
    echo "exit $?")" "exit 0" "has an empty difference, and that is no fault"
like "$(refused names.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
    "before: set names.rp.test. A ie: is an alias: .* exit 1, 0 bytes" \
    "an alias"
like "$(refused plain.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
    "plain.rp.test. A: is a simple set, which answers everybody.* exit 1, 0 b" \
    "a simple set"
like "$(refused eight.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
    "eight.rp.test. A ireland: is a multivalue set.* exit 1, 0 bytes" \
    "a multivalue set"
like "$(refused geo.rp.test --region oregon --add 5.9.1.1 | tr '\n' ' ')" \
    "geo.rp.test. A Europe: is not a latency set, .* exit 1, 0 bytes" \
    "a region without a set among geolocation sets"

# What is no such list.
bad() {
	printf "$1" >"$T/before"
	like "$(refused switch.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
	    "^rp-regionprobe: $T/before:$2 exit 1, 0 bytes" "$3"
}
bad '{\n"ResourceRecordSets": [\n}' "3: not JSON: .*" "a broken file"
bad '{ "Sets": [] }' "1: not what aws .*" "another list"
bad '{\n\0}' "2: holds a NUL byte" "a NUL byte"
bad '{ "ResourceRecordSets": [], "NextToken": "x" }' \
    "1: only a part of the zone.*" "half a list"
truncate -s 17M "$T/before"
like "$(refused switch.rp.test --region ireland --add 5.1.7.1 | tr '\n' ' ')" \
    "before: more than 16777216 bytes exit 1" "a file without an end"
finish
