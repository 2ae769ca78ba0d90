// What phones do to a page in mid-call, and what a page can do about it. The
// screen stays on. The system's own controls hang up and mute. When it takes the
// microphone or freezes the page, both sides are told, and coming back restores
// the sound at once. docs/web-devices.md says what was not tried on a device.

import { clean } from "./ui-text.js";

const CALL = new Set(["talking", "restoring"]);
const SILENCE_S = 10;		// shorter sounds get no controls of the system
const SAMPLES_PER_S = 8000;
const TICK_MS = 1000;
const SLEPT_MS = 5000;		// a hidden page's timers may be late by a second

// Call what a browser may lack, or refuse.
function attempt(what) {
	try {
		const result = what();
		result?.catch?.(() => {});
		return result;
	} catch {
		return undefined;
	}
}

// The screen stays on while it is wanted. A hidden page loses the lock.
export class WakeLock {
	constructor({ navigator, document }) {
		Object.assign(this, { navigator, document, wanted: false });
	}
	async want(wanted) {
		this.wanted = wanted;
		if (wanted)
			await this.take();
		else
			await this.drop();
	}
	async take() {
		if (!this.wanted || this.asking || this.held ||
		    this.document.visibilityState !== "visible")
			return;
		this.asking = true;
		const held = await attempt(() => this.navigator.wakeLock
		    ?.request("screen"))?.catch?.(() => undefined);
		this.asking = false;
		this.held = held;
		held?.addEventListener("release", () => {
			if (this.held !== held)
				return;
			this.held = undefined;
			// One that was lost while the page was frozen says so
			// only after that.
			this.take();
		});
		// The call may have ended meanwhile.
		if (!this.wanted)
			await this.drop();
	}
	async drop() {
		const held = this.held;
		this.held = undefined;
		await attempt(() => held?.release())?.catch?.(() => {});
	}
}

// Ten seconds of silence as a WAV file: 8 bits, of which 128 is the middle.
function silence() {
	const length = SILENCE_S * SAMPLES_PER_S;
	const file = new DataView(new ArrayBuffer(44 + length));
	const text = (at, word) => [...word].forEach((one, i) =>
	    file.setUint8(at + i, one.charCodeAt(0)));
	text(0, "RIFF");
	file.setUint32(4, 36 + length, true);
	text(8, "WAVEfmt ");
	file.setUint32(16, 16, true);
	file.setUint16(20, 1, true);		// PCM
	file.setUint16(22, 1, true);		// one channel
	file.setUint32(24, SAMPLES_PER_S, true);
	file.setUint32(28, SAMPLES_PER_S, true);
	file.setUint16(32, 1, true);
	file.setUint16(34, 8, true);
	text(36, "data");
	file.setUint32(40, length, true);
	new Uint8Array(file.buffer, 44).fill(128);
	return new Blob([file.buffer], { type: "audio/wav" });
}

// A sound that plays all the time: systems keep such a page longer, and show
// their controls for it. A call's own stream does not count everywhere.
export class Hum {
	constructor({ document, URL }) {
		Object.assign(this, { document, URL });
	}
	start() {
		if (!this.element) {
			this.url = this.URL.createObjectURL(silence());
			this.element = this.document.createElement("audio");
			this.element.loop = true;
			this.element.src = this.url;
		}
		if (this.element.paused)
			attempt(() => this.element.play());
	}
	stop() {
		if (!this.element)
			return;
		this.element.pause();
		this.element.removeAttribute("src");
		this.element.load();
		this.URL.revokeObjectURL(this.url);
		this.element = undefined;
	}
}

// The controls of the system: a notification, a lock screen, a headset's button.
// Each is set alone, because browsers lack some.
export class Controls {
	constructor(phone, { navigator, MediaMetadata }, again) {
		Object.assign(this, { phone, session: navigator.mediaSession,
		    MediaMetadata, isOn: false });
		this.actions = {
			hangup: () => phone.hangUp(),
			stop: () => phone.hangUp(),
			togglemicrophone: () => phone.mute(!phone.call?.muted),
			// A call has no pause: what plays goes on.
			play: again, pause: again
		};
		if (phone.camera)
			this.actions.togglecamera = () =>
			    phone.camera(!phone.call?.video);
	}
	show({ peer, muted, video }) {
		if (!this.session)
			return;
		if (!this.isOn)
			this.handle(true);
		const name = this.phone.contacts?.find(({ number }) =>
		    number === peer)?.name ?? peer;
		if (this.title !== name)
			attempt(() => {
				this.session.metadata = new this.MediaMetadata(
				    { title: clean(name), artist: "rp" });
			});
		this.title = name;
		attempt(() => { this.session.playbackState = "playing"; });
		attempt(() => this.session.setMicrophoneActive(!muted));
		attempt(() => this.session.setCameraActive(Boolean(video)));
	}
	handle(isOn) {
		this.isOn = isOn;
		for (const [name, action] of Object.entries(this.actions))
			attempt(() => this.session.setActionHandler(name,
			    isOn ? () => attempt(action) : null));
	}
	hide() {
		if (!this.isOn)
			return;
		this.handle(false);
		this.title = undefined;
		attempt(() => { this.session.metadata = null; });
		attempt(() => { this.session.playbackState = "none"; });
		attempt(() => this.session.setMicrophoneActive(false));
	}
}

// Why we are away, of several reasons at once. The phone hears of the first and
// of the end of the last.
export class Absence {
	constructor(phone) {
		this.phone = phone;
		this.reasons = new Set();
	}
	begin(why) {
		if (!CALL.has(this.phone.call?.state) || this.reasons.has(why))
			return;
		this.reasons.add(why);
		if (this.reasons.size === 1)
			attempt(() => this.phone.interrupted(why));
	}
	// Return whether that was the last reason.
	end(...whys) {
		const before = this.reasons.size;
		whys.forEach((why) => this.reasons.delete(why));
		if (before === 0 || this.reasons.size > 0)
			return false;
		attempt(() => this.phone.restored());
		return true;
	}
	forget() {
		this.reasons.clear();
	}
}

class Habits {
	constructor(phone, world) {
		Object.assign(this, { phone, world, undo: [], isOn: false });
		this.absence = new Absence(phone);
		this.lock = new WakeLock(world);
		this.hum = new Hum(world);
		this.controls = new Controls(phone, world,
		    () => this.sound());
		this.listen();
	}
	on(target, name, done) {
		if (!target?.addEventListener)
			return;
		target.addEventListener(name, done);
		this.undo.push(() => target.removeEventListener(name, done));
	}
	listen() {
		const { document, navigator } = this.world;
		this.on(this.phone, "change", () => this.follow());
		this.on(document, "freeze", () => this.absence.begin("frozen"));
		this.on(document, "resume", () => this.comeBack("frozen"));
		// A page that is kept aside, whole, for the way back to it.
		this.on(this.world, "pagehide", ({ persisted }) =>
		    persisted && this.absence.begin("frozen"));
		this.on(this.world, "pageshow", ({ persisted }) =>
		    persisted && this.comeBack("frozen"));
		this.on(document, "visibilitychange", () =>
		    document.visibilityState === "visible" &&
		    this.comeBack("frozen"));
		this.on(this.world, "offline", () =>
		    this.absence.begin("offline"));
		this.on(this.world, "online", () => this.moved());
		// It changes with each estimate of the speed, too.
		this.way = navigator.connection?.type;
		this.on(navigator.connection, "change", () => {
			const { type } = navigator.connection;
			const isOther = type !== this.way;
			this.way = type;
			if (isOther && type !== "none")
				this.moved();
		});
	}
	// The call has changed.
	follow() {
		const { call } = this.phone;
		const isOn = CALL.has(call?.state);
		if (isOn)
			this.controls.show(call);
		if (isOn)
			this.watch();
		if (isOn === this.isOn)
			return;
		this.isOn = isOn;
		if (isOn)
			this.begin();
		else
			this.end();
	}
	begin() {
		this.lock.want(true);
		this.hum.start();
		this.seen = Date.now();
		this.tick = this.world.setInterval(() => this.look(), TICK_MS);
	}
	end() {
		this.world.clearInterval(this.tick);
		this.lock.want(false);
		this.hum.stop();
		this.controls.hide();
		this.absence.forget();
		this.source = undefined;
		this.isSuspect = false;
	}
	// The microphone of the call; media.js replaces its track.
	watch() {
		const { source } = this.phone;
		if (!source || source === this.source)
			return;
		this.source = source;
		source.addEventListener("change", ({ what }) =>
		    source === this.source && this.heard(what));
		if (source.isMuted)
			this.heard("muted");
	}
	heard(what) {
		if (what === "muted" || what === "gone") {
			this.isSuspect = true;
			this.absence.begin("muted");
		} else if (what === "unmuted")
			this.comeBack();
		else if (what === "replaced" && !this.source.isMuted) {
			this.isSuspect = false;
			this.absence.end("muted");
		}
	}
	// A page that slept without a word finds that its clock has leapt.
	look() {
		const now = Date.now();
		const slept = now - this.seen > SLEPT_MS;
		this.seen = now;
		if (slept)
			this.moved();
	}
	// We run again. What a phone has taken does not always come back by
	// itself, nor say so: after an interruption the microphone is opened anew.
	comeBack(...whys) {
		if (!this.isOn)
			return;
		this.lock.take();
		this.sound();
		const isSuspect = this.isSuspect || this.absence.reasons.size > 0;
		if (this.absence.reasons.has("muted") && !this.source?.isMuted)
			whys.push("muted");
		this.absence.end(...whys);
		if (isSuspect)
			this.refresh();
	}
	// A page that is frozen has its players paused, and they stay so.
	sound() {
		const { audio } = this.phone;
		if (audio?.srcObject && audio.paused)
			attempt(() => audio.play());
		this.hum.start();
	}
	async refresh() {
		this.isSuspect = false;
		try {
			await this.source?.reopen();
		} catch {
			// It stays as it was, and the next time is another try.
			this.isSuspect = true;
		}
	}
	// Another network, or an end of a sleep: what we had may be dead, and no
	// timer has to tell.
	moved() {
		if (!this.isOn || this.absence.end("offline"))
			return;
		if (this.absence.reasons.size === 0)
			attempt(() => this.phone.restored());
	}
	stop() {
		this.undo.forEach((undo) => undo());
		this.end();
	}
}

// Attend a phone from now on. Returns a function that ends it.
export function attend(phone, world = globalThis) {
	const habits = new Habits(phone, world);
	habits.follow();
	return () => habits.stop();
}
