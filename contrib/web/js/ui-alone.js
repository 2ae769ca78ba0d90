// One page at a time is the phone. A second one would take the first one's call.
import { control } from "./ui-dom.js";

const LOCK = "rp-page";

// Hold the lock until another page takes it; then wait to be asked for again.
function hold(page, options) {
	return new Promise((begun) => {
		navigator.locks.request(LOCK, options, async (lock) => {
			begun(lock !== null);
			if (lock)
				await new Promise(() => {});
		}).catch(async () => {
			page.alone = false;
			page.draw();
			await page.phone.close?.();
		});
	});
}

// Return when this page is the phone.
export async function whenAlone(page) {
	if (!navigator.locks || await hold(page, { ifAvailable: true }))
		return;
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

// A page from which the lock was taken begins anew to get it back.
control("use-here").addEventListener("click", () => {
	if (document.body.dataset.state !== "signed-out" || window.phone?.account)
		location.reload();
});
