
// Appended to the worker by t/woken.sh.
import { decline } from "./js/errands.js";
const wanted = [];
Object.defineProperty(clients, "openWindow", { value: async (url) => {
	wanted.push(url);
} });

const tests = {
	// Where the click leads.
	async click({ tag, action }) {
		const [one] = await registration.getNotifications({ tag });
		await clicked(one, action);
		return wanted.splice(0);
	},
	async hush({ tag }) {
		const [one] = await registration.getNotifications({ tag });
		one.close();
		await hushed(one);
	},
	async dismiss({ tag }) {
		for (const one of await registration.getNotifications({ tag }))
			one.close();
	},
	// How many windows there were when each push came.
	async windows() {
		return windows;
	},
	// What becomes of a decline at that switch, where ours is another.
	async foreign({ serverName, ours }) {
		const real = self.fetch;
		self.fetch = async () => new Response(JSON.stringify({
			switches: [ours], scheme: "wss" }));
		try {
			await decline({ serverName, port: 1,
				sessionId: "0".repeat(32) });
			return "told";
		} catch (error) {
			return String(error);
		} finally {
			self.fetch = real;
		}
	}
};
const windows = [];

self.addEventListener("push", (event) => event.waitUntil((async () => {
	const all = await clients.matchAll({ includeUncontrolled: true });
	windows.push(all.length);
})()));
self.addEventListener("message", (event) => {
	if (event.data?.test)
		event.waitUntil(tests[event.data.test](event.data)
		    .catch((error) => [String(error)]).then((value) =>
		    event.ports[0].postMessage(value ?? null)));
});
