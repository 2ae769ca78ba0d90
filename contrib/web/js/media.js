// The microphone, the camera if it is asked for, the loudspeaker, and how loud
// we are.

const SOUND = {
	echoCancellation: true, noiseSuppression: true, autoGainControl: true,
	channelCount: { ideal: 1 }
};
const PICTURE = {
	facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 },
	frameRate: { ideal: 24 }
};
const LEVEL_MS = 100;
const LOOK_MS = 2000;		// for devices that go without a word
const QUIET_DB = -60;		// shown as no level at all

// What the browsers say, in the words of this page.
const CODES = {
	NotAllowedError: "denied", SecurityError: "denied",
	NotFoundError: "none", OverconstrainedError: "none",
	NotReadableError: "busy", AbortError: "busy"
};

// An Error with a code: "denied", "none" or "busy".
export function failure(error) {
	const found = CODES[error?.name] ??
	    // Only a page of https: or of loopback has devices at all.
	    (error instanceof TypeError ? "denied" : "busy");
	return Object.assign(new Error(String(error?.message ?? error),
	    { cause: error }), { code: found });
}

async function ask(wanted) {
	try {
		return await navigator.mediaDevices.getUserMedia(wanted);
	} catch (error) {
		throw failure(error);
	}
}

// A stream of the microphone with this id, or of the default one if that is not
// there, and of the camera if video is true. Who has no camera is still heard.
export async function microphone({ id, video = false } = {}) {
	try {
		return await ask({
			// To some, an ideal device is no more than a hint.
			audio: id ? { ...SOUND, deviceId: { exact: id } } : SOUND,
			video: video ? PICTURE : false });
	} catch (error) {
		if (id && error.cause.name === "OverconstrainedError")
			return microphone({ video });
		if (video && error.code !== "denied")
			return microphone({ id });
		if (id && error.code === "none")
			return microphone();
		throw error;
	}
}

// { microphones, speakers }, each [{ id, label }]. Before the permission to use
// the microphone, browsers tell of neither.
export async function devices() {
	const all = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
	const of = (kind) => all.filter((one) =>
	    one.kind === kind && one.deviceId)
	    .map((one) => ({ id: one.deviceId, label: one.label }));
	return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

export const canChooseSpeaker = () =>
    "setSinkId" in (globalThis.HTMLMediaElement?.prototype ?? {});

// The next touch plays what the browser would not play without one.
function playAtTouch(element) {
	const events = ["pointerdown", "keydown"];
	const again = () => {
		events.forEach((name) =>
		    document.removeEventListener(name, again, true));
		if (element.srcObject)
			element.play().catch(() => {});
	};
	events.forEach((name) => document.addEventListener(name, again, true));
}

// Play a stream, by the speaker with this id if it is there. Returns the id of
// the one that plays: "" is the default.
export async function play(element, stream, speakerId = "") {
	if (element.srcObject !== stream)
		element.srcObject = stream;
	const used = await speak(element, speakerId);
	if (stream)
		await element.play().catch((error) => {
			if (error.name === "NotAllowedError")
				playAtTouch(element);
		});
	return used;
}

async function speak(element, speakerId) {
	if (!element.setSinkId)
		return "";
	if (element.sinkId === speakerId)
		return speakerId;
	try {
		await element.setSinkId(speakerId);
		return speakerId;
	} catch {
		await element.setSinkId("").catch(() => {});
		return "";
	}
}

// How loud samples of -1 to 1 are, from 0 to 1, as ears hear it.
export function loudness(samples) {
	const power = samples.reduce((sum, one) => sum + one * one, 0) /
	    (samples.length || 1);
	if (!(power > 0))
		return 0;
	const db = 10 * Math.log10(power);
	return Math.min(1, Math.max(0, 1 - db / QUIET_DB));
}

let context;	// one for the page, which may have no more than a few
let listeners = 0;

// Tell how loud the stream's microphone is, some times a second, until the
// returned function is called. It follows a microphone that replaces another.
export function level(stream, told) {
	const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
	if (!Context)
		return () => {};
	context ??= new Context();
	listeners++;
	const analyser = context.createAnalyser();
	analyser.fftSize = 1024;
	const samples = new Float32Array(analyser.fftSize);
	let track, source;
	const follow = () => {
		const now = stream.getAudioTracks()[0];
		if (now === track)
			return;
		source?.disconnect();
		track = now;
		source = now && context.createMediaStreamSource(
		    new MediaStream([now]));
		source?.connect(analyser);
	};
	const timer = setInterval(() => {
		// A phone suspends it, and it does not come back by itself.
		if (context.state === "suspended")
			context.resume().catch(() => {});
		follow();
		analyser.getFloatTimeDomainData(samples);
		told(loudness(samples));
	}, LEVEL_MS);
	follow();
	return () => {
		clearInterval(timer);
		source?.disconnect();
		// One that runs would keep the loudspeaker awake.
		if (--listeners === 0)
			context.suspend().catch(() => {});
		told(0);
	};
}

// The microphone of a call for as long as it lasts. Where its device goes, the
// default one takes its place in the stream and in the senders. The phone has it
// as `source`, for habits.js.
//
// new Source(stream, { id, senders: () => pc.getSenders() }) dispatches "change"
// with `what` of "replaced", "gone" (no microphone is left; one that is
// plugged in later is taken), "muted" or "unmuted" (by the system).
export class Source extends EventTarget {
	constructor(stream, { id = "", senders = () => [] } = {}) {
		super();
		Object.assign(this, { stream, id, senders, over: false,
		    turn: Promise.resolve() });
		this.plugged = () => this.look();
		navigator.mediaDevices?.addEventListener?.("devicechange",
		    this.plugged);
		// Chromium says nothing of a sound server's devices, which
		// Bluetooth headsets are on Linux.
		this.timer = setInterval(this.plugged, LOOK_MS);
		this.watch(stream.getAudioTracks()[0]);
	}
	get isMuted() {
		return !this.track || this.track.muted ||
		    this.track.readyState === "ended";
	}
	tell(what, error) {
		if (!this.over)
			this.dispatchEvent(Object.assign(new Event("change"),
			    { what, error, label: this.track?.label ?? "" }));
	}
	watch(track) {
		this.track = track;
		this.wasListed = false;
		if (!track)
			return;
		this.isListed().then((yes) => {
			this.wasListed = yes && track === this.track;
		});
		const mine = (done) => () => track === this.track && done();
		track.addEventListener("ended", mine(() => this.lost()));
		// The old one may fall silent while another is opened.
		track.addEventListener("mute", mine(() =>
		    this.isSwapping || this.tell("muted")));
		track.addEventListener("unmute",
		    mine(() => this.tell("unmuted")));
	}
	async isListed() {
		const used = this.track?.getSettings?.().deviceId;
		const { microphones } = await devices();
		return microphones.some(({ id }) => id === used);
	}
	// A browser that ends no track still lists no such device any more.
	async look() {
		if (this.track?.readyState === "ended" ||
		    this.wasListed && !await this.isListed())
			await this.lost();
	}
	// Take the default one instead, and say so.
	async lost() {
		const track = this.track;
		try {
			await this.use("", track);
		} catch (error) {
			// Said once, though it is tried again.
			if (this.goneFor !== track)
				this.tell("gone", error);
			this.goneFor = track;
		}
	}
	// The same microphone anew: after an interruption a phone's may look
	// alive and be dead.
	reopen() {
		return this.use(this.id);
	}
	// Another microphone from here on, or only if it still is the one that is
	// named. One change at a time.
	use(id, instead = undefined) {
		const done = this.turn.then(async () => {
			if (this.over || instead && instead !== this.track)
				return;
			const wasMuted = this.isMuted;
			this.isSwapping = true;
			try {
				await this.swap(id);
			} finally {
				this.isSwapping = false;
				if (this.isMuted && !wasMuted)
					this.tell("muted");
			}
		});
		this.turn = done.catch(() => {});
		return done;
	}
	async swap(id) {
		const fresh = (await microphone({ id })).getAudioTracks()[0];
		if (this.over) {
			fresh.stop();
			return;
		}
		const old = this.track;
		fresh.enabled = old?.enabled ?? true;
		await Promise.all(this.senders().filter((one) =>
		    one.track && one.track === old)
		    .map((one) => one.replaceTrack(fresh)));
		if (old)
			this.stream.removeTrack(old);
		old?.stop();
		this.stream.addTrack(fresh);
		this.id = id;
		this.watch(fresh);
		this.tell("replaced");
	}
	// The call is over: nothing records any more.
	stop() {
		this.over = true;
		clearInterval(this.timer);
		navigator.mediaDevices?.removeEventListener?.("devicechange",
		    this.plugged);
		this.stream.getTracks().forEach((one) => one.stop());
	}
}

// The chosen devices are kept: { microphone, speaker }, "" for the default.
export async function chosen(store) {
	return { microphone: "", speaker: "",
	    ...await store.get("devices").catch(() => undefined) };
}

export async function choose(store, choice) {
	await store.put("devices", { ...await chosen(store), ...choice });
}
