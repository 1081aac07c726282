// Written by `cargo xtask gen` from the Rust types. Do not edit.

/**
 * What a comparison says.
 */
export type Verdict = "drift" | "no_drift" | "insufficient_data";
/**
 * Another tool.
 */
export type Peer = "evidently" | "nannyml" | "tfdv" | "deepchecks" | "whylogs" | "frouros";
/**
 * Both samples of a column, counted on the same bins or categories.
 */
export type Distribution =
  | {
      /**
       * Observations above the last edge: reference, current.
       *
       * @minItems 2
       * @maxItems 2
       */
      above: [number, number];
      /**
       * Observations below the first edge, where a few far values would leave the rest no room:
       * reference, current.
       *
       * @minItems 2
       * @maxItems 2
       */
      below: [number, number];
      /**
       * Current observations in each bin.
       */
      current: number[];
      /**
       * Edges, ascending, one more than there are counts.
       */
      edges: number[];
      kind: "bins";
      /**
       * Reference observations in each bin.
       */
      reference: number[];
    }
  | {
      /**
       * Current observations of each.
       */
      current: number[];
      kind: "categories";
      /**
       * Names, by falling share of both tables, then by name; at most [`MAX_NAMED_CATEGORIES`].
       */
      names: string[];
      /**
       * Observations of the categories not named: reference, current.
       *
       * @minItems 2
       * @maxItems 2
       */
      other: [number, number];
      /**
       * Reference observations of each.
       */
      reference: number[];
    };
/**
 * How a column is read.
 */
export type ColumnKind = "numeric" | "categorical";
/**
 * A closed interval of confidence, as `[lower, upper]` on the wire.
 *
 * @minItems 2
 * @maxItems 2
 */
export type Interval = [number, number];
/**
 * A two-sample method, by the name that it has in reports and options.
 */
export type Method =
  | "kolmogorov_smirnov"
  | "cramer_von_mises"
  | "anderson_darling"
  | "mann_whitney"
  | "welch_t"
  | "wasserstein"
  | "energy"
  | "psi"
  | "jensen_shannon"
  | "kullback_leibler"
  | "hellinger"
  | "total_variation"
  | "chi_square"
  | "g_test"
  | "fisher_exact"
  | "cramers_v"
  | "l_infinity"
  | "mmd";
/**
 * What a share of rows is of.
 */
export type SignalKind = "missing" | "new_categories" | "vanished_categories" | "out_of_range";
/**
 * A method for whole rows, by the name that it has in reports and options.
 */
export type MultivariateMethod = "mmd" | "pca_reconstruction" | "domain_classifier";
/**
 * The rows of both tables that one value of a column, or one range of it, has.
 */
export type Segment =
  | {
      kind: "category";
      /**
       * Its name.
       */
      name: string;
    }
  | {
      /**
       * The lower end.
       */
      from: number | null;
      kind: "range";
      /**
       * The upper end.
       */
      to: number | null;
    }
  | {
      /**
       * How many there are.
       */
      categories: number;
      kind: "others";
    }
  | {
      kind: "missing";
    };
/**
 * The effects that a test can find.
 */
export type Alternative = "two_sided" | "greater";
/**
 * When an experiment is judged.
 */
export type Looks =
  | "once"
  | {
      always: {
        /**
         * `N*`, finite and `≥ 1`.
         */
        tuning_count: number;
      };
    };
/**
 * What becomes of rows without one of the values that are asked for.
 */
export type Missing = "refuse" | "leave_out";
/**
 * What a model predicts.
 */
export type Task = "classification" | "regression";
/**
 * A segment against the rest. A difference is one that chance does not explain and that is large enough to matter: five
 * points of the accuracy, or a fifth of the errors' standard deviation.
 */
export type SegmentVerdict = "worse" | "better" | "no_difference" | "insufficient_data";
/**
 * Anything that is told to the observatory: one JSON object, told apart by its `type`.
 *
 * Fields that no event of the type has are refused by name, for a misspelt one would be lost in
 * silence.
 */
export type Event =
  | {
      /**
       * When it ended, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * Rows in the request; as many as there are predictions, if left out.
       */
      batch_size?: number | null;
      /**
       * Confidence of each row's prediction, in `[0, 1]`.
       */
      confidences?: number[];
      /**
       * Why it failed.
       */
      error?: ErrorKind | null;
      /**
       * By feature name, the value; or a list of one value a row.
       */
      features?: {
        [k: string]: Value | Value[];
      };
      /**
       * What a model that generates text said of its work.
       */
      generation?: Generation | null;
      /**
       * By stage, in seconds.
       */
      latency_seconds?: LatencySeconds | null;
      /**
       * Model name.
       */
      model_name: string;
      /**
       * Model version; `unknown` if left out.
       */
      model_version?: string | null;
      /**
       * What a late label finds the prediction by.
       */
      prediction_id?: string | null;
      /**
       * Predicted class or number of each row.
       */
      predictions?: Value[];
      /**
       * How it ended; if left out, as its `error` says, or else `success`.
       */
      status?: Status | null;
      type: "inference";
      /**
       * The unit that experiments are about: a user, say. It is kept as a hash only.
       */
      unit?: string | null;
      /**
       * Why a part of the request or response could not be read.
       */
      unread?: Unread[];
      /**
       * By experiment, the variant that the request was given.
       */
      variants?: {
        [k: string]: string;
      };
    }
  | {
      /**
       * When it was learnt, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      label: Value;
      /**
       * The prediction that it is about.
       */
      prediction_id: string;
      type: "label";
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * The experiment.
       */
      experiment: string;
      type: "conversion";
      /**
       * The unit, as the experiment hashes it: a user, say.
       */
      unit: string;
      /**
       * What it was worth, where that can be said: revenue, satisfaction.
       */
      value?: number | null;
    }
  | {
      /**
       * When it was told, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * The experiment.
       */
      experiment: string;
      type: "experiment_unit";
      /**
       * The unit, as the experiment hashes it: a user, say.
       */
      unit: string;
      /**
       * The same measure as the conversions' value from before: last month's revenue, say.
       */
      value_before: number;
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * Whether a cache had it; left out where there is no cache.
       */
      cache_hit?: boolean | null;
      /**
       * How long it took, in seconds, `≥ 0`.
       */
      duration_seconds: number;
      /**
       * The feature set.
       */
      feature_set: string;
      /**
       * What answered: `redis`, say.
       */
      source: string;
      type: "feature_retrieval";
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * The feature set.
       */
      feature_set: string;
      /**
       * When each value was computed, in seconds since 1970, by feature name; as many as are known.
       */
      timestamps?: {
        [k: string]: number;
      };
      type: "feature_row";
      /**
       * The values, by feature name; `null` is missing.
       */
      values: {
        [k: string]: Value;
      };
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * How much of that it waited for data, in seconds.
       */
      data_wait_seconds?: number | null;
      /**
       * How long the step took, in seconds.
       */
      duration_seconds?: number | null;
      /**
       * How busy each GPU was, by its id, in `[0, 1]`.
       */
      gpu_utilization?: {
        [k: string]: number;
      };
      /**
       * The norm of the gradient. May be NaN or infinite.
       */
      grad_norm?: (number | ("NaN" | "Infinity" | "-Infinity")) | null;
      /**
       * The training run.
       */
      job_id: string;
      /**
       * The learning rate.
       */
      learning_rate?: number | null;
      /**
       * The loss. May be NaN or infinite: that is what a monitor looks for.
       */
      loss?: (number | ("NaN" | "Infinity" | "-Infinity")) | null;
      /**
       * The worker of a distributed run that tells; left out where there is but one.
       */
      rank?: number | null;
      /**
       * Samples in the step.
       */
      samples?: number | null;
      /**
       * The number of the step, from the start of the run.
       */
      step: number;
      type: "training_step";
    }
  | {
      /**
       * The training accuracy, in `[0, 1]`.
       */
      accuracy?: number | null;
      /**
       * When it ended, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * How long the epoch took, in seconds.
       */
      duration_seconds?: number | null;
      /**
       * The number of the epoch, as the run counts them.
       */
      epoch: number;
      /**
       * The training run.
       */
      job_id: string;
      /**
       * The mean training loss of the epoch. May be NaN or infinite.
       */
      loss?: (number | ("NaN" | "Infinity" | "-Infinity")) | null;
      type: "training_epoch";
      /**
       * The accuracy on the validation data, in `[0, 1]`.
       */
      validation_accuracy?: number | null;
      /**
       * The loss on the validation data. May be NaN or infinite.
       */
      validation_loss?: (number | ("NaN" | "Infinity" | "-Infinity")) | null;
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * By feature name, in the unit of the model's margin; signed.
       */
      attributions: {
        [k: string]: number;
      };
      /**
       * Model name.
       */
      model_name: string;
      /**
       * Model version.
       */
      model_version?: string | null;
      type: "explanation";
    }
  | {
      /**
       * When, in seconds since 1970; when it was received, if left out.
       */
      at?: number | null;
      /**
       * Model name.
       */
      model_name: string;
      /**
       * Model version; `unknown` if left out.
       */
      model_version?: string | null;
      /**
       * What was measured, such as `revenue`, `satisfaction`, `conversion` or `click_through`.
       */
      name: string;
      type: "business_metric";
      /**
       * How much it was, within 10¹² of 0, to a millionth. What happened or not is 1 or 0; what was lost is negative.
       */
      value: number;
    };
/**
 * Why a request failed: few kinds, whatever the wire's own codes are, so that they can be labels.
 */
export type ErrorKind =
  | "invalid_request"
  | "unauthorized"
  | "not_found"
  | "too_many_requests"
  | "timeout"
  | "unavailable"
  | "internal"
  | "model"
  | "client_left"
  | "unspecified";
/**
 * One value of one feature in one row.
 *
 * In JSON `true` and `false` are categories, and `"NaN"` and `"Infinity"` are missing, as they are where
 * they stand without quotes.
 */
export type Value = null | number | string;
/**
 * How a request ended.
 */
export type Status = "success" | "client_error" | "server_error" | "aborted";
/**
 * Why a body could not be read.
 */
export type UnreadReason =
  | "over_cap"
  | "truncated"
  | "malformed"
  | "too_deep"
  | "compressed"
  | "content_type"
  | "not_protocol"
  | "header_not_text";
/**
 * The side of an exchange.
 */
export type Side = "request" | "response";
/**
 * What an outcome is.
 */
export type OutcomeKind = "rate" | "mean";
/**
 * What a sample-ratio check says.
 */
export type SampleRatioVerdict = "mismatch" | "as_planned" | "insufficient_data";
/**
 * What can be said at any look.
 */
export type ExperimentVerdict = "larger" | "smaller" | "undecided";
/**
 * How bad an alert is.
 */
export type Severity = "info" | "warning" | "critical";
/**
 * What looks for changes in a stream.
 */
export type ChangeDetector = "adwin" | "hddm_a" | "page_hinkley";
/**
 * The movement of a metric that does harm.
 */
export type Harm = "increase" | "decrease";
/**
 * What a column is to its model.
 */
export type ColumnRole = "feature" | "prediction" | "confidence";
/**
 * What was counted of a column.
 */
export type ColumnSummary =
  | {
      /**
       * Values in each bin, one more than there are edges.
       */
      bins: number[];
      /**
       * Inner edges, ascending: `k` edges make `k + 1` bins, the outer two open.
       * Bin `i` holds `edges[i - 1] <= value < edges[i]`.
       */
      edges: number[];
      /**
       * Infinite values: counted as present and in the outer bins.
       */
      infinite?: number;
      kind: "numeric";
      /**
       * Largest finite value.
       */
      max?: number | null;
      /**
       * Arithmetic mean of the finite values.
       */
      mean?: number | null;
      /**
       * Smallest finite value; `None` where there is none, or, as in a gateway's window, only
       * counts were kept. The same goes for the next three.
       */
      min?: number | null;
      /**
       * Standard deviation of the finite values, dividing by their count.
       */
      standard_deviation?: number | null;
    }
  | {
      /**
       * Values of each.
       */
      bins: number[];
      kind: "categorical";
      /**
       * Category names.
       */
      names: string[];
      /**
       * Values of the categories that the bound left out.
       */
      other: number;
    };
/**
 * Where an alert stands.
 */
export type AlertState = "pending" | "firing" | "resolved" | "no_data" | "insufficient_data";
/**
 * What a guardrail says.
 */
export type GuardrailVerdict = "harmed" | "safe" | "undecided";
/**
 * Where the reference of a model stands.
 */
export type ReferenceStatus =
  | {
      state: "none";
    }
  | {
      /**
       * Rows so far.
       */
      rows: number;
      state: "learning";
      /**
       * Rows wanted.
       */
      wanted: number;
    }
  | {
      /**
       * Rows that it was made from.
       */
      rows: number;
      state: "ready";
    };
/**
 * Whose labels confidences are calibrated on.
 */
export type CalibrationSource = "feedback" | "reference";
/**
 * A stage of a request's latency.
 */
export type Stage =
  "total" | "upstream" | "preprocessing" | "inference" | "postprocessing" | "gateway";
/**
 * The kinds of faults.
 */
export type FindingKind =
  | "not_finite"
  | "divergence"
  | "plateau"
  | "overfitting"
  | "exploding_gradients"
  | "vanishing_gradients"
  | "data_bottleneck"
  | "straggling_rank";

/**
 * Every type that crosses a wire or a file, by name.
 */
export interface Wire {
  chunk_options: ChunkOptions;
  chunked_estimation: ChunkedEstimation;
  chunked_report: ChunkedReport;
  design_options: DesignOptions;
  directives: Directives;
  estimation: Estimation;
  evaluate_options: EvaluateOptions;
  evaluation: Evaluation;
  event: Event;
  experiment_analysis_options: ExperimentAnalysisOptions;
  experiment_design: ExperimentDesign;
  experiment_report: ExperimentReport;
  observatory_options: ObservatoryOptions;
  profile: Profile;
  report: Report;
  snapshot: Snapshot;
  taken: Taken;
}
/**
 * How a table is cut: by one of `rows` and `period_seconds`.
 */
export interface ChunkOptions {
  /**
   * Length of a chunk, in seconds; chunks begin at whole multiples of it since 1970, and those without a row
   * are left out.
   */
  period_seconds?: number | null;
  /**
   * Rows of a chunk; the last one may have fewer.
   */
  rows?: number | null;
  /**
   * The column of the rows' times: numbers are seconds since 1970, text is a date and time such as
   * `2026-07-01T12:30:00Z`. It is not compared. Without one, rows are in the order of the table.
   */
  time?: string | null;
}
/**
 * What is expected of a model's figures over time, before the truth is known.
 */
export interface ChunkedEstimation {
  /**
   * Of which classes the probabilities are corrected by the reference.
   */
  calibrated: string[];
  /**
   * The current table; the oldest first.
   */
  chunks: EstimatedChunk[];
  /**
   * In order.
   */
  classes: string[];
  /**
   * Rows of either table without one of the values.
   */
  left_out_rows: number;
  /**
   * The class that the figures are of; `None` where there are more than two: then they are means over
   * the classes.
   */
  positive: string | null;
  /**
   * The reference, cut as the current table is; the oldest first.
   */
  reference_chunks: EstimatedChunk[];
  /**
   * Labelled rows that say what the probabilities mean.
   */
  reference_rows: number;
  /**
   * Rows that the figures are estimated for.
   */
  rows: number;
  /**
   * `tidegate.chunked_estimate/1`.
   */
  schema: string;
  /**
   * Between which bounds each figure is as it was.
   */
  thresholds: FigureThreshold[];
  verdict: Verdict;
}
/**
 * One chunk.
 */
export interface EstimatedChunk {
  /**
   * Each figure; none of them where no row of the chunk has all values.
   */
  figures: EstimatedFigure[];
  /**
   * When it begins, in seconds since 1970: its bound, or the time of its first row where it is one of so many
   * rows; `None` without times.
   */
  from_seconds: number | null;
  /**
   * Rows of the chunk.
   */
  rows: number;
  /**
   * When it ends; its bound does not belong to it.
   */
  to_seconds: number | null;
  verdict: Verdict;
}
/**
 * One figure, in `[0, 1]`. `None` where the rows leave it undefined.
 */
export interface EstimatedFigure {
  /**
   * What is expected on the current rows.
   */
  estimated: number | null;
  /**
   * Three of them to either side.
   *
   * @minItems 2
   * @maxItems 2
   */
  interval: [number, number] | null;
  /**
   * Its name, as an evaluation has it.
   */
  name: string;
  /**
   * What it was on the current rows, if all of them have a label too.
   */
  realized: number | null;
  /**
   * What it was on the reference, by the labels.
   */
  reference: number | null;
  /**
   * Standard deviation of it in as many rows like the reference's.
   */
  sampling_error: number | null;
  verdict: Verdict;
}
/**
 * How far a figure of a chunk may be from what it was.
 */
export interface FigureThreshold {
  /**
   * Chunks of the reference of which it is known, by their labels.
   */
  chunks: number;
  /**
   * Three standard deviations over them to either side of the mean, within `[0, 1]`; `None` with fewer than
   * two chunks.
   *
   * @minItems 2
   * @maxItems 2
   */
  interval: [number, number] | null;
  /**
   * Its mean over them.
   */
  mean: number | null;
  /**
   * The figure.
   */
  name: string;
}
/**
 * What a comparison of a table's chunks with a reference found: drift over time.
 */
export interface ChunkedReport {
  /**
   * One entry a chunk, the oldest first.
   */
  chunks: ChunkReport[];
  current: TableSize;
  reference: TableSize;
  /**
   * Always [`CHUNKED_SCHEMA`].
   */
  schema: string;
  verdict: Verdict;
}
/**
 * What the comparison of one chunk found.
 */
export interface ChunkReport {
  /**
   * When it begins, in seconds since 1970: its bound, or the time of its first row where it is one of so many
   * rows; `None` without times.
   */
  from_seconds: number | null;
  report: Report;
  /**
   * Rows of the chunk.
   */
  rows: number;
  /**
   * When it ends; its bound does not belong to it.
   */
  to_seconds: number | null;
}
/**
 * What a comparison of two tables found.
 */
export interface Report {
  /**
   * One entry for each column of either table, in the reference's order.
   */
  columns: ColumnReport[];
  current: TableSize;
  /**
   * Whole rows of both tables compared, one entry for each method that was asked for.
   */
  multivariate?: MultivariateReport[];
  reference: TableSize;
  /**
   * Always [`SCHEMA`].
   */
  schema: string;
  /**
   * The tables cut by a column, where that was asked for.
   */
  segments?: SegmentsReport | null;
  verdict: Verdict;
}
/**
 * What a comparison found in one column.
 */
export interface ColumnReport {
  /**
   * What other tools would have printed, where it was asked for; no verdict uses it.
   */
  compatibility?: PeerReport[];
  current: ColumnCounts;
  distribution: Distribution;
  kind: ColumnKind;
  /**
   * Chi-square test of present against missing, if a value is missing in either table. It does
   * not decide the column's verdict, which is about the values that are present.
   */
  missing_test?: TestReport | null;
  /**
   * Column name.
   */
  name: string;
  /**
   * Why the column or a part of it could not be compared, or how it was read to be compared.
   */
  note?: string | null;
  reference: ColumnCounts;
  /**
   * Rows that say as much as one that is independent, where neighbouring rows of the reference are alike. Verdicts
   * count rows so where the rows are known to be in the order of time; where they are not, and are so all the same,
   * p-values are too small.
   */
  rows_per_independent?: number | null;
  /**
   * Shares of rows that no test of the values shows, each against what chance gives: in comparisons of
   * tables and of profiles. They do not decide the column's verdict.
   */
  signals?: SignalReport[];
  /**
   * The tests, the deciding one first.
   */
  tests: TestReport[];
  unseen: Unseen;
  verdict: Verdict;
}
/**
 * What another tool would have printed for a column.
 */
export interface PeerReport {
  /**
   * Whether its defaults call this drift, if they say.
   */
  drift: boolean | null;
  /**
   * The method, by the name that the tool has for it; a tool's own choice is its first.
   */
  method: string;
  /**
   * Why the number differs from ours.
   */
  note: string;
  peer: Peer;
  /**
   * Its default cut, if it has one.
   */
  threshold: number | null;
  /**
   * The number that it prints, if it has one: a distance, a statistic or a p-value.
   */
  value: number | null;
}
/**
 * Counts of one column of one table.
 */
export interface ColumnCounts {
  /**
   * Values present.
   */
  count: number;
  /**
   * Values missing.
   */
  missing: number;
}
/**
 * One test of one column.
 */
export interface TestReport {
  /**
   * The smallest effect that the method could have told from chance at these sample sizes.
   */
  detectable_effect: number;
  /**
   * Size of the difference on the method's comparable scale.
   */
  effect: number;
  /**
   * The smallest effect that matters: what is smaller is no drift, however little chance explains it.
   */
  effect_floor: number;
  /**
   * Confidence interval of the effect, where known.
   */
  interval: Interval | null;
  method: Method;
  /**
   * The p-value, or `p_effective` where there is one, adjusted over the columns (Benjamini-Hochberg).
   */
  p_adjusted: number | null;
  /**
   * The p-value of samples of as many rows as are independent, where the column's rows depend on each other.
   */
  p_effective?: number | null;
  /**
   * Its p-value, if it has one.
   */
  p_value: number | null;
  /**
   * Its statistic.
   */
  statistic: number;
  /**
   * The bound that the verdict was made against: on `p_adjusted` where there is one, else on
   * `effect`.
   */
  threshold: number;
  verdict: Verdict;
}
/**
 * A share of a column's rows that is a signal of its own.
 */
export interface SignalReport {
  /**
   * The smallest effect that could have been told from chance at these sample sizes.
   */
  detectable_effect: number;
  /**
   * How far the share is from the expected one.
   */
  effect: number;
  /**
   * The smallest effect that matters.
   */
  effect_floor: number;
  /**
   * The share that is expected where nothing changed.
   */
  expected_share: number;
  interval: Interval;
  /**
   * The p-value, or `p_effective` where there is one, adjusted over the columns (Benjamini-Hochberg).
   */
  p_adjusted: number | null;
  /**
   * The p-value of as many rows as are independent, where the column's rows depend on each other.
   */
  p_effective?: number | null;
  /**
   * Probability of such a share where nothing changed, or a bound above it.
   */
  p_value: number;
  /**
   * The share, in `[0, 1]`.
   */
  share: number;
  signal: SignalKind;
  /**
   * The bound on `p_adjusted` that the verdict was made against.
   */
  threshold: number;
  verdict: Verdict;
}
/**
 * Current values that the reference has never seen: a signal of its own, whatever the tests say.
 */
export interface Unseen {
  /**
   * Names of such categories, by falling count, at most [`MAX_NAMED_CATEGORIES`].
   */
  categories?: string[];
  /**
   * Current values outside of the reference's range, or of categories that it does not have.
   */
  count: number;
}
/**
 * Size of a table.
 */
export interface TableSize {
  /**
   * Rows.
   */
  rows: number;
}
/**
 * What a comparison of whole rows found by one method.
 *
 * Categories count by indicators of the most frequent ones; missing numbers by the reference's mean and
 * an indicator.
 */
export interface MultivariateReport {
  /**
   * By what columns the tables can be told apart, the largest share first: of `domain_classifier`.
   */
  columns?: ColumnShare[];
  method: MultivariateMethod;
  /**
   * How the rows were read, or why they could not be compared.
   */
  note?: string | null;
  /**
   * The test; none if the rows could not be compared.
   */
  test?: RowsTest | null;
  verdict: Verdict;
}
/**
 * A column's share in what tells two tables apart.
 */
export interface ColumnShare {
  /**
   * Column name.
   */
  name: string;
  /**
   * In `[0, 1]`; the shares of all columns are together 1, or 0.
   */
  share: number;
}
/**
 * One test of whole rows.
 */
export interface RowsTest {
  /**
   * The smallest effect that the method could have told from chance with so many rows.
   */
  detectable_effect: number;
  /**
   * Size of the difference on the method's comparable scale.
   */
  effect: number;
  /**
   * The smallest effect that matters.
   */
  effect_floor: number;
  /**
   * Confidence interval of the effect, where known.
   */
  interval: Interval | null;
  /**
   * The p-value adjusted over the methods (Benjamini-Hochberg).
   */
  p_adjusted: number | null;
  /**
   * Its p-value.
   */
  p_value: number;
  /**
   * Its statistic: the squared discrepancy, the mean error, or the area under the ROC curve.
   */
  statistic: number;
  /**
   * The bound on `p_adjusted` that the verdict was made against.
   */
  threshold: number;
  verdict: Verdict;
}
/**
 * Both tables cut by a column, and compared segment by segment.
 */
export interface SegmentsReport {
  /**
   * The column that they are cut by.
   */
  by: string;
  kind: ColumnKind;
  /**
   * The categories by falling share of both tables, ranges and numbers ascending; what has no segment of its own,
   * and rows without a value, last.
   */
  segments: SegmentReport[];
  verdict: Verdict;
}
/**
 * What the comparison of one segment found.
 */
export interface SegmentReport {
  /**
   * Each other column by its deciding method, p-values adjusted over all columns of all segments; none where
   * either table has too few rows.
   */
  columns: ColumnReport[];
  current: TableSize;
  /**
   * Why it was not compared.
   */
  note?: string | null;
  reference: TableSize;
  segment: Segment;
  verdict: Verdict;
}
/**
 * Two of an experiment's effect, size and power; the third is asked for. As JSON, unknown fields are
 * refused.
 */
export interface DesignOptions {
  /**
   * Probability of a false alarm, in `(0, 1)`.
   */
  alpha?: number;
  alternative?: Alternative;
  /**
   * Units of both sides; `None` asks for the fewest.
   */
  counts?: Counts | null;
  /**
   * Of rates: the variant's; `None` asks for the smallest above the control's that is found.
   */
  current_rate?: number | null;
  /**
   * Of means: their difference in standard deviations; `None` asks for the smallest that is found.
   */
  effect?: number | null;
  looks?: Looks;
  /**
   * Probability that the effect is found; 0.8 where it is not what is asked for.
   */
  power?: number | null;
  /**
   * Units of the variant for each of the control, where the fewest are asked for.
   */
  ratio?: number;
  /**
   * Of rates: the control's, in `(0, 1)`.
   */
  reference_rate?: number | null;
}
/**
 * Units of the two sides.
 */
export interface Counts {
  /**
   * Units of the variant under trial.
   */
  current: number;
  /**
   * Units of the reference.
   */
  reference: number;
}
/**
 * What is to be done about the decisions, by whoever serves the requests.
 */
export interface Directives {
  /**
   * Models whose requests do not all pass.
   */
  circuits: CircuitDirective[];
  /**
   * Variants that do not keep all of their traffic.
   */
  variants: VariantDirective[];
}
/**
 * A circuit that is not closed.
 */
export interface CircuitDirective {
  /**
   * The model.
   */
  model_name: string;
  /**
   * The share of its requests that pass, in `[0, 1)`.
   */
  share_passed: number;
}
/**
 * A variant that is rolled back, or on its way back.
 */
export interface VariantDirective {
  /**
   * The experiment.
   */
  experiment: string;
  /**
   * The share of its own traffic that it keeps, in `[0, 1]`; the rest goes to the first variant.
   */
  share_kept: number;
  /**
   * The variant.
   */
  variant: string;
}
/**
 * What is expected of a model's figures before the truth is known: confidence-based performance
 * estimation.
 */
export interface Estimation {
  /**
   * Of which classes the probabilities are corrected by the reference; the others are taken at their
   * word.
   */
  calibrated: string[];
  /**
   * In order.
   */
  classes: string[];
  /**
   * Expected numbers of rows: a list an actual class, of a number a predicted class.
   */
  confusion: number[][];
  /**
   * The estimated accuracy beside the realized one, if all current rows have a label too.
   */
  estimate_check: EstimateCheck | null;
  /**
   * Each figure.
   */
  figures: EstimatedFigure[];
  /**
   * Rows of either table without one of the values.
   */
  left_out_rows: number;
  /**
   * The class that the figures are of; `None` where there are more than two: then they are means over
   * the classes.
   */
  positive: string | null;
  /**
   * Labelled rows that say what the probabilities mean.
   */
  reference_rows: number;
  /**
   * Rows that the figures are estimated for.
   */
  rows: number;
  /**
   * `tidegate.estimate/1`.
   */
  schema: string;
  verdict: Verdict;
}
/**
 * An estimated accuracy beside the realized one of the same predictions.
 *
 * An estimate follows inputs that move, for it asks only how sure the model is; it stays where it was when the
 * same inputs begin to have other outcomes. So where labels disagree with it, the relation of inputs and target
 * has changed (concept drift), and the estimate is not to be believed until it is learned anew.
 */
export interface EstimateCheck {
  /**
   * Share of them that was expected to be right, in `[0, 1]`.
   */
  estimated: number;
  /**
   * Three errors to either side: of as many predictions, and of what so many labelled rows of the
   * calibration could teach.
   *
   * @minItems 2
   * @maxItems 2
   */
  estimated_interval: [number, number];
  /**
   * Labelled predictions, with a confidence, that both are of.
   */
  predictions: number;
  /**
   * Share of them that was right, in `[0, 1]`.
   */
  realized: number;
  /**
   * A Wilson interval of it, 95 per cent.
   *
   * @minItems 2
   * @maxItems 2
   */
  realized_interval: [number, number];
  verdict: Verdict;
}
/**
 * Which columns hold what. As JSON, unknown fields are refused; `label` and `prediction` must be there.
 *
 * ```
 * use tidegate_core::evaluation::EvaluateOptions;
 *
 * let options = EvaluateOptions::from_json(r#"{"label": "truth", "prediction": "said"}"#)?;
 * assert_eq!(options.calibration_bins, 10);
 * assert!(EvaluateOptions::from_json(r#"{"labels": "truth"}"#).is_err());
 * # Ok::<(), tidegate_core::analysis::AnalysisError>(())
 * ```
 */
export interface EvaluateOptions {
  /**
   * Of intervals, in `(0, 1)`.
   */
  alpha?: number;
  /**
   * Bins of equal width that the calibration is told in, 1 to 100.
   */
  calibration_bins?: number;
  /**
   * The column of what was true.
   */
  label: string;
  missing?: Missing;
  /**
   * The positive class of two; the second in their order by default.
   */
  positive?: string | null;
  /**
   * The column of what was predicted.
   */
  prediction: string;
  /**
   * Of two classes, the column of the positive one's score; higher where it is more likely.
   */
  score?: string | null;
  /**
   * The column of each class's probability, by class.
   */
  scores?: {
    [k: string]: string;
  };
  /**
   * A column to cut the rows by, and to hold each segment against the others.
   */
  segment_by?: string | null;
  /**
   * What is predicted. By default it is read from the values: numbers are those of a regression if one
   * of them is no index of a class, or if there are more than a hundred different ones.
   */
  task?: Task | null;
}
/**
 * How good a model's predictions were. All shares are in `[0, 1]`.
 */
export interface Evaluation {
  /**
   * Of classes.
   */
  classification: ClassificationFigures | null;
  /**
   * Rows without one of the values.
   */
  left_out_rows: number;
  /**
   * Of numbers.
   */
  regression: RegressionFigures | null;
  /**
   * Rows that the figures are of.
   */
  rows: number;
  /**
   * `tidegate.evaluation/1`.
   */
  schema: string;
  /**
   * Of classes, from the scores that the model gave them; `None` without scores.
   */
  scores: ScoreFigures | null;
  /**
   * The rows cut by a column, where that was asked for, in the order of a comparison's segments.
   */
  segments?: SegmentEvaluation[];
  task: Task;
}
/**
 * How good the predicted classes were.
 */
export interface ClassificationFigures {
  /**
   * Share that was right.
   */
  accuracy: number | null;
  /**
   * A Wilson interval of the accuracy, 95 per cent.
   *
   * @minItems 2
   * @maxItems 2
   */
  accuracy_interval: [number, number] | null;
  /**
   * Mean recall of the classes that occurred.
   */
  balanced_accuracy: number | null;
  /**
   * By class, in order.
   */
  classes: ClassEvaluation[];
  /**
   * Cohen's κ, at most 1.
   */
  cohen_kappa: number | null;
  /**
   * Numbers of rows: a list an actual class, of a number a predicted class.
   */
  confusion: number[][];
  macro_average: AverageFigures;
  /**
   * Matthews's correlation, in `[-1, 1]`.
   */
  matthews_correlation: number | null;
  weighted_average: AverageFigures;
}
/**
 * One class against the rest.
 */
export interface ClassEvaluation {
  /**
   * Its name.
   */
  class: string;
  /**
   * Harmonic mean of precision and recall.
   */
  f1: number | null;
  /**
   * Rows of it that were predicted, as a share of those that were or were predicted to be of it.
   */
  jaccard: number | null;
  /**
   * Of those predicted to be of it, the share that was.
   */
  precision: number | null;
  /**
   * Rows that were predicted to be of it.
   */
  predicted: number;
  /**
   * Of those that were of it, the share that was predicted.
   */
  recall: number | null;
  /**
   * Of those that were not of it, the share that was not predicted to be.
   */
  specificity: number | null;
  /**
   * Rows that were of it.
   */
  support: number;
}
/**
 * Averages over the classes.
 */
export interface AverageFigures {
  /**
   * Of the F1 scores.
   */
  f1: number | null;
  /**
   * Of the precisions.
   */
  precision: number | null;
  /**
   * Of the recalls.
   */
  recall: number | null;
}
/**
 * How good predicted numbers were. Figures are in the unit of the numbers, where nothing else is said.
 */
export interface RegressionFigures {
  /**
   * The same, a constant error being forgiven.
   */
  explained_variance: number | null;
  /**
   * Mean absolute error.
   */
  mae: number | null;
  /**
   * Mean absolute error as a share of the truth.
   */
  mape: number | null;
  /**
   * Largest absolute error.
   */
  max_error: number | null;
  /**
   * Mean of truth less prediction: above 0 where the model says too little.
   */
  mean_error: number | null;
  /**
   * Mean squared error of `ln(1 + x)`; `None` where a number is −1 or less.
   */
  mean_squared_log_error: number | null;
  /**
   * Median absolute error.
   */
  median_absolute_error: number | null;
  /**
   * Mean squared error, in the square of the unit.
   */
  mse: number | null;
  /**
   * Share of the variance that is explained, at most 1.
   */
  r2: number | null;
  /**
   * Root mean squared error.
   */
  rmse: number | null;
}
/**
 * How good the scores of the classes were. Of many classes, the areas are means over each against the
 * rest.
 */
export interface ScoreFigures {
  /**
   * Area under the precision-recall curve, by steps.
   */
  average_precision: number | null;
  /**
   * Mean squared error of the probabilities: in `[0, 1]` of two classes, in `[0, 2]` of more.
   */
  brier: number | null;
  /**
   * What the probabilities mean; `None` where the scores are none.
   */
  calibration: Calibration | null;
  /**
   * From the highest threshold to the lowest, thinned out to 200 points; of two classes.
   */
  curve: CurvePoint[];
  /**
   * `2 · roc_auc − 1`, in `[-1, 1]`; of two classes.
   */
  gini: number | null;
  /**
   * Largest difference of true and false positive rate; of two classes.
   */
  kolmogorov_smirnov: number | null;
  /**
   * In nats; of probabilities.
   */
  log_loss: number | null;
  /**
   * The class that the figures are of; `None` where there are more than two.
   */
  positive: string | null;
  /**
   * The same by trapezoids, which is a little too good; of two classes.
   */
  pr_auc: number | null;
  /**
   * Area under the ROC curve, in `[0, 1]`.
   */
  roc_auc: number | null;
  /**
   * Its interval; of two classes.
   *
   * @minItems 2
   * @maxItems 2
   */
  roc_auc_interval: [number, number] | null;
  /**
   * Mean area over all pairs of classes; of more than two.
   */
  roc_auc_one_against_one: number | null;
}
/**
 * How far what is said is from what happens: of two classes, the probability of the positive one from how
 * often it occurs; of many, that of the predicted one from how often the prediction is right.
 */
export interface Calibration {
  /**
   * Bins of equal width that have a row, ascending.
   */
  bins: CalibrationBin[];
  /**
   * Mean distance over the rows.
   */
  expected_error: number;
  /**
   * Largest distance of a bin.
   */
  maximum_error: number;
  /**
   * Root of the mean squared distance.
   */
  root_mean_square_error: number;
}
/**
 * One bin of a calibration curve.
 */
export interface CalibrationBin {
  /**
   * Rows in it.
   */
  count: number;
  /**
   * Share that happened.
   */
  observed: number;
  /**
   * Mean probability.
   */
  predicted: number;
}
/**
 * What calling positive all scores from a threshold up would give.
 */
export interface CurvePoint {
  /**
   * Share of the negatives that is.
   */
  false_positive_rate: number;
  /**
   * Share of those that are which is positive.
   */
  precision: number;
  /**
   * The lowest score that is called positive.
   */
  threshold: number;
  /**
   * Share of the positives that is: the recall.
   */
  true_positive_rate: number;
}
/**
 * How good the predictions of one segment were, against those of all other rows.
 */
export interface SegmentEvaluation {
  /**
   * Of classes: share that was right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * A Wilson interval of it, at the level of the options.
   *
   * @minItems 2
   * @maxItems 2
   */
  accuracy_interval: [number, number] | null;
  /**
   * Of numbers: mean absolute error, in their unit.
   */
  mae: number | null;
  /**
   * The p-value adjusted over the segments (Benjamini-Hochberg).
   */
  p_adjusted: number | null;
  /**
   * That chance makes such a difference of the two: Fisher's exact test of right and wrong, or Welch's test of the
   * absolute errors.
   */
  p_value: number | null;
  /**
   * The accuracy or the mean absolute error of all other rows.
   */
  rest: number | null;
  /**
   * Of two classes with a score: area under the ROC curve, in `[0, 1]`.
   */
  roc_auc: number | null;
  /**
   * How many they are.
   */
  rows: number;
  segment: Segment;
  verdict: SegmentVerdict;
}
/**
 * What is known of one generated answer. What the wire does not say is `None`, never 0.
 */
export interface Generation {
  /**
   * Input tokens that were written to a cache.
   */
  cache_creation_tokens?: number | null;
  /**
   * Input tokens that were read from a cache.
   */
  cached_tokens?: number | null;
  /**
   * Events of the stream; `None` for an answer that came whole.
   */
  chunks?: number | null;
  /**
   * From the first chunk to the last, in seconds.
   */
  chunks_seconds?: number | null;
  /**
   * Why each choice ended, by the choice's index.
   */
  finish_reasons?: string[];
  /**
   * From the request's first byte to the first chunk of its answer, in seconds.
   */
  first_chunk_seconds?: number | null;
  /**
   * Tokens of the input, those of a cache among them.
   */
  input_tokens?: number | null;
  /**
   * Tokens of the output, those of reasoning among them.
   */
  output_tokens?: number | null;
  /**
   * Output tokens of reasoning.
   */
  reasoning_tokens?: number | null;
}
/**
 * Seconds spent in each stage, as far as they are known.
 */
export interface LatencySeconds {
  /**
   * At the gateway itself: the total without the upstream.
   */
  gateway?: number | null;
  /**
   * In the model.
   */
  inference?: number | null;
  /**
   * After the model.
   */
  postprocessing?: number | null;
  /**
   * Before the model.
   */
  preprocessing?: number | null;
  /**
   * From the first byte of the request to the last of the response.
   */
  total?: number | null;
  /**
   * In the model server.
   */
  upstream?: number | null;
}
/**
 * A body that was not read, and why.
 */
export interface Unread {
  reason: UnreadReason;
  side: Side;
}
/**
 * How to analyse an experiment. As JSON, unknown fields are refused, and every field may be left out.
 */
export interface ExperimentAnalysisOptions {
  /**
   * The level of intervals and verdicts, in `(0, 1)`.
   */
  alpha?: number;
  /**
   * The variant that the others are compared with; by default the first.
   */
  control?: string | null;
  /**
   * Of a table: the column of a number that was known before the experiment, and goes with the outcome.
   */
  covariate?: string | null;
  missing?: Missing;
  /**
   * Of a table: the column of each unit's outcome.
   */
  outcome?: string | null;
  /**
   * Units at which the interval that is valid at every look is narrowest.
   */
  tuning_count?: number;
  /**
   * Of a table: the column of each unit's variant.
   */
  variant?: string | null;
  /**
   * What is known of each variant, the control first.
   */
  variants?: VariantInput[];
  /**
   * Planned shares by variant, in any unit.
   */
  weights?: {
    [k: string]: number;
  };
}
/**
 * What is known of a variant: successes among trials, or the mean and the variance of an outcome.
 */
export interface VariantInput {
  /**
   * Units whose outcome is a number.
   */
  count?: number | null;
  /**
   * Mean outcome.
   */
  mean?: number | null;
  /**
   * Its name.
   */
  name?: string;
  /**
   * Units that succeeded.
   */
  successes?: number | null;
  /**
   * Units.
   */
  trials?: number | null;
  /**
   * Variance of one outcome, with divisor `count − 1`.
   */
  variance?: number | null;
}
/**
 * An experiment's effect, size and power.
 */
export interface ExperimentDesign {
  counts: Counts;
  /**
   * Of rates: the variant's.
   */
  current_rate: number | null;
  /**
   * Of means: their difference in standard deviations.
   */
  effect: number | null;
  /**
   * Which of them was asked for: `effect`, `counts` or `power`.
   */
  found: string;
  /**
   * Probability that the effect is found.
   */
  power: number;
  /**
   * Of rates: the control's.
   */
  reference_rate: number | null;
}
/**
 * What an experiment says.
 */
export interface ExperimentReport {
  /**
   * The level of intervals and verdicts.
   */
  alpha: number;
  /**
   * The variant that the others are compared with.
   */
  control: string;
  /**
   * Rows without one of the values.
   */
  left_out_rows: number;
  outcome: OutcomeKind;
  /**
   * Whether units were split as planned; `None` without weights.
   */
  sample_ratio: SampleRatioCheck | null;
  /**
   * `tidegate.experiment/1`.
   */
  schema: string;
  /**
   * Each variant, the control first.
   */
  variants: VariantReport[];
}
/**
 * Whether units were split over the variants as planned. If they were not, nothing else can be believed.
 */
export interface SampleRatioCheck {
  /**
   * p-value that is valid at every look.
   */
  always_valid_p_value: number;
  fixed: SampleRatio;
}
/**
 * The result of a sample-ratio check.
 */
export interface SampleRatio {
  /**
   * Degrees of freedom: variants less one.
   */
  df: number;
  /**
   * Probability of a statistic at least as large under the planned split.
   */
  p_value: number;
  /**
   * Pearson's statistic, `≥ 0`.
   */
  statistic: number;
  verdict: SampleRatioVerdict;
}
/**
 * One variant.
 */
export interface VariantReport {
  /**
   * Units.
   */
  count: number;
  /**
   * The variant against the control; `None` of the control itself.
   */
  effect: VariantEffect | null;
  /**
   * A Wilson interval of the rate.
   *
   * @minItems 2
   * @maxItems 2
   */
  interval: [number, number] | null;
  /**
   * Mean outcome: the rate, where it is one.
   */
  mean: number;
  /**
   * Its name.
   */
  name: string;
  /**
   * Standard deviation of the outcome of one unit.
   */
  standard_deviation: number;
  /**
   * Units that succeeded, where the outcome is a rate.
   */
  successes: number | null;
  /**
   * Its planned share.
   */
  weight: number | null;
}
/**
 * A variant against the control.
 */
export interface VariantEffect {
  /**
   * With what a covariate from before the experiment explains taken off (CUPED).
   */
  adjusted: AdjustedEffect | null;
  /**
   * Valid at every look.
   */
  always_valid: AlwaysValid | null;
  /**
   * At the end of an experiment of a length that was set before: two proportions, or Welch's test.
   */
  fixed: Comparison | null;
  /**
   * What to know of these figures.
   */
  note: string | null;
  /**
   * The p-value that is valid at every look, with the covariate if there is one, adjusted for the number
   * of variants by Holm's method.
   */
  p_adjusted: number | null;
  /**
   * Chance that the variant is larger, and what choosing wrongly would cost.
   */
  posterior: Posterior | null;
  verdict: ExperimentVerdict;
}
/**
 * An effect after adjustment by a covariate.
 */
export interface AdjustedEffect {
  /**
   * As without adjustment.
   */
  always_valid: AlwaysValid | null;
  fixed: Comparison;
  /**
   * By how much the outcome moves with the covariate.
   */
  theta: number;
  /**
   * Share of the variance that is gone, in `[0, 1]`.
   */
  variance_reduction_ratio: number;
}
/**
 * A comparison that may be repeated while the data come in.
 */
export interface AlwaysValid {
  comparison: Comparison;
  /**
   * Natural logarithm of the p-value, which does not underflow; `≤ 0`.
   */
  ln_p_value: number;
  /**
   * How many times as wide as at a single look the intervals are.
   */
  widening_ratio: number;
}
/**
 * The result of comparing two variants.
 */
export interface Comparison {
  /**
   * Degrees of freedom of Student's distribution; `None` where the normal one is used.
   */
  df: number | null;
  difference: Estimate;
  /**
   * `(current − reference) / reference`, its interval by the delta method. `None` where the
   * reference's mean is 0, or where that method knows no width.
   */
  lift: Estimate | null;
  /**
   * Two-sided probability of a statistic at least as far from 0 if nothing differs, in `[0, 1]`.
   */
  p_value: number;
  /**
   * The difference in standard errors; positive where `current` is larger.
   */
  statistic: number;
}
/**
 * A number and the interval that holds the true one with the asked confidence.
 */
export interface Estimate {
  interval: Interval;
  /**
   * The estimate.
   */
  value: number;
}
/**
 * What the posteriors of two variants say.
 */
export interface Posterior {
  /**
   * Probability that `current` is larger, in `[0, 1]`.
   */
  chance_to_win: number;
  /**
   * What choosing `current` loses on average, in units of the mean: `E max(reference − current,
   * 0)`, `≥ 0`.
   */
  expected_loss_current: number;
  /**
   * The same of choosing `reference`.
   */
  expected_loss_reference: number;
}
/**
 * The settings of an observatory as JSON: every field may be left out, unknown ones are refused.
 */
export interface ObservatoryOptions {
  /**
   * When somebody is to be called; the default rules if left out.
   */
  alerts?: RuleDocument[] | null;
  /**
   * How long after it was first given a variant a unit's conversion counts, in seconds; a week if left
   * out.
   */
  conversion_window_seconds?: number | null;
  /**
   * Decide about alerts and log it, but direct nothing.
   */
  dry_run?: boolean;
  /**
   * What looks for changes in the stream of a model's errors; if left out, `hddm_a` for classes and
   * `page_hinkley` for numbers.
   */
  error_detector?: ChangeDetector | null;
  /**
   * Experiments.
   */
  experiments?: ExperimentOptions[];
  /**
   * How many false alarms of drift and of signals are accepted, in place of a level; left out, the level is 0.05.
   */
  false_alarms?: FalseAlarmBudget | null;
  /**
   * What is known of feature sets.
   */
  feature_sets?: FeatureSetOptions[];
  /**
   * Tell what generates text under OpenTelemetry's names too: `gen_ai_server_time_to_first_token_seconds`
   * and its like.
   */
  gen_ai_metrics?: boolean;
  /**
   * Predictions that may await their label; 100 000 if left out.
   */
  label_capacity?: number | null;
  /**
   * How long a prediction awaits its label, in seconds; 30 days if left out.
   */
  label_retention_seconds?: number | null;
  /**
   * What looks for changes of levels from pane to pane: of the latency, of business metrics. `page_hinkley` if
   * left out.
   */
  level_detector?: ChangeDetector | null;
  /**
   * What is known of models.
   */
  models?: ModelOptions[];
  /**
   * Length of a pane, in seconds, from 1; 60 if left out.
   */
  pane_seconds?: number | null;
  /**
   * Panes in the window that drift is computed on, from 1 to 240; 60 if left out.
   */
  panes?: number | null;
  /**
   * Labelled predictions below which no figure is told; 100 if left out.
   */
  quality_min_samples?: number | null;
  /**
   * Labelled predictions of each model version that quality is computed on; 1000 if left out.
   */
  quality_window?: number | null;
  remediation?: Policies;
}
/**
 * An alert rule as it is written down.
 */
export interface RuleDocument {
  /**
   * What is done about it, such as `rollback:experiment/variant`.
   */
  actions?: string[];
  /**
   * How long the condition must hold before the alert fires, in seconds.
   */
  for_seconds?: number;
  /**
   * How long the condition must have stopped before the alert is resolved, in seconds.
   */
  keep_firing_seconds?: number;
  /**
   * Its name, which tells it from the others.
   */
  name: string;
  /**
   * A second condition, without which a firing alert is not resolved: a level further away than that of
   * `when` keeps an alert from coming and going.
   */
  resolve_when?: string | null;
  severity?: Severity;
  /**
   * One sentence for whoever is called.
   */
  summary?: string;
  /**
   * The condition, see [`parse`].
   */
  when: string;
}
/**
 * An experiment.
 */
export interface ExperimentOptions {
  /**
   * The share of units that are in the experiment, in `[0, 1]`; 1 if left out.
   */
  coverage?: number | null;
  /**
   * Units that are left out, such as probes.
   */
  exclude_units?: string[];
  /**
   * Business metrics that no variant may harm.
   */
  guardrails?: BusinessGuardrail[];
  /**
   * How units are hashed, as GrowthBook's `hashVersion`: 1 or 2, which it is if left out.
   */
  hash_version?: number | null;
  /**
   * Its name, which also seeds the assignment.
   */
  name: string;
  /**
   * Experiments with ranges of one namespace that are apart share no unit.
   */
  namespace?: NamespaceOptions | null;
  /**
   * What the hash of a unit begins with, as GrowthBook's `seed`; the experiment's name if left out.
   */
  seed?: string | null;
  /**
   * Its variants, the control first; the weights sum to 1.
   */
  variants: VariantOptions[];
}
/**
 * A business metric that no variant may harm.
 *
 * Business metrics are told by model and version, so `versions` says which version serves each variant. All values
 * since the first are compared, however often: let versions that are compared begin together.
 */
export interface BusinessGuardrail {
  harm?: Harm;
  /**
   * Harm that is borne, in units of the metric, `≥ 0`; 0 if left out.
   */
  margin?: number;
  /**
   * The metric, as its events name it.
   */
  metric: string;
  /**
   * The model that it is told of.
   */
  model_name: string;
  /**
   * By variant, the version of the model. A variant without one is not compared.
   */
  versions: {
    [k: string]: string;
  };
}
/**
 * A range of a namespace, as GrowthBook hashes it.
 */
export interface NamespaceOptions {
  /**
   * Its name.
   */
  name: string;
  /**
   * Where the range begins and ends, from 0 to 1.
   *
   * @minItems 2
   * @maxItems 2
   */
  range: [number, number];
}
/**
 * A variant of an experiment.
 */
export interface VariantOptions {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its share of the units, in `[0, 1]`.
   */
  weight: number;
}
/**
 * How many false alarms are accepted.
 */
export interface FalseAlarmBudget {
  /**
   * Alarms, above 0.
   */
  count: number;
  /**
   * In this many days, above 0.
   */
  days: number;
}
/**
 * What is known of a feature set.
 */
export interface FeatureSetOptions {
  /**
   * Rows that the reference is learned from.
   */
  learn_samples?: number | null;
  /**
   * Age from which a value is stale, in seconds.
   */
  max_age_seconds?: number | null;
  /**
   * Its name; left out, this is for every set that has no entry of its own.
   */
  name?: string | null;
  /**
   * The reference: a profile that was made before.
   */
  reference?: Profile | null;
}
/**
 * A summary of a table that two of can be merged and compared.
 */
export interface Profile {
  /**
   * One entry a column, in order.
   */
  columns: ColumnProfile[];
  /**
   * Rows summarised.
   */
  rows: number;
  /**
   * Always [`SCHEMA`].
   */
  schema: string;
}
/**
 * A summary of one column.
 */
export interface ColumnProfile {
  counts: ColumnCounts;
  /**
   * Column name.
   */
  name: string;
  role?: ColumnRole;
  /**
   * Rows that say as much as one that is independent, where they depend on each other: of references that were
   * learned from traffic.
   */
  rows_per_independent?: number | null;
  sketches?: Sketches;
  summary: ColumnSummary;
}
/**
 * What a column keeps beside its bins, each in the bytes of Apache DataSketches as base64, so that other
 * systems can make it of a table too large for one machine. Each may be missing.
 */
export interface Sketches {
  /**
   * How many distinct values there are (`hll_sketch`).
   */
  distinct?: string | null;
  /**
   * Of a categorical column: the frequent categories (`frequent_strings_sketch`), with bounds on the
   * count of each that merging keeps true.
   */
  frequent?: string | null;
  /**
   * Of a numeric column: quantiles of its finite values (`kll_doubles_sketch`). With those of two
   * profiles, the methods that need values are at hand.
   */
  kll?: string | null;
}
/**
 * What is known of a model.
 */
export interface ModelOptions {
  /**
   * What is normal: names of metrics, such as `accuracy`, and their values, none of them 0.
   */
  baseline?: {
    [k: string]: number;
  };
  /**
   * Labelled predictions from before, which say what the model's confidences mean; left out, that is
   * learned from the first labels that come.
   */
  labelled_reference?: LabelledReference | null;
  /**
   * Rows of the traffic that the reference is learned from.
   */
  learn_samples?: number | null;
  /**
   * Largest batch that the model server makes, in rows.
   */
  max_batch_size?: number | null;
  /**
   * Requests that the model server works on at once, from 1.
   */
  max_concurrency?: number | null;
  /**
   * Its name; left out, this is for every model that has no entry of its own.
   */
  name?: string | null;
  /**
   * The reference: a profile that was made before.
   */
  reference?: Profile | null;
  /**
   * How much each feature mattered when the model was made, such as its mean absolute SHAP value, from 0; left
   * out, that is learned from the first explanations.
   */
  reference_importances?: {
    [k: string]: number;
  };
}
/**
 * Labelled predictions, a value each of three lists.
 */
export interface LabelledReference {
  /**
   * How sure it was, in `[0, 1]`.
   */
  confidences: number[];
  /**
   * What was true.
   */
  labels: Value[];
  /**
   * What the model said.
   */
  predictions: Value[];
}
/**
 * How decisions are made. As JSON every field may be left out, and unknown ones are refused.
 *
 * ```
 * use tidegate_core::remediation::Policies;
 *
 * let policies: Policies = serde_json::from_str(r#"{"circuit": {"open_seconds": 600}}"#)?;
 * assert_eq!(policies.circuit.probes, 20);
 * assert_eq!(policies.fault(), Some("max_open_seconds must not be less than open_seconds"));
 * # Ok::<(), serde_json::Error>(())
 * ```
 */
export interface Policies {
  circuit?: CircuitPolicy;
  /**
   * Decide and log, but change nothing.
   */
  dry_run?: boolean;
  retrain?: RetrainPolicy;
  rollback?: RollbackPolicy;
}
/**
 * How a circuit opens and closes.
 */
export interface CircuitPolicy {
  /**
   * The share of probes that may fail, in `[0, 1)`.
   */
  max_failure_share?: number;
  /**
   * It stays open no longer, in seconds.
   */
  max_open_seconds?: number;
  /**
   * How long it waits for the probes; if fewer came by then, those decide. With none, it waits on.
   */
  max_probe_seconds?: number;
  /**
   * How long it stays open before the first probe, in seconds; doubled at each time that the probes
   * fail.
   */
  open_seconds?: number;
  /**
   * The share of requests that are probes while it is half open, in `(0, 1]`.
   */
  probe_share?: number;
  /**
   * Probes after which it is decided.
   */
  probes?: number;
}
/**
 * How often a new model may be asked for.
 */
export interface RetrainPolicy {
  /**
   * Requests in a budget's time.
   */
  attempts?: number;
  /**
   * The budget's time, in seconds.
   */
  budget_seconds?: number;
  /**
   * How long after a request none is made, in seconds: a training run and its roll-out.
   */
  cool_down_seconds?: number;
}
/**
 * How a variant is rolled back, and how it comes back.
 */
export interface RollbackPolicy {
  /**
   * How often it may come back; after that it stays away.
   */
  attempts?: number;
  /**
   * How long each share is held, in seconds.
   */
  hold_seconds?: number;
  /**
   * The shares of its traffic that it gets back, one after the other, in `(0, 1)`, ascending.
   */
  ramp?: number[];
  /**
   * How long the alert must have been quiet before the variant comes back, in seconds; `None`: it
   * stays away until the config says otherwise.
   */
  ramp_after_seconds?: number | null;
}
/**
 * Everything that the observatory knows at one moment.
 */
export interface Snapshot {
  /**
   * Alerts, by rule: those that are pending or firing, were resolved, or lack data.
   */
  alerts: Alert[];
  /**
   * Series of alert rules that found no room: alerts of a rule beyond its bound at a tick, and values that a rule
   * would look back on.
   */
  alerts_turned_away?: number;
  /**
   * When it was taken, in seconds since 1970.
   */
  at_seconds: number;
  /**
   * What models are worth: business metrics, by model, version and name.
   */
  business?: BusinessMetricSnapshot[];
  /**
   * What was decided about them, oldest first.
   */
  decisions: Decision[];
  /**
   * What bounds turned away, by what it was: never silent.
   */
  dropped: DroppedCount[];
  /**
   * One entry an experiment, in the order of the config.
   */
  experiments: ExperimentSnapshot[];
  /**
   * Feature sets, by name.
   */
  feature_sets: FeatureSetSnapshot[];
  feedback: FeedbackCounts;
  /**
   * How much each feature matters, by model, as explanations tell.
   */
  importances: ModelImportanceSnapshot[];
  /**
   * What it takes to add this snapshot to those of other gateways, in base64; only where it was asked
   * for. It is read by the version of Tidegate that wrote it.
   */
  mergeable?: string | null;
  /**
   * One entry a model, by name.
   */
  models: ModelSnapshot[];
  /**
   * Always [`SCHEMA`].
   */
  schema: string;
  /**
   * Training runs, by job.
   */
  training: TrainingSnapshot[];
}
/**
 * One alert, as it is shown and sent.
 */
export interface Alert {
  /**
   * When it began to fire, if it did.
   */
  fired_at_seconds: number | null;
  /**
   * The series that it is about.
   */
  labels: {
    [k: string]: string;
  };
  /**
   * Name of the rule.
   */
  name: string;
  severity: Severity;
  /**
   * Since when it is in its state, in seconds since 1970.
   */
  since_seconds: number;
  state: AlertState;
  /**
   * One sentence for whoever is called.
   */
  summary: string;
  /**
   * The left side of the condition when it held last.
   */
  value: number | null;
  /**
   * The condition.
   */
  when: string;
}
/**
 * What one version of a model is worth by one measure.
 */
export interface BusinessMetricSnapshot {
  /**
   * Changes of the mean over the window; `None` while there are too few panes with values enough.
   */
  change: BusinessChange | null;
  /**
   * Values since the first.
   */
  count: number;
  /**
   * The window's mean held against its baseline, if it has one.
   */
  degradation: Degradation | null;
  /**
   * What was measured.
   */
  metric: string;
  /**
   * Model name.
   */
  model_name: string;
  /**
   * Model version.
   */
  model_version: string;
  /**
   * Their sum.
   */
  sum: number;
  window: BusinessWindow;
}
/**
 * When the mean of a business metric last changed.
 */
export interface BusinessChange {
  /**
   * The same from it on.
   */
  after: number | null;
  /**
   * When the last was seen: the start of a pane, in seconds since 1970.
   */
  at_seconds: number | null;
  /**
   * Mean before it, since the change before that one.
   */
  before: number | null;
  /**
   * Changes in the window.
   */
  changes: number;
}
/**
 * A figure held against its baseline.
 */
export interface Degradation {
  /**
   * What is normal.
   */
  baseline: number;
  /**
   * What it is now.
   */
  current: number;
  /**
   * By which share of the baseline it is worse; negative where it is better.
   */
  degradation: number;
  /**
   * The figure.
   */
  metric: string;
}
/**
 * Values of a business metric in the window.
 */
export interface BusinessWindow {
  /**
   * Values.
   */
  count: number;
  /**
   * Where the mean lies with a confidence of 95 %.
   *
   * @minItems 2
   * @maxItems 2
   */
  interval: [number, number] | null;
  /**
   * Their mean; `None` while values are missing.
   */
  mean: number | null;
  /**
   * Values that are missing before a mean is told; 0 when it is.
   */
  missing: number;
  /**
   * Their sum.
   */
  sum: number;
}
/**
 * Something that was decided, and why.
 */
export interface Decision {
  /**
   * What it is about, as a rule names it: `rollback:EXPERIMENT/VARIANT`.
   */
  action: string;
  /**
   * When, in seconds since 1970.
   */
  at_seconds: number;
  /**
   * Whether it was only logged.
   */
  dry_run: boolean;
  /**
   * The alert that led to it, if one did.
   */
  evidence: Evidence | null;
  /**
   * The state that it came from.
   */
  from: string;
  /**
   * One sentence on why.
   */
  reason: string;
  /**
   * The share of its traffic that the variant kept, or of its requests that the model was sent, before, in
   * `[0, 1]`; `None` of what has none.
   */
  share_from: number | null;
  /**
   * The share that it is now.
   */
  share_to: number | null;
  /**
   * The state that it is in now.
   */
  to: string;
}
/**
 * The alert behind a decision, as it was then.
 */
export interface Evidence {
  /**
   * Name of the rule.
   */
  alert: string;
  /**
   * When the alert began to fire, in seconds since 1970.
   */
  fired_at_seconds: number | null;
  /**
   * The series that it is about.
   */
  labels: {
    [k: string]: string;
  };
  /**
   * The left side of the condition.
   */
  value: number | null;
  /**
   * The condition.
   */
  when: string;
}
/**
 * What one bound turned away.
 */
export interface DroppedCount {
  /**
   * The bound, such as `model_names` or `classes`.
   */
  bound: string;
  /**
   * How often it was reached.
   */
  count: number;
}
/**
 * One experiment.
 */
export interface ExperimentSnapshot {
  /**
   * Units that were given two variants, and count for none.
   */
  mixed_units: number;
  /**
   * Its name.
   */
  name: string;
  /**
   * How likely chance alone splits the units like that, valid at every look; `None` with too few of
   * them, or if requests do not tell theirs.
   */
  sample_ratio_p_value: number | null;
  /**
   * Its variants, in the order of the config; the first is the control.
   */
  variants: VariantSnapshot[];
}
/**
 * One variant.
 */
export interface VariantSnapshot {
  /**
   * Share of them that were right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * Share of them, in `[0, 1]`.
   */
  conversion_rate: number | null;
  /**
   * Those that converted within the window after it.
   */
  conversions: number;
  /**
   * The variant against the control; `None` of the control itself.
   */
  effect: Effect | null;
  /**
   * Requests that did not succeed.
   */
  errors: number;
  /**
   * Labelled predictions of its requests.
   */
  labelled: number;
  /**
   * Changes in the level of the latency over the window; `None` while there are too few panes.
   */
  latency_change: LatencyChange | null;
  latency_seconds: Summary;
  /**
   * Its name.
   */
  name: string;
  /**
   * Requests.
   */
  requests: number;
  /**
   * Units that were first given it.
   */
  units: number;
  /**
   * Mean worth of a unit, where conversions tell values; one that did not convert is worth 0.
   */
  value_mean: number | null;
  /**
   * Its configured share of the units, in `[0, 1]`.
   */
  weight: number;
}
/**
 * A variant against the control. A figure is `None` where there are too few data for it.
 */
export interface Effect {
  /**
   * Whether the variant harms business metrics, those that the experiment names as guardrails.
   */
  business?: BusinessHarm[];
  /**
   * Whether more of the variant's requests fail; counted with one more that failed and one that did
   * not on either side, so that a variant of which all fail is told too.
   */
  errors: Guardrail | null;
  /**
   * Whether the variant's requests take longer.
   */
  latency: Guardrail | null;
  /**
   * Whether more of the variant's labelled predictions are wrong; counted as errors are.
   */
  quality: Guardrail | null;
  /**
   * Conversion rates at the end of an experiment of a length that was set before.
   */
  rate: Comparison | null;
  /**
   * The same, valid at every look.
   */
  rate_always_valid: AlwaysValid | null;
  /**
   * Chance that the variant converts better, and what choosing wrongly would cost.
   */
  rate_posterior: Posterior | null;
  /**
   * Mean value of a unit.
   */
  value: Comparison | null;
  /**
   * The same, valid at every look.
   */
  value_always_valid: AlwaysValid | null;
  /**
   * Mean value of a unit, without the part that was foreseeable from what it was worth before (CUPED); `None`
   * where that is not known of enough units.
   */
  value_cuped: Comparison | null;
  /**
   * The same, valid at every look.
   */
  value_cuped_always_valid: AlwaysValid | null;
  /**
   * Chance that the variant's mean value is larger.
   */
  value_posterior: Posterior | null;
  /**
   * How much of the squared error of the difference that took away, at most 1.
   */
  variance_reduction_ratio: number | null;
}
/**
 * What a guardrail on a business metric says of a variant.
 */
export interface BusinessHarm {
  /**
   * Whether the variant harms it; `None` while too few values were told.
   */
  guardrail: Guardrail | null;
  /**
   * The metric.
   */
  metric: string;
}
/**
 * The result of a [`guardrail`].
 */
export interface Guardrail {
  /**
   * The difference in the direction of harm, in units of the mean; negative where it did good.
   */
  harm: number;
  /**
   * Always-valid p-value against a harm of at most the margin, in `[0, 1]`.
   */
  harmed_p_value: number;
  /**
   * The harm is above this at all looks together with probability `1 − alpha`.
   */
  lower_bound: number;
  /**
   * Always-valid p-value against a harm of at least the margin, in `[0, 1]`.
   */
  safe_p_value: number;
  /**
   * The harm is below this at all looks together with probability `1 − alpha`.
   */
  upper_bound: number;
  verdict: GuardrailVerdict;
}
/**
 * When the latency last changed its level.
 */
export interface LatencyChange {
  /**
   * The same from it on.
   */
  after_seconds: number | null;
  /**
   * When the last was seen: the start of a pane, in seconds since 1970.
   */
  at_seconds: number | null;
  /**
   * Geometric mean of the latency before it, since the change before that one.
   */
  before_seconds: number | null;
  /**
   * Changes in the window.
   */
  changes: number;
}
/**
 * Count, sum and quantiles of a quantity.
 */
export interface Summary {
  /**
   * Observations.
   */
  count: number;
  /**
   * Median; `None` without observations.
   */
  p50: number | null;
  /**
   * 0.95 quantile.
   */
  p95: number | null;
  /**
   * 0.99 quantile.
   */
  p99: number | null;
  /**
   * 0.999 quantile.
   */
  p999: number | null;
  /**
   * Exact sum.
   */
  sum: number;
}
/**
 * One feature set.
 */
export interface FeatureSetSnapshot {
  /**
   * Share of them that it had, in `[0, 1]`.
   */
  cache_hit_rate: number | null;
  /**
   * Retrievals in the window that a cache was asked for.
   */
  cache_lookups: number;
  /**
   * Each feature of the window against the reference.
   */
  columns: ColumnSnapshot[];
  /**
   * Its name.
   */
  feature_set: string;
  /**
   * Ages of the values in the window, by feature name.
   */
  freshness: FreshnessSnapshot[];
  /**
   * Age from which a value is stale, in seconds.
   */
  max_age_seconds: number | null;
  reference: ReferenceStatus;
  /**
   * Time that retrievals took since the first, by source.
   */
  retrievals: RetrievalSnapshot[];
  /**
   * Rows in the window.
   */
  rows: number;
}
/**
 * One column of the window against the reference.
 */
export interface ColumnSnapshot {
  /**
   * What other tools would have printed, where it was asked for; no verdict uses it.
   */
  compatibility?: PeerReport[];
  current: ColumnCounts;
  distribution: Distribution;
  kind: ColumnKind;
  /**
   * Chi-square test of present against missing, if a value is missing in either table. It does
   * not decide the column's verdict, which is about the values that are present.
   */
  missing_test?: TestReport | null;
  /**
   * Column name.
   */
  name: string;
  /**
   * Why the column or a part of it could not be compared, or how it was read to be compared.
   */
  note?: string | null;
  /**
   * Share of its values that are missing, in `[0, 1]`; `None` without rows.
   */
  null_rate: number | null;
  /**
   * Share of its numbers outside of the reference's smallest and largest, in `[0, 1]`; `None` if they
   * are not known.
   */
  out_of_range_rate: number | null;
  /**
   * Share of its numbers more than 1.5 interquartile ranges beyond the reference's quartiles, in
   * `[0, 1]`; the quartiles are within the reference's bins.
   */
  outlier_rate: number | null;
  /**
   * PSI of each pane against the reference, oldest first; `None` where a pane has too few rows.
   */
  psi_series: (number | null)[];
  reference: ColumnCounts;
  role: ColumnRole;
  /**
   * Rows that say as much as one that is independent, where neighbouring rows of the reference are alike. Verdicts
   * count rows so where the rows are known to be in the order of time; where they are not, and are so all the same,
   * p-values are too small.
   */
  rows_per_independent?: number | null;
  /**
   * Shares of rows that no test of the values shows, each against what chance gives: in comparisons of
   * tables and of profiles. They do not decide the column's verdict.
   */
  signals?: SignalReport[];
  /**
   * The tests, the deciding one first.
   */
  tests: TestReport[];
  unseen: Unseen;
  verdict: Verdict;
}
/**
 * How old the values of one feature were, at the times of their rows.
 */
export interface FreshnessSnapshot {
  /**
   * Feature name.
   */
  feature_name: string;
  /**
   * Mean age, in seconds.
   */
  mean_seconds: number;
  /**
   * Age of the oldest, in seconds.
   */
  oldest_seconds: number;
  /**
   * Share of them that are stale, in `[0, 1]`; `None` without an objective.
   */
  stale_share: number | null;
  /**
   * Values whose age is known.
   */
  values: number;
}
/**
 * How long one source of a feature set takes.
 */
export interface RetrievalSnapshot {
  seconds: Summary;
  /**
   * What answered.
   */
  source: string;
}
/**
 * What became of all labels.
 */
export interface FeedbackCounts {
  /**
   * Labels that said something else than an earlier one.
   */
  contradicting: number;
  /**
   * Predictions that came back with their label and differ from what was recorded, or from each other.
   */
  contradicting_echoes: number;
  /**
   * Labels that said again what was known.
   */
  duplicate: number;
  /**
   * Labels that brought the truth about a prediction.
   */
  joined: number;
  /**
   * Labels that came when their prediction was too old.
   */
  late: number;
  tokens: TokenCounts;
  /**
   * Labels whose prediction never came: it was unknown, or too long ago.
   */
  unknown: number;
  /**
   * Labels whose prediction has not come yet.
   */
  waiting: number;
}
/**
 * What became of tokens: of those that responses carried, and of those that labels came with.
 */
export interface TokenCounts {
  /**
   * Labels whose token was right.
   */
  accepted: number;
  /**
   * Labels whose token was too old, or of a time to come.
   */
  expired: number;
  /**
   * Labels whose token nobody signed who has a secret.
   */
  forged: number;
  /**
   * Responses that carried one.
   */
  issued: number;
  /**
   * Labels without a token, or a token without a label, or neither.
   */
  malformed: number;
}
/**
 * How much each feature matters to a model.
 */
export interface ModelImportanceSnapshot {
  /**
   * The newest explanations, which the figures are of.
   */
  current_rows: number;
  /**
   * Explanations since the first.
   */
  explanations: number;
  /**
   * The most important first.
   */
  features: ImportanceSnapshot[];
  /**
   * Model name.
   */
  model_name: string;
  /**
   * Their order against the reference's; `None` with too few explanations.
   */
  order: ImportanceOrderSnapshot | null;
  reference: ReferenceStatus;
}
/**
 * How much one feature matters.
 */
export interface ImportanceSnapshot {
  /**
   * Feature name.
   */
  feature_name: string;
  /**
   * Mean magnitude of what it added to the newest predictions, in the unit of the model's margin.
   */
  importance: number;
  /**
   * Its place, 1 for the most important; features that tie share their mean place.
   */
  rank: number;
  /**
   * The same in the reference, and the change since; `None` with too few explanations.
   */
  reference: ImportanceReference | null;
}
/**
 * A feature's importance in the reference.
 */
export interface ImportanceReference {
  /**
   * Mean magnitude there.
   */
  importance: number;
  /**
   * p-value of the magnitudes' Kolmogorov-Smirnov test, adjusted over the features; `None` against
   * importances that were given, of which there are no rows. So it is for the order.
   */
  p_adjusted: number | null;
  /**
   * Place there.
   */
  rank: number;
  /**
   * Places that the feature has fallen since; negative where it rose.
   */
  rank_change: number;
}
/**
 * The order of the features against that of the reference, with p-values by permutation.
 */
export interface ImportanceOrderSnapshot {
  /**
   * Kendall's τ-b, in `[-1, 1]`.
   */
  kendall: number | null;
  /**
   * Its p-value.
   */
  kendall_p_value: number | null;
  /**
   * Normalised discounted cumulative gain, in `[0, 1]`.
   */
  ndcg: number | null;
  /**
   * Its p-value.
   */
  ndcg_p_value: number | null;
  verdict: Verdict;
}
/**
 * One model.
 */
export interface ModelSnapshot {
  /**
   * By the day of the prediction, oldest first.
   */
  cohorts: CohortSnapshot[];
  /**
   * Each column of the window against the reference: features, then `prediction` and
   * `confidence`.
   */
  columns: ColumnSnapshot[];
  /**
   * How long labels take: the share of them that came within each time.
   */
  label_lag: LagPoint[];
  /**
   * Changes in the level of the latency over the window; `None` while there are too few panes.
   */
  latency_change: LatencyChange | null;
  /**
   * Model name.
   */
  model_name: string;
  /**
   * Quality on the newest labelled predictions, by version.
   */
  quality: QualitySnapshot[];
  reference: ReferenceStatus;
  /**
   * One point a pane, oldest first.
   */
  series: SeriesPoint[];
  /**
   * How it is served, over the window; `None` before there is a span of time to speak of.
   */
  serving: ServingSnapshot | null;
  /**
   * Bodies that were not read, by side and reason.
   */
  unread: UnreadCount[];
  /**
   * Totals since the first request, by version.
   */
  versions: VersionSnapshot[];
  window: WindowSnapshot;
}
/**
 * The predictions of one day.
 */
export interface CohortSnapshot {
  /**
   * Share of the labelled that were right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * Start of the day, in seconds since 1970.
   */
  at_seconds: number;
  /**
   * Share of them, in `[0, 1]`.
   */
  completeness: number | null;
  /**
   * What is estimated of the day's labelled predictions, beside what their labels say; `None` without a
   * calibration, or of several model versions.
   */
  estimate_check: EstimateCheck | null;
  /**
   * The same figures of all of the day's predictions as they probably are, labelled or not; `None` without a
   * calibration.
   */
  estimated: EstimatedFigures | null;
  /**
   * Mean F1 over the classes, where there are two and one model version, and all have a confidence; in
   * `[0, 1]`.
   */
  f1: number | null;
  /**
   * Those whose truth is known.
   */
  labelled: number;
  /**
   * Mean size of the error, where all are numbers.
   */
  mean_absolute_error: number | null;
  /**
   * Predictions.
   */
  predictions: number;
  /**
   * Area under the ROC curve under the same conditions, in 200 steps of the confidence.
   */
  roc_auc: number | null;
}
/**
 * How good predictions probably are, whose truth is not known. Figures are those of [`super::Figures`]; those
 * but the accuracy are of models of two classes.
 */
export interface EstimatedFigures {
  /**
   * Share that is probably right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * Three sampling errors to either side, of as many predictions.
   *
   * @minItems 2
   * @maxItems 2
   */
  accuracy_interval: [number, number] | null;
  /**
   * Area under the precision-recall curve, in `[0, 1]`.
   */
  average_precision: number | null;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  f1: number | null;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  precision: number | null;
  /**
   * Predictions that they are of: those with a confidence.
   */
  predictions: number;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  recall: number | null;
  /**
   * Area under the ROC curve, in `[0, 1]`.
   */
  roc_auc: number | null;
}
/**
 * A point of the curve of label lags.
 */
export interface LagPoint {
  /**
   * Seconds after the prediction.
   */
  seconds: number;
  /**
   * Share of all labels that came within them, in `[0, 1]`.
   */
  share: number;
}
/**
 * Quality of one model version on its newest labelled predictions.
 */
export interface QualitySnapshot {
  /**
   * Where it is known from what confidences mean; `None` while too few predictions with a confidence have
   * a label.
   */
  calibration: CalibrationSnapshot | null;
  /**
   * Each figure that has a baseline, held against it.
   */
  degradation: Degradation[];
  /**
   * Changes in the stream of errors; `None` while labels are missing.
   */
  error_change: ErrorChange | null;
  /**
   * What is estimated of the newest labelled predictions, beside what their labels say; `None` without a
   * calibration, or with too few labels.
   */
  estimate_check: EstimateCheck | null;
  /**
   * How good the newest predictions probably are, whether they have labels or not; `None` without a
   * calibration, or with too few predictions.
   */
  estimated: EstimateSnapshot | null;
  /**
   * The figures; `None` while labels are missing.
   */
  figures: Figures | null;
  /**
   * Labelled predictions that are missing before a figure is told; 0 when figures are.
   */
  missing: number;
  /**
   * Model version.
   */
  version: string;
}
/**
 * What it is known from what a model's confidences mean.
 */
export interface CalibrationSnapshot {
  /**
   * When the first of them was made, in seconds since 1970, if that is known.
   */
  from_seconds: number | null;
  /**
   * Labelled predictions.
   */
  rows: number;
  source: CalibrationSource;
  /**
   * When the last was.
   */
  to_seconds: number | null;
}
/**
 * When the stream of a model's errors last changed.
 */
export interface ErrorChange {
  /**
   * When the last was seen: the time of a prediction, in seconds since 1970.
   */
  at_seconds: number | null;
  /**
   * Changes in the window.
   */
  changes: number;
}
/**
 * How good the newest predictions probably are.
 */
export interface EstimateSnapshot {
  /**
   * Share that is probably right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * Three sampling errors to either side, of as many predictions.
   *
   * @minItems 2
   * @maxItems 2
   */
  accuracy_interval: [number, number] | null;
  /**
   * Area under the precision-recall curve, in `[0, 1]`.
   */
  average_precision: number | null;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  f1: number | null;
  /**
   * Start of the first day of the predictions, in seconds since 1970; they are all since.
   */
  from_seconds: number;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  precision: number | null;
  /**
   * Predictions that they are of: those with a confidence.
   */
  predictions: number;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  recall: number | null;
  /**
   * Area under the ROC curve, in `[0, 1]`.
   */
  roc_auc: number | null;
}
/**
 * What is known of a model's quality on a window. A figure that the window leaves undefined is `None`.
 */
export interface Figures {
  /**
   * Share that was right, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * A Wilson interval of the accuracy, 95 per cent.
   *
   * @minItems 2
   * @maxItems 2
   */
  accuracy_interval: [number, number] | null;
  /**
   * Area under the precision-recall curve, in `[0, 1]`; of two classes with confidences.
   */
  average_precision: number | null;
  /**
   * In `[0, 1]`; of two classes with confidences.
   */
  brier: number | null;
  /**
   * Expected calibration error in ten bins of equal width, in `[0, 1]`: how far confidences are from how
   * often the model is right.
   */
  calibration_error: number | null;
  /**
   * By class, by name.
   */
  classes: ClassFigures[];
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  f1: number | null;
  /**
   * In nats; of two classes with confidences.
   */
  log_loss: number | null;
  /**
   * Mean absolute error, in the unit of the numbers.
   */
  mae: number | null;
  /**
   * Mean absolute error as a share of the truth.
   */
  mape: number | null;
  /**
   * Matthews's correlation, in `[-1, 1]`.
   */
  matthews_correlation: number | null;
  /**
   * Mean over the classes, in `[0, 1]`; a class that was never predicted counts as 0.
   */
  precision: number | null;
  /**
   * Share of the variance that is explained, at most 1.
   */
  r2: number | null;
  /**
   * Mean over the classes, in `[0, 1]`.
   */
  recall: number | null;
  /**
   * Root mean squared error, in the unit of the numbers.
   */
  rmse: number | null;
  /**
   * Area under the ROC curve, in `[0, 1]`; of two classes with confidences.
   */
  roc_auc: number | null;
  /**
   * Labelled predictions in the window.
   */
  rows: number;
}
/**
 * What is known of one class.
 */
export interface ClassFigures {
  /**
   * The class.
   */
  class: string;
  /**
   * Harmonic mean of the two.
   */
  f1: number | null;
  /**
   * Of those predicted to be of it, the share that was; `None` if none was predicted.
   */
  precision: number | null;
  /**
   * Of those that were of it, the share that was predicted; `None` if none was.
   */
  recall: number | null;
  /**
   * Rows of it.
   */
  support: number;
}
/**
 * One pane of a model's traffic.
 */
export interface SeriesPoint {
  /**
   * Start of the pane, in seconds since 1970.
   */
  at_seconds: number;
  /**
   * Requests that did not succeed.
   */
  errors: number;
  /**
   * Requests in flight on average.
   */
  in_flight: number;
  /**
   * Output tokens.
   */
  output_tokens: number;
  /**
   * Median total latency, in seconds.
   */
  p50_seconds: number | null;
  /**
   * 0.99 quantile of the total latency, in seconds.
   */
  p99_seconds: number | null;
  /**
   * Requests.
   */
  requests: number;
  /**
   * Length of the pane, in seconds.
   */
  seconds: number;
}
/**
 * How a model is served: rates and requests in flight over the window, or over the part of it since
 * counting began.
 */
export interface ServingSnapshot {
  /**
   * Share of the requests that did not succeed, in `[0, 1]`; `None` without requests.
   */
  error_rate: number | null;
  /**
   * Requests in flight on average: the time that all were, over the span (Little's law).
   */
  in_flight: number;
  /**
   * The same of the busiest pane.
   */
  in_flight_peak: number;
  /**
   * Their input tokens, a second.
   */
  input_tokens_per_second: number;
  latency_seconds: WindowQuantiles;
  /**
   * Their output tokens, a second.
   */
  output_tokens_per_second: number;
  /**
   * Requests that ended, a second.
   */
  requests_per_second: number;
  /**
   * Their rows, a second.
   */
  rows_per_second: number;
  /**
   * The mean over the requests that the model server works on at once, if the config says how many.
   */
  saturation: number | null;
  /**
   * The same of the busiest pane.
   */
  saturation_peak: number | null;
  /**
   * Length of the span, in seconds.
   */
  seconds: number;
}
/**
 * Quantiles over the window.
 */
export interface WindowQuantiles {
  /**
   * Median; `None` without observations.
   */
  p50: number | null;
  /**
   * 0.95 quantile.
   */
  p95: number | null;
  /**
   * 0.99 quantile.
   */
  p99: number | null;
  /**
   * 0.999 quantile.
   */
  p999: number | null;
}
/**
 * Bodies not read for one reason.
 */
export interface UnreadCount {
  /**
   * Bodies.
   */
  count: number;
  reason: UnreadReason;
  side: Side;
}
/**
 * Totals of one model version.
 */
export interface VersionSnapshot {
  batch_size: Summary;
  /**
   * Mean rows a request over the largest batch that the model server makes, if the config says
   * it.
   */
  batch_utilization: number | null;
  confidence: Summary;
  /**
   * Requests that did not succeed, by why; a kind not seen is not in the list.
   */
  errors: ErrorCount[];
  /**
   * What requests tell of the text that was generated; `None` where none does.
   */
  generation: GenerationSnapshot | null;
  /**
   * Latency by stage; a stage not seen is not in the list.
   */
  latency: LatencySnapshot[];
  /**
   * Predicted classes by falling count; empty for a regression.
   */
  predictions: ClassCount[];
  /**
   * Requests by status; a status not seen is not in the list.
   */
  requests: StatusCount[];
  /**
   * Model version.
   */
  version: string;
}
/**
 * Requests that failed for one reason.
 */
export interface ErrorCount {
  /**
   * Requests.
   */
  count: number;
  kind: ErrorKind;
}
/**
 * Text that one model version generated. A token of a cache is an input token too, and a token of
 * reasoning an output token.
 */
export interface GenerationSnapshot {
  /**
   * Input tokens that were written to a cache.
   */
  cache_creation_tokens: number;
  /**
   * Input tokens that were read from a cache.
   */
  cached_tokens: number;
  chunk_gap_seconds: Summary;
  first_chunk_seconds: Summary;
  input_tokens: Summary;
  output_tokens: Summary;
  /**
   * Output tokens of reasoning.
   */
  reasoning_tokens: number;
  tokens_per_second: Summary;
}
/**
 * Latency of one stage, in seconds.
 */
export interface LatencySnapshot {
  seconds: Summary;
  stage: Stage;
}
/**
 * Predictions of one class.
 */
export interface ClassCount {
  /**
   * The class.
   */
  class: string;
  /**
   * Predictions.
   */
  count: number;
}
/**
 * Requests that ended in one status.
 */
export interface StatusCount {
  /**
   * Requests.
   */
  count: number;
  status: Status;
}
/**
 * The window that drift is computed on.
 */
export interface WindowSnapshot {
  /**
   * Start of its oldest pane, in seconds since 1970.
   */
  from_seconds: number;
  /**
   * Rows in it.
   */
  rows: number;
  /**
   * End of its newest pane, in seconds since 1970.
   */
  to_seconds: number;
}
/**
 * One training run.
 */
export interface TrainingSnapshot {
  /**
   * Share of the time that the newest steps waited for data, in `[0, 1]`.
   */
  data_wait_share: number | null;
  /**
   * Epochs, oldest first.
   */
  epochs: EpochSnapshot[];
  /**
   * What is wrong with it; the worst first.
   */
  findings: Finding[];
  /**
   * The newest norm of the gradient.
   */
  grad_norm: number | null;
  /**
   * The run.
   */
  job_id: string;
  /**
   * The newest learning rate.
   */
  learning_rate: number | null;
  /**
   * Its loss; `None` if it was not told or is no finite number.
   */
  loss: number | null;
  /**
   * The newest step that was told.
   */
  step: number | null;
  /**
   * Samples a second, over the newest steps.
   */
  throughput_samples_per_second: number | null;
}
/**
 * One epoch of a training run.
 */
export interface EpochSnapshot {
  /**
   * Training accuracy, in `[0, 1]`.
   */
  accuracy: number | null;
  /**
   * How long it took, in seconds.
   */
  duration_seconds: number | null;
  /**
   * Its number.
   */
  epoch: number;
  /**
   * Mean training loss; `None` if it is no finite number.
   */
  loss: number | null;
  /**
   * Accuracy on the validation data, in `[0, 1]`.
   */
  validation_accuracy: number | null;
  /**
   * Loss on the validation data; `None` if it is no finite number.
   */
  validation_loss: number | null;
}
/**
 * Something that is wrong with a training run.
 */
export interface Finding {
  /**
   * The epoch that shows it, where one does.
   */
  epoch: number | null;
  /**
   * One sentence with both.
   */
  evidence: string;
  /**
   * The number that it is held against.
   */
  expected: number | null;
  kind: FindingKind;
  /**
   * The step that shows it, where one does.
   */
  step: number | null;
  /**
   * The number that it rests on.
   */
  value: number | null;
}
/**
 * What is answered to whoever sent events.
 */
export interface Taken {
  /**
   * The others, in order.
   */
  refused: Refused[];
  /**
   * Events that were taken.
   */
  taken: number;
}
/**
 * An event that was not taken.
 */
export interface Refused {
  /**
   * Its place in the body, from 0; blank lines do not count.
   */
  index: number;
  /**
   * Why, in a sentence.
   */
  reason: string;
}
