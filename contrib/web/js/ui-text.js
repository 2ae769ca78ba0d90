// The texts of the page, in the user's language, and others' texts made safe.

// Each has a file words/NAME.json with the same keys.
export const LANGUAGES = { en: "English", de: "Deutsch" };
const KEPT = "rp-language";
const TEXT_MAX = 64;

let words = {};
export let language = "en";

// What does not show, or turns text round: controls, formats (bidi, zero
// width), line ends, and letters that look like nothing.
const UNSEEN =
    /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu;
// Marks that pile up would cover the lines above.
const PILED = /(\p{M}{2})\p{M}+/gu;

// Make a text from outside fit to be shown: bounded, one line, nothing hidden.
export function clean(text, most = TEXT_MAX) {
	// A long text is cut before it is looked at.
	const all = [...String(text ?? "").slice(0, 8 * most)
	    .replace(UNSEEN, "\ufffd").replace(PILED, "$1")];
	return all.length > most ? `${all.slice(0, most - 1).join("")}…` :
	    all.join("");
}

// A number or name within a sentence. Letters of the other direction must not
// reach beyond it.
function isolated(text) {
	return /^[\x20-\x7e]*$/.test(text) ? text : `\u2068${text}\u2069`;
}

export function has(key) {
	return Object.hasOwn(words, key);
}

// The text of a key; {name} in it stands for a value, which is cleaned here.
export function t(key, values = {}) {
	return (has(key) ? words[key] : key).replace(/\{(\w+)\}/g,
	    (all, name) => name in values ?
	    isolated(clean(values[name])) : all);
}

// The text of a reason of rp-signal(7), or of a fault of this page.
export function reason(token, values = {}) {
	const known = ["error.", "reason.", "error.microphone-"]
	    .map((kind) => kind + token).find(has);
	return known ? t(known, values) : t("reason.other",
	    { ...values, reason: token });
}

function wanted() {
	let kept = null;
	try {
		kept = localStorage.getItem(KEPT);
	} catch {
		// Storage may be off; then the browser's languages count.
	}
	return [kept, ...navigator.languages ?? [navigator.language]]
	    .map((name) => String(name).slice(0, 2).toLowerCase())
	    .find((name) => Object.hasOwn(LANGUAGES, name)) ?? "en";
}

// Read the words of a language, of the user's if none is given, and put them
// where the page has data-t (text) and data-t-label (a name for those who
// do not see it).
export async function speak(name = wanted(), keep = false) {
	const answer = await fetch(`words/${name}.json`);
	if (!answer.ok)
		throw new Error(`words/${name}.json: ${answer.status}`);
	words = await answer.json();
	language = name;
	document.documentElement.lang = name;
	if (keep) {
		try {
			localStorage.setItem(KEPT, name);
		} catch {
			// As above: it lasts until the page is closed.
		}
	}
	for (const one of document.querySelectorAll("[data-t]"))
		one.textContent = t(one.dataset.t);
	for (const one of document.querySelectorAll("[data-t-label]"))
		one.setAttribute("aria-label", t(one.dataset.tLabel));
}

// 1:05, or 1:01:05
export function clock(seconds) {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n) => String(n).padStart(2, "0");
	const minutes = Math.floor(s / 60);
	return minutes < 60 ? `${minutes}:${two(s % 60)}` :
	    `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

// The time of day, with the day if that was not today.
export function moment(ms) {
	const when = new Date(Number(ms));
	if (Number.isNaN(when.getTime()))
		return "";
	const today = new Date().toDateString() === when.toDateString();
	return new Intl.DateTimeFormat(language, { timeStyle: "short",
	    ...!today && { dateStyle: "short" } }).format(when);
}

// The day, of seconds since 1970 at which it begins in UTC.
export function day(seconds) {
	const when = new Date(Number.isFinite(seconds) ? seconds * 1000 : NaN);
	return Number.isNaN(when.getTime()) ? "–" :
	    new Intl.DateTimeFormat(language, { dateStyle: "medium",
		timeZone: "UTC" }).format(when);
}

export function figure(value, digits) {
	return Number.isFinite(value) ? new Intl.NumberFormat(language, {
		minimumFractionDigits: digits, maximumFractionDigits: digits
	}).format(value) : "–";
}
