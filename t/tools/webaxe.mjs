// webaxe: axe-core finds nothing serious in any state of the page, in both themes
// and languages, on a phone and on a desk. It also takes the pictures of the
// documentation.
//
//	node webaxe.mjs FOLDER	where the pictures go
import fs from "node:fs";
import path from "node:path";
import { assert, test } from "./tap.mjs";
import { become, begin, finish, openPage, require } from "./webpage.mjs";
import { SHOWN, STATES } from "./webstates.mjs";

const [folder] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { phone: { width: 390, height: 844 },
	desktop: { width: 1280, height: 800 } };
fs.mkdirSync(folder, { recursive: true });

await begin();

// What no phone says, but the page shows.
const SETTINGS = "settings", TWO_TABS = "two-tabs";
const ALL = [...Object.keys(STATES), SETTINGS, TWO_TABS];
let tab, second;

// One page for all states, and one that is the second of its browser.
async function begun(language) {
	await tab?.browserContext().close();
	tab = await openPage({}, { language });
	second = await tab.browserContext().newPage();
	await second.goto(tab.url());
	await second.waitForSelector("[data-do=use-here]", { visible: true });
	for (const one of [tab, second])
		await one.evaluate(axe);
}

// The page in this state.
async function shows(name, theme, size) {
	const page = name === TWO_TABS ? second : tab;
	await page.bringToFront();
	await page.setViewport(size);
	await page.emulateMediaFeatures([
		{ name: "prefers-color-scheme", value: theme },
		{ name: "prefers-reduced-motion", value: "reduce" }]);
	if (name !== TWO_TABS)
		await become(page, STATES[name] ?? STATES.home);
	if (name === SETTINGS) {
		await page.click("[data-do=settings]");
		await page.waitForFunction(() =>
		    document.querySelector("#push-state").textContent !== "");
	}
	// No picture has a ring around what has the focus.
	await page.evaluate(() => document.activeElement.blur());
	return page;
}

async function leave(name) {
	if (name === SETTINGS)
		await tab.keyboard.press("Escape");
}

// What axe says of the page as it is now. It is put there by the driver, not by
// the page, whose policy would not have it.
async function faults(page) {
	const { violations, passes } = await page.evaluate(() => axe.run(
	    document, { resultTypes: ["violations"] }));
	assert.ok(passes.length > 10, "axe looked at something");
	return violations.filter(({ impact }) =>
	    ["serious", "critical"].includes(impact)).map((one) =>
	    `${one.id}: ${one.nodes.map(({ target, failureSummary }) =>
	    `${target} ${failureSummary}`).join("; ")}`);
}

// No text is wider than the page, nor hidden below another.
const overflow = (page) => page.evaluate(() =>
    document.documentElement.scrollWidth - innerWidth);

for (const [theme, language] of [["dark", "de"], ["light", "en"]]) {
	test(`a browser in ${language}`, () => begun(language));
	for (const name of ALL)
		test(`${name}, ${theme}, ${language}: nothing serious`,
		    async () => {
			const page = await shows(name, theme,
			    { width: 360, height: 640 });
			const found = await faults(page);
			const wide = await overflow(page);
			await leave(name);
			assert.deepEqual(found, []);
			assert.ok(wide <= 0, `${wide} pixels too wide`);
		});
}

test("axe would find a fault", async () => {
	const page = await shows("home", "light", SIZES.phone);
	const label = await page.evaluateHandle(() =>
	    document.querySelector("label[for=number]"));
	await label.evaluate((one) => { one.hidden = true; one.htmlFor = ""; });
	assert.match((await faults(page)).join(), /label/);
	await label.evaluate((one) => { one.hidden = false;
	    one.htmlFor = "number"; });
});

for (const name of SHOWN)
	test(`pictures of ${name}`, async () => {
		const theme = SHOWN.indexOf(name) % 2 ? "dark" : "light";
		for (const [size, measures] of Object.entries(SIZES)) {
			const page = await shows(name, theme, measures);
			const file = path.join(folder, `${name}-${size}.png`);
			await page.screenshot({ path: file });
			await leave(name);
			assert.ok(fs.statSync(file).size > 2000);
		}
	});

test("the pictures of the documentation are of these states, and small", () => {
	const docs = path.join(import.meta.dirname, "../../docs");
	const names = SHOWN.flatMap((name) =>
	    Object.keys(SIZES).map((size) => `${name}-${size}.png`)).sort();
	const shown = fs.readdirSync(path.join(docs, "web")).sort();
	assert.deepEqual(shown, names);
	for (const name of shown)
		assert.ok(fs.statSync(path.join(docs, "web", name)).size <
		    40000, name);
	const text = fs.readFileSync(path.join(docs, "web.md"), "utf8");
	assert.deepEqual([...text.matchAll(/\(web\/([\w-]+\.png)\)/g)]
	    .map(([, name]) => name).sort(), names);
});

await finish();
