// Do something again that has failed, as it does while the network changes: five
// times at most within 7.5 seconds. What isFinal(error) will not be better.
const FIRST_MS = 500;
const LAST_MS = 4000;

export async function again(act, isFinal) {
	for (let ms = FIRST_MS;; ms *= 2) {
		try {
			return await act();
		} catch (error) {
			if (ms > LAST_MS || isFinal(error))
				throw error;
		}
		await new Promise((done) => setTimeout(done, ms));
	}
}
