// A push service to test against. It is a real HTTP/2 (and HTTP/1.1) server
// over TLS, which checks requests as the real service documents them, and fails
// in the ways in which real ones fail.
//
//	node service.js PROVIDER DIR
//
// PROVIDER is a file in this folder, without ".js". DIR has key.pem and
// cert.pem. The service adds `ready` (port=, once it listens) and `log`, a JSON
// line for each request that reached it, which stands there before its answer.
//
// A reply with `hold` waits until another request is accepted.
//
// The request itself selects the fault: its provider finds a mode in it, such
// as "ok", "s503" (always that status) or "once-reset" (the first time only).
'use strict';
const fs = require('fs');
const http2 = require('http2');
const path = require('path');

const [providerName, dir] = process.argv.slice(2);
const provider = require(path.join(__dirname, providerName + '.js'));
const seen = new Map();
const raws = new Map();
let connections = 0;
let raw;
let random = 0;

const log = fs.openSync(path.join(dir, 'log'), 'a');

let quiet = false;
const held = [];

function record(entry) {
	if (!quiet)
		fs.writeSync(log, JSON.stringify(entry) + '\n');
}

function answer(stream, res, reply) {
	const body = reply.body === undefined ? '' :
	    typeof reply.body === 'string' ? reply.body :
	    JSON.stringify(reply.body);
	try {
		res.writeHead(reply.status, reply.headers || {});
		res.end(body);
	} catch (e) {
		// The client has given it up.
	}
}

const faults = {
	// The stream is reset; the connection lives.
	reset(req, res) {
		if (req.stream)
			req.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
		else
			req.socket.destroy();
	},
	refuse(req, res) {
		if (req.stream)
			req.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
		else
			req.socket.destroy();
	},
	// GOAWAY: earlier streams may end, this one and later ones do not.
	goaway(req, res) {
		const session = req.stream.session;
		session.goaway(http2.constants.NGHTTP2_NO_ERROR,
		    req.stream.id - 2 > 0 ? req.stream.id - 2 : 0);
		setTimeout(() => session.destroy(), 200);
	},
	// The connection is cut.
	drop(req, res) {
		(req.stream ? req.stream.session : req.socket).destroy();
	},
	// No answer, ever.
	stall(req, res) {
	},
	// The whole connection stalls: nothing on it is read any more. The socket
	// that http2 shows cannot be stopped, so it is the one under it.
	freeze(req, res) {
		const raw = raws.get(req.stream.session);
		raw._handle.readStop();
	},
	// More than anybody wants to read: it has no end.
	big(req, res) {
		const more = () => {
			while (!req.stream.destroyed && !req.stream.closed &&
			    res.write(Buffer.alloc(65536, 120)))
				;
		};
		res.on('drain', more);
		res.writeHead(503, {});
		more();
	},
	bighead(req, res) {
		const headers = {};
		for (let i = 0; i < 40; i++)
			headers['x-' + i] = 'y'.repeat(1000);
		res.writeHead(503, headers);
		res.end();
	},
	// An answer whose body breaks off.
	half(req, res, code) {
		res.writeHead(code || 201, { 'content-length': '100' });
		res.write('x');
		setTimeout(() => faults.reset(req, res), 20);
	},
	half410(req, res) {
		faults.half(req, res, 410);
	},
	// Interim answers (103) without an end.
	interim(req, res) {
		for (let i = 0; i < 40 && !res.stream.destroyed; i++)
			res.stream.additionalHeaders({ ':status': 103,
			    link: 'y'.repeat(1000) });
	}
};

// "10% of everything": which fault is next, in turn, so that a run repeats.
const mixed = ['s503', 'reset', 's429', 'goaway', 'drop', 's500', 'refuse'];

function pick(mode, key) {
	const n = seen.get(key) || 0;
	seen.set(key, n + 1);
	if (mode === 'mixed')
		return random++ % 10 === 3 ?
		    mixed[Math.floor(random / 10) % mixed.length] : 'ok';
	if (!mode.startsWith('once-'))
		return mode;
	return n === 0 ? mode.slice(5) : 'ok';
}

function status(mode) {
	const m = /^s(\d\d\d)(?:-(\d+))?$/.exec(mode);
	if (!m)
		return null;
	const headers = m[2] ? { 'retry-after': m[2] } : {};
	if (m[1] === '302')
		headers.location = 'https://127.0.0.1:1/elsewhere';
	return { status: +m[1], headers };
}

function handle(req, res, body) {
	const entry = { at: Date.now(), path: req.url,
	    http: req.httpVersion, connection: req.socket.number };
	let checked;
	try {
		checked = provider.check(req, body);
	} catch (e) {
		checked = { wrong: String(e.stack) };
	}
	const mode = pick(checked.mode || 'ok', checked.key || req.url);
	Object.assign(entry, { mode }, checked.entry,
	    checked.wrong ? { wrong: checked.wrong } : {});
	const fixed = status(mode) || (provider.named && provider.named(mode));
	if (faults[mode]) {
		record(entry);
		return faults[mode](req, res);
	}
	const reply = fixed ||
	    (checked.wrong ? provider.refuse(checked) :
	    provider.accept(checked));
	entry.status = reply.status;
	record(entry);
	if (reply.status < 300)
		held.splice(0).forEach((late) => late());
	if (reply.hold)
		held.push(() => answer(req.stream, res, reply));
	else
		answer(req.stream, res, reply);
}

const server = http2.createSecureServer({
	key: fs.readFileSync(path.join(dir, 'key.pem')),
	cert: fs.readFileSync(path.join(dir, 'cert.pem')),
	allowHTTP1: !process.env.HTTP2_ONLY,
	settings: { maxConcurrentStreams: +(process.env.STREAMS || 100) }
}, (req, res) => {
	const chunks = [];
	req.on('data', (c) => chunks.push(c));
	req.on('error', () => {});
	res.on('error', () => {});
	req.on('end', () => {
		// A request that was given up half-way is none.
		if (!req.aborted)
			handle(req, res, Buffer.concat(chunks));
	});
});
// Before http2's own listener, which makes the session.
server.prependListener('secureConnection', (socket) => {
	connections++;
	raw = socket;
	socket.on('error', () => {});
});
server.on('session', (session) => {
	session.socket.number = connections;
	raws.set(session, raw);
	session.on('close', () => raws.delete(session));
	session.on('error', () => {});
});
server.on('sessionError', () => {});
server.on('stream', (stream) => stream.on('error', () => {}));
process.on('uncaughtException', (e) => {
	if (!/ERR_HTTP2|ECONNRESET|EPIPE/.test(e.code || ''))
		throw e;
});

provider.start(dir);
quiet = providerName === 'sink';
server.listen(+(process.env.PORT || 0), '127.0.0.1', () => {
	if (provider.listening)
		provider.listening(server.address().port);
	fs.writeFileSync(path.join(dir, 'ready.new'),
	    `port=${server.address().port}\n`);
	fs.renameSync(path.join(dir, 'ready.new'), path.join(dir, 'ready'));
});
