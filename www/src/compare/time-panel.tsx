import type { ColumnReport } from "tidegate";
import { useEffect, useState } from "preact/hooks";

import { ColumnPicker } from "../analysis/column-picker";
import type { ChunkSummary } from "../analysis/protocol";
import { numbered, useAnswer } from "../analysis/use-answer";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import type { ChosenOptions } from "./settings";
import { PARTS, usualParts } from "./stretches";
import { StretchesGrid } from "./stretches-grid";
import { isTime } from "./times";

interface Props {
  reference: File;
  current: File;
  options: ChosenOptions;
  /** The columns of the report, the most important first. */
  columns: readonly ColumnReport[];
  /** Told of what is shown. */
  onAnswer: (chunks: readonly ChunkSummary[] | null) => void;
}

/** When the current table drifted: each stretch of it against the reference, when asked for. */
export function TimePanel({ reference, current, options, columns, onAnswer }: Props) {
  const [isAsked, setAsked] = useState(false);
  const [parts, setParts] = useState(usualParts(columns));
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
  useEffect(() => onAnswer(chunks.answer), [chunks.answer]);
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
              {PARTS.map((count) => (
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
      {chunks.answer && <StretchesGrid chunks={chunks.answer} names={columns.map(({ name }) => name)} />}
    </Panel>
  );
}
