import type { EvaluateOptions } from "tidegate";
import { useEffect, useState } from "preact/hooks";

import { AnalysisFrame } from "../analysis/analysis-frame";
import { ColumnPicker, guess } from "../analysis/column-picker";
import type { TableColumns } from "../analysis/protocol";
import { TableField } from "../analysis/table-field";
import { numbered, useAnswer } from "../analysis/use-answer";
import { EstimationPanel } from "./estimation-panel";
import { EvaluationReport } from "./evaluation-report";
import { scoresOf } from "./scores";

interface Columns {
  label: string | null;
  prediction: string | null;
  score: string | null;
  segment: string | null;
}

const NONE: Columns = { label: null, prediction: null, score: null, segment: null };

/** A table of labelled predictions in, how good the model is out; with a second one, how good it probably is there. */
export function QualityView({ active }: { active: boolean }) {
  const [file, setFile] = useState<File | null>(null);
  const [later, setLater] = useState<File | null>(null);
  const [columns, setColumns] = useState<Columns>(NONE);
  const shape = useAnswer<"columns">(file && { about: "columns", files: { table: numbered(file) } });
  const table = shape.answer;
  useEffect(() => setColumns(table === null ? NONE : guessed(table)), [table]);

  // The classes are known once the predictions are counted; what scores there are hangs on them.
  const asked = file && table && optionsOf(columns);
  const counted = useAnswer<"evaluate">(
    asked && file && { about: "evaluate", files: { table: numbered(file) }, options: asked },
  );
  const classes = counted.answer?.classification?.classes.map((one) => one.class) ?? [];
  const scores =
    asked && table && scoresOf(table, classes, columns.score, [columns.label, columns.prediction]);
  const options = asked && scores && { ...asked, ...scores };
  const scored = useAnswer<"evaluate">(
    options && file && { about: "evaluate", files: { table: numbered(file) }, options },
  );
  const estimation = useAnswer<"estimate">(
    options && file && later
      ? {
          about: "estimate",
          files: { reference: numbered(file), current: numbered(later) },
          options: { ...options, segment_by: null },
        }
      : null,
  );
  const evaluation = scored.answer ?? counted.answer;
  const pick = (name: keyof Columns) => (value: string | null) => setColumns({ ...columns, [name]: value });
  const take = ([labelled, newer]: readonly File[]) => {
    setFile(labelled ?? null);
    if (newer !== undefined) setLater(newer);
  };
  return (
    <AnalysisFrame
      active={active}
      title="Does the model still work?"
      text="Give predictions whose truth is known: a column of what was true, one of what was predicted, and perhaps the score of the positive class. A second table without labels gets an estimate."
      fields={
        <>
          <TableField
            title="Labelled predictions"
            hint="with the truth"
            file={file}
            onFile={setFile}
            columns={shape}
          />
          <TableField
            title="Newer predictions"
            hint="without labels, if you like"
            file={later}
            onFile={setLater}
          />
        </>
      }
      example={
        file === null
          ? {
              names: ["loans-labelled.csv", "loans-newer.csv"],
              text: "Whether 2,500 car loans were repaid, and 1,000 newer ones.",
            }
          : null
      }
      onFiles={take}
      asked={[counted, scored, estimation]}
      pickers={
        table && (
          <>
            <ColumnPicker
              label="What was true"
              columns={table.columns}
              value={columns.label}
              onChange={pick("label")}
            />
            <ColumnPicker
              label="What was predicted"
              columns={table.columns}
              value={columns.prediction}
              onChange={pick("prediction")}
            />
            {classes.length <= 2 && (
              <ColumnPicker
                label="Score of the positive class"
                columns={table.columns.filter(({ kind }) => kind === "numeric")}
                value={columns.score}
                onChange={pick("score")}
                none="none"
              />
            )}
            <ColumnPicker
              label="Segments by"
              columns={table.columns}
              value={columns.segment}
              onChange={pick("segment")}
              none="none"
            />
          </>
        )
      }
    >
      {later !== null && classes.length > 0 && scores === null && (
        <p class="message">
          {classes.length > 2
            ? "An estimate needs a column of probabilities for each class, called after it."
            : "An estimate needs the column of the score."}
        </p>
      )}
      {evaluation && <EvaluationReport evaluation={evaluation} segmentBy={columns.segment} />}
      {estimation.answer && <EstimationPanel estimation={estimation.answer} />}
    </AnalysisFrame>
  );
}

function guessed(table: TableColumns): Columns {
  const label = guess(table, /^y$|true|truth|label|actual|target/i);
  const prediction = guess(table, /pred|^said$|y_hat|answer/i, [label]);
  const score = guess(table, /score|prob|conf|^p_?1?$|sure/i, [label, prediction], "numeric");
  return { label, prediction, score, segment: null };
}

function optionsOf({ label, prediction, segment }: Columns): EvaluateOptions | null {
  if (label === null || prediction === null) return null;
  return { label, prediction, missing: "leave_out", ...(segment !== null && { segment_by: segment }) };
}
