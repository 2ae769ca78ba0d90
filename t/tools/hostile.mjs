// The page's protocol against a switch that is not what it should be, in a browser
// that is made up: a socket whose other end is the test.
//
//	node hostile.mjs JS-FOLDER
import { ID, OFFER, answer, message, net, session, settle, sockets } from
    "./fakes.mjs";
import { assert, done, test } from "./tap.mjs";

const [folder] = process.argv.slice(2);
const { connect, ours, readSession } = await import(`${folder}/line.js`);
const { dial, ring } = await import(`${folder}/protocol.js`);

const track = { kind: "audio", enabled: false };
const stream = { getTracks: () => [track] };
const hooks = { certificate: async () => ({}) };
async function line(at = "example.org:31337") {
	const one = await connect([at], { number: "alice", token: "secret" });
	return [one, one.socket];
}
const heard = [];

// A call that was answered by its switch, whatever with.
async function called(text = session()) {
	const [one, socket] = await line();
	heard.length = 0;
	track.enabled = false;
	const call = dial(one, "bob", stream, (...what) => heard.push(what), hooks);
	call.catch(() => {});
	await settle();
	socket.say(answer(text));
	await settle();
	return [socket, call, RTCPeerConnection.last];
}
const requests = (socket) => socket.sent.filter((one) =>
    !one.startsWith("HTTP/")).map((one) => one.split(" ")[0]);

for (const [what, text] of [
    ["no message", "nonsense"], ["no head", "\r\n\r\n"],
    ["a frame of bytes", new Uint8Array(9)], ["nothing", ""],
    ["half a head", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"],
    ["a body of another length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"],
    ["no length", "HTTP/1.1 200 OK\r\n\r\nx"],
    ["a bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["a status of its own", answer("", "99999 what")],
    ["100 Continue", answer("", "100 Continue")],
    ["much too much", answer("x".repeat(65536))],
    ["a response that nobody asked for", answer()]])
	test(`${what} ends the connection`, async () => {
		const [one, socket] = await line();
		const isAsked = !what.startsWith("a response");
		const asked = isAsked ? one.ask("GET", "/switches").then(() => "",
		    (error) => error.message) : "closed";
		socket.say(text);
		assert.equal(await asked, "closed");
		assert.equal(socket.readyState, 3);
		assert.equal(socket.sent.length, isAsked ? 1 : 0);
	});

test("what is asked on a connection that ended fails", async () => {
	const [one, socket] = await line();
	socket.close();
	await assert.rejects(one.ask("GET", "/relay"), /closed/);
	assert.deepEqual(socket.sent, []);
});

test("a refusal has its status and its reason", async () => {
	const [one, socket] = await line();
	const asked = one.ask("GET", "/relay");
	socket.say(message("HTTP/1.1 429 Too Many", "", ["Reason: too-many-trials",
	    "Retry-After: 7"]));
	await assert.rejects(asked, { status: 429, reason: "too-many-trials",
	    after: 7 });
});

test("who we are is said once, and to one that we know", async () => {
	const [one, socket] = await line();
	one.ask("GET", "/relay").catch(() => {});
	one.ask("GET", "/relay").catch(() => {});
	assert.deepEqual(socket.sent.map((text) =>
	    text.includes("Authorization: Basic")), [true, false]);
	for (const name of ["evil.example", "xexample.org", "example.org.evil.org",
	    "evil.org/example.org", "a@evil.org", "example.org:1@evil.org"])
		assert.throws(() => ours(name, 1, ["example.org:31337"]), name);
	assert.deepEqual(ours("za1.example.org", 1, ["example.org:31337"]),
	    ["za1.example.org:1"]);
});

for (const [what, text] of [
    ["no JSON", "what"], ["null", "null"], ["a list", "[]"],
    ["an id with a path", session({ sessionId: "../../push" })],
    ["an id with lines", session({ sessionId: `${ID}\r\n\r\nX` })],
    ["an id that is a number", session({ sessionId: 1 })],
    ["a caller with markup", session({ caller: "<b>bob</b>" })],
    ["a port with a name", session({ port: "1@evil.example" })],
    ["servers that are a number", session({ iceServers: 1 })],
    ["a server that is null", session({ iceServers: [null] })]])
	test(`a session: ${what}: no call, and nothing is sent`, async () => {
		const [socket, call, pc] = await called(text);
		const is = await call.catch(() => null);
		assert.deepEqual(requests(socket), ["INITIATE"]);
		if (is === null)
			assert.equal(pc.signalingState, "closed");
		else
			assert.deepEqual(is.home, ["example.org:31337"]);
		is?.end("test");
	});

test("another name than ours is not where the call goes on", async () => {
	const [, call] = await called(session({ serverName: "evil.example" }));
	assert.deepEqual((await call).home, ["example.org:31337"]);
	(await call).end("test");
});

test("relays are those of the switch, and nothing else is asked", async () => {
	const take = (urls, at = "wss://example.org:31337/signal") =>
	    readSession(session({ iceServers: [{ username: "u",
		credential: "c", urls }] }), { me: {}, socket: { url: at },
		switches: [at.slice(6, -7)] }).iceServers
		.flatMap((one) => one.urls);
	const good = ["turn:192.0.2.1:3478?transport=udp",
	    "turn:[2001:db8::1]:3478?transport=udp",
	    "turn:za1.example.org:3478?transport=tcp",
	    "turns:example.org:5349?transport=tcp"];
	const bad = ["turn:evil.example:3478?transport=udp",
	    "turns:xexample.org?transport=tcp", "turn:127.0.0.1?transport=udp",
	    "turn:localhost?transport=udp", "turn:[::1]:1?transport=udp",
	    "turn:169.254.169.254:80?transport=udp",
	    "turn:224.0.0.1:1?transport=udp", "turn:[fe80::1]?transport=udp",
	    "turn:[::ffff:127.0.0.1]?transport=udp",
	    "turn:0.0.0.0?transport=udp", "turn:0x7f.1?transport=udp",
	    "turn:2130706433:1?transport=udp", "turn:192.0.2.1:22?transport=tcp",
	    "https://example.org/", "javascript:alert(1)", "turn:", 7, null,
	    "turn:example.org?transport=udp&x", "turn:a@example.org", {}];
	for (const url of good)
		assert.deepEqual(take([url]), [url]);
	for (const url of bad)
		assert.deepEqual(take([url]), [], String(url));
	assert.deepEqual(take("turn:127.0.0.1:1?transport=tcp",
	    "wss://127.0.0.1:2/signal"), ["turn:127.0.0.1:1?transport=tcp"]);
	assert.deepEqual(take(Array(99).fill(good[0])).length, 8);
});

test("a policy of the switch's own is not taken", async () => {
	const [, call, pc] = await called(session({ iceTransportPolicy: "all" }));
	assert.equal(pc.how.iceTransportPolicy, "relay");
	(await call).end("test");
});

const mine = `/session/${ID} HTTP/1.1`;
const FRAGMENT = ["Content-Type: application/trickle-ice-sdpfrag"];
const SDP = ["Content-Type: application/sdp"];
for (const [what, text, status] of [
    ["another method", message("GET /etc/passwd HTTP/1.1"), 405],
    ["a method of the client's", message(`INITIATE ${mine}`), 405],
    ["another call", message("HANGUP /session/other HTTP/1.1"), 404],
    ["a candidate before all else", message(`INFO ${mine}`,
	"a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n", FRAGMENT), 200],
    ["candidates without end", message(`INFO ${mine}`,
	"a=candidate:1\r\n".repeat(4000), FRAGMENT), 200],
    ["a type that nobody knows", message(`INFO ${mine}`, "x",
	["Content-Type: text/html"]), 200],
    ["a refusal of nothing", message(`INFO ${mine}`, "x",
	["Content-Type: application/rp-refusal"]), 200],
    ["ANSWER without an answer", message(`ANSWER ${mine}`), 200],
    ["an answer that is nonsense", message(`RING ${mine}`, "<b>", SDP), 200],
    ["an offer that is nonsense", message(`INFO ${mine}`, "a=setup:actpass",
	SDP), 200]])
	test(`${what} is answered ${status}, and nobody is heard`, async () => {
		const [socket, call] = await called();
		const one = await call;
		socket.say(text);
		await settle();
		const answers = socket.sent.filter((text) =>
		    text.startsWith("HTTP/"));
		assert.deepEqual(answers.map((text) => Number(text.split(" ")[1])),
		    [status]);
		assert.equal(track.enabled, false);
		assert.ok(one.kept.length <= 256);
		assert.equal(heard.filter(([word]) => word === "talking").length, 0);
		assert.deepEqual(requests(socket).filter((word) =>
		    !["INITIATE", "INFO"].includes(word)), []);
		one.end("test");
	});

test("a callee is not picked up by its switch", async () => {
	const [one, socket] = await line();
	const call = ring(one, ID, stream, (...what) => heard.push(what), hooks);
	await settle();
	socket.say(answer(session({ caller: "bob", offer: OFFER })));
	await settle();
	socket.say(answer("{}"));
	heard.length = 0;
	socket.say(message(`ANSWER ${mine}`));
	socket.say(message(`RING ${mine}`, OFFER, SDP));
	await settle();
	assert.equal(track.enabled, false);
	assert.deepEqual(heard, []);
	(await call).end("test");
});

test("a refusal of our own is one line", async () => {
	const [socket, call] = await called();
	const one = await call;
	one.pc.signalingState = "stable";
	socket.say(message(`INFO ${mine}`, "a=setup:actpass\r\nx", SDP));
	await settle();
	const said = socket.sent.at(-1);
	assert.match(said, /application\/rp-refusal/);
	assert.match(said, /\r\n\r\nbad [^\r\n]*$/);
	one.end("test");
});

test("more than can be worked off ends the connection", async () => {
	const [socket, call] = await called();
	for (let i = 0; i < 300; i++)
		socket.say(message(`INFO ${mine}`, "x", FRAGMENT));
	assert.equal(socket.readyState, 3);
	(await call).end("test");
});

test("a broken connection is made again, and what was open is said", async () => {
	const [socket, call] = await called();
	const one = await call;
	one.since = 0;		// it was there for long
	const said = one.say("INFO", "x", "text/plain");
	await settle();
	const known = sockets.length;
	socket.close();
	await new Promise((done) => setTimeout(done, 50));
	const next = sockets[known];
	assert.equal(next.url, "wss://za1.example.org:31338/signal");
	assert.match(next.sent[0], /^RESUME .*\r\nAuthorization: Basic /);
	next.say(answer(session()));
	await settle();
	assert.match(next.sent[1], /^INFO /);
	next.say(answer());
	await said;
	assert.deepEqual(heard.map(([word]) => word), ["away", "back"]);
	one.end("test");
});

for (const [status, reason] of [["410 Gone", "declined"],
    ["404 Not Found", "moved"], ["401 Unauthorized", "moved"]])
	test(`a resumption that is answered ${status} ends the call`, async () => {
		const [socket, call] = await called();
		const one = await call;
		one.since = 0;
		const known = sockets.length;
		socket.close();
		await new Promise((done) => setTimeout(done, 50));
		sockets[known].say(message(`HTTP/1.1 ${status}`, "",
		    ["Reason: declined"]));
		await settle();
		assert.deepEqual(heard.at(-1), ["over", reason]);
		assert.equal(one.pc.signalingState, "closed");
	});

// Its switch is there, but knows nobody yet, as without its directory.
for (const [status, reason] of [["503 Service Unavailable", "no-directory"],
    ["429 Too Many Requests", "too-many-proofs"]])
	test(`one that is answered ${reason} is tried again`, async () => {
		const [socket, call] = await called();
		const one = await call;
		one.since = 0;
		const known = sockets.length;
		socket.close();
		await new Promise((done) => setTimeout(done, 50));
		sockets[known].say(message(`HTTP/1.1 ${status}`, "",
		    [`Reason: ${reason}`]));
		await settle();
		assert.deepEqual([one.isThere, one.line.over,
		    sockets[known].readyState], [true, true, 3]);
		one.hurry();
		await new Promise((done) => setTimeout(done, 50));
		sockets[known + 1].say(answer(session()));
		await settle();
		assert.deepEqual(heard.map(([word]) => word), ["away", "back"]);
		one.end("test");
	});

test("until nothing listens there any more", async () => {
	const [socket, call] = await called();
	const one = await call;
	one.since = 0;
	const known = sockets.length;
	socket.close();
	await new Promise((done) => setTimeout(done, 50));
	sockets[known].say(message("HTTP/1.1 503 Service Unavailable", ""));
	await settle();
	net.refuses = true;
	one.hurry();
	await new Promise((done) => setTimeout(done, 50));
	net.refuses = false;
	assert.equal(one.isThere, false);
	one.end("test");
});

test("one that is answered too-many-resumes is the call's", async () => {
	const [socket, call] = await called();
	const one = await call;
	one.since = 0;
	const known = sockets.length;
	socket.close();
	await new Promise((done) => setTimeout(done, 50));
	sockets[known].say(message("HTTP/1.1 429 Too Many Requests", "",
	    ["Reason: too-many-resumes"]));
	await settle();
	assert.deepEqual(heard.map(([word]) => word), ["away", "back"]);
	assert.equal(one.line.socket, sockets[known]);
	one.end("test");
});

await done();
process.exit();
