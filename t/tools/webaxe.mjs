// webaxe: axe-core finds nothing serious in any state of the page, in both themes
// and languages, on a phone and on a desk. It also takes the pictures of the
// documentation.
//
//	node webaxe.mjs FOLDER	where the pictures go
import fs from "node:fs";
import path from "node:path";
import { assert, test } from "./tap.mjs";
import { begin, finish, openPage, require } from "./webpage.mjs";
import { SHOWN, STATES } from "./webstates.mjs";

const [folder] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { phone: { width: 390, height: 844 },
	desktop: { width: 1280, height: 800 } };
fs.mkdirSync(folder, { recursive: true });

await begin();

// What axe says of the page as it is now. It is put there by the driver, not by
// the page, whose policy would not have it.
async function faults(page) {
	await page.evaluate(axe);
	const { violations, passes } = await page.evaluate(() => axe.run(
	    document, { resultTypes: ["violations", "passes"] }));
	assert.ok(passes.length > 10, "axe looked at something");
	return violations.filter(({ impact }) =>
	    ["serious", "critical"].includes(impact)).map((one) =>
	    `${one.id}: ${one.nodes.map(({ target, failureSummary }) =>
	    `${target} ${failureSummary}`).join("; ")}`);
}

// No text is wider than the page, nor hidden below another.
const overflow = (page) => page.evaluate(() =>
    document.documentElement.scrollWidth - innerWidth);

async function look(name, theme, language) {
	const page = await openPage(STATES[name], { theme, language });
	const found = await faults(page);
	await page.setViewport({ width: 360, height: 640 });
	const wide = await overflow(page);
	await page.browserContext().close();
	assert.deepEqual(found, []);
	assert.ok(wide <= 0, `${wide} pixels too wide at 360`);
}

for (const name of Object.keys(STATES))
	for (const [theme, language] of [["light", "en"], ["dark", "de"]])
		test(`${name}, ${theme}, ${language}: nothing serious`, () =>
			look(name, theme, language));

for (const theme of ["light", "dark"])
	test(`settings, ${theme}: nothing serious`, async () => {
		const page = await openPage(STATES.home, { theme });
		await page.click("[data-do=settings]");
		await page.waitForFunction(() =>
		    document.querySelector("#push-state").textContent !== "");
		assert.deepEqual(await faults(page), []);
		await page.browserContext().close();
	});

test("axe would find a fault", async () => {
	const page = await openPage(STATES.home);
	await page.evaluate(() => {
		document.querySelector("label[for=number]").remove();
	});
	assert.match((await faults(page)).join(), /label/);
	await page.browserContext().close();
});

for (const name of SHOWN)
	for (const [size, measures] of Object.entries(SIZES))
		test(`a picture of ${name}, ${size}`, async () => {
			const page = await openPage(STATES[name], { ...measures,
			    theme: SHOWN.indexOf(name) % 2 ? "dark" : "light" });
			const file = path.join(folder, `${name}-${size}.png`);
			await page.screenshot({ path: file });
			await page.browserContext().close();
			assert.ok(fs.statSync(file).size > 2000);
		});

test("the pictures of the documentation are of these states, and small", () => {
	const shown = path.join(import.meta.dirname, "../../docs/web");
	assert.deepEqual(fs.readdirSync(shown).sort(), SHOWN.flatMap((name) =>
	    Object.keys(SIZES).map((size) => `${name}-${size}.png`)).sort());
	for (const name of fs.readdirSync(shown))
		assert.ok(fs.statSync(path.join(shown, name)).size < 40000, name);
});

await finish();
