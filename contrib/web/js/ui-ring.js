// What is heard while a call rings, made of tones: no file has to be fetched.
// A telephone shakes besides, where it can.

// Frequencies in Hz, the loudness, and seconds of sound and of silence.
const KINDS = {
	incoming: { tones: [[880, 0.2], [698, 0.2], [880, 0.2], [698, 0.2]],
	    loud: 0.35, every: 2.4, shakes: [400, 200, 400] },
	ringing: { tones: [[425, 1]], loud: 0.06, every: 5 }
};
const RAMP_S = 0.02;	// a tone that begins at once clicks

let context = null, timer = null, sounds = null;

function tone(hertz, loud, from, seconds) {
	const source = context.createOscillator();
	const volume = context.createGain();
	source.frequency.value = hertz;
	volume.gain.setValueAtTime(0, from);
	volume.gain.linearRampToValueAtTime(loud, from + RAMP_S);
	volume.gain.setValueAtTime(loud, from + seconds - RAMP_S);
	volume.gain.linearRampToValueAtTime(0, from + seconds);
	source.connect(volume).connect(context.destination);
	source.start(from);
	source.stop(from + seconds);
}

// A page that was not touched yet may not.
function shake(pattern) {
	if (navigator.userActivation?.hasBeenActive)
		navigator.vibrate?.(pattern);
}

function once({ tones, loud, shakes }) {
	let at = context.currentTime + 0.05;
	for (const [hertz, seconds] of tones) {
		tone(hertz, loud, at, seconds);
		at += seconds;
	}
	if (shakes)
		shake(shakes);
}

// Sound as this state of a call does, or be silent. The browser lets a page
// sound once its user has touched it; until then this is silence.
export function ring(state) {
	const kind = Object.hasOwn(KINDS, state) ? state : null;
	if (kind === sounds)
		return;
	sounds = kind;
	clearInterval(timer);
	context?.close().catch(() => {});
	context = null;
	if (kind === null) {
		shake(0);
		return;
	}
	try {
		context = new AudioContext();
		context.resume().catch(() => {});
		once(KINDS[kind]);
		timer = setInterval(once, KINDS[kind].every * 1000,
		    KINDS[kind]);
	} catch {
		// There is no sound on this machine; the page is seen.
	}
}

// What sounds now, for tests: "" for nothing.
export function ringing() {
	return sounds === null ? "" : `${sounds} ${context?.state ?? "none"}`;
}
