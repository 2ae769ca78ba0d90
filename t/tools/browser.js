// browser: open a page in a headless browser and print what it reports.
//
//	node browser.js PAGE.html [QUERY] [OPTION...]
//
// The browser is Chromium, or Firefox if FIREFOX names its binary. BROWSER_CA is
// then a certificate file that it trusts, for a wss: URL.
//
// The page, with page.js and recorder.js beside it and contrib/web/js below /js/,
// is served on loopback (a secure context) with ?QUERY. Its host is BROWSER_HOST or
// 127.0.0.1. It ends by POSTing its result as JSON to /result. The result is
// printed, and the exit status is 0 only if its "ok" is true. If BROWSER_FILES
// names a folder, GET and PUT of
// /file/NAME read and write there; a missing file is 404. No browser driver is
// needed, so nothing has to be downloaded.
"use strict";
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const http = require("http");
const os = require("os");
const path = require("path");

const [page, query = "", ...options] = process.argv.slice(2);
const seconds = Number(process.env.BROWSER_SECONDS || 240);
const firefox = process.env.FIREFOX;
const files = process.env.BROWSER_FILES;
const host = process.env.BROWSER_HOST || "127.0.0.1";
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "rp-browser-"));
let browser, log = "", finished = false;

function finish(status, result) {
	if (finished)
		return;
	finished = true;
	console.log(JSON.stringify(result));
	if (status !== 0)
		process.stderr.write(log.slice(-4000));
	// The browser's children end, and write, a little later than itself.
	const end = (tries = 50) => {
		try {
			fs.rmSync(profile, { recursive: true, force: true });
		} catch (error) {
			if (tries > 0) {
				setTimeout(end, 100, tries - 1);
				return;
			}
		}
		process.exit(status);
	};
	if (browser.exitCode !== null || browser.signalCode !== null) {
		end();
		return;
	}
	browser.once("exit", () => end());
	browser.kill("SIGKILL");
}

function file(request, response) {
	const name = path.join(files, path.basename(request.url));
	if (request.method === "GET") {
		response.statusCode = fs.existsSync(name) ? 200 : 404;
		response.end(response.statusCode === 200 ?
		    fs.readFileSync(name) : "");
		return;
	}
	const parts = [];
	request.on("data", (data) => { parts.push(data); });
	request.on("end", () => {
		fs.writeFileSync(name + ".part", Buffer.concat(parts));
		fs.renameSync(name + ".part", name);
		response.end();
	});
}

const server = http.createServer((request, response) => {
	if (files && request.url.startsWith("/file/")) {
		file(request, response);
	} else if (request.method === "POST") {
		let body = "";
		request.on("data", (data) => { body += data; });
		request.on("end", () => {
			response.end();
			const result = JSON.parse(body);
			finish(result.ok ? 0 : 1, result);
		});
	} else if (["/page.js", "/recorder.js"].includes(request.url)) {
		response.setHeader("Content-Type", "text/javascript");
		response.end(fs.readFileSync(path.join(__dirname, request.url)));
	} else if (/^\/js\/[\w-]+\.js$/.test(request.url)) {
		response.setHeader("Content-Type", "text/javascript");
		response.end(fs.readFileSync(path.join(__dirname,
		    "../../contrib/web", request.url)));
	} else if (request.url.startsWith("/?")) {
		response.setHeader("Content-Type", "text/html");
		response.end(fs.readFileSync(page));
	} else {
		response.statusCode = 404;
		response.end();
	}
});

function chromium(url) {
	return spawn(process.env.CHROMIUM || "/usr/bin/chromium", [
		"--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run",
		"--disable-background-networking",
		"--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--use-fake-ui-for-media-stream",
		"--use-fake-device-for-media-stream",
		"--ignore-certificate-errors",
		"--autoplay-policy=no-user-gesture-required",
		`--user-data-dir=${profile}`, ...options, url
	], { stdio: ["ignore", "ignore", "pipe"] });
}

// Nothing is asked, and nobody outside is called. A tone is the microphone.
const preferences = {
	"media.navigator.permission.disabled": true,
	"media.navigator.streams.fake": true,
	"media.autoplay.default": 0,
	"media.autoplay.blocking_policy": 0,
	"media.autoplay.block-webaudio": false,
	"media.gmp-manager.url": "",
	"browser.shell.checkDefaultBrowser": false,
	"browser.aboutwelcome.enabled": false,
	"browser.startup.homepage_override.mstone": "ignore",
	"datareporting.policy.dataSubmissionEnabled": false,
	"datareporting.policy.dataSubmissionPolicyBypassNotification": true,
	"toolkit.telemetry.reportingpolicy.firstRun": false,
	"app.normandy.enabled": false,
	"services.settings.server": "",
	"network.captive-portal-service.enabled": false,
	"network.connectivity-service.enabled": false,
	"network.proxy.type": 0
};

function trust(certificate) {
	const store = ["-d", `sql:${profile}`];

	execFileSync("certutil", ["-N", ...store, "--empty-password"]);
	execFileSync("certutil", ["-A", ...store, "-n", "test", "-t", "C,,",
		"-i", certificate]);
}

function start_firefox(url) {
	fs.writeFileSync(path.join(profile, "user.js"),
	    Object.entries(preferences).map(([key, value]) =>
	    `user_pref("${key}", ${JSON.stringify(value)});\n`).join(""));
	if (process.env.BROWSER_CA)
		trust(process.env.BROWSER_CA);
	return spawn(firefox, ["--headless", "--no-remote", "--profile",
		profile, ...options, url], {
		stdio: ["ignore", "ignore", "pipe"],
		env: { ...process.env, HOME: profile, MOZ_HEADLESS: "1",
		    MOZ_DISABLE_CONTENT_SANDBOX: "1" }
	});
}

server.listen(0, "127.0.0.1", () => {
	const url = `http://${host}:${server.address().port}/?${query}`;
	browser = firefox ? start_firefox(url) : chromium(url);
	browser.stderr.on("data", (data) => { log += data; });
	browser.on("error", (error) =>
	    finish(1, { ok: false, why: String(error) }));
	browser.on("exit", () =>
	    finish(1, { ok: false, why: "the browser ended" }));
});
setTimeout(() => finish(1, { ok: false, why: "no result in time" }),
    seconds * 1000);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
	process.on(signal, () => finish(1, { ok: false, why: signal }));
