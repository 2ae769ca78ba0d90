// line: requests and answers between a page and a switch. A `scheme` in `me` is
// "ws" where a switch on trial has no TLS; see keys.js for the rest of it.
import { credentials } from "./keys.js";

const NUMBER = /^[\w+.-]{1,32}$/;
const MESSAGE = 65536;		// characters; no switch sends more at once
const ANSWER_MS = 15000;	// a late offer may take ten seconds
const OPEN_MS = 10000;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const hostOf = (name) => new URL(`https://${name}`).hostname;
const isOurs = (host, switches) => switches.map(hostOf).some((one) =>
    host === one || host.endsWith(`.${one}`));

// A WebSocket to each of the switches; the first that opens stays.
export async function race(switches, scheme = "wss") {
	const all = switches.slice(0, 16).map((name) =>
	    new WebSocket(`${scheme}://${name}/signal`));
	const late = setTimeout(() => all.forEach((one) => one.close()), OPEN_MS);
	const first = await Promise.any(all.map((one) =>
	    new Promise((won, lost) => {
		one.onopen = () => won(one);
		one.onclose = lost;
	}))).finally(() => clearTimeout(late));
	all.forEach((one) => one === first || one.close());
	return first;
}

// A push may name any host, and so may a session. Our token is for the switches
// that we know, and for names below theirs.
export function ours(serverName, port, switches) {
	const name = `${serverName}:${port}`;
	if (!/^[\w.:[\]-]{1,255}$/.test(name) || !isOurs(hostOf(name), switches))
		throw new Error(`${serverName} is not our switch`);
	return [name];
}

// A line to one of them.
export async function connect(switches, me) {
	const socket = await race(switches, me.scheme);
	return new Line(socket, me, await credentials(me, socket.url), switches);
}

export function failure(status, reason, after) {
	return Object.assign(new Error(`${status} ${reason}`),
	    { status: Number(status), reason, after: Number(after) || 0 });
}

// Requests in both directions, each answered in its turn.
export class Line {
	constructor(socket, me, authorization, switches) {
		Object.assign(this, { socket, me, authorization, switches, asked: [],
		    target: "", heard: () => {}, closed: () => {} });
		socket.onmessage = ({ data }) => this.take(data);
		socket.onclose = () => this.end();
	}
	get number() {
		return this.me.number;
	}
	ask(method, target, body = "", type = "application/sdp", reason = "") {
		if (this.over || this.socket.readyState !== 1) {
			this.end();
			return Promise.reject(new Error("closed"));
		}
		this.socket.send([`${method} ${target} HTTP/1.1`,
		    this.authorization && `Authorization: ${this.authorization}`,
		    reason && `Reason: ${reason}`, body && `Content-Type: ${type}`,
		    `Content-Length: ${new Blob([body]).size}`]
		    .filter(Boolean).join("\r\n") + `\r\n\r\n${body}`);
		this.authorization = "";
		return new Promise((done, failed) => this.asked.push({ done, failed,
		    late: setTimeout(() => this.end(), ANSWER_MS) }));
	}
	// Whatever is not a message of this protocol ends the connection, and so
	// does a response that nobody has asked for.
	take(text) {
		const [, first, second, head, body] = typeof text === "string" &&
		    text.length <= MESSAGE && text.match(
		    /^(\S+) (\S+)[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n(.*)$/s) || [];
		const field = (name) => head.match(
		    new RegExp(`^${name}: *(.{0,63})`, "im"))?.[1];
		if (first === undefined ||
		    Number(field("Content-Length") ?? 0) !== new Blob([body]).size)
			this.end();
		else if (!first.startsWith("HTTP/"))
			this.serve(first, second, body, field("Content-Type"),
			    field("Reason"));
		else if (!this.asked.length || !/^[2-5]\d\d$/.test(second))
			this.end();
		else
			this.answered(this.asked.shift(), second, body,
			    field("Reason"), field("Retry-After"));
	}
	answered({ done, failed, late }, status, body, reason, after) {
		clearTimeout(late);
		if (status < 300)
			done(body);
		else
			failed(failure(status, reason, after));
	}
	serve(method, target, ...what) {
		const known = /^(RING|ANSWER|INFO|BUSY|HANGUP)$/.test(method);
		const status = !known ? "405 Method Not Allowed" :
		    target === this.target ? "200 OK" : "404 Not Found";
		this.socket.send(
		    `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
		if (status === "200 OK")
			this.heard(method, ...what);
	}
	end() {
		if (this.over)
			return;
		this.over = true;
		this.socket.onmessage = this.socket.onclose = null;
		this.socket.close();
		this.closed();
		this.asked.splice(0).forEach(({ failed, late }) => {
			clearTimeout(late);
			failed(new Error("closed"));
		});
	}
}

const RELAY = new RegExp("^(?:turns?|stun):(\\[[0-9a-f:.]+\\]|[\\w.-]+)" +
    "(?::\\d+)?(?:[?]transport=(?:(udp)|tcp))?$", "i");

// May a switch have us ask for a relay there? A name has to be ours. A page
// does not learn its switch's address, so one for UDP may be any but what only
// this host or this link has; see "The session object".
function isRelay(url, line) {
	const [, host, udp] = url.match(RELAY) || [];
	if (!host)
		return false;
	const name = hostOf(host), at = new URL(line.socket.url).hostname;
	const isAddress = /^[\d.]+$|^\[/, isHere = /^(localhost$|127\.|\[::1\])/;
	if (isOurs(name, line.switches) || !isAddress.test(name))
		return isOurs(name, line.switches);
	return isHere.test(at) || !!udp && !isAddress.test(at) && !isHere.test(
	    name) && !/^(0|169\.254|2[2-5]\d)\.|^\[(::|fe[89ab]|ff)/.test(name);
}

// Where a call goes on: at its switch, or where we have reached it.
function homeOf(serverName, port, line) {
	try {
		return line.me.scheme === "ws" ? line.switches :
		    ours(serverName, port, line.switches);
	} catch {
		return [new URL(line.socket.url).host];
	}
}

// What a switch says of a call, as far as it is right.
export function readSession(text, line, id) {
	const { sessionId, serverName, port, iceServers, caller, offer } =
	    JSON.parse(text);
	const isShort = (one) => typeof one === "string" &&
	    /^[^\x00-\x1f\x7f]{1,512}$/.test(one);
	if (!/^[0-9a-f]{32}$/.test(sessionId) || id && id !== sessionId ||
	    caller !== undefined && !NUMBER.test(caller))
		throw new Error("malformed session");
	return { sessionId, caller, offer, line,
	    home: homeOf(serverName, port, line),
	    iceServers: iceServers?.slice(0, 8).map((one) => ({
		username: one.username, credential: one.credential,
		urls: [one.urls].flat().slice(0, 8).filter((url) =>
		    isShort(url) && isRelay(url, line)) })).filter((one) =>
		one.urls.length && isShort(one.username) &&
		isShort(one.credential)) };
}
