// Settings: what is heard with and through, being woken, language, the devices of this
// subscriber, leaving.
import { $, control, lines, list, make, say, show } from "./ui-dom.js";
import { LANGUAGES, clean, day, language, reason, speak, t } from "./ui-text.js";

// Loaded when it is wanted: the page is used before.
const waking = () => import("./ui-push.js");

function options(select, devices, chosen) {
	select.replaceChildren(make("option", { value: "" },
	    t("settings.default")), ...devices.map((one, n) =>
	    make("option", { value: one.id },
	    clean(one.label) || t("settings.nth", { n: n + 1 }))));
	select.value = chosen ?? "";
	// A device that has gone is not chosen.
	if (select.selectedIndex < 0)
		select.value = "";
}

// Which devices there are. Names come once the microphone was allowed.
export async function fillDevices(page) {
	const found = { microphones: [], speakers: [] };
	try {
		Object.assign(found, await page.devices());
	} catch {
		// Without devices there is the default one.
	}
	options($("microphone"), found.microphones, page.phone.microphoneId);
	for (const one of [$("speaker"), control("speaker")])
		options(one, found.speakers, page.phone.speakerId);
	show($("settings-speaker"), found.speakers.length > 0);
	// In a call, a choice of one is none.
	show($("speaker-row"), found.speakers.length > 1);
}

function pushText({ state, why }) {
	return state === "no" ? reason(`push-${why}`) : t(`push.is-${state}`);
}

async function push() {
	const now = await (await waking()).isWoken();
	say($("push-state"), pushText(now));
	show(control("notifications"), now.state !== "no");
	say(control("notifications"), t(now.state === "on" ? "push.off" :
	    "push.on"));
	return now;
}

// This browser signs out below.
function device({ id, added, used, self }) {
	const since = day(added);
	return make("li", {}, lines(t(self ? "own.this" : "own.other"),
	    t("own.when", { added: since, used: day(used) })), ...self ? [] :
	    [make("button", { type: "button", "data-do": "remove-device",
		"data-device": id, "aria-label": t("own.remove-added",
		{ added: since }) }, t("own.remove"))]);
}

async function fillOwn({ phone }) {
	list($("own"), await phone.ownDevices(), device);
}

async function fill(page) {
	const { account } = page.phone;
	const isIn = Boolean(account) && !account.guest;
	show($("settings-push"), isIn);
	show($("settings-out"), Boolean(account));
	show($("settings-own"), isIn);
	$("settings-out").open = $("settings-own").open = false;
	await Promise.all([fillDevices(page), isIn ? push() : null]);
}

export function closeSettings() {
	if ($("settings").open)
		$("settings").close();
}

export function settingsView(page) {
	const { phone } = page;
	control("settings").addEventListener("click", () => {
		$("settings").showModal();
		$("settings-title").focus();
		page.tries(() => fill(page));
	});
	control("close-settings").addEventListener("click", closeSettings);
	control("sign-out").addEventListener("click", () =>
		page.tries(async () => {
			await phone.signOut();
			closeSettings();
		}, control("sign-out")));
	// They are asked for when they are looked at.
	$("settings-own").addEventListener("toggle", ({ target }) =>
		target.open && page.tries(() => fillOwn(page)));
	$("own").addEventListener("click", ({ target }) =>
		target.dataset.device && page.tries(async () => {
			await phone.removeDevice(target.dataset.device);
			await fillOwn(page);
		}, target));
	control("notifications").addEventListener("click", () =>
		page.tries(async () => {
			const { isWoken, wake } = await waking();
			await wake(page, (await isWoken()).state !== "on");
			await push();
		}, control("notifications")));
	$("microphone").addEventListener("change", ({ target }) =>
		page.tries(() => phone.microphone(target.value)));
	for (const one of [$("speaker"), control("speaker")])
		one.addEventListener("change", ({ target }) =>
			page.tries(async () => {
				await phone.speaker(target.value);
				$("speaker").value = target.value;
				control("speaker").value = target.value;
			}));
	$("language").append(...Object.entries(LANGUAGES).map(([value, name]) =>
	    make("option", { value, lang: value }, name)));
	$("language").value = language;
	$("language").addEventListener("change", ({ target }) =>
		page.tries(async () => {
			await speak(target.value, true);
			page.draw();
			(await waking()).speakAlso();
			await fill(page);
		}));
	return () => show(control("settings"), !phone.call ||
	    phone.call.state === "over");
}
