#!/bin/sh
# The examples of contrib/gslb run unchanged on real name servers and accept
# what rp-regionprobe prints. The new switch is then answered in its region and
# nowhere else. The printed files in that folder are what the tool prints today.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
gslb=$RP_SRC/contrib/gslb
command -v kdig >/dev/null || skip_all "no kdig"

# try SERVER PROGRAM
try() {
	if ! command -v "$2" >/dev/null; then
		skip "the example for $1" "no $2"
		return
	fi
	check "the example for $1 runs" sh -c "'$gslb/try' $1 $(dns_port) >'$T/$1'"
	like "$(cat "$T/$1")" "198.19.0.70 belongs to region ireland" \
	    "$1: the new switch belongs to Ireland's region"
	sed '1,/^after:/d' "$T/$1" >"$T/$1.after"
	is "$(grep -c '198.19.0.70 198.51.100.1 198.51.100.2 *2001:db8:1::1' \
	    "$T/$1.after")" 2 "$1: there it is answered, with all the others"
	is "$(grep -c '198.51.100.65 *$' "$T/$1.after")" 2 \
	    "$1: and nowhere else"
	# The last switch of a region goes: the default answer is for its callers.
	"$gslb/try" "$1" "$(dns_port)" --remove 198.51.100.65 \
	    --region virginia >"$T/$1.empty" 2>"$T/$1.err"
	sed '1,/^after:/d' "$T/$1.empty" >"$T/$1.after"
	is "$(grep -c '198.51.100.65 *$' "$T/$1.after")" 2 \
	    "$1: a region that is emptied gets the default answer" ||
	    cat "$T/$1.empty" "$T/$1.err"
}
try knot knotd
try gdnsd gdnsd
try pdns pdns_server
is "$(pgrep -f "$T" 2>/dev/null)" "" "nothing is left running"

# printed FORMAT FILE [ARGUMENT...]: nobody answers at that address.
printed() {
	format=$1
	file=$2
	shift 2
	rp-regionprobe switch.example.org --regions "$gslb/regions" \
	    --no-connect --whoami none --rounds 1 --resolver 127.0.0.1:1 \
	    --server 127.0.0.1:1 --region ireland --format "$format" "$@" \
	    2>/dev/null | diff -u "$gslb/$file" -
}
printed knot knot/geo.conf --add 198.51.100.1 >"$T/diff.knot" &
knot=$!
printed gdnsd gdnsd/geoip --add 198.51.100.1 >"$T/diff.gdnsd" &
gdnsd=$!
printed route53 route53/change.json --add 198.19.0.70 >"$T/diff.route53"
is $? 0 "route53/change.json is what the tool prints" || cat "$T/diff.route53"
wait $knot
is $? 0 "knot/geo.conf as well" || cat "$T/diff.knot"
wait $gdnsd
is $? 0 "gdnsd/geoip as well" || cat "$T/diff.gdnsd"
finish
