#!/bin/sh
# Prosody, with the lines of contrib/turn-for/prosody, hands out the relay's
# credentials to two users who log in. With them each user's three ways work, and
# a call between the two, each in a browser of its own, goes through the relay
# and nothing else: audio, and a data channel.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/turnfor.sh"
. "$(dirname "$0")/pairs.sh"
. "$(dirname "$0")/xmpp.sh"
command -v prosody >/dev/null || skip_all "needs prosody"
browser_need "$0" "$@"

turnfor_relay prosody
{
	cat <<-END
		run_as_root = true
		pidfile = "$T/prosody.pidfile"
		data_path = "$T/prosody"
		certificates = "$T"
		log = { { levels = { min = "info" }, to = "console" } }
		interfaces = { "127.0.0.1" }
		modules_enabled = { "saslauth", "disco" }
		modules_disabled = { "s2s", "tls" }
		authentication = "internal_plain"
		c2s_require_encryption = false
		allow_unencrypted_plain_auth = true
	END
	turnfor_part prosody /etc/prosody/prosody.cfg.lua | turnfor_here
} >"$T/prosody.cfg.lua"
mkdir -p "$T/prosody/example%2eorg/accounts"
for user in alice bob; do
	echo "return { password = \"$user\" };" \
	    >"$T/prosody/example%2eorg/accounts/$user.dat"
done
start prosody prosody -F --config "$T/prosody.cfg.lua"
wait_for 20 turnfor_listens 5222 || give_up "Prosody starts" "$T/prosody.out"

xmpp_ways '^[0-9]+$'
xmpp_call
finish
