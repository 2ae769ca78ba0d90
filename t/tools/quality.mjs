// The page's quality line by made-up figures, and its score beside rp-dial's.
//
//	node quality.mjs JS-FOLDER EMODEL
//
// EMODEL is the program t/tools/emodel.
import { execFileSync } from "node:child_process";
import { assert, done, test } from "./tap.mjs";

const [folder, emodel] = process.argv.slice(2);
const { Quality, score } = await import(`${folder}/quality.js`);

const near = (got, wanted, tolerance = 1e-9) =>
    assert.ok(Math.abs(got - wanted) <= tolerance, `${got}, not ${wanted}`);

test("the score is rp-dial's, for any delay and loss", () => {
	const table = [];
	for (const buffer of [0, 20, 40, 73.5, 120, 400, 2000])
		for (const rtt of [0, 1, 30, 107, 147, 200, 400, 1500])
			for (const missing of [0, 1, 7, 20, 251, 500, 1000])
				table.push([buffer, rtt, missing, 1000]);
	const theirs = execFileSync(emodel, { encoding: "utf8",
	    input: table.map((one) => `${one.join(" ")}\n`).join("") })
	    .trim().split("\n").map(Number);
	assert.equal(theirs.length, table.length);
	assert.ok(new Set(theirs).size > 100, "they differ");
	table.forEach(([buffer, rtt, missing, total], i) =>
	    near(score(buffer, rtt, 100 * missing / total), theirs[i], 1e-6));
});

// Chromium's reports, and what Firefox has of them.
function chromium(seconds, change = {}) {
	return [
		{ id: "T", type: "transport", selectedCandidatePairId: "P2" },
		{ id: "P1", type: "candidate-pair", currentRoundTripTime: 9 },
		{ id: "P2", type: "candidate-pair", currentRoundTripTime: 0.03 },
		{ id: "V", type: "inbound-rtp", kind: "video", jitter: 5,
		    packetsReceived: 1e6 },
		{ id: "A", type: "inbound-rtp", kind: "audio", ssrc: 7,
		    packetsReceived: 50 * seconds, packetsLost: 0,
		    jitter: 0.002, totalSamplesReceived: 48000 * seconds,
		    concealedSamples: 0, jitterBufferDelay: 48000 * seconds *
		    0.06, jitterBufferEmittedCount: 48000 * seconds, ...change }
	];
}

const firefox = (seconds, change) => [
	{ id: "p", type: "candidate-pair", selected: true },
	{ id: "r", type: "remote-inbound-rtp", kind: "audio",
	    roundTripTime: 0.04 },
	{ id: "a", type: "inbound-rtp", mediaType: "audio", ssrc: 7,
	    packetsReceived: 50 * seconds, packetsLost: 5 * seconds,
	    jitter: 0.01, ...change }
];

test("there is no figure before there is a sound", () => {
	assert.equal(new Quality().take([]), null);
	assert.equal(new Quality().take(chromium(0)), null);
});

test("Chromium's figures: of the sound, by the pair in use", () => {
	const got = new Quality().take(chromium(1));
	assert.equal(got.loss, 0);
	near(got.jitter_ms, 2);
	near(got.rtt_ms, 30);
	near(got.mos, score(60, 30, 0));
});

test("the figures are those since the last time", () => {
	const quality = new Quality();
	quality.take(chromium(1));
	const bad = quality.take(chromium(2, { packetsReceived: 75,
	    packetsLost: 25, concealedSamples: 12000 }));
	near(bad.loss, 50);
	near(bad.mos, score(60, 30, 25));
	const good = quality.take(chromium(3, { packetsReceived: 125,
	    packetsLost: 25, concealedSamples: 12000 }));
	near(good.loss, 0);
	near(good.mos, score(60, 30, 0));
});

test("what is recovered is heard, though its packets are lost", () => {
	const quality = new Quality();
	const got = quality.take(chromium(1, { packetsReceived: 40,
	    packetsLost: 10 }));
	near(got.loss, 20);
	near(got.mos, score(60, 30, 0));
});

test("a peer that falls silent is not heard", () => {
	const quality = new Quality();
	quality.take(chromium(1));
	const got = quality.take(chromium(2, { packetsReceived: 50,
	    concealedSamples: 48000, jitterBufferDelay: 2880,
	    jitterBufferEmittedCount: 48000 }));
	near(got.mos, score(40 + 2 * 2, 30, 100));
});

test("a browser without figures of samples: each lost packet counts", () => {
	const got = new Quality().take(firefox(1));
	near(got.loss, 100 * 5 / 55);
	near(got.rtt_ms, 40);
	near(got.mos, score(40 + 2 * 10, 40, 100 * 5 / 55));
});

test("two samples at one time are one", () => {
	const quality = new Quality();
	const first = quality.take(chromium(1, { packetsLost: 5 }));
	assert.deepEqual(quality.take(chromium(1, { packetsLost: 5 })), first);
});

test("a stream that replaces another counts anew", () => {
	const quality = new Quality();
	quality.take(chromium(100, { packetsLost: 50 }));
	near(quality.take(chromium(1, { ssrc: 8, packetsLost: 50 })).loss, 50);
	near(quality.take(chromium(2, { ssrc: 9, packetsLost: 300 })).loss, 75);
	// The same number, as behind a conference that begins again.
	near(quality.take(chromium(0.5, { ssrc: 9 })).loss, 0);
});

test("of two streams, the one that something came of last", () => {
	const old = { id: "O", type: "inbound-rtp", kind: "audio", ssrc: 6,
	    packetsReceived: 9000, jitter: 1, lastPacketReceivedTimestamp: 1 };
	const got = new Quality().take([old,
	    ...chromium(1, { lastPacketReceivedTimestamp: 2 })]);
	near(got.jitter_ms, 2);
});

test("any figures give some score", () => {
	const odd = [undefined, NaN, -1, 0, 1e12, "x"];
	for (const one of odd)
		for (const other of odd) {
			const quality = new Quality();
			quality.take(chromium(1));
			const got = quality.take(chromium(2, {
				packetsLost: one, jitter: other,
				totalSamplesReceived: other,
				concealedSamples: one, jitterBufferDelay: other,
				jitterBufferEmittedCount: one }));
			for (const value of Object.values(got))
				assert.ok(Number.isFinite(value), String(value));
			assert.ok(got.loss >= 0 && got.loss <= 100);
			assert.ok(got.mos >= 1 && got.mos <= 4.5,
			    JSON.stringify([one, other, got]));
		}
});

await done();
