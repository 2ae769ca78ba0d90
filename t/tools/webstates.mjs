// webstates: what the page can show, each as its phone (phone-fake.js) says it.
const now = Date.now();
const minutes = (n) => now - n * 60000;

const alice = { number: "alice" };
const contacts = [{ number: "bob", name: "Bob Baker" },
	{ number: "+49301234567", name: "Carola" }];
const history = [
	{ number: "bob", when: minutes(12), kind: "missed",
	    reason: "cancelled", seconds: 0 },
	{ number: "+49301234567", when: minutes(95), kind: "out",
	    reason: "hung-up", seconds: 754 },
	{ number: "dave", when: minutes(3000), kind: "in",
	    reason: "hung-up", seconds: 61 },
	{ number: "erin", when: minutes(3300), kind: "out",
	    reason: "busy", seconds: 0 }
];
const fingerprint = "12:29:28:4C:9D:B7:D0:C4:27:AA:BC:E6:D0:7D:28:EC:" +
    "91:3C:55:DE:0A:61:B0:77:E2:19:48:3F:5C:8D:21:96";
const home = { account: alice, contacts, history };
const call = (state, more = {}) => ({ ...home, call: { id: state,
    peer: "bob", incoming: false, state, since: 0, video: false,
    muted: false, reason: "", words: null, wordsState: "none",
    identity: null, quality: null, level: 0, away: "", ...more } });
const sound = { since: now - 83000, level: 0.4,
	quality: { mos: 4.41, loss: 0, jitter_ms: 1.3, rtt_ms: 24 } };
const known = { identity: { state: "same", fingerprint },
	words: ["choking", "microwave", "Christmas", "distortion"],
	wordsState: "known" };

export const STATES = {
	"signed-out": {},
	guest: { account: { guest: true, callee: "bob" } },
	home,
	"home-empty": { account: alice },
	calling: call("calling"),
	ringing: call("ringing"),
	incoming: call("incoming", { incoming: true }),
	connecting: call("connecting"),
	"talking-new": call("talking", { ...sound, ...known, wordsState: "new",
	    identity: { state: "new", fingerprint } }),
	talking: call("talking", { ...sound, ...known }),
	"talking-muted": { ...call("talking", { ...sound, muted: true,
	    wordsState: "missing", away: "peer", identity: { state: "rolled",
	    fingerprint } }), second: { peer: "+49301234567", when: now } },
	restoring: call("restoring", sound),
	over: call("over", { reason: "declined" }),
	"over-identity": call("over", { reason: "identity",
	    identity: { state: "changed", fingerprint } }),
	problem: { ...home, error: { what: "microphone-denied", why: "x" } }
};

// Those of the documentation. The others are looked at in tests alone.
export const SHOWN = ["signed-out", "guest", "home", "calling", "ringing",
	"incoming", "talking-new", "talking", "restoring", "over",
	"over-identity", "problem", "settings", "two-tabs"];
