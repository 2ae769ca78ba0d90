# Sourced after lib.sh, signal.sh and browser.sh by scenarios of phone.js. The
# phone is t/tools/phone.html. Its switch sends codes by "SMS" into the file
# "pushes", and rp-dial is at the other end.

# phone_open [LINE...]: a switch with this in its configuration, too.
phone_open() {
	browser_ca=$T/switch.d/ca.pem
	make_subscribers
	# Pushes are written down. rp-dial gets its own, and the page looks.
	cat >"$T/both" <<-END
		#!/bin/sh
		exec 3>&1
		while read -r line; do
			printf '%s\\n' "\$line" >>"$T/pushes"
			case \$line in
			*webpush*)
				printf '%s\\n' "\$line"
				continue
			esac
			id=\${line#*\\"id\\":\\"}
			echo "{\\"id\\":\\"\${id%%\\"*}\\",\\"status\\":\\"sent\\"}" >&3
		done | rp-pushsend --dev
	END
	chmod +x "$T/both"
	write_conf "exec $T/both" 'web = { origins = "http://127.0.0.1"; };' \
	    'registration = { enabled = true; };' "$@"
	sed -i -e 's/^relay = .*/relay = { listen = "10.77.0.2:0"; };/' \
	    -e 's/^call = {/& per_pair_per_minute = 0;/' \
	    "$T/switch.conf"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
}

# A telephone number that nobody has yet.
phone_number() {
	phone_numbers=$(($(cat "$T/numbers" 2>/dev/null || echo 0) + 1))
	echo $phone_numbers >"$T/numbers"
	echo "+2721555$((1000 + phone_numbers))"
}

# The browsers that are here; says which are not.
phone_browsers() {
	echo chromium
	if browser_has_firefox; then
		echo firefox
	fi
}

# phone_bob [OPTION...]: bob's rp-dial echoes what it hears.
phone_bob() {
	rm -f "$T/bob.ready" "$T/switch.d/bob.known_peers"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --ready-file "$T/bob.ready" "$@"
	wait_for 20 test -s "$T/bob.ready"
}

# phone NAME do=WHAT [QUERY]: its result in $T/NAME.json.
phone() {
	browse phone.html "$2&switches=$(encoded "$(address call)")&$(
	    echo "$3" | sed 's/+/%2B/g')" >"$T/$1.json"
}

# result NAME FILTER: of what it was.
result() {
	jq -r "$2" "$T/$1.json"
}

# The UDP ports of the browser, for nft.
phone_ports() {
	ss -unaHp | grep -E '"(chrom|firefox|Socket|IPC)' |
	    awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u | paste -sd ,
}
