// The command line, parsed and checked.

import { parseArgs } from "node:util";
import { TidegateError } from "../error.js";
import type { Kinds } from "../column.js";
import type { ColumnKind, Method } from "../wire.js";
import { chunking, COMPARING_HELP, COMPARING_OPTIONS, type Comparing, comparing } from "./comparing.js";
import {
  boundsOf,
  evaluateColumns,
  type EstimateCommand,
  type EvaluateCommand,
  experimentColumns,
  type ExperimentCommand,
  JUDGING_HELP,
  JUDGING_OPTIONS,
} from "./judging.js";

export type Command =
  | { name: "help" }
  | { name: "version" }
  | CompareCommand
  | ProfileCommand
  | MergeCommand
  | ExplainCommand
  | TrainingCommand
  | EvaluateCommand
  | EstimateCommand
  | ExperimentCommand
  | ObserveCommand;

export interface CompareCommand {
  name: "compare";
  reference: string;
  current: string;
  json: string | undefined;
  failOnDrift: boolean;
  methods: readonly Method[] | "all" | undefined;
  kinds: Kinds;
  alpha: number | undefined;
  comparing: Comparing;
}

export interface ProfileCommand {
  name: "profile";
  file: string;
  kinds: Kinds;
  /** A profile on whose bins the file is counted. */
  reference: string | undefined;
  /** The columns that are a reference of what a model says. */
  columns: { prediction?: string; confidence?: string };
  output: string | undefined;
}

export interface MergeCommand {
  name: "merge";
  files: readonly string[];
  output: string;
}

export interface ExplainCommand {
  name: "explain";
  model: string;
  file: string;
  background: string | undefined;
  json: string | undefined;
  kinds: Kinds;
}

export interface TrainingCommand {
  name: "training";
  paths: readonly string[];
  json: string | undefined;
  failOnFinding: boolean;
}

export interface ObserveCommand {
  name: "observe";
  paths: readonly string[];
  options: string | undefined;
  metrics: string | undefined;
  json: string | undefined;
}

export const HELP = `Find what drifted between two tables, and whether a model still works.

  tidegate compare REFERENCE CURRENT    compare two tables, column by column
    --json FILE             write the report as JSON; with -, to standard output instead of the table
    --fail-on-drift         exit with 1 if a column drifted
    --methods A,B           use these methods, or "all", in place of the default choice
    --kind COLUMN=KIND      read a column as "numeric" or "categorical"; may be repeated
    --alpha NUMBER          adjusted p-value below which a difference counts, 0.05 by default
${COMPARING_HELP}

  tidegate profile FILE                 summarise one table
    -o, --output FILE       write the profile as JSON; with -, to standard output
    --reference PROFILE     count on the bins of another profile, to be merged with it or compared
    --kind COLUMN=KIND      as above
    --prediction COLUMN, --confidence COLUMN    what a model said and how sure it was, for a model's reference

  tidegate merge FILE...                profiles of parts of a table as one; mergeable snapshots of gateways as one
    -o, --output FILE       write it to a file; standard output if left out

  tidegate explain MODEL FILE           what moved a model's predictions for a file's rows: SHAP values
    --background FILE       rows that unknown features are taken from, in place of the trees' own counts
    --json FILE             write all values as JSON; with -, to standard output instead of the table
    --kind COLUMN=KIND      as above

  tidegate training FILE...             what is wrong with a training run, from its log
    --json FILE             write what is known of the run as JSON; with -, to standard output
    --fail-on-finding       exit with 1 if something is wrong
${JUDGING_HELP}
  tidegate observe LOG...               what a gateway's access log says of its models, from Tidegate's records in it
    --metrics FILE          write them as metrics of Prometheus; with -, to standard output instead of the table
    --json FILE             write all of it as JSON, as v1/snapshot; with -, to standard output
    --options FILE          options of the observatory, as JSON: references, experiments, alerts
  tidegate --help | --version

FILE may be - for standard input. A table is CSV, Parquet, or JSON records, and may be compressed with gzip. A log is
a TensorBoard event file or a folder of them, trainer_state.json, a CSV of losses, or JSON lines. MODEL is XGBoost's JSON or
UBJSON, or LightGBM's text. NO_COLOR=1 turns colours off.

Exit codes
  0  done
  1  drift with --fail-on-drift, or what another --fail-... asks for
  2  bad input, or nothing that could be compared; one line on standard error says what

Examples
  tidegate compare january.csv july.parquet
  tidegate compare january.csv july.csv --kind zip=categorical --json report.json --fail-on-drift
  tidegate compare january.csv july.csv --json - | jq -r '.columns[] | select(.verdict == "drift").name'
  tidegate explain model.json july.csv --background january.csv
  tidegate training runs/digits --fail-on-finding
  tidegate evaluate labelled.csv --label churned --prediction predicted --score p_churn --fail-below roc_auc=0.8
  tidegate estimate january.csv july.csv --label churned --prediction predicted --score p_churn
  tidegate experiment units.csv --variant arm --outcome revenue --covariate revenue_before
  tidegate profile july.csv.gz -o july.json
`;

/** What the arguments ask for. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };

  const [command, ...files] = positionals;
  switch (command) {
    case "compare": {
      const [reference, current, ...more] = files;
      if (reference === undefined || current === undefined || more.length > 0) {
        throw usage(`compare takes two files, a reference and a current one, and got ${files.length}`);
      }
      if (reference === "-" && current === "-") {
        throw usage("standard input can be only one of the two files");
      }
      refuse(command, {
        output: values.output,
        background: values.background,
        "fail-on-finding": values["fail-on-finding"],
        metrics: values.metrics,
        options: values.options,
        confidence: values.confidence,
        reference: values.reference,
        ...judging(values),
      });
      return {
        name: "compare",
        reference,
        current,
        json: values.json,
        failOnDrift: values["fail-on-drift"] ?? false,
        methods: values.methods === undefined ? undefined : parseMethods(values.methods),
        kinds: parseKinds(values.kind ?? []),
        alpha: values.alpha === undefined ? undefined : parseAlpha(values.alpha),
        comparing: comparing(values),
      };
    }
    case "profile": {
      const [file, ...more] = files;
      if (file === undefined || more.length > 0) {
        throw usage(`profile takes one file, and got ${files.length}`);
      }
      const { output, kind, reference, prediction, confidence, ...rest } = values;
      const { help: _help, version: _version, ...others } = rest;
      refuse(command, others);
      const columns = { ...(prediction !== undefined && { prediction }), ...(confidence !== undefined && { confidence }) };
      return { name: "profile", file, kinds: parseKinds(kind ?? []), reference, columns, output };
    }
    case "merge": {
      if (files.length === 0) throw usage("merge takes profiles or snapshots, and got none");
      const { output = "-", help: _help, version: _version, ...others } = values;
      refuse(command, others);
      return { name: "merge", files, output };
    }
    case "explain": {
      const [model, file, ...more] = files;
      if (model === undefined || file === undefined || more.length > 0) {
        throw usage(`explain takes a model and a file, and got ${files.length}`);
      }
      const { json, background, kind, help: _help, version: _version, ...others } = values;
      if (file === "-" && background === "-") {
        throw usage("standard input can be only one of the two files");
      }
      refuse(command, others);
      return { name: "explain", model, file, background, json, kinds: parseKinds(kind ?? []) };
    }
    case "training": {
      const { json, "fail-on-finding": failOnFinding = false, help: _help, version: _version, ...others } = values;
      if (files.length === 0) throw usage("training takes the files of a log, and got none");
      refuse(command, others);
      return { name: "training", paths: files, json, failOnFinding };
    }
    case "evaluate": {
      const [file, ...more] = files;
      if (file === undefined || more.length > 0) throw usage(`evaluate takes one file, and got ${files.length}`);
      const { variant, outcome, covariate, control, weight, "fail-on-mismatch": mismatch } = values;
      refuse(command, { variant, outcome, covariate, control, weight, "fail-on-mismatch": mismatch });
      const { "segment-by": _segmentBy, ...foreign } = foreignTo(values);
      refuse(command, foreign);
      const segmentBy = values["segment-by"];
      return {
        name: "evaluate",
        file,
        columns: {
          ...evaluateColumns(command, values, usage),
          ...alphaOf(values.alpha),
          ...(segmentBy !== undefined && { segment_by: segmentBy }),
        },
        kinds: parseKinds(values.kind ?? []),
        json: values.json,
        bounds: boundsOf(values, usage),
      };
    }
    case "estimate": {
      const [reference, current, ...more] = files;
      if (reference === undefined || current === undefined || more.length > 0) {
        throw usage(`estimate takes two files, a reference with labels and a current one, and got ${files.length}`);
      }
      if (reference === "-" && current === "-") throw usage("standard input can be only one of the two files");
      if (values.score === undefined && values.scores === undefined) {
        throw usage("estimate needs --score, or --scores for each class");
      }
      const { label: _1, prediction: _2, score: _3, scores: _4, positive: _5, ...others } = judging(values);
      const { "leave-out-missing": _6, ...foreign } = others;
      refuse(command, foreign);
      const { "fail-on-drift": failOnDrift = false, ...cut } = foreignTo(values);
      const { "chunk-rows": _7, "chunk-period": _8, time: _9, ...rest } = cut;
      refuse(command, { ...rest, alpha: values.alpha });
      return {
        name: "estimate",
        reference,
        current,
        columns: evaluateColumns(command, values, usage),
        chunks: chunking(values),
        kinds: parseKinds(values.kind ?? []),
        json: values.json,
        failOnDrift: failOnDrift === true,
      };
    }
    case "experiment": {
      const [file, ...more] = files;
      if (file === undefined || more.length > 0) throw usage(`experiment takes one file, and got ${files.length}`);
      const { label, prediction, score, scores, positive, task } = values;
      const bounds = { "fail-below": values["fail-below"], "fail-above": values["fail-above"] };
      refuse(command, { label, prediction, score, scores, positive, task, ...bounds });
      refuse(command, foreignTo(values));
      return {
        name: "experiment",
        file,
        columns: { ...experimentColumns(values, usage), ...alphaOf(values.alpha) },
        kinds: parseKinds(values.kind ?? []),
        json: values.json,
        failOnMismatch: values["fail-on-mismatch"] ?? false,
      };
    }
    case "observe": {
      if (files.length === 0) throw usage("observe takes the access logs of a gateway, and got none");
      const { json, metrics, options, help: _help, version: _version, ...others } = values;
      if (json === "-" && metrics === "-") throw usage("standard output can be only one of --json and --metrics");
      refuse(command, others);
      return { name: "observe", paths: files, options, metrics, json };
    }
    case undefined:
      return { name: "help" };
    default:
      throw usage(`"${command}" is not a command; there are compare, profile, merge, explain, training, evaluate, estimate, experiment and observe`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: "string" },
        "fail-on-drift": { type: "boolean" },
        methods: { type: "string" },
        kind: { type: "string", multiple: true },
        alpha: { type: "string" },
        output: { type: "string", short: "o" },
        background: { type: "string" },
        "fail-on-finding": { type: "boolean" },
        metrics: { type: "string" },
        options: { type: "string" },
        confidence: { type: "string" },
        reference: { type: "string" },
        ...JUDGING_OPTIONS,
        ...COMPARING_OPTIONS,
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(/\. |\n/, 1);
    throw usage(sentence.replace(/\.$/, ""));
  }
}

/** Those of the values that the commands which judge take. */
function judging(values: ReturnType<typeof parse>["values"]): Record<string, unknown> {
  const names = Object.keys(JUDGING_OPTIONS) as (keyof typeof JUDGING_OPTIONS)[];
  return Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name]]] : [])));
}

/** Those of the values that the commands which judge do not take. */
function foreignTo(values: ReturnType<typeof parse>["values"]): Record<string, unknown> {
  const { json: _json, kind: _kind, alpha: _alpha, help: _help, version: _version, ...others } = values;
  return Object.fromEntries(Object.entries(others).filter(([name]) => !(name in JUDGING_OPTIONS)));
}

const alphaOf = (text: string | undefined) => (text === undefined ? {} : { alpha: parseAlpha(text) });

function refuse(command: string, options: Record<string, unknown>): void {
  for (const [option, value] of Object.entries(options)) {
    if (value !== undefined) throw usage(`${command} does not take --${option}`);
  }
}

// The core knows which methods there are, and says so.
function parseMethods(list: string): readonly Method[] | "all" {
  const names = list.split(",").map((name) => name.trim());
  if (names.includes("")) throw usage(`--methods takes names with commas between them, and got "${list}"`);
  return list === "all" ? "all" : (names as Method[]);
}

function parseKinds(pairs: readonly string[]): Kinds {
  return Object.fromEntries(
    pairs.map((pair): [string, ColumnKind] => {
      const at = pair.lastIndexOf("=");
      const kind = pair.slice(at + 1);
      if (at < 1 || (kind !== "numeric" && kind !== "categorical")) {
        throw usage(`--kind takes COLUMN=numeric or COLUMN=categorical, and got "${pair}"`);
      }
      return [pair.slice(0, at), kind];
    }),
  );
}

function parseAlpha(text: string): number {
  const alpha = Number(text);
  if (text.trim() === "" || !(alpha > 0 && alpha < 1)) {
    throw usage(`--alpha takes a number between 0 and 1, and got "${text}"`);
  }
  return alpha;
}

function usage(message: string): TidegateError {
  return new TidegateError("Usage", `${message}; see tidegate --help`);
}
