// What a request and a tick cost the observatory, beside their targets. The tick is the one of the gateway and of the browser: in
// WebAssembly.
//
// Usage: node observatory.mjs NATIVE_PROGRAM WASM_FILE
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

const ROUNDS = 200;

const [native, wasm] = process.argv.slice(2);
if (!native || !wasm) {
  console.error("usage: node observatory.mjs NATIVE_PROGRAM WASM_FILE");
  process.exit(2);
}

/** The fastest of some ticks, in milliseconds: what else the machine does only adds. */
async function inNode() {
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});
  const { prepare, tick } = instance.exports;
  prepare(100);
  let fastest = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    tick();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

const { observe_nanoseconds, tick_milliseconds } = JSON.parse(execFileSync(native, { encoding: "utf8" }));
console.log("observatory, fastest of the rounds");
console.table([
  { what: "a request, 20 features and a prediction", where: "native", costs: `${observe_nanoseconds} ns`, target: "1000 ns" },
  { what: "a tick, 100 columns and 60 panes", where: "native", costs: `${tick_milliseconds.toFixed(2)} ms`, target: "" },
  { what: "a tick, 100 columns and 60 panes", where: "wasm", costs: `${(await inNode()).toFixed(2)} ms`, target: "5 ms" },
]);
