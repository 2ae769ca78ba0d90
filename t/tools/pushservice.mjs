// pushservice: a push service for Firefox, which RFC 8030 senders reach.
//
//	node pushservice.mjs DIR
//
// DIR has key.pem and cert.pem for 127.0.0.1. The service adds `ready` with
// socket= (dom.push.serverURL) and control=, and `log`, a JSON line for each
// message that a sender brought: { channel, ttl, urgency, topic, bytes }.
//
// A browser says hello and registers channels over the WebSocket. A sender POSTs
// to https://127.0.0.1:PORT/CHANNEL. What waits for a browser is kept in order,
// and a message replaces an earlier one of its topic. A request to control does
// one of these:
//
//	/hold		deliver nothing from now on
//	/release	deliver what was kept, and go on
//	/forget		know no browser any more: each has to subscribe again
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import path from "node:path";

// Of the folder that NODE_PATH names, which import does not look at.
const { WebSocketServer } = createRequire(import.meta.url)("ws");

const dir = process.argv[2];
const read = (name) => fs.readFileSync(path.join(dir, name));
const log = fs.openSync(path.join(dir, "log"), "a");
const browsers = new Map();	// by uaid: { socket, waiting }
const channels = new Map();	// the uaid that has registered it
let isHeld = false;
let port;

function deliver(browser) {
	if (isHeld || !browser.socket)
		return;
	for (const { message } of browser.waiting.splice(0))
		browser.socket.send(JSON.stringify(message));
}

function take(request, body) {
	const channel = request.url.slice(1);
	const browser = browsers.get(channels.get(channel));
	const { ttl, urgency, topic } = request.headers;
	if (!browser)
		return 410;
	fs.writeSync(log, `${JSON.stringify({ channel, ttl, urgency, topic,
		bytes: body.length })}\n`);
	browser.waiting = browser.waiting.filter((one) =>
	    !topic || one.topic !== topic);
	browser.waiting.push({ topic, message: {
		messageType: "notification", channelID: channel,
		version: crypto.randomUUID(), data: body.toString("base64url"),
		headers: { encoding: request.headers["content-encoding"] }
	} });
	deliver(browser);
	return 201;
}

const endpoints = https.createServer({ key: read("key.pem"),
    cert: read("cert.pem") }, (request, response) => {
	const parts = [];
	request.on("data", (part) => parts.push(part));
	request.on("end", () => response.writeHead(
	    take(request, Buffer.concat(parts)),
	    { Location: request.url, TTL: request.headers.ttl ?? 0 }).end());
});

const answers = {
	hello(message, state) {
		state.uaid = browsers.has(message.uaid) ? message.uaid :
		    crypto.randomBytes(16).toString("hex");
		const known = browsers.get(state.uaid) ?? { waiting: [] };
		browsers.set(state.uaid, { ...known, socket: state.socket });
		return { status: 200, uaid: state.uaid, use_webpush: true,
			broadcasts: {} };
	},
	register({ channelID }, { uaid }) {
		channels.set(channelID, uaid);
		return { status: 200, channelID,
			pushEndpoint: `https://127.0.0.1:${port}/${channelID}` };
	},
	unregister({ channelID }) {
		channels.delete(channelID);
		return { status: 200, channelID };
	}
};

function attend(socket) {
	const state = { socket };
	socket.on("message", (data) => {
		const message = JSON.parse(data);
		const { messageType } = message;
		if (messageType === undefined) {
			socket.send("{}");	// a ping
			return;
		}
		const answer = answers[messageType]?.(message, state);
		if (answer)
			socket.send(JSON.stringify({ messageType, ...answer }));
		if (messageType === "hello")
			deliver(browsers.get(state.uaid));
	});
	socket.on("close", () => {
		const browser = browsers.get(state.uaid);
		if (browser?.socket === socket)
			browser.socket = null;
	});
}

const controls = {
	hold() {
		isHeld = true;
	},
	release() {
		isHeld = false;
		browsers.forEach(deliver);
	},
	forget() {
		const gone = [...browsers.values()];
		browsers.clear();
		channels.clear();
		gone.forEach(({ socket }) => socket?.close());
	}
};

const sockets = http.createServer((request, response) => {
	const control = controls[request.url.slice(1)];
	control?.();
	response.writeHead(control ? 204 : 404).end();
});
new WebSocketServer({ server: sockets,
	handleProtocols: (offered) => [...offered][0] }).on("connection", attend);

const listen = (server) => new Promise((done) =>
    server.listen(0, "127.0.0.1", () => done(server.address().port)));
port = await listen(endpoints);
const at = `127.0.0.1:${await listen(sockets)}`;
fs.writeFileSync(path.join(dir, "ready.new"),
    `socket=ws://${at}/\ncontrol=http://${at}\n`);
fs.renameSync(path.join(dir, "ready.new"), path.join(dir, "ready"));
