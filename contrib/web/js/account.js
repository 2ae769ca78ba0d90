// account: who this browser is to its service. A subscriber's device has a key,
// whose public half is registered with a code: of an SMS, or of a link. A guest
// has the token of a link, which rings one number.
import { makeKey, publicHalf } from "./keys.js";
import { connect } from "./line.js";

const NUMBER = /^[\w+.-]{1,32}$/;
const SWITCH = /^([A-Za-z0-9.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?$/;
const DEVICE = /^[0-9a-f]{16}$/;
const MOST = 16;

export function wrong(what, why = "") {
	return Object.assign(new Error(why || what), { what, why });
}

// A number as people write it: with spaces, brackets and the like.
export function toNumber(text) {
	const number = String(text).trim().replace(/[\s()/]/g, "");
	if (!NUMBER.test(number))
		throw wrong("bad-number");
	return number;
}

// Can it be connected to? One that cannot would end the race of all.
function isName(one) {
	try {
		return typeof one === "string" && one.length < 256 &&
		    SWITCH.test(one) && Boolean(new URL(`https://${one}`));
	} catch {
		return false;
	}
}

// Names of switches out of a list from elsewhere.
export function switchNames(list) {
	return (Array.isArray(list) ? list : []).filter(isName).slice(0, MOST);
}

export class Account {
	constructor(store, { switches, scheme }) {
		Object.assign(this, { store, scheme, configured:
		    switchNames(switches), listed: [], who: null });
	}
	async load() {
		this.who = await this.store.get("account") ?? null;
		this.listed = switchNames(await this.store.get("switches"));
	}
	// What the protocol wants to know.
	get me() {
		return { ...this.who, scheme: this.scheme };
	}
	// Those of the last call, and the region's names. On trial there are no
	// others than those of the page.
	get switches() {
		return this.scheme === "ws" ? this.configured :
		    [...new Set([...this.configured, ...this.listed])]
		    .slice(0, MOST);
	}
	get isLearned() {
		return this.scheme === "ws" || this.listed.length > 0;
	}
	// A line to one of our switches, but not to these, which refused.
	line(but = []) {
		return this.reach(this.switches.filter((one) =>
		    !but.includes(new URL(`${this.scheme}://${one}`).host)));
	}
	// A line to one of these, which are ours.
	async reach(switches, me = this.me) {
		if (!switches.length)
			throw wrong("no-switch");
		try {
			return await connect(switches, me);
		} catch (error) {
			throw wrong("no-switch", String(error));
		}
	}
	// Do something on a line of its own. A switch that cannot do it now leaves
	// it to another: others may write to a directory that it cannot.
	async onLine(what) {
		const refused = [];
		for (let left = this.switches.length; ; left--) {
			const line = await this.line(refused);
			try {
				return await what(line);
			} catch (error) {
				if (error.status !== 503 || left <= 1)
					throw error;
				refused.push(new URL(line.socket.url).host);
			} finally {
				line.end();
			}
		}
	}
	// One question.
	ask(...question) {
		return this.onLine((line) => line.ask(...question));
	}
	// Nobody yet, who asks for an account.
	nobody(switches = this.switches) {
		return this.reach(switches, { scheme: this.scheme });
	}
	// The region's switches, for this line and the next call. Nothing hangs on
	// it.
	async learn(line) {
		try {
			const text = await line.ask("GET", "/switches");
			const listed = switchNames(JSON.parse(text).switches);
			if (listed.length === 0)
				return;
			this.listed = listed;
			line.switches = this.switches;
			await this.store.put("switches", this.listed);
		} catch {
			// The names that we have are as good as they were.
		}
	}
	// Send a code by SMS.
	async askCode(text) {
		const number = toNumber(text);
		const line = await this.nobody();
		this.asking = { number, at: [new URL(line.socket.url).host] };
		try {
			await line.ask("POST", `/verification/${
			    encodeURIComponent(number)}`);
		} finally {
			line.end();
		}
	}
	// Only the switch that sent a code knows it. Nobody may stay on a line
	// until it has come.
	async claimant(number) {
		const { asking } = this;
		return asking?.number !== number ? this.nobody() :
		    this.nobody(asking.at).catch(() => this.nobody());
	}
	async join(text, code) {
		const number = toNumber(text);
		const line = await this.claimant(number);
		// The key is written before it is registered, for a page that is
		// closed meanwhile: the same request may be repeated.
		const key = await this.store.get("joining") ?? await makeKey();
		await this.store.put("joining", key);
		try {
			await line.ask("PUT",
			    `/subscriber/${encodeURIComponent(number)}`,
			    JSON.stringify({ code: String(code).trim(),
				key: await publicHalf(key) }),
			    "application/json");
		} finally {
			line.end();
		}
		await this.be({ number, key });
		await this.store.remove("joining");
		// A first call is to know all switches, too.
		const other = await this.line().catch(() => null);
		await this.learn(other);
		other?.end();
	}
	guest(callee, token) {
		return this.be({ callee: toNumber(callee), guest: token });
	}
	async be(who) {
		this.asking = undefined;
		this.who = who;
		// A guest is one for this visit.
		if (who.key) {
			await this.store.put("account", who);
			// A browser may ask its user, who may take their time.
			this.store.persist?.();
		}
	}
	// This subscriber's devices, as rp-signal(7) has them.
	async devices() {
		const { devices } = JSON.parse(await this.ask("GET", "/devices"));
		return (Array.isArray(devices) ? devices : []).filter((one) =>
		    DEVICE.test(one?.id)).slice(0, MOST);
	}
	removeDevice(id) {
		return this.ask("DELETE", `/devices/${id}`);
	}
	async signOut() {
		if (this.who?.key)
			await this.ask("DELETE", "/devices/self").catch((error) => {
				if (![401, 404].includes(error.status))
					throw error;
			});
		this.who = null;
		await this.store.clear();
	}
}
