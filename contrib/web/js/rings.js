// The pushes of the last day by their session, and what became of each: the
// worker writes them, and the page that it opens takes them. A record is
// { push, state, action, hushed, when }; its state is "ringing", and then
// "answered", "declined", "elsewhere" or "missed".
const DAY_MS = 86400000;
// More rings in a day than anybody answers.
const MOST = 256;

function done(request) {
	return new Promise((good, bad) => {
		request.onsuccess = () => good(request.result);
		request.onerror = () => bad(request.error);
	});
}

async function open() {
	const request = indexedDB.open("rp-push", 1);
	request.onupgradeneeded = () => {
		request.result.createObjectStore("rings");
		request.result.createObjectStore("kept");
	};
	return done(request);
}

// Run work(store) in one transaction.
async function within(name, mode, work) {
	const database = await open();
	try {
		return await work(database.transaction(name, mode)
		    .objectStore(name));
	} finally {
		database.close();
	}
}

async function sweep(store, now) {
	const keys = await done(store.getAllKeys());
	const rings = await done(store.getAll());
	const byAge = keys.map((key, i) => [key, rings[i].when])
	    .sort((a, b) => b[1] - a[1]);
	for (const [i, [key, when]] of byAge.entries())
		if (i >= MOST || now - when > DAY_MS)
			store.delete(key);
}

// Replace a session's record by what change(record) makes of it; return that.
// No other change comes in between.
export async function change(session, make, now = Date.now()) {
	return within("rings", "readwrite", async (store) => {
		const record = make(await done(store.get(session)));
		if (record)
			await done(store.put({ when: now, ...record }, session));
		await sweep(store, now);
		return record;
	});
}

// The push object and the action for which the page was opened, or null.
export async function take(session) {
	return within("rings", "readonly", async (store) => {
		const record = await done(store.get(session));
		return record ? { push: record.push, action: record.action,
		    state: record.state } : null;
	});
}

// The page says how the call went on.
export async function settle(session, state) {
	await change(session, (record) => record && { ...record, state });
}

// Small things that outlive the worker: the language, the subscription.
export async function keep(name, value) {
	await within("kept", "readwrite", (store) => done(store.put(value,
	    name)));
}

export async function kept(name) {
	return within("kept", "readonly", (store) => done(store.get(name)));
}
