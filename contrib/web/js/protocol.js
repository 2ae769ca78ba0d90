// protocol: calls of rp in a page, as rp-signal(7) describes them, which quotes
// this file, line.js and keys.js. A client needs no other.
import { identity } from "./keys.js";
import { connect, failure, pause, readSession } from "./line.js";

const FRAGMENT = "application/trickle-ice-sdpfrag";
const REFUSAL = "application/rp-refusal";
const OFFER_MS = 20000;		// as long as a call outlives an outage
const AWAY_MS = 60000;		// likewise without its switch
const WAITING = 256;		// messages; a switch keeps fewer for us

// One call on a line of its own. changed(what, why) hears how it goes. A client
// with more to say has hooks: send(sdp) and check(type, sdp) for descriptions,
// info(type, body), connection(pc, call) for each that is made, certificate(),
// and video: whether it takes some.
export class Call {
	constructor(pc, session, stream, changed, hooks) {
		Object.assign(this, { stream, changed, hooks, home: session.home,
		    id: session.sessionId, offered: session.offer,
		    caller: session.caller,
		    isCallee: session.isCallee ?? session.offer !== undefined,
		    target: `/session/${session.sessionId}`, waiting: 0,
		    turn: Promise.resolve() });
		this.use(pc, session);
		this.attach(session.line);
		this.alive = setInterval(() => this.line.ask("GET", "/keepalive")
		    .catch(() => {}), 10000);
	}
	use(pc, session) {
		Object.assign(this, { pc, kept: [] });
		this.relay(session);
		pc.onicecandidate = ({ candidate }) => candidate?.candidate &&
		    this.tell(candidate).catch((error) => this.fails(error));
		this.hooks.connection?.(pc, this);
	}
	relay({ iceServers = this.iceServers }) {
		this.iceServers = iceServers;
		this.pc.setConfiguration({ ...this.pc.getConfiguration(),
		    iceServers, iceTransportPolicy: "relay" });
	}
	attach(line) {
		Object.assign(this, { line, ready: Promise.resolve(line),
		    since: Date.now() });
		line.target = this.target;
		line.heard = (...what) => this.heard(...what);
		line.closed = () => {
			this.ready = this.resume();
			this.ready.catch(() => {});
		};
		if (line.over)
			line.closed();
	}
	// The connection broke: another to the call's own switch, at once unless
	// this one was short, and then after 2, 4, 8 and 16 s.
	async resume() {
		const from = Date.now();
		let wait = from - this.since < 10000 ? 2000 : 0;
		this.changed("away");
		for (; !this.over; wait = Math.min(2 * wait || 2000, 16000)) {
			await Promise.race([pause(wait), new Promise((done) => {
				this.hurry = done;
			})]);
			if (Date.now() - from > AWAY_MS &&
			    this.pc.connectionState !== "connected")
				this.end("dropped");
			const line = !this.over &&
			    await connect(this.home, this.line.me).catch(() => {});
			if (line && this.over)
				line.end();
			else if (line && await this.resumeBy(line))
				return line;
			else if (!line)
				this.isThere = false;
		}
		throw new Error("over");
	}
	async resumeBy(line) {
		try {
			this.relay(readSession(await line.ask("RESUME",
			    this.target), line, this.id));
		} catch (error) {
			// Its switch is there, though it may not know us yet.
			this.isThere = error.status !== undefined;
			if ([401, 404, 410].includes(error.status))
				this.end(error.status === 410 ? error.reason :
				    "moved");
			// After a 429 the line is ours all the same, but for one.
			if (error.status !== 429 ||
			    error.reason === "too-many-proofs") {
				line.end();
				return false;
			}
		}
		this.attach(line);
		this.changed("back");
		return true;
	}
	// What a broken connection leaves open is said again on the next one.
	async say(method, body, type) {
		for (;;) {
			const line = await this.ready;
			try {
				return await line.ask(method, this.target, body,
				    type);
			} catch (error) {
				if (error.status || this.over)
					throw error;
			}
		}
	}
	// Our description, and only then its candidates.
	async present(method) {
		const { sdp } = this.pc.localDescription;
		this.mine = Promise.resolve(this.hooks.send?.(sdp) ?? sdp);
		return this.say(method, await this.mine);
	}
	async tell({ sdpMid, candidate }) {
		await this.mine;
		const ice = this.pc.localDescription.sdp.match(
		    /^a=ice-(ufrag|pwd):.*$/gm).slice(0, 2);
		await this.say("INFO", [...ice, "m=audio 9 RTP/AVP 0",
		    `a=mid:${sdpMid}`, `a=${candidate}`, ""].join("\r\n"),
		    FRAGMENT);
	}
	// What goes wrong with one message does not end the call.
	fails(error) {
		if (!this.over)
			this.changed("failed", String(error));
	}
	// One thing after the other, each when the last has been done.
	inTurn(work) {
		const done = this.turn.then(work);
		this.turn = done.catch(() => {});
		return done;
	}
	heard(...what) {
		if (++this.waiting > WAITING)
			this.line.end();
		this.inTurn(() => this.take(...what)).catch((error) =>
		    this.fails(error)).finally(() => this.waiting--);
	}
	async take(method, body, type, reason) {
		if (this.over)
			return;
		if (method === "BUSY" || method === "HANGUP")
			this.end(reason);
		else if (method === "INFO" && type === FRAGMENT)
			await this.reach(body);
		else if (method === "INFO" && type === "application/sdp")
			await this.follow(body);
		else if (method === "INFO" && type === REFUSAL)
			await this.rollback();
		else if (method === "INFO")
			await this.hooks.info?.(type, body);
		else if (this.isCallee || this.talking)
			return;		// said again after RESUME, or nonsense
		else if (method === "RING" && body)
			await this.preview(body);
		else if (method === "RING")
			this.changed("ringing");
		else {
			await this.describe("answer", this.theirs);
			this.talk();
		}
	}
	// Candidates are refused until there is a description, and are void if it
	// was.
	async reach(body) {
		const value = (name) => body.match(
		    new RegExp(`^a=${name}:(.*)$`, "m"))?.[1];
		const ufrag = value("ice-ufrag");
		for (const [candidate] of body.matchAll(/^a=candidate:.{1,512}$/gm))
			this.kept.push({ candidate: candidate.slice(2), ufrag,
			    sdpMid: value("mid") });
		this.kept.splice(WAITING);
		const { sdp } = this.pc.remoteDescription || {};
		for (const { ufrag, sdpMid, candidate } of
		    sdp ? this.kept.splice(0) : [])
			if (!ufrag || sdp.includes(`a=ice-ufrag:${ufrag}\r`))
				await this.pc.addIceCandidate({ candidate,
				    ...sdp.includes(`a=mid:${sdpMid}\r`) ?
				    { sdpMid } : { sdpMLineIndex: 0 } });
	}
	async describe(type, sdp) {
		await this.hooks.check?.(type, sdp);
		await this.pc.setRemoteDescription({ type, sdp });
		await this.reach("");
	}
	// A device's answer, which another's may replace before ANSWER. Firefox
	// cannot take it before that.
	async preview(sdp) {
		this.theirs = sdp;
		this.kept = [];
		try {
			await this.describe("pranswer", sdp);
		} catch (error) {
			if (error.name !== "NotSupportedError")
				throw error;
		}
	}
	// An offer in mid-call is answered; an answer is that to our own. If
	// both have offered, the caller's offer stands.
	async follow(sdp) {
		const isOpen = this.pc.signalingState === "have-local-offer";
		if (/^a=setup:actpass/m.test(sdp)) {
			if (!isOpen || !this.isNew && (this.isCallee ||
			    this.isOther(sdp)))
				await this.answer(sdp);
		} else if (isOpen && !/^m=\S+ [1-9]/m.test(sdp))
			await this.rollback();
		else if (isOpen) {
			await this.describe("answer", sdp);
			this.settle();
		}
	}
	async answer(sdp) {
		try {
			if (this.isOther(sdp)) {
				this.pc.close();
				this.use(await connection(this.stream,
				    this.hooks), this);
			}
			await this.describe("offer", sdp);
			this.settle();
			this.choose();
			await this.pc.setLocalDescription();
		} catch (error) {
			await this.pc.setRemoteDescription({ type: "rollback" })
			    .catch(() => {});
			await this.say("INFO", error.message.replace(/\s+/g, " "),
			    REFUSAL);
			return;
		}
		await this.present("INFO");
	}
	// Another session is another connection: the page there was killed.
	isOther(sdp) {
		const id = (text = "") => text.match(/^o=\S+ (\d+)/m)?.[1];
		const known = id(this.pc.remoteDescription?.sdp);
		return known !== undefined && known !== id(sdp);
	}
	// Video is for those who have some or want it; what is ours may come later.
	choose() {
		const kinds = this.stream.getTracks().map(({ kind }) => kind);
		for (const one of this.pc.getTransceivers())
			if (one.receiver.track.kind === "audio" ||
			    this.hooks.video || kinds.includes("video"))
				one.direction = "sendrecv";
			else
				one.stop();
	}
	// Another way for media, when the one that we have is dead: one at a time.
	async restart() {
		if (this.moving || this.over)
			return;
		this.moving = true;
		try {
			const session = readSession(await this.say("RESUME"),
			    this.line, this.id);
			if (!session.iceServers)
				throw failure(429, "too-many-resumes");
			this.relay(session);
			this.pc.restartIce();
			await this.inTurn(() => this.offer());
		} catch (error) {
			await this.rollback();
			throw error;
		}
	}
	async offer() {
		if (this.pc.signalingState !== "stable")
			throw new Error("an offer is open");
		await this.pc.setLocalDescription();
		this.late = setTimeout(() => this.rollback(), OFFER_MS);
		await this.present("INFO");
	}
	settle() {
		clearTimeout(this.late);
		this.moving = this.isNew = false;
	}
	async rollback() {
		this.settle();
		if (this.pc.signalingState === "have-local-offer")
			await this.pc.setLocalDescription({ type: "rollback" });
	}
	talk() {
		this.talking = true;
		this.stream.getTracks().forEach((one) => {
			one.enabled = true;
		});
		this.changed("talking");
	}
	// Our first words do not wait for the switch.
	async pickUp() {
		const said = this.say("ANSWER");
		this.talk();
		await said.catch((error) => {
			this.talking = false;
			this.end(error.reason);
			throw error;
		});
	}
	async hangUp(reason = "") {
		const say = (line) => line.ask("HANGUP", this.target, "", "", reason);
		const said = say(this.line).catch(async () =>
		    say(await connect(this.home, this.line.me))).catch(() => {});
		this.end(reason || "hung-up", said);
		await said;
	}
	end(reason, said = Promise.resolve()) {
		if (this.over)
			return;
		this.over = true;
		clearInterval(this.alive);
		this.settle();
		this.pc.close();
		this.line.closed = () => {};
		said.finally(() => this.line.end());
		this.changed("over", reason);
	}
}

async function connection(stream, hooks) {
	const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle",
	    certificates: [await (hooks.certificate ?? identity)()] });
	stream.getTracks().forEach((one) => pc.addTrack(one, stream));
	return pc;
}

// Nothing is said before the call is answered.
async function silent(stream, hooks) {
	stream.getTracks().forEach((one) => {
		one.enabled = false;
	});
	return connection(stream, hooks);
}

async function session(pc, line, asked, id) {
	try {
		return readSession(await asked, line, id);
	} catch (error) {
		pc.close();
		throw error;
	}
}

// The caller. The offer goes first, without candidates; the relay's
// credentials come with its answer, and then there are candidates.
export async function dial(line, number, stream, changed, hooks = {}) {
	const pc = await silent(stream, hooks);
	const offer = await pc.createOffer();
	const sdp = await hooks.send?.(offer.sdp) ?? offer.sdp;
	const call = new Call(pc, await session(pc, line, line.ask("INITIATE",
	    `/session/${encodeURIComponent(number)}`, sdp)), stream, changed,
	    hooks);
	await pc.setLocalDescription(offer);
	return call;
}

// The callee, woken by a push that names the call and its switch.
export async function ring(line, id, stream, changed, hooks = {}) {
	const pc = await silent(stream, hooks);
	const call = new Call(pc, await session(pc, line,
	    line.ask("RING", `/session/${id}`), id), stream, changed, hooks);
	await call.describe("offer", call.offered);
	call.choose();
	await pc.setLocalDescription();
	await call.present("RING");
	return call;
}

// A party whose page was killed: the other side takes our offer for that of a
// new connection, because its origin is another.
export async function again(line, id, isCallee, stream, changed, hooks = {}) {
	const pc = await connection(stream, hooks);
	const found = await session(pc, line, line.ask("RESUME",
	    `/session/${id}`), id);
	const call = new Call(pc, { ...found, isCallee }, stream, changed, hooks);
	call.talking = call.isNew = call.moving = true;
	if (!stream.getTracks().length)
		pc.addTransceiver("audio");
	await call.inTurn(() => call.offer());
	return call;
}
