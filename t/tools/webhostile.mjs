// webhostile: whatever others write is text on the page, and bounded. Each place
// that shows something from outside gets each of these.
import { assert, test } from "./tap.mjs";
import { become, begin, complaints, finish, openPage } from "./webpage.mjs";
import { STATES } from "./webstates.mjs";

const HOSTILE = {
	markup: "<img src=x onerror=alert(1)><script>alert(1)</script>",
	entity: "&lt;b&gt;&#x3c;svg/onload=alert(1)&#62;",
	controls: "a\u0000b\u0007c\u001b[2Jd\u007fe\u0085f\r\ng\th",
	bidi: "bob\u202egnihton\u202c\u2066x\u2069\u200f\u061c",
	zero: "b\u200bo\u200cb\u200d\u2060\ufeff\u00ad\u3164\u2800",
	piled: `b${"\u0301\u0316".repeat(200)}ob`,
	long: "W".repeat(100000),
	emoji: "\u{1f468}".repeat(500),
	halves: "\ud800a\udc00",
	template: "{who}{why}${alert(1)}{{constructor}}",
	prototype: "__proto__",
	method: "constructor",
	key: "call.answer"
};
// Where it can stand, and what the page is then.
const talking = STATES.talking;
const PLACES = {
	peer: (bad) => ({ ...STATES.incoming, contacts: [],
	    call: { ...STATES.incoming.call, peer: bad } }),
	name: (bad) => ({ ...talking, contacts: [{ number: "bob", name: bad }] }),
	contact: (bad) => ({ ...STATES.home, contacts: [{ number: bad,
	    name: bad }] }),
	history: (bad) => ({ ...STATES.home, history: [{ number: bad, kind: bad,
	    when: bad, seconds: bad, reason: bad }, { number: "bob",
	    kind: "out", when: Date.now(), seconds: 0, reason: bad }] }),
	account: (bad) => ({ account: { number: bad } }),
	callee: (bad) => ({ account: { guest: true, callee: bad } }),
	reason: (bad) => ({ ...STATES.over, call: { ...STATES.over.call,
	    reason: bad } }),
	state: (bad) => ({ ...talking, call: { ...talking.call, state: bad } }),
	words: (bad) => ({ ...talking, call: { ...talking.call,
	    words: Array(6).fill(bad) } }),
	identity: (bad) => ({ ...STATES["over-identity"], call: {
	    ...STATES["over-identity"].call, identity: { state: "changed",
	    fingerprint: bad } } }),
	kinds: (bad) => ({ ...talking, call: { ...talking.call, words: null,
	    wordsState: bad, away: bad, identity: { state: bad,
	    fingerprint: bad } } }),
	quality: (bad) => ({ ...talking, call: { ...talking.call, since: bad,
	    level: bad, quality: { mos: bad, loss: bad, jitter_ms: bad,
	    rtt_ms: bad } } }),
	second: (bad) => ({ ...talking, second: { peer: bad, when: bad } }),
	error: (bad) => ({ ...STATES.home, error: { what: bad, why: bad } }),
	why: (bad) => ({ ...STATES.home, error: { what: "failed", why: bad } })
};
// No control, no mark of direction but our own isolates, nothing without width.
const UNSEEN = /[^\P{C}\n\t\u2068\u2069]|[\u3164\u2800]|\p{M}{3}/u;

await begin();

// What each of these has the page show, in one question.
const look = (page, phones) => page.evaluate((all) => all.map((one) => {
	phone.set({ account: null, contacts: [], history: [], call: null,
	    second: null, error: null, ...one });
	return { text: document.body.innerText, title: document.title,
	    labels: [...document.querySelectorAll("[aria-label]")].map((it) =>
		it.getAttribute("aria-label")).join("\n"),
	    elements: document.querySelectorAll("main img, main script, " +
		"main svg, main iframe, main b").length,
	    wide: document.documentElement.scrollWidth - innerWidth,
	    all: document.querySelectorAll("main *").length,
	    length: document.body.textContent.length,
	    controls: [...document.querySelectorAll("[data-do]")].filter((it) =>
		it.checkVisibility()).length };
}), phones);

let page;
for (const [place, put] of Object.entries(PLACES))
	test(`${place}: text and nothing else`, async () => {
		page ??= await openPage(STATES.home);
		const [plain, ...found] = await look(page,
		    ["x", ...Object.values(HOSTILE)].map(put));
		assert.equal(found.length, Object.keys(HOSTILE).length);
		for (const [i, kind] of Object.keys(HOSTILE).entries()) {
			const it = found[i], why = `${place}, ${kind}`;
			assert.equal(it.elements, 0, why);
			assert.ok(it.all <= plain.all + 4, `${why}: ${it.all
			} elements, and ${plain.all}`);
			for (const one of ["text", "title", "labels"])
				assert.doesNotMatch(it[one], UNSEEN,
				    `${why}, ${one}`);
			assert.ok(it.length < plain.length + 700,
			    `${why}: ${it.length - plain.length} more`);
			assert.ok(it.wide <= 0, `${why}: ${it.wide} too wide`);
			assert.doesNotMatch(it.text, /function|\[object/, why);
			assert.ok(it.controls > 0, why);
		}
	});

test("a list of devices is checked, too", async () => {
	for (const bad of Object.values(HOSTILE)) {
		await become(page, STATES.home);
		await page.evaluate((one) => { phone.own = [{ id: one, added: one,
		    used: one, self: one }, { id: one, added: 1e300 }]; }, bad);
		await page.click("[data-do=settings]");
		await page.click("#settings-own summary");
		await page.waitForFunction(() => document.querySelectorAll(
		    "#own li").length === 2);
		assert.equal(await page.$eval("#own", (one) =>
		    one.textContent.match(/–/g).length), 4);
		await page.keyboard.press("Escape");
		await page.evaluate(() =>
		    document.querySelector("#own").replaceChildren());
	}
});

test("markup is read as it was written", async () => {
	await look(page, [PLACES.peer("<b>bob</b>")]);
	assert.equal(await page.$eval("#peer", (one) => one.textContent),
	    "<b>bob</b>");
});

test("no page asked for anything that a text named", () =>
	assert.deepEqual(complaints, []));

await finish();
