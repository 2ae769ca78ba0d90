// What the address of the page says after its #.
const FORMS = {
	join: /^[\w-]{1,64}$/,
	number: /^[\w+.-]{1,32}$/,
	call: /^[\w+.-]{1,32}$/,
	guest: /^[\w.~-]{1,128}$/,
	ring: /^[0-9a-f]{32}$/
};

// Read a fragment; whatever is malformed in it is left out.
export function readLink(fragment) {
	// A + is one here, and not a space as in a form.
	const fields = new URLSearchParams(fragment.slice(0, 1024)
	    .replace(/^#/, "").replaceAll("+", "%2B"));
	return Object.fromEntries(Object.entries(FORMS)
	    .map(([name, form]) => [name, fields.get(name)?.match(form)?.[0]])
	    .filter(([, value]) => value !== undefined));
}

// The fragment of this page, which has gone from the address and the browser's
// history when this returns: it may have a secret.
export function fromLink() {
	const link = readLink(location.hash);
	if (location.hash)
		history.replaceState(null, "", location.pathname +
		    location.search);
	return link;
}
