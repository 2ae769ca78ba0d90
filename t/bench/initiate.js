// The time from an INITIATE's last byte to the push's first byte on the wire,
// with warm connections. One signalling connection is the caller's, and a relay
// of TCP bytes in front of the push service reads the clock.
//
//	node initiate.js SWITCH CA NUMBER TOKEN CALLEE SERVICE READY
//
// SWITCH is ADDRESS:PORT, and SERVICE is the push service's port. READY gets
// the relay's port. Then it waits for a line on standard input (the callee is
// registered) and prints the figures.
'use strict';
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const [at, ca, number, token, callee, service, ready] = process.argv.slice(2);
const SAMPLES = 120;
const times = [];
let written = 0n;
let waiting = false;

const relay = net.createServer((from) => {
	const to = net.connect(+service, '127.0.0.1');
	from.setNoDelay();
	to.setNoDelay();
	from.on('data', (data) => {
		if (waiting) {
			times.push(Number(process.hrtime.bigint() - written) / 1e6);
			waiting = false;
		}
		to.write(data);
	});
	to.on('data', (data) => from.write(data));
	from.on('error', () => {});
	to.on('error', () => {});
	from.on('close', () => to.destroy());
});

const authorization = 'Authorization: Basic ' +
    Buffer.from(`${number}:${token}`).toString('base64') + '\r\n';

function request(method, target, body) {
	return `${method} ${target} HTTP/1.1\r\n${authorization}` +
	    `Content-Length: ${body.length}\r\n\r\n${body}`;
}

function report() {
	const v = times.slice(10).sort((a, b) => a - b);
	const q = (p) => v[Math.floor(v.length * p)].toFixed(2);
	console.log(`median ${q(0.5)} ms, p99 ${q(0.99)} ms of ${v.length}`);
	process.exit(q(0.5) < 5 ? 0 : 1);
}

function run() {
	const [host, port] = at.split(':');
	const socket = tls.connect({ host, port: +port,
	    ca: fs.readFileSync(ca), servername: '',
	    checkServerIdentity: () => undefined });
	let heard = '';
	const initiate = () => {
		waiting = true;
		written = process.hrtime.bigint();
		socket.write(request('INITIATE', '/session/' + callee, 'offer'));
	};
	// A call's answer has its id: hang up, and call again a little later.
	socket.on('data', (data) => {
		heard += data;
		const m = /"sessionId":\s*"(\w+)"/.exec(heard);
		if (!m)
			return;
		heard = '';
		setTimeout(() => {
			socket.write(request('HANGUP', '/session/' + m[1], ''));
			setTimeout(times.length < SAMPLES ? initiate : report, 20);
		}, 30);
	});
	socket.setNoDelay();
	socket.on('secureConnect', initiate);
}

relay.listen(0, '127.0.0.1', () => {
	fs.writeFileSync(ready, `port=${relay.address().port}\n`);
	process.stdin.once('data', run);
});
