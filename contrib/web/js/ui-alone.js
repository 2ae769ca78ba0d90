// One page at a time is the phone. A second would take the first one's call.
import { control } from "./ui-dom.js";

const LOCK = "rp-page";

// Hold the lock until another page takes it. Returns whether we have it.
function hold(page, options) {
	return new Promise((begun) => {
		navigator.locks.request(LOCK, options, async (lock) => {
			begun(lock !== null);
			if (lock)
				await new Promise(() => {});
		}).catch(() => lost(page));
	});
}

// Be no phone until the user touches this page again.
async function wait(page) {
	page.alone = false;
	page.draw();
	await new Promise((touched) => {
		control("use-here").addEventListener("click", touched,
		    { once: true });
	});
	await hold(page, { steal: true });
	page.alone = true;
	page.draw();
}

async function lost(page) {
	await page.phone.close().catch(() => {});
	await wait(page);
	await page.tries(() => page.phone.open());
}

// Return when this page is the phone.
export async function whenAlone(page) {
	if (navigator.locks && !await hold(page, { ifAvailable: true }))
		await wait(page);
	page.alone = true;
}
