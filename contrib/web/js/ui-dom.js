// Small things around the document. Text gets in as textContent and attributes
// alone, so that no text is ever taken for markup.

export const $ = (id) => document.getElementById(id);
export const control = (name) => document.querySelector(`[data-do="${name}"]`);

// Change only what is different: a live region speaks upon each change.
export function say(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

export function show(element, on) {
	if (element.hidden === on)
		element.hidden = !on;
}

export function make(name, attributes = {}, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes))
		element.setAttribute(key, value);
	element.append(...children);
	return element;
}

// Two lines of a list, of which the first is whom or what.
export function lines(first, second) {
	return make("span", { class: "lines" },
	    make("bdi", {}, first), make("small", {}, second));
}

// Make a list anew if what it shows has changed. Who had the focus in it keeps
// it, on what is now in that place.
export function list(element, items, row) {
	const now = JSON.stringify([document.documentElement.lang, items]);
	if (element.dataset.shown === now)
		return;
	const had = element.contains(document.activeElement) ?
	    [...element.querySelectorAll("button")]
	    .indexOf(document.activeElement) : -1;
	element.dataset.shown = now;
	element.replaceChildren(...items.map(row));
	if (had < 0)
		return;
	const buttons = element.querySelectorAll("button");
	(buttons[Math.min(had, buttons.length - 1)] ??
	    element.closest("section, dialog").querySelector("h2")).focus();
}

// Is the focus on something that can be seen?
export function hasFocus() {
	const at = document.activeElement;
	return at && at !== document.body && at.getClientRects().length > 0;
}
