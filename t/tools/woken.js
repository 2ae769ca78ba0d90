// What the stand-in of a page does (woken.html): it subscribes by a line that
// keeps what the switch would be told, and keeps what it hears of the worker.
import * as push from "./js/push.js";

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
