// webfocus: what each state of the page offers, what its controls do, and where
// the focus goes.
import { assert, test } from "./tap.mjs";
import { become, begin, finish, focused, openPage, seen, text }
    from "./webpage.mjs";
import { STATES } from "./webstates.mjs";

await begin();

// The page of many points, as if it had just been opened with this phone.
let shown;
async function at(phone) {
	shown ??= await openPage();
	await shown.bringToFront();
	await become(shown, {});
	await shown.evaluate(() => {
		document.querySelector("[data-do=dismiss]:not([hidden])")?.click();
		document.querySelector("dialog[open]")?.close();
		document.querySelectorAll("form").forEach((one) => one.reset());
		document.activeElement.blur();
		delete window.settled;
		Object.assign(window.phone, { asked: ["open"], fails: {},
		    own: undefined });
	});
	await become(shown, phone);
	return shown;
}
const last = (page) => page.evaluate(() => phone.asked.at(-1));
const close = (page) => page.browserContext().close();
const set = (page, what) => page.evaluate((one) => phone.set(one), what);

// The controls of each state, in their order; data-do alone.
const CONTROLS = {
	"signed-out": "settings ask-code join",
	guest: "settings video dial",
	"home-empty": "settings video dial",
	calling: "hang-up",
	ringing: "hang-up",
	incoming: "decline answer",
	connecting: "hang-up",
	"talking-new": "confirm-words refuse-words speaker mute hang-up",
	talking: "speaker mute hang-up",
	restoring: "speaker mute hang-up",
	over: "settings again done",
	"over-identity": "settings forget again done"
};
for (const [name, wanted] of Object.entries(CONTROLS))
	test(`${name}: ${wanted}`, async () => {
		const phone = STATES[name];
		const state = phone.call?.state ??
		    (phone.account ? "idle" : "signed-out");
		await at(phone);
		assert.equal((await seen(shown)).join(" "), wanted);
		assert.equal(await shown.$eval("body", (one) =>
		    one.dataset.state), state);
		assert.equal(await shown.$eval("#state", (one) =>
		    one.dataset.state), state);
		assert.notEqual(await text(shown, "#state"), "");
	});

test("the keyboard alone dials, and the focus is on whom", async () => {
	const page = await at(STATES.home);
	await page.focus("#number");
	await page.keyboard.type("carol");
	await page.keyboard.press("Enter");
	assert.equal(await last(page), "dial carol false");
	assert.equal(await focused(page), "peer");
	assert.equal(await text(page, "#peer"), "carol");
	await page.keyboard.press("Tab");
	assert.equal(await focused(page), "hang-up");
	await page.keyboard.press("Enter");
	assert.equal(await last(page), "hangUp");
});

test("a call that comes takes the focus, to no button", async () => {
	const page = await at(STATES.home);
	await page.focus("#number");
	await page.keyboard.type("12");
	await set(page, STATES.incoming);
	assert.equal(await focused(page), "peer");
	assert.equal(await text(page, "#peer"), "Bob Baker (bob)");
	assert.match(await page.title(), /calling you/);
	await page.keyboard.type("3 ");
	await page.keyboard.press("Enter");
	assert.ok(!(await page.evaluate(() => phone.asked)).includes(
	    "answer false"), "typing answers nothing");
	await page.keyboard.press("Tab");
	assert.equal(await focused(page), "decline");
	await page.keyboard.press("Tab");
	assert.equal(await focused(page), "answer");
	await page.keyboard.press("Enter");
	assert.equal(await last(page), "answer false");
	await set(page, STATES.talking);
	assert.equal(await focused(page), "peer", "the button has gone");
	await set(page, STATES.over);
	assert.equal(await focused(page), "peer");
	await page.click("[data-do=done]");
	assert.equal(await focused(page), "number", "back to where it was");
	assert.equal(await page.$eval("#number", (one) => one.value), "12");
});

test("a call rings, and stops to", async () => {
	const page = await at(STATES.home);
	const ringing = () => page.evaluate(async () =>
	    (await import("./js/ui-ring.js")).ringing());
	assert.equal(await ringing(), "");
	await set(page, STATES.incoming);
	await page.waitForFunction(async () =>
	    (await import("./js/ui-ring.js")).ringing() === "incoming running");
	await set(page, STATES.talking);
	assert.equal(await ringing(), "");
	await set(page, STATES.ringing);
	assert.match(await ringing(), /^ringing/);
	await set(page, STATES.over);
	assert.equal(await ringing(), "");
});

test("words are asked about, and both answers get through", async () => {
	const page = await at(STATES["talking-new"]);
	assert.deepEqual(await page.$$eval("#words-list li", (all) =>
	    all.map((one) => one.textContent)), ["choking", "microwave",
		"Christmas", "distortion"]);
	await page.click("[data-do=confirm-words]");
	assert.equal(await last(page), "confirmWords true");
	await page.click("[data-do=refuse-words]");
	assert.equal(await last(page), "confirmWords false");
});

test("an identity that has changed is an alarm, and can be accepted",
    async () => {
	const page = await at(STATES["over-identity"]);
	assert.match(await text(page, "#identity .alarm"), /not the device/);
	assert.match(await text(page, "#identity"), /12:29:28/);
	await page.click("[data-do=forget]");
	assert.equal(await last(page), "forget bob");
});

test("what moves does not speak: live regions change when they differ",
    async () => {
	const page = await at(STATES.talking);
	const changes = await page.evaluate(async () => {
		let n = 0;
		const watch = new MutationObserver((all) => { n += all.length; });
		document.querySelectorAll("[role=status]").forEach((one) =>
		    watch.observe(one, { childList: true, subtree: true,
			characterData: true }));
		for (let i = 0; i < 5; i++)
			phone.set({ call: { ...phone.call, level: i / 5 } });
		// What moves by itself has moved, too.
		const time = document.querySelector("#time");
		await new Promise((moved) => new MutationObserver(moved)
		    .observe(time, { childList: true, characterData: true,
			subtree: true }));
		return n;
	});
	assert.equal(changes, 0);
	assert.match(await text(page, "#quality"), /4\.41 of 5/);
});

test("mute says what it does next", async () => {
	const page = await at(STATES.talking);
	await page.click("[data-do=mute]");
	assert.equal(await last(page), "mute true");
	assert.equal(await text(page, "[data-do=mute]"), "Unmute");
	assert.equal(await focused(page), "mute");
});

test("a link signs nobody in by itself, and leaves the address", async () => {
	const page = await openPage({}, { hash: "#join=abc_-9&number=+4930" });
	assert.equal(new URL(page.url()).hash, "");
	assert.deepEqual(await page.evaluate(() => phone.asked), ["open"]);
	await page.click("[data-do=join]");
	assert.equal(await last(page), "join +4930 abc_-9");
	assert.equal(await page.$eval("body", (one) => one.dataset.state),
	    "idle");
	assert.equal(await focused(page), "home-title");
	await close(page);
});

test("a guest's link calls nobody by itself", async () => {
	const page = await openPage({}, { hash: "#call=bob&guest=t0ken" });
	await page.waitForSelector("#view-home:not([hidden])");
	assert.equal(new URL(page.url()).hash, "");
	assert.deepEqual(await page.evaluate(() => phone.asked),
	    ["open", "guest bob t0ken"]);
	assert.equal(await text(page, "[data-do=dial]"), "Call bob");
	await page.click("[data-do=dial]");
	assert.equal(await last(page), "dial bob false");
	await close(page);
});

test("a guest is called so, and cannot be called back", async () => {
	const peer = "guest.0123456789ab";
	const page = await at({ ...STATES.over, call: { ...STATES.over.call,
	    peer, incoming: true }, history: [{ number: peer, kind: "missed",
	    when: 1, seconds: 0 }] });
	assert.equal(await text(page, "#peer"), "Guest 0123456789ab");
	assert.equal((await seen(page)).join(" "), "settings done");
	await page.click("[data-do=done]");
	assert.equal((await page.$$("#history button")).length, 0);
});

test("a link to a number only fills it in", async () => {
	const page = await openPage(STATES.home, { hash: "#call=bob" });
	await page.waitForFunction(() =>
	    document.querySelector("#number").value === "bob");
	assert.deepEqual(await page.evaluate(() => phone.asked), ["open"]);
	assert.equal(await focused(page), "dial");
	await close(page);
});

test("a malformed link is no link", async () => {
	for (const hash of ["#join=%3Cb%3E&number=a%20b", "#call=a/b&guest=x",
	    "#ring=../../x", `#call=${"9".repeat(40)}`]) {
		const page = await openPage({}, { hash });
		assert.equal(await page.$eval("#join-number", (one) =>
		    one.value), "", hash);
		assert.deepEqual(await page.evaluate(() => phone.asked),
		    ["open"], hash);
		await close(page);
	}
});

test("the worker's ring and its answer reach the phone", async () => {
	const id = "0f".repeat(16);
	const page = await openPage(STATES.home, { hash: `#ring=${id}` });
	await page.waitForFunction(() => phone.asked.includes(
	    `woken ${"0f".repeat(16)}`));
	await page.evaluate((session) => window.fakePush({ action: "decline",
	    push: { kind: "call", sessionId: session } }), "ab".repeat(16));
	await page.waitForFunction(() => phone.asked.at(-1) === "decline");
	await set(page, { ...STATES.over, call: { ...STATES.over.call, id,
	    incoming: true } });
	assert.deepEqual(await page.evaluate(() => window.settled),
	    [`${id} declined`]);
	await close(page);
});

for (const [what, wanted] of [["microphone-denied", /does not give/],
    ["microphone-none", /no microphone/], ["no-switch", /reachable/],
    ["too-many-calls", /Too many calls/], ["code", /wrong, used or too old/],
    ["never-heard-of", /did not work \(never-heard-of\)/]])
	test(`${what} is told in words, and can be put away`, async () => {
		await at(STATES.home);
		await shown.evaluate((one) => { phone.fails.dial =
		    { what: one }; }, what);
		await shown.$eval("#number", (one) => { one.value = "bob"; });
		await shown.focus("#number");
		await shown.keyboard.press("Enter");
		await shown.waitForFunction(() =>
		    document.querySelector("#notice").textContent !== "");
		assert.match(await text(shown, "#notice"), wanted);
		await shown.click("[data-do=dismiss]");
		assert.equal(await text(shown, "#notice"), "");
		assert.equal(await focused(shown), "home-title");
	});

test("nothing dialled is a complaint at its field", async () => {
	const page = await at(STATES.home);
	await page.click("[data-do=dial]");
	assert.match(await text(page, "#notice"), /Enter a number/);
	assert.equal(await focused(page), "number");
});

test("offline is said while it lasts", async () => {
	const page = await at(STATES.home);
	await page.setOfflineMode(true);
	await page.waitForFunction(() => /offline/.test(
	    document.querySelector("#notice").textContent));
	await page.setOfflineMode(false);
	await page.waitForFunction(() =>
	    document.querySelector("#notice").textContent === "");
});

test("settings: devices, why there is no push, and Escape", async () => {
	const page = await openPage(STATES.home, { before: () => {
		window.fakeLack = "not-installed";
	} });
	await page.click("[data-do=settings]");
	await page.waitForFunction(() =>
	    document.querySelector("#microphone").options.length === 3);
	assert.match(await text(page, "#push-state"), /home screen/);
	assert.equal(await page.$eval("[data-do=notifications]", (one) =>
	    one.hidden), true);
	await page.select("#microphone", "b");
	assert.equal(await last(page), "microphone b");
	await page.keyboard.press("Escape");
	assert.equal(await page.$eval("#settings", (one) => one.open), false);
	assert.equal(await focused(page), "settings");
	await close(page);
});

test("settings: this subscriber's devices, and one is removed", async () => {
	const page = await openPage(STATES.home);
	await page.click("[data-do=settings]");
	assert.ok(!(await page.evaluate(() => phone.asked)).includes(
	    "ownDevices"), "nobody asks before they are looked at");
	await page.click("#settings-own summary");
	await page.waitForSelector("[data-device]", { visible: true });
	assert.match(await text(page, "#own"),
	    /This device\s+Added Jan 1, 2026, last used Jan 2, 2026/);
	assert.match(await text(page, "#own"), /Added \u2068–\u2069, last used Feb 1, 2026/);
	assert.equal((await page.$$("#own button")).length, 1);
	await page.click("[data-do=remove-device]");
	await page.waitForFunction(() =>
	    document.querySelectorAll("#own li").length === 1);
	assert.ok((await page.evaluate(() => phone.asked)).includes(
	    `removeDevice ${"1".repeat(16)}`));
	assert.equal(await focused(page), "settings-title");
	await close(page);
});

test("a call closes the settings", async () => {
	const page = await at(STATES.home);
	await page.click("[data-do=settings]");
	await page.waitForSelector("#settings[open]");
	await set(page, STATES.incoming);
	assert.equal(await page.$eval("#settings", (one) => one.open), false);
	assert.equal(await focused(page), "peer");
});

test("the language is the browser's, and can be another", async () => {
	const page = await openPage(STATES.home, { language: "de" });
	assert.equal(await text(page, "[data-do=dial]"), "Anrufen");
	assert.equal(await page.$eval("html", (one) => one.lang), "de");
	await page.click("[data-do=settings]");
	await page.select("#language", "en");
	await page.waitForFunction(() => document.documentElement.lang === "en");
	assert.equal(await text(page, "[data-do=dial]"), "Call");
	assert.match(await text(page, "#history"), /Missed/);
	await close(page);
});

test("contacts are added, called and removed", async () => {
	const page = await at({ account: { number: "alice" } });
	await page.click("#contact-new summary");
	await page.type("#contact-name", "Bob");
	await page.type("#contact-number", "bob");
	await page.click("[data-do=add-contact]");
	assert.equal(await last(page), "addContact bob Bob");
	assert.match(await text(page, "#contacts"), /Bob/);
	await page.click("#contacts [data-do=remove-contact]");
	assert.equal(await last(page), "removeContact bob");
	assert.equal(await text(page, "#contacts"), "");
	assert.equal(await focused(page), "home-title");
});

test("a second tab is not the telephone until it is told to", async () => {
	const page = await openPage(STATES.home);
	const other = await page.browserContext().newPage();
	await other.goto(page.url());
	await other.waitForSelector("[data-do=use-here]", { visible: true });
	assert.deepEqual(await other.evaluate(() => phone.asked), []);
	await other.click("[data-do=use-here]");
	await other.waitForFunction(() => phone.asked.includes("open"));
	await page.waitForFunction(() => phone.asked.at(-1) === "close");
	await page.waitForSelector("[data-do=use-here]", { visible: true });
	await close(page);
});

await finish();
