// The engine of the page, in a browser that is made up: what it does with pushes,
// with a second call, and with what goes wrong.
//
//	node phone.mjs JS-FOLDER
import { setMaxListeners } from "node:events";
import { ID, OFFER, answer, message, net, session, settle, sockets } from
    "./fakes.mjs";
import { assert, done, test } from "./tap.mjs";

const [folder] = process.argv.slice(2);

class Track extends EventTarget {
	constructor(kind) {
		super();
		Object.assign(this, { kind, enabled: true, muted: false,
		    readyState: "live" });
	}
	getSettings() {
		return {};
	}
	stop() {
		this.readyState = "ended";
	}
}
class Stream {
	constructor(tracks = []) {
		this.tracks = [...tracks];
	}
	getTracks() {
		return [...this.tracks];
	}
	getAudioTracks() {
		return this.tracks.filter(({ kind }) => kind === "audio");
	}
	getVideoTracks() {
		return this.tracks.filter(({ kind }) => kind === "video");
	}
	addTrack(one) {
		this.tracks.push(one);
	}
}
const asked = [];	// of the microphone
let refusal = null;
const navigator = { mediaDevices: { async getUserMedia(what) {
	asked.push(what);
	if (refusal)
		throw Object.assign(new Error("no"), { name: refusal });
	return new Stream([new Track("audio")]);
}, async enumerateDevices() {
	return [];
}, addEventListener() {}, removeEventListener() {} } };
Object.defineProperty(globalThis, "navigator",
    { value: navigator, configurable: true });
const world = new EventTarget();
setMaxListeners(0, world);
Object.assign(globalThis, { MediaStream: Stream, Audio: class {
	async play() {}
}, addEventListener: (...what) => world.addEventListener(...what),
removeEventListener: (...what) => world.removeEventListener(...what) });

const { Phone } = await import(`${folder}/phone.js`);
const { makeKey } = await import(`${folder}/keys.js`);

const OTHER = "f".repeat(32);
const table = () => {
	const all = new Map();
	return { get: async (name) => all.get(name),
	    put: async (name, value) => void all.set(name, value),
	    remove: async (name) => void all.delete(name),
	    clear: async () => all.clear() };
};
const key = await makeKey();
async function phone(kept = {}) {
	const store = { ...table(), pins: table(), persist: async () => true };
	await store.put("account", { number: "alice", key });
	await store.put("switches", ["example.org:31337"]);
	for (const [name, value] of Object.entries(kept))
		await store.put(name, value);
	const one = new Phone({ store, config: { scheme: "wss", video: false,
	    switches: ["example.org:31337"] } });
	sockets.length = asked.length = 0;
	refusal = null;
	const opened = one.open();
	if (!kept.call)
		await opened;
	return one;
}
const until = async (condition) => {
	for (let i = 0; i < 500 && !condition(); i++)
		await new Promise((done) => setTimeout(done, 4));
	assert.ok(condition(), String(condition));
};
const push = (more = {}) => ({ kind: "call", caller: "bob", sessionId: ID,
    serverName: "za1.example.org", port: 31338, expiry: 1, ...more });
const last = () => sockets.at(-1);
const asks = (socket, method) => until(() => socket.sent.some((one) =>
    one.startsWith(method)));
const requests = () => sockets.flatMap(({ sent }) => sent)
    .filter((one) => !one.startsWith("HTTP/"))
    .map((one) => one.split(" ").slice(0, 2).join(" "));

// It rings here: bob calls.
async function rung(more) {
	const one = await phone(more);
	const woken = one.woken(push());
	await until(() => sockets.length === 1);
	await asks(last(), "RING");
	last().say(answer(session({ caller: "bob", offer: OFFER })));
	await until(() => last().sent.filter((text) =>
	    text.startsWith("RING")).length === 2);
	last().say(answer("{}"));
	await woken;
	return [one, last()];
}
async function talks() {
	const [one, socket] = await rung();
	const answered = one.answer();
	await asks(socket, "ANSWER");
	// GET /switches was asked before it.
	socket.say(answer('{"switches":["za1.example.org:31337"]}'));
	socket.say(answer());
	await answered;
	return [one, socket];
}

test("a push rings, without the microphone", async () => {
	const [one, socket] = await rung();
	assert.deepEqual([one.call.state, one.call.peer, one.call.incoming],
	    ["incoming", "bob", true]);
	assert.equal(socket.url, "wss://za1.example.org:31338/signal");
	assert.deepEqual(asked, []);
	one.call.over();
});

// Firefox gives a section that is bundled no port of its own.
for (const [offer, isFilm] of [["m=video 9", true], ["m=video 0", false],
    ["m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only", true]])
	test(`${JSON.stringify(offer)} is ${isFilm ? "" : "no "}video`, async () => {
		const one = await phone();
		one.config.video = true;
		one.woken(push());
		await until(() => sockets.length === 1);
		await asks(last(), "RING");
		last().say(answer(session({ caller: "bob",
		    offer: `${OFFER}m=audio 9 x\r\n${offer} x\r\n` })));
		await until(() => last().sent.filter((text) =>
		    text.startsWith("RING")).length === 2);
		assert.equal(one.call.video, isFilm);
		one.call.over();
	});

test("the same push again does nothing, and another's cancel neither",
    async () => {
	const [one] = await rung();
	await one.woken(push());
	await one.woken(push({ kind: "cancel", sessionId: OTHER }));
	assert.equal(one.call.state, "incoming");
	assert.equal(sockets.length, 1);
	one.call.over();
});

test("its cancel ends it: a missed call", async () => {
	const [one] = await rung();
	await one.woken(push({ kind: "cancel" }));
	assert.equal(one.call.state, "over");
	assert.deepEqual(one.history.map(({ number, kind }) => [number, kind]),
	    [["bob", "missed"]]);
});

test("a call that was answered elsewhere is not missed", async () => {
	const [one, socket] = await rung();
	socket.say(message(`HANGUP /session/${ID} HTTP/1.1`, "",
	    ["Reason: answered-elsewhere"]));
	await until(() => one.call.state === "over");
	assert.deepEqual([one.history[0].kind, one.history[0].reason],
	    ["in", "answered-elsewhere"]);
});

test("who joins without a switch is told so", async () => {
	const one = await phone();
	Object.assign(one.service, { configured: [], listed: [] });
	await assert.rejects(one.join("alice", "code"), { what: "no-switch" });
	await assert.rejects(one.askCode("alice"), { what: "no-switch" });
	assert.equal(one.error.what, "no-switch");
});

test("devices of a switch are those that can be, and bounded", async () => {
	const one = await phone();
	const asking = one.ownDevices();
	await until(() => sockets.length === 1);
	await asks(last(), "GET /devices");
	const id = "0123456789abcdef";
	last().say(answer(JSON.stringify({ devices: [null, 1, { id: "../push" },
	    { id: `${id}0` }, ...Array(40).fill({ id })] })));
	assert.deepEqual(await asking, Array(16).fill({ id }));
	const removing = one.removeDevice(id);
	await until(() => sockets.length === 2);
	await asks(last(), `DELETE /devices/${id}`);
	last().say(message("HTTP/1.1 404 Not Found", "", ["Reason: no-device"]));
	await assert.rejects(removing, { what: "no-device" });
});

for (const [what, more] of [
    ["of another's switch", { serverName: "evil.example" }],
    ["with a path for a name", { serverName: "example.org/@evil.example" }],
    ["with a name in its port", { port: "1@evil.example" }],
    ["with an id that is none", { sessionId: "../push" }],
    ["with an id in a list", { sessionId: [ID, OTHER] }],
    ["of a kind that nobody knows", { kind: "install" }]])
	test(`a push ${what} reaches nobody`, async () => {
		const one = await phone();
		await one.woken(push(more));
		await settle();
		assert.equal(sockets.length, 0);
		assert.equal(one.call, null);
	});

test("a push without anything reaches nobody", async () => {
	const one = await phone();
	await one.woken();
	await one.woken({});
	assert.equal(sockets.length, 0);
});

test("a call that is over already was missed", async () => {
	const one = await phone();
	const woken = one.woken(push());
	await until(() => sockets.length === 1);
	await asks(last(), "RING");
	last().say(message("HTTP/1.1 410 Gone", "", ["Reason: cancelled"]));
	await woken;
	assert.deepEqual([one.call.state, one.call.reason, one.error],
	    ["over", "cancelled", null]);
	assert.equal(one.history[0].kind, "missed");
});

test("answered, it takes the microphone and says its nonce later", async () => {
	const [one, socket] = await talks();
	assert.equal(asked.length, 1);
	assert.equal(one.call.state, "connecting");
	assert.equal(one.call.ourStream.getTracks()[0].enabled, true);
	assert.ok(!socket.sent.join("").includes("rp-nonce"));
	one.call.over();
});

test("of two absences each ends alone", async () => {
	const [{ call }] = await talks();
	const presence = "application/rp-presence";
	const seen = [];
	for (const what of [() => call.info(presence, "away"),
	    () => call.tell("away"), () => call.tell("back"),
	    () => call.info(presence, "back")]) {
		what();
		seen.push(call.away);
	}
	assert.deepEqual(seen, ["peer", "us", "peer", ""]);
});

test("it is silent before ANSWER, and does not wait for the switch's word",
    async () => {
	const [one, socket] = await rung();
	const [talk, before] = [one.call, []];
	talk.seat = async () => before.push(
	    ...talk.ourStream.getTracks().map(({ enabled }) => enabled));
	const answered = one.answer();
	await asks(socket, "ANSWER");
	const [track] = talk.ourStream.getTracks();
	assert.deepEqual([before, track.enabled], [[false], true]);
	socket.say(answer("{}"));
	socket.say(message("HTTP/1.1 410 Gone", "",
	    ["Reason: cancelled"]));
	await assert.rejects(answered);
	assert.deepEqual([talk.state, talk.reason, track.readyState],
	    ["over", "cancelled", "ended"]);
	assert.deepEqual(one.history.map(({ kind, seconds }) => [kind, seconds]),
	    [["missed", 0]]);
});

test("answered before there is a line, it is answered then", async () => {
	const one = await phone();
	const woken = one.woken(push());
	await until(() => one.call?.state === "incoming");
	const answered = one.answer();
	await until(() => sockets.length === 1);
	await asks(last(), "RING");
	last().say(answer(session({ caller: "bob", offer: OFFER })));
	await until(() => last().sent.filter((text) =>
	    text.startsWith("RING")).length === 2);
	last().say(answer("{}"));
	await woken;
	await asks(last(), "ANSWER");
	last().say(answer("{}"));
	last().say(answer("{}"));
	await answered;
	assert.equal(one.call.state, "connecting");
	one.call.over();
});

test("mute is mute", async () => {
	const [one] = await talks();
	const [track] = one.call.ourStream.getTracks();
	one.mute(true);
	assert.deepEqual([track.enabled, one.call.muted], [false, true]);
	one.mute(false);
	assert.equal(track.enabled, true);
	one.call.over();
	assert.equal(track.readyState, "ended");
});

test("without a microphone it goes on ringing, and says why", async () => {
	const [one] = await rung();
	refusal = "NotAllowedError";
	await assert.rejects(one.answer());
	assert.equal(one.error.what, "microphone-denied");
	assert.equal(one.call.state, "incoming");
	one.call.over();
});

test("asked twice, it answers once", async () => {
	const [one, socket] = await rung();
	await Promise.all([one.answer(), one.answer(),
	    asks(socket, "ANSWER").then(() => {
		socket.say(answer("{}"));
		socket.say(answer());
	    })]);
	assert.equal(asked.length, 1);
	assert.equal(socket.sent.filter((text) =>
	    text.startsWith("ANSWER")).length, 1);
	one.call.over();
});

test("too late to be answered, it is over, and nobody listens", async () => {
	const [one, socket] = await rung();
	const answered = one.answer();
	await asks(socket, "ANSWER");
	const [track] = one.call.ourStream.getTracks();
	socket.say(answer("{}"));
	socket.say(message("HTTP/1.1 410 Gone", "",
	    ["Reason: answered-elsewhere"]));
	await assert.rejects(answered);
	assert.deepEqual([one.call.state, one.call.reason, track.readyState],
	    ["over", "answered-elsewhere", "ended"]);
});

test("what comes again after its switch was out of reach rings", async () => {
	const one = await phone();
	const woken = one.woken(push());
	await until(() => sockets.length === 1);
	await asks(last(), "RING");
	last().close();
	await woken;
	assert.deepEqual([one.call.state, one.history[0].kind],
	    ["over", "missed"]);
	one.woken(push());
	await until(() => sockets.length === 2);
	await asks(last(), "RING");
	one.call.over();
});

test("what is cancelled while it begins to ring is no fault", async () => {
	const one = await phone();
	const woken = one.woken(push());
	await until(() => sockets.length === 1);
	await asks(last(), "RING");
	last().say(answer(session({ caller: "bob", offer: OFFER })));
	await until(() => last().sent.filter((text) =>
	    text.startsWith("RING")).length === 2);
	last().say(message(`HANGUP /session/${ID} HTTP/1.1`, "",
	    ["Reason: cancelled"]));
	await woken;
	assert.deepEqual([one.call.state, one.call.reason, one.error],
	    ["over", "cancelled", null]);
});

test("a second call is told busy, and shown", async () => {
	const [one] = await talks();
	const first = one.call;
	const woken = one.woken(push({ sessionId: OTHER, caller: "carol" }));
	await until(() => sockets.length === 2);
	await asks(last(), "BUSY");
	last().say(answer());
	await woken;
	assert.equal(one.second.peer, "carol");
	assert.equal(one.call, first);
	assert.ok(!requests().includes(`RING /session/${OTHER}`));
	assert.equal(one.history[0].reason, "busy");
	one.call.over();
});

test("one in place of a lost call is answered at once", async () => {
	const [one, socket] = await talks();
	const first = one.call;
	socket.close();
	await until(() => first.engine.line.over);
	one.woken(push({ sessionId: OTHER }));
	const line = await asking(`RING /session/${OTHER}`);
	line.say(answer(session({ sessionId: OTHER, caller: "bob",
	    offer: OFFER })));
	await until(() => line.sent.filter((text) =>
	    text.startsWith("RING")).length === 2);
	line.say(answer("{}"));
	await asks(line, "ANSWER");
	assert.deepEqual([first.state, first.reason, one.call.peer],
	    ["over", "dropped", "bob"]);
	one.call.over();
});

test("decline is HANGUP, and so is a page that goes", async () => {
	const [one, socket] = await rung();
	one.decline();
	await asks(socket, "HANGUP");
	assert.equal(one.call.reason, "declined");
	const [other, line] = await talks();
	world.dispatchEvent(Object.assign(new Event("pagehide"),
	    { persisted: false }));
	assert.match(line.sent.at(-1), /^HANGUP /);
	assert.equal(other.call.state, "over");
});

test("a page that goes does not decline what only rings", async () => {
	const [one, socket] = await rung();
	world.dispatchEvent(Object.assign(new Event("pagehide"),
	    { persisted: false }));
	assert.ok(!socket.sent.some((text) => text.startsWith("HANGUP")));
	one.call.over();
});

// The socket that has a request open which begins so.
async function asking(what) {
	let found;
	await until(() => {
		found = sockets.findLast(({ sent, readyState }) =>
		    readyState === 1 && sent.some((one) => one.startsWith(what)));
		return found;
	});
	return found;
}

// It dials bob, and its switch answers so.
async function dials(reply, more) {
	const one = await phone(more);
	const dialled = one.dial("bob");
	dialled.catch(() => {});
	(await asking("INITIATE")).say(reply);
	return [one, dialled];
}

test("a refusal is what the call says", async () => {
	const [one, dialled] = await dials(message("HTTP/1.1 404 Not Found", "",
	    ["Reason: no-subscriber"]));
	await assert.rejects(dialled);
	assert.deepEqual([one.call.state, one.call.reason, one.error.what],
	    ["over", "no-subscriber", "no-subscriber"]);
});

test("nothing is dialled without a microphone, or what is no number",
    async () => {
	const one = await phone();
	await assert.rejects(one.dial("bob\r\nX: y"), { what: "bad-number" });
	await assert.rejects(one.dial("b@evil.example"), { what: "bad-number" });
	refusal = "NotFoundError";
	await assert.rejects(one.dial("bob"));
	assert.equal(one.error.what, "microphone-none");
	assert.deepEqual(requests(), []);
});

test("a switch that drains leaves it to another, if there is one", async () => {
	const [one, dialled] = await dials(message("HTTP/1.1 503 Busy", "",
	    ["Reason: draining"]), { switches: ["za2.example.org:31337"] });
	await until(() => sockets.length > 2);
	(await asking("INITIATE")).say(answer(session()));
	(await asking("GET /switches")).say(answer(
	    '{"switches":["za3.example.org:31337", "e@vil", 7]}'));
	await dialled;
	assert.equal(new Set(sockets.filter(({ sent }) => sent.some((text) =>
	    text.startsWith("INITIATE"))).map(({ url }) => url)).size, 2);
	assert.deepEqual(one.service.listed, ["za3.example.org:31337"]);
	one.call.over();
});

test("both call each other: the call with the lower id is answered", async () => {
	const [one, dialled] = await dials(answer(session({ sessionId: OTHER })));
	await until(() => last().sent.some((text) => text.includes("/switches")));
	last().say(answer("{}"));
	await dialled;
	const mine = last();
	one.woken(push());
	await until(() => last() !== mine);
	await asks(last(), "RING");
	assert.equal(one.call.incoming, false);
	last().say(answer(session({ caller: "bob", offer: OFFER })));
	await asks(mine, "HANGUP");
	assert.match(mine.sent.at(-1), /Reason: glare/);
	await until(() => one.call.incoming);
	one.call.over();
});

test("and not if it is over, because its push was late", async () => {
	const [one, dialled] = await dials(answer(session({ sessionId: OTHER })));
	await until(() => last().sent.some((text) => text.includes("/switches")));
	last().say(answer("{}"));
	await dialled;
	const mine = last();
	const woken = one.woken(push());
	await until(() => last() !== mine);
	await asks(last(), "RING");
	last().say(message("HTTP/1.1 410 Gone", "", ["Reason: cancelled"]));
	await woken;
	assert.ok(!mine.sent.some((text) => text.startsWith("HANGUP")));
	assert.deepEqual([one.call.incoming, one.call.state], [false, "calling"]);
	one.call.over();
});

test("but not before the own id is known, or both would end", async () => {
	const one = await phone();
	const dialled = one.dial("bob");
	const mine = await asking("INITIATE");
	const woken = one.woken(push());
	await settle();
	assert.equal(sockets.length, 1);
	mine.say(answer(session({ sessionId: "0".repeat(32) })));
	await asks(mine, "GET /switches");
	mine.say(answer("{}"));
	await Promise.all([dialled, woken]);
	assert.deepEqual([sockets.length, one.call.incoming, one.call.state],
	    [1, false, "calling"]);
	one.call.over();
});

test("and answered only if it is theirs: a push says what it likes", async () => {
	const [one, dialled] = await dials(answer(session({ sessionId: OTHER })));
	await until(() => last().sent.some((text) => text.includes("/switches")));
	last().say(answer("{}"));
	await dialled;
	const mine = last();
	const woken = one.woken(push());
	await until(() => last() !== mine);
	const socket = last();
	await asks(socket, "RING");
	asked.length = 0;
	for (const n of [2, 3]) {
		socket.say(answer(session({ caller: "mallory", offer: OFFER })));
		await until(() => socket.sent.filter((text) =>
		    text.startsWith("RING")).length === n);
	}
	socket.say(answer("{}"));
	await woken;
	assert.deepEqual([one.call.peer, one.call.verify.peer, one.call.state],
	    ["mallory", "mallory", "incoming"]);
	assert.deepEqual(asked, []);
	one.call.over();
});

test("and that with the higher id is left alone", async () => {
	const [one, dialled] = await dials(answer(session()));
	await until(() => last().sent.some((text) => text.includes("/switches")));
	last().say(answer("{}"));
	await dialled;
	const known = sockets.length;
	await one.woken(push({ sessionId: OTHER }));
	assert.equal(sockets.length, known);
	assert.equal(one.call.incoming, false);
	one.call.over();
});

test("a page that was killed in a call finds it again", async () => {
	const one = await phone({ call: { id: ID, peer: "bob", incoming: true,
	    when: 1, since: 2, home: ["za1.example.org:31338"] } });
	await until(() => sockets.length === 1);
	await asks(last(), "RESUME");
	last().say(answer(session()));
	await asks(last(), "INFO");
	assert.match(last().sent.at(-1), /application\/sdp/);
	assert.equal(one.call.state, "restoring");
	one.call.over();
});

test("where it knows the peer, and alarms nobody for words that are gone",
    async () => {
	const one = await phone({ call: { id: ID, peer: "bob", incoming: true,
	    when: 1, since: 2, home: ["za1.example.org:31338"] } });
	await one.store.pins.put("bob", { hadWords: true, since: Date.now(),
	    fingerprint: Array(32).fill("AB").join(":"), key: null });
	await until(() => sockets.length === 1);
	const socket = last();
	await asks(socket, "RESUME");
	socket.say(answer(session()));
	await asks(socket, "INFO");
	socket.say(answer());
	await until(() => one.call.engine?.talking);
	const { pc } = one.call.engine;
	socket.say(message(`INFO /session/${ID} HTTP/1.1`,
	    `${OFFER.replace("actpass", "active")}m=audio 9 RTP/AVP 0\r\n`,
	    ["Content-Type: application/sdp"]));
	await until(() => pc.did.includes("remote answer"));
	pc.connectionState = "connected";
	await one.call.measure();
	assert.deepEqual([one.call.why, one.call.identity.state,
	    one.call.wordsState], ["", "same", "none"]);
	one.call.over();
});

test("or hears that it is over", async () => {
	const one = await phone({ call: { id: ID, peer: "bob", incoming: true,
	    when: 1, since: 2, home: ["za1.example.org:31338"] } });
	await until(() => sockets.length === 1);
	await asks(last(), "RESUME");
	last().say(message("HTTP/1.1 410 Gone", "", ["Reason: hung-up"]));
	await until(() => one.call.state === "over");
	assert.equal(one.call.reason, "hung-up");
	assert.equal(await one.store.get("call"), undefined);
});

test("also at a switch that knows nobody yet", async () => {
	const one = await phone({ call: { id: ID, peer: "bob", incoming: true,
	    when: 1, since: 2, home: ["za1.example.org:31338"] } });
	await until(() => sockets.length === 1);
	const first = last();
	await asks(first, "RESUME");
	first.say(message("HTTP/1.1 503 Service Unavailable", "",
	    ["Reason: no-directory"]));
	await until(() => sockets.length === 2);
	assert.deepEqual([one.call.state, first.readyState], ["restoring", 3]);
	await asks(last(), "RESUME");
	last().say(answer(session()));
	await asks(last(), "INFO");
	one.call.over();
});

test("if the network is there at once, or a little later", async () => {
	const one = await phone({ call: { id: ID, peer: "bob", incoming: true,
	    when: 1, since: 2, home: ["za1.example.org:31338"] } });
	await until(() => sockets.length === 1);
	await asks(last(), "RESUME");
	last().close();
	await until(() => sockets.length === 2);
	assert.equal(one.call.state, "restoring");
	await asks(last(), "RESUME");
	last().say(answer(session()));
	await asks(last(), "INFO");
	one.call.over();
});

for (const [what, reason, since] of [["its switch has lost", "moved", 0],
    ["has lost its sound", "failed", 1]])
	test(`a call that ${what} is dialled again by its caller`, async () => {
		const [one, dialled] = await dials(answer(session()));
		await until(() => last().sent.some((text) => text.includes("/switches")));
		last().say(answer("{}"));
		await dialled;
		one.call.engine.talk();
		one.call.since = since;
		last().say(message(`HANGUP /session/${ID} HTTP/1.1`, "",
		    [`Reason: ${reason}`]));
		await until(() => sockets.length === 2);
		await asks(last(), "INITIATE");
		assert.deepEqual([one.call.state, one.call.peer], ["calling", "bob"]);
		one.call.over();
	});

test("and again, until somebody listens", async () => {
	const [one, dialled] = await dials(answer(session()));
	await until(() => last().sent.some((text) => text.includes("/switches")));
	last().say(answer("{}"));
	await dialled;
	one.call.engine.talk();
	net.refuses = true;
	last().say(message(`HANGUP /session/${ID} HTTP/1.1`, "",
	    ["Reason: moved"]));
	await until(() => sockets.length === 2);
	await settle();
	net.refuses = false;
	await until(() => sockets.length === 3);
	await asks(last(), "INITIATE");
	assert.deepEqual([one.call.state, one.history.length], ["calling", 1]);
	// Its callee has not found that switch yet.
	last().say(message("HTTP/1.1 409 Conflict", "",
	    ["Reason: unreachable"]));
	await until(() => one.call.state === "over");
	await until(() => one.call.state === "calling");
	one.call.over();
	await assert.rejects((await dials(message("HTTP/1.1 409 Conflict", "",
	    ["Reason: unreachable"])))[1]);
	const known = sockets.length;
	await new Promise((done) => setTimeout(done, 1200));
	assert.equal(sockets.length, known);
});

const STRANGER = { account: undefined, switches: undefined };

test("a guest's first call knows the region's switches", async () => {
	const one = await phone(STRANGER);
	await one.guest("bob", "T0ken");
	const dialled = one.dial("bob");
	(await asking("GET /switches")).say(answer(
	    '{"switches":["za1.example.net:31337"]}'));
	const urls = ["turns:za1.example.net:443?transport=tcp"];
	(await asking("INITIATE")).say(answer(session({ iceServers: [{ urls,
	    username: "u", credential: "c" }],
	    serverName: "za1.example.net" })));
	(await asking("GET /switches")).say(answer("{}"));
	await dialled;
	const { engine } = one.call;
	assert.deepEqual(engine.home, ["za1.example.net:31338"]);
	assert.deepEqual(engine.iceServers[0].urls, urls);
	one.call.over();
});

test("a code is for the switch that sent it, and no line stays", async () => {
	const one = await phone({ ...STRANGER,
	    switches: ["za2.example.org:31337"] });
	const asked = one.askCode("+27 21 555 1001");
	const sender = await asking("POST");
	sender.say(answer('{"keys":true}', "202 Accepted"));
	await asked;
	assert.equal(sender.readyState, 3);
	const known = sockets.length;
	const joined = one.join("+27 21 555 1001", "123456");
	const taker = await asking("PUT");
	assert.deepEqual([sockets.length - known, taker.url],
	    [1, sender.url]);
	taker.say(message("HTTP/1.1 403 Forbidden", "", ["Reason: code"]));
	await assert.rejects(joined);
	assert.deepEqual([one.error.what, one.account, taker.readyState],
	    ["code", null, 3]);
	await assert.rejects(one.askCode("b@b"), { what: "bad-number" });
	assert.equal(sockets.length, known + 1);
});

await done();
process.exit();
