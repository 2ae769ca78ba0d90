// Between calls: a number to dial, the contacts, and the calls there were.
import { $, control, lines, list, make, say, show } from "./ui-dom.js";
import { clean, clock, has, moment, reason, t } from "./ui-text.js";

const HISTORY_SHOWN = 50;

function button(what, number, text, label) {
	return make("button", { type: "button", "data-do": what,
	    "data-number": number, "aria-label": label }, text);
}

function contact({ number, name }) {
	const who = clean(name || number);
	return make("li", {}, lines(who, name ? clean(number) : ""),
	    button("call-contact", number, t("contacts.call"),
	    t("contacts.call-who", { who })),
	    button("remove-contact", number, "×",
	    t("contacts.remove-who", { who })));
}

// Callers by a link, whom nobody can call.
export const isGuest = (number) => String(number).startsWith("guest.");

export function nameOf(contacts, number) {
	return contacts.find((one) => one.number === number)?.name ||
	    (isGuest(number) ? t("call.guest", { id: number.slice(6) }) : number);
}

// What became of a call, in few words.
function fate({ kind, when, seconds, reason: why }) {
	const how = has(`history.${kind}`) ? t(`history.${kind}`) : "";
	const rest = seconds > 0 ? clock(seconds) :
	    kind !== "missed" && why ? reason(why) : "";
	return [how, moment(when), rest].filter(Boolean).join(", ");
}

function past(one) {
	const who = clean(one.name);
	return make("li", one.kind === "missed" ? { class: "missed" } : {},
	    lines(who, fate(one)), ...isGuest(one.number) ? [] :
	    [button("call-contact", one.number, t("contacts.call"),
	    t("contacts.call-who", { who }))]);
}

function addContact(page) {
	const number = $("contact-number").value.trim();
	if (number === "") {
		page.complain("number-missing", $("contact-number"));
		return;
	}
	page.tries(async () => {
		await page.phone.addContact(number,
		    $("contact-name").value.trim());
		$("contact-form").reset();
		$("contact-new").open = false;
		page.tell("contacts.added", { who: number });
		$("contact-new").querySelector("summary").focus();
	});
}

export function homeView(page) {
	const dial = (number) => {
		if (number === "") {
			page.complain("number-missing", $("number"));
			return;
		}
		page.dial(number, !$("dial-video").hidden &&
		    $("with-video").checked);
	};
	$("dial-form").addEventListener("submit", (event) => {
		event.preventDefault();
		dial(page.phone.account?.guest ? page.phone.account.callee :
		    $("number").value.trim());
	});
	$("contact-form").addEventListener("submit", (event) => {
		event.preventDefault();
		addContact(page);
	});
	$("lists").addEventListener("click", ({ target }) => {
		const number = target.dataset?.number;
		if (target.dataset?.do === "call-contact")
			dial(number);
		else if (target.dataset?.do === "remove-contact")
			page.tries(() => page.phone.removeContact(number));
	});
	return () => {
		const { account, contacts, history } = page.phone;
		const weAreGuest = Boolean(account?.guest);
		say($("home-title"), weAreGuest ?
		    t("guest.title", { who: account.callee }) :
		    t("home.title"));
		say(control("dial"), weAreGuest ?
		    t("guest.call", { who: account.callee }) : t("home.dial"));
		show($("dial-number"), !weAreGuest);
		show($("dial-video"), Boolean(page.config.video));
		show($("lists"), !weAreGuest);
		show($("contacts-none"), contacts.length === 0);
		show($("history-none"), history.length === 0);
		list($("contacts"), contacts, contact);
		list($("history"), [...history].sort((a, b) => b.when - a.when)
		    .slice(0, HISTORY_SHOWN).map((one) => ({ ...one,
		    name: nameOf(contacts, one.number) })), past);
	};
}
