// outage: when to restart ICE, by the rules of rp-signal(7), "Both ends see an
// outage", and when to give up the switch, as rp-dial(1) does. An end restarts if it
// has received nothing for two seconds, once at a time, and the pauses double. A page
// does not learn that its address is another: it hears nothing then.

const LOOK_MS = 500;
const SILENT_MS = 2000;
// Where no sound comes at all, as from a peer without a microphone, only its
// answers to our consent checks count, and those come every few seconds.
const QUIET_MS = 8000;
const PAUSES_MS = [2000, 4000, 8000, 16000];
// Without a line to the switch and without anything from the peer, the switch is
// dead, and the call with it. Who cannot dial again waits longer, and so does one
// whose switch answers that it cannot take the call up again yet.
const LOST_MS = 6000;
const LOST_LATE_MS = 30000;

// All that has come from the peer so far, and how much of it was sound.
export async function received(pc) {
	let sound = 0, checks = 0;
	for (const one of (await pc.getStats()).values())
		if (one.type === "inbound-rtp")
			sound += one.packetsReceived ?? 0;
		else if (one.type === "candidate-pair")
			checks += (one.responsesReceived ?? 0) +
			    (one.requestsReceived ?? 0);
	return { sound, checks };
}

export class Outage {
	// changed() hears when silent changes.
	constructor(call, changed, now = () => performance.now()) {
		Object.assign(this, { call, changed, now, silent: false, tries: 0,
		    last: { sound: 0, checks: 0 }, heardAt: now(), soundAt: now(),
		    lineAt: now(), thereAt: now(), restAt: 0, restarted: 0 });
		this.timer = setInterval(() => this.look(), LOOK_MS);
	}
	stop() {
		clearInterval(this.timer);
	}
	async look() {
		const { pc } = this.call;
		if (this.isLooking || pc.signalingState === "closed")
			return;
		this.isLooking = true;
		try {
			this.take(await received(pc), pc);
			if (this.isLost())
				this.call.end("moved");
			else if (this.isDue())
				await this.restart();
		} finally {
			this.isLooking = false;
		}
	}
	take({ sound, checks }, pc) {
		const now = this.now();
		// Before ANSWER nothing is due, and another connection counts anew.
		if (pc !== this.pc || !this.call.talking) {
			Object.assign(this, { pc, hadSound: false,
			    last: { sound: 0, checks: 0 }, soundAt: now,
			    heardAt: now });
		}
		if (sound !== this.last.sound) {
			this.soundAt = this.heardAt = now;
			this.hadSound = true;
		}
		if (checks !== this.last.checks)
			this.heardAt = now;
		this.last = { sound, checks };
		if (!this.call.line.over)
			this.lineAt = now;
		if (!this.call.line.over || this.call.isThere)
			this.thereAt = now;
		const silent = now - (this.sounds() ? this.soundAt :
		    this.heardAt) > (this.sounds() ? SILENT_MS : QUIET_MS);
		if (!silent && now - this.restAt > PAUSES_MS.at(-1))
			this.tries = 0;
		if (silent === this.silent)
			return;
		this.silent = silent;
		this.changed();
	}
	// Should sound come, as far as we know? A first path takes its time. After
	// a restart that has brought answers but no sound, there is none to come.
	sounds() {
		return this.hadSound && !(this.soundAt < this.restarted &&
		    this.heardAt > this.restarted);
	}
	isLost() {
		const canDial = !this.call.isCallee &&
		    globalThis.navigator?.onLine !== false;
		const isPast = (at, ms) =>
		    this.now() - Math.max(this.heardAt, at) > ms;
		return isPast(this.lineAt, LOST_LATE_MS) ||
		    canDial && isPast(this.thereAt, LOST_MS);
	}
	isDue() {
		return this.silent && this.call.talking && !this.call.moving &&
		    !this.call.line.over && this.now() >= this.restAt;
	}
	async restart() {
		const wait = PAUSES_MS[Math.min(this.tries++,
		    PAUSES_MS.length - 1)];
		this.restAt = this.now() + wait;
		try {
			await this.call.restart();
			this.restarted = this.now();
		} catch (error) {
			// It asks again no sooner than the switch wants.
			this.restAt = Math.max(this.restAt,
			    this.now() + (error.after ?? 0) * 1000);
		}
	}
}
