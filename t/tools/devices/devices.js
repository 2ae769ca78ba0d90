// devices: the page's modules for devices, habits and quality in a real browser.
// A connection leads from this page to itself. In place of the phone's engine is
// a list of what it was told. The scenario calls what window.rp has.
import * as media from "./js/media.js";
import { attend } from "./js/habits.js";
import { Quality } from "./js/quality.js";

const told = [];
const phone = Object.assign(new EventTarget(), {
	call: null, contacts: [], audio: document.getElementById("ear"),
	interrupted: (why) => told.push(`interrupted ${why}`),
	restored: () => told.push("restored"),
	mute: (on) => told.push(`mute ${on}`),
	hangUp() {
		told.push("hung up");
		become("over");
	}
});
const ear = document.getElementById("ear");
let near, far, quality, loudest = 0, quiet, marked, held = false;

// What the page asks of the system; actions is what it would answer.
const actions = {};
function watch() {
	const { wakeLock, mediaSession } = navigator;
	const request = wakeLock?.request.bind(wakeLock);
	if (request)
		wakeLock.request = async (kind) => {
			const lock = await request(kind);
			held = true;
			lock.addEventListener("release", () => { held = false; });
			return lock;
		};
	const set = mediaSession.setActionHandler.bind(mediaSession);
	mediaSession.setActionHandler = (name, action) => {
		set(name, action);
		actions[name] = action;
	};
}

function become(state) {
	phone.call = { state, peer: "bob", muted: false, video: false };
	phone.dispatchEvent(new Event("change"));
}

// Speak to ourselves, by the microphone whose label has this text.
async function call(label = "") {
	const { microphones } = await media.devices();
	const id = microphones.find((one) => one.label.includes(label))?.id;
	const stream = await media.microphone({ id });
	near = new RTCPeerConnection();
	far = new RTCPeerConnection();
	near.onicecandidate = ({ candidate }) => far.addIceCandidate(candidate);
	far.onicecandidate = ({ candidate }) => near.addIceCandidate(candidate);
	far.ontrack = ({ streams }) =>
	    media.play(document.getElementById("ear"), streams[0]);
	stream.getTracks().forEach((one) => near.addTrack(one, stream));
	await near.setLocalDescription();
	await far.setRemoteDescription(near.localDescription);
	await far.setLocalDescription();
	await near.setRemoteDescription(far.localDescription);
	phone.source = new media.Source(stream, { id,
	    senders: () => near.getSenders() });
	phone.source.addEventListener("change", ({ what }) => told.push(what));
	quiet = media.level(stream, (now) => {
		loudest = Math.max(loudest, now);
	});
	quality = new Quality(far);
	become("talking");
	return true;
}

async function received() {
	const all = [...(await far.getStats()).values()];
	return all.find(({ type }) => type === "inbound-rtp");
}

watch();
attend(phone);
const rp = {
	media, phone, told, actions, call,
	loudest: () => loudest,
	forget() {
		loudest = 0;
		told.length = 0;
	},
	sample: () => quality.sample(),
	stats: async () => [...(await far.getStats()).values()],
	packets: async () => (await received())?.packetsReceived ?? 0,
	energy: async () => (await received())?.totalAudioEnergy ?? 0,
	held: () => held,
	label: () => phone.source.track.label,
	// By the loudspeaker whose label has this text.
	async speak(label) {
		const { id } = (await media.devices()).speakers.find((one) =>
		    one.label.includes(label));
		return await media.play(ear, ear.srcObject, id) === id;
	},
	// Has sound come since the mark?
	async mark() {
		marked = await rp.energy();
	},
	grown: async () => await rp.energy() > marked + 0.0001,
	end() {
		quiet();
		phone.source.stop();
		near.close();
		far.close();
		become("over");
	},
	// What getUserMedia fails with, in the page's words.
	async failure(wanted) {
		try {
			const stream = await media.microphone(wanted);
			stream.getTracks().forEach((one) => one.stop());
			return "none fails";
		} catch ({ code }) {
			return code;
		}
	}
};
window.rp = rp;
