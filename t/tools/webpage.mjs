// webpage: Chromium with the page and its fake phone (webfake.mjs).
import { createRequire } from "node:module";
import { assert, done, test } from "./tap.mjs";
import { serve } from "./webfake.mjs";

// Of the folder that NODE_PATH names, which import does not look at.
export const require = createRequire(import.meta.url);
const puppeteer = require("puppeteer-core");
const patience = Number(process.env.RP_PATIENCE ?? 6);

let browser, server;
export let site;

// Whatever a page reports of itself that should not be.
export const complaints = [];

export async function begin() {
	server = await serve();
	site = `http://127.0.0.1:${server.address().port}/`;
	browser = await puppeteer.launch({ headless: true, pipe: true,
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		timeout: 30000 * patience, protocolTimeout: 30000 * patience,
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
		    "--no-first-run", "--disable-background-networking",
		    "--disable-component-update", "--disable-sync",
		    "--disable-dev-shm-usage", "--lang=en",
		    "--autoplay-policy=no-user-gesture-required"] });
}

// The last point, and the report.
export async function finish() {
	test("no page complained, and no policy was broken", () =>
		assert.deepEqual(complaints, []));
	await done();
	await browser.close();
	server.close();
}

// A page at this fragment, whose phone says this; its language is English.
export async function openPage(phone = {}, { hash = "", theme = "light",
    width = 390, height = 844, language = "en", before } = {}) {
	const context = await browser.createBrowserContext();
	const page = await context.newPage();
	page.on("console", (line) => ["error", "warn"].includes(line.type()) &&
	    complaints.push(line.text()));
	page.on("pageerror", (error) => complaints.push(String(error)));
	page.setDefaultTimeout(10000 * patience);
	await page.setViewport({ width, height });
	await page.emulateMediaFeatures([
		{ name: "prefers-color-scheme", value: theme },
		{ name: "prefers-reduced-motion", value: "reduce" }]);
	await page.evaluateOnNewDocument((kept, name) => {
		sessionStorage.setItem("fake", kept);
		localStorage.setItem("rp-language", name);
	}, JSON.stringify(phone), language);
	if (before)
		await page.evaluateOnNewDocument(before);
	await page.goto(site + hash);
	await page.waitForFunction(() => !["", "starting"].includes(
	    document.body.dataset.state) &&
	    window.phone?.asked.includes("open"));
	await page.evaluate(() => new Promise(requestAnimationFrame));
	return page;
}

// Have the phone of an open page say this, and nothing of what it said before.
// Many states in one page take a tenth of the time.
export const become = (page, what) => page.evaluate((told) =>
	phone.set({ account: null, contacts: [], history: [], call: null,
	    second: null, error: null, ...told }), what);

export const text = (page, selector) => page.$eval(selector,
    (one) => one.innerText);
export const focused = (page) => page.evaluate(() =>
    document.activeElement.dataset.do ?? document.activeElement.id);
export const seen = (page) => page.$$eval("[data-do]", (all) => all
    .filter((one) => one.checkVisibility()).map((one) => one.dataset.do));
