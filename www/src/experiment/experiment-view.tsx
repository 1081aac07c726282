import type { ExperimentAnalysisOptions } from "tidegate";
import { useEffect, useState } from "preact/hooks";

import { AnalysisFrame } from "../analysis/analysis-frame";
import { ColumnPicker, guess } from "../analysis/column-picker";
import type { TableColumns } from "../analysis/protocol";
import { TableField } from "../analysis/table-field";
import { numbered, useAnswer } from "../analysis/use-answer";
import { ExperimentReportView } from "./experiment-report";
import { PlanSection } from "./plan-section";

interface Columns {
  variant: string | null;
  outcome: string | null;
  covariate: string | null;
}

const NONE: Columns = { variant: null, outcome: null, covariate: null };

/** A table with a row a unit in, what the experiment says out. */
export function ExperimentView({ active }: { active: boolean }) {
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<Columns>(NONE);
  const shape = useAnswer<"columns">(file && { about: "columns", files: { table: numbered(file) } });
  const table = shape.answer;
  useEffect(() => setColumns(table === null ? NONE : guessed(table)), [table]);

  const options = file && table && optionsOf(columns);
  const experiment = useAnswer<"experiment">(
    options && file && { about: "experiment", files: { table: numbered(file) }, options },
  );
  const pick = (name: "variant" | "outcome" | "covariate") => (value: string | null) =>
    setColumns({ ...columns, [name]: value });
  return (
    <AnalysisFrame
      active={active}
      title="Which variant wins?"
      text="Give a table with a row for each user or other unit: its variant, its outcome (a number, or 0 and 1), and perhaps the same number from before the experiment, which takes noise off."
      fields={<TableField title="Units" hint="a row each" file={file} onFile={setFile} columns={shape} />}
      example={
        file === null
          ? {
              names: ["experiment-units.csv"],
              text: "Made-up revenue of 2,401 users before and during an experiment.",
            }
          : null
      }
      onFiles={([first]) => setFile(first ?? null)}
      asked={[experiment]}
      pickers={
        table && (
          <>
            <ColumnPicker
              label="Variant"
              columns={table.columns}
              value={columns.variant}
              onChange={pick("variant")}
            />
            <ColumnPicker
              label="Outcome"
              columns={table.columns}
              value={columns.outcome}
              onChange={pick("outcome")}
            />
            <ColumnPicker
              label="Before the experiment"
              columns={table.columns.filter(({ kind }) => kind === "numeric")}
              value={columns.covariate}
              onChange={pick("covariate")}
              none="unknown"
            />
          </>
        )
      }
    >
      {experiment.answer && <ExperimentReportView report={experiment.answer} />}
      <PlanSection active={active} />
    </AnalysisFrame>
  );
}

function guessed(table: TableColumns): Columns {
  const variant = guess(table, /variant|arm|group|bucket|treatment/i);
  const outcome = guess(table, /outcome|convert|bought|click|revenue|value|spent/i, [variant]);
  const covariate = guess(table, /before|pre_|covariate|prior/i, [variant, outcome], "numeric");
  return { ...NONE, variant, outcome, covariate };
}

function optionsOf({
  variant,
  outcome,
  covariate,
}: Columns): Omit<ExperimentAnalysisOptions, "variants"> | null {
  if (variant === null || outcome === null) return null;
  return { variant, outcome, missing: "leave_out", ...(covariate !== null && { covariate }) };
}
