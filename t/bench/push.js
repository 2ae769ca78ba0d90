// web-push sends PUSHES messages, 100 at a time. Prints the CPU time in
// microseconds, without the start of node.
//
//	node push.js MODULES PORT P256DH AUTH VAPID PUBLIC PUSHES
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const [modules, port, p256dh, auth, vapid, publicKey, pushes] =
    process.argv.slice(2);
const webpush = require(path.resolve(modules, 'node_modules', 'web-push'));
const d = crypto.createPrivateKey(fs.readFileSync(vapid))
    .export({ format: 'jwk' }).d;
const options = { TTL: 30, urgency: 'high', vapidDetails: {
    subject: 'mailto:ops@example.org', publicKey, privateKey: d } };
const payload = JSON.stringify({ kind: 'call', caller: '+27215550100',
    sessionId: '0123456789abcdef0123456789abcdef',
    serverName: 'sw1.example.org', port: 31338, expiry: 1800000000 });

let next = 0;
async function worker() {
	while (next < +pushes) {
		const endpoint = `https://localhost:${port}/ok/${next++}`;
		await webpush.sendNotification({ endpoint,
		    keys: { p256dh, auth } }, payload, options);
	}
}

const before = process.cpuUsage();
Promise.all(Array.from({ length: 100 }, worker)).then(() => {
	const used = process.cpuUsage(before);
	console.log(used.user + used.system);
	process.exit(0);
}, (e) => {
	console.error(e);
	process.exit(1);
});
