// store: what this browser keeps between visits, in IndexedDB. Certificates and
// CryptoKeys are kept as they are: no script can read their secrets.

const NAME = "rp-phone";
const STORES = ["kept", "pins"];

function settled(request) {
	return new Promise((done, failed) => {
		request.onsuccess = () => done(request.result);
		request.onerror = () => failed(request.error);
		request.onblocked = () => failed(new Error("blocked"));
	});
}

class Table {
	constructor(database, name) {
		Object.assign(this, { database, name });
	}
	get(key) {
		return settled(this.table("readonly").get(key));
	}
	// Done when it is written.
	async put(key, value) {
		const table = this.table("readwrite");
		const written = new Promise((done, failed) => {
			table.transaction.oncomplete = () => done();
			table.transaction.onabort = () =>
			    failed(table.transaction.error);
		});
		if (value === undefined)
			table.delete(key);
		else
			table.put(value, key);
		await written;
	}
	remove(key) {
		return this.put(key, undefined);
	}
	keys() {
		return settled(this.table("readonly").getAllKeys());
	}
	table(mode) {
		return this.database.transaction(this.name, mode)
		    .objectStore(this.name);
	}
}

// A browser may throw away what pages keep, unless it has been asked not to.
async function persist() {
	try {
		return await navigator.storage?.persist?.() === true;
	} catch {
		return false;
	}
}

// get(name), put(name, value) and remove(name); likewise pins, by number.
// clear() forgets all of it. persist() asks the browser to keep it, which may
// take as long as a user.
export async function open() {
	const request = indexedDB.open(NAME, 1);
	request.onupgradeneeded = () => STORES.forEach((name) =>
	    request.result.createObjectStore(name));
	const database = await settled(request);
	const kept = new Table(database, "kept");
	const pins = new Table(database, "pins");
	// Another page that clears the storage must not wait for this one.
	database.onversionchange = () => database.close();
	return Object.assign(kept, { pins, persist,
	    clear: async () => {
		for (const table of [kept, pins])
			for (const key of await table.keys())
				await table.remove(key);
	    } });
}
