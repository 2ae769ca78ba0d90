// Apple's push service: HTTP/2 only, the provider token verified, headers and
// payload as documented. The first four digits of a device token choose the
// mode, from the list below, so that tokens stay hexadecimal.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const webpush = require('./webpush.js');

const pair = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const reasons = {	// status, reason, as Apple's table has them
	'4001': [400, 'BadCollapseId'], '4002': [400, 'BadDeviceToken'],
	'4003': [400, 'BadExpirationDate'], '4004': [400, 'BadMessageId'],
	'4005': [400, 'BadPriority'], '4006': [400, 'BadTopic'],
	'4007': [400, 'DeviceTokenNotForTopic'],
	'4008': [400, 'DuplicateHeaders'], '4009': [400, 'IdleTimeout'],
	'4010': [400, 'InvalidPushType'], '4011': [400, 'MissingDeviceToken'],
	'4012': [400, 'MissingTopic'], '4013': [400, 'PayloadEmpty'],
	'4014': [400, 'TopicDisallowed'], '4031': [403, 'BadCertificate'],
	'4032': [403, 'BadCertificateEnvironment'],
	'4033': [403, 'ExpiredProviderToken'], '4034': [403, 'Forbidden'],
	'4035': [403, 'InvalidProviderToken'],
	'4036': [403, 'MissingProviderToken'],
	'4037': [403, 'UnrelatedKeyIdInToken'],
	'4038': [403, 'BadEnvironmentKeyIdInToken'],
	'4041': [404, 'BadPath'], '4051': [405, 'MethodNotAllowed'],
	'4101': [410, 'ExpiredToken'], '4102': [410, 'Unregistered'],
	'4131': [413, 'PayloadTooLarge'],
	'4291': [429, 'TooManyProviderTokenUpdates'],
	'4292': [429, 'TooManyRequests'], '5001': [500, 'InternalServerError'],
	'5031': [503, 'ServiceUnavailable'], '5032': [503, 'Shutdown']
};
const modes = { 'aa01': 'once-goaway', 'aa02': 'once-s503',
    'aa03': 'once-reset', 'aa04': 'mixed', 'ab01': 'once-4035' };
// These, at first, make the connection say so to whatever comes later on it.
const closing = { 'aa05': '5032', 'aa06': '4009' };
const closes = new Map();
const closed = new Set();
// It is answered once another request was accepted.
const HELD = 'aa07';
// When a dead token died, in seconds since 1970.
const DIED = 1700000000;

exports.start = (dir) => {
	webpush.start(dir);
	fs.writeFileSync(path.join(dir, 'AuthKey.p8'),
	    pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
	fs.writeFileSync(path.join(dir, 'reasons.json'),
	    JSON.stringify(reasons));
};

function checkToken(req) {
	const m = /^bearer (\S+)$/.exec(req.headers.authorization || '');
	if (!m)
		return [403, 'MissingProviderToken'];
	try {
		const { header, claims } = webpush.verify(m[1], pair.publicKey,
		    'ES256');
		const age = Date.now() / 1000 - claims.iat;
		if (header.kid !== 'KEY1234567' || claims.iss !== 'TEAM123456')
			return [403, 'InvalidProviderToken'];
		if (age > 3600 || age < -60)
			return [403, 'ExpiredProviderToken'];
		return null;
	} catch (e) {
		return [403, 'InvalidProviderToken'];
	}
}

function checkHeaders(h) {
	if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(h['apns-id']))
		return [400, 'BadMessageId'];
	if (!/^\d+$/.test(h['apns-expiration']))
		return [400, 'BadExpirationDate'];
	if (!/^(10|5|1)$/.test(h['apns-priority']))
		return [400, 'BadPriority'];
	if (Buffer.byteLength(h['apns-collapse-id'] || '') > 64)
		return [400, 'BadCollapseId'];
	if (!h['apns-topic'])
		return [400, 'MissingTopic'];
	const voip = h['apns-topic'].endsWith('.voip');
	if (h['apns-push-type'] !== (voip ? 'voip' : 'alert'))
		return [400, 'InvalidPushType'];
	return null;
}

function refusal(req, body, voip) {
	if (req.httpVersion !== '2.0' || req.method !== 'POST')
		return [405, 'MethodNotAllowed'];
	if (!/^\/3\/device\/[0-9a-fA-F]+$/.test(req.url))
		return [404, 'BadPath'];
	if (body.length > (voip ? 5120 : 4096))
		return [413, 'PayloadTooLarge'];
	return checkToken(req) || checkHeaders(req.headers);
}

exports.check = (req, body) => {
	const h = req.headers;
	const voip = h['apns-push-type'] === 'voip';
	const digits = path.basename(req.url).slice(0, 4).toLowerCase();
	const number = req.socket.number;
	if (closing[digits] && !closed.has(req.url)) {
		closed.add(req.url);
		closes.set(number, closing[digits]);
	}
	const checked = { key: req.url, held: digits === HELD,
	    mode: closes.get(number) || (reasons[digits] ? digits :
	    modes[digits] || 'ok') };
	checked.refusal = refusal(req, body, voip);
	const entry = checked.entry = { id: h['apns-id'],
	    topic: h['apns-topic'], type: h['apns-push-type'],
	    priority: h['apns-priority'], expiration: h['apns-expiration'],
	    collapse: h['apns-collapse-id'], token: h.authorization };
	try {
		const p = JSON.parse(body);
		entry.aps = p.aps;
		entry.encrypted = !!p.rp.encrypted;
		entry.payload = p.rp.encrypted ? webpush.decrypt(
		    Buffer.from(p.rp.encrypted, 'base64url')) : p.rp;
		if (voip ? Object.keys(p.aps).length : !p.aps.alert)
			checked.refusal = [400, 'PayloadEmpty'];
	} catch (e) {
		checked.wrong = e.message;
	}
	if (checked.refusal)
		checked.wrong = checked.refusal[1];
	return checked;
};

function reply([status, reason], more) {
	return { status, body: Object.assign({ reason }, more) };
}

exports.accept = (checked) => ({ status: 200, hold: checked.held,
    headers: { 'apns-id': checked.entry.id } });
exports.refuse = (checked) => reply(checked.refusal || [400, 'PayloadEmpty']);
exports.named = (mode) => reasons[mode] && reply(reasons[mode],
    mode.startsWith('410') ? { timestamp: DIED * 1000 } : {});
