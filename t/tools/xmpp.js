// xmpp: ask an XMPP server for its TURN servers, as a client of it does.
//
//	node xmpp.js HOST:PORT USER@DOMAIN PASSWORD
//
// Log in over TCP (RFC 6120; SASL PLAIN without TLS, so on loopback only), ask
// for the external services (XEP-0215), and print those of TURN as JSON: the
// iceServers of a browser.
"use strict";
const net = require("net");

const [server, jid, password] = process.argv.slice(2);
const [user, domain] = jid.split("@");
const [, host, port] = server.match(/^(.*):(\d+)$/);
const seconds = 60;
let heard = "";

function fail(why) {
	console.error(`xmpp: ${server}: ${why}`);
	process.exit(1);
}

// What the server says from here up to the end of the pattern.
function answer(pattern) {
	return new Promise((done) => {
		const look = () => {
			const found = pattern.exec(heard);
			if (!found)
				return;
			socket.off("data", look);
			heard = heard.slice(found.index + found[0].length);
			done(found[0]);
		};
		socket.on("data", look);
		look();
	});
}

function open_stream() {
	socket.write(`<?xml version="1.0"?><stream:stream to="${domain}"` +
	    ' xmlns="jabber:client" version="1.0"' +
	    ' xmlns:stream="http://etherx.jabber.org/streams">');
	return answer(/<\/stream:features>/);
}

async function log_in() {
	const plain = Buffer.from(`\0${user}\0${password}`).toString("base64");

	await open_stream();
	socket.write('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl"' +
	    ` mechanism="PLAIN">${plain}</auth>`);
	const said = await answer(/<(?:success|failure)\b[^>]*>/);
	if (!said.startsWith("<success"))
		fail(`refuses ${jid}`);
	await open_stream();
	await ask("set", "bind",
	    '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>', "");
}

async function ask(type, id, question, to = ` to="${domain}"`) {
	socket.write(`<iq type="${type}" id="${id}"${to}>${question}</iq>`);
	const said = await answer(/<iq\b[^>]*>.*?<\/iq>/s);
	if (!/^<iq\b[^>]*type=['"]result['"]/.test(said))
		fail(`refuses ${id}: ${said}`);
	return said;
}

function attributes(element) {
	const found = {};

	for (const [, name, , value] of
	    element.matchAll(/([a-z]+)=(["'])(.*?)\2/g))
		found[name] = value.replace(/&lt;/g, "<").replace(/&amp;/g, "&");
	return found;
}

async function services() {
	const said = await ask("get", "services",
	    '<services xmlns="urn:xmpp:extdisco:2"/>');

	return [...said.matchAll(/<service\b[^>]*>/g)].map(([element]) =>
	    attributes(element));
}

const socket = net.connect(Number(port), host, async () => {
	await log_in();
	const found = (await services()).filter((one) =>
	    one.type.startsWith("turn"));
	console.log(JSON.stringify(found.map((one) => ({
		urls: `${one.type}:${one.host}:${one.port}` +
		    `?transport=${one.transport}`,
		username: one.username, credential: one.password
	}))));
	socket.end("</stream:stream>");
	process.exit(0);
});
socket.setEncoding("utf8");
socket.on("data", (data) => { heard += data; });
socket.on("error", (error) => fail(error.message));
socket.on("close", () => fail(`closed the stream: ${heard}`));
setTimeout(() => fail(`says no more than: ${heard}`), seconds * 1000);
