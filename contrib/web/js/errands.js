// What the worker tells the switch itself, while no page is open: that a call is
// declined, and which subscription wakes this device from now on.
import { Account } from "./account.js";
import { ours } from "./line.js";
import { open } from "./store.js";

// A switch that does not answer by then is left to the page.
const PATIENCE_MS = 8000;

// The subscriber of this browser; throws if there is none.
async function account() {
	const config = await fetch(new URL("../rp.json", import.meta.url),
	    { signal: AbortSignal.timeout(PATIENCE_MS) });
	const one = new Account(await open(), await config.json());
	await one.load();
	if (!one.who?.key)
		throw new Error("not signed in");
	return one;
}

async function soon(promise) {
	const late = new Promise((done, failed) =>
	    setTimeout(failed, PATIENCE_MS, new Error("late")));
	return Promise.race([promise, late]);
}

async function declineAt({ serverName, port, sessionId }) {
	const one = await account();
	const line = await one.reach(one.scheme === "ws" ? one.switches :
	    ours(serverName, port, one.switches));
	try {
		await line.ask("HANGUP", `/session/${sessionId}`);
	} finally {
		line.end();
	}
}

// Throws if the switch does not hear it.
export async function decline(push) {
	await soon(declineAt(push));
}

export async function register(body) {
	await soon((await account()).ask("PUT", "/push", body,
	    "application/json"));
}
