// phone: the engine behind the page. It shows nothing and needs no element.
//
//	export class Phone extends EventTarget	// "change" whenever something did
//	new Phone({ store, config })	// store.js; rp.json
//	  account	// null, { number } or { guest: true, callee }
//	  contacts	// [{ number, name }]
//	  history	// [{ number, when, kind: "in"|"out"|"missed", reason,
//			//   seconds }], the newest first; when in ms
//	  call		// null or { id, peer, incoming, state, since, video, muted,
//			//   reason, why, words: null | [4], wordsState: "none"|
//			//   "new"|"known"|"unsupported"|"missing", identity: null |
//			//   { state: "new"|"same"|"rolled"|"changed"|"expired",
//			//   fingerprint, unsigned }, quality: null | { mos, loss, jitter_ms,
//			//   rtt_ms }, level: 0..1, away: ""|"peer"|"us",
//			//   camera: null (no video) | on, ourStream, theirStream }
//			// state: "calling" "ringing" "incoming" "connecting"
//			//   "talking" "restoring" "over"
//	  second	// null or { peer, when }: told busy while we talked
//	  error		// null or { what, why }: what failed last
//	  microphoneId, speakerId, source	// see media.js
//	  async open(), async close()	// begin and end to be the phone
//	  async askCode(number), async join(number, code), async signOut()
//	  async guest(callee, token)
//	  async dial(number, { video }), async answer({ video })
//	  async decline(), async hangUp()
//	  async woken({ kind, caller, sessionId, serverName, port, expiry })
//	  mute(on), async camera(on), async microphone(id),
//	  async speaker(id)
//	  async confirmWords(same), async forget(number)
//	  async ownDevices()	// [{ id, added, used, self }], times in s or null
//	  async removeDevice(id)
//	  async addContact(number, name), async removeContact(number)
//	  interrupted(why), restored()	// for habits.js
//
// What fails is thrown as an Error with `what` and `why`, and is in error.
import { Account, toNumber, wrong } from "./account.js";
import { choose, chosen, play } from "./media.js";
import { ours, pause } from "./line.js";

const NUMBER = /^[\w+.-]{1,32}$/;
const SESSION = /^[0-9a-f]{32}$/;
const HISTORY = 100;
const CONTACTS = 1000;
const NAME = 64;
const TRIES = 3;
const EXPECTED_MS = 60000;	// for a call in place of a lost one
const AGAIN_MS = 1000;
// What a call in place of a lost one may be told because it is too early.
const EARLY = ["unreachable", "busy", "no-push", "starting", "draining", "full",
    "overloaded", "no-switch"];
const AWAY = ["cancelled", "expired", "moved", "dropped", "unreachable",
    "no-offer", "no-switch", "failed"];

// What a call needs comes once the page is seen. It is asked for at the start, and
// whoever wants it earlier waits.
const calls = () => import("./talk.js");

export class Phone extends EventTarget {
	constructor({ store, config }) {
		super();
		Object.assign(this, { store, config, contacts: [], history: [],
		    call: null, second: null, error: null, source: null,
		    microphoneId: "", speakerId: "", seen: new Set(),
		    expected: null, audio: new Audio(),
		    service: new Account(store, config) });
		this.leaves = ({ persisted }) => persisted || this.leave();
	}
	get account() {
		const { who } = this.service;
		return !who ? null : who.guest ?
		    { guest: true, callee: who.callee } : { number: who.number };
	}
	get isBusy() {
		return this.call !== null && !this.call.isOver;
	}
	changed() {
		this.source = this.call?.source ?? null;
		this.dispatchEvent(new Event("change"));
	}
	// Do it, and keep what fails.
	async tries(work) {
		this.error = null;
		try {
			return await work();
		} catch (error) {
			this.error = { why: error.why ?? error.message,
			    what: error.what ?? error.reason ??
				(error.status === 401 ? "unauthorised" :
				error.message === "closed" ? "closed" :
				typeof error.code === "string" ?
				`microphone-${error.code}` : "failed") };
			throw Object.assign(error, this.error);
		} finally {
			this.changed();
		}
	}

	async open() {
		await this.service.load();
		this.contacts = await this.store.get("contacts") ?? [];
		this.history = await this.store.get("history") ?? [];
		const { microphone, speaker } = await chosen(this.store);
		Object.assign(this, { microphoneId: microphone,
		    speakerId: speaker });
		addEventListener("pagehide", this.leaves);
		this.changed();
		await calls();
		await this.find().catch(() => {});
	}
	// Another page of this browser is the phone from now on.
	async close() {
		removeEventListener("pagehide", this.leaves);
		await this.hangUp();
	}
	// The page goes away: so does a call, but not one that only rings here.
	leave() {
		if (this.isBusy && this.call.state !== "incoming")
			this.call.hangUp();
	}
	// A call that this page was in when it was killed.
	async find() {
		const { Talk } = await calls();
		const kept = await this.store.get("call");
		if (!kept || !this.service.me.number || this.isBusy)
			return;
		const talk = this.begin(new Talk(this, kept));
		if (kept.since)
			talk.changed({ state: "restoring", since: kept.since });
		// The network may come a little later than the page, and so may what
		// the switch needs.
		for (const wait of [1000, 2000, 4000, 8000, 0])
			try {
				return await this.goOn(talk, kept);
			} catch (error) {
				if (error.status < 500 && error.status !== 429 ||
				    talk.engine || !wait)
					return talk.over(error.reason ?? "dropped");
				await pause(wait);
			}
	}
	async goOn(talk, { id, home, since }) {
		const line = await this.service.reach(home);
		try {
			if (since && !talk.isOver)
				return await talk.again(line);
			await line.ask("HANGUP", `/session/${id}`);
		} catch (error) {
			if (!talk.engine)
				line.end();
			throw error;
		}
		line.end();
		talk.over("cancelled");
	}
	async keepCall({ id, peer, incoming, when, engine, isOver }) {
		if (this.service.who?.key && !isOver &&
		    (engine.talking || !incoming))
			await this.store.put("call", { id, peer, incoming, when,
			    home: engine.home, since: engine.talking ?
			    Date.now() : 0 });
	}

	askCode(number) {
		return this.tries(() => this.service.askCode(number));
	}
	join(number, code) {
		return this.tries(() => this.service.join(number, code));
	}
	guest(callee, token) {
		return this.tries(() => this.service.guest(callee, token));
	}
	signOut() {
		return this.tries(async () => {
			await this.hangUp();
			await this.service.signOut();
			Object.assign(this, { contacts: [], history: [],
			    call: null });
		});
	}

	ownDevices() {
		return this.tries(() => this.service.devices());
	}
	removeDevice(id) {
		return this.tries(() => this.service.removeDevice(id));
	}

	begin(talk) {
		this.call = talk;
		this.second = null;
		this.changed();
		return talk;
	}
	dial(text, { video = false, dialUntil = 0 } = {}) {
		return this.tries(async () => {
			const { Talk } = await calls();
			if (this.isBusy)
				throw wrong("busy");
			if (!this.account)
				throw wrong("signed-out");
			const talk = this.begin(new Talk(this, { incoming: false,
			    peer: toNumber(text),
			    video: video && this.config.video === true }));
			talk.dialUntil = dialUntil;
			try {
				await this.place(talk);
			} catch (error) {
				this.expect(error.reason === "glare" && talk.peer);
				this.fails(talk, error);
			}
		});
	}
	// What a call that is over leaves undone is no fault.
	fails(talk, error) {
		if (talk.isOver && !error.status)
			return;
		talk.over(error.reason ?? error.what ?? "failed");
		throw error;
	}
	// The microphone and a switch, side by side. A switch that takes no calls
	// leaves it to another. What it says of a relay is held against the
	// region's list, which a guest does not have at first.
	async place(talk) {
		const opened = talk.open();
		opened.catch(() => {});
		const refused = [];
		for (let left = TRIES; ; left--) {
			const line = await this.lineFor(talk, refused);
			try {
				await Promise.all([opened, this.service.isLearned ||
				    this.service.learn(line)]);
				if (talk.isOver)
					return line.end();
				this.placing = talk.dial(line);
				await this.placing;
				return this.service.learn(line);
			} catch (error) {
				line.end();
				if (error.status !== 503 || left === 1 || talk.isOver)
					throw error;
				refused.push(new URL(line.socket.url).host);
			}
		}
	}
	// In place of a lost call, until somebody listens. Its switch may be the
	// only one, and is begun again.
	async lineFor(talk, refused) {
		for (let wait = 1000; ; wait = Math.min(2 * wait, 8000)) {
			try {
				return await this.service.line(refused);
			} catch (error) {
				if (talk.isOver || Date.now() + wait > talk.dialUntil)
					throw error;
			}
			refused.length = 0;	// by now they may take it
			await pause(wait);
		}
	}
	// A call from them is the one that we wanted: it is answered at once.
	expect(peer) {
		this.expected = peer ? { peer, until: Date.now() + EXPECTED_MS } :
		    null;
	}
	answer({ video = false } = {}) {
		return this.tries(async () => {
			if (this.call?.state === "incoming")
				await this.call.answer({ video: video &&
				    this.config.video === true });
		});
	}
	async decline() {
		if (this.call?.state === "incoming")
			await this.call.hangUp();
	}
	async hangUp() {
		if (this.isBusy)
			await this.call.hangUp();
	}

	// A push, from the worker. It may come more than once, and from anybody who
	// has stolen a directory.
	async woken({ kind, caller, sessionId, serverName, port, reason } = {}) {
		if (!SESSION.test(sessionId) || !this.service.me.number)
			return;
		if (kind === "cancel" && this.call?.id === sessionId &&
		    this.call.state === "incoming")
			this.call.over(reason || "cancelled");
		if (kind !== "call" || this.seen.has(sessionId))
			return;
		this.seen.add(sessionId);
		const peer = NUMBER.test(caller) ? caller : "";
		const { switches, scheme } = this.service;
		await this.tries(() => this.ringing(peer, sessionId, scheme ===
		    "ws" ? switches : ours(serverName, port, switches)))
		    .catch(() => {});
	}
	async ringing(peer, id, home) {
		const { Talk } = await calls().catch((error) => {
			this.seen.delete(id);	// the push may come again
			throw error;
		});
		// Of two calls that meet, ids say which one stands. Ours comes with its
		// answer, and without it both sides would give way.
		if (this.isBusy && !this.call.incoming && !this.call.id)
			await this.placing?.catch(() => {});
		const mine = this.isBusy ? this.call : null;
		const isGlare = mine && !mine.incoming && mine.peer === peer &&
		    ["calling", "ringing"].includes(mine.state);
		if (isGlare && mine.id && mine.id < id)
			return;
		const isLost = mine?.peer === peer && mine.isLost;
		if (mine && !isGlare && !isLost)
			return this.tellBusy(peer, id, home);
		const reached = this.service.reach(home);
		if (isGlare && !await this.meets(id, reached))
			return;
		if (isGlare && !mine.isOver && !["calling", "ringing"].includes(
		    mine.state)) {	// it was answered meanwhile
			(await reached).end();
			return this.tellBusy(peer, id, home);
		}
		// If its switch lives, another device of the caller may be in it.
		if (!mine?.isOver)
			mine?.hangUp(isLost ? "dropped" : "glare");
		const isExpected = isGlare || isLost || this.expected?.peer === peer &&
		    Date.now() < this.expected.until;
		const talk = this.begin(new Talk(this, { peer, id,
		    incoming: true }));
		try {
			await talk.ring(reached);
			this.service.learn(talk.engine.line);
		} catch (error) {
			// The same push may come again, when its switch is in reach.
			if (!error.status)
				this.seen.delete(id);
			// It may be over: then it was missed.
			if (error.status !== 410 && error.status !== 404)
				return this.fails(talk, error);
			return talk.over(error.reason);
		}
		if (isExpected && talk.peer === peer)
			await this.answer({ video: mine?.video });
	}
	// Does a call still ring that meets our own? Its push may be late, and our own
	// goes on then.
	async meets(id, reached) {
		try {
			await (await reached).ask("RING", `/session/${id}`);
			return true;
		} catch (error) {
			if (!error.status)
				this.seen.delete(id);
			(await reached.catch(() => null))?.end();
			return false;
		}
	}
	async tellBusy(peer, id, home) {
		this.second = { peer, when: Date.now() };
		this.note({ number: peer, when: Date.now(), kind: "missed",
		    reason: "busy", seconds: 0 });
		const line = await this.service.reach(home);
		await line.ask("BUSY", `/session/${id}`).catch(() => {});
		line.end();
	}

	// A call is over. If its switch is lost, or its sound, its caller dials
	// again, and its callee expects that.
	ended(talk, hadTalk) {
		const { peer, incoming, when, since, reason } = talk;
		this.store.remove("call").catch(() => {});
		this.audio.srcObject = null;
		this.note({ number: peer, when, reason,
		    kind: !incoming ? "out" : hadTalk || !AWAY.includes(reason) ?
			"in" : "missed",
		    seconds: since ? Math.round((Date.now() - since) / 1000) : 0 });
		const isEarly = EARLY.includes(reason) &&
		    Date.now() < talk.dialUntil;
		const isLost = hadTalk && reason === "moved" ||
		    since && reason === "failed";
		if (isLost && incoming)
			this.expect(peer);
		else if (isLost)
			this.dialAgain(talk, Date.now() + EXPECTED_MS);
		else if (isEarly)
			pause(AGAIN_MS).then(() => this.call === talk &&
			    this.dialAgain(talk, talk.dialUntil));
	}
	dialAgain({ peer, video }, dialUntil) {
		this.dial(peer, { video, dialUntil }).catch(() => {});
	}
	note(entry) {
		this.history = [entry, ...this.history].slice(0, HISTORY);
		if (this.service.who?.key)
			this.store.put("history", this.history).catch(() => {});
		this.changed();
	}

	mute(on) {
		this.call?.mute(on);
	}
	camera(on) {
		return this.tries(async () => {
			await this.call?.film(on);
		});
	}
	play(stream) {
		play(this.audio, stream, this.speakerId).catch(() => {});
	}
	microphone(id) {
		return this.tries(async () => {
			this.microphoneId = id;
			await choose(this.store, { microphone: id });
			await this.source?.use(id);
		});
	}
	speaker(id) {
		return this.tries(async () => {
			this.speakerId = id;
			await choose(this.store, { speaker: id });
			await play(this.audio, this.audio.srcObject, id);
		});
	}
	async confirmWords(same) {
		const talk = this.call;
		await talk?.verify.confirm(same);
		if (!same)
			await talk?.hangUp("identity");
	}
	// Somebody has told us that they are another by now.
	async forget(number) {
		const { forget } = await import("./identity.js");
		await forget(this.store, number);
	}

	addContact(text, name) {
		return this.tries(async () => {
			const number = toNumber(text);
			await this.keepContacts([...this.contacts.filter((one) =>
			    one.number !== number), { number,
			    name: String(name).slice(0, NAME) }]);
		});
	}
	removeContact(number) {
		return this.tries(() => this.keepContacts(this.contacts.filter(
		    (one) => one.number !== number)));
	}
	async keepContacts(contacts) {
		this.contacts = contacts.slice(-CONTACTS).sort((a, b) =>
		    a.name.localeCompare(b.name));
		await this.store.put("contacts", this.contacts);
	}

	// The system has taken the page's sound or time, and gives it back.
	interrupted() {
		this.call?.tell("away");
	}
	restored() {
		this.call?.tell("back");
		return this.call?.wake();
	}
}
