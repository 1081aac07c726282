/** Verdict of a test, a column or a table. */
export type Verdict = "drift" | "no_drift" | "insufficient_data";
/** A two-sample method. */
export type Method = "kolmogorov_smirnov" | "wasserstein" | "psi" | "jensen_shannon" | "chi_square";
/** How a column is read. */
export type ColumnKind = "numeric" | "categorical";
/** What a column is to its model. */
export type ColumnRole = "feature" | "prediction" | "confidence";

/** What a comparison of two tables found. */
export interface Report {
  schema: string;
  verdict: Verdict;
  reference: TableSize;
  current: TableSize;
  columns: ColumnReport[];
}
/** Size of a table. */
export interface TableSize {
  rows: number;
}
/** What a comparison found in one column. */
export interface ColumnReport {
  name: string;
  kind: ColumnKind;
  verdict: Verdict;
  reference: ColumnCounts;
  current: ColumnCounts;
  /** The deciding one first. */
  tests: TestReport[];
  distribution: Distribution;
  unseen: Unseen;
  missing_test?: TestReport | null;
  note?: string | null;
}
/** Counts of one column of one table. */
export interface ColumnCounts {
  count: number;
  missing: number;
}
/** Current values that the reference has never seen. */
export interface Unseen {
  count: number;
  categories?: string[];
}
/** One test of one column. */
export interface TestReport {
  method: Method;
  statistic: number;
  p_value: number | null;
  p_adjusted: number | null;
  effect: number;
  interval: [number, number] | null;
  detectable_effect: number;
  threshold: number;
  verdict: Verdict;
}
/** Both samples of a column, counted on the same bins or categories. */
export type Distribution =
  | { kind: "bins"; edges: number[]; reference: number[]; current: number[]; below: [number, number]; above: [number, number] }
  | {
      kind: "categories";
      names: string[];
      reference: number[];
      current: number[];
      other: [number, number];
    };

/** A summary of a table that two of can be merged and compared. */
export interface Profile {
  schema: string;
  rows: number;
  columns: ColumnProfile[];
}
/** A summary of one column. */
export interface ColumnProfile {
  name: string;
  role: ColumnRole;
  counts: ColumnCounts;
  summary: ColumnSummary;
}
/** What was counted of a column. */
export type ColumnSummary =
  | {
      kind: "numeric";
      min: number | null;
      max: number | null;
      mean: number | null;
      standard_deviation: number | null;
      edges: number[];
      bins: number[];
    }
  | { kind: "categorical"; names: string[]; bins: number[]; other: number };
