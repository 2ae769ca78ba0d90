#!/bin/sh
# The files of Knot DNS, PowerDNS and gdnsd are edited where the region's
# addresses stand, and nowhere else: what an operator has written around them,
# comments, order, other names, records and weights, is there afterwards byte for
# byte, and the server answers as before but for the region. --diff shows it
# before; --output replaces the live file once the new one is whole, and leaves it
# alone when there is none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
command -v kdig >/dev/null || skip_all "no kdig"

cat >"$T/regions" <<'END2'
regions = (
  { name = "ireland"; addresses = [ "5.3.1.1", "5.3.2.1", "2a05:3:1::1" ];
    nets = [ "5.1.0.0/16", "5.3.0.0/16" ]; },
  { name = "virginia"; addresses = [ "5.8.1.1" ]; nets = [ "5.8.0.0/16" ]; },
  { name = "oregon"; addresses = [ ]; nets = [ "5.11.0.0/16" ]; }
);
END2
echo "switch.rp.test A 5.9.1.1" >"$T/table"
dns=$(dns_port)
start resolver perl "$RP_SRC/t/tools/resolver.pl" "127.0.0.1:$dns" "$T/table"

# probe FORMAT FILE ARGUMENT...
probe() {
	format=$1
	file=$2
	shift 2
	rp-regionprobe switch.rp.test --no-connect --whoami none --rounds 1 \
	    --resolver "127.0.0.1:$dns" --server "127.0.0.1:$dns" \
	    --regions "$T/regions" --format "$format" --zone "$file" "$@"
}
# lines FILE FILE: what the two have not in common.
lines() {
	diff -U 0 "$1" "$2" | sed -n '/^[-+][-+][-+]/d; s/^\([-+]\) */\1/p'
}
# answers: of all names, to all networks, with their times to live.
answers() {
	for net in 5.1.0.0/24 5.3.0.0/24 5.8.0.0/24 5.11.0.0/24 9.9.9.0/24; do
		for name in switch _rp-region.switch other dub1 @; do
			for type in A AAAA TXT MX SOA; do
				echo "$name.rp.test. $type" | sed 's/^@\.//'
			done
		done | xargs kdig -p "$p" @127.0.0.1 +noall +answer +retry=0 \
		    +time=2 "+subnet=$net" 2>/dev/null | grep -v '^$' |
		    awk -v net="$net" '{ $3 = ""; print net, $0 }' | tr -s ' ' |
		    sort -u
	done
}
answered() {
	[ -n "$(kdig -p "$p" @127.0.0.1 +short +retry=0 +time=1 \
	    +subnet="${2:-5.1.0.0/24}" switch.rp.test A | grep -Fx "$1")" ]
}

# changes SERVER FORMAT FILE WANTED ANSWERS --region REGION --add ADDR: the file's
# difference, and which answers are others.
changes() {
	server=$1 format=$2 file=$3 wanted=$4 others=$5 addr=$9
	shift 5
	cp "$file" "$T/before"
	chmod 640 "$file"
	answers >"$T/answers.before"
	probe "$format" "$file" "$@" --diff >"$T/diff" 2>"$T/err"
	probe "$format" "$file" "$@" --output "$file" >"$T/out" 2>>"$T/err"
	is "$(lines "$T/before" "$file")" "$wanted" "$server: $*: the file" ||
	    cat "$T/err"
	patch -s -o "$T/patched" "$T/before" "$T/diff" >/dev/null
	is "$(cmp "$T/patched" "$file" 2>&1), $(stat -c %a "$file"), $(wc -c \
	    <"$T/out")" ", 640, 0" "$server: $*: its difference and its mode"
	reload "$addr"
	answers >"$T/answers.after"
	is "$(diff -b "$T/answers.before" "$T/answers.after" |
	    sed -n 's/^\([<>] [^ ]* [^ ]* \)[0-9]* /\1/p' | sort)" \
	    "$(echo "$others" | sort)" "$server: $*: the answers"
}

# kept SERVER FORMAT FILE: what fails leaves the file alone. No server of the zone
# answers here, so nobody knows the region.
kept() {
	cp "$3" "$T/before"
	probe "$2" "$3" --add 5.1.7.1 --output "$3" >"$T/out" 2>&1
	is "$? $(cmp "$T/before" "$3" 2>&1)" "2 " \
	    "$1: a region that is not known leaves the file as it is"
	printf 'x: [ 1\n' >"$T/bad"
	cp "$T/bad" "$T/bad.before"
	probe "$2" "$T/bad" --region ireland --add 5.1.7.1 --output "$T/bad" \
	    >"$T/out" 2>&1
	is "$? $(cmp "$T/bad" "$T/bad.before" 2>&1)" "1 " \
	    "$1: so does one that is not understood"
	like "$(cat "$T/out")" "^rp-regionprobe: $T/bad:1: " "$1: with its line"
	is "$(grep -vc warning "$T/out")" 1 "$1: and no other" || cat "$T/out"
}

knot() {
	command -v knotd >/dev/null && [ -e /usr/lib/*/knot/modules*/geoip.so ] || {
		skip "knot" "no knotd with geoip"
		return
	}
	p=$(dns_port)
	cat >"$T/rp.zone" <<-'END2'
	$ORIGIN rp.test.
	$TTL 60
	@	SOA ns1 hostmaster 17 3600 600 86400 60
	@	NS ns1
	ns1	A 127.0.0.1
	switch	A 5.9.1.1
	dub1	A 5.3.1.1
	other	A 5.9.1.9
	END2
	cat >"$T/geo" <<-'END2'
	# Kept by hand.
	other.rp.test:
	  - net: 5.1.0.0/16   # theirs
	    A: 5.3.1.1

	switch.rp.test.:
	  # Ireland
	  - net: 5.1.0.0/16
	    AAAA: 2a05:3:1::1
	    A: [ 5.3.2.1, "5.3.1.1" ]   # two
	    TXT: "v=1, [ ]"
	    MX: "10 mail.rp.test."
	  - net: 5.3.0.0/16
	    A: 5.3.2.1
	    A: 5.3.1.1 # on its own

	  - net: 5.8.0.0/16
	    A: [ 5.8.1.1 ]
	_rp-region.switch.rp.test:
	  - net: 5.1.0.0/16
	    TXT: [ "region=ireland" ]
	  - net: 5.8.0.0/16
	    TXT: [ "region=virginia" ]
	END2
	{
		printf 'mod-geoip:\n  - id: rp\n    config-file: "%s"\n' "$T/geo"
		printf '    ttl: 60\n    mode: subnet\n'
	} >"$T/ns.extra"
	echo '    module: mod-geoip/rp' >"$T/ns.rp.test.extra"
	start_knot ns "127.0.0.1@$p" rp.test "$T/rp.zone"
	reload() {
		knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
	}
	changes knot knot "$T/geo" '-A: [ 5.3.2.1, "5.3.1.1" ]   # two
+A: [ 5.3.2.1, "5.3.1.1", 5.1.7.1 ]   # two
-A: 5.3.1.1 # on its own
+A: [ 5.3.1.1, 5.1.7.1 ] # on its own' \
	    '> 5.1.0.0/24 switch.rp.test. A 5.1.7.1
> 5.3.0.0/24 switch.rp.test. A 5.1.7.1' --region ireland --add 5.1.7.1
	changes knot knot "$T/geo" '-AAAA: 2a05:3:1::1
+AAAA: [ 2a05:3:1::1, 2a05:1::7 ]
+AAAA: [ 2a05:1::7 ]' '> 5.1.0.0/24 switch.rp.test. AAAA 2a05:1::7
> 5.3.0.0/24 switch.rp.test. AAAA 2a05:1::7' --region ireland --add 2a05:1::7
	changes knot knot "$T/geo" '-A: [ 5.3.2.1, "5.3.1.1", 5.1.7.1 ]   # two
+A: [ "5.3.1.1", 5.1.7.1 ]   # two
-A: 5.3.2.1' '< 5.1.0.0/24 switch.rp.test. A 5.3.2.1
< 5.3.0.0/24 switch.rp.test. A 5.3.2.1' --region ireland --remove 5.3.2.1
	changes knot knot "$T/geo" '-- net: 5.8.0.0/16
-A: [ 5.8.1.1 ]
-- net: 5.8.0.0/16
-TXT: [ "region=virginia" ]' '< 5.8.0.0/24 switch.rp.test. A 5.8.1.1
< 5.8.0.0/24 _rp-region.switch.rp.test. TXT "region=virginia"
> 5.8.0.0/24 switch.rp.test. A 5.9.1.1' --region virginia --remove 5.8.1.1
	changes knot knot "$T/geo" '+- net: 5.11.0.0/16
+A: [ 5.11.1.1 ]
+- net: 5.11.0.0/16
+TXT: [ "region=oregon" ]' '< 5.11.0.0/24 switch.rp.test. A 5.9.1.1
> 5.11.0.0/24 switch.rp.test. A 5.11.1.1
> 5.11.0.0/24 _rp-region.switch.rp.test. TXT "region=oregon"' \
	    --region oregon --add 5.11.1.1
	kept knot knot "$T/geo"
	stop ns
}

pdns() {
	command -v pdns_server >/dev/null || {
		skip "pdns" "no pdns_server"
		return
	}
	p=$(dns_port)
	mkdir -p "$T/pdns"
	sed "s/5300/$p/; s|^socket-dir=.*|socket-dir=$T/pdns|
	    s|zones.yaml|$T/pdns/zones.yaml|" "$RP_SRC/contrib/gslb/pdns/pdns.conf" \
	    >"$T/pdns/pdns.conf"
	cat >"$T/pdns/zones.yaml" <<-'END2'
	# Kept by hand.
	domains:
	- domain: other.test
	  ttl: 30
	  records:
	    switch.other.test:
	    - a: 5.3.1.1
	- domain: rp.test
	  ttl: 60   # one minute
	  records:
	    rp.test:
	      - soa: ns1.rp.test hostmaster.rp.test 17 3600 600 604800 60
	      - ns: ns1.rp.test
	      - mx:
	          content: 10 mail.rp.test
	          ttl: 600
	    dub1.rp.test:
	      - a: 5.3.1.1
	    ie.rp.test:
	      - a:
	          content: 5.3.2.1  # dub2
	          ttl: 90
	      - a: {content: 5.3.1.1, ttl: 90}
	      - aaaa: "2a05:3:1::1"   # dub1
	      - txt: "region=ireland"
	    us.rp.test:
	      - txt: region=virginia
	      - a: 5.8.1.1
	    rest.rp.test:
	      - a: 5.9.1.1
	  services:
	    switch.rp.test:
	      5.1.0.0/16: ie.rp.test
	      5.3.0.0/16: [ ie.rp.test, us.rp.test ]
	      5.8.0.0/16: us.rp.test
	      default: rest.rp.test
	    _rp-region.switch.rp.test:
	      5.1.0.0/16: ie.rp.test
	      5.8.0.0/16: us.rp.test
	      default: rest.rp.test
	END2
	start pdns pdns_server --config-dir="$T/pdns"
	wait_for 10 answered 5.3.1.1
	reload() {
		pdns_control --config-dir="$T/pdns" --socket-dir="$T/pdns" reload \
		    >/dev/null
		# It answers the command before it has read the file.
		case $1 in
		5.1.7.1) wait_for 5 answered 5.1.7.1 ;;
		5.8.1.1) wait_for 5 answered 5.9.1.1 5.8.0.0/24 ;;
		esac
	}
	changes pdns pdns "$T/pdns/zones.yaml" '+- a: {content: 5.1.7.1, ttl: 90}' \
	    '> 5.1.0.0/24 switch.rp.test. A 5.1.7.1
> 5.1.0.0/24 _rp-region.switch.rp.test. A 5.1.7.1
> 5.3.0.0/24 switch.rp.test. A 5.1.7.1' --region ireland --add 5.1.7.1
	is "$(kdig -p "$p" @127.0.0.1 +noall +answer +subnet=5.1.0.0/24 \
	    switch.rp.test A | awk '$5 == "5.1.7.1" { print $2 }')" 90 \
	    "pdns: the new record has the TTL of its brothers"
	changes pdns pdns "$T/pdns/zones.yaml" '-- a: 5.8.1.1
-5.8.0.0/16: us.rp.test
-5.8.0.0/16: us.rp.test' '< 5.8.0.0/24 switch.rp.test. A 5.8.1.1
< 5.8.0.0/24 switch.rp.test. TXT "region=virginia"
< 5.8.0.0/24 _rp-region.switch.rp.test. A 5.8.1.1
< 5.8.0.0/24 _rp-region.switch.rp.test. TXT "region=virginia"
> 5.8.0.0/24 switch.rp.test. A 5.9.1.1
> 5.8.0.0/24 _rp-region.switch.rp.test. A 5.9.1.1' \
	    --region virginia --remove 5.8.1.1
	kept pdns pdns "$T/pdns/zones.yaml"
	stop pdns
}

gdnsd() {
	command -v gdnsd >/dev/null || {
		skip "gdnsd" "no gdnsd"
		return
	}
	p=$(dns_port)
	mkdir -p "$T/gdnsd/zones" "$T/gdnsd/run" "$T/gdnsd/state"
	cat >"$T/gdnsd/config" <<-END2
	# Kept by hand.
	options => { listen => [ 127.0.0.1 ], dns_port => $p
	  run_dir => $T/gdnsd/run, state_dir => $T/gdnsd/state
	  zones_default_ttl => 60 }
	plugins => {
	  geoip => {
	    maps => {
	      prod => {
	        datacenters => [ rest, dub, virginia ]
	        nets => {
	          5.1.0.0/16 => [ dub, rest ]   # Ireland
	          5.3.0.0/16 => dub
	          5.8.0.0/16 => [ virginia ]
	        }
	      }
	      one => { datacenters => [ here ] }
	    }
	    resources => {
	      www => { map => one, service_types => up, dcmap => { here => 5.3.9.9 } }
	      sw => {
	        map => prod
	        service_types => up     # none
	        dcmap => {
	          dub => {
	            addrs_v4 => [ 5.3.2.1, 5.3.1.1 ]   # two
	            addrs_v6 => { dub1 => 2a05:3:1::1 }
	          },
	          virginia => { iad1 => 5.8.1.1, iad2 => 5.8.1.2 },
	          rest => 5.9.1.1
	        }
	      }
	    }
	  }
	}
	END2
	cat >"$T/gdnsd/zones/rp.test" <<-'END2'
	@	SOA ns1 hostmaster 17 3600 600 604800 60
	@	NS ns1
	@	MX 10 ns1
	ns1	A 127.0.0.1
	switch	60 DYNA geoip!sw
	other	60 DYNA geoip!www
	dub1	A 5.3.1.1
	END2
	serve() {
		start gdnsd command gdnsd -c "$T/gdnsd" start
		wait_for 10 answered 5.3.1.1 || cat "$T/gdnsd.err"
	}
	reload() {
		stop gdnsd
		serve
	}
	serve
	changes gdnsd gdnsd "$T/gdnsd/config" \
	    '-addrs_v4 => [ 5.3.2.1, 5.3.1.1 ]   # two
+addrs_v4 => [ 5.3.2.1, 5.3.1.1, 5.1.7.1 ]   # two' \
	    '> 5.1.0.0/24 switch.rp.test. A 5.1.7.1
> 5.3.0.0/24 switch.rp.test. A 5.1.7.1' --region ireland --add 5.1.7.1
	changes gdnsd gdnsd "$T/gdnsd/config" \
	    '-addrs_v6 => { dub1 => 2a05:3:1::1 }
+addrs_v6 => { dub1 => 2a05:3:1::1, 2a05-1--7 => 2a05:1::7 }' \
	    '> 5.1.0.0/24 switch.rp.test. AAAA 2a05:1::7
> 5.3.0.0/24 switch.rp.test. AAAA 2a05:1::7' --region ireland --add 2a05:1::7
	changes gdnsd gdnsd "$T/gdnsd/config" \
	    '-virginia => { iad1 => 5.8.1.1, iad2 => 5.8.1.2 },
+virginia => { iad2 => 5.8.1.2 },' '< 5.8.0.0/24 switch.rp.test. A 5.8.1.1' \
	    --region virginia --remove 5.8.1.1
	changes gdnsd gdnsd "$T/gdnsd/config" '-datacenters => [ rest, dub, virginia ]
+datacenters => [ rest, dub ]
-5.8.0.0/16 => [ virginia ]
-virginia => { iad2 => 5.8.1.2 },' \
	    '< 5.8.0.0/24 switch.rp.test. A 5.8.1.2
> 5.8.0.0/24 switch.rp.test. A 5.9.1.1' --region virginia --remove 5.8.1.2
	kept gdnsd gdnsd "$T/gdnsd/config"
	stop gdnsd
}

# What --output writes to: a link stays, a FIFO is written to, a folder is not.
printf 'switch.rp.test:\n  - net: 5.1.0.0/16\n    A: 5.3.1.1\n' >"$T/real"
chmod 604 "$T/real"
ln -s real "$T/link"
mkfifo "$T/fifo"
probe knot "$T/link" --region ireland --add 5.1.7.1 --output "$T/link" \
    2>"$T/err"
is "$? $(stat -c %F "$T/link"), $(stat -c %a "$T/real"), $(tail -n 1 \
    "$T/real")" "0 symbolic link, 604,     A: [ 5.3.1.1, 5.1.7.1 ]" \
    "a link stays, and what it leads to keeps its mode"
start reader cat "$T/fifo"
probe knot "$T/real" --region ireland --remove 5.3.1.1 --output "$T/fifo" \
    2>"$T/err"
join reader
is "$(stat -c %F "$T/fifo"), $(tail -n 1 "$T/reader.out")" \
    "fifo,     A: [ 5.1.7.1 ]" "a FIFO is written to"
probe knot "$T/real" --region ireland --add 5.1.7.2 --output "$T/" 2>"$T/err"
is "$?, $(tail -n 1 "$T/err")" "1, rp-regionprobe: $T/: Is a directory" \
    "a folder is an error"
is "$(ls "$T" | grep -c 'new')" 0 "nothing is left beside them"
rp-regionprobe switch.rp.test --diff 2>&1 | grep -q "wants --zone"
is $? 0 "--diff without --zone is a mistake"

knot
pdns
gdnsd
finish
