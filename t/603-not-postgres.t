#!/bin/sh
# A server that is not PostgreSQL, that hangs, or that sends without end what
# nobody asked for, is no directory. Nobody waits for it for long, it fills no
# memory, and a switch does not end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
rp-users --db postgres://nowhere.invalid/ list 2>&1 |
    grep -q "built without" && skip_all "built without PostgreSQL"

modes="close http silent hang notices notify rows complete ready"
hosts=
for mode in $modes; do
	start "$mode" perl "$RP_SRC/t/tools/notpostgres.pl" "$T/$mode.port" \
	    "$mode"
	wait_for 10 test -s "$T/$mode.port" || give_up "$mode" "$T/$mode.err"
	hosts=$hosts,127.0.0.1:$(cat "$T/$mode.port")
	# An allocation of too much memory would fail, and then differently.
	start "users-$mode" sh -c "[ -n '$RP_SANITIZERS' ] &&
	    [ '$RP_SANITIZERS' != no ] || ulimit -v 1000000
	    exec rp-users --db 'postgres://rp@127.0.0.1:$(cat \
		"$T/$mode.port")/rp' list"
done

# A switch has all of them, but for the last, which libpq's eight leave out.
make_subscribers
write_conf "rp-pushsend --dev"
hosts=${hosts#,}
sed -i "s|^directory = .*|directory = \"postgres://rp@${hosts%,*}/rp\";|" \
    "$T/switch.conf"
start_configured

ended() {
	! running "$1"
}
for mode in $modes; do
	case $mode in
	close) wanted="closed the connection" ;;
	http) wanted="invalid response" ;;
	complete | ready) wanted="unexpected answer" ;;
	*) wanted="does not answer" ;;
	esac
	check "$mode: rp-users does not wait" wait_for 10 ended "users-$mode"
	join "users-$mode"
	is $? 2 "$mode: exit 2"
	like "$(cat "$T/users-$mode.err")" "$wanted" "$mode: with the reason"
done
start escape perl "$RP_SRC/t/tools/notpostgres.pl" "$T/escape.port" escape
wait_for 10 test -s "$T/escape.port"
url="postgres://rp@127.0.0.1:$(cat "$T/escape.port")/rp?sslmode=disable"
rp-users --db "$url" list 2>"$T/err"
like "$(cat "$T/err")" "no .[[]2Jentry .*2J, café" "a refusal is shown"
c1=$(printf '\302\233')
is "$(tr -d '\n' <"$T/err" | LC_ALL=C grep -c "[[:cntrl:]]\|$c1")" 0 \
    "without what moves the cursor"
closed() {
	[ "$(rp-drain --socket "$T/switch.d/control" --status --json |
	    jq -r '.reasons | join(" ")')" = no-directory ]
}
check "the switch runs, and takes no calls" closed
is "$(ask_port=answer; ask bob GET /keepalive)" "503 no-directory" \
    "who comes is told 503"
finish
