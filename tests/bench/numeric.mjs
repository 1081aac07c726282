// Usage: node numeric.mjs NATIVE_PROGRAM WASM_FILE PYTHON
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

const ROWS = 1_000_000;
const ROUNDS = 15;

const [native, wasm, python] = process.argv.slice(2);
if (!native || !wasm || !python) {
  console.error("usage: node numeric.mjs NATIVE_PROGRAM WASM_FILE PYTHON");
  process.exit(2);
}

/** The fastest of some rounds, in milliseconds: what else the machine does only adds. */
async function inNode() {
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});
  const { prepare, sort_plain, sort, compare_sorted } = instance.exports;
  prepare(ROWS);
  const steps = { sort_plain, sort, compare: compare_sorted };
  const fastest = { sort_plain: Infinity, sort: Infinity, compare: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, step] of Object.entries(steps)) {
      const start = performance.now();
      step();
      fastest[name] = Math.min(fastest[name], performance.now() - start);
    }
  }
  return fastest;
}

const PEER = `
import json, sys, time, warnings
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
one, other = rng.normal(size=${ROWS}), rng.normal(size=${ROWS}) + 0.1
def on_deciles(measure):
    edges = np.percentile(one, range(10, 100, 10))
    p, q = (np.bincount(np.searchsorted(edges, side, side="right"), minlength=10) for side in (one, other))
    return measure(p, q)
def shares(measure):
    return lambda: on_deciles(lambda p, q: measure(p / p.sum(), q / q.sum()))
steps = {
    "kolmogorov_smirnov": lambda: stats.ks_2samp(one, other),
    "cramer_von_mises": lambda: stats.cramervonmises_2samp(one, other),
    "anderson_darling": lambda: stats.anderson_ksamp([one, other]),
    "mann_whitney": lambda: stats.mannwhitneyu(one, other),
    "welch_t": lambda: stats.ttest_ind(one, other, equal_var=False),
    "wasserstein": lambda: stats.wasserstein_distance(one, other),
    "energy": lambda: stats.energy_distance(one, other),
    "psi": shares(lambda p, q: np.sum((p - q) * np.log(p / q))),
    "jensen_shannon": shares(lambda p, q: jensenshannon(p, q, 2)),
    "kullback_leibler": shares(lambda p, q: stats.entropy(q, p)),
    "hellinger": shares(lambda p, q: np.sqrt(max(0, 1 - np.sum(np.sqrt(p * q))))),
    "total_variation": shares(lambda p, q: np.abs(p - q).sum() / 2),
    "chi_square": lambda: on_deciles(lambda p, q: stats.chi2_contingency([p, q])),
    "g_test": lambda: on_deciles(lambda p, q: stats.chi2_contingency([p, q], lambda_="log-likelihood")),
}
found = {}
for name, step in steps.items():
    fastest = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        step()
        fastest = min(fastest, time.perf_counter() - start)
    found[name] = fastest * 1e3
print(json.dumps(found))
`;

const natively = JSON.parse(execFileSync(native, [String(ROWS)], { encoding: "utf8" }));
const node = await inNode();
const scipy = JSON.parse(execFileSync(python, ["-c", PEER], { encoding: "utf8" }));

const all = (times) => times.sort + times.compare;
const ms = (value) => `${value.toFixed(1).padStart(9)} ms`;
console.log(`every method on numbers, ${ROWS} against ${ROWS} doubles`);
for (const [name, times] of Object.entries({ native: natively, "in Node": node })) {
  console.log(
    `${name.padEnd(10)} plain radix sort ${ms(times.sort_plain)}   sort ${ms(times.sort)}   compare ${ms(times.compare)}`,
  );
}
const peer = Object.values(scipy).reduce((sum, value) => sum + value, 0);
for (const [name, value] of Object.entries(scipy)) console.log(`scipy ${name.padEnd(20)} ${ms(value)}`);
const line = (what, value, bound, isMet) =>
  console.log(`${what.padEnd(52)} ${value.toFixed(2)}   (${bound}: ${isMet(value) ? "met" : "missed"})`);
line("native, by a plain radix sort of both", all(natively) / natively.sort_plain, "1.5 at most", (v) => v <= 1.5);
line("in Node, by native", all(node) / all(natively), "2 at most", (v) => v <= 2);
line("scipy one by one, by native", peer / all(natively), "5 at least", (v) => v >= 5);
