// The page's side of being woken: its worker, its push subscription, and what
// the worker hands over. Reasons why there is none are the `code` of an Error:
// "no-worker", "no-push", "not-installed" (an iPhone wakes only a page that is
// on the home screen), "denied", "no-key" (the service sends no web pushes) and
// "failed".
import { again } from "./again.js";
import { pause } from "./line.js";
import { subscribeWith, registration } from "./subscription.js";
import { keep, kept } from "./rings.js";

const WORKER = new URL("../worker.js", import.meta.url).href;
// A worker that does not answer by then does not run.
const PATIENCE_MS = 3000;
// A browser whose vendor is out of reach tries for ever.
const SUBSCRIBE_MS = 10000;
// The switch is told once in a day, or when something has changed.
const DAY_MS = 86400000;
// What a browser says that runs no worker here. A network that fails is another.
const REFUSALS = new Set(["SecurityError", "NotSupportedError"]);

function fault(code, text = code) {
	return Object.assign(new Error(text), { code });
}

function isApplesPhone() {
	return /iPhone|iPad|iPod/.test(navigator.userAgent) ||
	    (/Macintosh/.test(navigator.userAgent) &&
	    navigator.maxTouchPoints > 1);
}

// Why this browser cannot be woken, or "".
export function lacking() {
	if (!("serviceWorker" in navigator))
		return "no-worker";
	if (!("PushManager" in window && "Notification" in window))
		return isApplesPhone() && !navigator.standalone ?
		    "not-installed" : "no-push";
	return Notification.permission === "denied" ? "denied" : "";
}

// The page allows one policy, which knows one script.
const policy = globalThis.trustedTypes?.createPolicy("rp-worker", {
	createScriptURL: () => WORKER
});

const register = () => navigator.serviceWorker.register(
    policy?.createScriptURL("") ?? WORKER,
    { type: "module", updateViaCache: "none" });

// Start the worker, which also keeps the page for times without a network.
export async function startWorker() {
	if (!("serviceWorker" in navigator))
		throw fault("no-worker");
	try {
		await again(register, ({ name }) => REFUSALS.has(name));
		return await navigator.serviceWorker.ready;
	} catch (error) {
		throw fault("no-worker", String(error));
	}
}

async function serviceKey(line) {
	let key;
	try {
		({ key } = JSON.parse(await line.ask("GET", "/push/key")));
	} catch (error) {
		throw fault(/^404/.test(error.message) ? "no-key" : "failed",
		    error.message);
	}
	if (!/^[\w-]{87}$/.test(key))
		throw fault("failed", "GET /push/key");
	return key;
}

// Register this browser on a line of the subscriber's. The user is asked, so
// the first time has to be upon a touch. Returns "new" or "known".
export async function subscribe(line) {
	const why = lacking();
	if (why)
		throw fault(why);
	if (await Notification.requestPermission() !== "granted")
		throw fault("denied");
	const [key, worker] = await Promise.all([serviceKey(line),
	    startWorker()]);
	const late = pause(SUBSCRIBE_MS).then(() => {
		throw new Error("late");
	});
	let body;
	try {
		body = registration(await Promise.race([late,
		    subscribeWith(worker.pushManager, key)]), key);
	} catch (error) {
		throw fault(error.name === "NotAllowedError" ? "denied" :
		    "failed", String(error));
	}
	const last = await kept("registered");
	if (last?.body === body && last.number === line.me.number &&
	    Date.now() - last.when < DAY_MS)
		return "known";
	await line.ask("PUT", "/push", body, "application/json");
	await keep("registered", { body, number: line.me.number,
	    when: Date.now() });
	return "new";
}

// This device is woken no more.
export async function unsubscribe(line) {
	await keep("registered", null);
	const worker = await navigator.serviceWorker?.getRegistration();
	await (await worker?.pushManager?.getSubscription())?.unsubscribe();
	await line.ask("DELETE", "/push");
}

async function ask(question) {
	const { active } = await navigator.serviceWorker.ready;
	const { port1, port2 } = new MessageChannel();
	return new Promise((done) => {
		port1.onmessage = ({ data }) => done(data);
		setTimeout(done, PATIENCE_MS, null);
		active.postMessage(question, [port2]);
	});
}

// For the address #ring=SESSION: { push, action, state } as the worker kept it,
// or null. The action is "answer", "decline" or undefined.
export async function ringFor(session) {
	return "serviceWorker" in navigator ? ask({ ask: "take", session }) :
	    null;
}

// The call is "answered", "declined" or "missed" here: its notification goes.
export async function settle(session, state) {
	if ("serviceWorker" in navigator)
		await ask({ ask: "settle", session, state });
}

// The language of notifications, a file of words/.
export async function setLanguage(language) {
	if ("serviceWorker" in navigator)
		await ask({ ask: "language", language });
}

// heard({ push, action }) for each push that comes while the page is open, and
// for each touch of a notification.
export function attend(heard) {
	navigator.serviceWorker?.addEventListener("message", ({ data }) => {
		if (data?.push)
			heard(data);
	});
	navigator.serviceWorker?.startMessages();
}
