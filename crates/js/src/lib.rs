//! The npm package's door to the core: a thin facade, made by wasm-bindgen.
//!
//! Two modules are built from it, each with one feature: `package` is all of it, `statistics` the statistics alone.
//!
//! Numbers come in as typed arrays, text and options as strings; results go out as JSON text of the
//! core's own types (`tidegate.report/1`, `tidegate.profile/1`), so that there is one wire format.
//! As JavaScript sees it:
//!
//! ```ts
//! export function version(): string;
//!
//! /** Reads CSV a chunk at a time. Options: `{"delimiter"?: ","|";"|"\t"|"|", "kinds"?: {...}}`. */
//! export class CsvReader {
//!   constructor(optionsJson?: string);
//!   readonly rows: number;             // rows so far
//!   push(chunk: Uint8Array): void;
//!   finish(): TableHandle;             // ends the reader; no free() needed after it
//!   free(): void;
//! }
//!
//! /** A table in the module's memory. */
//! export class TableHandle {
//!   constructor();
//!   pushNumeric(name: string, values: Float64Array): void;      // NaN is missing
//!   pushCategorical(name: string, codes: Uint32Array, levels: string[]): void; // 0xffffffff is missing
//!   readonly rows: number;
//!   columns(): string[];
//!   kind(name: string): "numeric" | "categorical" | undefined;
//!   free(): void;
//! }
//!
//! /** Compares two tables a column at a time, so that the host can show progress. */
//! export class Comparison {
//!   constructor(optionsJson?: string);
//!   columnNames(reference: TableHandle, current: TableHandle): string[]; // the order of the report
//!   compareColumn(reference: TableHandle, current: TableHandle, name: string): void;
//!   finish(reference: TableHandle, current: TableHandle): string;        // a report, as JSON; ends it
//!   free(): void;
//! }
//!
//! /** A model file: XGBoost's JSON or UBJSON, LightGBM's text. */
//! export class ModelHandle {
//!   constructor(bytes: Uint8Array);
//!   readonly objective: string;
//!   explain(table: TableHandle): ExplanationHandle;
//!   explainAgainst(table: TableHandle, background: TableHandle): ExplanationHandle;
//!   free(): void;
//! }
//!
//! /** SHAP values of each row, output and feature. */
//! export class ExplanationHandle {
//!   readonly method: string;           // tree_path_dependent or tree_interventional
//!   readonly rows: number;
//!   readonly unknownCategories: number;
//!   features(): string[];
//!   expected(): Float64Array;          // one an output
//!   importance(output: number): Float64Array;
//!   values(output: number): Float64Array; // by row, then feature
//!   free(): void;
//! }
//!
//! /** The log of a training run: TensorBoard event files, trainer_state.json, CSV, JSON lines. */
//! export class TrainingLog {
//!   constructor();
//!   add(bytes: Uint8Array, isValidation: boolean): void;
//!   snapshot(jobId: string): string;                            // JSON
//!   free(): void;
//! }
//!
//! /** Events in; metrics, a snapshot and alerts out. Options: an `ObservatoryOptions`, as JSON. */
//! export class Observatory {
//!   constructor(optionsJson?: string);
//!   observe(receivedAt: number, events: Uint8Array): string;    // {"taken": 1, "refused": [...]}
//!   tick(nowSeconds: number): string;                           // the alerts that changed, as JSON
//!   prometheus(): string;
//!   snapshot(isMergeable: boolean): string;                     // JSON
//!   directives(): string;                                       // JSON
//!   variantOf(experiment: string, unit: string): string | undefined;
//!   profile(modelName: string): string | undefined;             // JSON
//!   free(): void;
//! }
//!
//! export function evaluate(table: TableHandle, optionsJson: string): string;      // an evaluation, as JSON
//! export function estimate(reference: TableHandle, current: TableHandle, optionsJson: string): string;
//! export function estimateChunks(
//!   reference: TableHandle, current: TableHandle, chunksJson: string, optionsJson: string): string;
//! export function experiment(optionsJson: string): string;                        // JSON
//! export function experimentOfTable(table: TableHandle, optionsJson: string): string;
//! export function experimentDesign(optionsJson: string): string;                  // JSON
//! export function variantOf(experiment: string, unit: string, shares: Float64Array): number | undefined;
//! export function profile(table: TableHandle, reference?: string): string; // JSON; on a reference's bins
//! export function mergeProfiles(one: string, other: string): string;              // JSON in and out
//! export function mergeSnapshots(snapshots: string): string;                      // a JSON array in
//! export function compareChunks(
//!   reference: TableHandle, current: TableHandle, chunksJson: string, optionsJson?: string): string;
//! export function compareProfiles(reference: string, current: string, optionsJson?: string): string;
//! ```
//!
//! The statistics alone answer with numbers, nine a method, and no JSON; NaN is none:
//!
//! ```ts
//! /** The methods, in the order of the answer, and how each is judged. */
//! export class Asked {
//!   constructor(methods: string[], alpha: number | undefined, floorNames: string[], floors: Float64Array);
//!   free(): void;
//! }
//! export function compareNumbers(reference: Float64Array, current: Float64Array, asked: Asked): Float64Array;
//! export function compareCounts(
//!   reference: Float64Array, current: Float64Array, onQuantiles: boolean, asked: Asked): Float64Array;
//! export function compareSketches(reference: QuantileSketch, current: QuantileSketch, asked: Asked): Float64Array;
//! export function decileEdges(reference: Float64Array): Float64Array;
//! export function binCounts(edges: Float64Array, values: Float64Array): Float64Array;
//! export function adjust(pValues: Float64Array, correction: string): Float64Array;
//! export class QuantileSketch {} // push, pushAll, merge, count, range, quantile, rank, rankError, encode, decode
//! export class DistinctSketch {} // pushText, pushNumber, merge, estimate, relativeError, encode, decode
//! ```
//!
//! Whatever is refused throws an `Error` whose `code` is the kind's name in Rust, such as
//! `RaggedRow` or `InvalidOptions`, and whose `message` says what to do.

mod error;
#[cfg(feature = "package")]
mod package;
#[cfg(feature = "statistics")]
mod statistics;

#[cfg(feature = "package")]
pub use package::*;
#[cfg(feature = "statistics")]
pub use statistics::*;

use wasm_bindgen::prelude::wasm_bindgen;

/// The package's version.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    String::from(env!("CARGO_PKG_VERSION"))
}
