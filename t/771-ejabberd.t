#!/bin/sh
# ejabberd, with the lines of contrib/turn-for/ejabberd, hands out the relay's
# credentials to two users who log in. With them each user's three ways work, and
# a call between the two, each in a browser of its own, goes through the relay
# and nothing else: audio, and a data channel.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/turnfor.sh"
. "$(dirname "$0")/pairs.sh"
. "$(dirname "$0")/xmpp.sh"
command -v ejabberdctl >/dev/null || skip_all "needs ejabberd"
command -v erl >/dev/null || skip_all "needs Erlang"
browser_need "$0" "$@"

turnfor_relay ejabberd
{
	cat <<-END
		hosts: [ example.org ]
		listen: [ { port: 5222, ip: 127.0.0.1, module: ejabberd_c2s } ]
		acl: { local: { user_regexp: "" } }
		access_rules: { local: { allow: local } }
	END
	turnfor_part ejabberd /etc/ejabberd/ejabberd.yml | turnfor_here
} >"$T/ejabberd.yml"
# Without a name of its own the node needs no port mapper.
users='[ok = ejabberd_auth:try_register(U, <<"example.org">>, U) ||
    U <- [<<"alice">>, <<"bob">>]].'
libraries=$(dpkg -L ejabberd | sed -n "s,/ejabberd-[^/]*/ebin/ejabberd.app$,,p")
start ejabberd env HOME="$T" ERL_LIBS="$libraries" ERL_CRASH_DUMP_BYTES=0 \
    EJABBERD_CONFIG_PATH="$T/ejabberd.yml" EJABBERD_LOG_PATH="$T/ejabberd.log" \
    erl -noinput -mnesia dir "\"$T/mnesia\"" -s ejabberd -eval "$users"
wait_for 20 turnfor_listens 5222 || give_up "ejabberd starts" "$T/ejabberd.log"

xmpp_ways '^[0-9]+:[0-9a-f]{16}$'
xmpp_call
finish
