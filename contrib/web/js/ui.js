// The page: it shows what the phone says, and tells the phone what its user
// does. What a link has in its fragment is taken out of the address before
// anything else, and never dials or signs in by itself.
import { Phone } from "./phone.js";
import { open } from "./store.js";
import { devices } from "./media.js";
import { $, control, hasFocus, say, show } from "./ui-dom.js";
import { clean, reason, speak, t } from "./ui-text.js";
import { fromLink } from "./ui-link.js";
import { ring } from "./ui-ring.js";
import { whenAlone } from "./ui-alone.js";
import { joinView } from "./view-join.js";
import { homeView } from "./view-home.js";
import { callView, peerName, stateText } from "./view-call.js";
import { closeSettings, settingsView } from "./view-settings.js";

const VIEWS = ["join", "home", "call", "elsewhere"];

class Page {
	constructor(config) {
		Object.assign(this, { config, link: null, view: "", left: null,
		    told: "", fault: null, seen: null, alone: false, calls: 0,
		    busy: new Set(), before: null, devices });
	}
	async start(store) {
		this.phone = new Phone({ store, config: this.config });
		window.phone = this.phone;
		this.views = [joinView, homeView, callView, settingsView]
		    .map((one) => one(this));
		this.phone.addEventListener("change", () => this.draw());
		for (const name of ["online", "offline"])
			addEventListener(name, () => this.draw());
		control("dismiss").addEventListener("click", () => {
			this.hush();
			this.draw();
			this.heading().focus();
		});
	}
	// The call that is shown, until its user leaves it.
	get call() {
		const { call } = this.phone;
		return call === this.left ? null : call;
	}
	get state() {
		return this.call ? this.call.state :
		    this.phone.account ? "idle" : "signed-out";
	}

	// Do what the user asked for, once; say so if it fails.
	async tries(what, button = null) {
		if (button && this.busy.has(button))
			return;
		this.hush();
		this.busy.add(button);
		button?.setAttribute("aria-busy", "true");
		try {
			await what();
		} catch (error) {
			// Most faults are the phone's, which has told already.
			this.fault = this.phone.error !== this.seen ? null :
			    faultOf(error);
		}
		this.busy.delete(button);
		button?.removeAttribute("aria-busy");
		this.draw();
	}
	hush() {
		this.told = "";
		this.fault = null;
		this.seen = this.phone.error;
	}
	tell(key, values) {
		this.told = t(key, values);
		this.draw();
	}
	complain(what, field) {
		this.hush();
		this.fault = { what };
		this.draw();
		field?.focus();
	}
	dial(number, video = false) {
		this.tries(async () => {
			await this.phone.dial(number, { video });
		}, control("dial"));
	}
	leave() {
		this.left = this.phone.call;
		this.hush();
		this.draw();
	}

	// What the notice says: a fault of ours or the phone's, what was done, or
	// that there is no network.
	notice() {
		const { error } = this.phone;
		const fault = this.fault ?? (error !== this.seen ? error : null);
		if (fault)
			return reason(fault.what, { why: fault.why ?? "",
			    who: this.phone.call?.peer ?? "" });
		return this.told || (navigator.onLine ? "" : t("error.offline"));
	}
	draw() {
		const { state, call, phone } = this;
		const view = !this.alone ? "elsewhere" : call ? "call" :
		    phone.account ? "home" : "join";
		document.body.dataset.state = state;
		$("state").dataset.state = state;
		say($("state"), this.alone ? call ? stateText(phone, call) :
		    t(`state.${state}`) : "");
		say($("me"), clean(phone.account?.guest ? t("guest.me") :
		    phone.account?.number ?? ""));
		show($("peer"), view === "call");
		say($("peer"), call ? peerName(phone, call) : "");
		document.title = call ? `${$("state").textContent} – rp` : "rp";
		for (const name of VIEWS)
			show($(`view-${name}`), view === name);
		const notice = this.notice();
		say($("notice"), notice);
		show(control("dismiss"), notice !== "" &&
		    notice !== t("error.offline"));
		this.views.forEach((one) => one());
		this.pictures(call);
		ring(this.alone ? state : "idle");
		this.focus(view === "call" ? `call ${this.serial(call)}` : view);
	}
	pictures(call) {
		const theirs = call?.video && call.state !== "over" &&
		    call.theirStream || null;
		const ours = theirs && call.ourStream || null;
		show($("pictures"), Boolean(theirs));
		for (const [id, stream] of [["their-video", theirs],
		    ["our-video", ours]])
			if ($(id).srcObject !== stream)
				$(id).srcObject = stream;
	}

	// Another number for another call. One that we place has no id at first.
	serial(call) {
		const last = this.last ?? {};
		if (call !== last.call && (!call.id || call.id !== last.id))
			this.calls++;
		this.last = { call, id: call.id };
		return this.calls;
	}
	heading() {
		return this.view.startsWith("call") ? $("peer") :
		    $(`view-${this.view}`).querySelector("h2");
	}
	// Another view takes the focus to its heading, which tells who calls
	// without a key that answers by mistake. Back from a call it goes where
	// it was. A control that has gone leaves it to the heading.
	focus(view) {
		const isFirst = this.view === "";
		const wasCall = this.view.startsWith("call");
		if (view === this.view) {
			if (!hasFocus() && this.had && !$("settings").open)
				this.heading().focus();
			this.had = hasFocus();
			return;
		}
		if (!wasCall)
			this.before = document.activeElement;
		this.view = view;
		if (view.startsWith("call"))
			closeSettings();
		if (wasCall && this.before?.getClientRects().length > 0 &&
		    this.before !== document.body)
			this.before.focus();
		else if (!isFirst)
			this.heading().focus();
		this.had = hasFocus();
	}
}

// What went wrong, as a token that the words know. Codes are those of media.js.
function faultOf(error) {
	const code = typeof error.code === "string" ?
	    `microphone-${error.code}` : undefined;
	return { what: error.what ?? error.reason ?? code ?? "failed",
	    why: error.message };
}

async function configuration() {
	const answer = await fetch("rp.json");
	if (!answer.ok)
		throw new Error("rp.json");
	const { switches, scheme, video, registration } = await answer.json();
	return { switches, scheme, video: video === true,
	    registration: registration === true };
}

// What a link wants. What needs the user's touch waits for it.
async function follow(page, link) {
	const { phone } = page;
	if (link.join) {
		page.link = { number: link.number, code: link.join };
		if (phone.account)
			page.tell("join.already",
			    { who: phone.account.number ?? "" });
	} else if (link.ring) {
		await (await import("./ui-push.js")).opened(page, link.ring);
	} else if (link.call && link.guest && !phone.account?.number) {
		await phone.guest(link.call, link.guest);
	} else if (link.call) {
		$("number").value = link.call;
		page.tell(phone.account ? "home.from-link" : "join.first",
		    { who: link.call });
	}
	page.draw();
	if (link.call && phone.account)
		control("dial").focus();
}

async function main() {
	const link = fromLink();
	const words = speak();
	const [store, config] = await Promise.all([open(), configuration(),
	    words]);
	const page = new Page(config);
	await page.start(store);
	// These can wait until the page is seen.
	const woken = import("./ui-push.js");
	woken.then(({ listen }) => listen(page));
	import("./habits.js").then(({ attend }) => attend(page.phone));
	await whenAlone(page);
	await page.tries(() => page.phone.open());
	woken.then(({ renew }) => renew(page)).catch(() => {});
	if (Object.keys(link).length > 0)
		await page.tries(() => follow(page, link));
	addEventListener("hashchange", () =>
		page.tries(() => follow(page, fromLink())));
}

main().catch((error) => {
	document.body.dataset.state = "broken";
	$("notice").textContent = t("error.start", { why: error.message });
});
