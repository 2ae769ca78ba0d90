// Every push service at once, each answer as documented. The request names the
// row that it wants by the number of a line in DIR/rows, such as "fcm 404
// UNREGISTERED gone". The number stands in the token of FCM, in the device
// token of APNs (hexadecimal), in the last four digits of a telephone number,
// or in the path of an endpoint, /row/NUMBER. The words are "words of CODE".
// What may pass asks to come again in an hour, so that nobody waits for its
// deadline.
//
// The paths /raw/NAME give hostile answers, and /wait/NAME ways to ask for a
// wait; they are at the end.
'use strict';
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');

let home;

exports.start = (dir) => {
	home = dir;
	const ecdh = crypto.createECDH('prime256v1');
	ecdh.generateKeys();
	fs.writeFileSync(path.join(dir, 'receiver.json'), JSON.stringify({
		p256dh: ecdh.getPublicKey('base64url'),
		auth: crypto.randomBytes(16).toString('base64url')
	}));
	const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
	fs.writeFileSync(path.join(dir, 'AuthKey.p8'),
	    ec.privateKey.export({ type: 'pkcs8', format: 'pem' }));
};

exports.listening = (port) => {
	const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	fs.writeFileSync(path.join(home, 'account.json'), JSON.stringify({
		type: 'service_account', project_id: 'p',
		client_email: 'a@example.org',
		private_key: rsa.privateKey.export({ type: 'pkcs8',
		    format: 'pem' }),
		token_uri: `https://localhost:${port}/token`
	}));
};

function line(n) {
	const rows = fs.readFileSync(path.join(home, 'rows'), 'utf8');
	return rows.split('\n')[n - 1].split(' ');
}

function wanted(req, body) {
	const part = req.url.split('/');
	if (part[1] === 'v1')
		return line(+JSON.parse(body).message.token.split(':')[1]);
	if (part[1] === '3')
		return line(parseInt(part[3], 16));
	if (part[1] === 'sms')
		return line(+new URLSearchParams(body.toString()).get('To')
		    .slice(-4));
	return line(+part[2]);
}

// What a status of the page is on the wire.
const number = (status) => ({ '2xx': 200, '3xx': 302, '5xx': 599,
    other: 418 })[status] || +status;

const words = (code) => 'words of ' + code;
const forms = {
	apns: (code) => ({ body: { reason: code } }),
	fcm: (code, status) => ({ body: { error: { code: status,
	    status: 'S', message: words(code), details: [{ '@type':
	    'type.googleapis.com/google.firebase.fcm.v1.FcmError',
	    errorCode: code }] } } }),
	sms: (code, status) => code.startsWith('status-') ?
	    { body: { 'message-count': '1', messages: [{ status: code.slice(7),
	        'error-text': words(code) }] } } :
	    { body: { code: +code, message: words(code), status } },
	webpush: (code, status) => {
		if (/^\d{3}$/.test(code))
			return { body: { code: status, errno: +code,
			    error: 'E', message: words(code) } };
		if (/^\d{5}$/.test(code))
			return { body: { code: +code, http: status,
			    error: words(code) } };
		if (code === 'DomainBlocked')
			return { headers: { 'X-WNS-Error-Description':
			    'Domain Blocked ' + words(code) } };
		if (/^[a-z]+$/.test(code))
			return { headers: { 'X-WNS-Status': code,
			    'X-WNS-Error-Description': words(code) } };
		return { body: { reason: code } };
	}
};

function row([provider, status, code, kind]) {
	const reply = code === 'any' ? {} :
	    forms[provider](code, number(status));
	const hour = /^(later|throttled|ill)$/.test(kind) ?
	    { 'retry-after': '3600' } : {};
	return { status: number(status), body: reply.body,
	    headers: Object.assign(hour, reply.headers) };
}

const raw = {
	binary: () => ({ status: 400, body: '\x01\x02\x1b[31m\x07\r\nx' }),
	long: () => ({ status: 400, body: 'y '.repeat(4000) }),
	json: () => ({ status: 400, body: { reason: 'z'.repeat(7000) } }),
	deep: () => ({ status: 400, body: '['.repeat(8000) }),
	mine: (url) => ({ status: 400, body: 'nothing at ' + url }),
	html: () => ({ status: 502,
	    body: '<html><head><title>502 Bad Gateway</title></head>' })
};

const once = new Set();
const later = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
const waits = {
	seconds: () => ({ 'retry-after': '60' }),
	date: () => ({ 'retry-after': later(60) }),
	past: () => ({ 'retry-after': later(-60) }),
	minus: () => ({ 'retry-after': '-5' }),
	// Of a service whose clock is wrong by an hour.
	clock: () => ({ date: later(3600), 'retry-after': later(3660) }),
	clocked: () => ({ date: later(3600), 'retry-after': later(3600) }),
	ms: () => ({ 'retry-after-ms': '60000' }),
	reset: () => ({ 'x-ratelimit-reset': '60' }),
	epoch: () => ({ 'ratelimit-reset':
	    '' + (Math.floor(Date.now() / 1000) + 60) }),
	delay: () => ({}), field: () => ({})
};
const bodies = { delay: { error: { details: [{ '@type':
    'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '60.5s' }] } },
    field: { retry_after: 60 } };

// The first time only, so that what asks for no wait is sent at last.
function wait(name, key) {
	if (once.has(key))
		return { status: 201 };
	once.add(key);
	return { status: 429, headers: waits[name](), body: bodies[name] };
}

exports.check = (req, body) => {
	if (req.url === '/token')
		return { reply: { status: 200, body: { access_token: 'ya29.x',
		    expires_in: 3599 } }, entry: {} };
	const [first, name] = req.url.split('/').slice(1);
	if (first === 'raw')
		return { reply: raw[name](req.url), entry: {} };
	if (first === 'wait')
		return { reply: wait(name, req.url), entry: {} };
	const it = wanted(req, body);
	return { reply: row(it), entry: { row: it.slice(0, 3).join(' ') } };
};

exports.accept = (checked) => checked.reply;
exports.refuse = (checked) => ({ status: 599, body: checked.wrong });
