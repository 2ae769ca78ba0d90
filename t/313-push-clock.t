#!/bin/sh
# A clock that was wrong costs one push at most. APNs, FCM and Web Push get
# pushes while the sender's clock is hours behind or ahead, and more after it
# was set right: these are sent. A clock that jumps ahead while the monotonic one
# goes on is also that of a host that has slept. A token that a service refuses
# out of turn costs no push at all, because it is made anew at once.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

command -v faketime >/dev/null || skip_all "no faketime"
[ "${RP_SANITIZERS:-no}" = no ] ||
    skip_all "faketime and a sanitizer do not go together"
# It fails where a dead process of its number has left shared memory.
preloads() {
	lib=$(faketime -f '+0' sh -c 'echo "$LD_PRELOAD"' 2>"$T/faketime.err")
}
once_in 3 preloads ||
    skip_all "faketime preloads nothing: $(head -n 1 "$T/faketime.err")"

# Valid for a wrong clock as well.
faketime -f -7d openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -days 14 -subj "/CN=clock" \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null ||
    skip_all "openssl makes no certificate"
HTTP2_ONLY=1
export HTTP2_ONLY
start_service apns apns
start_service fcm fcm
start_service web webpush
rp-pushsend --new-key "$T/vapid.pem" >/dev/null
cat >"$T/push.conf" <<END
ca_file = "cert.pem";
allow = [ "127.0.0.0/8", "::1" ];
apns: {
	key = "apns.d/AuthKey.p8"; key_id = "KEY1234567";
	team_id = "TEAM123456";
	url = "https://localhost:$(service_port apns)";
};
fcm: {
	service_account = "fcm.d/account.json";
	url = "https://localhost:$(service_port fcm)";
};
webpush: { key = "vapid.pem"; subject = "mailto:ops@example.org"; };
END
keys=$(cat "$T/web.d/receiver.json")

# push ID PROVIDER [MODE]: one request into the running sender, and its result.
push() {
	case $2 in
	apns) to="{\"token\":\"${3:-00aa}\",\"topic\":\"org.example.app\"}" ;;
	fcm) to="{\"token\":\"${3:-ok}:a\"}" ;;
	webpush)
		to="https://localhost:$(service_port web)/${3:-ok}/a"
		to="{\"endpoint\":\"$to\",\"keys\":$keys}"
		;;
	esac
	printf '{"id":"%s","type":"%s","to":%s,"payload":{"kind":"call"}}\n' \
	    "$1" "$2" "$to" >"$T/fed"
	wait_for 10 grep -q "\"$1\"" "$T/sender.out"
	jq -r --arg id "$1" 'select(.id == $id) | "\(.status) \(.attempts)"' \
	    "$T/sender.out"
}

# The sender's clock: OFFSET as faketime reads it, such as -3h.
set_clock() {
	echo "$1" >"$T/clock.new"
	mv "$T/clock.new" "$T/clock"
}

# start_sender OFFSET
start_sender() {
	set_clock "$1"
	[ -p "$T/fed" ] || mkfifo "$T/fed"
	# The monotonic clock goes on, as it does in a host whose clock is set.
	# The library is loaded into no shell, whose shared memory would stay.
	start sender sh -c "exec env LD_PRELOAD='$lib' \
	    FAKETIME_TIMESTAMP_FILE='$T/clock' FAKETIME_NO_CACHE=1 \
	    FAKETIME_DONT_FAKE_MONOTONIC=1 \
	    rp-pushsend -c '$T/push.conf' <'$T/fed'"
	start hold sh -c 'exec sleep 600 >"$0"' "$T/fed"
}
stop_sender() {
	stop hold
	join sender
}

for offset in -3h +2h -30h +30h; do
	start_sender $offset
	for provider in apns fcm webpush; do
		push "wrong$provider" $provider >>"$T/wrong$offset"
	done
	set_clock +0
	right=
	for provider in apns fcm webpush; do
		right="$right $(push "right$provider" $provider)"
		right="$right $(push "again$provider" $provider)"
	done
	stop_sender
	is "$(echo $right)" "sent 1 sent 1 sent 1 sent 1 sent 1 sent 1" \
	    "after a clock of $offset was set, each push is sent"
done
is "$(grep -c '^sent' "$T/wrong-3h" "$T/wrong+2h" | xargs -n 1 basename |
    xargs)" "wrong-3h:1 wrong+2h:1" \
    "before, APNs and Google had refused it, as they do"

start_sender +0
for provider in apns fcm webpush; do
	push "first$provider" $provider
done >"$T/first"
is "$(push refusedapns apns ab01) $(push refusedfcm fcm once-ENDED) \
$(push refusedweb webpush once-s403)" "sent 2 sent 2 sent 2" \
    "a young token that is refused is made anew, once"
is "$(push refusedagain apns 4035)" "failed 1" "and not for ever"
stop_sender
finish
