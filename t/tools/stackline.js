// stackline: what the ends of calls in JavaScript, stack_*.js, have in common:
// the arguments, the signalling connection, which is a child process sigtalk,
// and the course of the call. The other end is rp-dial. See t/stacks.sh.
//
//	node stack_NAME.js ADDRESS CA NUMBER TOKEN callee=[NUMBER]
//
// It calls, or answers who calls it. It prints {"restarted", "state"} as JSON.
"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const readline = require("readline");

const FRAGMENT = "application/trickle-ice-sdpfrag";
const PATIENCE_MS = 120000;	// a busy machine may need it
const SECONDS = 6;		// after the restart

const escaped = (text) => text.replace(/[\\\r\n]/g, (one) =>
    ({ "\\": "\\\\", "\r": "\\r", "\n": "\\n" })[one]);
const unescaped = (text) => text.replace(/\\(.)/g, (_, one) =>
    ({ r: "\r", n: "\n" })[one] ?? one);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// What condition comes to, once it is true.
async function until(what, condition) {
	const end = performance.now() + PATIENCE_MS;
	for (;;) {
		const found = condition();
		if (found)
			return found;
		if (performance.now() > end)
			throw new Error(`never ${what}`);
		await pause(20);
	}
}

// Requests in both directions. Those of the switch go to heard(method, type,
// body).
class Line {
	constructor(address, ca, user, heard) {
		this.asked = [];
		this.heard = heard;
		this.child = spawn("sigtalk", ["-a", address, "-c", ca, "-u",
		    user], { stdio: ["pipe", "pipe", "inherit"] });
		this.ready = new Promise((done) => {
			this.begun = done;
		});
		readline.createInterface({ input: this.child.stdout })
		    .on("line", (line) => this.take(line));
	}
	take(line) {
		const [kind, ...words] = line.split(" ");
		if (kind === "ready")
			this.begun();
		else if (kind === "response")
			this.answered(words);
		else if (kind === "request")
			this.heard(words[0], words[3],
			    unescaped(words.slice(4).join(" ")));
		else
			this.asked.forEach(({ failed }) =>
			    failed(new Error(line)));
	}
	answered([status, reason, , ...body]) {
		const { done, failed, method } = this.asked.shift();
		if (status < 300)
			done(unescaped(body.join(" ")));
		else
			failed(new Error(`${method}: ${status} ${reason}`));
	}
	// The body of the answer, which has to be a success.
	ask(method, target, body, type = "application/sdp") {
		this.child.stdin.write(`${method} ${target}` + (body ?
		    ` type=${type} sdp=${escaped(body)}` : "") + "\n");
		return new Promise((done, failed) =>
		    this.asked.push({ done, failed, method }));
	}
	close() {
		this.child.stdin.end();
	}
}

// The session of the push that t/signal.sh's pusher keeps. The file "waiting"
// says that it may come.
function woken() {
	fs.writeFileSync("waiting", "");
	return until("woken", () => {
		const lines = fs.existsSync("pushes") &&
		    fs.readFileSync("pushes", "utf8").trim();
		return lines && JSON.parse(lines.split("\n").pop())
		    .payload.sessionId;
	});
}

// Candidates as of the bridges of many containers. No peer can use them.
function bridges() {
	return Array.from({ length: 48 }, (_, i) => `candidate:${i} 1 udp ` +
	    `2122260223 172.18.${i}.1 ${40000 + i} typ host`);
}

// One call. An end is what a stack gives: pc, an RTCPeerConnection with a track
// that is silent before speak(); trickles (are candidates told one by one, or
// all in the description?); isConnected(), listen() and write().
class Call {
	constructor(makeEnd, callee) {
		Object.assign(this, { makeEnd, callee, answers: 0,
		    talking: false });
		// What comes early waits for the descriptions.
		this.turn = new Promise((done) => {
			this.begun = done;
		});
	}
	async open(line) {
		this.line = line;
		line.heard = (...what) => {
			this.turn = this.turn.then(() => this.take(...what));
		};
		await line.ready;
		// The servers come first, and the offer follows.
		const session = JSON.parse(this.callee ?
		    await line.ask("INITIATE", `/session/${this.callee}`) :
		    await line.ask("RING", `/session/${await woken()}`));
		this.target = `/session/${session.sessionId}`;
		const { iceServers, iceTransportPolicy } = session;
		this.end = this.makeEnd({ iceServers, iceTransportPolicy });
		this.pc = this.end.pc;
		this.pc.onicecandidate = ({ candidate }) =>
		    this.end.trickles && candidate?.candidate &&
		    this.tell([candidate.candidate]);
		await (this.callee ? this.offer() : this.answer(session.offer));
		this.begun();
	}
	say(method, ...rest) {
		return this.line.ask(method, this.target, ...rest);
	}
	tell(candidates, sdp = this.pc.localDescription.sdp) {
		const ice = sdp.match(/^a=ice-(ufrag|pwd):.*$/gm).slice(0, 2);
		return this.say("INFO", [...ice, "m=audio 9 RTP/AVP 0",
		    "a=mid:0", ...candidates.map((one) => `a=${one}`), ""]
		    .join("\r\n"), FRAGMENT);
	}
	// Candidates of no use go out before all others.
	async describe(method, description) {
		if (!this.end.trickles) {
			await this.gather(description);
			const { sdp } = this.pc.localDescription;
			await this.say(method, sdp.replace(/(?=a=candidate:)/,
			    bridges().map((one) => `a=${one}\r\n`).join("")));
			return;
		}
		const { sdp } = description, all = bridges();
		const said = [this.say(method, sdp)];
		while (all.length > 0)
			said.push(this.tell(all.splice(0, 16), sdp));
		await Promise.all([...said,
		    this.pc.setLocalDescription(description)]);
	}
	async gather(description) {
		await this.pc.setLocalDescription(description);
		await until("gathered",
		    () => this.pc.iceGatheringState === "complete");
	}
	async offer(options) {
		await this.describe("INFO", await this.pc.createOffer(options));
	}
	async answer(sdp) {
		await this.pc.setRemoteDescription({ type: "offer", sdp });
		await this.describe("RING", await this.pc.createAnswer());
		await this.say("ANSWER");
		this.talking = true;
	}
	async take(method, type, body) {
		if (method === "ANSWER")
			this.talking = true;
		else if (method === "INFO" && type === FRAGMENT)
			for (const [candidate] of
			    body.matchAll(/candidate:[^\r\n]*/g))
				await this.pc.addIceCandidate({ candidate,
				    sdpMLineIndex: 0, sdpMid: "0" });
		else if (method === "INFO" || (method === "RING" && body))
			await this.answered(body);
	}
	async answered(sdp) {
		await this.pc.setRemoteDescription({ type: "answer", sdp });
		this.answers++;
	}
	fragment() {
		return this.pc.localDescription.sdp
		    .match(/^a=ice-ufrag:(.*)$/m)[1];
	}
	async restart() {
		const before = this.fragment(), answers = this.answers;
		const session = JSON.parse(await this.say("RESUME"));
		this.pc.setConfiguration({ ...this.pc.getConfiguration(),
		    iceServers: session.iceServers });
		await this.offer({ iceRestart: true });
		await until("answered", () => this.answers > answers);
		await until("connected again", () => this.end.isConnected());
		return this.fragment() !== before;
	}
}

exports.pause = pause;

// Run a call; makeEnd(configuration) makes its end.
exports.run = async function run(makeEnd) {
	const [address, ca, number, token, callee] = process.argv.slice(2);
	const call = new Call(makeEnd, callee.split("=")[1]);
	const line = new Line(address, ca, `${number}:${token}`);
	await call.open(line);
	await until("connected", () => call.talking && call.end.isConnected());
	call.end.listen();
	const restarted = await call.restart();
	call.end.speak();
	await pause(SECONDS * 1000);
	console.log(JSON.stringify({ restarted,
	    state: call.pc.connectionState }));
	call.end.write();
	await call.say("HANGUP");
	process.exit(0);
};
