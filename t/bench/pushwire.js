// The time from a request line's last byte to the push's first byte on the
// wire, with a warm connection. A relay of TCP bytes between rp-pushsend and
// the service reads the clock.
//
//	node pushwire.js PORT CERT VAPID P256DH AUTH
'use strict';
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');

const [port, cert, vapid, p256dh, auth] = process.argv.slice(2);
const SAMPLES = 300;
const times = [];
let written = 0n;
let waiting = false;

const relay = net.createServer((from) => {
	const to = net.connect(+port, '127.0.0.1');
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

function report(skip) {
	const v = times.slice(skip).sort((a, b) => a - b);
	const at = (q) => v[Math.floor(v.length * q)].toFixed(2);
	console.log(`median ${at(0.5)} ms, p99 ${at(0.99)} ms of ${v.length}`);
	process.exit(at(0.5) < 2 ? 0 : 1);
}

relay.listen(0, '127.0.0.1', () => {
	const conf = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'wire-')),
	    'conf');
	fs.writeFileSync(conf, `allow = "127.0.0.0/8"; ca_file = "${cert}";` +
	    `webpush: { key = "${vapid}"; };`);
	const child = spawn('rp-pushsend', ['-c', conf],
	    { stdio: ['pipe', 'pipe', 'inherit'] });
	let n = 0;
	const send = () => {
		const line = JSON.stringify({ id: 'w' + n++, type: 'webpush',
		    to: { endpoint:
		    `https://localhost:${relay.address().port}/ok/x`,
		    keys: { p256dh, auth } }, payload: { kind: 'call' } });
		waiting = true;
		written = process.hrtime.bigint();
		child.stdin.write(line + '\n');
	};
	child.stdout.on('data', () => {
		if (n < SAMPLES)
			return setTimeout(send, 5);
		fs.rmSync(path.dirname(conf), { recursive: true });
		child.stdin.end();
		report(20);
	});
	send();
});
