// The page's habits, and its microphone, in a browser that is made up.
//
//	node habits.mjs JS-FOLDER
import { assert, done, test } from "./tap.mjs";

const [folder] = process.argv.slice(2);
const turn = () => new Promise((done) => setImmediate(done));

// All that the modules touch of a browser; `log` has what was done to it.
class Track extends EventTarget {
	constructor(label, kind = "audio") {
		super();
		Object.assign(this, { label, kind, enabled: true, muted: false,
		    readyState: "live" });
	}
	getSettings() {
		return { deviceId: this.label };
	}
	stop() {
		this.readyState = "ended";
	}
	fire(name) {
		this.muted = name === "mute";
		if (name === "ended")
			this.readyState = "ended";
		this.dispatchEvent(new Event(name));
	}
}

class Stream {
	constructor(tracks) {
		this.tracks = tracks;
	}
	getTracks() {
		return [...this.tracks];
	}
	getAudioTracks() {
		return this.tracks.filter(({ kind }) => kind === "audio");
	}
	addTrack(track) {
		this.tracks.push(track);
	}
	removeTrack(track) {
		this.tracks = this.tracks.filter((one) => one !== track);
	}
}

class Devices extends EventTarget {
	constructor(...names) {
		super();
		Object.assign(this, { names, asked: [], opened: [] });
	}
	async enumerateDevices() {
		return this.names.map((deviceId) =>
		    ({ kind: "audioinput", deviceId, label: deviceId }));
	}
	async getUserMedia(wanted) {
		this.asked.push(wanted);
		this.opens?.();
		const failure = this.fails?.(wanted);
		if (failure)
			throw Object.assign(new Error("no"), { name: failure });
		const id = wanted.audio.deviceId?.exact;
		if (id && !this.names.includes(id))
			throw Object.assign(new Error("no"),
			    { name: "OverconstrainedError" });
		const audio = new Track(id || this.names[0]);
		this.opened.push(audio);
		return new Stream([audio, ...wanted.video ?
		    [new Track("camera", "video")] : []]);
	}
}

const devices = new Devices("built-in", "headset");
Object.defineProperty(globalThis, "navigator",
    { value: { mediaDevices: devices }, configurable: true });
const media = await import(`${folder}/media.js`);
const { attend } = await import(`${folder}/habits.js`);

function plugged(...names) {
	devices.names = names;
	devices.asked = [];
	devices.opened = [];
	devices.fails = devices.opens = undefined;
}

// A Source on a microphone, a sender of its track, and what it says.
async function source(id) {
	const stream = await media.microphone({ id });
	const sender = { track: stream.getAudioTracks()[0],
	    async replaceTrack(track) { this.track = track; } };
	const one = new media.Source(stream, { id, senders: () => [sender] });
	one.said = [];
	one.addEventListener("change", ({ what, label }) =>
	    one.said.push(`${what} ${label}`));
	await turn();
	return Object.assign(one, { sender });
}

test("a microphone without echo, noise or a video", async () => {
	plugged("built-in");
	await media.microphone();
	const [{ audio, video }] = devices.asked;
	assert.equal(video, false);
	assert.ok(audio.echoCancellation && audio.noiseSuppression &&
	    audio.autoGainControl);
});

test("a video when it is asked for; without a camera, sound alone", async () => {
	plugged("built-in");
	const stream = await media.microphone({ video: true });
	assert.equal(stream.getTracks().length, 2);
	devices.fails = ({ video }) => video && "NotFoundError";
	assert.equal((await media.microphone({ video: true }))
	    .getTracks().length, 1);
	devices.fails = () => "NotAllowedError";
	devices.asked = [];
	await assert.rejects(media.microphone({ video: true }),
	    { code: "denied" });
	assert.equal(devices.asked.length, 1, "who said no is not asked again");
});

test("a chosen device that is not there: the default one", async () => {
	plugged("built-in");
	const label = async (wanted) => (await media.microphone(wanted))
	    .getTracks().map((one) => one.label).join(" ");
	assert.equal(await label({ id: "built-in" }), "built-in");
	assert.equal(await label({ id: "headset" }), "built-in");
	assert.equal(await label({ id: "headset", video: true }),
	    "built-in camera");
	devices.fails = ({ video }) => video && "NotFoundError";
	devices.names.push("headset");
	assert.equal(await label({ id: "headset", video: true }), "headset",
	    "no camera costs no microphone");
});

test("what fails has a code", async () => {
	for (const [name, code] of [["NotAllowedError", "denied"],
	    ["SecurityError", "denied"], ["NotFoundError", "none"],
	    ["OverconstrainedError", "none"], ["NotReadableError", "busy"],
	    ["AbortError", "busy"], ["TypeError", "busy"]]) {
		devices.fails = () => name;
		await assert.rejects(media.microphone(), { code });
	}
	assert.equal(media.failure(new TypeError("undefined")).code, "denied");
});

test("the chosen devices are kept", async () => {
	const kept = new Map();
	const store = { get: async (name) => kept.get(name),
	    put: async (name, value) => kept.set(name, value) };
	assert.deepEqual(await media.chosen(store),
	    { microphone: "", speaker: "" });
	await media.choose(store, { microphone: "headset" });
	await media.choose(store, { speaker: "s" });
	assert.deepEqual(await media.chosen(store),
	    { microphone: "headset", speaker: "s" });
	assert.deepEqual(await media.chosen({ get: () => Promise.reject() }),
	    { microphone: "", speaker: "" });
});

test("a microphone that is unplugged: the default one goes on", async () => {
	plugged("built-in", "headset");
	const one = await source("headset");
	const old = one.track;
	assert.equal(old.label, "headset");
	old.enabled = false;
	plugged("built-in");
	old.fire("ended");
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	await turn();
	assert.deepEqual(one.said, ["replaced built-in"]);
	assert.equal(devices.asked.length, 1, "once");
	assert.equal(one.sender.track.label, "built-in");
	assert.deepEqual(one.stream.getAudioTracks(), [one.sender.track]);
	assert.equal(one.sender.track.enabled, false, "muted as before");
	one.stop();
});

test("so does it where the browser ends no track", async () => {
	plugged("built-in", "headset");
	const one = await source("headset");
	devices.names = ["built-in"];
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	await turn();
	assert.deepEqual(one.said, ["replaced built-in"]);
	assert.equal(one.id, "");
	one.stop();
});

test("another device that comes or goes changes nothing", async () => {
	plugged("built-in", "headset");
	const one = await source("built-in");
	devices.names = ["built-in"];
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	assert.deepEqual(one.said, []);
	one.stop();
});

test("one that falls silent while another is opened is not taken away", async () => {
	plugged("built-in");
	const one = await source();
	devices.opens = () => one.track.fire("mute");
	await one.reopen();
	assert.deepEqual(one.said, ["replaced built-in"]);
	devices.fails = () => "NotReadableError";
	await assert.rejects(one.reopen());
	assert.deepEqual(one.said, ["replaced built-in", "muted built-in"],
	    "unless the other does not open");
	one.stop();
});

test("none is left: it says so, and takes the next one", async () => {
	plugged("built-in");
	const one = await source();
	devices.fails = () => "NotFoundError";
	one.track.fire("ended");
	await turn();
	assert.deepEqual(one.said, ["gone built-in"]);
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	assert.deepEqual(one.said, ["gone built-in"], "once");
	plugged("other");
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	await turn();
	assert.deepEqual(one.said, ["gone built-in", "replaced other"]);
	one.stop();
});

test("after the call nothing records, and nothing is opened", async () => {
	plugged("built-in", "headset");
	const one = await source();
	const late = one.use("headset");
	await null;		// it is being opened
	await null;
	one.stop();
	await late;
	assert.ok(devices.opened.every(({ readyState }) =>
	    readyState === "ended"));
	devices.asked = [];
	devices.dispatchEvent(new Event("devicechange"));
	await turn();
	assert.deepEqual(devices.asked, []);
});

test("a level is 0 for silence and 1 for the loudest", () => {
	assert.equal(media.loudness(new Float32Array(9)), 0);
	assert.equal(media.loudness([]), 0);
	assert.equal(media.loudness([1, -1]), 1);
	const speech = media.loudness([0.05, -0.05]);
	assert.ok(speech > 0.4 && speech < 0.7, String(speech));
	assert.ok(media.loudness([NaN]) === 0);
});

test("a loudspeaker that is gone: the default one plays", async () => {
	const element = { sinkId: "", play: async () => {},
	    async setSinkId(id) {
		if (id === "gone")
			throw new Error("NotFoundError");
		this.sinkId = id;
	    } };
	assert.equal(await media.play(element, {}, "s"), "s");
	assert.equal(await media.play(element, {}, "gone"), "");
	assert.equal(element.sinkId, "");
	assert.equal(await media.play({ play: async () => {} }, {}, "s"), "",
	    "so does a browser that has no choice");
});

// A world of one page, and a phone whose log is kept.
function page(change = {}) {
	const log = [];
	const world = Object.assign(new EventTarget(), {
		document: Object.assign(new EventTarget(), {
			visibilityState: "visible",
			createElement: () => ({ paused: true,
				async play() {
					this.paused = false;
					log.push("hum");
				},
				pause() {
					this.paused = true;
					log.push("no hum");
				},
				load() {}, removeAttribute() {} })
		}),
		URL: { createObjectURL: () => "blob:", revokeObjectURL() {} },
		MediaMetadata: class {
			constructor(what) {
				Object.assign(this, what);
			}
		},
		setInterval: (tick) => {
			world.tick = tick;
			return 1;
		},
		clearInterval: () => { world.tick = undefined; },
		locks: [],
		navigator: {
			wakeLock: { async request(kind) {
				const lock = Object.assign(new EventTarget(),
				    { async release() {
					log.push("unlock");
					this.dispatchEvent(new Event("release"));
				    } });
				log.push(`lock ${kind}`);
				world.locks.push(lock);
				return lock;
			} },
			mediaSession: {
				actions: {},
				setActionHandler(name, action) {
					if (world.lacks?.includes(name))
						throw new TypeError(name);
					this.actions[name] = action;
				},
				setMicrophoneActive(on) {
					this.microphone = on;
				}
			},
			connection: Object.assign(new EventTarget(),
			    { type: "wifi" })
		}
	}, change);
	const phone = Object.assign(new EventTarget(), {
		call: null,
		interrupted: (why) => log.push(`interrupted ${why}`),
		restored: () => log.push("restored"),
		hangUp: () => log.push("hangUp"),
		mute: (on) => log.push(`mute ${on}`),
		become(state, more = {}) {
			this.call = state && { peer: "bob", muted: false,
			    state, ...more };
			this.dispatchEvent(new Event("change"));
		}
	});
	const stop = attend(phone, world);
	return { log, world, phone, stop,
	    fire: (target, name, what = {}) => target.dispatchEvent(
	    Object.assign(new Event(name), what)),
	    see(state) {
		world.document.visibilityState = state;
		world.document.dispatchEvent(new Event("visibilitychange"));
	    } };
}

async function talking(change) {
	const one = page(change);
	one.phone.become("talking");
	await turn();
	one.log.length = 0;
	return one;
}

test("a call takes the screen and a sound, and gives them back", async () => {
	const { phone, log, world } = page();
	phone.become("ringing");
	phone.become("connecting");
	await turn();
	assert.deepEqual(log, [], "not before it is answered");
	phone.become("talking");
	await turn();
	assert.deepEqual(log, ["lock screen", "hum"]);
	phone.become("talking", { muted: true });
	phone.become("restoring");
	await turn();
	assert.deepEqual(log, ["lock screen", "hum"], "once");
	phone.become("over");
	await turn();
	assert.deepEqual(log.slice(2).sort(), ["no hum", "unlock"]);
	assert.equal(world.tick, undefined);
	phone.become(null);
	await turn();
	assert.equal(log.length, 4);
});

test("a lock that comes when the call is over is given back", async () => {
	const { phone, log } = page();
	phone.become("talking");
	phone.become("over");
	await turn();
	assert.equal(log.filter((one) => one === "unlock").length, 1);
});

test("a hidden page loses the lock, and takes it again when seen", async () => {
	const { log, world, see } = await talking();
	see("hidden");
	world.locks[0].dispatchEvent(new Event("release"));
	assert.deepEqual(log, []);
	see("visible");
	await turn();
	assert.deepEqual(log, ["lock screen"]);
});

test("one that is lost late, when the page is seen again, is taken anew", async () => {
	const { log, world } = await talking();
	world.locks[0].dispatchEvent(new Event("release"));
	await turn();
	assert.deepEqual(log, ["lock screen"]);
});

test("the system's controls hang up and mute", async () => {
	const { phone, log, world } = await talking();
	const session = world.navigator.mediaSession;
	session.actions.hangup();
	session.actions.togglemicrophone();
	phone.become("talking", { muted: true });
	session.actions.togglemicrophone();
	assert.deepEqual(log, ["hangUp", "mute true", "mute false"]);
	assert.equal(session.microphone, false);
	assert.equal(session.metadata.title, "bob");
	assert.equal(session.playbackState, "playing");
	phone.become("over");
	assert.equal(session.actions.hangup, null);
	assert.equal(session.metadata, null);
	assert.equal(session.playbackState, "none");
});

test("a control that the browser lacks costs no other", async () => {
	const { world, log } = await talking({ lacks: ["hangup"] });
	world.navigator.mediaSession.actions.togglemicrophone();
	assert.deepEqual(log, ["mute true"]);
});

test("a browser that has nothing of all that is content", async () => {
	const { phone, log } = page({ navigator: {} });
	phone.become("talking");
	await turn();
	phone.become("over");
	assert.deepEqual(log, ["hum", "no hum"]);
});

test("a name is shown as text: bounded, without control characters", async () => {
	const { phone, world } = await talking();
	const title = (peer) => {
		phone.become("talking", { peer });
		return world.navigator.mediaSession.metadata.title;
	};
	assert.equal(title("a\u202eb\u200bc\n<b>"), "a\ufffdb\ufffdc\ufffd<b>");
	assert.equal([...title("x".repeat(1000))].length, 64);
});

test("a page that is frozen says so before, and restores at once", async () => {
	const { log, world, fire, see } = await talking();
	see("hidden");
	fire(world.document, "freeze");
	assert.deepEqual(log, ["interrupted frozen"]);
	fire(world.document, "resume");
	see("visible");
	assert.deepEqual(log, ["interrupted frozen", "restored"]);
});

test("it plays again what the freeze has paused", async () => {
	const { phone, log, world, fire } = await talking();
	phone.audio = { srcObject: {}, paused: true,
	    play: async () => log.push("plays") };
	fire(world.document, "freeze");
	fire(world.document, "resume");
	assert.ok(log.includes("plays"), log.join());
});

test("so does one that is kept aside", async () => {
	const { log, world, fire } = await talking();
	fire(world, "pagehide", { persisted: false });
	assert.deepEqual(log, []);
	fire(world, "pagehide", { persisted: true });
	fire(world, "pageshow", { persisted: true });
	assert.deepEqual(log, ["interrupted frozen", "restored"]);
});

test("without a call nobody is told", () => {
	const { log, world, fire, phone } = page();
	fire(world.document, "freeze");
	fire(world, "offline");
	phone.become("ringing");
	fire(world.document, "freeze");
	fire(world.document, "resume");
	assert.deepEqual(log, []);
});

async function withSource() {
	plugged("built-in");
	const one = await talking();
	one.phone.source = await source();
	one.phone.become("talking");
	devices.asked = [];
	return one;
}

test("a microphone that the system takes, and gives back", async () => {
	const { log, phone } = await withSource();
	const first = phone.source.track;
	first.fire("mute");
	assert.deepEqual(log, ["interrupted muted"]);
	first.fire("unmute");
	assert.deepEqual(log, ["interrupted muted", "restored"]);
	await turn();
	assert.notEqual(phone.source.track, first,
	    "and is opened anew, because it may be dead");
	assert.equal(first.readyState, "ended");
	assert.deepEqual(log, ["interrupted muted", "restored"], "once");
	phone.source.stop();
});

test("one that stays muted is opened anew when the page is seen", async () => {
	const { log, phone, see } = await withSource();
	see("hidden");
	phone.source.track.fire("mute");
	see("visible");
	assert.deepEqual(log, ["interrupted muted"], "not restored yet");
	await turn();
	await turn();
	assert.deepEqual(log, ["interrupted muted", "restored"]);
	assert.equal(devices.asked.length, 1);
	phone.source.stop();
});

test("one that is taken by another for now is tried again", async () => {
	const { log, phone, see } = await withSource();
	phone.source.track.fire("mute");
	devices.fails = () => "NotReadableError";
	see("visible");
	await turn();
	await turn();
	assert.deepEqual(log, ["interrupted muted"]);
	devices.fails = undefined;
	see("visible");
	await turn();
	await turn();
	assert.deepEqual(log, ["interrupted muted", "restored"]);
	phone.source.stop();
});

test("frozen and muted: told once, restored when both are over", async () => {
	const { log, world, fire, phone } = await withSource();
	phone.source.track.fire("mute");
	fire(world.document, "freeze");
	assert.deepEqual(log, ["interrupted muted"]);
	devices.fails = () => "NotReadableError";
	fire(world.document, "resume");
	await turn();
	await turn();
	assert.deepEqual(log, ["interrupted muted"]);
	devices.fails = undefined;
	phone.source.track.fire("unmute");
	assert.deepEqual(log, ["interrupted muted", "restored"]);
	phone.source.stop();
});

test("the network goes and comes", async () => {
	const { log, world, fire } = await talking();
	fire(world, "offline");
	fire(world, "online");
	assert.deepEqual(log, ["interrupted offline", "restored"]);
});

test("another network restores at once, another speed does not", async () => {
	const { log, world, fire } = await talking();
	const { connection } = world.navigator;
	fire(connection, "change");
	assert.deepEqual(log, []);
	connection.type = "cellular";
	fire(connection, "change");
	assert.deepEqual(log, ["restored"]);
	connection.type = "none";
	fire(connection, "change");
	assert.deepEqual(log, ["restored"]);
});

test("a clock that has leapt tells of a sleep without a word", async () => {
	const { log, world } = await talking();
	const { now } = Date;
	try {
		world.tick();
		Date.now = () => now() + 60000;
		world.tick();
		world.tick();
	} finally {
		Date.now = now;
	}
	assert.deepEqual(log, ["restored"]);
});

test("so does a page that is seen again, at once, and both tell once", async () => {
	const { log, world, fire, see } = await talking();
	const { now } = Date;
	const restored = () => log.filter((one) => one === "restored").length;
	try {
		see("hidden");
		Date.now = () => now() + 60000;
		see("visible");
		assert.equal(restored(), 1, "before its next tick");
		world.tick();
		assert.equal(restored(), 1);
		fire(world.document, "freeze");
		Date.now = () => now() + 120000;
		fire(world.document, "resume");
		see("visible");
		world.tick();
		assert.equal(restored(), 2);
	} finally {
		Date.now = now;
	}
});

test("when it is no longer attended, nothing is heard", async () => {
	const { log, world, fire, stop } = await talking();
	stop();
	await turn();
	log.length = 0;
	fire(world.document, "freeze");
	fire(world, "offline");
	assert.deepEqual(log, []);
});

await done();
