# Sourced by scenarios that need certificates of any kind. They are made with
# certtool in $T/tls, by authorities of their own. These are root, and inter,
# which root has issued.

mkdir -p "$T/tls"

# day N: the date in N days, as a template has it.
day() {
	date -u -d "$1 days" '+%Y-%m-%d %H:%M:%S'
}

# make_key NAME [CERTTOOL-ARGUMENT...]
make_key() {
	rp_key=$T/tls/$1.key
	shift
	certtool --generate-privkey "${@:---key-type=ecdsa}" --no-text \
	    --outfile "$rp_key" 2>>"$T/certtool.err"
}

# make_cert NAME ISSUER LINE...: for the key NAME.key, which is made unless it is
# there, from a template of these lines. ISSUER "self" signs itself. $cert_hash
# is for the signature.
cert_hash=SHA256
make_cert() {
	rp_cert=$1
	rp_issuer=$2
	shift 2
	[ -s "$T/tls/$rp_cert.key" ] || make_key "$rp_cert"
	printf '%s\n' "cn = $rp_cert" "$@" >"$T/tls/$rp_cert.cfg"
	grep -q -e _date -e _days "$T/tls/$rp_cert.cfg" ||
	    printf '%s\n' "activation_date = \"$(day -1)\"" \
	    "expiration_date = \"$(day 90)\"" >>"$T/tls/$rp_cert.cfg"
	if [ "$rp_issuer" = self ]; then
		set -- --generate-self-signed
	else
		set -- --generate-certificate \
		    --load-ca-certificate "$T/tls/$rp_issuer.pem" \
		    --load-ca-privkey "$T/tls/$rp_issuer.key"
	fi
	certtool "$@" --load-privkey "$T/tls/$rp_cert.key" --no-text \
	    --hash "$cert_hash" --template "$T/tls/$rp_cert.cfg" \
	    --outfile "$T/tls/$rp_cert.pem" 2>>"$T/certtool.err" ||
	    give_up "certtool makes $rp_cert" "$T/certtool.err"
}

# make_server NAME DNS-NAME LINE...: a server's, by inter, with its chain in
# NAME.crt.
make_server() {
	rp_server=$1
	rp_host=$2
	shift 2
	make_cert "$rp_server" inter ${rp_host:+"dns_name = $rp_host"} \
	    signing_key "${@:-tls_www_server}"
	cat "$T/tls/$rp_server.pem" "$T/tls/inter.pem" >"$T/tls/$rp_server.crt"
}

# make_authority NAME ISSUER: for longer than what it issues.
make_authority() {
	make_cert "$1" "$2" ca cert_signing_key \
	    "activation_date = \"$(day -1)\"" "expiration_date = \"$(day 900)\""
}

make_authority root self
make_authority inter root
