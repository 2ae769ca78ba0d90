// words: four words that two people compare aloud, as rp-dial makes them
// (rp-signal(7), "Words to compare"). The caller commits to a nonce in its offer.
// The callee shows its own only once somebody has answered, and then the caller
// reveals what it had committed to.

export const NONCE_TYPE = "application/rp-nonce";
export const NONCE_BYTES = 32;

const LABEL = "rp-words-1";
const WORDS = 4;
// The list that the first word is from: the second, because that of 0.1.0 was
// the first, and no word is in both.
const FIRST = 1;
// How long words may take after ANSWER. The callee's nonce comes with it, the
// caller's a round trip later.
const CALLER_WAITS_MS = 500;
const CALLEE_WAITS_MS = 2000;

// The other side may not be who it says: end the call with reason "identity".
export class IdentityError extends Error {
	constructor(why) {
		super(why);
		this.name = "IdentityError";
		this.code = "identity";
	}
}

export function toBase64(bytes) {
	return btoa(String.fromCharCode(...bytes));
}

// The 32 bytes of a text, or null. Either alphabet, padded or not.
export function fromBase64(text) {
	if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text))
		return null;
	const plain = text.replace(/-/g, "+").replace(/_/g, "/");
	return Uint8Array.from(atob(plain), (c) => c.charCodeAt(0));
}

// The bytes of "AB:CD:...".
export function fingerprintBytes(text) {
	if (!/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/i.test(text))
		throw new Error("not a SHA-256 fingerprint");
	return Uint8Array.from(text.split(":"), (hex) => parseInt(hex, 16));
}

// The description with a line of its own in the session's part.
export function withLine(sdp, line) {
	return sdp.replace(/^t=.*\r?\n/m, (found) => `${found}${line}\r\n`);
}

export async function commitment(nonce) {
	return toBase64(new Uint8Array(
	    await crypto.subtle.digest("SHA-256", nonce)));
}

// The words of both nonces and both fingerprints, which are bytes or "AB:...".
export async function words(nonceCaller, nonceCallee, fingerprintCaller,
    fingerprintCallee) {
	const bytes = (one) =>
	    typeof one === "string" ? fingerprintBytes(one) : one;
	const secret = await crypto.subtle.importKey("raw",
	    Uint8Array.of(...nonceCaller, ...nonceCallee), "HKDF", false,
	    ["deriveBits"]);
	const chosen = new Uint8Array(await crypto.subtle.deriveBits({
		name: "HKDF", hash: "SHA-256",
		salt: new TextEncoder().encode(LABEL),
		info: Uint8Array.of(...bytes(fingerprintCaller),
		    ...bytes(fingerprintCallee))
	}, secret, 8 * WORDS));
	const { even, odd } = await import("./wordlist.js");
	return Array.from(chosen, (byte, i) =>
	    ((FIRST + i) % 2 === 0 ? even : odd)[byte]);
}

// The exchange of one call. Nothing here sends: what is to be sent is returned.
export class Exchange {
	// `had`: an earlier call with this peer had words.
	constructor({ caller, had = false }) {
		Object.assign(this, { caller, had, early: false, peerCommit: null,
		    peerNonce: null,
		    nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)) });
		// The list is there when the words are. Without it they come later.
		import("./wordlist.js").catch(() => {});
	}
	// Our description as it is sent. The browser's own need not have the line.
	async describe(sdp) {
		return this.caller ? withLine(sdp,
		    `a=rp-commit:${await commitment(this.nonce)}`) : sdp;
	}
	// Take the peer's description, before ANSWER. Only the first commitment
	// counts. A callee of 0.1.0 shows its nonce to anybody who rings, and words
	// with it would prove nothing.
	described(sdp) {
		const value = (name) => sdp.match(
		    new RegExp(`^a=${name}:(.*?)\\s*$`, "m"))?.[1];
		const commit = value("rp-commit");

		if (this.caller)
			this.early ||= value("rp-nonce") !== undefined;
		else if (commit !== undefined && this.peerCommit === null)
			this.peerCommit = this.committed(commit);
	}
	committed(text) {
		const bytes = fromBase64(text);
		if (bytes === null)
			throw new Error("a commitment that is malformed");
		return bytes;
	}
	// Another device answers in place of the one that was described.
	forget() {
		this.early = false;
		this.peerCommit = this.peerNonce = null;
	}
	// The body of the INFO to send right after ANSWER, or null: the callee's.
	answered() {
		return !this.caller && this.peerCommit !== null ?
		    toBase64(this.nonce) : null;
	}
	// Take the peer's nonce, after ANSWER and not before. Returns the body of
	// the INFO to send in return, or null. Throws IdentityError if the caller
	// had committed to another.
	async revealed(text) {
		if (this.early || this.peerNonce !== null ||
		    (!this.caller && this.peerCommit === null))
			return null;
		const nonce = fromBase64(text.trim());
		if (!this.caller && (nonce === null ||
		    await commitment(nonce) !== toBase64(this.peerCommit)))
			throw new IdentityError("the caller revealed another nonce " +
			    "than it had committed to: somebody may be in the middle");
		if (nonce === null)
			return null;
		this.peerNonce = nonce;
		return this.caller ? toBase64(this.nonce) : null;
	}
	// The words, once both nonces are known, or null. Both fingerprints have to
	// be proven by DTLS.
	async words(own, theirs) {
		if (this.peerNonce === null)
			return null;
		return this.caller ?
		    words(this.nonce, this.peerNonce, own, theirs) :
		    words(this.peerNonce, this.nonce, theirs, own);
	}
	// Why there are no words in a call that is on for so long: "" if they may
	// come, or the peer never had any; "missing": there were words with this
	// peer before, so somebody may be in the middle; "unsupported": the callee
	// is a 0.1.0, or the caller does not reveal its nonce.
	without(talkedMs) {
		const certain = this.caller ? this.early : this.peerCommit === null;
		const waits = this.caller ? CALLER_WAITS_MS : CALLEE_WAITS_MS;

		if (this.peerNonce !== null || (!certain && talkedMs < waits))
			return "";
		if (this.had)
			return "missing";
		return this.early || (!this.caller && this.peerCommit !== null) ?
		    "unsupported" : "";
	}
}
