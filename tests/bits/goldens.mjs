// Prints what parity tests compare in the probe given: `goldens.mjs tidegate_bits_probe.wasm test…`.
import { readFile } from "node:fs/promises";

import { goldens } from "./host.mjs";

const [, , probe, ...tests] = process.argv;
process.stdout.write(JSON.stringify(await goldens(await readFile(probe), tests)));
