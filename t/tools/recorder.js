// recorder: an audio worklet that posts what it hears as 16-bit samples, in the
// order of the sound. Its thread goes on while the page is busy, and what it has
// posted waits, so that a busy machine loses nothing of a recording. Silence is
// recorded, too, so that the recording keeps the time.
"use strict";
const CHUNK = 4096;

registerProcessor("recorder", class extends AudioWorkletProcessor {
	constructor() {
		super();
		this.chunk = new Int16Array(CHUNK);
		this.n = 0;
	}
	process([[heard]]) {
		// A render quantum is 128 samples (Web Audio, 2.3).
		for (let i = 0; i < 128; i++)
			this.chunk[this.n++] = heard ? Math.max(-32768,
			    Math.min(32767, heard[i] * 32768)) : 0;
		if (this.n === CHUNK) {
			this.port.postMessage(this.chunk, [this.chunk.buffer]);
			this.chunk = new Int16Array(CHUNK);
			this.n = 0;
		}
		return true;
	}
});
