// The npm packages web-push and web-push-testing, from the folder MODULES:
//
//	node npm.js MODULES there TOOL	web-push encrypts, our TOOL decrypts
//	node npm.js MODULES back TOOL	TOOL encrypts, http_ece decrypts
//	node npm.js MODULES serve DIR	web-push-testing's service; DIR/ready
//
// TOOL is t/tools/webpush.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const path = require('path');
const { execFileSync } = require('child_process');

const [modules, what, argument] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, 'node_modules', name));
const LENGTHS = [1, 2, 15, 16, 17, 255, 256, 1000, 3000, 3992, 3993];

function there(tool) {
	const webpush = load('web-push');
	for (const length of LENGTHS) {
		const plain = crypto.randomBytes(length);
		const [priv, pub, auth] = execFileSync(tool, ['keys'])
		    .toString().trim().split('\n');
		const { cipherText } = webpush.encrypt(pub, auth, plain,
		    'aes128gcm');
		const got = execFileSync(tool, ['decrypt', priv, pub, auth],
		    { input: cipherText });
		if (!got.equals(plain))
			throw new Error(`${length} bytes differ`);
	}
}

function back(tool) {
	const ece = load('http_ece');
	for (const length of LENGTHS) {
		const plain = crypto.randomBytes(length);
		const receiver = crypto.createECDH('prime256v1');
		receiver.generateKeys();
		const auth = crypto.randomBytes(16).toString('base64url');
		const body = execFileSync(tool, ['encrypt',
		    receiver.getPublicKey('base64url'), auth],
		    { input: plain });
		const got = ece.decrypt(body, { version: 'aes128gcm',
		    privateKey: receiver, authSecret: auth });
		if (!got.equals(plain))
			throw new Error(`${length} bytes differ`);
	}
}

// It wants a port number, because it puts it into its endpoints.
function serve(dir) {
	const Model = load('web-push-testing/src/PushApiModel.js').PushApiModel;
	const Server = load('web-push-testing/src/server.js');
	const probe = net.createServer().listen(0, () => {
		const port = probe.address().port;
		probe.close(() => {
			new Server(new Model(), port).startServer();
			fs.writeFileSync(path.join(dir, 'ready.new'),
			    `port=${port}\n`);
			fs.renameSync(path.join(dir, 'ready.new'),
			    path.join(dir, 'ready'));
		});
	});
}

({ there, back, serve })[what](argument);
