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

// A recorder of what is connected to it from now on: its chunks of 16-bit samples
// are in .chunks.
async function recorder(context) {
	await context.audioWorklet.addModule("/recorder.js");
	const node = new AudioWorkletNode(context, "recorder",
	    { channelCount: 1, channelCountMode: "explicit" });
	node.chunks = [];
	node.port.onmessage = (event) => { node.chunks.push(event.data); };
	node.connect(context.destination);
	return node;
}

// What is heard from now on, in chunks of 16-bit samples.
async function record(context, stream) {
	const element = new Audio();
	element.muted = true;		// Chromium decodes only what is played
	element.srcObject = stream;
	element.play();
	const node = await recorder(context);
	context.createMediaStreamSource(stream).connect(node);
	return node.chunks;
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
