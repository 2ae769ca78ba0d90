// A phone without a switch, in place of js/phone.js: a test sets what it says,
// and sees what the page asked of it.
//
//	phone.set({ account, contacts, history, call, second, error })
//	phone.asked	["dial bob false", ...]
//	phone.fails	{ dial: { what: "no-switch" } }: what the next one throws
export class Phone extends EventTarget {
	constructor({ config }) {
		super();
		Object.assign(this, { config, account: null, contacts: [],
		    history: [], call: null, second: null, error: null,
		    asked: [], fails: {}, service: { line: async () =>
			({ end: () => this.did("line ends") }) } });
	}
	set(what) {
		Object.assign(this, what);
		this.dispatchEvent(new Event("change"));
	}
	async did(name, ...what) {
		this.asked.push([name, ...what].join(" "));
		const error = this.fails[name];
		if (!error)
			return;
		delete this.fails[name];
		throw Object.assign(new Error(error.why ?? error.what), error);
	}
	async open() {
		await this.did("open");
		// What the address says, so that a test can open any state.
		const kept = sessionStorage.getItem("fake");
		if (kept)
			this.set(JSON.parse(kept));
	}
	async join(number, code) {
		await this.did("join", number, code);
		this.set({ account: { number } });
	}
	async guest(callee, token) {
		await this.did("guest", callee, token);
		this.set({ account: { guest: true, callee } });
	}
	async dial(number, { video }) {
		await this.did("dial", number, Boolean(video));
		this.set({ call: { id: `${this.asked.length}`, peer: number,
		    incoming: false, state: "calling", video, muted: false,
		    wordsState: "none", words: null, away: "" } });
	}
	async signOut() {
		await this.did("signOut");
		this.set({ account: null });
	}
	async addContact(number, name) {
		await this.did("addContact", number, name);
		this.set({ contacts: [...this.contacts, { number, name }] });
	}
	async removeContact(number) {
		await this.did("removeContact", number);
		this.set({ contacts: this.contacts.filter((one) =>
		    one.number !== number) });
	}
	async ownDevices() {
		await this.did("ownDevices");
		return this.own ??= [{ id: "0".repeat(16), added: 1767225600,
		    used: 1767312000, self: true }, { id: "1".repeat(16),
		    added: null, used: 1769904000, self: false }];
	}
	async removeDevice(id) {
		await this.did("removeDevice", id);
		this.own = this.own.filter((one) => one.id !== id);
	}
	async mute(on) {
		await this.did("mute", on);
		this.set({ call: { ...this.call, muted: on } });
	}
	askCode(number) { return this.did("askCode", number); }
	answer({ video }) { return this.did("answer", video); }
	decline() { return this.did("decline"); }
	hangUp() { return this.did("hangUp"); }
	woken(push) { return this.did("woken", push.sessionId); }
	microphone(id) { return this.did("microphone", id); }
	speaker(id) { return this.did("speaker", id); }
	confirmWords(same) { return this.did("confirmWords", same); }
	forget(number) { return this.did("forget", number); }
	close() { return this.did("close"); }
}
