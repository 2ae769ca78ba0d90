// webserve: a web server of a folder, of files and nothing else, with the headers
// that the page has to live with.
//
//	node webserve.mjs FOLDER READY-FILE [RP.JSON [PATH...]]
//
// RP.JSON, if not "", is served in place of the file of that name. The first
// requests of each PATH break, as they do when the network changes. The ready file
// says web=http://127.0.0.1:PORT.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const [folder, ready, config, ...broken] = process.argv.slice(2);
const types = { ".html": "text/html", ".js": "text/javascript",
	".css": "text/css", ".json": "application/json",
	".svg": "image/svg+xml", ".png": "image/png",
	".webmanifest": "application/manifest+json" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self' data:; media-src 'self' blob:; connect-src 'self' ws: " +
    "wss:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'";

const BREAKS = 3;
const breaks = new Map(broken.map((one) => [one, BREAKS]));

const server = http.createServer((request, response) => {
	const { pathname } = new URL(request.url, "http://localhost");
	if (breaks.get(pathname) > 0) {
		breaks.set(pathname, breaks.get(pathname) - 1);
		request.socket.resetAndDestroy();
		return;
	}
	const name = pathname === "/rp.json" && config ? config :
	    path.join(folder, pathname.endsWith("/") ?
	    `${pathname}index.html` : pathname);
	response.setHeader("Content-Security-Policy", policy);
	response.setHeader("Content-Type",
	    types[path.extname(name)] ?? "application/octet-stream");
	fs.readFile(name, (error, text) => {
		response.statusCode = error ? 404 : 200;
		response.end(error ? "" : text);
	});
});
// A browser asks again by itself if a connection breaks that it has kept.
if (broken.length > 0)
	server.maxRequestsPerSocket = 1;
server.listen(0, "127.0.0.1", () => {
	fs.writeFileSync(`${ready}.new`,
	    `web=http://127.0.0.1:${server.address().port}\n`);
	fs.renameSync(`${ready}.new`, ready);
});
