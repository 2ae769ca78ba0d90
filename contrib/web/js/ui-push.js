// Being woken while the page is closed, as far as the user sees and decides it.
import { attend, lacking, ringFor, setLanguage, settle, startWorker, subscribe,
    unsubscribe } from "./push.js";
import { language } from "./ui-text.js";

async function isSubscribed() {
	const worker = await navigator.serviceWorker?.getRegistration();
	return Boolean(await worker?.pushManager?.getSubscription());
}

// Why this device cannot be woken, as the last attempt has found.
let why = "";

// For the settings: is it woken, and if it cannot be, why?
export async function isWoken() {
	const lack = lacking() || why;
	return lack ? { state: "no", why: lack } :
	    { state: await isSubscribed() ? "on" : "off" };
}

export async function wake(page, on) {
	try {
		await page.phone.service.onLine(on ? subscribe : unsubscribe);
	} catch (error) {
		if (typeof error.code !== "string")
			throw error;
		// What may work later can be asked for again.
		why = error.code === "failed" ? "" : error.code;
		page.complain(`push-${error.code}`);
	}
}

// The switch may have lost what it was told, or have another key by now.
export async function renew({ phone }) {
	if (phone.account?.number && !lacking() && await isSubscribed())
		await phone.service.onLine(subscribe);
}

// A call that ended, or was answered, here takes its notification along.
const ENDS = { declined: "declined", cancelled: "missed", expired: "missed" };

function follow(page) {
	let last = "";
	page.phone.addEventListener("change", () => {
		const { call } = page.phone;
		if (!call?.incoming)
			return;
		const state = call.state === "over" ? ENDS[call.reason] :
		    call.state === "incoming" ? undefined : "answered";
		const now = `${call.id} ${state}`;
		if (state && now !== last)
			settle(call.id, state).catch(() => {});
		last = now;
	});
}

async function heard(page, { push, action }) {
	await page.phone.woken(push);
	if (action === "answer")
		await page.phone.answer({ video: false });
	else if (action === "decline")
		await page.phone.decline();
}

// From now on, what comes to the worker comes here as well. The worker tells one
// page, which passes it on if another one is the phone.
export function listen(page) {
	const others = new BroadcastChannel("rp-push");
	const hear = (one) => page.tries(() => heard(page, one));
	attend((one) => page.alone ? hear(one) : others.postMessage(one));
	others.onmessage = ({ data }) => page.alone && hear(data);
	follow(page);
	// Without a worker the page works while it is open.
	startWorker().then(() => setLanguage(language), () => {});
}

// The worker has opened the page for this call.
export async function opened(page, session) {
	const found = await ringFor(session);
	if (found?.push)
		await heard(page, found);
}

// Notifications follow the language of the page.
export const speakAlso = () => setLanguage(language).catch(() => {});
