// page: functions for the pages in this folder, which browser.js serves with
// it.
"use strict";

// What condition comes to, once it is true.
async function until(what, condition) {
	const end = performance.now() + 120000;
	for (;;) {
		const found = await condition();
		if (found)
			return found;
		if (performance.now() > end)
			throw new Error(`never ${what}`);
		await new Promise((done) => setTimeout(done, 20));
	}
}

// Report what run returns, or what it failed of, and also, whatever happens.
function report(run, also = {}) {
	run().then((result) => ({ ok: true, ...result }),
	    (error) => ({ ok: false, why: String(error) })).then((result) =>
	    fetch("/result", { method: "POST",
	    body: JSON.stringify({ ...result, ...also }) }));
}
