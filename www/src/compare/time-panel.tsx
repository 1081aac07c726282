import type { ColumnReport } from "tidegate";
import { useState } from "preact/hooks";

import { ColumnPicker } from "../analysis/column-picker";
import type { ChunkSummary } from "../analysis/protocol";
import { numbered, useAnswer } from "../analysis/use-answer";
import { formatCount, formatDateTime, formatPlural } from "../lib/format";
import { DriftGrid, type GridData, layoutGrid, readGrid } from "../plots/drift-grid";
import { PlotFrame } from "../plots/plot-frame";
import { useWidth } from "../plots/use-width";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import type { ChosenOptions } from "./settings";

interface Props {
  reference: File;
  current: File;
  options: ChosenOptions;
  /** The columns of the report, the most important first. */
  columns: readonly ColumnReport[];
}

/** Columns that are drawn, at most. */
const MOST_COLUMNS = 40;
const TIME = /time|date|^(at|when|ts|day)$|_at$|_ts$/i;
/** Numbers that are seconds since 1970 are larger than this since 1973. */
const LEAST_SECONDS = 1e8;

/** Whether a column can be one of times: its name says so, and its values do not contradict, as those of `air_time` do. */
export function isTime({ name, kind, current, distribution }: ColumnReport): boolean {
  if (!TIME.test(name) || current.missing > 0) return false;
  if (kind === "categorical" || distribution.kind !== "bins") return kind === "categorical";
  return (distribution.edges[0] ?? 0) > LEAST_SECONDS;
}

/** When the current table drifted: each stretch of it against the reference, when asked for. */
export function TimePanel({ reference, current, options, columns }: Props) {
  const [isAsked, setAsked] = useState(false);
  const [parts, setParts] = useState(12);
  const [time, setTime] = useState(columns.find(isTime)?.name ?? null);
  const chunks = useAnswer<"chunks">(
    isAsked
      ? {
          about: "chunks",
          files: { reference: numbered(reference), current: numbered(current) },
          parts,
          time,
          options,
        }
      : null,
  );
  return (
    <Panel title="Over time" note="when it began" isWide>
      {!isAsked && (
        <button type="button" class="button" onClick={() => setAsked(true)}>
          Compare stretch by stretch
        </button>
      )}
      {isAsked && (
        <fieldset class="pickers pickers-plain">
          <legend class="visually-hidden">How the current table is cut</legend>
          <ColumnPicker
            label="In the order of"
            columns={columns}
            value={time}
            onChange={setTime}
            none="the rows"
          />
          <label class="picker">
            Stretches
            <select value={parts} onChange={(event) => setParts(Number(event.currentTarget.value))}>
              {[3, 6, 12, 24, 48].map((count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
            </select>
          </label>
        </fieldset>
      )}
      {chunks.isBusy && <p role="status">Comparing stretch by stretch…</p>}
      {chunks.error !== null && <ErrorMessage>{chunks.error}</ErrorMessage>}
      {chunks.answer && <Grid chunks={chunks.answer} names={columns.map(({ name }) => name)} />}
    </Panel>
  );
}

function Grid({ chunks, names }: { chunks: readonly ChunkSummary[]; names: readonly string[] }) {
  const [place, width] = useWidth<HTMLDivElement>(600);
  const data = gridOf(chunks, names);
  const layout = layoutGrid(data, width);
  const text = {
    title: "Verdicts over time",
    desc: `${formatPlural(data.columns.length, "column")} by ${formatPlural(chunks.length, "stretch", "stretches")} of the current table.`,
  };
  return (
    <div ref={place}>
      <PlotFrame label={text.title} hits={layout.hits} read={(i) => readGrid(data, i)}>
        {(active) => <DriftGrid data={data} layout={layout} text={text} active={active} />}
      </PlotFrame>
      <p class="quiet note">
        A triangle is drift, an empty cell was not judged; the fuller a cell, the larger its effect. Each
        stretch has {formatPlural(chunks[0]?.rows ?? 0, "row")}, so that it shows less than the whole does.
        Rows that depend on those before them count for less: a stretch of them may be too short to be judged,
        and fewer stretches say more.
      </p>
    </div>
  );
}

/** The columns in the report's order, each with its cell of every stretch. */
export function gridOf(chunks: readonly ChunkSummary[], names: readonly string[]): GridData {
  const firsts = chunks.map((_, i) => 1 + chunks.slice(0, i).reduce((sum, { rows }) => sum + rows, 0));
  const known = new Set(chunks.flatMap(({ cells }) => Object.keys(cells)));
  return {
    columns: names
      .filter((name) => known.has(name))
      .slice(0, MOST_COLUMNS)
      .map((name) => ({
        name,
        cells: chunks.map(({ cells }) => cells[name] ?? { verdict: "insufficient_data", effect: null }),
      })),
    stretches: chunks.map(({ from_seconds: from, rows }, i) => ({
      name: from === null ? `from row ${formatCount(firsts[i] ?? 1)}` : `from ${formatDateTime(from)}`,
      rows,
    })),
  };
}
