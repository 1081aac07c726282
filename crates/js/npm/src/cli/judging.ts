// The commands that judge a model or an experiment by columns of a file, parsed and checked.

import type { Kinds } from "../column.js";
import { TidegateError } from "../error.js";
import type { ChunkOptions, EvaluateOptions, ExperimentAnalysisOptions, Task } from "../wire.js";

export interface EvaluateCommand {
  name: "evaluate";
  file: string;
  columns: EvaluateOptions;
  kinds: Kinds;
  json: string | undefined;
  /** Figures with the least or the most that each may be. */
  bounds: readonly Bound[];
}

export interface EstimateCommand {
  name: "estimate";
  reference: string;
  current: string;
  columns: EvaluateOptions;
  chunks: ChunkOptions | undefined;
  kinds: Kinds;
  json: string | undefined;
  failOnDrift: boolean;
}

export interface ExperimentCommand {
  name: "experiment";
  file: string;
  columns: Omit<ExperimentAnalysisOptions, "variants">;
  kinds: Kinds;
  json: string | undefined;
  failOnMismatch: boolean;
}

/** A figure by its name, such as `accuracy`, and a bound of it. */
export interface Bound {
  figure: string;
  side: "below" | "above";
  bound: number;
}

/** What the command line holds, as `parseArgs` gives it. */
export interface JudgingValues {
  label?: string | undefined;
  prediction?: string | undefined;
  score?: string | undefined;
  scores?: string[] | undefined;
  positive?: string | undefined;
  task?: string | undefined;
  "leave-out-missing"?: boolean | undefined;
  "fail-below"?: string[] | undefined;
  "fail-above"?: string[] | undefined;
  variant?: string | undefined;
  outcome?: string | undefined;
  covariate?: string | undefined;
  control?: string | undefined;
  weight?: string[] | undefined;
  "fail-on-mismatch"?: boolean | undefined;
}

/** The options of these commands, for `parseArgs`. */
export const JUDGING_OPTIONS = {
  label: { type: "string" },
  prediction: { type: "string" },
  score: { type: "string" },
  scores: { type: "string", multiple: true },
  positive: { type: "string" },
  task: { type: "string" },
  "leave-out-missing": { type: "boolean" },
  "fail-below": { type: "string", multiple: true },
  "fail-above": { type: "string", multiple: true },
  variant: { type: "string" },
  outcome: { type: "string" },
  covariate: { type: "string" },
  control: { type: "string" },
  weight: { type: "string", multiple: true },
  "fail-on-mismatch": { type: "boolean" },
} as const;

export const JUDGING_HELP = `
  tidegate evaluate FILE --label COLUMN --prediction COLUMN      how good a model's predictions were
    --score COLUMN          of two classes, the score of the positive one
    --scores CLASS=COLUMN   the probability of a class; once for each class
    --positive CLASS        the positive class of two; the second in their order by default
    --task TASK             "classification" or "regression", where the values should not tell
    --segment-by COLUMN     hold each category of it, or each quarter of its numbers, against the other rows
    --leave-out-missing     leave out rows without a value, and count them
    --fail-below FIGURE=N   exit with 1 if a figure, such as accuracy, is below; may be repeated
    --fail-above FIGURE=N   exit with 1 if a figure, such as log_loss, is above; may be repeated
    --json FILE, --kind COLUMN=KIND         as above

  tidegate estimate REFERENCE CURRENT    how good predictions without labels probably are
    --label, --prediction, --score, --scores, --positive, --leave-out-missing      as above
    --chunk-rows N, --chunk-period 1d, --time COLUMN      cut both in chunks, and show the figures over time
    --fail-on-drift         exit with 1 if a figure left what the reference's labels say of it
    --json FILE, --kind COLUMN=KIND         as above

  tidegate experiment FILE --variant COLUMN --outcome COLUMN     what an experiment says; a row a unit
    --covariate COLUMN      a number from before the experiment that goes with the outcome (CUPED)
    --control NAME          the variant that the others are compared with; the first by default
    --weight NAME=SHARE     the planned share of a variant; once for each
    --alpha NUMBER          the level of intervals, 0.05 by default
    --fail-on-mismatch      exit with 1 if units were not split as planned
    --leave-out-missing, --json FILE, --kind COLUMN=KIND    as above
`;

type Usage = (message: string) => TidegateError;

/** Which columns hold the truth, the predictions and their scores. */
export function evaluateColumns(command: string, values: JudgingValues, usage: Usage): EvaluateOptions {
  const { label, prediction, score, scores = [], positive, task } = values;
  if (label === undefined || prediction === undefined) {
    throw usage(`${command} needs --label and --prediction, the columns of what was true and what was predicted`);
  }
  if (task !== undefined && task !== "classification" && task !== "regression") {
    throw usage(`--task takes classification or regression, and got "${task}"`);
  }
  return {
    label,
    prediction,
    ...(score !== undefined && { score }),
    ...(scores.length > 0 && { scores: Object.fromEntries(scores.map((pair) => split("scores", "CLASS=COLUMN", pair, usage))) }),
    ...(positive !== undefined && { positive }),
    ...(task !== undefined && { task: task as Task }),
    ...missing(values),
  };
}

/** Which columns hold the variants and the outcomes, and what was planned. */
export function experimentColumns(values: JudgingValues, usage: Usage): Omit<ExperimentAnalysisOptions, "variants"> {
  const { variant, outcome, covariate, control, weight = [] } = values;
  if (variant === undefined || outcome === undefined) {
    throw usage("experiment needs --variant and --outcome, the columns of each unit's variant and outcome");
  }
  const weights = weight.map((pair) => {
    const [name, share] = split("weight", "NAME=SHARE", pair, usage);
    return [name, numberOf("weight", share, usage)] as const;
  });
  return {
    variant,
    outcome,
    ...(covariate !== undefined && { covariate }),
    ...(control !== undefined && { control }),
    ...(weights.length > 0 && { weights: Object.fromEntries(weights) }),
    ...missing(values),
  };
}

/** What the figures may be. */
export function boundsOf(values: JudgingValues, usage: Usage): Bound[] {
  const of = (side: Bound["side"]) =>
    (values[`fail-${side}`] ?? []).map((pair) => {
      const [figure, bound] = split(`fail-${side}`, "FIGURE=NUMBER", pair, usage);
      return { figure, side, bound: numberOf(`fail-${side}`, bound, usage) };
    });
  return [...of("below"), ...of("above")];
}

const missing = (values: JudgingValues) =>
  values["leave-out-missing"] ? ({ missing: "leave_out" } as const) : {};

function split(option: string, form: string, pair: string, usage: Usage): [string, string] {
  const at = pair.indexOf("=");
  if (at < 1 || at === pair.length - 1) throw usage(`--${option} takes ${form}, and got "${pair}"`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function numberOf(option: string, text: string, usage: Usage): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw usage(`--${option} takes a number, and got "${text}"`);
  return number;
}
