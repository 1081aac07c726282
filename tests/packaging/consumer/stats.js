// The tests of two samples by the statistics alone: a Node program and a page run the same lines.
import { compareCounts, compareNumbers, QuantileSketch } from "tidegate/stats";

const wave = (from) => Float64Array.from({ length: 2000 }, (_, i) => from + ((i * 7919) % 1009) / 10);
const methods = ["kolmogorov_smirnov", "anderson_darling", "mann_whitney", "welch_t", "wasserstein", "energy", "psi"];
const sketch = await QuantileSketch.create();
sketch.push(wave(0));
export const tests = JSON.stringify([
  await compareNumbers(wave(0), wave(7), { methods }),
  await compareCounts([120, 80, 10], [100, 95, 25], { methods: ["chi_square", "g_test", "hellinger"] }),
  [0.01, 0.5, 0.99].map((share) => sketch.quantile(share)),
]);
