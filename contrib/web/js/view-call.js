// A call, from the first ring to its end.
import { $, control, list, make, say, show } from "./ui-dom.js";
import { clean, clock, figure, has, moment, reason, t } from "./ui-text.js";
import { isGuest, nameOf } from "./view-home.js";
import { fillDevices } from "./view-settings.js";

const NUMBER_MAX = 32;
const TICK_MS = 200;

// Which controls a state has. They stand in the order of the page, so that the
// last is nearest to the thumb.
const CONTROLS = {
	calling: ["hang-up"],
	ringing: ["hang-up"],
	incoming: ["decline", "answer"],
	connecting: ["hang-up"],
	talking: ["mute", "hang-up"],
	restoring: ["mute", "hang-up"],
	over: ["again", "done"]
};
export const STATES = Object.keys(CONTROLS);

const lasts = ({ state }) => state === "talking" || state === "restoring";

const shortName = ({ contacts }, { peer }) => clean(nameOf(contacts, peer));

// The peer as the user knows it, with its number where that is another name.
export function peerName(phone, call) {
	const name = shortName(phone, call);
	const number = clean(call.peer, NUMBER_MAX);
	return name === clean(call.peer) || isGuest(call.peer) ? name :
	    `${name} (${number})`;
}

export function stateText(phone, call) {
	const who = shortName(phone, call);
	if (call.state === "over")
		return reason(call.reason === "failed" && !call.since ?
		    "not-placed" : call.reason || "hung-up", { who });
	return has(`state.${call.state}`) ?
	    t(`state.${call.state}`, { who }) : clean(call.state);
}

function controls(page, call) {
	const shown = new Set(Object.hasOwn(CONTROLS, call.state) ?
	    CONTROLS[call.state] : ["hang-up"]);
	if (call.state === "incoming" && call.video && page.config.video)
		shown.add("answer-video");
	if (call.state === "over" && isChanged(call))
		shown.add("forget");
	if (isGuest(call.peer))
		shown.delete("again");
	for (const one of $("actions").children)
		show(one, shown.has(one.dataset.do));
	const mute = control("mute");
	mute.classList.toggle("on", Boolean(call.muted));
	say(mute, t(call.muted ? "call.unmute" : "call.mute"));
}

// Four words: as plain as on a terminal, with the question that they are for.
function words(call) {
	const on = lasts(call) && Array.isArray(call.words) &&
	    call.words.length > 0;
	const asks = call.wordsState === "new";
	show($("words"), on);
	if (!on)
		return;
	say($("words-title"), t(asks ? "words.title" : "words.title-known"));
	say($("words-how"), t(asks ? "words.how" : "words.known"));
	list($("words-list"), call.words.slice(0, 4), (word) =>
	    make("li", {}, clean(word)));
	show(control("confirm-words"), asks);
	show(control("refuse-words"), asks);
}

const isChanged = ({ identity }) =>
    ["changed", "expired"].includes(identity?.state);

// Who the peer is, as far as its certificate and the words tell.
function identity(page, call) {
	const who = shortName(page.phone, call);
	const texts = [];
	const state = call.identity?.state;
	if (state && has(`identity.${state}`) &&
	    (lasts(call) || isChanged(call)))
		texts.push([t(`identity.${state}`, { who }),
		    isChanged(call) ? "alarm" : ""]);
	if (lasts(call) && has(`words.${call.wordsState}-why`))
		texts.push([t(`words.${call.wordsState}-why`, { who }),
		    call.wordsState === "missing" ? "alarm" : ""]);
	// Words say the same, and are easier to compare.
	if (texts.length > 0 && call.identity?.fingerprint && !call.words)
		texts.push([t("identity.fingerprint"), "",
		    clean(call.identity.fingerprint, 128)]);
	list($("identity"), texts, ([text, kind, code]) =>
	    make("p", kind ? { class: kind } : {}, text,
	    ...code ? [" ", make("code", {}, code)] : []));
}

function quality({ quality: q, state }) {
	const on = Boolean(q) && state === "talking";
	show($("quality"), on);
	if (on)
		say($("quality"), t("call.quality", { loss: figure(q.loss, 1),
		    jitter: figure(q.jitter_ms, 1), rtt: figure(q.rtt_ms, 0),
		    mos: figure(q.mos, 2) }));
}

function level(call) {
	const on = lasts(call) && !call.muted;
	show($("level-row"), on);
	$("level").value = on && Number.isFinite(call.level) ? call.level : 0;
}

function beside(page, call) {
	const { second } = page.phone;
	const who = shortName(page.phone, call);
	say($("away"), lasts(call) && has(`call.away-${call.away}`) ?
	    t(`call.away-${call.away}`, { who }) : "");
	say($("second"), second ? t("call.second", { when: moment(second.when),
	    who: peerName(page.phone, second) }) : "");
}

// What moves although the phone says nothing.
export function tick({ call }) {
	const since = Number(call?.since);
	const on = Boolean(call) && since > 0 && lasts(call);
	show($("time"), on);
	if (!on)
		return;
	say($("time"), clock((Date.now() - since) / 1000));
	level(call);
}

export function callView(page) {
	const { phone } = page;
	const does = (name, what) =>
		control(name).addEventListener("click", () =>
		    page.tries(what, control(name)));
	does("answer", () => phone.answer({ video: false }));
	does("answer-video", () => phone.answer({ video: true }));
	does("decline", () => phone.decline());
	does("hang-up", () => phone.hangUp());
	does("mute", () => phone.mute(!phone.call.muted));
	does("confirm-words", () => phone.confirmWords(true));
	does("refuse-words", () => phone.confirmWords(false));
	does("forget", async () => {
		await phone.forget(phone.call.peer);
		page.tell("identity.forgotten",
		    { who: shortName(phone, phone.call) });
	});
	control("done").addEventListener("click", () => page.leave());
	control("again").addEventListener("click", () =>
		page.dial(phone.call.peer, phone.call.video));
	setInterval(() => tick(phone), TICK_MS);
	let asked = false;
	return () => {
		const { call } = phone;
		if (!call)
			return;
		controls(page, call);
		identity(page, call);
		words(call);
		quality(call);
		level(call);
		beside(page, call);
		tick(phone);
		// Now the browser tells which devices there are.
		if (lasts(call) && !asked)
			fillDevices(page);
		asked = lasts(call);
		if (!asked)
			show($("speaker-row"), false);
	};
}
