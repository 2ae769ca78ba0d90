#!/bin/sh
# Regions by country and continent, without networks, on real name servers with
# a GeoIP2 database: Knot DNS (mode geodb), gdnsd and PowerDNS each serve what
# rp-regionprobe prints, answer callers of many countries with the right region,
# and take the printed change. gdnsd also with a map of the operator's own. What
# a server cannot have is refused before, with a word.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
command -v kdig >/dev/null || skip_all "no kdig"
perl -MMaxMind::DB::Writer::Tree -e 1 2>/dev/null ||
    skip_all "no MaxMind::DB::Writer (package libmaxmind-db-writer-perl)"

name=switch.rp.test
# Namibia's code is that of North America. 5.20 is in no place, but in a net.
cat >"$T/callers" <<'END'
ireland 5.1.0.0/16 EU IE
ireland 5.2.0.0/16 EU
ireland 5.3.0.0/16 AF ZA
california 5.4.0.0/16 AF NA
oregon 5.5.0.0/16 NA CA ON
california 5.6.0.0/16 NA US CA
oregon 5.7.0.0/16 NA US NY
oregon 5.8.0.0/16 NA US
world 5.9.0.0/16 AS JP
cyprus 5.10.0.0/16 EU CY
california 2a05:6::/32 NA US CA
END
cut -d ' ' -f 2- "$T/callers" | perl "$RP_SRC/t/tools/mmdb.pl" "$T/db.mmdb"
cat >"$T/regions" <<END
ttl = 60;
geodb = "$T/db.mmdb";
regions = (
  { name = "ireland"; addresses = [ "5.1.1.1", "5.1.2.1", "2a05:1::1" ];
    continents = [ "EU", "AF" ]; },
  { name = "oregon"; addresses = [ "5.7.1.1" ]; continents = [ "NA" ]; },
  { name = "california"; addresses = [ "5.6.1.1" ];
    countries = [ "US-CA", "NA" ]; nets = [ "5.20.0.0/16" ]; },
  { name = "cyprus"; addresses = [ "5.10.1.1" ]; countries = [ "CY" ]; },
  { name = "world"; default = true; addresses = [ "5.9.1.1" ]; }
);
END

# A name server that knows nothing, for what comes from the file alone.
nothing=$(dns_port)
: >"$T/table"
start nothing perl "$RP_SRC/t/tools/resolver.pl" "127.0.0.1:$nothing" "$T/table"
wait_for 5 test -s "$T/nothing.out"

# probe ARGUMENT...: of the server at port $p.
probe() {
	rp-regionprobe $name --no-connect --whoami none --rounds 1 \
	    --resolver "127.0.0.1:$p" --server "127.0.0.1:$p" \
	    --regions "$regions" "$@"
}
# printed FORMAT: the server's file, from the regions file alone.
printed() {
	p=$nothing
	probe --region ireland --add 5.1.1.1 --format "$1" 2>"$T/err"
	p=$port
}
# answer NET: the region whose addresses that network is answered with. The
# first address is enough, but every one must be there.
answer() {
	got=$(kdig -p "$p" @127.0.0.1 +short +retry=0 +time=1 +subnet="$1" $name A \
	    2>/dev/null | grep -v '^;' | sort | xargs)
	case $got in
	"5.1.1.1 5.1.2.1") echo ireland ;;
	5.7.1.1) echo oregon ;;
	5.6.1.1) echo california ;;
	5.10.1.1) echo cyprus ;;
	5.9.1.1) echo world ;;
	*) echo "? $got" ;;
	esac
}
answers() {
	while read -r _ net where; do
		echo "$(answer "$net") $net $where"
	done <"$T/callers"
}
answered() {
	[ "$(answer 5.9.0.0/16)" = world ]
}
# settled SERVER: it answers, or has ended.
settled() {
	answered || ! running "$1"
}
# up SERVER: it was started, and answers.
up() {
	wait_for 10 settled "$1"
	running "$1" || give_up "$1 starts" "$T/$1.err"
}

# serves SERVER FORMAT FILE: it runs by the printed file, and takes the change.
serves() {
	is "$(answers)" "$(cat "$T/callers")" \
	    "$1: callers of each country get the region of the file"
	is "$(kdig -p "$p" @127.0.0.1 +short +subnet=5.3.0.0/16 $name AAAA)" \
	    2a05:1::1 "$1: IPv6 addresses as well"
	probe --add 5.6.7.1 >"$T/said" 2>&1
	is "$?" 0 "$1: a new switch in California"
	like "$(cat "$T/said")" "5.6.7.1 belongs to region california" \
	    "$1: belongs to the region of its country"
	like "$(cat "$T/said")" "5.6.7.0/24 +california +1 A.*scope /[1-9]" \
	    "$1: by its network"
	probe --add 5.6.7.1 --format "$2" >"$3.new" 2>"$T/err"
	mv "$3.new" "$3"
	reload
	check "$1: it is answered where it was added" wait_for 5 \
	    both_in_california
	is "$(answers | grep -v '^? 5.6.1.1 5.6.7.1')" \
	    "$(grep -v '^california' "$T/callers")" "$1: and nowhere else"
}
both_in_california() {
	[ "$(answer 5.6.0.0/16)" = "? 5.6.1.1 5.6.7.1" ]
}

# --- Knot DNS: one module by nets, then one by places.
regions=$T/regions
if command -v knotd >/dev/null && [ -e /usr/lib/*/knot/modules*/geoip.so ]; then
	port=$(dns_port)
	cat >"$T/rp.zone" <<-'END'
		$ORIGIN rp.test.
		$TTL 60
		@	SOA ns1 hostmaster 1 3600 600 86400 60
		@	NS ns1
		ns1	A 127.0.0.1
		switch	A 5.9.1.1
		_rp-region.switch TXT "region=default"
	END
	cat >"$T/knot.extra" <<-END
		mod-geoip:
		  - id: nets
		    config-file: "$T/nets.conf"
		    mode: subnet
		  - id: places
		    config-file: "$T/places.conf"
		    mode: geodb
		    geodb-file: "$T/db.mmdb"
		    geodb-key: [ continent/code, country/iso_code, subdivisions/0/iso_code ]
	END
	echo '    module: [ mod-geoip/nets, mod-geoip/places ]' \
	    >"$T/knot.rp.test.extra"
	printed knot >"$T/nets.conf"
	printed knot-geodb >"$T/places.conf"
	start_knot knot "127.0.0.1@$port" rp.test "$T/rp.zone"
	reload() {
		knotc -s "$T/knot.knot/knot.sock" reload >/dev/null
	}
	is "$(answer 5.20.0.0/16)" california "Knot: a net beside the places"
	serves Knot knot-geodb "$T/places.conf"
	# The last switch of a country: its continent's region answers there.
	probe --remove 5.10.1.1 --format knot-geodb >"$T/new" 2>"$T/err"
	mv "$T/new" "$T/places.conf"
	reload
	is "$(answer 5.10.0.0/16)" ireland \
	    "a region that is emptied gets the answer of the larger place"
	stop knot
else
	skip "Knot DNS" "no knotd with knot-module-geoip"
fi

# --- gdnsd.
# gdnsd_runs: with the file geoip, in its place of the configuration.
gdnsd_runs() {
	start gdnsd gdnsd -c "$T/gdnsd" start
	up gdnsd
}
if command -v gdnsd >/dev/null; then
	port=$(dns_port)
	mkdir -p "$T/gdnsd/zones" "$T/run" "$T/state"
	printf '@ SOA ns1 h 1 1 1 1 1\n@ NS ns1\nns1 A 127.0.0.1\n%s\n' \
	    'switch 60 DYNA geoip!rp' >"$T/gdnsd/zones/rp.test"
	# config PLUGINS: the configuration with these plugins.
	config() {
		printf 'options => { listen => [ 127.0.0.1 ] dns_port => %s %s }\n' \
		    "$port" "run_dir => $T/run state_dir => $T/state"
		printf 'plugins => { %s }\n' "$1"
	}
	config '$include{geoip}' >"$T/gdnsd/config"
	reload() {
		stop gdnsd
		gdnsd_runs
	}
	printed gdnsd >"$T/gdnsd/geoip"
	gdnsd_runs
	is "$(answer 5.20.0.0/16)" california "gdnsd: a net beside the places"
	serves gdnsd gdnsd "$T/gdnsd/geoip"
	stop gdnsd

	# A map of the operator's own: only the resource is printed.
	sed -e 's/name = "ireland"/& ; datacenter = "dub"/' -e '1i map = "own";' \
	    -e '/continents/s/continents.*; }/}/; s/ nets = .*; }/ }/' \
	    -e 's/countries = [^;]*;//' "$T/regions" >"$T/datacenters"
	is "$(grep -c 'continents\|countries\|nets' "$T/datacenters")" 0 \
	    "a file without any geography"
	regions=$T/datacenters
	printed gdnsd >"$T/gdnsd/resource"
	config 'geoip => { maps => { own => {
	    geoip2_db => '"$T/db.mmdb"'
	    datacenters => [ world, dub, oregon, california, cyprus ]
	    map => { EU => { default => [ dub ] CY => [ cyprus ] }
	      AF => { default => [ dub ] NA => [ california ] }
	      NA => { default => [ oregon ] US => { CA => [ california ] } }
	    } } } resources => { $include{resource} } }' >"$T/gdnsd/config"
	gdnsd_runs
	serves "gdnsd, own map" gdnsd "$T/gdnsd/resource"
	probe --remove 5.10.1.1 --format gdnsd >"$T/new" 2>"$T/err"
	mv "$T/new" "$T/gdnsd/resource"
	reload
	is "$(answer 5.10.0.0/16)" world \
	    "gdnsd, own map: a datacenter that is emptied has the default"
	stop gdnsd
	regions=$T/regions
else
	skip "gdnsd" "no gdnsd"
fi

# --- PowerDNS.
if command -v pdns_server >/dev/null && [ -e /usr/lib/*/pdns/libgeoipbackend.so ]
then
	port=$(dns_port)
	mkdir "$T/pdns"
	cat >"$T/pdns/pdns.conf" <<-END
		launch=geoip
		geoip-zones-file=$T/pdns/zones.yaml
		geoip-database-files=mmdb:$T/db.mmdb
		edns-subnet-processing=yes
		local-address=127.0.0.1
		local-port=$port
		socket-dir=$T/pdns
		cache-ttl=0
		query-cache-ttl=0
		negquery-cache-ttl=0
	END
	reload() {
		pdns_control --config-dir="$T/pdns" --socket-dir="$T/pdns" \
		    reload >/dev/null
	}
	printed pdns >"$T/pdns/zones.yaml"
	start pdns pdns_server --config-dir="$T/pdns" --daemon=no --guardian=no
	up pdns
	is "$(answer 5.20.0.0/16)" california "PowerDNS: a net beside the places"
	serves PowerDNS pdns "$T/pdns/zones.yaml"
	stop pdns
else
	skip "PowerDNS" "no pdns_server with pdns-backend-geoip"
fi

# --- What is refused.
p=$nothing
regions=$T/bad
# bad FORMAT REGION...: what is said of a file with these regions.
bad() {
	format=$1
	shift
	printf '%s\n' "regions = (" "$@" ");" >"$T/bad"
	probe --add 5.1.1.9 --region a --format "$format" 2>&1 >"$T/out" |
	    grep -v warning:
	echo "$(wc -c <"$T/out") bytes"
}
a='{ name = "a"; addresses = [ "5.1.1.1" ]; '
like "$(bad knot "$a continents = [ \"XX\" ]; }")" \
    "bad:2: XX: not a continent" "an unknown continent"
like "$(bad knot "$a countries = [ \"UK\" ]; }")" \
    "bad:2: UK: not a country" "an unknown country"
like "$(bad knot "$a countries = [ \"US-XX\" ]; }")" \
    "bad:2: US-XX: not a country or subdivision" "an unknown state"
like "$(bad knot "$a countries = [ \"IE\" ]; }," \
    '{ name = "b"; countries = [ "GB", "IE" ]; }')" \
    "bad:3: region b holds IE, which region a in line 2 holds already" \
    "one country in two regions"
like "$(bad knot "$a countries = [ \"IE\" ]; }" | xargs)" \
    "no region has nets 0 bytes" "the other mode of Knot"
like "$(bad knot-geodb "$a nets = [ \"5.1.0.0/16\" ]; }")" \
    "no region has countries or continents" "and the reverse"
like "$(bad gdnsd "$a countries = [ \"IE\" ]; }" | xargs)" \
    "name it by geodb = .*0 bytes" "gdnsd without a database"
like "$(bad gdnsd "$a nets = [ \"5.1.0.0/16\" ]; }," \
    '{ name = "auto"; nets = [ "5.2.0.0/16" ]; }' | xargs)" \
    "region auto: gdnsd has no datacenter .*0 bytes" "a name that gdnsd forbids"
like "$(bad gdnsd "$a datacenter = \"b\"; nets = [ \"5.1.0.0/16\" ]; }," \
    '{ name = "b"; nets = [ "5.2.0.0/16" ]; }' | xargs)" \
    "regions a and b are both datacenter b 0 bytes" "one datacenter twice"
like "$(bad pdns "$a nets = [ \"5.1.0.0/16\" ]; }," \
    '{ name = "_rp-region"; nets = [ "5.2.0.0/16" ]; }' | xargs)" \
    "region _rp-region: PowerDNS has another use .*0 bytes" \
    "a name that PowerDNS's file has itself"
like "$(bad pdns "$a countries = [ \"IE\" ]; }," \
    '{ name = "unknown"; default = true; addresses = [ "5.1.1.2" ]; }')" \
    "region unknown: PowerDNS has another use" "its word for no place"
like "$(bad pdns "$a nets = [ \"5.1.0.0/16\" ]; }," \
    '{ name = "A"; nets = [ "5.2.0.0/16" ]; }')" \
    "regions a and A have one name to PowerDNS" "names that differ by case"
like "$(bad pdns "$a countries = [ \"IE\" ]; }")" \
    "PowerDNS needs a region with default = true" "and no default"
finish
