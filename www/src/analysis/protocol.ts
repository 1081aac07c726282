/** What the views that judge ask of their worker, and what it answers. */

import type {
  ColumnKind,
  ColumnProfile,
  DesignOptions,
  Estimation,
  EvaluateOptions,
  Evaluation,
  ExperimentAnalysisOptions,
  ExperimentDesign,
  ExperimentReport,
  LoggedRun,
  MultivariateReport,
  SegmentsReport,
  Verdict,
} from "tidegate";

import type { ChosenOptions } from "../compare/settings";

/** A file and the number that the page knows it by: a file that was read once is not read again. */
export interface NumberedFile {
  number: number;
  file: File;
}

/** The columns of a table. */
export interface TableColumns {
  rows: number;
  columns: { name: string; kind: ColumnKind }[];
}

/** SHAP values as the page shows them: how much each feature matters, and each value of the first rows. */
export interface ExplanationSummary {
  method: string;
  features: string[];
  rows: number;
  unknownCategories: number;
  outputs: { expected: number; importance: number[]; rows: number[][] }[];
}

/** How large an experiment must be, and what it would be if it were smaller or larger. */
export interface ExperimentPlan {
  design: ExperimentDesign;
  /** By units of both sides together, ascending: the chance to find the effect. */
  power: [units: number, power: number][];
  /** By units of both sides together: the smallest effect that is found with the wanted chance; where there is one. */
  smallest: [units: number, effect: number][];
}

/** A stretch of a table against the reference, and of each column the verdict, the deciding effect and how alike its neighbours are. */
export interface ChunkSummary {
  rows: number;
  /** When it begins, in seconds since 1970; `null` where the table has no times. */
  from_seconds: number | null;
  cells: {
    [column: string]: { verdict: Verdict; effect: number | null; rows_per_independent: number | null };
  };
}

/** Each question and its answer. */
export interface Answers {
  columns: TableColumns;
  evaluate: Evaluation;
  estimate: Estimation;
  experiment: ExperimentReport;
  plan: ExperimentPlan;
  training: LoggedRun;
  explain: ExplanationSummary;
  rows: MultivariateReport[];
  chunks: ChunkSummary[];
  segments: SegmentsReport;
  /** Of the reference and of the current table; `null` where it has no such column. */
  profiles: [ColumnProfile | null, ColumnProfile | null];
}

/** A question about files, each by a name of its own. */
export type Question =
  | { about: "columns"; files: { table: NumberedFile } }
  | { about: "evaluate"; files: { table: NumberedFile }; options: EvaluateOptions }
  | { about: "estimate"; files: { reference: NumberedFile; current: NumberedFile }; options: EvaluateOptions }
  | {
      about: "experiment";
      files: { table: NumberedFile };
      options: Omit<ExperimentAnalysisOptions, "variants">;
    }
  | { about: "plan"; files: Record<string, never>; options: DesignOptions }
  | { about: "training"; files: { [name: string]: NumberedFile } }
  | { about: "explain"; files: { model: NumberedFile; table: NumberedFile } }
  | { about: "rows"; files: { reference: NumberedFile; current: NumberedFile }; options: ChosenOptions }
  | { about: "profiles"; files: { reference: NumberedFile; current: NumberedFile }; column: string }
  | {
      about: "segments";
      files: { reference: NumberedFile; current: NumberedFile };
      /** The column that both are cut by. */
      by: string;
      options: ChosenOptions;
    }
  | {
      about: "chunks";
      files: { reference: NumberedFile; current: NumberedFile };
      /** How many stretches of as many rows. */
      parts: number;
      /** The column of times; without one, rows are in their order. */
      time: string | null;
      options: ChosenOptions;
    };

export type Reply = { id: number } & ({ answer: unknown } | { error: string });
