// verify: who the other side of a call is. Its pinned identity (identity.js)
// and the words to compare (words.js), for the hooks of protocol.js.
import * as identity from "./identity.js";
import { Exchange, IdentityError, NONCE_TYPE } from "./words.js";

export class Verify {
	// number: our own, or undefined for a guest. changed() hears of it.
	constructor({ store, number, peer, caller, changed }) {
		Object.assign(this, { store, number, peer, changed, words: null,
		    wordsState: "none", found: null,
		    exchange: new Exchange({ caller }) });
	}
	certificate() {
		return identity.certificate(this.store);
	}
	async send(sdp) {
		const described = await this.exchange.describe(sdp);
		return this.number ?
		    identity.sign(this.store, this.number, described) : described;
	}
	// The peer's description is who we have pinned, and who it was before in
	// this call. Another device may answer before ANSWER.
	async check(type, sdp) {
		const found = await identity.check(this.store, this.peer, sdp);
		if (type === "pranswer")
			this.exchange.forget();
		// A call that a killed page found again has none yet.
		else if (this.talking && this.found &&
		    found.fingerprint !== this.found.fingerprint)
			throw new IdentityError("another identity in mid-call");
		this.exchange.described(sdp);
		this.exchange.had = found.hadWords;
		this.found = found;
		this.changed();
		if (["changed", "expired"].includes(found.state))
			throw new IdentityError("another identity");
	}
	// What to say first after ANSWER, as arguments of Call.say, or null.
	answered() {
		this.talking = true;
		this.since = performance.now();
		return this.message(this.exchange.answered());
	}
	message(nonce) {
		return nonce === null ? null : ["INFO", nonce, NONCE_TYPE];
	}
	async info(type, body) {
		return type === NONCE_TYPE && this.talking ?
		    this.message(await this.exchange.revealed(body)) : null;
	}
	// DTLS has proven the fingerprints of these descriptions.
	async proven(pc) {
		if (this.words || !this.found)
			return;
		if (!this.remembered) {
			this.remembered = true;
			await identity.remember(this.store, this.peer, this.found);
		}
		// The nonces of a call that was found again went with its page.
		if (this.isAgain)
			return this.changed();
		const words = await this.exchange.words(
		    identity.fingerprint(pc.localDescription.sdp),
		    this.found.fingerprint);
		const without = words ? "" :
		    this.exchange.without(performance.now() - this.since);
		if (without)
			this.wordsState = without;
		if (words) {
			this.words = words;
			this.wordsState = this.found.confirmed ? "known" : "new";
			await identity.rememberWords(this.store, this.peer,
			    this.found);
		}
		this.changed();
	}
	async confirm(same) {
		await identity.confirm(this.store, this.peer, this.found, same);
		this.wordsState = same ? "known" : "new";
		this.changed();
	}
}
