// Calls and registrations through a switch, at a steady pace, while something
// happens to its directory. Each answer is a line on standard output:
//
//	MILLISECONDS call|write STATUS REASON [NUMBER VALUE]
//
// with the clock of date +%s%3N. A write's VALUE is what was registered.
//
//	node failover.js SWITCH CA CALLS WRITES SECONDS
//
// There are CALLS callers u0 ... (token tu0 ...), who call d0 ... once a second
// and hang up. WRITES subscribers r0 ... register once a second.
'use strict';
const fs = require('fs');
const tls = require('tls');

const [at, ca, calls, writes, seconds] = process.argv.slice(2);
const [host, port] = at.split(':');

class Client {
	constructor(kind, i) {
		this.kind = kind;
		this.i = i;
		this.user = (kind === 'call' ? 'u' : 'r') + i;
		this.n = 0;
		this.waiting = [];
		this.session = null;
		this.connect();
	}
	connect() {
		this.heard = '';
		this.waiting = [];
		this.socket = tls.connect({ host, port: +port,
		    ca: fs.readFileSync(ca), servername: '',
		    checkServerIdentity: () => undefined });
		this.socket.setNoDelay();
		this.socket.on('data', (data) => this.take(data));
		this.socket.on('error', () => {});
		this.socket.on('close', () => {
			for (const w of this.waiting)
				this.log(w, 0, 'closed');
			if (!done)
				setTimeout(() => this.connect(), 50);
		});
	}
	log(w, status, reason) {
		if (w.kind !== 'hangup')
			console.log(`${Date.now()} ${w.kind} ${status} ` +
			    `${reason || '-'} ${w.user} ${w.value}`);
	}
	send(method, target, body, kind, value) {
		const who = Buffer.from(`${this.user}:t${this.user}`);
		this.waiting.push({ kind, value, user: this.user });
		this.socket.write(`${method} ${target} HTTP/1.1\r\n` +
		    `Authorization: Basic ${who.toString('base64')}\r\n` +
		    `Content-Length: ${body.length}\r\n\r\n${body}`);
	}
	// The switch's own requests (HANGUP of a call that is over) are passed
	// over; they begin with no "HTTP".
	take(data) {
		this.heard += data;
		for (;;) {
			const end = this.heard.indexOf('\r\n\r\n');
			if (end < 0)
				return;
			const head = this.heard.slice(0, end);
			const m = /content-length: *(\d+)/i.exec(head);
			const all = end + 4 + (m ? +m[1] : 0);
			if (this.heard.length < all)
				return;
			const body = this.heard.slice(end + 4, all);
			this.heard = this.heard.slice(all);
			if (head.startsWith('HTTP/1.1 ') &&
			    !head.startsWith('HTTP/1.1 1'))
				this.answered(head, body);
		}
	}
	answered(head, body) {
		const w = this.waiting.shift();
		if (!w)
			return;
		const reason = /^reason: *(.*)$/im.exec(head);
		this.log(w, head.slice(9, 12), reason && reason[1].trim());
		const id = /"sessionId":\s*"(\w+)"/.exec(body);
		if (w.kind === 'call' && id)
			this.send('HANGUP', '/session/' + id[1], '', 'hangup');
	}
	tick() {
		this.n++;
		if (this.kind === 'call')
			this.send('INITIATE', '/session/d' + this.i, 'offer',
			    'call', this.n);
		else
			this.send('PUT', '/push', JSON.stringify({
			    type: 'fcm',
			    to: { token: `failover-${this.n}` } }),
			    'write', this.n);
	}
}

let done = false;
const clients = [];
for (let i = 0; i < +calls; i++)
	clients.push(new Client('call', i));
for (let i = 0; i < +writes; i++)
	clients.push(new Client('write', i));
// One after the other within each second.
clients.forEach((c, i) => setTimeout(() => {
	c.timer = setInterval(() => c.tick(), 1000);
}, 1000 + 1000 * i / clients.length));
setTimeout(() => {
	done = true;
	for (const c of clients)
		clearInterval(c.timer);
	setTimeout(() => process.exit(0), 1000);
}, 1000 * +seconds);
