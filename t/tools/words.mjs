// words: js/words.js and js/identity.js of contrib/web against rp-dial's own code.
// Run with their folder, the tool t/tools/wordcheck and a P-256 key. Prints a line
// of TAP for each point, without a number: "ok - NAME".
import { execFileSync } from "node:child_process";
import { webcrypto } from "node:crypto";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto;
const [folder, wordcheck, pem] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}`));
const { Exchange, IdentityError, commitment, fromBase64, toBase64, words } =
    await load("words.js");
const identity = await load("identity.js");
const { even, odd } = await load("wordlist.js");

const run = (args, input = "") =>
    execFileSync(wordcheck, args, { encoding: "utf8", input }).trim();
const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const colons = (bytes) => [...bytes].map((one) =>
    one.toString(16).padStart(2, "0")).join(":").toUpperCase();

async function point(name, test) {
	let why = "";

	try {
		const found = await test();
		if (found !== true)
			why = JSON.stringify(found);
	} catch (error) {
		why = String(error?.stack || error).replace(/\n\s*/g, " ");
	}
	console.log(`${why ? "not ok" : "ok"} - ${name}${why && `\n# ${why}`}`);
}
const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b) || [a, b];
async function fails(what, code) {
	try {
		await what();
	} catch (error) {
		return error.code === code || String(error);
	}
	return "nothing was thrown";
}

// A store as js/store.js has it.
function makeStore() {
	const values = new Map(), pins = new Map();
	const of = (map) => ({ get: async (name) => map.get(name),
	    put: async (name, value) => void map.set(name, value) });

	return { ...of(values), pins: of(pins), kept: pins };
}

const random = (n) => crypto.getRandomValues(new Uint8Array(n));
const A = random(32), B = random(32), M = random(32);
const sdpOf = (value, lines = []) => ["v=0",
    "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", ...lines,
    "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0",
    "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901",
    `a=fingerprint:sha-256 ${colons(value)}`, "a=setup:actpass",
    "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", ""].join("\r\n");

await point("the list is rp-dial's", () =>
    equal([...even, ...odd], run(["list"]).split("\n")));
await point("20 calls have rp-dial's words", async () => {
	for (const line of run(["words", "20"]).split("\n")) {
		const [a, b, caller, callee, commit, ...theirs] = line.split(" ");
		const ours = await words(hex(a), hex(b), hex(caller),
		    colons(hex(callee)));
		if (!Object.is(equal(ours, theirs), true))
			return [ours, theirs];
		if (await commitment(hex(a)) !== commit)
			return "another commitment";
	}
	return true;
});

// Offer, answer, and what each says after ANSWER.
async function described({ had = false } = {}) {
	const caller = new Exchange({ caller: true, had });
	const callee = new Exchange({ caller: false, had });
	const offer = await caller.describe(sdpOf(A));
	const answer = await callee.describe(sdpOf(B));

	callee.described(offer);
	caller.described(answer);
	return { caller, callee, offer, answer };
}

await point("two pages have the same words", async () => {
	const { caller, callee, offer, answer } = await described();
	if (answer.includes("rp-") || !/^a=rp-commit:/m.test(offer))
		return [offer, answer];
	if (caller.answered() !== null)
		return "the caller speaks first";
	const back = await caller.revealed(callee.answered());
	const silent = await callee.revealed(back);
	return silent === null ? equal(await caller.words(A, B),
	    await callee.words(B, A)) : silent;
});
await point("a middle has others", async () => {
	const left = await described(), right = await described();
	await left.caller.revealed(left.callee.answered());
	await right.callee.revealed(
	    await right.caller.revealed(right.callee.answered()));
	return equal(await left.caller.words(A, M),
	    await right.callee.words(B, M)) !== true;
});
await point("another nonce than committed ends the call", async () => {
	const { callee } = await described();
	const why = await fails(() => callee.revealed(toBase64(M)), "identity");
	return why === true && await callee.words(B, A) === null || why;
});
await point("and so does what is none", async () => {
	const { callee } = await described();
	return fails(() => callee.revealed("AAAA"), "identity");
});
await point("a callee's that is none is ignored", async () => {
	const { caller } = await described();
	return await caller.revealed("?") === null &&
	    await caller.words(A, B) === null;
});
await point("a second nonce changes nothing", async () => {
	const { caller, callee } = await described();
	await callee.revealed(await caller.revealed(callee.answered()));
	const first = await caller.words(A, B);
	if (await caller.revealed(toBase64(M)) !== null)
		return "it was taken";
	return equal(await caller.words(A, B), first);
});
await point("nor does another after the caller's", async () => {
	const { caller, callee } = await described();
	await callee.revealed(await caller.revealed(callee.answered()));
	return await callee.revealed(toBase64(M)) === null;
});
await point("two nonces at once: one counts", async () => {
	const { caller, callee } = await described();
	const answers = await Promise.all([caller.revealed(callee.answered()),
	    caller.revealed(toBase64(M))]);
	return equal(answers.filter((one) => one !== null).length, 1);
});
await point("nothing is said without a commitment", async () => {
	const callee = new Exchange({ caller: false });
	callee.described(sdpOf(A));
	return callee.answered() === null &&
	    await callee.revealed(toBase64(M)) === null &&
	    callee.without(0) === "";
});
await point("only the first commitment counts", async () => {
	const { caller, callee } = await described();
	callee.described(sdpOf(A, [`a=rp-commit:${toBase64(M)}`]));
	await callee.revealed(await caller.revealed(callee.answered()));
	return await callee.words(B, A) !== null;
});
await point("a malformed commitment is an error", () => fails(() =>
    new Exchange({ caller: false }).described(
    sdpOf(A, ["a=rp-commit:xx"])), undefined));
await point("a callee of 0.1.0 has no words", async () => {
	const caller = new Exchange({ caller: true });
	caller.described(sdpOf(B, [`a=rp-nonce:${toBase64(M)}`]));
	return await caller.revealed(toBase64(M)) === null &&
	    equal(caller.without(0), "unsupported");
});
await point("another device that answers has its own chance", async () => {
	const caller = new Exchange({ caller: true });
	caller.described(sdpOf(B));
	await caller.revealed(toBase64(B));
	caller.described(sdpOf(B, [`a=rp-nonce:${toBase64(M)}`]));
	caller.forget();
	caller.described(sdpOf(B));
	if (await caller.words(A, B) !== null)
		return "the nonce of the first";
	return await caller.revealed(toBase64(M)) === toBase64(caller.nonce);
});
await point("a commitment that is taken away is told", async () => {
	const callee = new Exchange({ caller: false, had: true });
	callee.described(sdpOf(A));
	return equal(callee.without(0), "missing");
});
await point("so are nonces, when they are late", async () => {
	const { caller, callee } = await described({ had: true });
	return equal([caller.without(499), caller.without(500),
	    callee.without(1999), callee.without(2000)],
	    ["", "missing", "", "missing"]);
});
await point("who never had words hears of a caller only", async () => {
	const { caller, callee } = await described();
	return equal([caller.without(9999), callee.without(9999)],
	    ["", "unsupported"]);
});
await point("base64 is as rp-dial takes it", () => equal(
    ["", "A", "A".repeat(42), "A".repeat(43), `${"-".repeat(43)}=`,
    `${"A".repeat(44)}`, `${"A".repeat(42)}?`].map((one) =>
    fromBase64(one)?.length ?? 0), [0, 0, 0, 32, 32, 0, 0]));

// Identities.
const ours = makeStore();
const signed = await identity.sign(ours, "alice", sdpOf(A));
const line = signed.match(/^a=rp-identity:.*$/m)[0];

await point("rp-dial takes our signature", () =>
    equal(run(["check", "alice"], signed), "yes"));
await point("for this number alone", () =>
    equal(run(["check", "mallory"], signed), "no"));
await point("and this certificate alone", () =>
    equal(run(["check", "alice"], sdpOf(M, [line])), "no"));
await point("we take rp-dial's", async () => {
	const [key, signature] = run(["sign", pem, "bob", colons(B)]).split(" ");
	const sdp = sdpOf(B, [`a=rp-identity:${key} ${signature}`]);
	return equal([await identity.signer("bob", sdp),
	    await identity.signer("eve", sdp),
	    await identity.signer("bob", sdp.replaceAll(colons(B), colons(M)))],
	    [key, null, null]);
});
await point("a malformed line is as none", async () => {
	const found = [];
	for (const text of ["", "x", "x y", `${"A".repeat(87)} ${"A".repeat(86)}`,
	    `${"A".repeat(9999)} ${"A".repeat(86)}`, line.slice(14, -1)])
		found.push(await identity.signer("alice",
		    sdpOf(A, [`a=rp-identity:${text}`])));
	return equal(found, found.map(() => null));
});
await point("the key is made once, and no script reads it", async () => {
	const again = await identity.sign(ours, "alice", sdpOf(A));
	const { privateKey } = await ours.get("identity");
	return equal(again.match(/^a=rp-identity:(\S+)/m)[1],
	    line.slice(14).split(" ")[0]) === true &&
	    privateKey.extractable === false &&
	    await fails(() => crypto.subtle.exportKey("pkcs8", privateKey),
	    undefined) !== "nothing was thrown";
});

async function seen(store, sdp) {
	const found = await identity.check(store, "alice", sdp);
	await identity.remember(store, "alice", found);
	return found.state;
}
const next = await identity.sign(ours, "alice", sdpOf(M));
const forged = await identity.sign(makeStore(), "alice", sdpOf(M));

await point("a new certificate is no alarm to who knows the key", async () => {
	const store = makeStore();
	return equal([await seen(store, signed), await seen(store, signed),
	    await seen(store, next), await seen(store, next)],
	    ["new", "same", "rolled", "same"]);
});
await point("without its line it is", async () => {
	const store = makeStore();
	return equal([await seen(store, signed), await seen(store, sdpOf(M)),
	    await seen(store, signed)], ["new", "changed", "same"]);
});
await point("and with another's key", async () => {
	const store = makeStore();
	return equal([await seen(store, signed), await seen(store, forged),
	    await seen(store, next)], ["new", "changed", "rolled"]);
});
await point("another's key beside the known certificate is one", async () => {
	const store = makeStore();
	const put = await identity.sign(makeStore(), "alice", sdpOf(A));
	return equal([await seen(store, signed), await seen(store, put),
	    await seen(store, next)], ["new", "changed", "rolled"]);
});
await point("a key that comes later is kept", async () => {
	const store = makeStore();
	return equal([await seen(store, sdpOf(A)), await seen(store, signed),
	    await seen(store, next)], ["new", "same", "rolled"]);
});
await point("and stays when its line is taken away", async () => {
	const store = makeStore();
	return equal([await seen(store, signed), await seen(store, sdpOf(A)),
	    await seen(store, next)], ["new", "same", "rolled"]);
});
await point("a peer who never signed is not missed to", async () => {
	const store = makeStore();
	await seen(store, sdpOf(A));
	return (await identity.check(store, "alice", sdpOf(A))).unsigned === false;
});
await point("whom we forget is new", async () => {
	const store = makeStore();
	await seen(store, signed);
	await identity.forget(store, "alice");
	return equal([await seen(store, forged)], ["new"]);
});
await point("a line that is taken away is told", async () => {
	const store = makeStore();
	await seen(store, signed);
	return equal([(await identity.check(store, "alice", sdpOf(A))).unsigned,
	    (await identity.check(store, "alice", signed)).unsigned],
	    [true, false]);
});
await point("a certificate older than a year has expired", async () => {
	const store = makeStore();
	await seen(store, sdpOf(A));
	const pin = store.kept.get("alice");
	const states = [];
	for (const days of [364, 366]) {
		pin.since = Date.now() - days * 86400000;
		states.push(await seen(store, sdpOf(M)));
	}
	return equal(states, ["changed", "expired"]);
});
await point("words that were confirmed are those of one certificate", async () => {
	const store = makeStore();
	const found = await identity.check(store, "alice", signed);
	await identity.remember(store, "alice", found);
	await identity.rememberWords(store, "alice", found);
	await identity.confirm(store, "alice", found, true);
	const known = await identity.check(store, "alice", signed);
	if ((await identity.check(store, "alice", next)).confirmed)
		return "those of the next one";
	await seen(store, next);
	const after = await identity.check(store, "alice", next);
	return equal([known.confirmed, known.hadWords, after.confirmed,
	    after.hadWords], [true, true, false, true]);
});
await point("what is found of another certificate confirms nothing", async () => {
	const store = makeStore();
	const found = await identity.check(store, "alice", signed);
	await identity.remember(store, "alice", found);
	await identity.confirm(store, "alice",
	    await identity.check(store, "alice", next), true);
	const other = (await identity.check(store, "alice", signed)).confirmed;
	await identity.confirm(store, "alice", found, true);
	await identity.confirm(store, "alice", found, false);
	const refused = (await identity.check(store, "alice", signed)).confirmed;
	return equal([other, refused], [false, false]);
});
await point("a peer without a number leaves nothing", async () => {
	const store = makeStore();
	const found = await identity.check(store, "", signed);
	await identity.remember(store, "", found);
	await identity.confirm(store, "", found, true);
	return equal([found.state, store.kept.size], ["new", 0]);
});
await point("two fingerprints in a description are refused", async () => {
	const two = sdpOf(A, [`a=fingerprint:sha-256 ${colons(M)}`]);
	const weak = sdpOf(A, [`a=fingerprint:sha-1 ${colons(A)}`]);
	const none = sdpOf(A).replace(/^a=fingerprint.*\r\n/m, "");
	const twice = sdpOf(A, [`a=fingerprint:sha-256 ${colons(A)}`]);
	for (const bad of [two, weak, none])
		if (await fails(() => identity.check(makeStore(), "alice", bad),
		    undefined) !== true)
			return bad;
	return (await identity.check(makeStore(), "alice", twice)).state === "new";
});
await point("a certificate is renewed a month early", async () => {
	const store = makeStore();
	const lives = [];
	globalThis.RTCPeerConnection = { generateCertificate: async (how) => {
		lives.push(how.expires);
		return { expires: Date.now() + how.expires };
	} };
	const first = await identity.certificate(store);
	const same = await identity.certificate(store) === first;
	first.expires = Date.now() + 31 * 86400000;
	const still = await identity.certificate(store) === first;
	first.expires = Date.now() + 29 * 86400000;
	const other = await identity.certificate(store) !== first;
	return equal([same, still, other, ...lives],
	    [true, true, true, 365 * 86400000, 365 * 86400000]);
});
