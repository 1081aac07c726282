// What a request and a tick cost the observatory, beside their targets. The tick is the one of the gateway and of the browser: in
// WebAssembly.
//
// Usage: node observatory.mjs NATIVE_PROGRAM WASM_FILE
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

const ROUNDS = 200;
const FEW_ROUNDS = 20;

const [native, wasm] = process.argv.slice(2);
if (!native || !wasm) {
  console.error("usage: node observatory.mjs NATIVE_PROGRAM WASM_FILE");
  process.exit(2);
}

/** The fastest of some rounds, in milliseconds: what else the machine does only adds. */
function fastest(rounds, step) {
  let fastest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    step();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

/** An instance of its own each time, for memory that has grown is slower. */
async function inNode(rounds, prepare, size, step) {
  const { exports } = (await WebAssembly.instantiate(await readFile(wasm), {})).instance;
  exports[prepare](size);
  return `${fastest(rounds, exports[step]).toFixed(2)} ms`;
}

const { observe_nanoseconds, tick_milliseconds } = JSON.parse(execFileSync(native, { encoding: "utf8" }));
console.log("observatory, fastest of the rounds");
console.table([
  { what: "a request, 20 features and a prediction", where: "native", costs: `${observe_nanoseconds} ns`, target: "1000 ns" },
  { what: "a tick, 100 columns and 60 panes", where: "native", costs: `${tick_milliseconds.toFixed(2)} ms`, target: "" },
  { what: "a tick, 100 columns and 60 panes", where: "wasm", costs: await inNode(ROUNDS, "prepare", 100, "tick"), target: "5 ms" },
]);

const states = [];
for (const [of, prepare, size] of [
  ["8 labelled versions", "prepare_labelled", 8],
  ["64 labelled versions", "prepare_labelled", 64],
  ["50,000 units", "prepare_units", 50_000],
]) {
  const [ticks, encodes] = [
    await inNode(FEW_ROUNDS, prepare, size, "tick_state"),
    await inNode(FEW_ROUNDS, prepare, size, "encode"),
  ];
  states.push({ of, "a tick": ticks, "written whole, once in up to 60 ticks": encodes });
}
console.log("long states in wasm, fastest of the rounds");
console.table(states);
