// stack_wrtc: the end of a call by @roamhq/wrtc, which is libwebrtc in
// Node.js. See stackline.js for its arguments, and t/516-wrtc.t.
"use strict";
const fs = require("fs");
const { MediaStream, RTCPeerConnection, nonstandard: { RTCAudioSink,
    RTCAudioSource } } = require("@roamhq/wrtc");
const stackline = require("./stackline.js");

const RATE = 48000, FRAME = RATE / 100;	// libwebrtc takes 10 ms at once

// Samples, which are at that rate, at ours.
function converted(samples, rate) {
	const length = Math.floor(samples.length * RATE / rate);
	return Int16Array.from({ length }, (_, i) => {
		const place = i * rate / RATE, before = Math.floor(place);
		const next = samples[before + 1] ?? samples[before];
		return samples[before] +
		    (place - before) * (next - samples[before]);
	});
}

// The samples of a WAV of 16 bits, mono.
function speech(name) {
	const file = fs.readFileSync(name), at = file.indexOf("data") + 8;
	const samples = Int16Array.from({ length: (file.length - at) >> 1 },
	    (_, i) => file.readInt16LE(at + 2 * i));
	return converted(samples, file.readUInt32LE(24));
}

class End {
	constructor(configuration) {
		this.trickles = true;
		this.source = new RTCAudioSource();
		this.words = new Int16Array(0);
		this.heard = [];
		this.pc = new RTCPeerConnection(configuration);
		this.pc.addTrack(this.source.createTrack(), new MediaStream());
		this.pc.ontrack = ({ track }) => {
			this.sink = new RTCAudioSink(track);
			this.sink.ondata = (data) => this.hear(data);
		};
		this.since = performance.now();
		setInterval(() => this.say(), 5);
	}
	// The old path serves until the new one works.
	isConnected() {
		return this.pc.connectionState === "connected";
	}
	say() {
		for (; this.since <= performance.now(); this.since += 10) {
			const samples = new Int16Array(FRAME);
			samples.set(this.words.subarray(0, FRAME));
			this.words = this.words.subarray(FRAME);
			this.source.onData({ samples, sampleRate: RATE });
		}
	}
	hear({ samples, channelCount, sampleRate }) {
		const mono = samples.filter((_, i) => i % channelCount === 0);
		if (this.listens)
			this.heard.push(converted(mono, sampleRate));
	}
	speak() {
		this.words = speech("stack.wav");
	}
	listen() {
		this.listens = true;
	}
	write() {
		fs.writeFileSync("heard.raw", Buffer.concat(this.heard.map(
		    (one) => Buffer.from(one.buffer))));
	}
}

stackline.run((configuration) => new End(configuration));
