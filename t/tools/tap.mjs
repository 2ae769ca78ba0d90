// tap: points of a scenario that JavaScript asserts.
//
//	test("what holds", () => { assert.equal(...) });	in their order
//	await done();
import assert from "node:assert/strict";

const points = [];

export { assert };

export function test(name, body) {
	points.push({ name, body });
}

export async function done() {
	let failed = 0;
	for (const [i, { name, body }] of points.entries()) {
		try {
			await body();
			console.log(`ok ${i + 1} - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${i + 1} - ${name}`);
			console.log(String(error.stack).replace(/^/gm, "# "));
		}
	}
	console.log(`1..${points.length}`);
	// What a failed point has left behind must not keep us.
	process.exit(failed > 0 ? 1 : 0);
}
