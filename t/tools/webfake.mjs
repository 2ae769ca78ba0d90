// webfake: serve the page with a phone that a test moves, as rp-switchd serves
// it, with its Content-Security-Policy.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const here = import.meta.dirname;
const web = path.join(here, "../../contrib/web");
const TYPES = { html: "text/html; charset=utf-8", css: "text/css",
	js: "text/javascript", json: "application/json", svg: "image/svg+xml",
	png: "image/png", webmanifest: "application/manifest+json" };
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types rp-worker";
const config = { switches: ["127.0.0.1:1"], scheme: "ws", video: true,
	registration: true };
// What the page gets from others' modules, without a switch and a device.
const STANDINS = {
	"js/phone.js": () => fs.readFileSync(path.join(here, "phone-fake.js")),
	"js/store.js": () => "export const open = async () => ({});",
	"js/media.js": () => "export const devices = async () => ({ " +
	    "microphones: [{ id: \"a\", label: \"Desk\" }, { id: \"b\", " +
	    "label: \"Headset\" }], speakers: [{ id: \"c\", " +
	    "label: \"Desk\" }, { id: \"d\", label: \"Headset\" }] });",
	"js/habits.js": () => "export const attend = () => {};",
	"js/push.js": () => `export const lacking = () => window.fakeLack ?? "";
		export const attend = (heard) => { window.fakePush = heard; };
		export const ringFor = async (session) => ({ action: undefined,
		    push: { kind: "call", sessionId: session } });
		export const settle = async (...what) =>
		    (window.settled ??= []).push(what.join(" "));
		export const setLanguage = async () => {};
		export const startWorker = async () => {};
		export const subscribe = async () => {};
		export const unsubscribe = async () => {};`,
	"rp.json": () => JSON.stringify(config)
};

export function serve() {
	const server = http.createServer((request, response) => {
		const name = new URL(request.url, "http://localhost").pathname
		    .replace(/^\/$/, "/index.html").slice(1);
		const file = path.join(web, path.normalize(name));
		const found = STANDINS[name]?.() ??
		    (fs.existsSync(file) && fs.readFileSync(file));
		response.writeHead(found ? 200 : 404, {
			"Content-Type": TYPES[name.split(".").pop()] ??
			    "text/plain", "Content-Security-Policy": POLICY,
			"Cache-Control": "no-store" });
		response.end(found || "");
	});
	return new Promise((done) => server.listen(0, "127.0.0.1", () =>
	    done(server)));
}
