// What a push does to a device whose page is closed: it rings by a
// notification, and is taken back. Browsers demand that each push shows
// something.
import { decline } from "./errands.js";
import { pause } from "./line.js";
import { change, kept } from "./rings.js";

// As much as a push can hold (RFC 8030).
const MOST_TEXT = 4096;
const MOST_NAME = 64;
// How long the worker itself waits for the end of a ring whose cancel is lost.
const WATCH_MS = 60000;
// Controls, marks of direction and what has no width.
const STRANGE =
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
// A browser that has no room for one more shows it later, and says so then. What
// comes next must not wait for it.
const SHOWN_MS = 2000;
// For a language whose file is not there.
const ENGLISH = {
	"push-call": "Call from {who}",
	"push-missed": "Missed call from {who}",
	"push-elsewhere": "Call from {who}: answered on another device",
	"push-declined": "Call from {who}: declined",
	"push-answered": "Call from {who}: answered",
	"push-anonymous": "anonymous",
	"push-test": "Calls can reach this device",
	"push-other": "A message that this page does not know",
	"push-answer": "Answer",
	"push-decline": "Decline"
};

const at = (name) => new URL(name, registration.scope).href;

export function clean(text) {
	return [...String(text).slice(0, 4 * MOST_NAME).replace(STRANGE,
	    "\ufffd")].slice(0, MOST_NAME).join("").trim();
}

// The push's object of nothing but checked fields; throws.
export function read(text) {
	if (text.length > MOST_TEXT)
		throw new Error("length");
	const { kind, caller, sessionId, serverName, port, expiry, reason } =
	    JSON.parse(text);
	if (kind === "test")
		return { kind };
	const faults = {
		kind: kind !== "call" && kind !== "cancel",
		sessionId: !/^[0-9a-f]{32}$/.test(sessionId),
		serverName: !/^[0-9A-Za-z.:_-]{1,255}$/.test(serverName),
		port: !Number.isInteger(port) || port < 1 || port > 65535,
		expiry: !Number.isFinite(expiry)
	};
	for (const [name, wrong] of Object.entries(faults))
		if (wrong)
			throw new Error(name);
	return { kind, sessionId, serverName, port, expiry,
	    caller: typeof caller === "string" ? clean(caller) : "",
	    reason: typeof reason === "string" ? clean(reason) : "" };
}

async function words() {
	const wanted = await kept("language") ?? navigator.language.slice(0, 2);
	try {
		const file = await caches.match(at(`words/${wanted}.json`));
		return { ...ENGLISH, ...await file.json() };
	} catch {
		return ENGLISH;
	}
}

// The page's own windows; one that is seen comes first.
async function pages() {
	const all = await clients.matchAll({ type: "window",
	    includeUncontrolled: true });
	const home = new URL(registration.scope).pathname;
	const rank = (page) => 2 * page.focused +
	    (page.visibilityState === "visible");
	return all.filter((page) => [home, `${home}index.html`].includes(
	    new URL(page.url).pathname)).sort((a, b) => rank(b) - rank(a));
}

async function show(key, push, more) {
	const text = await words();
	const body = text[`push-${key}`].replaceAll("{who}", () =>
	    push.caller || text["push-anonymous"]);
	const shown = registration.showNotification("rp", {
		body, tag: push.sessionId ?? key, icon: at("icons/icon.svg"),
		data: { session: push.sessionId, state: key }, ...more
	});
	await Promise.race([shown, pause(SHOWN_MS)]);
	return text;
}

// Without a sound: what has happened, in place of the ring.
async function note(key, push) {
	await show(key, push, { silent: true });
}

// Ring. A page that is seen rings itself.
async function ring(push, isQuiet) {
	if (isQuiet) {
		await note("call", push);
		return;
	}
	const text = await words();
	await show("call", push, {
		requireInteraction: true, renotify: true, timestamp: Date.now(),
		vibrate: [800, 400, 800, 400, 800, 400, 800],
		actions: [
			{ action: "answer", title: text["push-answer"] },
			{ action: "decline", title: text["push-decline"] }
		]
	});
}

// How long somebody waits yet. If our clock says that nobody does, the web
// server's is asked: where ours is wrong, the telephone would never ring.
async function leftMs({ expiry }) {
	const left = expiry * 1000 - Date.now();
	if (left > 0)
		return left;
	try {
		const { headers } = await fetch(at("rp.json"), { method: "HEAD",
		    cache: "no-store", signal: AbortSignal.timeout(2000) });
		return expiry * 1000 - Date.parse(headers.get("Date")) || 0;
	} catch {
		return left;
	}
}

// A ring whose cancel is lost ends by itself.
async function watch({ push, left }) {
	if (left > WATCH_MS)
		return;
	await pause(left);
	let hasEnded = false;
	await change(push.sessionId, (record) => {
		hasEnded = record?.state === "ringing";
		return hasEnded ? { ...record, state: "missed" } : record;
	});
	if (hasEnded)
		await note("missed", push);
}

async function called(push) {
	const left = await leftMs(push);
	const record = await change(push.sessionId, (old) => old ??
	    { push, state: left > 0 ? "ringing" : "missed" });
	if (record.state !== "ringing") {
		await note(record.state, push);
		return null;
	}
	const [page] = await pages();
	page?.postMessage({ push });
	await ring(push, record.hushed || page?.visibilityState === "visible");
	return { push, left };
}

async function cancelled(push) {
	const ends = { "answered-elsewhere": "elsewhere", declined: "declined" };
	const { state } = await change(push.sessionId, (old) =>
	    old && old.state !== "ringing" ? old :
	    { push, ...old, state: ends[push.reason] ?? "missed" });
	for (const page of await pages())
		page.postMessage({ push });
	await note(state, push);
}

async function take(text) {
	let push;
	try {
		push = read(text);
	} catch {
		await note("other", {});
		return null;
	}
	if (push.kind === "call")
		return called(push);
	await (push.kind === "cancel" ? cancelled(push) : note("test", push));
	return null;
}

// One push after the other: a cancel must not be overtaken by its own ring.
let turn = Promise.resolve();

export async function pushed(text) {
	const mine = turn.then(() => take(text));
	turn = mine.catch(() => {});
	const rings = await mine;
	if (rings)
		await watch(rings);
}

// A browser lets a worker do so upon a touch alone.
async function front(page) {
	await page.focus().catch(() => {});
}

// Where a click leads without a page.
function target(state, { sessionId, caller }) {
	if (state === "ringing")
		return `#ring=${sessionId}`;
	return /^[0-9A-Za-z+._-]{1,32}$/.test(caller) &&
	    !caller.startsWith("guest.") ? `#call=${caller}` : "";
}

// Without a page, declining needs none: its caller is told from here.
async function declined(push) {
	await change(push.sessionId, (old) => old && { ...old,
	    state: "declined" });
	try {
		await decline(push);
		return true;
	} catch {
		return false;
	}
}

export async function clicked(notification, action) {
	const { session } = notification.data ?? {};
	notification.close();
	const record = session && await change(session, (old) =>
	    old && { ...old, action: action || undefined });
	const [page] = await pages();
	if (!record) {
		await (page ? front(page) : clients.openWindow(at("./")));
		return;
	}
	const { push, state } = record;
	if (page && state === "ringing")
		page.postMessage(action ? { action, push } : { push });
	else if (state === "ringing" && action === "decline" &&
	    await declined(push))
		return;
	if (action === "decline" && page)
		return;
	if (page)
		await front(page);
	else
		await clients.openWindow(at(`./${target(state, push)}`));
}

// It was swiped away: repeats of the same push make no sound. Firefox also says
// so of one that a repeat has just replaced.
export async function hushed(notification) {
	const { session } = notification.data ?? {};
	await turn;
	const left = await registration.getNotifications({ tag: session });
	if (session && left.length === 0)
		await change(session, (old) => old && { ...old, hushed: true });
}
