// Compares two files by the package's name and prints the report.
import { createReadStream } from "node:fs";
import { compare } from "tidegate";

const [reference, current] = process.argv.slice(2);
const report = await compare(createReadStream(reference), createReadStream(current));
process.stdout.write(JSON.stringify(report));
