#!/bin/sh
# SMS through HTTP interfaces like Twilio's and Vonage's. Values are escaped
# when they are filled in, the secret comes from a file, and an answer means
# what the configuration says.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

start_service sms sms
port=$(service_port sms)
log=$T/sms.d/log
echo 'secret&word' >"$T/secret"
cat >"$T/twilio.conf" <<END
ca_file = "cert.pem";
sms: {
	url = "https://localhost:$port/2010-04-01/Accounts/AC123/Messages.json";
	user = "AC123";
	secret_file = "secret";
	from = "+15550100";
	body = "To=\${number}&From=\${from}&Body=\${text}&ValidityPeriod=\${ttl}";
	text_code = "Your code is \${code} & \\"nothing\\" else";
};
END
cat >"$T/vonage.conf" <<END
ca_file = "cert.pem";
sms: {
	url = "https://localhost:$port/sms/json";
	content_type = "application/json";
	headers = [ "X-Api-Key: \${secret}" ];
	secret_file = "secret";
	from = "rp";
	body = "{ \\"to\\": \\"\${digits}\\", \\"from\\": \\"\${from}\\", \\"text\\": \\"\${text}\\", \\"api_secret\\": \\"\${secret}\\" }";
	text_code = "Your code is \${code} & \\"nothing\\" else";
	answer = "messages.0.status";
	answer_sent = [ "0" ];
	answer_retry = [ "1", "5" ];
};
END

# request ID NUMBER [PAYLOAD [MORE]]
call='{"kind":"call"}'
request() {
	printf '{"id":"%s","type":"sms","to":{"number":"%s"},"payload":%s%s}\n' \
	    "$1" "$2" "${3:-$call}" "${4-}"
}

send() {
	timeout 60 rp-pushsend -c "$T/$1.conf"
}

code='{"kind":"code","code":"12&34\"é"}'
request a +27215550100 "$code" | send twilio >"$T/out"
is "$(jq -r .status "$T/out")" sent "one as Twilio's is sent"
is "$(jq -c '[.form.To, .form.From, .form.Body, .form.ValidityPeriod, .basic]' \
    "$log")" \
    '["+27215550100","+15550100","Your code is 12&34\"é & \"nothing\" else","30","AC123:secret&word"]' \
    "the form is escaped, the secret is from its file"
: >"$log"
request a +27215550100 "$code" | send vonage >"$T/out"
is "$(jq -r .status "$T/out")" sent "one as Vonage's is sent"
is "$(jq -c '[.form.to, .form.text, .form.api_secret, .header]' "$log")" \
    '["27215550100","Your code is 12&34\"é & \"nothing\" else","secret&word","secret&word"]' \
    "JSON is escaped, a header has the secret"

{
	request ok +27215550100
	request once +27215550503
	request reset +27215550999
	request many +27215550429 '' ',"deadline_ms":500'
	request bad +27215550400
} >"$T/in"
send twilio <"$T/in" >"$T/out"
is "$(jq -r '"\(.id)=\(.status)"' "$T/out" | sort | xargs)" \
    "bad=failed many=retry ok=sent once=sent reset=retry" \
    "the status says what became of it"
{
	request ok +27215550100
	request throttled +27215550001 '' ',"deadline_ms":500'
	request refused +27215550006
} | send vonage >"$T/out"
is "$(jq -r '"\(.id)=\(.status)"' "$T/out" | sort | xargs)" \
    "ok=sent refused=failed throttled=retry" \
    "or what is in a 200's body"

{
	request 1 ''
	request 2 12
	request 3 '+27 21 555'
	request 4 '1234567890123456'
	request 5 +27215550100 '{"kind":"birthday"}'
	request 6 +27215550100 '{"kind":"code"}'
	request 7 +27215550100 '{"kind":"cancel"}'
	printf '{"id":"8","type":"sms","to":{},"payload":{"kind":"call"}}\n'
	printf '{"id":"9","type":"sms","to":{"number":"+27215550100"},'
	printf '"payload":{"kind":"code","code":"%09000d"}}\n' 0
} | send twilio >"$T/out"
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out" | sort | uniq -c | xargs)" \
    "9 failed 0" "what cannot be sent is not tried"

wrong() {
	sed "$1" "$T/vonage.conf" >"$T/bad.conf"
	rp-pushsend -t -c "$T/bad.conf" 2>"$T/err"
	like "$? $(cat "$T/err")" "^1 .*$2" "refused: $2"
}
wrong 's/${digits}/${telephone}/' 'sms.body: ..telephone.: no such value'
wrong 's/body = "{/body = "/' 'sms.body: is not JSON'
wrong '/body/d' 'sms.body: is missing'
wrong 's/${secret}" \]/${secret"]/' 'sms.headers: '
wrong 's,application/json,text/plain,' 'sms.content_type'
wrong 's/"secret"/"nowhere"/' 'sms.secret_file: No such file'
# The configurations that the man page shows.
awk -v to="$T/page" '/^sms: \{/ { on = 1; n++ } /^\.Ed/ { on = 0 }
    on { gsub(/\\e/, "\\"); print > (to n ".conf") }' \
    "$RP_SRC/man/rp-pushsend.8"
echo secret >"$T/twilio.token"
echo secret >"$T/vonage.secret"
for page in "$T"/page*.conf; do
	check "the page's $(sed -n 's,.*https://\([^/]*\).*,\1,p' "$page")" \
	    rp-pushsend -t -c "$page"
done

is "$(cat "$T"/*.err "$T/err" | grep -c 'secret&word')" 0 "no secret is logged"
finish
