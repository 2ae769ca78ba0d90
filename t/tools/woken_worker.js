
// Appended to the worker by t/woken.sh.
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
		await hushed(one);
		one.close();
	},
	async dismiss({ tag }) {
		for (const one of await registration.getNotifications({ tag }))
			one.close();
	},
	// How many windows there were when each push came.
	async windows() {
		return windows;
	},
	async renew() {
		await subscribeAgain(registration.pushManager);
	}
};
const windows = [];

self.addEventListener("push", (event) => event.waitUntil((async () => {
	const all = await clients.matchAll({ includeUncontrolled: true });
	windows.push(all.length);
})()));
self.addEventListener("message", (event) => {
	if (event.data?.test)
		event.waitUntil(tests[event.data.test](event.data).then((value) =>
		    event.ports[0].postMessage(value ?? null)));
});
