// drive: a headless browser that does what a scenario says.
//
//	node drive.mjs chromium|firefox READY-FILE PROFILE [KEY=VALUE...]
//
// Commands come by HTTP on a port of its own, which the ready file names:
// GET /COMMAND?a=ARGUMENT&a=... The answer is text, or with status 500 what went
// wrong and how the page looks. The first argument is the name of a tab; see
// `commands` below, and t/web.sh for the scenario's side. PROFILE is a folder, and
// stays. The process id of the browser is in PROFILE.pid.
//
//	speech=FILE	a WAV for its microphone (hook.js), when told to
//	microphone=no	it has none; microphone=denied: the user says no
//	ca=FILE		a certificate to trust; Chromium then trusts any
//	patience=N	how much longer than a quiet machine this one may take
//	push=URL	(Firefox) its push service; push=no: it knows no pushes
//	language=CODE
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { preferences, switches } from "./drive_settings.mjs";

// Of the folder that NODE_PATH names, which import does not look at.
const puppeteer = createRequire(import.meta.url)("puppeteer-core");

const [make, ready, profile, ...rest] = process.argv.slice(2);
const settings = Object.fromEntries(rest.map((one) => one.split(/=(.*)/s)));
const patience = Number(settings.patience ?? 6);
const here = import.meta.dirname;
const tabs = new Map();
const said = [];		// by pages, for whoever looks for a failure
let browser;

function hook() {
	const read = (name) => fs.readFileSync(path.join(here, name), "utf8");
	const speech = settings.speech ?
	    fs.readFileSync(settings.speech).toString("base64") : null;
	return `(() => { const SPEECH = ${JSON.stringify(speech)};\n` +
	    `${read("page.js")}\n${read("hook.js")} })();`;
}

function trust(certificate) {
	const store = ["-d", `sql:${profile}`];
	if (fs.existsSync(path.join(profile, "cert9.db")))
		return;
	execFileSync("certutil", ["-N", ...store, "--empty-password"]);
	execFileSync("certutil", ["-A", ...store, "-n", "test", "-t", "C,,",
		"-i", certificate]);
}

async function launch() {
	const firefox = make === "firefox";
	fs.mkdirSync(profile, { recursive: true });
	if (firefox && settings.ca)
		trust(settings.ca);
	browser = await puppeteer.launch({ headless: true,
		browser: firefox ? "firefox" : "chrome",
		executablePath: firefox ? process.env.FIREFOX :
		    process.env.CHROMIUM,
		userDataDir: profile, pipe: !firefox, timeout: 30000 * patience,
		protocolTimeout: 30000 * patience,
		args: firefox ? [] : switches(settings),
		extraPrefsFirefox: preferences(settings),
		env: { ...process.env, MOZ_DISABLE_CONTENT_SANDBOX: "1",
		    // A null sink has a monitor, which is a microphone.
		    ...settings.microphone === "no" ?
			{ PULSE_SERVER: "unix:/nowhere" } : {} } });
	fs.writeFileSync(`${profile}.pid`, `${browser.process().pid}\n`);
}

function tab(name) {
	const page = tabs.get(name);
	if (!page || page.isClosed())
		throw new Error(`there is no tab ${name}`);
	return page;
}

// Text of what an expression comes to, in the page; promises are waited for.
async function evaluate(name, expression) {
	return tab(name).evaluate(`(async () => {
		const found = await (${expression});
		return typeof found === "string" ? found :
		    JSON.stringify(found) ?? "";
	})()`);
}

// Until the expression is true of the page, which may be a new one meanwhile.
async function until(name, expression, seconds = 20) {
	const end = performance.now() + seconds * 1000 * patience;
	let why;
	for (;;) {
		const found = await evaluate(name, expression).catch((error) => {
			why = error.message;
		});
		if (found && !["false", "null", "0"].includes(found))
			return found;
		if (performance.now() > end)
			throw new Error(`never ${expression}${why ?
			    `: ${why}` : ""}`);
		await new Promise((done) => setTimeout(done, 30));
	}
}

async function chromium(name) {
	if (make !== "chromium")
		throw new Error("only Chromium can do that");
	return tab(name).createCDPSession();
}

// The control of that name, or of that selector.
const selector = (what) => /^[a-z-]+$/.test(what) ? `[data-do="${what}"]` : what;

// A user touches only what is in front.
async function control(name, what) {
	await tab(name).bringToFront();
	return tab(name).waitForSelector(selector(what), { visible: true,
	    timeout: 10000 * patience });
}

const commands = {
	async open(name, url) {
		let page = tabs.get(name);
		if (!page || page.isClosed()) {
			page = await browser.newPage();
			page.on("console", (line) =>
			    said.push(`${name}: ${line.text()}`));
			page.on("pageerror", (error) =>
			    said.push(`${name}: ${error}`));
			page.on("dialog", (dialog) => dialog.accept());
			await page.evaluateOnNewDocument(hook());
			tabs.set(name, page);
		}
		await page.goto(url, { timeout: 30000 * patience });
	},
	// Of a page that is open.
	async reload(name) {
		await tab(name).reload({ timeout: 30000 * patience });
	},
	async click(name, what) {
		await (await control(name, what)).click();
	},
	// In place of what is there.
	async type(name, what, text) {
		const field = await control(name, what);
		await field.evaluate((one) => { one.value = ""; });
		await field.type(text);
	},
	async press(name, key) {
		await tab(name).keyboard.press(key);
	},
	until,
	eval: evaluate,
	url: (name) => tab(name).url(),
	async shot(name, file) {
		await tab(name).screenshot({ path: file });
	},
	async size(name, width, height) {
		await tab(name).setViewport({ width: Number(width),
		    height: Number(height) });
	},
	async theme(name, value) {
		await tab(name).emulateMediaFeatures([
			{ name: "prefers-color-scheme", value }]);
	},
	async offline(name, on) {
		await tab(name).setOfflineMode(on === "on");
	},
	// As a phone does to a page in its background.
	async freeze(name, on) {
		const session = await chromium(name);
		await session.send("Page.setWebLifecycleState",
		    { state: on === "on" ? "frozen" : "active" });
		await session.detach();
	},
	async front(name) {
		await tab(name).bringToFront();
	},
	async close(name) {
		await tab(name).close();
		tabs.delete(name);
	},
	// Into the worker of that page's site, or of another, in plain text.
	async push(name, data, origin = new URL(tab(name).url()).origin) {
		const session = await chromium(name);
		const registrationId = await new Promise((done) => {
			session.on("ServiceWorker.workerRegistrationUpdated",
			    ({ registrations }) => registrations.filter((one) =>
			    one.scopeURL.startsWith(origin) && !one.isDeleted)
			    .forEach((one) => done(one.registrationId)));
			session.send("ServiceWorker.enable");
		});
		await session.send("ServiceWorker.deliverPushMessage",
		    { origin, registrationId, data });
		await session.detach();
	},
	async permit(origin, ...what) {
		await browser.defaultBrowserContext()
		    .overridePermissions(origin, what);
	},
	say: (name) => evaluate(name, "rpTest.say()"),
	// How much it has heard, in samples.
	length: (name) => evaluate(name, "rpTest.length()"),
	async heard(name, file) {
		const sound = await evaluate(name, "rpTest.heard()");
		fs.writeFileSync(file, Buffer.from(sound, "base64"));
	},
	// Where the tabs of the browser are, also those that a page has opened.
	tabs: async () => (await browser.pages()).map((one) =>
	    one.url()).join("\n"),
	log: () => said.join("\n"),
	// As its user does, so that it writes what it keeps.
	async quit() {
		await browser.close();
		tabs.clear();
	},
	// As where the system ends it.
	async kill() {
		const child = browser.process();
		const ended = new Promise((done) => child.once("exit", done));
		child.kill("SIGKILL");
		await ended;
		tabs.clear();
	},
	launch
};

// For the scenario's report.
async function looks(name) {
	const page = tabs.get(name);
	if (!page || page.isClosed())
		return "";
	const text = await Promise.race([
		evaluate(name, `JSON.stringify(document.body.dataset) + " " +
		    document.body.innerText.replace(/\\s+/g, " ").slice(0, 600)`)
		    .catch(String),
		new Promise((done) => setTimeout(done, 3000, "(stands still)"))]);
	return `${page.url()}\n${text}\n${said.slice(-15).join("\n")}\n`;
}

const server = http.createServer(async (request, response) => {
	const url = new URL(request.url, "http://localhost");
	const command = url.pathname.slice(1);
	const given = url.searchParams.getAll("a");
	try {
		if (!Object.hasOwn(commands, command))
			throw new Error(`no command ${command}`);
		const result = await commands[command](...given) ?? "";
		response.end(result === "" ? "" : `${result}\n`);
	} catch (error) {
		response.statusCode = 500;
		response.end(`${command} ${given.join(" ")}: ${
		    error.message}\n${await looks(given[0])}`);
	}
});
server.requestTimeout = 0;

await launch();
server.listen(0, "127.0.0.1", () => {
	fs.writeFileSync(`${ready}.new`,
	    `drive=127.0.0.1:${server.address().port}\n`);
	fs.renameSync(`${ready}.new`, ready);
});
