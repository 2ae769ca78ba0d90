// keys: who we are, to the switch and to those we call.
//
// `me` is { number, token }, or { number, key } with a device's key, or
// { guest } with the token of a link; without them nobody.

// What is made once and kept in this browser, in a database of its own.
async function kept(name, made) {
	const done = (request) => new Promise((good, bad) => {
		request.onsuccess = () => good(request.result);
		request.onerror = bad;
	});
	const open = indexedDB.open(name);
	open.onupgradeneeded = () =>
	    open.result.createObjectStore("identity").add(made, 0);
	return done((await done(open)).transaction("identity")
	    .objectStore("identity").get(0));
}

// Who we are to those we call, who pin it: a certificate that is kept.
export async function identity() {
	return kept("rp", await RTCPeerConnection.generateCertificate({
		name: "ECDSA", namedCurve: "P-256", expires: 365 * 86400000 }));
}

// Who we are to the switch: a key that no script can read.
export async function makeKey() {
	return crypto.subtle.generateKey(
	    { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}
export async function deviceKey() {
	return kept("rp-device", await makeKey());
}

function base64url(bytes) {
	return btoa(String.fromCharCode(...new Uint8Array(bytes)))
	    .replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
}

// What the switch keeps of the key.
export async function publicHalf(key) {
	return base64url(await crypto.subtle.exportKey("raw", key.publicKey));
}

// Credentials for one WebSocket to this URL, for a minute.
export async function proof(number, key, url) {
	const name = new URL(url).hostname.replace(/[^0-9a-z._:-]/g, "");
	const time = Math.floor(Date.now() / 1000);
	const text = ["rp device proof 1, time", number, name, time, ""];
	const signature = await crypto.subtle.sign(
	    { name: "ECDSA", hash: "SHA-256" }, key.privateKey,
	    new TextEncoder().encode(text.join("\n")));
	return `Device number=${number}, key=${await publicHalf(key)}, ` +
	    `sig=${base64url(signature)}, time=${time}`;
}

export async function credentials({ number, token, key, guest }, url) {
	if (key)
		return proof(number, key, url);
	return guest ? `Guest ${guest}` :
	    token ? `Basic ${btoa(`${number}:${token}`)}` : "";
}
