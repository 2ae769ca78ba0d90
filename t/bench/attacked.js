// What a subscriber and the operator wait for while a switch is attacked. On a
// fresh connection each: the time to the answer of GET /switches (a login), and
// to that of INITIATE, both from connect(2) on; and rp-drain's request for the
// status, on the control socket.
//
//	node attacked.js SWITCH CA SUBSCRIBERS CONTROL MS
//
// SWITCH is ADDRESS:PORT. SUBSCRIBERS has lines of "NUMBER TOKEN"; they take
// turns, and each calls the next one. It asks ten times per second, for MS
// milliseconds, and waits at most ten seconds for each answer. Prints a line of
// JSON.
'use strict';
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const [at, ca, list, control, ms] = process.argv.slice(2);
const PERIOD_MS = 100;
const WAIT_MS = 10000;
const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const subscribers = fs.readFileSync(list, 'utf8').trim().split('\n')
    .map((line) => line.split(' '));
let asked = 0;
const trusted = fs.readFileSync(ca);
const waits = { login: [], initiate: [], control: [] };
const failed = { login: 0, initiate: 0, control: 0 };
const answers = {};

function request([number, token], method, target, body = '', type = '') {
	const basic = Buffer.from(`${number}:${token}`).toString('base64');

	return `${method} ${target} HTTP/1.1\r\n` +
	    `Authorization: Basic ${basic}\r\n${type}` +
	    `Content-Length: ${body.length}\r\n\r\n${body}`;
}

// Note how long it takes until `socket` has a whole line, and what it says.
function wait(what, socket, done) {
	const began = process.hrtime.bigint();
	let over = false, heard = '';
	const finish = (ok) => {
		if (over)
			return;
		over = true;
		if (ok)
			waits[what].push(
			    Number(process.hrtime.bigint() - began) / 1e6);
		else
			failed[what]++;
		done(ok ? heard : '', socket);
	};
	socket.setTimeout(WAIT_MS, () => finish(false));
	socket.on('error', () => finish(false));
	socket.on('close', () => finish(false));
	socket.on('data', (data) => {
		heard += data;
		if (heard.includes('\n'))
			finish(true);
	});
}

function dial(what, text, done) {
	const [host, port] = at.split(':');
	const socket = tls.connect({ host, port, ca: trusted,
	    servername: '', checkServerIdentity: () => undefined },
	    () => socket.write(text));
	wait(what, socket, (heard) => {
		const status = heard.split(' ')[1] || 'none';
		answers[`${what} ${status}`] =
		    (answers[`${what} ${status}`] || 0) + 1;
		done(heard, socket);
	});
}

function ask() {
	const me = subscribers[asked++ % subscribers.length];
	const callee = subscribers[asked % subscribers.length][0];

	dial('login', request(me, 'GET', '/switches'), (_, s) => s.destroy());
	dial('initiate', request(me, 'INITIATE', `/session/${callee}`, OFFER,
	    'Content-Type: application/sdp\r\n'), (heard, socket) => {
		const id = heard.match(/"sessionId":\s*"([^"]+)"/);
		if (id)
			socket.write(request(me, 'HANGUP', `/session/${id[1]}`));
		setTimeout(() => socket.destroy(), 200);
	});
	const operator = net.connect(control,
	    () => operator.write('{"v":1,"do":"status"}\n'));
	wait('control', operator, () => operator.destroy());
}

function summary(what) {
	const v = waits[what].sort((a, b) => a - b);
	const q = (p) => v.length ?
	    Math.round(v[Math.floor((v.length - 1) * p)]) : null;
	return { p50: q(0.5), p99: q(0.99), failed: failed[what] };
}

const timer = setInterval(ask, PERIOD_MS);
setTimeout(() => {
	clearInterval(timer);
	setTimeout(() => {
		console.log(JSON.stringify({ login: summary('login'),
		    initiate: summary('initiate'),
		    control: summary('control'), answers }));
		process.exit(0);
	}, Math.min(WAIT_MS, 3000));
}, +ms);
