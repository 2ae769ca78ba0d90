// linked: do modules of a page find all that they import?
//
//	node --experimental-vm-modules linked.mjs FILE...
//
// Nothing is run. A line for each FILE whose imports fail, and then status 1.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";

const modules = new Map();

function load(file) {
	if (!modules.has(file))
		modules.set(file, new vm.SourceTextModule(
		    fs.readFileSync(file, "utf8"), { identifier: file }));
	return modules.get(file);
}

for (const file of process.argv.slice(2)) {
	try {
		await load(path.resolve(file)).link((name, from) =>
		    load(path.resolve(path.dirname(from.identifier), name)));
	} catch (error) {
		console.log(`${file}: ${error.message}`);
		process.exitCode = 1;
	}
}
