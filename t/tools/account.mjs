// The page's account, in a browser that is made up: which switch it asks.
//
//	node account.mjs JS-FOLDER
import { answer, settle, sockets } from "./fakes.mjs";
import { assert, done, test } from "./tap.mjs";

const [folder] = process.argv.slice(2);
const { Account } = await import(`${folder}/account.js`);

async function made(switches) {
	const store = { get: async (name) => name === "account" ?
	    { number: "alice", token: "secret" } : undefined, put: async () => {} };
	const one = new Account(store, { switches, scheme: "wss" });
	await one.load();
	sockets.length = 0;
	return one;
}

const hosts = () => sockets.map(({ url }) => new URL(url).host);

// Put the registration, and answer it at each switch in turn. Returns how it
// ended, and who was asked.
async function put(one, ...statuses) {
	const ended = one.ask("PUT", "/push", "{}", "application/json")
	    .then(() => "done", ({ status, what }) => status ?? what);
	const asked = [];
	for (const status of statuses) {
		await settle();
		const at = sockets.findLast(({ sent }) => sent.length > 0 &&
		    !asked.includes(sent));
		if (!at)
			break;
		asked.push(at.sent);
		at.say(answer("", status));
	}
	return { how: await ended, asked: asked.length };
}

const FULL = "503 Service Unavailable";

test("a switch that cannot: the other one is asked", async () => {
	const one = await made(["a.example.org:31337", "b.example.org:31337"]);
	assert.deepEqual(await put(one, FULL, "204 No Content"),
	    { how: "done", asked: 2 });
	assert.deepEqual(hosts(), ["a.example.org:31337", "b.example.org:31337",
	    "b.example.org:31337"]);
});

test("none can: each is asked once, and 503 is the answer", async () => {
	const one = await made(["a.example.org:31337", "b.example.org:31337"]);
	assert.deepEqual(await put(one, FULL, FULL, "204 No Content"),
	    { how: 503, asked: 2 });
});

test("it is the only one: 503 is the answer", async () => {
	const one = await made(["a.example.org:31337"]);
	assert.deepEqual(await put(one, FULL, "204 No Content"),
	    { how: 503, asked: 1 });
});

test("what all would refuse is asked once", async () => {
	const one = await made(["a.example.org:31337", "b.example.org:31337"]);
	assert.deepEqual(await put(one, "401 Unauthorized", "204 No Content"),
	    { how: 401, asked: 1 });
});

test("the usual port, written out or not, is the same switch", async () => {
	const one = await made(["a.example.org:443", "b.example.org"]);
	assert.deepEqual(await put(one, FULL, FULL, "204 No Content"),
	    { how: 503, asked: 2 });
	assert.deepEqual(hosts().slice(2), ["b.example.org"]);
});

test("a name that is none ends nothing", async () => {
	const one = await made(["a.example.org:99999", "1.2.3.999",
	    "b.example.org:31337"]);
	assert.deepEqual(await put(one, "204 No Content"),
	    { how: "done", asked: 1 });
	assert.deepEqual(hosts(), ["b.example.org:31337"]);
});

await done();
