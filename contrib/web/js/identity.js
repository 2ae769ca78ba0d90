// identity: who we are to those we call, and who they are to us. A browser's
// certificate lives a year at most. So a key without an end, which no script can
// read, signs the fingerprint of each (rp-signal(7), "Identities that last"). A
// peer that has pinned the key takes the next certificate without an alarm.
//
// `store` has get(name), put(name, value), and pins with get and put by number.

import { fingerprintBytes, withLine } from "./words.js";

const DAY_MS = 86400000;
const LIFE_MS = 365 * DAY_MS;		// the most that browsers give
const RENEW_MS = 30 * DAY_MS;		// so long before the end
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const LABEL = "rp identity 1";

// One page at a time makes what all pages of this browser keep.
function alone(run) {
	const locks = globalThis.navigator?.locks;

	return locks ? locks.request("rp-identity", run) : run();
}

// Our certificate: the same in every call, until a month before its end.
export async function certificate(store) {
	return alone(async () => {
		const old = await store.get("certificate");
		if (old && old.expires > Date.now() + RENEW_MS)
			return old;
		const made = await RTCPeerConnection.generateCertificate(
		    { ...ECDSA, expires: LIFE_MS });
		await store.put("certificate", made);
		return made;
	});
}

// The key that outlives certificates: a CryptoKeyPair.
export async function identityKey(store) {
	return alone(async () => {
		const old = await store.get("identity");
		if (old)
			return old;
		const made = await crypto.subtle.generateKey(ECDSA, false,
		    ["sign", "verify"]);
		await store.put("identity", made);
		return made;
	});
}

function toText(buffer) {
	return btoa(String.fromCharCode(...new Uint8Array(buffer)))
	    .replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
}

function toBytes(text) {
	return Uint8Array.from(
	    atob(text.replace(/-/g, "+").replace(/_/g, "/")),
	    (c) => c.charCodeAt(0));
}

// The one SHA-256 fingerprint of a description. A browser takes any of several,
// so a second one would let another certificate in beside the one that we show.
export function fingerprint(sdp) {
	const all = [...sdp.matchAll(/^a=fingerprint:(\S+) +(\S+)\s*$/gm)];
	const values = new Set(all.map(([, , value]) => value.toUpperCase()));

	if (all.some(([, hash]) => hash.toLowerCase() !== "sha-256") ||
	    values.size !== 1)
		throw new Error("wants one SHA-256 fingerprint");
	const [value] = values;
	fingerprintBytes(value);
	return value;
}

function signedText(number, value) {
	return new TextEncoder().encode(
	    [LABEL, number, value, ""].join("\n"));
}

// Our description with our key's signature of its fingerprint, for `number`,
// which is our own as the switch knows it.
export async function sign(store, number, sdp) {
	const pair = await identityKey(store);
	const key = await crypto.subtle.exportKey("raw", pair.publicKey);
	const signature = await crypto.subtle.sign(SIGNATURE, pair.privateKey,
	    signedText(number, fingerprint(sdp)));

	return withLine(sdp,
	    `a=rp-identity:${toText(key)} ${toText(signature)}`);
}

// The key that has signed this description for `peer`, as text, or null.
export async function signer(peer, sdp) {
	// 65 bytes and 64.
	const [, key, signature] = sdp.match(
	    /^a=rp-identity:([\w-]{87}) ([\w-]{86})\s*$/m) || [];

	if (key === undefined)
		return null;
	const point = toBytes(key);
	try {
		const public_ = await crypto.subtle.importKey("raw", point, ECDSA,
		    false, ["verify"]);
		const good = await crypto.subtle.verify(SIGNATURE, public_,
		    toBytes(signature), signedText(peer, fingerprint(sdp)));
		return good ? toText(point) : null;
	} catch {
		return null;		// the point is not on the curve
	}
}

// The state of a peer whom we have pinned.
function stateOf(pin, value, key, now) {
	// Whoever has the certificate has its key too. Another one was put there.
	if (pin.fingerprint === value)
		return key !== null && pin.key && pin.key !== key ? "changed" :
		    "same";
	if (key !== null && pin.key === key)
		return "rolled";
	return now - pin.since > LIFE_MS ? "expired" : "changed";
}

// Who a description says that `peer` is, against what we have pinned:
//
//	new	never seen
//	same	the pinned certificate
//	rolled	another one, signed by the pinned key: no alarm
//	changed	another one, or another key: refuse, with reason "identity"
//	expired	likewise, but the pinned one is older than a browser's may be
//
// `unsigned` is true if the pinned key's signature is missing, which somebody may
// have taken away. It is only a claim until DTLS has proven the fingerprint. A
// peer without a number is always new.
export async function check(store, peer, sdp) {
	const value = fingerprint(sdp);
	const key = await signer(peer, sdp);
	const pin = peer ? await store.pins.get(peer) : null;
	const state = pin ? stateOf(pin, value, key, Date.now()) : "new";

	return { state, fingerprint: value, key,
	    unsigned: state === "same" && Boolean(pin.key) && key === null,
	    confirmed: state === "same" && Boolean(pin.confirmed),
	    hadWords: Boolean(pin?.hadWords) };
}

// Remember the peer of a call that is on, so that its fingerprint is proven.
// `found` is what `check` has found.
export async function remember(store, peer, found) {
	const pin = peer ? await store.pins.get(peer) : undefined;

	if (!peer || ["changed", "expired"].includes(found.state))
		return;
	if (found.state === "same") {
		if (pin && !pin.key && found.key)
			await store.pins.put(peer, { ...pin, key: found.key });
		return;
	}
	await store.pins.put(peer, { hadWords: found.hadWords,
	    fingerprint: found.fingerprint, key: found.key, since: Date.now(),
	    confirmed: false });
}

async function change(store, peer, found, what) {
	const pin = peer ? await store.pins.get(peer) : undefined;

	if (pin && pin.fingerprint === found.fingerprint)
		await store.pins.put(peer, { ...pin, ...what });
}

// There were words with this peer, over a proven certificate.
export async function rememberWords(store, peer, found) {
	await change(store, peer, found, { hadWords: true });
}

// A person has compared the words. Those of another certificate are new again.
export async function confirm(store, peer, found, same) {
	await change(store, peer, found, { confirmed: same, refused: !same });
}

// Forget a peer whose identity has changed, once a person has asked them.
export async function forget(store, peer) {
	await store.pins.put(peer, undefined);
}
