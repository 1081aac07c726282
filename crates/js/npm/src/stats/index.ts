// `tidegate/stats`: the statistics by themselves, in a module of their own that is a sixth of the package's.

export { TidegateError } from "../error.js";
export type { WasmSource } from "../wasm-module.js";
export type { Method, TestReport, Verdict } from "../wire.js";
export { DistinctSketch } from "./distinct-sketch.js";
export type { Numbers } from "./numbers.js";
export { QuantileSketch } from "./quantile-sketch.js";
export {
  adjust,
  binCounts,
  compareCounts,
  type CompareCountsOptions,
  compareNumbers,
  compareSketches,
  type Correction,
  decileEdges,
  type Test,
  type TestOptions,
} from "./samples.js";
export { initialize } from "./wasm.js";
