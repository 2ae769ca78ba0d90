// A Web Push service and the browser behind it. It checks RFC 8030's headers
// and VAPID's signature (RFC 8292), and decrypts the message (RFC 8291) with
// node's own cryptography. An endpoint is /MODE/ANYTHING.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const receiver = crypto.createECDH('prime256v1');
let auth = crypto.randomBytes(16);

// The device keeps its keys when the service is started again in its folder.
exports.start = (dir) => {
	const kept = path.join(dir, 'private.json');
	if (fs.existsSync(kept)) {
		const old = JSON.parse(fs.readFileSync(kept));
		receiver.setPrivateKey(old.key, 'hex');
		auth = Buffer.from(old.auth, 'hex');
	} else {
		receiver.generateKeys();
		fs.writeFileSync(kept, JSON.stringify({
			key: receiver.getPrivateKey('hex'),
			auth: auth.toString('hex')
		}));
	}
	fs.writeFileSync(path.join(dir, 'receiver.json'), JSON.stringify({
		p256dh: receiver.getPublicKey('base64url'),
		auth: auth.toString('base64url')
	}));
};

function hkdf(secret, salt, info, length) {
	return Buffer.from(crypto.hkdfSync('sha256', secret, salt, info, length));
}

exports.decrypt = (body) => {
	const salt = body.subarray(0, 16);
	const size = body.readUInt32BE(16);
	const idlen = body[20];
	if (idlen !== 65 || body.length - 86 > size || body.length > 4096)
		throw new Error('not one record of aes128gcm');
	const sender = body.subarray(21, 86);
	const ikm = hkdf(receiver.computeSecret(sender), auth,
	    Buffer.concat([Buffer.from('WebPush: info\0'),
	    receiver.getPublicKey(), sender]), 32);
	const key = hkdf(ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
	const nonce = hkdf(ikm, salt, 'Content-Encoding: nonce\0', 12);
	const gcm = crypto.createDecipheriv('aes-128-gcm', key, nonce);
	gcm.setAuthTag(body.subarray(body.length - 16));
	let plain = Buffer.concat([gcm.update(body.subarray(86,
	    body.length - 16)), gcm.final()]);
	let end = plain.length - 1;
	while (end >= 0 && plain[end] === 0)
		end--;
	if (plain[end] !== 2)
		throw new Error('no delimiter of a last record');
	return JSON.parse(plain.subarray(0, end).toString());
};

// A compact token's claims, if its signature is by the key.
exports.verify = (token, key, algorithm) => {
	const [head, claims, signature] = token.split('.');
	const header = JSON.parse(Buffer.from(head, 'base64url'));
	if (header.alg !== algorithm)
		throw new Error('alg ' + header.alg);
	if (!crypto.verify('sha256', Buffer.from(head + '.' + claims),
	    { key, dsaEncoding: 'ieee-p1363' },
	    Buffer.from(signature, 'base64url')))
		throw new Error('signature');
	return { header, claims: JSON.parse(Buffer.from(claims, 'base64url')) };
};

exports.point = (point) => crypto.createPublicKey({ format: 'jwk', key: {
	kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'),
	y: point.subarray(33, 65).toString('base64url') } });

function vapid(req) {
	const m = /^vapid t=([^,]+), ?k=([\w-]+)$/.exec(
	    req.headers.authorization || '');
	if (!m)
		return null;
	const { claims } = exports.verify(m[1],
	    exports.point(Buffer.from(m[2], 'base64url')), 'ES256');
	const host = req.headers[':authority'] || req.headers.host;
	const left = claims.exp - Date.now() / 1000;
	if (claims.aud !== 'https://' + host)
		throw new Error('aud ' + claims.aud);
	if (!(left > 0 && left <= 86400))
		throw new Error('exp in ' + left);
	return { sub: claims.sub, key: m[2], token: m[1].slice(-8) };
}

exports.check = (req, body) => {
	const entry = { ttl: req.headers.ttl, urgency: req.headers.urgency,
	    topic: req.headers.topic };
	const checked = { entry, mode: req.url.split('/')[1], key: req.url };
	try {
		if (req.method !== 'POST')
			throw new Error('method');
		if (!/^\d+$/.test(entry.ttl || ''))
			throw new Error('TTL');
		if (entry.topic && !/^[\w-]{1,32}$/.test(entry.topic))
			throw new Error('Topic');
		if (req.headers['content-encoding'] !== 'aes128gcm')
			throw new Error('Content-Encoding');
		entry.vapid = vapid(req);
		// A subscription that is restricted to a key (RFC 8292 4).
		if (checked.mode === 'only')
			checked.mode = entry.vapid && entry.vapid.key ===
			    req.url.split('/')[2] ? 'ok' : 's403';
		entry.payload = exports.decrypt(body);
		entry.bytes = body.length;
		// A service that takes less than the standard wants.
		const most = /^most(\d+)$/.exec(checked.mode);
		if (most)
			checked.mode = body.length > most[1] ? 's413' : 'ok';
	} catch (e) {
		checked.wrong = e.message;
	}
	return checked;
};

exports.accept = () => ({ status: 201,
    headers: { location: '/message/' + crypto.randomUUID() } });
exports.refuse = (checked) => ({ status: 400, body: checked.wrong });
