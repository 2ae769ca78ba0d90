// hook: a microphone and ears for a page under test. The driver (drive.mjs) runs
// it, with page.js before it, before each of the page's own scripts. SPEECH
// is a WAV in base64, or null: then the page has the browser's own microphone.
//
// window.rpTest.say() speaks into the microphone. What the page plays
// aloud is recorded all the time; rpTest.heard() is that so far, in base64.
"use strict";
const elements = new Map();	// what is played: its source in the recorder
let context, voice, words, ears;

// Only a page that is loaded has its modules.
async function begin() {
	context = new AudioContext({ sampleRate: 48000 });
	ears = await recorder(context);
	if (!SPEECH)
		return;
	voice = context.createGain();
	// A microphone is never quite still; nothing at all would not be sent.
	const hiss = context.createOscillator(), faint = context.createGain();
	faint.gain.value = 0.0001;
	hiss.connect(faint).connect(voice);
	hiss.start();
	words = await context.decodeAudioData(Uint8Array.from(atob(SPEECH),
	    (one) => one.charCodeAt(0)).buffer);
}
let begun;
function ready() {
	begun ??= begin();
	return begun;
}

// Each has tracks of its own, as a real one.
async function microphone({ audio, video }) {
	await ready();
	const stream = new MediaStream();
	if (audio) {
		const mouth = context.createMediaStreamDestination();
		voice.connect(mouth);
		mouth.stream.getTracks().forEach((one) => stream.addTrack(one));
	}
	if (video) {
		const picture = document.createElement("canvas");
		picture.getContext("2d").fillRect(0, 0, 64, 64);
		picture.captureStream(5).getTracks().forEach((one) =>
		    stream.addTrack(one));
	}
	return stream;
}

// What an element plays now is heard, and nothing else of it.
async function listen(element) {
	await ready();
	elements.get(element)?.disconnect();
	elements.delete(element);
	const stream = element.srcObject;
	if (element.muted || element.paused || !stream?.getAudioTracks?.().length)
		return;
	const source = context.createMediaStreamSource(stream);
	source.connect(ears);
	elements.set(element, source);
}
const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype,
    "srcObject");
Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { ...own,
	set(stream) {
		for (const what of ["playing", "pause", "emptied",
		    "volumechange"])
			this.addEventListener(what, follow);
		own.set.call(this, stream);
	} });
function follow(event) {
	listen(event.target);
}

function base64(chunks) {
	const bytes = new Uint8Array(chunks.reduce((sum, one) =>
	    sum + one.byteLength, 0));
	let at = 0, text = "";
	for (const one of chunks) {
		bytes.set(new Uint8Array(one.buffer), at);
		at += one.byteLength;
	}
	for (at = 0; at < bytes.length; at += 3 * 4096)
		text += btoa(String.fromCharCode(
		    ...bytes.subarray(at, at + 3 * 4096)));
	return text;
}

if (SPEECH && navigator.mediaDevices)
	navigator.mediaDevices.getUserMedia = microphone;
if (isSecureContext && location.protocol.startsWith("http"))
	addEventListener("load", ready);
window.rpTest = {
	async say() {
		await ready();
		const source = context.createBufferSource();
		source.buffer = words;
		source.connect(voice);
		source.start();
	},
	heard: () => base64(ears?.chunks ?? []),
	// In samples.
	length: () => (ears?.chunks.length ?? 0) * 4096
};
