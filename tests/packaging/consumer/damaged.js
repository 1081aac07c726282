// Reads copies of a Parquet file, each with some of its bits changed; prints the refusals, one a line.
import { readFile } from "node:fs/promises";
import { readTable } from "tidegate";

const [path, copies] = process.argv.slice(2);
const original = await readFile(path);
const SIGNATURE_BYTES = 4;

for (let seed = 1; seed <= Number(copies); seed++) {
  const label = `copy ${seed}`;
  try {
    (await readTable(damaged(original, seed), { label })).free();
  } catch (error) {
    if (error.name !== "TidegateError") throw error;
    console.log(error.message);
  }
}

/** A copy with one to four of its bytes changed, its signature excepted. */
function damaged(bytes, seed) {
  const random = xorshift(seed);
  const copy = new Uint8Array(bytes);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const place = SIGNATURE_BYTES + random(copy.length - SIGNATURE_BYTES);
    copy[place] = random(4) === 0 ? random(256) : copy[place] ^ (1 << random(8));
  }
  return copy;
}

/** Marsaglia's 32 bit xorshift: whole numbers below a bound. */
function xorshift(seed) {
  let state = Math.imul(seed, 0x9e3779b1);
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
