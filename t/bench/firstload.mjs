// firstload.mjs URL: what the first load of a page costs in Chromium, over a line of
// RATE bytes/s (125000) and RTT_MS (40), shared by all connections. A line per run, of
// RUNS (3): bytes until the page is seen, until it can be used, and in all; then the
// times of the first two, in ms from the start of the navigation.
//
// The line is a proxy in this process. It carries what comes at once, later, and is
// slow towards the browser. A connection takes a round trip, as TCP's does. The
// bytes are those of TLS records, without TCP and IP.
import { createRequire } from "node:module";
import net from "node:net";

const puppeteer = createRequire(import.meta.url)("puppeteer-core");
const target = new URL(process.argv[2]);
const { RATE = 125000, RTT_MS = 40, RUNS = 3 } = process.env;
const delay = RTT_MS / 2;
const QUIET_MS = 3000;
const TURN_MS = 2;

let sent = 0, last = 0;
const line = [];		// [connection, bytes] that wait for the slow way

const later = (ms, what) => setTimeout(what, ms);

// A turn takes what the line has room for, in order.
let room = 0, turned = performance.now();
setInterval(() => {
	const now = performance.now();
	room = Math.min(room + (now - turned) / 1000 * RATE, RATE / 50);
	turned = now;
	while (line.length > 0 && room > 0) {
		const [to, bytes] = line[0];
		const part = bytes.subarray(0, Math.ceil(room));
		room -= part.length;
		sent += part.length;
		last = now;
		later(delay, () => to.write(part));
		if (part.length === bytes.length)
			line.shift();
		else
			line[0][1] = bytes.subarray(part.length);
	}
	if (line.length === 0)
		room = Math.min(room, RATE / 1000 * TURN_MS);
}, TURN_MS);

const proxy = net.createServer((browser) => {
	const opened = performance.now() + Number(RTT_MS);
	const server = net.connect(target.port, target.hostname);
	browser.on("data", (bytes) => later(Math.max(0, opened -
	    performance.now()) + delay, () => server.write(bytes)));
	server.on("data", (bytes) => line.push([browser, bytes]));
	browser.on("close", () => server.destroy());
	server.on("close", () => later(1000, () => browser.destroy()));
	for (const one of [browser, server])
		one.on("error", () => {});
});

// Runs in the page before anything of its own.
function watch() {
	window.rpUsable = new Promise((done) => {
		const look = () => document.body?.dataset.state ===
		    "signed-out" && done(performance.now());
		new MutationObserver(look).observe(document, { subtree: true,
		    childList: true, attributes: true });
	});
	window.rpSeen = new Promise((done) => new PerformanceObserver((list) =>
	    done(list.getEntries()[0].startTime)).observe(
	    { type: "paint", buffered: true }));
}

async function run(url) {
	const browser = await puppeteer.launch({ headless: true, pipe: true,
		executablePath: process.env.CHROMIUM,
		args: ["--no-sandbox", "--disable-gpu", "--no-first-run",
		    "--disable-background-networking",
		    "--disable-component-update"] });
	const page = await browser.newPage();
	await page.evaluateOnNewDocument(watch);
	// What the browser does at its start is not the page's.
	await page.goto("about:blank");
	const before = sent;
	page.goto(url).catch(() => {});
	await page.waitForFunction("window.rpSeen && location.href !== " +
	    "'about:blank'", { polling: 10 });
	const seen = await page.evaluate("rpSeen");
	const bytesSeen = sent - before;
	const usable = await page.evaluate("rpUsable");
	const bytesUsable = sent - before;
	while (performance.now() - last < QUIET_MS)
		await new Promise((done) => later(100, done));
	const files = await page.evaluate(
	    "performance.getEntriesByType('resource').length + 1");
	await browser.close();
	console.log([bytesSeen, bytesUsable, sent - before, Math.round(seen),
	    Math.round(usable), files].join(" "));
}

proxy.listen(0, "127.0.0.1", async () => {
	const url = new URL(target);
	url.port = proxy.address().port;
	for (let i = 0; i < RUNS; i++)
		await run(url.href);
	process.exit();
});
