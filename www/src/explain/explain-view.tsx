import { useState } from "preact/hooks";

import { AnalysisFrame } from "../analysis/analysis-frame";
import { FileField } from "../analysis/file-field";
import type { ExplanationSummary } from "../analysis/protocol";
import { TableField } from "../analysis/table-field";
import { numbered, useAnswer } from "../analysis/use-answer";
import { formatCount, formatNumber, formatPlural } from "../lib/format";
import { type Bar, BarList } from "../plots/bar-list";
import { Panel } from "../ui/panel";

/** Features that are drawn, at most. */
const MOST_BARS = 15;

/** A model and rows in, what moves its predictions out. */
export function ExplainView({ active }: { active: boolean }) {
  const [model, setModel] = useState<File | null>(null);
  const [table, setTable] = useState<File | null>(null);
  const found = useAnswer<"explain">(
    model && table && { about: "explain", files: { model: numbered(model), table: numbered(table) } },
  );
  const take = (files: readonly File[]) => {
    for (const file of files) (isModel(file) ? setModel : setTable)(file);
  };
  return (
    <AnalysisFrame
      active={active}
      title="What moves the predictions?"
      text="Give a model of trees (XGBoost's JSON or UBJSON, or LightGBM's text) and rows for it. Every feature of every row gets its SHAP value."
      fields={
        <>
          <FileField
            title="A model"
            hint="XGBoost or LightGBM"
            files={model ? [model] : []}
            onFiles={([first]) => setModel(first ?? null)}
            kinds="model"
            accept={MODELS.join()}
          />
          <TableField title="Rows" hint="what it predicts for" file={table} onFile={setTable} />
        </>
      }
      example={
        model === null && table === null
          ? {
              names: ["diabetes-model.json", "diabetes-rows.csv"],
              text: "A model of how diabetes goes on in a year, and 120 patients.",
            }
          : null
      }
      onFiles={take}
      asked={[found]}
      busyText="Explaining…"
    >
      {found.answer && <Explained explanation={found.answer} />}
    </AnalysisFrame>
  );
}

/** How the names of models end. */
const MODELS = [".json", ".ubj", ".txt", ".model"];

function isModel({ name }: File): boolean {
  return MODELS.some((ending) => name.toLowerCase().endsWith(ending));
}

function Explained({ explanation }: { explanation: ExplanationSummary }) {
  const [output, setOutput] = useState(0);
  const [row, setRow] = useState(0);
  const { features, outputs, rows, unknownCategories } = explanation;
  const chosen = outputs[output] ?? outputs[0];
  if (chosen === undefined) return null;
  const values = chosen.rows[row] ?? [];
  const margin = values.reduce((sum, value) => sum + value, chosen.expected);
  const bars = (of: readonly number[]): Bar[] =>
    features
      .map((name, i) => ({ name, value: of[i] ?? 0 }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, MOST_BARS);
  return (
    <section class="results" aria-label="Explanation">
      {outputs.length > 1 && (
        <label class="picker">
          Output
          <select value={output} onChange={(event) => setOutput(Number(event.currentTarget.value))}>
            {outputs.map((_, i) => (
              <option key={i} value={i}>
                {i}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="panels">
        <Panel title="Importance" note={`mean size over ${formatPlural(rows, "row")}`}>
          <BarList
            title="Mean size of the SHAP values"
            bars={bars(chosen.importance)}
            format={(value) => formatNumber(value, 3)}
          />
          {features.length > MOST_BARS && (
            <p class="quiet note">
              The first {MOST_BARS} of {formatPlural(features.length, "feature")}.
            </p>
          )}
        </Panel>
        <Panel title="One row">
          <label class="picker">
            Row
            <input
              type="number"
              min={1}
              max={chosen.rows.length}
              value={row + 1}
              onInput={(event) => {
                const asked = Math.round(event.currentTarget.valueAsNumber) - 1;
                if (asked >= 0 && asked < chosen.rows.length) setRow(asked);
              }}
            />
          </label>
          <BarList
            title={`SHAP values of row ${row + 1}`}
            bars={bars(values)}
            format={(value) => formatNumber(value, 3)}
          />
          <p class="quiet note">
            From {formatNumber(chosen.expected)} before any feature is known to {formatNumber(margin)} for
            this row.
          </p>
        </Panel>
      </div>
      {unknownCategories > 0 && (
        <p class="message">
          {formatCount(unknownCategories)} cells hold a category that the model has never seen, and count as
          missing.
        </p>
      )}
    </section>
  );
}
