// rp-pushsend with a steady load, of which some endpoints are dead. Prints a line
// for each request: well or dead, the result's milliseconds, its status. It ends
// once each healthy one has its result.
//
//	node pushdead.js PORT CONF P256DH AUTH SUBSCRIBERS PERCENT PER_SECOND
'use strict';
const readline = require('readline');
const { spawn } = require('child_process');

const [port, conf, p256dh, auth, ...numbers] = process.argv.slice(2);
const [subscribers, percent, pace] = numbers.map(Number);
const TICK_MS = 10;
const kinds = ['s507', 's410', 'stall'];

// The dead ones are spread evenly, each kind in turn.
function kindOf(n) {
	const dead = Math.floor((n + 1) * percent / 100);
	return dead === Math.floor(n * percent / 100) ? 'ok' :
	    kinds[dead % kinds.length];
}

const child = spawn('rp-pushsend', ['-c', conf],
    { stdio: ['pipe', 'pipe', 'inherit'] });
let next = 0;
let healthy = 0;
let answered = 0;

function write() {
	const kind = kindOf(next);
	healthy += kind === 'ok';
	child.stdin.write(JSON.stringify({
	    id: (kind === 'ok' ? 'well ' : 'dead ') + next, type: 'webpush',
	    to: { endpoint: `https://localhost:${port}/${kind}/${next}`,
	        keys: { p256dh, auth } },
	    payload: { kind: 'call', caller: '+27215550100' }, ttl: 30 }) + '\n');
	next++;
}

function end() {
	clearInterval(timer);
	child.kill('SIGKILL');
	process.exit(0);
}

const begun = process.hrtime.bigint();
const timer = setInterval(() => {
	const ms = Number(process.hrtime.bigint() - begun) / 1e6;
	while (next < subscribers && next < ms * pace / 1000)
		write();
	if (next === subscribers && answered === healthy)
		end();
}, TICK_MS);

readline.createInterface({ input: child.stdout }).on('line', (line) => {
	const result = JSON.parse(line);
	const kind = result.id.split(' ')[0];
	answered += kind === 'well';
	console.log(`${kind} ${result.ms} ${result.status}`);
});
child.on('exit', (code) => {
	console.error(`rp-pushsend has ended: ${code}`);
	process.exit(1);
});
