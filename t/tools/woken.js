// What the stand-in of a page does (woken.html): it subscribes by a line that
// keeps what the switch would be told, and keeps what it hears of the worker.
import * as push from "./js/push.js";
import { makeKey, publicHalf } from "./js/keys.js";
import { open } from "./js/store.js";
import { register } from "./js/errands.js";

window.push = push;
window.asked = [];
window.heard = [];
push.attend((what) => heard.push(what));

// A line to a switch whose VAPID key is this one, or which has none.
window.line = (key) => ({
	me: { number: "bob" },
	async ask(method, target, body) {
		asked.push({ method, target, body });
		if (target !== "/push/key")
			return "";
		if (!key)
			throw new Error("404 undefined");
		return JSON.stringify({ key });
	}
});

// What the switch was told last.
window.subscribed = async (key) => {
	await push.subscribe(line(key));
	return asked.filter(({ method }) => method === "PUT").at(-1)?.body ?? "";
};
// The code of the error, or what it returned.
window.tried = (key) => push.subscribe(line(key)).catch(({ code, message }) =>
    code ?? message);

// This browser becomes a device of that number; its public half.
window.join = async (number) => {
	const key = await makeKey();
	await (await open()).put("account", { number, key });
	return publicHalf(key);
};

// A registration at that endpoint, with keys of nobody's.
window.registered = async (endpoint) => {
	const point = await crypto.subtle.generateKey({ name: "ECDH",
		namedCurve: "P-256" }, true, ["deriveBits"]);
	await register(JSON.stringify({ type: "webpush", to: { endpoint,
		keys: { p256dh: await publicHalf(point),
		    auth: "BTBZMqHH6r4Tts7J_aSIgg" } } }));
};
