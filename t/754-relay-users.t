#!/bin/sh
# relay.users: users who have a password in place of a credential for a time. The
# file has keys only, which rp-users makes from a password that is never on a
# command line. It is reloaded as a whole or not at all, and -t tells the line of a
# mistake and a mode that is too open.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/signal.sh"

# user NAME PASSWORD [REALM]: a line of the file.
user() {
	echo "$2" | rp-users relay-user "$1" --realm "${3:-rp}"
}
# login USER PASSWORD [OPTION...]: the code of its Allocate.
login() {
	rp_user=$1
	rp_word=$2
	shift 2
	perl "$RP_SRC/t/tools/turnlogin.pl" "$@" "$(address turn)" "$rp_user" \
	    "$rp_word" 2>&1 | cut -d ' ' -f 1
}

# The command.
is "$(user alice pass rp.example)" "alice:rp.example:$(printf \
    alice:rp.example:pass | md5sum | cut -c 1-32):$(printf \
    alice:rp.example:pass | sha256sum | cut -c 1-64)" \
    "a line has MD5 and SHA-256 of user:realm:password"
echo pass >"$T/word"
is "$(rp-users relay-user --password-file "$T/word" alice </dev/null)" \
    "$(user alice pass)" "the password is read from a file as well"
rp-users relay-user --make-password "$T/made" bob >"$T/bob" </dev/null
is $? 0 "or made up"
is "$(user bob "$(cat "$T/made")")" "$(cat "$T/bob")" "and written to a file"
is "$(stat -c %a "$T/made")" 600 "for its owner alone"
check "which must be new" fails \
    rp-users relay-user --make-password "$T/made" carol
is "$(user bob "$(cat "$T/made")")" "$(cat "$T/bob")" \
    "so that nobody loses a password"
: | rp-users relay-user alice >"$T/none.out" 2>&1
is $? 1 "no password is an error"
like "$(cat "$T/none.out")" "^rp-users: password: /dev/stdin: is empty" \
    "which is told"
perl -MSocket -e 'socketpair A, B, AF_UNIX, SOCK_STREAM, 0 or die;
    syswrite A, "pass\n"; shutdown A, 1; open STDIN, "<&", B;
    exec @ARGV' rp-users relay-user alice >"$T/socket.out" 2>&1
is "$(cat "$T/socket.out")" "$(user alice pass)" \
    "a socket does as standard input, as ssh has it"
mkfifo "$T/keys"
start typed sh -c 'exec "$@" <"$0"' "$T/keys" "$RP_BUILD/t/tools/onpty" 80 \
    "$T/screen" sh -c 'rp-users relay-user alice >"$0"' "$T/typed"
exec 4>"$T/keys"
check "a terminal is asked" wait_for 10 grep -q "password: " "$T/screen"
echo pass >&4
check "for one line" wait_for 10 test -s "$T/typed"
exec 4>&-
stop typed
is "$(cat "$T/typed")" "$(user alice pass)" "which is the password"
is "$(grep -c ' pass' "$T/screen")" 0 "that it does not show"
rp-users relay-user "#alice" </dev/null >/dev/null 2>&1
is $? 1 "a name that would be a comment is refused"
rp-users relay-user alice --realm a:b </dev/null >/dev/null 2>&1
is $? 1 "and so is a realm with a colon"
rp-users list --realm x >/dev/null 2>&1
is $? 1 "no other command takes its options"

make_subscribers
write_conf "" 'drain_ms = 0;'
sed -i 's|^relay = .*|relay = { listen = "127.0.0.1:0"; peers = "clients"; \
users = "users"; };|' "$T/switch.conf"
{
	echo "# those of the office"
	user alice "pass word"
	user @carol:example.org:8448 c
	printf 'dave:rp:%s\n' "$(printf dave:rp:d | md5sum | cut -c 1-32)"
	user alice elsewhere other.realm
} >"$T/users"
chmod 644 "$T/users"
checked
is $? 0 "-t is content"
like "$(cat "$T/t.out")" "relay.users: .*users: others can read it" \
    "but warns of a file that others can read"
user alice elsewhere other.realm >"$T/others"
sed -i.kept 's|"users"|"others"|' "$T/switch.conf"
checked
like "$(cat "$T/t.out")" "relay.users: .*/others: has no user of the realm rp" \
    "and of one that lets nobody in"
mv "$T/switch.conf.kept" "$T/switch.conf"
chmod 600 "$T/users"
checked
is "$(grep -c "others can" "$T/t.out")" 0 "and not of any other"
start_configured
is "$(login alice "pass word")" 0 "a user logs in with MD5"
is "$(login alice "pass word" --sha256)" 0 "and with SHA-256"
is "$(login @carol:example.org:8448 c)" 0 "a name may have colons"
is "$(login dave d) $(login dave d --sha256)" "0 401" \
    "a line of htdigest is for MD5 alone"
is "$(login alice elsewhere --realm other.realm)" 401 \
    "a user of another realm is nobody here"
is "$(login alice wrong)" 401 "a wrong password is refused"
is "$(metric 'rp_turn_logins_refused_total{reason="password"}')" 2 \
    "and counted"
is "$(login erin e)" 401 "and so is somebody unknown"
# A word of dave's by SHA-256 and erin's.
is "$(metric 'rp_turn_logins_refused_total{reason="username"}')" 2 \
    "which is counted as such"

# Reloads.
user erin e >>"$T/users"
reload
is $? 0 "a reload takes the file"
is "$(login erin e)" 0 "a new user logs in"
{
	user frank f
	echo "oops"
} >"$T/users"
check "a broken file is refused" fails reload
like "$(cat "$T/reload.out")" \
    "switch.conf:[0-9]+: relay.users: .*/users:2: wants USER:REALM:MD5:SHA256" \
    "with file and line"
is "$(login erin e) $(login frank f)" "0 401" "and the old users stay"
check "-t refuses it too" fails checked
like "$(cat "$T/t.out")" "/users:2: wants USER:REALM:MD5:SHA256" \
    "with file and line"
user frank f >"$T/users"
reload
is "$(login erin e) $(login frank f)" "401 0" "the next good one counts"
chmod 644 "$T/users"
reload
check "a mode that is too open is in the log" wait_for 5 \
    grep -q 'event=secret_file file=".*users" mode=0644' "$T/switch.err"
rm "$T/users"
check "a file that is gone is refused" fails reload
is "$(login frank f)" 0 "and the old users stay"
stop switch
user frank f >"$T/users"
sed -i 's|peers = "clients"|peers = "calls"|' "$T/switch.conf"
check "where only calls are relayed there are no users" fails checked
like "$(cat "$T/t.out")" "relay.users: wants relay.peers = clients or any" \
    "which is told"
finish
