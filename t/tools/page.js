// page: functions for the pages in this folder, which browser.js serves with
// it.
"use strict";

// What condition comes to, once it is true.
async function until(what, condition, seconds = 120) {
	const end = performance.now() + seconds * 1000;
	for (;;) {
		const found = await condition();
		if (found)
			return found;
		if (performance.now() > end)
			throw new Error(`never ${what}`);
		await new Promise((done) => setTimeout(done, 20));
	}
}

// What is heard from now on, in chunks of 16-bit samples.
function record(context, stream) {
	const element = new Audio();
	element.muted = true;		// Chromium decodes only what is played
	element.srcObject = stream;
	element.play();
	const chunks = [];
	const recorder = context.createScriptProcessor(4096, 1, 1);
	recorder.onaudioprocess = (event) => {
		const from = event.inputBuffer.getChannelData(0);
		chunks.push(Int16Array.from(from, (x) =>
		    Math.max(-32768, Math.min(32767, x * 32768))));
	};
	context.createMediaStreamSource(stream).connect(recorder);
	recorder.connect(context.destination);
	return chunks;
}

async function inbound(pc) {
	return [...(await pc.getStats()).values()].find((one) =>
	    one.type === "inbound-rtp") || { bytesReceived: 0,
	    packetsReceived: 0, totalAudioEnergy: 0 };
}

// Two seconds of sound; Chromium's microphone beeps once in each, and Firefox's
// is a tone.
async function listen(pc) {
	const element = new Audio();	// only what is played is decoded
	element.srcObject = new MediaStream(
	    pc.getReceivers().map((one) => one.track));
	element.play();
	const before = await inbound(pc);
	return until("heard", async () => {
		const now = await inbound(pc);
		return now.packetsReceived > before.packetsReceived + 100 &&
		    now.totalAudioEnergy > 0.001 && now;
	});
}

// Report what run returns, or what it failed of, and also, whatever happens.
function report(run, also = {}) {
	run().then((result) => ({ ok: true, ...result }),
	    (error) => ({ ok: false, why: String(error) })).then((result) =>
	    fetch("/result", { method: "POST",
	    body: JSON.stringify({ ...result, ...also }) }));
}
