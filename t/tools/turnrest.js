// turnrest: a server of TURN credentials (draft-uberti-behave-turn-rest-00), as
// the web application of a TURN server's operator has it.
//
//	node turnrest.js PORT SECRET KEY URI...
//
// GET /?service=turn&username=NAME&key=KEY is answered with the user name
// EXPIRY:NAME, its password, and the URIs. Each question is printed.
"use strict";
const crypto = require("crypto");
const http = require("http");

const [port, secret, key, ...uris] = process.argv.slice(2);
const ttl = 86400;

http.createServer((request, response) => {
	const asked = new URL(request.url, "http://localhost").searchParams;

	console.log(request.method, request.url);
	if (asked.get("service") !== "turn" || asked.get("key") !== key) {
		response.statusCode = 403;
		response.end();
		return;
	}
	const expiry = Math.floor(Date.now() / 1000) + ttl;
	const username = `${expiry}:${asked.get("username")}`;
	const password = crypto.createHmac("sha1", secret).update(username)
	    .digest("base64");
	response.setHeader("Content-Type", "application/json");
	response.end(JSON.stringify({ username, password, ttl, uris }));
}).listen(Number(port), "127.0.0.1");
