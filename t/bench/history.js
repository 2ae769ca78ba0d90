// Call and hang up on one connection, one after the other, and print how many
// calls a second that was for each 2,000.
//
//	node history.js SWITCH CA NUMBER TOKEN CALLEE N
'use strict';
const fs = require('fs');
const tls = require('tls');

const [at, ca, number, token, callee, n] = process.argv.slice(2);
const STEP = 2000;
const authorization = 'Authorization: Basic ' +
    Buffer.from(`${number}:${token}`).toString('base64') + '\r\n';
const [, host, port] = /^(.*):(\d+)$/.exec(at);
let since = process.hrtime.bigint();
let calls = 0;
let heard = '';

const socket = tls.connect({
	host, port: +port, ca: fs.readFileSync(ca),
	checkServerIdentity: () => undefined,
});

function send(method, target, body) {
	socket.write(`${method} ${target} HTTP/1.1\r\nHost: x\r\n` +
	    `${authorization}Content-Length: ${body.length}\r\n\r\n${body}`);
}

function told() {
	const now = process.hrtime.bigint();

	if (++calls % STEP === 0) {
		console.log(`after ${calls - STEP}: ` +
		    Math.round(STEP * 1e9 / Number(now - since)) + ' calls/s');
		since = now;
	}
	if (calls < +n)
		send('INITIATE', '/session/' + callee, 'offer');
	else
		socket.end();
}

socket.on('data', (data) => {
	heard += data;
	const end = heard.indexOf('\r\n\r\n');
	const length = /content-length: *(\d+)/i.exec(heard);
	if (end < 0 || heard.length < end + 4 + (length ? +length[1] : 0))
		return;
	if (!heard.startsWith('HTTP/1.1 200'))
		throw new Error(heard);
	const session = /"sessionId":\s*"(\w+)"/.exec(heard);
	heard = '';
	if (session)
		send('HANGUP', '/session/' + session[1], '');
	else
		told();
});
socket.setNoDelay();
socket.on('secureConnect', () => send('INITIATE', '/session/' + callee,
    'offer'));
