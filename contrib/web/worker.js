// The page's service worker: pushes wake it while no page is open, and it keeps
// the page's files for times without a network.
import { pushed, clicked, hushed } from "./js/woken.js";
import { take, settle, keep } from "./js/rings.js";
import { again } from "./js/again.js";
import { subscribeAgain } from "./js/subscription.js";

const SHELL = "rp-1";
// A network that is slower than this is as good as none, and for that long: a page
// waits for one file after the other.
const PATIENCE_MS = 3000;
const STALLED_MS = 10000;
// What the page consists of. A test compares this with the folder.
const FILES = [
	"./",
	"manifest.webmanifest",
	"rp.json",
	"style.css",
	"icons/icon-192.png",
	"icons/icon-512.png",
	"icons/icon.svg",
	"words/de.json",
	"words/en.json",
	"js/account.js",
	"js/again.js",
	"js/errands.js",
	"js/habits.js",
	"js/identity.js",
	"js/keys.js",
	"js/line.js",
	"js/media.js",
	"js/outage.js",
	"js/phone.js",
	"js/protocol.js",
	"js/push.js",
	"js/quality.js",
	"js/rings.js",
	"js/store.js",
	"js/subscription.js",
	"js/talk.js",
	"js/ui-alone.js",
	"js/ui-dom.js",
	"js/ui-link.js",
	"js/ui-push.js",
	"js/ui-ring.js",
	"js/ui-text.js",
	"js/ui.js",
	"js/verify.js",
	"js/view-call.js",
	"js/view-home.js",
	"js/view-join.js",
	"js/view-settings.js",
	"js/woken.js",
	"js/wordlist.js",
	"js/words.js"
];

const paths = new Set(FILES.map((name) => new URL(name, location).pathname));
const home = new URL("./", location).pathname;

// One file that is missing must not cost the others, nor the pushes.
async function fill() {
	await Promise.all([...paths].map((path) =>
	    again(() => fromNetwork(path, path), ({ status }) => status)
	    .catch(() => {})));
}

async function sweep() {
	for (const name of await caches.keys())
		if (name.startsWith("rp-") && name !== SHELL)
			await caches.delete(name);
	await clients.claim();
}

let stalledUntil = 0;

async function fromNetwork(request, path) {
	const response = await fetch(request);
	stalledUntil = 0;
	if (!response.ok)
		throw Object.assign(new Error(), { status: response.status });
	if (!response.redirected)
		await (await caches.open(SHELL)).put(path, response.clone());
	return response;
}

// The network's file, or else the one that it gave last.
async function fresh(network, path) {
	const patience = Date.now() < stalledUntil ? 0 : PATIENCE_MS;
	const late = new Promise((done) => setTimeout(done, patience));
	try {
		const response = await Promise.race([network, late]);
		if (response)
			return response.clone();
		stalledUntil = Date.now() + STALLED_MS;
	} catch {
		// The cache may have it.
	}
	return await (await caches.open(SHELL)).match(path) ?? network;
}

self.addEventListener("install", (event) => {
	self.skipWaiting();
	event.waitUntil(fill());
});

self.addEventListener("activate", (event) => event.waitUntil(sweep()));

self.addEventListener("fetch", (event) => {
	const { origin, pathname } = new URL(event.request.url);
	const path = pathname === `${home}index.html` ? home : pathname;
	if (event.request.method !== "GET" || origin !== location.origin ||
	    !paths.has(path))
		return;
	const network = fromNetwork(event.request, path);
	event.waitUntil(network.catch(() => {}));
	event.respondWith(fresh(network, path));
});

self.addEventListener("push", (event) =>
    event.waitUntil(pushed(event.data?.text() ?? "")));

self.addEventListener("notificationclick", (event) =>
    event.waitUntil(clicked(event.notification, event.action)));

self.addEventListener("notificationclose", (event) =>
    event.waitUntil(hushed(event.notification)));

self.addEventListener("pushsubscriptionchange", (event) =>
    event.waitUntil(subscribeAgain(registration.pushManager)));

// What push.js asks for.
const requests = {
	take: ({ session }) => take(session),
	settle: ({ session, state }) => settled(session, state),
	language: ({ language }) => keep("language", language)
};

async function settled(session, state) {
	await settle(session, state);
	for (const one of await registration.getNotifications({ tag: session }))
		one.close();
}

self.addEventListener("message", (event) => {
	const request = requests[event.data?.ask];
	if (request)
		event.waitUntil(request(event.data).then((value) =>
		    event.ports[0]?.postMessage(value ?? null)));
});
