// Prints the report of the two tables, computed by the npm package in the folder given.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , packageFolder] = process.argv;
const { exports } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
const { compare } = await import(pathToFileURL(join(packageFolder, exports["."].node)));

const table = (name) => readFile(new URL(name, import.meta.url));
const report = await compare(await table("reference.csv"), await table("current.csv"));
process.stdout.write(JSON.stringify(report));
