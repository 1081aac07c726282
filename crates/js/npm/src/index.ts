export type { Cell, Columns, Rows } from "./arrays.js";
export type { ArrowTable } from "./arrow.js";
export type { Bytes } from "./bytes.js";
export type { Kinds } from "./column.js";
export { compare, type CompareOptions, compareSegments } from "./compare.js";
export { compareChunks } from "./compare-chunks.js";
export { TidegateError } from "./error.js";
export {
  estimate,
  estimateChunks,
  evaluate,
  type EvaluateListsOptions,
  evaluateTable,
  type EvaluateTableOptions,
} from "./evaluate.js";
export {
  assignVariant,
  experiment,
  experimentDesign,
  type ExperimentListsOptions,
  experimentOfTable,
  type ExperimentTableOptions,
  type VariantData,
} from "./experiment.js";
export {
  explain,
  type ExplainOptions,
  type Explanation,
  type ModelInput,
  type OutputExplanation,
} from "./explain.js";
export {
  type Feedback,
  FeedbackCollector,
  type FeedbackDay,
  type FeedbackOptions,
  type LagPoint,
  type Prediction,
} from "./feedback/feedback-collector.js";
export { MemoryStore } from "./feedback/memory-store.js";
export { type RedisClient, RedisStore, type RedisStoreOptions } from "./feedback/redis-store.js";
export type {
  Answer,
  FeedbackStore,
  JudgedPrediction,
  LabelOutcome,
  PredictionOutcome,
  Retention,
  StoreCounts,
  StoredDay,
  StoredLabel,
  StoredPrediction,
} from "./feedback/store.js";
export { type Events, Observatory } from "./observatory.js";
export { compareProfiles, merge, profile, type ProfileOptions } from "./profile.js";
export type { OnProgress, WorkOptions } from "./progress.js";
export { type ReadOptions, readTable, type TableInput } from "./read-table.js";
export { mergeSnapshots } from "./snapshot.js";
export { Table, type UnreadColumn } from "./table.js";
export { type LoggedRun, type LogFile, training } from "./training.js";
export { initialize, type WasmSource } from "./wasm.js";
export type * from "./wire.js";
