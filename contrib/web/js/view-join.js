// Signing in: by a link that an operator made, or by a code that comes by SMS.
import { $, control, say, show } from "./ui-dom.js";
import { t } from "./ui-text.js";

// `tries` does something that may fail, and says so. `link` is what a link in
// the address had, { number, code }, or null.
export function joinView(page) {
	$("join-form").addEventListener("submit", (event) => {
		event.preventDefault();
		const number = $("join-number").value.trim();
		const code = $("join-code").value.trim();
		if (number === "")
			page.complain("number-missing", $("join-number"));
		else if (code === "")
			page.complain("code-missing", $("join-code"));
		else
			page.tries(async () => {
				await page.phone.join(number, code);
				$("join-form").reset();
				page.link = null;
			}, control("join"));
	});
	control("ask-code").addEventListener("click", () => {
		const number = $("join-number").value.trim();
		if (number === "") {
			page.complain("number-missing", $("join-number"));
			return;
		}
		page.tries(async () => {
			await page.phone.askCode(number);
			page.tell("join.sent", { number });
			$("join-code").focus();
		}, control("ask-code"));
	});
	let filled = null;
	return () => {
		const { link, config } = page;
		if (link && link !== filled) {
			$("join-number").value = link.number;
			$("join-code").value = link.code;
			filled = link;
		}
		show(control("ask-code"), config.registration && !link);
		say($("join-how"), link ?
		    t("join.by-link", { number: link.number }) :
		    t(config.registration ? "join.by-sms" : "join.no-sms"));
	};
}
