// The push subscription of this browser, for the page and for the worker.
import { register } from "./errands.js";
import { keep, kept } from "./rings.js";

function base64url(bytes) {
	return btoa(String.fromCharCode(...new Uint8Array(bytes)))
	    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The subscription with this VAPID key. One that was made with another key is
// ended, because a browser has one at a time.
export async function subscribeWith(manager, key) {
	const old = await manager.getSubscription();
	const usesKey = old?.options.applicationServerKey &&
	    base64url(old.options.applicationServerKey) === key;
	if (old && !usesKey)
		await old.unsubscribe();
	await keep("push-key", key);
	return usesKey ? old : manager.subscribe({ userVisibleOnly: true,
	    applicationServerKey: key });
}

// The browser has dropped it. The switch is told of the new one; if it does not
// hear that, the page tells it when it is opened.
export async function subscribeAgain(manager) {
	const key = await kept("push-key");
	if (!key)
		return;
	const subscription = await subscribeWith(manager, key);
	await keep("registered", null);
	await register(registration(subscription, key)).catch(() => {});
}

// What the switch is told (PUT /push).
export function registration(subscription, key) {
	const { endpoint, keys: { p256dh, auth } } = subscription.toJSON();
	return JSON.stringify({ type: "webpush",
	    to: { endpoint, keys: { p256dh, auth } }, key });
}
