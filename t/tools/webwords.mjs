// webwords: what can be told of the page's files without a browser.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { assert, done, test } from "./tap.mjs";

const source = path.join(import.meta.dirname, "../..");
const web = path.join(source, "contrib/web");
const read = (name) => fs.readFileSync(path.join(web, name), "utf8");
const files = (folder) => fs.readdirSync(path.join(web, folder))
    .filter((name) => name.includes(".")).map((name) =>
    path.join(folder, name)).sort();
const scripts = files("js");
const mine = scripts.filter((name) => /^js\/(ui|view)/.test(name));
const words = Object.fromEntries(files("words").map((name) =>
    [path.basename(name, ".json"), JSON.parse(read(name))]));
const html = read("index.html");
const page = [html, ...mine.map(read)].join("\n");

const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test("there are English and another language", () =>
	assert.ok(words.en && Object.keys(words).length > 1));

for (const [name, texts] of Object.entries(words)) {
	test(`${name} has the keys of English, in its order`, () =>
		assert.deepEqual(Object.keys(texts), Object.keys(words.en)));
	test(`${name} has a text for each, of the same values`, () => {
		for (const [key, text] of Object.entries(texts)) {
			assert.match(text, /\S/, key);
			assert.deepEqual(holes(text), holes(words.en[key]), key);
			assert.doesNotMatch(text, /[<>&\p{Cc}]/u, key);
		}
	});
	test(`${name} is offered by the page`, () =>
		assert.match(read("js/ui-text.js"),
		    new RegExp(`LANGUAGES = .*\\b${name}:`)));
}
test("German is not English", () => {
	const same = Object.keys(words.en).filter((key) =>
	    words.en[key] === words.de[key]);
	assert.deepEqual(same, ["join.code", "contacts.name"]);
});

// Keys that the page puts together out of two parts.
const PARTS = /^(state|over|error|reason|identity|history|push\.is|push-|words\.\w+-why|call\.away)/;
test("each key that the page names exists", () => {
	const named = [...page.matchAll(
	    /(?:\bt\(\s*|\btell\(|data-t(?:-label)?=)"([a-z][\w.-]*)"/g),
	    ...page.matchAll(/\? *"([a-z]+\.[\w.-]+)" *:\s*"([a-z]+\.[\w.-]+)"/g)]
	    .flatMap(([, ...keys]) => keys);
	assert.ok(named.length > 60, `${named.length} keys`);
	assert.deepEqual(named.filter((key) => !Object.hasOwn(words.en, key)),
	    []);
});
test("each key is used", () => {
	const unused = Object.keys(words.en).filter((key) =>
	    !PARTS.test(key) && !page.includes(`"${key}"`));
	assert.deepEqual(unused, []);
});
test("each fault that the page finds has a text", () => {
	const faults = [...mine.map(read).join("\n").matchAll(
	    /complain\("([\w-]+)"/g)].map(([, one]) => one);
	assert.ok(faults.length > 3);
	for (const one of faults)
		assert.ok(words.en[`error.${one}`], one);
});

// In rp-signal(7), what stands as a literal after a status, or in the list of
// reasons.
function reasons() {
	const all = fs.readFileSync(path.join(source, "man/rp-signal.7"), "utf8");
	const text = all.slice(all.indexOf(".Ss Messages"),
	    all.indexOf(".Sh EXAMPLES"));
	const found = new Set();
	const quoted = /^\.Ql ([a-z]+(?:-[a-z]+)*)(?: [;,.:])?$/;
	let after = false;
	for (const line of text.split("\n")) {
		const isStatus = /^(?:.*[ ;])?(?:4\d\d|503)\b|reason$/.test(line);
		if (isStatus)
			after = true;
		const [, token] = line.match(quoted) ?? [];
		if (token && after)
			found.add(token);
		else if (!isStatus && /^\.(?:It|El|Ss)/.test(line))
			after = false;
	}
	const list = text.slice(text.indexOf("The reasons are:"));
	for (const [, token] of list.slice(0, list.indexOf(".El"))
	    .matchAll(/^\.It ([a-z-]+)$/gm))
		found.add(token);
	return [...found].sort();
}
// Literals after a status that are of something else.
const OTHERS = ["self", "cancel"];
test("each reason of rp-signal(7) has a text", () => {
	const all = reasons().filter((one) => !OTHERS.includes(one));
	assert.ok(all.length > 45, all.join(" "));
	assert.deepEqual(all.filter((one) =>
	    !words.en[`reason.${one}`] && !words.en[`error.${one}`]), []);
});

test("there is neither markup from text, nor inline script, nor style", () => {
	for (const name of mine)
		assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdj|document\.write|\beval\b|new Function|setAttribute\("(?:on|style)|\.style\b|srcdoc/, name);
	assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:|https?:/);
	for (const [, attributes, inside] of
	    html.matchAll(/<script([^>]*)>([^<]*)</g)) {
		assert.match(attributes, /src="js\//);
		assert.equal(inside.trim(), "");
	}
});
test("each control of the page has a name", () => {
	for (const [all] of html.matchAll(/<(?:button|input|select|meter)[^>]*>/g))
		assert.match(all, /data-t=|id="|data-do="speaker"/, all);
});
test("what the page loads is in the lists of what is installed", () => {
	const lists = fs.readFileSync(path.join(source, "contrib/local.mk"),
	    "utf8");
	const all = [...files("."), ...scripts, ...files("words"),
	    ...files("icons")];
	assert.deepEqual(all.filter((name) =>
	    !lists.includes(`= contrib/web/${name}\n`)), []);
});

const zipped = (names) => names.reduce((sum, name) =>
    sum + zlib.gzipSync(read(name), { level: 9 }).length, 0);
test("what is seen is at most 25 kB over the wire, with one language", () => {
	const size = zipped(["index.html", "style.css", "words/en.json", ...mine]);
	console.log(`# ${size} bytes`);
	assert.ok(size <= 25000, `${size} bytes`);
});
// What a script imports when it is loaded, and what that does.
function needed(name, found = new Set([name])) {
	for (const [, one] of read(name).matchAll(
	    /^import [^;(]*?"\.\/([\w-]+\.js)";/gms)) {
		if (found.has(`js/${one}`))
			continue;
		found.add(`js/${one}`);
		needed(`js/${one}`, found);
	}
	return found;
}
test("what the page needs before it is used is below 60 kB", () => {
	const all = [...needed("js/ui.js")];
	assert.ok(all.includes("js/phone.js") && all.includes("js/ui-dom.js"));
	assert.ok(!all.includes("js/push.js"), "pushes can wait");
	const size = zipped(["index.html", "style.css", "manifest.webmanifest",
	    "words/en.json", ...all]);
	console.log(`# ${size} bytes`);
	assert.ok(size < 60000, `${size} bytes`);
});
test("icons and manifest belong together", () => {
	const { icons } = JSON.parse(read("manifest.webmanifest"));
	for (const { src, sizes } of icons) {
		const file = fs.readFileSync(path.join(web, src));
		assert.ok(file.length < 8000, `${src}: ${file.length} bytes`);
		if (src.endsWith(".png"))
			assert.equal(`${file.readUInt32BE(16)}x${
			    file.readUInt32BE(20)}`, sizes, src);
	}
});
await done();
