#!/bin/sh
# Make the certificates of switches for a simulation: fixture.sh FOLDER NAME...
# NAME:REGION is good for the name of its region, too.
# They are good from 2025 to 2049, because simulated time begins in 2026.
set -e
dir=$1
shift
mkdir -p "$dir"
cert() {
	certtool --generate-privkey --key-type=ecdsa --no-text \
	    --outfile "$dir/$1.key" 2>/dev/null
	printf '%s\n' "cn = $1" 'activation_date = "2025-01-01 00:00:00 UTC"' \
	    'expiration_date = "2049-01-01 00:00:00 UTC"' "$2" \
	    "${3:-tls_www_server}" "${4:-signing_key}" >"$dir/$1.cfg"
}
# The key that pushes are signed with.
certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --no-text \
    --outfile "$dir/vapid.pem" 2>/dev/null
cert ca ca cert_signing_key
certtool --generate-self-signed --load-privkey "$dir/ca.key" --no-text \
    --template "$dir/ca.cfg" --outfile "$dir/ca.pem" 2>/dev/null
for name; do
	names=$(printf '%s\n' "$name" | tr : '\n' |
	    sed 's/.*/dns_name = &.example/')
	name=${name%%:*}
	cert "$name" "$names"
	certtool --generate-certificate --load-ca-certificate "$dir/ca.pem" \
	    --load-ca-privkey "$dir/ca.key" --load-privkey "$dir/$name.key" \
	    --no-text --template "$dir/$name.cfg" \
	    --outfile "$dir/$name.pem" 2>/dev/null
done
