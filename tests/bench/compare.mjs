// Usage: node compare.mjs PACKAGE_FOLDER PYTHON
import { spawnSync } from "node:child_process";
import { createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROWS = 1_000_000;
const COLUMNS = 6;
const ROUNDS = 3;

const [packageFolder, python] = process.argv.slice(2);
if (!packageFolder || !python) {
  console.error("usage: node compare.mjs PACKAGE_FOLDER PYTHON");
  process.exit(2);
}
const { compare } = await import(pathToFileURL(join(packageFolder, "dist/node.js")));

/** Uniform in [0, 1), the same on every run (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A table whose last column is shifted by a quarter of its width. */
async function write(path, seed, shift) {
  const uniform = generator(seed);
  const file = createWriteStream(path);
  const names = Array.from({ length: COLUMNS }, (_, column) => `x${column}`);
  let lines = [names.join(",")];
  for (let row = 0; row < ROWS; row++) {
    const cells = names.map((_, column) => {
      const value = uniform() + uniform() + (column === COLUMNS - 1 ? shift : 0);
      return value.toFixed(6);
    });
    lines.push(cells.join(","));
    if (lines.length === 10_000 || row === ROWS - 1) {
      if (!file.write(lines.join("\n") + "\n")) {
        await new Promise((resume) => file.once("drain", resume));
      }
      lines = [];
    }
  }
  await new Promise((done) => file.end(done));
}

async function read(paths) {
  const buffer = Buffer.alloc(1 << 20);
  for (const path of paths) {
    const file = await open(path);
    while ((await file.read(buffer, 0, buffer.length)).bytesRead > 0);
    await file.close();
  }
}

const PEER = `
import sys, pandas, scipy.stats
reference, current = (pandas.read_csv(path) for path in sys.argv[1:3])
for name in reference:
    scipy.stats.ks_2samp(reference[name], current[name])
    scipy.stats.wasserstein_distance(reference[name], current[name])
`;

function peer(paths) {
  const run = spawnSync(python, ["-c", PEER, ...paths], { stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) throw new Error("the peer failed");
}

const folder = await mkdtemp(join(tmpdir(), "tidegate-bench-"));
try {
  const paths = ["reference.csv", "current.csv"].map((name) => join(folder, name));
  await write(paths[0], 1, 0);
  await write(paths[1], 2, 0.5);
  const size = (await stat(paths[0])).size;
  console.log(`two tables of ${ROWS} rows, ${COLUMNS} columns, ${(size / 1e6).toFixed(0)} MB each`);

  const contenders = {
    read: () => read(paths),
    tidegate: async () => {
      const report = await compare(await openAsBlob(paths[0]), await openAsBlob(paths[1]));
      const drifted = report.columns.filter((column) => column.verdict === "drift");
      if (drifted.length !== 1) throw new Error(`${drifted.length} columns drifted, not 1`);
    },
    "pandas + scipy": async () => peer(paths),
  };
  const seconds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now();
      await run();
      seconds[name].push((performance.now() - start) / 1e3);
    }
  }
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const own = median(seconds.tidegate);
  for (const [name, values] of Object.entries(seconds)) {
    const ratio = (median(values) / own).toFixed(2);
    console.log(`${name.padEnd(16)} ${median(values).toFixed(2).padStart(6)} s   ${ratio} of tidegate`);
  }
} finally {
  await rm(folder, { recursive: true });
}
