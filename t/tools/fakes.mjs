// fakes: a browser that is made up, for the page's modules: WebSockets whose other
// end is the test, and an RTCPeerConnection that notes what it is told.
export const ID = "0123456789abcdef0123456789abcdef";
export const OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0\r\na=setup:actpass\r\n" +
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" +
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}\r\n`;
const turn = () => new Promise((done) => setImmediate(done));
export const settle = async () => {
	for (let i = 0; i < 20; i++)
		await turn();
};

export const sockets = [];
export const net = { refuses: false };
class Socket {
	constructor(url) {
		Object.assign(this, { url, readyState: 1, sent: [] });
		new URL(url);
		sockets.push(this);
		setImmediate(() => net.refuses ? this.close() : this.onopen?.());
	}
	send(text) {
		if (this.readyState !== 1)
			throw new Error("it is closed");
		this.sent.push(text);
	}
	close() {
		this.readyState = 3;
		setImmediate(() => this.onclose?.());
	}
	say(text) {
		this.onmessage?.({ data: text });
	}
}

class Peer extends EventTarget {
	constructor(how) {
		super();
		Object.assign(this, { how, signalingState: "stable", did: [],
		    remoteDescription: null, connectionState: "new" });
		Peer.last = this;
	}
	static async generateCertificate() {
		return { expires: Date.now() + 365 * 86400000 };
	}
	getConfiguration() {
		return this.how;
	}
	setConfiguration(how) {
		this.how = how;
	}
	async getStats() {
		return new Map();
	}
	addTrack() {}
	addTransceiver() {}
	getTransceivers() {
		return [];
	}
	getSenders() {
		return [];
	}
	async createOffer() {
		return { type: "offer", sdp: OFFER };
	}
	async setLocalDescription(one) {
		this.did.push(`local ${one?.type ?? ""}`.trim());
		this.localDescription = { sdp: OFFER };
		this.signalingState = one?.type === "rollback" ||
		    this.signalingState === "have-remote-offer" ? "stable" :
		    "have-local-offer";
	}
	async setRemoteDescription(one) {
		this.did.push(`remote ${one.type}`);
		if (!String(one.sdp).startsWith("v=0"))
			throw new Error(`bad\r\n  ${one.sdp}`);
		this.remoteDescription = one;
		this.signalingState = one.type === "offer" ? "have-remote-offer" :
		    "stable";
	}
	async addIceCandidate({ candidate }) {
		this.did.push(candidate);
	}
	restartIce() {}
	close() {
		this.signalingState = "closed";
	}
}
Object.assign(globalThis, { WebSocket: Socket, RTCPeerConnection: Peer });

export const message = (first, body = "", fields = []) => [first, ...fields,
    `Content-Length: ${new Blob([body]).size}`, "", body].join("\r\n");
export const answer = (body = "", status = "200 OK") =>
    message(`HTTP/1.1 ${status}`, body);
export const session = (more = {}) => JSON.stringify({ sessionId: ID, port: 31338,
    serverName: "za1.example.org", iceServers: [{ username: "u",
    credential: "c", urls: ["turn:192.0.2.1:3478?transport=udp"] }], ...more });

