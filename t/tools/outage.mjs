// When the page restarts ICE, by a clock and a call that are made up.
//
//	node outage.mjs JS-FOLDER
import { assert, done, test } from "./tap.mjs";

const [folder] = process.argv.slice(2);
const { Outage } = await import(`${folder}/outage.js`);

// A call whose peer says what `peer` has. Half a second at a time.
function world() {
	const peer = { sound: 0, checks: 0 };
	const stats = () => new Map([
		["s", { type: "inbound-rtp", packetsReceived: peer.sound }],
		["c", { type: "candidate-pair", responsesReceived: peer.checks }]]);
	const call = { talking: true, moving: false, line: { over: false },
	    pc: { signalingState: "stable", getStats: async () => stats() },
	    end(reason) {
		call.over = `${reason} after ${clock}`;
		call.talking = false;
	    },
	    restarts: [], async restart() {
		call.restarts.push(clock);
		if (call.refusal)
			throw call.refusal;
	    } };
	let clock = 0;
	const seen = [];
	const outage = new Outage(call, () => seen.push(outage.silent),
	    () => clock);
	outage.stop();
	const pass = async (seconds, what = {}) => {
		for (let i = 0; i < 2 * seconds; i++) {
			clock += 500;
			peer.sound += what.sound ?? 0;
			peer.checks += what.checks ?? 0;
			await outage.look();
		}
	};
	return { call, outage, pass, peer, seen };
}
const gaps = (times) => times.slice(1).map((one, i) => one - times[i]);

test("sound needs no restart", async () => {
	const { call, pass, seen } = world();
	await pass(60, { sound: 25 });
	assert.deepEqual([call.restarts, seen], [[], []]);
});

test("two seconds of silence do, and their pauses double", async () => {
	const { call, pass, seen } = world();
	await pass(10, { sound: 25 });
	await pass(60);
	assert.equal(call.restarts[0], 12500);
	assert.deepEqual(gaps(call.restarts), [2000, 4000, 8000, 16000, 16000]);
	assert.deepEqual(seen, [true]);
});

test("after calm, the next pause is short again", async () => {
	const { call, pass, seen } = world();
	await pass(2, { sound: 25 });
	await pass(10);
	const before = call.restarts.length;
	await pass(60, { sound: 25 });
	assert.equal(call.restarts.length, before);
	assert.deepEqual(seen, [true, false]);
	await pass(6);
	assert.deepEqual(gaps(call.restarts.slice(before)), [2000]);
});

test("nothing is due before ANSWER, nor at once after it", async () => {
	const { call, pass } = world();
	call.talking = false;
	await pass(30);
	call.talking = true;
	await pass(7);
	assert.deepEqual(call.restarts, []);
	await pass(2);
	assert.equal(call.restarts.length, 1);
});

test("one at a time, and none without a switch", async () => {
	const { call, pass } = world();
	await pass(1, { sound: 25 });
	call.moving = true;
	await pass(10);
	call.moving = false;
	call.line.over = true;
	await pass(5);
	assert.deepEqual(call.restarts, []);
	call.line.over = false;
	await pass(1);
	assert.equal(call.restarts.length, 1);
});

test("a switch that refuses is asked when it wants", async () => {
	const { call, pass } = world();
	await pass(1, { sound: 25 });
	call.refusal = { after: 30 };
	await pass(40);
	assert.deepEqual(gaps(call.restarts), [30000]);
});

test("a peer without a microphone is heard by its checks", async () => {
	const { call, pass } = world();
	await pass(60, { checks: 1 });
	assert.deepEqual(call.restarts, []);
	await pass(1, { sound: 25 });
	await pass(60, { checks: 1 });
	assert.ok(call.restarts.length <= 1);
});

test("another connection counts anew", async () => {
	const { call, pass, peer } = world();
	await pass(1, { sound: 25 });
	call.pc = { ...call.pc };
	peer.sound = 0;
	await pass(7);
	assert.deepEqual(call.restarts, []);
});

// The call is over, and a half second is when it is seen.
async function dies(what, isOnline = true) {
	Object.defineProperty(globalThis, "navigator", { configurable: true,
	    value: { onLine: isOnline } });
	const { call, pass } = world();
	Object.assign(call, what);
	await pass(10, { sound: 25 });
	call.line.over = true;
	await pass(40);
	delete globalThis.navigator;
	return call.over;
}

test("a switch that is silent for six seconds is lost", async () =>
    assert.equal(await dies({}), "moved after 16500"));

test("a callee gives it half a minute", async () =>
    assert.equal(await dies({ isCallee: true }), "moved after 40500"));

test("and so does a caller without a network", async () =>
    assert.equal(await dies({}, false), "moved after 40500"));

test("and one whose switch answers, but takes nobody back", async () =>
    assert.equal(await dies({ isThere: true }), "moved after 40500"));

test("which it is no longer, so that six seconds count", async () => {
	const { call, pass } = world();
	await pass(10, { sound: 25 });
	Object.assign(call, { line: { over: true }, isThere: true });
	await pass(20);
	call.isThere = false;
	await pass(6);
	assert.equal(call.over, undefined);
	await pass(1);
	assert.equal(call.over, "moved after 36500");
});

test("while the peer is heard, or a line is there, it is not lost", async () => {
	const { call, pass } = world();
	call.line.over = true;
	await pass(60, { sound: 25 });
	call.line.over = false;
	await pass(60);
	call.line.over = true;
	await pass(6);
	assert.equal(call.over, undefined);
	await pass(1);
	assert.equal(call.over, "moved after 126500");
});

test("before ANSWER it is not judged", async () => {
	const { call, pass } = world();
	Object.assign(call, { talking: false, line: { over: true } });
	await pass(60);
	assert.equal(call.over, undefined);
});

await done();
process.exit();
