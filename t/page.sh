# Sourced by scenarios of the page's port, after lib.sh and signal.sh: a switch
# called "switch" that serves $T/page by HTTPS.

# make_page: a small page.
make_page() {
	mkdir -p "$T/page/js" "$T/page/icons"
	printf '<!doctype html>\n<title>page</title>\n' >"$T/page/index.html"
	# So long that compression gains much.
	for rp_i in $(seq 400); do
		echo "export const number$rp_i = $rp_i;"
	done >"$T/page/js/many.js"
	echo 'self.onpush = null;' >"$T/page/worker.js"
	printf '\211PNG\r\n' >"$T/page/icons/icon.png"
}

# installed_page FOLDER: the page that comes with us, as it is installed.
installed_page() {
	mkdir -p "$1"
	sed -n 's|^dist_web[a-z]*_DATA .*= contrib/web/||p' \
	    "$RP_SRC/contrib/local.mk" |
	    tar -C "$RP_SRC/contrib/web" -cf - -T - | tar -C "$1" -xf -
}

# write_page_conf [LINE...]: of the switch that serves it; `web` is $web.
write_page_conf() {
	write_conf "rp-pushsend --dev" \
	    "web: { listen = \"127.0.0.1:0\"; root = \"page\"; ${web:-} };" "$@"
}

# page PATH [CURL-ARGUMENT...]: the head is in $T/head, the body in $T/body;
# prints the status.
page() {
	rp_path=$1
	shift
	: >"$T/body"
	curl -sS --max-time 20 --path-as-is --cacert "$T/switch.d/ca.pem" \
	    -D "$T/head" -o "$T/body" -w '%{http_code}\n' "$@" \
	    "$(address web)$rp_path" 2>"$T/curl.err"
}

# raw: standard input, as it is, to the port by TLS, and its answer.
raw() {
	timeout 60 openssl s_client -quiet -ign_eof -CAfile "$T/switch.d/ca.pem" \
	    -connect "$(address web | sed 's|.*//||')" 2>"$T/raw.err" |
	    tr -d '\r'
}

# statuses: of the answers on standard input.
statuses() {
	sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p' | xargs
}

# crowd NAME N ADDRESS...: N connections from each address, silent and without
# TLS, one after the other, held open until NAME is stopped.
crowd() {
	rp_crowd=$1
	shift
	start "$rp_crowd" perl -MIO::Socket::INET -e '
		my ($to, $n, @from) = @ARGV;
		my @held;
		for my $from (@from) {
			push @held, IO::Socket::INET->new(PeerAddr => $to,
			    LocalAddr => $from) // die "$from: $!" for 1 .. $n;
		}
		$| = 1;
		print "ready\n";
		sleep 600;' "$(address web | sed 's|.*//||')" "$@"
	wait_for 10 grep -q ready "$T/$rp_crowd.out"
}
