// Google's token endpoint and FCM's HTTP v1. The service account's assertion is
// verified, the access token must be one of ours and still valid, and the
// message must have the documented form. A registration token is MODE:ANYTHING.
// Access tokens live TOKEN_LIFE seconds (3599); FAIL_TOKEN answers that status.
// With HOLD_TOKEN the second token is handed out when another message has come.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const webpush = require('./webpush.js');

const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const email = 'push@test.iam.gserviceaccount.example';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const life = +(process.env.TOKEN_LIFE || 3599);
const failures = (process.env.FAIL_TOKEN || '').split(',').filter((s) => s);
const tokens = new Map();
let issued = 0;
let home;

exports.start = (dir) => {
	home = dir;
	webpush.start(dir);	// the device's keys
};

// Written once the port is known: the account's token_uri holds it.
exports.listening = (port) => {
	fs.writeFileSync(path.join(home, 'account.json'), JSON.stringify({
		type: 'service_account', project_id: 'test-project',
		private_key_id: 'k1', client_email: email,
		private_key: pair.privateKey.export({ type: 'pkcs8',
		    format: 'pem' }),
		token_uri: `https://localhost:${port}/token`
	}));
};

function checkAssertion(req, body) {
	const form = new URLSearchParams(body.toString());
	if (req.headers['content-type'] !== 'application/x-www-form-urlencoded')
		throw new Error('content-type');
	if (form.get('grant_type') !==
	    'urn:ietf:params:oauth:grant-type:jwt-bearer')
		throw new Error('grant_type');
	const { claims } = webpush.verify(form.get('assertion'),
	    pair.publicKey, 'RS256');
	const now = Date.now() / 1000;
	if (claims.iss !== email || claims.scope !== SCOPE ||
	    claims.aud !== 'https://' + req.headers[':authority'] + '/token')
		throw new Error('claims ' + JSON.stringify(claims));
	if (Math.abs(claims.iat - now) > 60 || claims.exp - claims.iat > 3600)
		throw new Error('times');
}

const ALLOWED = { message: ['token', 'data', 'android'],
    android: ['priority', 'ttl', 'collapse_key'] };

function checkMessage(body) {
	const { message } = JSON.parse(body);
	for (const [name, object] of [['message', message],
	    ['android', message.android]])
		for (const key of Object.keys(object))
			if (!ALLOWED[name].includes(key))
				throw new Error(name + '.' + key);
	let size = 0;
	for (const [key, value] of Object.entries(message.data)) {
		if (typeof value !== 'string' || /^(from|gcm|google)/.test(key))
			throw new Error('data.' + key);
		size += key.length + Buffer.byteLength(value);
	}
	if (size > 4096)
		throw new Error('data is too big');
	if (!/^(HIGH|NORMAL)$/.test(message.android.priority))
		throw new Error('priority');
	if (!/^\d+s$/.test(message.android.ttl))
		throw new Error('ttl');
	return message;
}

exports.check = (req, body) => {
	const checked = { entry: {} };
	const bearer = /^Bearer (\S+)$/.exec(req.headers.authorization || '');
	try {
		if (req.url === '/token') {
			checked.token = true;
			checked.mode = failures.length > 0 ?
			    's' + failures.shift() : 'ok';
			checkAssertion(req, body);
			return checked;
		}
		if (req.url !== '/v1/projects/test-project/messages:send')
			throw new Error('path');
		if (!/^application\/json/.test(req.headers['content-type']))
			throw new Error('content-type');
		const m = checkMessage(body);
		checked.mode = m.token.split(':')[0];
		checked.key = m.token;
		Object.assign(checked.entry, { token: m.token,
		    android: m.android });
		checked.entry.payload = m.data.encrypted ? webpush.decrypt(
		    Buffer.from(m.data.encrypted, 'base64url')) :
		    JSON.parse(m.data.payload);
		checked.entry.encrypted = !!m.data.encrypted;
		if (!bearer || !(tokens.get(bearer[1]) > Date.now()))
			checked.unauthorized = true;
		checked.entry.bearer = bearer && bearer[1];
	} catch (e) {
		checked.wrong = e.message;
	}
	if (checked.unauthorized)
		checked.wrong = 'access token';
	return checked;
};

exports.accept = (checked) => {
	if (!checked.token)
		return { status: 200,
		    body: { name: 'projects/test-project/messages/1' } };
	const token = 'ya29.' + ++issued + crypto.randomBytes(60).toString('hex');
	tokens.set(token, Date.now() + life * 1000);
	return { status: 200, hold: process.env.HOLD_TOKEN && issued > 1, body: { access_token: token, expires_in: life,
	    token_type: 'Bearer' } };
};

function error(code, status, errorCode) {
	const body = { error: { code, status, message: 'm', details: [] } };
	if (errorCode)
		body.error.details.push({ '@type':
		    'type.googleapis.com/google.rpc.BadRequest',
		    fieldViolations: [] }, { '@type':
		    'type.googleapis.com/google.firebase.fcm.v1.FcmError',
		    errorCode });
	return body;
}

exports.refuse = (checked) => checked.unauthorized ?
    { status: 401, body: error(401, 'UNAUTHENTICATED') } :
    { status: 400, body: error(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT') };

// The documented errors by name, as modes: "UNREGISTERED".
const documented = {
	UNSPECIFIED_ERROR: [400, 'UNKNOWN'],
	INVALID_ARGUMENT: [400, 'INVALID_ARGUMENT'],
	UNREGISTERED: [404, 'NOT_FOUND'],
	SENDER_ID_MISMATCH: [403, 'PERMISSION_DENIED'],
	QUOTA_EXCEEDED: [429, 'RESOURCE_EXHAUSTED'],
	UNAVAILABLE: [503, 'UNAVAILABLE'],
	INTERNAL: [500, 'INTERNAL'],
	THIRD_PARTY_AUTH_ERROR: [401, 'UNAUTHENTICATED']
};

exports.named = (mode) => {
	if (mode === 'ENDED')	// as if its time had come
		return tokens.clear(), { status: 401,
		    body: error(401, 'UNAUTHENTICATED') };
	const known = documented[mode];
	return known && { status: known[0],
	    body: error(known[0], known[1], mode) };
};
