// talk: one call as the page shows it, over a Call of protocol.js. Its fields
// are those of Phone.call.
import * as protocol from "./protocol.js";
import { pause } from "./line.js";
import { Outage } from "./outage.js";
import { Quality } from "./quality.js";
import { Source, camera, level, microphone } from "./media.js";
import { Verify } from "./verify.js";

export const PRESENCE = "application/rp-presence";
const QUALITY_MS = 2000;

// Firefox bundles: all sections but the first have no port of their own.
const hasVideo = (sdp) => sdp.split(/^(?=m=)/m).some((one) =>
    /^m=video [1-9]/.test(one) ||
    /^m=video 0 /.test(one) && /^a=bundle-only/m.test(one));

export class Talk {
	constructor(phone, { peer, incoming, video = false, id = "" }) {
		Object.assign(this, { id, peer, incoming, video, reason: "",
		    state: incoming ? "incoming" : "calling", since: 0,
		    when: Date.now(), muted: false, why: "", words: null,
		    wordsState: "none", identity: null, quality: null, level: 0,
		    camera: null, away: "", ourStream: new MediaStream(),
		    theirStream: null });
		// For tests and habits.js, and for nobody who draws.
		const hidden = { phone, engine: null, source: null,
		    absent: new Set(), isAnswering: false, dialUntil: 0,
		    outage: null,
		    verify: new Verify({ store: phone.store, peer,
			number: phone.account?.number, caller: !incoming,
			changed: () => this.follow() }) };
		for (const [name, value] of Object.entries(hidden))
			Object.defineProperty(this, name,
			    { value, writable: true, enumerable: false });
	}
	// Nothing comes from the switch, or from the peer.
	get isLost() {
		return this.engine?.talking === true &&
		    (this.engine.line.over === true || this.outage?.silent === true);
	}
	get isOver() {
		return this.state === "over";
	}
	changed(what = {}) {
		Object.assign(this, what);
		this.phone.changed();
	}
	follow() {
		const { words, wordsState, found } = this.verify;
		this.changed({ words, wordsState, identity: found &&
		    { state: found.state, fingerprint: found.fingerprint,
		    unsigned: found.unsigned } });
	}
	get hooks() {
		const { verify } = this;
		return { video: this.phone.config.video === true,
		    certificate: () => verify.certificate(),
		    send: (sdp) => verify.send(sdp),
		    check: (type, sdp) => this.check(type, sdp),
		    info: (type, body) => this.info(type, body),
		    connection: (pc, engine) => this.use(pc, engine) };
	}
	get heard() {
		return (what, why) => this.hear(what, why);
	}
	// A call that must not be: another identity than the one we know.
	guard(error) {
		if (error.code === "identity")
			this.hangUp("identity");
		throw error;
	}
	async check(type, sdp) {
		if (this.state === "incoming" && this.phone.config.video === true)
			this.video = hasVideo(sdp);
		await this.verify.check(type, sdp).catch((error) =>
		    this.guard(error));
	}
	async info(type, body) {
		if (type === PRESENCE) {
			this.without("peer", body.trim() === "away");
			return;
		}
		const answer = await this.verify.info(type, body).catch((error) =>
		    this.guard(error));
		if (answer)
			await this.engine.say(...answer);
		await this.prove();
	}
	async prove() {
		const { pc } = this.engine ?? {};
		if (this.engine?.talking && pc.connectionState === "connected")
			await this.verify.proven(pc);
	}

	// Our microphone, and our camera if there is to be video.
	async open() {
		const stream = await microphone({ id: this.phone.microphoneId,
		    video: this.video });
		if (this.isOver) {
			stream.getTracks().forEach((one) => one.stop());
			return;
		}
		this.video = stream.getVideoTracks().length > 0;
		this.source = new Source(stream, { id: this.phone.microphoneId,
		    senders: () => this.engine?.pc.getSenders() ?? [] });
		this.ourStream = stream;
	}
	async dial(line) {
		const engine = await protocol.dial(line, this.peer, this.ourStream,
		    this.heard, this.hooks);
		await this.begin(engine);
	}
	// Ring without the microphone: it is nobody's before the call is answered.
	// It may be answered before there is a line.
	async ring(reached) {
		this.ringing = reached.then((line) => protocol.ring(line, this.id,
		    new MediaStream(), this.heard, this.hooks));
		await this.begin(await this.ringing);
	}
	// Once, though it may be asked for twice. What fails of it leaves the
	// microphone alone.
	async answer({ video = false }) {
		if (this.isAnswering)
			return;
		this.isAnswering = true;
		this.video = video;
		try {
			await this.open();
			await this.pickUp();
		} catch (error) {
			this.source?.stop();
			if ([404, 410].includes(error.status))
				this.engine?.end(error.reason);
			throw error;
		} finally {
			this.isAnswering = false;
		}
	}
	async pickUp() {
		await this.ringing;
		if (this.isOver)
			return;
		this.engine.stream = this.ourStream;
		// Nothing is said before ANSWER, which may take its time.
		this.ourStream.getTracks().forEach((one) => {
			one.enabled = false;
		});
		await this.seat();
		await this.engine.pickUp();
	}
	// Tracks of ours into the sections of a peer that has offered.
	async seat() {
		for (const one of this.ourStream.getTracks()) {
			const seat = this.engine.pc.getTransceivers().find((to) =>
			    to.receiver.track.kind === one.kind &&
			    to.sender.track?.readyState !== "live" &&
			    to.direction !== "stopped");
			await seat?.sender.replaceTrack(one);
		}
	}
	// A page that was killed in this call goes on with it.
	async again(line) {
		await this.open().catch(() => {});
		const engine = await protocol.again(line, this.id, this.incoming,
		    this.ourStream, this.heard, this.hooks);
		await this.begin(engine);
		this.verify.isAgain = true;
		engine.talk();
		this.tell("back");	// it may have said away before
	}
	async begin(engine) {
		if (this.isOver) {
			await engine.hangUp(this.reason === "hung-up" ? "" :
			    this.reason);
			return;
		}
		await this.phone.keepCall(this);
		this.outage = new Outage(engine, () => this.look());
		this.changed();
	}

	// What the engine tells.
	hear(what, why) {
		if (what === "ringing")
			this.changed({ state: "ringing" });
		else if (what === "talking")
			this.talk();
		else if (what === "over")
			this.over(this.leaves ?? why);
		else if (what === "failed")
			this.changed({ why });
		else
			this.look();
	}
	async talk() {
		this.source?.stream.getAudioTracks().forEach((one) => {
			one.enabled = !this.muted;
		});
		this.unwatched();
		this.stopLevel ??= level(this.ourStream, (value) => {
			// Ten of these come in a second: nobody else has to hear.
			this.level = value;
		});
		this.meter ??= setInterval(() => this.measure(), QUALITY_MS);
		this.changed({ state: "connecting" });
		const nonce = this.verify.answered();
		await this.phone.keepCall(this);
		if (nonce)
			this.engine.say(...nonce).catch(() => {});
		this.look();
	}
	// A connection of media: the first, or one that replaces another.
	use(pc, engine) {
		Object.assign(this, { engine, id: engine.id });
		// Who calls is known to the switch. A push may be anybody's.
		if (this.incoming && engine.caller)
			this.peer = this.verify.peer = engine.caller;
		const stream = new MediaStream();
		pc.addEventListener("track", ({ track }) => {
			stream.addTrack(track);
			this.changed({ theirStream: stream });
			this.phone.play(stream);
		});
		pc.addEventListener("connectionstatechange", () => this.look());
		this.gauge = new Quality(pc);
	}
	look() {
		const { engine } = this;
		if (this.isOver || !engine?.talking)
			return;
		const isUp = engine.pc.connectionState === "connected" &&
		    !this.outage?.silent;
		if (isUp && !this.since)
			this.since = Date.now();
		this.changed({ state: isUp ? "talking" : this.since ?
		    "restoring" : "connecting",
		    camera: this.films ? !!this.films.track : null });
		this.prove().catch(() => {});
	}
	async measure() {
		if (this.isOver)
			return;
		this.quality = await this.gauge?.sample().catch(() => null) ?? null;
		await this.prove().catch(() => {});
		this.changed();
	}
	mute(on) {
		this.source?.stream.getAudioTracks().forEach((one) => {
			one.enabled = !on && this.engine?.talking === true;
		});
		this.changed({ muted: on });
	}
	// What sends our picture, if the call has a section for one.
	get films() {
		return this.engine?.pc.getTransceivers().find((one) =>
		    one.receiver.track.kind === "video" &&
		    ["sendrecv", "sendonly"].includes(one.currentDirection))
		    ?.sender;
	}
	// Our camera. It is off when nothing of it is sent, for others to use.
	async film(on) {
		const [old] = this.ourStream.getVideoTracks();
		if (!this.films || on === Boolean(old))
			return;
		const track = on ? await camera() : null;
		if (this.isOver)
			return track?.stop();
		await this.films?.replaceTrack(track);
		if (old)
			this.ourStream.removeTrack(old);
		old?.stop();
		if (track)
			this.ourStream.addTrack(track);
		this.video = this.video || on;
		this.look();
	}
	// Nobody is filmed for a peer who has declined video.
	unwatched() {
		if (this.films)
			return;
		for (const one of this.ourStream.getVideoTracks()) {
			one.stop();
			this.ourStream.removeTrack(one);
		}
		this.video = false;
	}
	// Both may be away at once; our own absence is what we can do something
	// about.
	without(who, isAway) {
		const { absent } = this;
		isAway ? absent.add(who) : absent.delete(who);
		this.changed({ away: ["us", "peer"].find((one) =>
		    absent.has(one)) ?? "" });
	}
	// Tell the other side that we are not there for a while, or back.
	tell(word) {
		this.without("us", word === "away");
		if (this.engine?.talking && !this.isOver)
			this.engine.say("INFO", word, PRESENCE).catch(() => {});
	}
	// Is the connection alive, and the path? Nothing waits for a timer.
	async wake() {
		const { engine } = this;
		if (!engine?.talking || this.isOver)
			return;
		engine.hurry?.();
		const asked = engine.line.ask("GET", "/keepalive").catch(() => {});
		const line = engine.line;
		await Promise.race([asked.then(() => "good"),
		    pause(1000)]).then((good) => good || line.end());
		engine.hurry?.();	// for a line that was dead already
		await this.outage?.look();
	}
	// The switch is told before all else, for a page that is closed may not come
	// to the rest.
	hangUp(reason) {
		const { engine } = this;
		this.leaves = reason || (this.incoming && !engine?.talking ?
		    "declined" : engine?.talking ? "hung-up" : "cancelled");
		const said = engine?.hangUp(reason);
		this.over(this.leaves);
		return said;
	}
	over(reason = "hung-up") {
		if (this.isOver)
			return;
		const hadTalk = this.engine?.talking === true;
		clearInterval(this.meter);
		this.stopLevel?.();
		this.outage?.stop();
		this.source?.stop();
		this.changed({ state: "over", reason, quality: null, level: 0 });
		this.phone.ended(this, hadTalk);
	}
}
